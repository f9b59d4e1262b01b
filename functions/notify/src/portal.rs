//! Links into the officers' portal, which mails carry. They lead to the same place after signing in.

use domain::{desk::Desk, ticket::Ticket};

/// The portal, by its address without a slash at the end.
pub(crate) struct Portal(String);

impl Portal {
    pub(crate) fn at(address: &str) -> Self {
        Self(address.trim_end_matches('/').to_owned())
    }

    /// The page of a report.
    pub(crate) fn report(&self, ticket: &Ticket) -> String {
        format!("{}/petugas/laporan/{ticket}", self.0)
    }

    /// The page of a desk.
    pub(crate) fn desk(&self, desk: &Desk) -> String {
        // The work may lie with a unit below, whose desk this list has too.
        let below = if matches!(desk, Desk::Unit(_)) { "&below=true" } else { "" };
        format!("{}/petugas/meja?desk={desk}{below}", self.0)
    }
}
