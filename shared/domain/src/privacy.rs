//! Whether a report may be shown, and the label that says so.

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

impl Privacy {
    /// The label that every answer, list item and message about a report carries; always Indonesian.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Private => {
                "Laporan bersifat privasi. Jangan berikan informasi dalam laporan ini kepada siapapun"
            }
            Self::Public => "Jangan berikan informasi dalam laporan ini kepada siapapun",
        }
    }
}
