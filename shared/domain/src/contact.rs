//! Telephone numbers and addresses of mail, read from what reporters wrote.
//!
//! Only what these functions return is kept: whether a message can be sent is decided once, while the reporter can still
//! correct it.

mod mailbox;
mod phone_number;

pub use mailbox::mailbox;
pub use phone_number::phone_number;
