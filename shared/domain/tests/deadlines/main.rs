//! Deadlines: when each ends, what is sent of it, when and to whom, and what none of it tells.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod calendars;
mod city;
mod half_year;
#[path = "../jakarta/mod.rs"]
mod jakarta;
mod life;
mod pending_actions;
mod random;
#[path = "../received/mod.rs"]
mod received;
mod second_opinion;
mod sent_at_slots;
mod submission_times;
