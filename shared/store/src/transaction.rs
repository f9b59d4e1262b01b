//! A transaction, with its name, its retries and what its conditions found.

use crate::{Failure, dynamodb_items::Item};
use aws_failure::transaction::Transaction;
use aws_sdk_dynamodb::{
    Client,
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};
use std::time::Duration;

/// How often a transaction is tried again, as it is, when another one was in its way, or DynamoDB asked to slow down.
///
/// Nothing is known to have changed then: what was decided still holds, and the same is sent again some milliseconds later.
pub(crate) const RETRIES: u32 = 3;

/// How often something is decided, at most, because what it was decided on has changed meanwhile.
///
/// Then a condition of its transaction failed. To send the same again would fail again: the report is read anew, and perhaps what
/// was asked is no longer possible. Each of these has its own transaction, with `RETRIES` of its own.
pub const ATTEMPTS: usize = 4;

/// How a transaction ended.
pub(crate) enum Ended {
    /// All of it is stored.
    Stored,
    /// None of it is: for each item, whether its condition failed, and the old item where it was asked for.
    Refused(Vec<Refused>),
}

/// What became of one item of a refused transaction.
#[derive(Default)]
pub(crate) struct Refused {
    /// Its condition failed.
    pub(crate) failed: bool,
    /// The item that was there.
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
            // That the table is at its limit says more than how often it was tried.
            return Err(if failure == Failure::Conflict { Failure::RetriesExhausted } else { failure });
        }
        // 20, 40, 80 ms, and as much again by chance.
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
