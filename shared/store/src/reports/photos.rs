//! Photos: the changes of their state, and how long an upload is awaited.

use super::Reports;
use crate::{
    Failure,
    dynamodb_items::{Item, expire, key, of_report, read, text},
    transaction,
};
use aws_sdk_dynamodb::{
    operation::{
        put_item::PutItemError,
        update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
    },
    types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure},
};
use domain::{
    ids::PhotoId,
    photo::{Photo, PhotoReason, PhotoState},
    ticket::Ticket,
};
use jiff::Timestamp;

pub(super) const MISFIT_PHOTO: &str = "stored photo does not fit its type";

/// The result of a check or change of a photo's state.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Checked {
    /// The photo is as expected; the change is made.
    Fits(Box<Photo>),
    /// The photo is pending no longer.
    NotPending(Box<Photo>),
    /// The report has no such photo.
    NoSuchPhoto,
    /// The upload is not the one that was declared, or has to go to the other part of the bucket now.
    Differs,
}

impl Reports {
    /// Checks that a photo is pending and is the one that came: of one that a form sends nothing was known before. Changes nothing that
    /// anybody sees.
    ///
    /// It is a write and not a read, because the function that cleans photos has no right to read reports.
    ///
    /// # Errors
    /// When it could not be looked at.
    pub async fn check_photo(
        &self,
        ticket: &Ticket,
        photo: &PhotoId,
        sha256: &str,
    ) -> Result<Checked, Failure> {
        let update = self
            .update_photo(ticket, photo, PhotoState::Pending)
            .condition_expression("#state = :pending AND (sha256 = :sha256 OR attribute_not_exists(sha256))")
            .expression_attribute_values(":sha256", text(sha256));
        self.checked(update).await
    }

    /// Records that a new URL for the upload of a pending photo was given, which ends at `until`. Returns the photo as it is
    /// then: it may have come, or have been locked or taken back, meanwhile.
    ///
    /// It is a put and not an update, because the function that takes submissions has no right to update reports.
    ///
    /// # Errors
    /// When it is not known to be noted.
    pub async fn await_upload(&self, mut photo: Photo, until: Timestamp) -> Result<Photo, Failure> {
        for _ in 0..transaction::RETRIES {
            let awaited = Photo { url_until: Some(until), ..photo.clone() };
            let put = self
                .client
                .put_item()
                .table_name(&self.table)
                .set_item(Some(photo_item(&awaited)?))
                .condition_expression("#state = :pending AND locked = :locked")
                .expression_attribute_names("#state", "state")
                .expression_attribute_values(":pending", text(PhotoState::Pending.as_str()))
                .expression_attribute_values(":locked", AttributeValue::Bool(photo.locked))
                .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
            let error = match put.send().await {
                Ok(_) => return Ok(awaited),
                Err(error) => error,
            };
            let old = match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => failed.item().cloned(),
                _ => return Err(Failure::of(&error)),
            };
            photo = old.map(read_photo).transpose()?.ok_or(Failure::Bug("photo without a slot"))?;
            if photo.state != PhotoState::Pending {
                return Ok(photo);
            }
        }
        Err(Failure::RetriesExhausted)
    }

    /// Sets a pending photo to ready, with the time from which it is shown and its digests, if it is still locked or not as in
    /// `photo`.
    ///
    /// # Errors
    /// When it is not known to be set.
    pub async fn photo_is_ready(&self, photo: &Photo) -> Result<Checked, Failure> {
        let mut update = self
            .update_photo(&photo.ticket, &photo.photo, PhotoState::Ready)
            .condition_expression("#state = :pending AND locked = :locked")
            .expression_attribute_values(":locked", AttributeValue::Bool(photo.locked));
        let mut set = "SET #state = :state".to_owned();
        if let Some(from) = photo.shown_from {
            set.push_str(", shown_from = :from");
            update = update.expression_attribute_values(":from", text(from.to_string()));
        }
        if !photo.digests.is_empty() {
            set.push_str(", digests = :digests");
            let digests = photo.digests.iter().map(text).collect();
            update = update.expression_attribute_values(":digests", AttributeValue::L(digests));
        }
        if photo.damaged {
            set.push_str(", damaged = :damaged");
            update = update.expression_attribute_values(":damaged", AttributeValue::Bool(true));
        }
        self.checked(update.update_expression(format!("{set} REMOVE sha256, url_until"))).await
    }

    /// Sets a pending photo to rejected, with the reason.
    ///
    /// # Errors
    /// When it is not known to be set.
    pub async fn reject_photo(
        &self,
        ticket: &Ticket,
        photo: &PhotoId,
        reason: PhotoReason,
    ) -> Result<Checked, Failure> {
        let update = self
            .update_photo(ticket, photo, PhotoState::Rejected)
            .update_expression("SET #state = :state, reason = :reason REMOVE sha256, url_until")
            .expression_attribute_values(":reason", text(reason.as_str()));
        self.checked(update.condition_expression("#state = :pending")).await
    }

    fn update_photo(&self, ticket: &Ticket, photo: &PhotoId, state: PhotoState) -> UpdateItemFluentBuilder {
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(ticket, photo_key(photo))))
            // The declared digest is not needed any more, and whoever has the picture could find the report by it; nor is the
            // time of the last URL.
            .update_expression(match state {
                PhotoState::Pending => "SET #state = :state",
                PhotoState::Ready | PhotoState::Rejected => "SET #state = :state REMOVE sha256, url_until",
            })
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(":state", text(state.as_str()))
            .expression_attribute_values(":pending", text(PhotoState::Pending.as_str()))
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
    }

    async fn checked(&self, update: UpdateItemFluentBuilder) -> Result<Checked, Failure> {
        let mut tried = 0;
        let error = loop {
            let error = match update.clone().send().await {
                Ok(done) => {
                    let photo = done.attributes.map(read_photo).transpose()?;
                    let photo = photo.ok_or(Failure::Bug("photo not returned"))?;
                    return Ok(Checked::Fits(Box::new(photo)));
                }
                Err(error) => error,
            };
            let collided =
                matches!(error.as_service_error(), Some(UpdateItemError::TransactionConflictException(_)));
            if !collided {
                break error;
            }
            if tried == transaction::RETRIES {
                return Err(Failure::RetriesExhausted);
            }
            // A TL that uses this photo is in the way for some milliseconds.
            tokio::time::sleep(std::time::Duration::from_millis(20 << tried)).await;
            tried += 1;
        };
        let old = match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => failed.item().cloned(),
            _ => return Err(Failure::of(&error)),
        };
        Ok(match old.map(read_photo).transpose()? {
            None => Checked::NoSuchPhoto,
            Some(photo) if photo.state == PhotoState::Pending => Checked::Differs,
            Some(photo) => Checked::NotPending(Box::new(photo)),
        })
    }
}

pub(super) fn photo_key(photo: &PhotoId) -> String {
    format!("photo#{photo}")
}

pub(crate) fn photo_item(photo: &Photo) -> Result<Item, Failure> {
    let mut item = of_report(&photo.ticket, photo_key(&photo.photo), "photo", photo)?;
    expire(&mut item, photo.test_until);
    Ok(item)
}

pub(super) fn read_photo(item: Item) -> Result<Photo, Failure> {
    read(item, MISFIT_PHOTO)
}
