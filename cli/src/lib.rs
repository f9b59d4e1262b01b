//! What the tools for operators and demonstrations share: reaching a deployed stack, talking, exit codes.

pub mod exit;
pub mod registry;
pub mod target;
pub mod terminal;
