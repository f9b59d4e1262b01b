//! Seals of the access log: hour by hour a Merkle root over what was recorded, each holding the one before.
//!
//! [`sealer`] makes them, [`verify`] reads the log and holds it against them, and [`findings`] decides what is broken.

pub mod bucket;
pub mod findings;
pub mod merkle_tree;
pub mod sealed_hour;
pub mod sealer;
#[cfg(test)]
mod stored_forms_tests;
pub mod verify;
