//! What the tools for operators and demonstrations share: reaching a deployed stack.

pub mod target;
