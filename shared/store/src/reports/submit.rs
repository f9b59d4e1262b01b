//! Storing a new report, with its photos' items and its identity.

use super::{
    ABSENT, MISFIT_REPORT, Reports, event_item, jitter,
    photos::{photo_item, photo_key, read_photo},
    write_check, write_put,
};
use crate::{
    Failure,
    dynamodb_items::{EXPIRES_AT, Item, REPORT, has_expired, key, number, read},
    transaction::{self, Ended},
    vault::EncryptedIdentity,
};
use aws_sdk_dynamodb::types::{
    ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, builders::ConditionCheckBuilder,
};
use domain::{decision::Decision, ids::PhotoId, photo::Photo, report::Report, ticket::Ticket};

/// What a key from before a rotation would have derived for a submission.
pub struct Earlier {
    /// The ticket that the key derives.
    pub ticket: Ticket,
    /// The ids of the submission's photos.
    pub photos: Vec<PhotoId>,
}

/// How a submission's transaction ended.
pub enum Submitted {
    /// All of it is stored.
    Done,
    /// The report exists already; these are its snapshot and the submission's photos.
    Exists(Box<Report>, Vec<Photo>),
    /// There was a test report of this ticket, which is gone, and DynamoDB has not deleted all of it yet.
    Gone,
}

impl Reports {
    /// Stores a new report with its photos' slots and its identity: all or nothing.
    ///
    /// `earlier` is what keys from before a rotation would have made of it: one of these existing is a replay too.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn submit(
        &self,
        decision: &Decision,
        photos: &[Photo],
        vault_table: &str,
        encrypted: &EncryptedIdentity,
        earlier: &[Earlier],
    ) -> Result<Submitted, Failure> {
        let Decision { report, event, .. } = decision;
        let (ticket, now) = (&report.ticket, event.at);
        let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
        let mut snapshot = self.put(self.snapshot(report, now)?);
        snapshot =
            snapshot.condition_expression(ABSENT).return_values_on_condition_check_failure(all_old.clone());
        let mut items = vec![write_put(snapshot)?];
        for Earlier { ticket, .. } in earlier {
            items.push(write_check(self.absent(ticket, REPORT))?);
        }
        let may_exist = items.len();
        for photo in photos {
            // On a failed condition the old item tells a replay whether the upload is still awaited.
            let slot = self.put(photo_item(photo)?).condition_expression(ABSENT);
            items.push(write_put(slot.return_values_on_condition_check_failure(all_old.clone()))?);
        }
        for Earlier { ticket, photos } in earlier {
            for photo in photos {
                items.push(write_check(self.absent(ticket, &photo_key(photo)))?);
            }
        }
        let photos_exist = may_exist..items.len();
        // What has expired is replaced: its report is gone. The row of one that is not is never reached, because its snapshot refuses.
        let identity = Put::builder()
            .table_name(vault_table)
            .set_item(Some(encrypted.item(ticket, report.submitted.test_until)))
            .condition_expression(format!("{ABSENT} OR {EXPIRES_AT} <= :now"))
            .expression_attribute_values(":now", number(now.as_second()));
        items.push(write_put(identity)?);
        let first = self.put(event_item(report, event)?).condition_expression(ABSENT);
        items.push(write_put(first.return_values_on_condition_check_failure(all_old))?);
        items.extend(self.announcements(report, &decision.announcements)?);
        match transaction::run(&self.client, "submit", items, jitter(&report.version)).await? {
            Ended::Stored => Ok(Submitted::Done),
            Ended::Refused(refused) => {
                let mut old: Vec<Option<Item>> = refused.into_iter().map(|refused| refused.old).collect();
                if old.iter().flatten().any(|item| has_expired(item, now)) {
                    return Ok(Submitted::Gone);
                }
                let photos: Vec<Item> = old.drain(photos_exist).flatten().collect();
                let report = old.into_iter().take(may_exist).find_map(|old| old);
                let report = report.ok_or(Failure::Bug("submission refused by another item"))?;
                let report = read(report, MISFIT_REPORT)?;
                let photos = photos.into_iter().map(read_photo).collect::<Result<_, _>>()?;
                Ok(Submitted::Exists(Box::new(report), photos))
            }
        }
    }

    /// A check that there is no such item; a failed one returns the item.
    fn absent(&self, ticket: &Ticket, sort: &str) -> ConditionCheckBuilder {
        ConditionCheck::builder()
            .table_name(&self.table)
            .set_key(Some(key(ticket, sort)))
            .condition_expression(ABSENT)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }
}
