//! Signing in where the local engine cannot play Cognito: an enrolment while signing in, a code that is used twice, a lock-out.
//!
//! The function is the deployed one, with its role, and Cognito's answers are recorded. What Cognito really says is to be seen in staging
//! (docs/OPERATIONS.md).

use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use tests::{
    pages::field,
    proxy::{Answered, Outcome, operation, pass_on, stand_between},
    runtime::{Event, Runtime, Setup},
};

/// An answer of Cognito's: to which call, with which status, and its body.
type Answer = (&'static str, u16, Value);

/// Answers in the place of Cognito, in order; and what was asked of it.
struct Recorded {
    function: Runtime,
    answers: Arc<Mutex<Vec<Answer>>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
    cookies: BTreeMap<String, String>,
    /// The page that was shown last, or where it sent the browser.
    page: String,
}

impl Recorded {
    /// The portal's first page.
    fn first_page() -> Self {
        let answers: Arc<Mutex<Vec<Answer>>> = Arc::default();
        let asked: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
        let (next, heard) = (Arc::clone(&answers), Arc::clone(&asked));
        let endpoint = stand_between("uji-masuk", move |request| {
            let word = operation(request).to_owned();
            let mut next = next.lock().unwrap();
            // The key of its cookies it gets from the engine.
            if word == "GetSecretValue" {
                return Outcome::Answer(pass_on(request));
            }
            let is_expected = next.first().is_some_and(|(expected, ..)| *expected == word);
            heard.lock().unwrap().push((word, serde_json::from_slice(&request.body).unwrap_or_default()));
            if !is_expected {
                return Outcome::Answer(Answered::json(
                    400,
                    refusal("NotAuthorizedException", "Nobody expects this"),
                ));
            }
            let (_, status, body) = next.remove(0);
            Outcome::Answer(Answered::json(status, body))
        });
        let function = Setup { endpoint, ..Setup::of("web") }.start();
        let mut recorded = Self { function, answers, asked, cookies: BTreeMap::new(), page: String::new() };
        assert_eq!(recorded.send(&Event::new("GET /masuk", &[]).query("tujuan=/petugas/meja")), 200);
        recorded
    }

    /// Sends the form of the page that was shown last, with these fields; Cognito answers so.
    #[track_caller]
    fn step(&mut self, typed: &[(&str, &str)], answers: &[Answer]) -> u64 {
        answers.clone_into(&mut self.answers.lock().unwrap());
        let mut body = form_urlencoded::Serializer::new(String::new());
        body.append_pair("token", &field(&self.page, "token"))
            .append_pair("tujuan", &field(&self.page, "tujuan"));
        body.extend_pairs(typed);
        let event = Event::new("POST /masuk", &[])
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        let before = self.asked.lock().unwrap().len();
        let status = self.send(&event.body(&body.finish()));
        let asked =
            self.asked.lock().unwrap()[before..].iter().map(|(word, _)| word.clone()).collect::<Vec<_>>();
        assert_eq!(
            asked,
            answers.iter().map(|(word, ..)| *word).collect::<Vec<_>>(),
            "what Cognito was asked"
        );
        status
    }

    fn send(&mut self, event: &Event) -> u64 {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut event = event.value().clone();
        event["cookies"] = json!(cookies);
        let reply = self.function.try_invoke(&event).expect("an answer").value;
        for cookie in reply["cookies"].as_array().into_iter().flatten() {
            let pair = cookie.as_str().and_then(|cookie| cookie.split(';').next()?.split_once('='));
            let (name, value) = pair.expect("a cookie");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let shown = if reply["statusCode"] == 303 { &reply["headers"]["location"] } else { &reply["body"] };
        shown.as_str().expect("a page").clone_into(&mut self.page);
        reply["statusCode"].as_u64().expect("a status")
    }

    /// What was asked of Cognito last.
    fn last_asked(&self) -> (String, Value) {
        self.asked.lock().unwrap().last().expect("a call").clone()
    }

    #[track_caller]
    fn assert_shown(&self, words: &[&str]) {
        for word in words {
            assert!(self.page.contains(word), "{word} is not in {}", self.page);
        }
    }
}

fn refusal(code: &str, message: &str) -> Value {
    json!({"__type": code, "message": message})
}

fn challenge(name: &str, session: &str) -> Value {
    json!({"ChallengeName": name, "Session": session, "ChallengeParameters": {"USER_ID_FOR_SRP": "x"}})
}

/// Tokens of somebody of the unit, as a sign-in ends with them.
fn tokens() -> Value {
    let id = tests::officers::sign_in(tests::officers::UNIT);
    json!({"AuthenticationResult": {
        "IdToken": id.id, "AccessToken": id.access, "RefreshToken": "segar", "ExpiresIn": 900, "TokenType": "Bearer",
    }, "ChallengeParameters": {}})
}

const NAME_AND_PASSWORD: [(&str, &str); 2] = [("username", "marga.budi"), ("password", "Rahasia-Sekali-123")];

#[test]
fn a_second_factor_is_enrolled_while_signing_in_and_a_wrong_first_code_loses_nothing() {
    let mut browser = Recorded::first_page();
    let key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    let begins = [
        ("InitiateAuth", 200, challenge("MFA_SETUP", "sesi-1")),
        ("AssociateSoftwareToken", 200, json!({"SecretCode": key, "Session": "sesi-2"})),
    ];
    assert_eq!(browser.step(&NAME_AND_PASSWORD, &begins), 200);
    let enrolling = ["JBSW Y3DP EHPK 3PXP", "<svg", "name=\"code\""];
    browser.assert_shown(&enrolling);

    // A code that none can be is not even asked about.
    assert_eq!(browser.step(&[("code", "12345")], &[]), 401);
    browser.assert_shown(&enrolling);
    let wrong =
        refusal("EnableSoftwareTokenMFAException", "Code mismatch and fail enable Software Token MFA");
    assert_eq!(browser.step(&[("code", "123456")], &[("VerifySoftwareToken", 400, wrong)]), 401);
    browser.assert_shown(&enrolling);
    browser.assert_shown(&["role=\"alert\"", "Kode salah"]);

    let ends = [
        ("VerifySoftwareToken", 200, json!({"Status": "SUCCESS", "Session": "sesi-3"})),
        ("RespondToAuthChallenge", 200, tokens()),
    ];
    assert_eq!(browser.step(&[("code", "654 321")], &ends), 303);
    assert_eq!(browser.page, "/petugas/meja");
    let (_, asked) = browser.last_asked();
    assert_eq!((&asked["ChallengeName"], &asked["Session"]), (&json!("MFA_SETUP"), &json!("sesi-3")));
}

#[test]
fn a_code_that_is_wrong_or_was_used_is_asked_for_again_and_one_that_took_too_long_begins_anew() {
    let mut browser = Recorded::first_page();
    let asks = [("InitiateAuth", 200, challenge("SOFTWARE_TOKEN_MFA", "sesi-1"))];
    assert_eq!(browser.step(&NAME_AND_PASSWORD, &asks), 200);
    for (code, message) in [
        ("CodeMismatchException", "Invalid code received for user"),
        ("ExpiredCodeException", "Your software token has already been used once."),
    ] {
        let refused = [("RespondToAuthChallenge", 400, refusal(code, message))];
        assert_eq!(browser.step(&[("code", "123456")], &refused), 401, "{code}");
        browser.assert_shown(&["Kode salah", "name=\"code\""]);
        assert_eq!(browser.last_asked().1["Session"], "sesi-1");
    }
    let over = refusal("NotAuthorizedException", "Invalid session for the user, session is expired.");
    assert_eq!(browser.step(&[("code", "123456")], &[("RespondToAuthChallenge", 400, over)]), 401);
    browser.assert_shown(&["terlalu lama", "name=\"password\"", "value=\"marga.budi\""]);
}

#[test]
fn who_is_locked_out_or_has_to_be_reset_is_told_and_nothing_says_which_names_there_are() {
    let mut browser = Recorded::first_page();
    let mut said = |code: &str, message: &str, status: u64| {
        let refused = [("InitiateAuth", 400, refusal(code, message))];
        assert_eq!(browser.step(&NAME_AND_PASSWORD, &refused), status, "{code}");
        assert!(!browser.page.contains("Rahasia"), "the password comes back");
        let alert = browser.page.split("role=\"alert\"").nth(1).and_then(|rest| rest.split("</div>").next());
        alert.expect("an alert").to_owned()
    };
    assert!(
        said("NotAuthorizedException", "Password attempts exceeded", 401)
            .contains("Terlalu banyak percobaan")
    );
    let wrong = said("NotAuthorizedException", "Incorrect username or password.", 401);
    assert_eq!(said("UserNotFoundException", "User does not exist.", 401), wrong);
    let reset = said("PasswordResetRequiredException", "Password reset required for the user", 401);
    assert!(reset != wrong && reset.contains("administrator"));
}
