//! What the tests against a deployed stack share: its addresses, its people, and the steps of a report's life.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

pub mod accounts;
pub mod canary;
pub mod http;
pub mod inbox;
pub mod life;
pub mod officers;
pub mod operator;
pub mod pages;
pub mod proxy;
pub mod replay;
pub mod report_state;
pub mod restart_notes;
pub mod runtime;
pub mod seals;
pub mod stack;
pub mod threads;
pub mod tool;
