//! What the commands of `cargo xtask` do, one module each. Their help stands in `main.rs`.

pub(crate) mod bench;
pub(crate) mod demo;
pub(crate) mod deny;
pub(crate) mod fuzz;
pub(crate) mod load;
pub(crate) mod second_opinion;
pub(crate) mod test;
pub(crate) mod up;
pub(crate) mod upgrade;
