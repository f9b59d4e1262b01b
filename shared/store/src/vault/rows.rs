//! The rows of the vault, as `deliver` reads them and marks them with the update that was delivered last.

use super::EncryptedIdentity;
use crate::{
    Failure,
    dynamodb_items::{Item, number, text},
};
use aws_sdk_dynamodb::{
    Client,
    operation::update_item::{UpdateItemError, builders::UpdateItemFluentBuilder},
};
use domain::{ids::EventId, ticket::Ticket};
use jiff::Timestamp;

/// The table of the vault.
pub struct Vault {
    client: Client,
    table: String,
}

/// One row of the vault.
#[derive(Debug)]
pub struct Row {
    /// The encrypted identity; `None` if the row is damaged.
    pub encrypted: Option<EncryptedIdentity>,
    /// When the newest update was released that has been applied to this row, to the microsecond.
    pub newest: Option<Timestamp>,
    /// The event of the update that was delivered last.
    pub delivered: Option<EventId>,
    /// From when the row counts as gone, whenever DynamoDB gets to deleting it.
    pub expires_at: Option<Timestamp>,
    /// Whether it is of a test report: then it expires with the report, whatever the updates say.
    pub is_test: bool,
}

/// The attribute that marks the row of a test report.
pub(super) const TEST: &str = "test";

impl Vault {
    /// A vault in `table`.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// A report's row; `None` once it is erased.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn read(&self, ticket: &Ticket) -> Result<Option<Row>, Failure> {
        let found = self.client.get_item().table_name(&self.table).key("pk", text(ticket.as_str()));
        let found = found.consistent_read(true).send().await.map_err(|error| Failure::of(&error))?;
        Ok(found.item.as_ref().map(Row::read))
    }

    /// Records that an update released at `at` is the newest, and when the row expires from then on: never for `None`.
    ///
    /// Returns `false` and changes nothing if the row is gone or has seen a newer update.
    ///
    /// # Errors
    /// When it is not known to be noted.
    pub async fn apply(
        &self,
        ticket: &Ticket,
        at: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Result<bool, Failure> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(ticket.as_str()))
            // Without the condition an update would create a missing row, and so bring an erased person back.
            .condition_expression("attribute_exists(pk) AND (attribute_not_exists(newest) OR newest <= :at)")
            .expression_attribute_values(":at", number(at.as_microsecond()));
        let update = match expires_at {
            None => update.update_expression("SET newest = :at REMOVE expires_at"),
            Some(expires_at) => update
                .update_expression("SET newest = :at, expires_at = :expires_at")
                .expression_attribute_values(":expires_at", number(expires_at.as_second())),
        };
        if_it_holds(update).await
    }

    /// Records that the update that was applied last was delivered; does nothing if a newer one has been applied since.
    ///
    /// # Errors
    /// When it is not known to be noted.
    pub async fn mark_delivered(
        &self,
        ticket: &Ticket,
        at: Timestamp,
        event: &EventId,
    ) -> Result<bool, Failure> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(ticket.as_str()))
            .condition_expression("attribute_exists(pk) AND newest = :at")
            .update_expression("SET delivered = :event")
            .expression_attribute_values(":at", number(at.as_microsecond()))
            .expression_attribute_values(":event", text(event.as_str()));
        if_it_holds(update).await
    }
}

impl Row {
    /// Reads whatever can be read, so that a damaged identity does not keep its row from expiring.
    pub(crate) fn read(item: &Item) -> Self {
        let count = |name: &str| item.get(name)?.as_n().ok()?.parse().ok();
        let event = item.get("delivered").and_then(|event| event.as_s().ok());
        Self {
            encrypted: EncryptedIdentity::read(item),
            newest: count("newest").and_then(|at| Timestamp::from_microsecond(at).ok()),
            delivered: event.and_then(|event| EventId::parse(event)),
            expires_at: count("expires_at").and_then(|at| Timestamp::from_second(at).ok()),
            is_test: item.get(TEST).is_some_and(|test| test.as_bool() == Ok(&true)),
        }
    }

    /// Whether the row counts as gone.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }

    /// Whether a newer update than one released at `at` was applied.
    #[must_use]
    pub fn has_seen_newer(&self, at: Timestamp) -> bool {
        self.newest.is_some_and(|newest| newest.as_microsecond() > at.as_microsecond())
    }
}

impl EncryptedIdentity {
    /// The encrypted identity of a row; `None` if something of it is missing or has another form.
    fn read(item: &Item) -> Option<Self> {
        let bytes = |name: &str| Some(item.get(name)?.as_b().ok()?.as_ref().to_vec());
        Some(Self {
            key_name: item.get("key_name")?.as_s().ok()?.clone(),
            wrapped_key: bytes("wrapped_key")?,
            nonce: bytes("nonce")?.try_into().ok()?,
            ciphertext: bytes("ciphertext")?,
        })
    }
}

/// Sends an update; returns `false` if its condition does not hold.
async fn if_it_holds(update: UpdateItemFluentBuilder) -> Result<bool, Failure> {
    match update.send().await {
        Ok(_) => Ok(true),
        Err(error)
            if matches!(
                error.as_service_error(),
                Some(UpdateItemError::ConditionalCheckFailedException(_))
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(Failure::of(&error)),
    }
}
