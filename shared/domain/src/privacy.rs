//! Whether a report may be shown.

use crate::wire_enum::wire_enum;

wire_enum!(
    /// Whether the reporter let the report be shown.
    Privacy {
        /// The default: the reporter's photos stay locked.
        Private = "private",
        /// Photos may be shown to those who handle it.
        Public = "public",
    }
);
