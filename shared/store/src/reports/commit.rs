//! Storing the decision on an officer's command, unless the report has changed since it was read.

use super::{
    ABSENT, Reports, event_item, jitter,
    photos::{photo_item, photo_key},
    write_check, write_put,
};
use crate::{
    Failure,
    dynamodb_items::{key, text},
    transaction::{self, Ended, Refused},
};
use aws_sdk_dynamodb::types::{ConditionCheck, TransactWriteItem, Update};
use domain::{
    decision::Decision,
    ids::EventId,
    photo::{Photo, PhotoState},
    photo_evidence::Evidence,
    photos_at_hand::PhotoUse,
    report::Report,
    ticket::Ticket,
};
use std::collections::BTreeSet;

/// How a command's transaction ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Committed {
    /// All of it is stored.
    Done,
    /// The report, or the one that it is merged into, has changed since it was read, or the event is there already: read again.
    Changed,
    /// A photo is not ready, or has been used up.
    PhotoNotReady,
    /// The pictures at these positions in the command's list of photos have served as evidence before.
    AlreadyUsed(Vec<usize>),
}

impl Reports {
    /// Stores a command's decision, if the snapshot still has the revision that was read.
    ///
    /// # Errors
    /// When AWS gave no definite answer: it may be stored or not.
    pub async fn commit(
        &self,
        report_as_read: &Report,
        decision: &Decision,
        new_photos: &[Photo],
        evidence: &[Evidence],
    ) -> Result<Committed, Failure> {
        let ticket = &decision.report.ticket;
        // The first two items, by whose place a refusal is told apart.
        const SNAPSHOT: usize = 0;
        const EVENT: usize = 1;
        let mut items = vec![
            self.replace(report_as_read, &decision.report, decision.event.at)?,
            write_put(self.put(event_item(&decision.report, &decision.event)?).condition_expression(ABSENT))?,
        ];
        let photo_items = items.len()..items.len() + decision.photos.len();
        for photo in &decision.photos {
            items.push(self.use_photo(ticket, photo, &decision.event.id)?);
        }
        if let Some(root) = &decision.root {
            items.extend(self.join(&decision.report, root, decision.event.at)?);
        }
        for photo in new_photos {
            items.push(write_put(self.put(photo_item(photo)?).condition_expression(ABSENT))?);
            if let Some(nonce) = &photo.camera {
                items.push(self.use_nonce(ticket, nonce, &decision.event.id)?);
            }
        }
        items.extend(self.announcements(&decision.report, &decision.announcements)?);
        items.extend(self.question(report_as_read, &decision.report, decision.event.at)?);
        items.extend(self.fan_out(report_as_read, &decision.report, decision.event.at)?);
        let first_evidence_item = items.len();
        for evidence in evidence {
            items.push(self.put_evidence(ticket, evidence)?);
        }
        let jitter = jitter(&decision.report.version);
        Ok(match transaction::run(&self.client, "commit", items, jitter).await? {
            Ended::Stored => Committed::Done,
            Ended::Refused(refused) => {
                let failed = |n: usize| refused.get(n).is_some_and(|item: &Refused| item.failed);
                if failed(SNAPSHOT) || failed(EVENT) {
                    Committed::Changed
                } else if photo_items.into_iter().any(failed) {
                    Committed::PhotoNotReady
                } else if (first_evidence_item..first_evidence_item + evidence.len()).any(failed) {
                    let used = evidence.iter().zip(first_evidence_item..).filter(|(_, item)| failed(*item));
                    let positions: BTreeSet<usize> = used.map(|(evidence, _)| evidence.place).collect();
                    Committed::AlreadyUsed(positions.into_iter().collect())
                } else {
                    // Another report to merge into than was read; a nonce that another declaration has used; a new photo or an announcement that is there: by a change that was read too
                    // late, or by this one, sent twice.
                    Committed::Changed
                }
            }
        })
    }

    fn use_photo(
        &self,
        ticket: &Ticket,
        used: &PhotoUse,
        event: &EventId,
    ) -> Result<TransactWriteItem, Failure> {
        let key = Some(key(ticket, photo_key(&used.photo)));
        let ready = text(PhotoState::Ready.as_str());
        if !used.serves_once() {
            let check = ConditionCheck::builder()
                .table_name(&self.table)
                .set_key(key)
                .condition_expression("#state = :ready")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":ready", ready);
            return write_check(check);
        }
        let update = Update::builder()
            .table_name(&self.table)
            .set_key(key)
            .update_expression("SET used_by = :event")
            .condition_expression("#state = :ready AND attribute_not_exists(used_by)")
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":ready", ready)
            .expression_attribute_values(":event", text(event.as_str()))
            .build()
            .map_err(|_| Failure::Bug("use of a photo not built"))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}
