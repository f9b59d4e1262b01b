//! Evidence: pictures that have been put forward, each of them once.

use super::{ABSENT, Reports, write_put};
use crate::{
    Failure,
    dynamodb_items::{Item, text},
};
use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{photo::PhotoKind, photo_evidence::Evidence, ticket::Ticket};

/// The kind of the item that records a picture as evidence.
const EVIDENCE: &str = "evidence";

impl Reports {
    /// Records a picture as evidence of this report, unless it is evidence of another one or of something else here.
    ///
    /// The partition key is the picture's digest, by which it is looked up and on which two TLs with the same picture collide.
    pub(crate) fn put_evidence(
        &self,
        ticket: &Ticket,
        evidence: &Evidence,
    ) -> Result<TransactWriteItem, Failure> {
        let Evidence { digest, kind, .. } = evidence;
        let ticket = text(ticket.as_str());
        let kind_text = text(kind.as_str());
        let item = Item::from([
            ("pk".into(), text(format!("{EVIDENCE}#{digest}"))),
            ("sk".into(), text(EVIDENCE)),
            ("kind".into(), text(EVIDENCE)),
            ("ticket".into(), ticket.clone()),
            ("photo_kind".into(), kind_text.clone()),
        ]);
        let put = match kind {
            PhotoKind::Before => self
                .put(item)
                .condition_expression(format!("{ABSENT} OR (ticket = :ticket AND photo_kind = :before)"))
                .expression_attribute_values(":ticket", ticket)
                .expression_attribute_values(":before", kind_text),
            PhotoKind::After | PhotoKind::Field | PhotoKind::Reporter => {
                self.put(item).condition_expression(ABSENT)
            }
        };
        write_put(put)
    }
}
