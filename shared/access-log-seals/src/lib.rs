//! Seals of the access log: hour by hour a Merkle root over what was recorded, each holding the one before.
//!
//! [`sealer`] makes them, [`verify`] holds the log against them, and [`audit`] decides what is broken.

pub mod audit;
pub mod bucket;
pub mod sealed;
pub mod sealer;
pub mod tree;
pub mod verify;
