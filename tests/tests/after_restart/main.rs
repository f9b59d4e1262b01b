//! What must still be there after the engine was stopped and started again, and what must be nowhere.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

/// Named as the module that leaves them something, so that `cargo xtask test restart` runs both.
mod restart {
    mod attributes;
    mod durability;
    mod planted;
}
