//! Words that no log may ever show. Planted in every report that the tests send; searched for after the whole suite.

/// The reporter's name.
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

/// All of them.
pub const ALL: &[&str] = &[NAME, PHONE, EMAIL, CHANNEL_REF, DESCRIPTION, OFFICER_TEXT, PHOTO];
