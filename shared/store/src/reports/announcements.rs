//! Puts of announcements, which the table's stream brings to `notify`.

use super::{Reports, write_put};
use crate::{
    Failure,
    dynamodb_items::{expire, of_report},
};
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{announcement::Announcement, report::Report};

impl Reports {
    /// Puts each announcement unless it is there already: one of the same event for the same audience is the same announcement.
    pub(crate) fn announcements(
        &self,
        report: &Report,
        announcements: &[Announcement],
    ) -> Result<Vec<TransactWriteItem>, Failure> {
        let puts = announcements.iter().map(|announcement| {
            let sort = format!(
                "announcement#{}#{}",
                announcement.event_id,
                String::from(announcement.audience.clone())
            );
            let mut item = of_report(&announcement.ticket, sort, "announcement", announcement)?;
            expire(&mut item, report.submitted.test_until);
            write_put(self.put(item))
        });
        puts.collect()
    }
}
