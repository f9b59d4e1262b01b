//! The portal without a browser: what it sends, byte by byte, to whoever asks with whatever cookies and forms.

use crate::{
    accounts,
    http::{Answer, Call},
    stack::stack,
};
use std::collections::BTreeMap;

/// Somebody with a jar of cookies.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The cookies by name.
    pub cookies: BTreeMap<String, String>,
}

impl Visitor {
    /// Somebody who has signed in.
    #[track_caller]
    pub fn signed_in(username: &str) -> Self {
        let known = stack().officers.iter().find(|officer| officer.username == username);
        let password = known.map_or(accounts::PASSWORD, |officer| &officer.password);
        let mut visitor = Self::default();
        let page = visitor.get("/masuk").expect(200);
        let fields =
            [("token", token(&page)), ("username", username.to_owned()), ("password", password.to_owned())];
        let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(visitor.post("/masuk", &fields).expect(303).headers["location"], "/petugas");
        visitor
    }

    /// Asks for a page.
    #[track_caller]
    pub fn get(&mut self, path: &str) -> Answer {
        self.send(Call::api("GET", path))
    }

    /// Sends a form as a page of the portal does.
    #[track_caller]
    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(Self::form(path, fields).header("Sec-Fetch-Site", "same-origin"))
    }

    /// A form, to which headers can be added.
    pub fn form(path: &str, fields: &[(&str, &str)]) -> Call {
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let call = Call::api("POST", path).header("Content-Type", "application/x-www-form-urlencoded");
        call.bytes(body.finish().into_bytes())
    }

    /// Sends a request with the cookies, and keeps those of the answer.
    #[track_caller]
    pub fn send(&mut self, call: Call) -> Answer {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let call = if cookies.is_empty() { call } else { call.header("Cookie", &cookies.join("; ")) };
        let answer = call.send();
        for cookie in &answer.cookies {
            let (name, value) =
                cookie.split(';').next().and_then(|pair| pair.split_once('=')).expect("a cookie");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}

/// The token of a page's forms.
#[track_caller]
pub fn token(page: &Answer) -> String {
    field(&page.text(), "token")
}

/// The value of a hidden field, the first of this name.
#[track_caller]
pub fn field(html: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let value = html.split(&start).nth(1).and_then(|rest| rest.split('"').next());
    value.unwrap_or_else(|| panic!("no field {name} in {html}")).to_owned()
}

/// The form of an act on a report's page.
#[track_caller]
pub fn act_form(page: &Answer, act: &str) -> String {
    let html = page.text();
    let form =
        html.split(&format!("id=\"act-{act}\"")).nth(1).and_then(|rest| rest.split("</details>").next());
    form.unwrap_or_else(|| panic!("no act {act} in {html}")).to_owned()
}

/// The fields of an act's form that the page fills in.
#[track_caller]
pub fn hidden_fields(page: &Answer, act: &str) -> Vec<(String, String)> {
    let form = act_form(page, act);
    ["token", "key", "version", "seen", "dari", "next"]
        .map(|name| (name.to_owned(), field(&form, name)))
        .into()
}
