//! The portal in a real browser, against a deployed stack. Needs chromium and chromedriver.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod accessibility;
mod browser;
mod camera;
mod counter;
mod device;
mod field;
mod field_day;
mod help_pictures;
mod keyboard;
mod line;
mod nothing_is_lost;
mod officer;
mod one_time_code;
mod pages;
mod position;
mod sign_out;
mod texts;
mod webdriver;
mod whole_life;
