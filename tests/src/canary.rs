//! Words that no log may ever show. Planted in every report that the tests send; searched for after the whole suite, and
//! in every HTTP answer of it.

use crate::http::Answer;

/// The name of the reporter.
pub const NAME: &str = "Kenariwati Tersembunyi";
/// The reporter's telephone number.
pub const PHONE: &str = "+6281299887766";
/// The reporter's e-mail address.
pub const EMAIL: &str = "kenari.rahasia@contoh.id";
/// What the channel knows the reporter by.
pub const CHANNEL_REF: &str = "kenari-kanal-7788";
/// A word of the description.
pub const DESCRIPTION: &str = "burungkenarikuning";
/// A word of a TL, a reason, a note.
pub const OFFICER_TEXT: &str = "burungkutilangbiru";
/// A word within the photos' metadata.
pub const PHOTO: &str = "burungjalakputih";

/// What identifies a reporter, or was in their photo: it lies open nowhere, and comes out to nobody.
pub const NOWHERE: &[&str] = &[NAME, PHONE, EMAIL, CHANNEL_REF, PHOTO];

/// Every planted word.
pub const ALL: &[&str] = &[NAME, PHONE, EMAIL, CHANNEL_REF, DESCRIPTION, OFFICER_TEXT, PHOTO];

/// What an answer says and may not: who reported; a refusal, anything that was planted.
pub fn said_in(answer: &Answer) -> Option<&'static str> {
    // A page that says what was refused shows the report beside it; one of what does not exist shows nothing.
    let is_page = answer.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let words = if answer.status < 400 || (is_page && answer.status != 404) { NOWHERE } else { ALL };
    let body = String::from_utf8_lossy(&answer.bytes);
    let is_said =
        |word: &str| body.contains(word) || answer.headers.values().any(|value| value.contains(word));
    words.iter().find(|word| is_said(word)).copied()
}
