//! Addresses that a message can be sent to, made of what reporters wrote.
//!
//! Intake keeps what these answer and nothing else: whether something can be sent is decided once, while the reporter can still
//! mend it.

mod mailbox;
mod phone_number;

pub use mailbox::mailbox;
pub use phone_number::phone_number;
