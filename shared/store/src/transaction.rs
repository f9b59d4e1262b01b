//! A transaction, with its name, its retries and what its conditions found.

use crate::{Failure, dynamodb_items::Item};
use aws_failure::transaction::Transaction;
use aws_sdk_dynamodb::{
    Client,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use std::time::Duration;

/// How often the same transaction is sent again when another one was in its way, or DynamoDB asked to slow down.
///
/// As far as is known nothing has changed then: the decision still holds, and the same transaction is sent again some
/// milliseconds later.
pub(crate) const RETRIES: u32 = 3;

/// How often a decision is made, at most, when the report has changed in the meantime.
///
/// Then a condition of its transaction failed. To send the same again would fail again: the report is read anew, and perhaps what
/// was asked is no longer possible. Each of these has its own transaction, with `RETRIES` of its own.
pub const ATTEMPTS: usize = 4;

/// How a transaction ended.
pub(crate) enum Ended {
    /// All items are stored.
    Stored,
    /// No item is stored. For each: whether its condition failed, and the old item where that was asked for.
    Refused(Vec<Refused>),
}

/// What became of one item of a refused transaction.
#[derive(Default)]
pub(crate) struct Refused {
    /// Whether the condition of this item failed.
    pub(crate) failed: bool,
    /// The item as it was in the table, where that was asked for.
    pub(crate) old: Option<Item>,
}

/// Runs a transaction. `name` says in the log which one it is; `jitter` is random: it spreads the retries of those who collide.
pub(crate) async fn run(
    client: &Client,
    name: &'static str,
    items: Vec<TransactWriteItem>,
    jitter: u64,
) -> Result<Ended, Failure> {
    let mut tried = 0;
    loop {
        let call = client.transact_write_items().set_transact_items(Some(items.clone()));
        let sent = call.customize().interceptor(Transaction { name, is_retry: tried > 0 }).send().await;
        let Err(error) = sent else { return Ok(Ended::Stored) };
        let failure = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
                let reasons = cancelled.cancellation_reasons();
                if reasons.iter().any(|reason| reason.code() == Some("ConditionalCheckFailed")) {
                    return Ok(Ended::Refused(reasons.iter().map(refused).collect()));
                }
                cancelled_by(reasons)
            }
            _ => Failure::of(&error),
        };
        let may_pass = matches!(failure, Failure::Conflict | Failure::Throttled);
        if !may_pass || tried == RETRIES {
            // A throttled table is the more useful cause; only a conflict is reported as the end of the retries.
            return Err(if failure == Failure::Conflict { Failure::RetriesExhausted } else { failure });
        }
        // Waits 20, 40, 80 ms, and at random up to as much again.
        let base = 20_u64 << tried;
        tokio::time::sleep(Duration::from_millis(base + (jitter >> (8 * tried)) % base)).await;
        tried += 1;
    }
}

fn refused(reason: &CancellationReason) -> Refused {
    Refused { failed: reason.code() == Some("ConditionalCheckFailed"), old: reason.item().cloned() }
}

fn cancelled_by(reasons: &[CancellationReason]) -> Failure {
    let has = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
    if has("TransactionConflict") {
        Failure::Conflict
    } else if has("ThrottlingError") || has("ProvisionedThroughputExceeded") {
        Failure::Throttled
    } else {
        Failure::Rejected
    }
}
