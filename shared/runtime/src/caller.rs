//! Who calls, and in which language they read.

use crate::problem::{Problem, Reason};
use domain::{
    language::Language,
    officer::{Clerk, Officer, Role},
    secret_text::SecretText,
};
use http::header;
use lambda_http::{Request, RequestExt};
use std::collections::HashMap;

/// The officer whose ID token the gateway has checked.
///
/// The gateway's authorizer checks signature, issuer, audience and expiry; this checks what it does not: that it is an ID
/// token and not an access token, and what the claims add up to.
///
/// # Errors
/// 401 without a token's claims, or with those of another kind of token; 403 for an account whose tags, unit or name give no
/// right.
pub fn officer(request: &Request) -> Result<Officer, Problem> {
    let token = IdToken::of(request)?;
    let role = Role::of(token.tags()?, token.claim("custom:unit"))?;
    let name = token.claim("name").ok_or(Problem::Forbidden(Reason::NoRight))?;
    Ok(Officer { id: token.id.to_owned(), name: name.to_owned(), role })
}

/// The clerk whose ID token the gateway has checked.
///
/// # Errors
/// As for [`officer`]: 403 for everybody who is no clerk, or one without a channel.
pub fn clerk(request: &Request) -> Result<Clerk, Problem> {
    let token = IdToken::of(request)?;
    Ok(Clerk::of(token.id, token.tags()?, token.claim("custom:channel"))?)
}

/// The claims of an ID token.
struct IdToken<'a> {
    id: &'a str,
    claims: &'a HashMap<String, String>,
}

impl<'a> IdToken<'a> {
    /// 401 without a token's claims, or with those of another kind of token.
    fn of(request: &'a Request) -> Result<Self, Problem> {
        let claims = claims(request).ok_or(Problem::Unauthorized)?;
        if claim(claims, "token_use") != Some("id") {
            return Err(Problem::Unauthorized);
        }
        let id = claim(claims, "sub").ok_or(Problem::Unauthorized)?;
        Ok(Self { id, claims })
    }

    fn claim(&self, name: &str) -> Option<&'a str> {
        claim(self.claims, name)
    }

    fn tags(&self) -> Result<Vec<&'a str>, Problem> {
        self.claim("cognito:groups").and_then(groups).ok_or(Problem::Forbidden(Reason::NoRight))
    }
}

/// A claim; one that is empty is absent.
fn claim<'a>(claims: &'a HashMap<String, String>, name: &str) -> Option<&'a str> {
    claims.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

fn claims(request: &Request) -> Option<&HashMap<String, String>> {
    Some(&request.request_context_ref()?.authorizer()?.jwt.as_ref()?.claims)
}

/// Splits `[a b]`, which is how an HTTP API hands a list over.
///
/// A group whose name has a space cannot be told from two groups. No tag has one, and what is no tag takes away all rights;
/// anything that could not stand in a tag is refused here, so that no other notation is ever half understood.
fn groups(text: &str) -> Option<Vec<&str>> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let tags: Vec<&str> = inner.split(' ').collect();
    let plain = |tag: &&str| !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    tags.iter().all(plain).then_some(tags)
}

/// The bearer value of `Authorization`; `None` for any other scheme.
#[must_use]
pub fn bearer(request: &Request) -> Option<SecretText> {
    let (scheme, value) = header(request, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    let fits = scheme.eq_ignore_ascii_case("bearer") && !value.is_empty() && !value.contains(' ');
    fits.then(|| SecretText::new(value))
}

/// A header that is a secret, such as `Report-Secret`.
#[must_use]
pub fn secret(request: &Request, name: &str) -> Option<SecretText> {
    header(request, name).map(SecretText::new)
}

/// A header's value; `None` where it is absent, repeated, or not visible ASCII.
#[must_use]
pub fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    let mut values = request.headers().get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    values.next().is_none().then_some(value)
}

/// The language that the caller reads: of `id` and `en`, what `Accept-Language` weighs most; Indonesian otherwise.
#[must_use]
pub fn language(request: &Request) -> Language {
    let mut best = (0, Language::Id);
    let header = header(request, header::ACCEPT_LANGUAGE.as_str()).unwrap_or_default();
    for range in header.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let tag = parts.next().unwrap_or_default();
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        let weight = weight.map_or(Some(1000), thousandths);
        if let (Some(language), Some(weight)) = (spoken(tag), weight)
            && weight > best.0
        {
            best = (weight, language);
        }
    }
    best.1
}

fn spoken(range: &str) -> Option<Language> {
    if range == "*" { Some(Language::Id) } else { Language::of_tag(range) }
}

/// A quality value of RFC 9110, section 12.4.2, in thousandths.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    if !matches!(whole, "0" | "1") || part.len() > 3 || !part.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: u16 = format!("{whole}{part:0<3}").parse().ok()?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::tests::{sample, with_claims};
    use domain::officer::Tag;
    use rstest::rstest;
    use serde_json::{Value, json};

    fn claims(changes: Value) -> Value {
        let mut claims = json!({
            "token_use": "id", "sub": "s-1", "name": "Sari", "cognito:groups": "[petugas-opd]",
            "custom:unit": "dinas-a"
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    fn status(claims: Value) -> u16 {
        officer(&with_claims(claims)).unwrap_err().status().as_u16()
    }

    #[test]
    fn an_officer_is_who_the_token_names() {
        let officer = officer(&with_claims(claims(json!({})))).unwrap();
        assert_eq!((officer.id.as_str(), officer.name.as_str()), ("s-1", "Sari"));
        assert!(matches!(officer.role, Role::Unit(unit) if unit.as_str() == "dinas-a"));
    }

    fn of_clerk(changes: Value) -> Value {
        let mut of_clerk =
            json!({ "cognito:groups": "[petugas-kanal]", "custom:channel": "kantor-lurah", "name": null });
        of_clerk.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims(of_clerk)
    }

    #[test]
    fn a_clerk_is_who_the_token_names_with_the_channel_in_it_and_no_officer_else() {
        let request = with_claims(of_clerk(json!({})));
        let clerk = clerk(&request).unwrap();
        assert_eq!((clerk.id.as_str(), clerk.channel.as_str()), ("s-1", "kantor-lurah"));
        assert_eq!(officer(&request).unwrap_err(), Problem::Forbidden(Reason::NoRight));
    }

    #[rstest]
    #[case(json!({ "token_use": "access" }), 401)]
    #[case(json!({ "sub": "" }), 401)]
    #[case(json!({ "cognito:groups": "[petugas-opd]" }), 403)]
    #[case(json!({ "cognito:groups": "[administrator]" }), 403)]
    #[case(json!({ "cognito:groups": "[petugas-kanal administrator]" }), 403)]
    #[case(json!({ "cognito:groups": "petugas-kanal" }), 403)]
    #[case(json!({ "cognito:groups": "" }), 403)]
    #[case(json!({ "custom:channel": "" }), 403)]
    #[case(json!({ "custom:channel": "Kantor Lurah" }), 403)]
    fn whoever_is_no_clerk_enters_no_report(#[case] changes: Value, #[case] expected: u16) {
        let refused = clerk(&with_claims(of_clerk(changes))).unwrap_err();
        assert_eq!(refused.status().as_u16(), expected);
    }

    #[rstest]
    #[case(json!("[petugas-validasi petugas-verifikasi]"))]
    #[case(json!(["petugas-validasi", "petugas-verifikasi"]))]
    fn several_tags_come_as_one_text(#[case] groups: Value) {
        let officer = officer(&with_claims(claims(json!({ "cognito:groups": groups })))).unwrap();
        assert!(officer.role.has(Tag::PetugasValidasi) && officer.role.has(Tag::PetugasVerifikasi));
    }

    #[rstest]
    #[case(json!({ "token_use": "access" }))]
    #[case(json!({ "token_use": "ID" }))]
    #[case(json!({ "token_use": null }))]
    #[case(json!({ "sub": "" }))]
    fn another_kind_of_token_is_401(#[case] changes: Value) {
        assert_eq!(status(claims(changes)), 401);
    }

    #[test]
    fn no_token_is_401() {
        assert_eq!(officer(&sample(json!({}))).unwrap_err(), Problem::Unauthorized);
        assert_eq!(officer(&Request::default()).unwrap_err(), Problem::Unauthorized);
        assert_eq!(clerk(&sample(json!({}))).unwrap_err(), Problem::Unauthorized);
    }

    #[rstest]
    #[case("")]
    #[case("[]")]
    #[case("[ ]")]
    #[case("administrator")]
    #[case("[administrator")]
    #[case("administrator]")]
    #[case("[administrator,petugas-validasi]")]
    #[case("[\"administrator\"]")]
    #[case("[[administrator]]")]
    #[case("[administrator  petugas-validasi]")]
    #[case("[administrator ]")]
    #[case("[administrator\tpetugas-validasi]")]
    #[case("[bukan-administrator]")]
    #[case("[administrator bukan-administrator]")]
    #[case("[Administrator]")]
    #[case("[petugas-opd administrator]")]
    fn tags_that_do_not_parse_give_no_right(#[case] groups: &str) {
        let request = with_claims(claims(json!({ "cognito:groups": groups })));
        assert_eq!(officer(&request).unwrap_err(), Problem::Forbidden(Reason::NoRight));
    }

    #[rstest]
    #[case(json!({ "custom:unit": "" }))]
    #[case(json!({ "custom:unit": "Dinas A" }))]
    #[case(json!({ "name": "" }))]
    fn an_account_that_is_not_complete_has_no_right(#[case] changes: Value) {
        assert_eq!(status(claims(changes)), 403);
    }

    #[rstest]
    #[case("", Language::Id)]
    #[case("en", Language::En)]
    #[case("EN-gb, id;q=0.9", Language::En)]
    #[case("id, en", Language::Id)]
    #[case("en;q=0.5, id-ID;q=0.8", Language::Id)]
    #[case("fr, en;q=0.3", Language::En)]
    #[case("fr", Language::Id)]
    #[case("*", Language::Id)]
    #[case("id;q=0, en;q=0.001", Language::En)]
    #[case("en;q=0", Language::Id)]
    #[case("en;q=2", Language::Id)]
    #[case("en;q=0.1234, x", Language::Id)]
    #[case("in", Language::Id)]
    #[case("english", Language::Id)]
    fn the_language_is_what_the_caller_weighs_most(#[case] header: &str, #[case] expected: Language) {
        assert_eq!(language(&sample(json!({ "headers": { "accept-language": header } }))), expected);
    }

    #[rstest]
    #[case("Bearer tk_x_1", Some("tk_x_1"))]
    #[case("bearer tk_x_1", Some("tk_x_1"))]
    #[case("Bearer ", None)]
    #[case("Bearer  tk", None)]
    #[case("Bearer a b", None)]
    #[case("Basic tk", None)]
    #[case("tk_x_1", None)]
    #[case("Bearer é", None)]
    fn a_bearer_value_is_read_exactly(#[case] header: &str, #[case] expected: Option<&str>) {
        let request = sample(json!({ "headers": { "authorization": header } }));
        assert_eq!(bearer(&request).as_ref().map(SecretText::expose), expected);
    }

    #[test]
    fn a_secret_is_not_shown_by_debug() {
        let request = sample(json!({ "headers": { "report-secret": "kelapa-5512" } }));
        let secret = secret(&request, "Report-Secret").unwrap();
        assert_eq!(secret.expose(), "kelapa-5512");
        assert_eq!(format!("{secret:?}"), "SecretText(…)");
    }
}
