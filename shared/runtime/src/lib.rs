//! What every function shares on its way from Lambda to its own `handle`, and back.
//!
//! A function's `main.rs` names its settings, its clients and its handler; everything else of running in Lambda is here:
//! reading the event ([`gateway`]), who calls ([`caller`]), what they send ([`request`]), what they get ([`response`],
//! [`problem`]), batches ([`batch`]), and the one log line of an invocation ([`telemetry`], written by [`serve`]).
//!
//! It knows no table, bucket or topic: a client that a function has no right to use does not belong in its binary.

pub mod aws;
pub mod batch;
pub mod caller;
pub mod clock;
pub mod entropy;
pub mod gateway;
pub mod problem;
pub mod request;
pub mod response;
mod security_headers;
pub mod serve;
pub mod settings;
pub mod telemetry;

/// What is left of an SDK error; a crate of its own, because `store` speaks of it too.
pub use aws_failure;
