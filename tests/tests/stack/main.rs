//! The tests against a deployed stack, in one binary.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod audit;
mod authorization;
mod bulk_assignment;
mod channels;
mod city;
mod counter;
mod deadlines;
mod deliver;
mod desk;
mod desk_filters;
mod desk_work;
mod dump;
mod evidence;
mod faults;
mod idempotency;
mod import;
mod input;
mod life;
mod notifications;
mod operator_rights;
mod operators;
mod own_map;
mod photos;
mod replaced_map;
mod restart;
mod roles;
mod routing;
mod side_channels;
mod sign_in;
mod slots;
mod status;
mod test_channel;
mod text;
mod track;
mod units;
