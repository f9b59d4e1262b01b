//! The tests against a deployed stack, in one binary.

mod life;
