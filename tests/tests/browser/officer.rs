//! What an officer does in the portal, step by step.

use crate::{browser::Browser, one_time_code};
use std::{env, fs};
use tests::{
    accounts::PASSWORD,
    http::{Answer, fresh_key},
    life::Report,
    stack::stack,
};

/// The password of an account of the demonstration, or of one that a test made.
pub(crate) fn password_of(username: &str) -> &str {
    let officer = stack().officers.iter().find(|officer| officer.username == username);
    officer.map_or(PASSWORD, |officer| &officer.password)
}

impl Browser {
    /// A browser in which this officer is signed in.
    #[track_caller]
    pub(crate) fn of(language: &'static str, username: &str) -> Self {
        let browser = Self::open(language);
        browser.go("/petugas");
        browser.sign_in(username);
        browser
    }

    /// Fills in the page for signing in, which is shown.
    #[track_caller]
    pub(crate) fn sign_in(&self, username: &str) {
        self.fill("#username", username);
        self.fill("#password", password_of(username));
        self.press_named(self.t("sign_in.go_on"));
    }

    /// The same, with the code of a second factor.
    #[track_caller]
    pub(crate) fn sign_in_with_code(&self, username: &str, key: &str) {
        self.sign_in(username);
        self.see(self.t("sign_in.code_title"));
        self.fill("#code", &one_time_code::now(key));
        self.press_named(self.t("sign_in.go_on"));
    }

    /// Signs out; the page says so.
    #[track_caller]
    pub(crate) fn sign_out(&self) {
        self.press_named(self.t("frame.sign_out"));
        self.see(self.t("signed_out.title"));
    }

    /// Goes to a desk by its link, leaves the reports of a category on it, and opens one.
    #[track_caller]
    pub(crate) fn open_from_desk(&self, desk: &str, category: &str, ticket: &str) {
        self.press_named(self.t(desk));
        self.choose("#category", category);
        self.press_named(self.t("filter.apply"));
        self.press_named(ticket);
    }

    /// Opens the form of an act, unless it is open.
    #[track_caller]
    pub(crate) fn unfold(&self, act: &str) {
        let details = format!("#act-{act}");
        if !self.property(&details, "open").as_bool().unwrap_or_default() {
            self.click(&format!("{details} > summary"));
        }
    }

    /// Chooses a file with these bytes as a photo for an act's form.
    #[track_caller]
    pub(crate) fn choose_photo(&self, act: &str, kind: &str, bytes: &[u8]) {
        self.choose_file(act, kind, "jpg", bytes);
    }

    /// The same for a file whose name ends so.
    #[track_caller]
    pub(crate) fn choose_file(&self, act: &str, kind: &str, ending: &str, bytes: &[u8]) {
        let file = env::temp_dir().join(format!("tuntas-{}.{ending}", fresh_key()));
        fs::write(&file, bytes).expect("a file");
        let input = format!("#{act}-photos-{kind}-files");
        self.await_it("the choice of photos", || {
            let box_of = format!("return document.querySelector('{input}').closest('[hidden]') === null");
            (self.run(&box_of) == true).then_some(())
        });
        let cards = format!("return document.querySelectorAll('#act-{act} .photo-card').length");
        let before = self.run(&cards);
        self.fill(&input, file.to_str().expect("a path"));
        self.await_it("a card", || (self.run(&cards) != before).then_some(()));
        fs::remove_file(file).expect("no file");
    }

    /// Sets the position of a form by hand, and says why.
    #[track_caller]
    pub(crate) fn locate_by_hand(&self, act: &str) {
        self.run(&format!("document.querySelector('#{act}-location-by-hand').click()"));
        self.fill(&format!("#{act}-location-lat"), "-6,0588");
        self.fill(&format!("#{act}-location-lon"), "106,8456");
        self.fill(&format!("#{act}-location-reason"), "Di bawah jalan layang");
    }

    /// Sends the form of an act, and waits for what becomes of it.
    #[track_caller]
    pub(crate) fn send(&self, act: &str) {
        self.press(&format!("#act-{act} form > .actions button"));
    }

    /// Chooses a unit in a form by looking for it, where there are many.
    #[track_caller]
    pub(crate) fn choose_unit(&self, act: &str, code: &str) {
        self.choose(&format!("#{act}-unit"), code);
    }

    /// What the page says that was just done.
    #[track_caller]
    pub(crate) fn see_done(&self, event: &str) {
        let said = self.t(event);
        self.await_it(said, || self.words_of(".notice--success").filter(|words| words.contains(said)));
    }
}

/// The report as its address in the portal.
pub(crate) fn page_of(report: &Report) -> String {
    format!("/petugas/laporan/{}", report.ticket)
}

/// How often an event stands in a report's history, as an officer of the API sees it.
pub(crate) fn times(seen: &Answer, event: &str) -> usize {
    let seen = seen.json();
    let history = seen["history"].as_array().expect("a history");
    history.iter().filter(|entry| entry["event"] == event).count()
}
