//! The store's own functions against a DynamoDB: the stack's engine, or the one that `TUNTAS_DYNAMODB` names.
//!
//! `cargo xtask test` runs them on MiniStack and `cargo xtask second-opinion` on dynoxide: what both hold is not one engine's
//! habit. Where an engine is known to differ from AWS, `facts` says so (docs/adr/0013).
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod accesses;
mod camera;
mod city;
#[path = "../../../shared/domain/tests/clock/mod.rs"]
mod clock;
mod collisions;
mod commands;
mod desk;
mod desk_filters;
mod endpoint;
mod evidence;
mod facts;
mod followers;
mod map;
mod near;
mod pending;
mod photos;
mod quotas;
mod registry;
mod reporters;
mod submission;
mod tables;
mod units;
mod vault;
