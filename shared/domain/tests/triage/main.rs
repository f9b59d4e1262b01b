//! What the ticket desk makes of a report, what officers write about it, and what a unit plans: who sees it and when, and what it never tells.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../clock/mod.rs"]
mod clock;
mod consequences;
mod corrections;
#[path = "../jakarta/mod.rs"]
mod jakarta;
mod life;
mod limits;
mod questions;
mod recall;
#[path = "../received/mod.rs"]
mod received;
mod slot_mail;
mod table;
mod twins;
