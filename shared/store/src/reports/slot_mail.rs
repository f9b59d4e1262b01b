//! Slot mail: one item for each desk and slot at which something came to it, which the table's stream brings to `notify`.
//!
//! `notify` puts the item when an announcement that gives a desk work comes by, with the keys of the index `pending`, by which `release` finds it
//! once its time has come. `release` takes these keys from it, and that change is what the stream brings back to `notify` to publish.

use super::{Reports, due::pending_second};
use crate::{
    Failure, derived_ids,
    dynamodb_items::{EXPIRES_AT, Item, number, text},
    index_parts::part_of,
};
use domain::{desk::Desk, slot_mail::SlotMail};
use jiff::{RoundMode, SignedDuration, Timestamp, TimestampRound, ToSpan, Unit};

/// The kind of the item, its sort key, and what its partition key begins with.
pub(super) const SLOT_MAIL: &str = "slot_mail";
/// How long an item stays. A dead letter that names it lies for fourteen days, and is replayed from it.
const DAYS: i64 = 30;
/// How long after its slot a mail waits: what is released at the slot has come by then. Where the minute is the slot, one of them goes by.
pub const GATHERING: SignedDuration = SignedDuration::from_mins(2);

/// A mail whose time has come, by the partition key of its item.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MailDue(pub(super) String);

impl Reports {
    /// Has a desk told by slot mail: the slot of the mail that tells it. There is one for each desk and slot, whoever puts it; what comes when that
    /// has gone out is told at the next quarter of an hour, so that a slot that takes long is not told of minute after minute.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn put_slot_mail(
        &self,
        desk: &Desk,
        slot: Timestamp,
        now: Timestamp,
    ) -> Result<Timestamp, Failure> {
        match self.put_unless_sent(desk, slot).await {
            Err(Failure::Conflict) => {
                let late = next_quarter(now)?;
                self.put_unless_sent(desk, late).await.map(|()| late)
            }
            put => put.map(|()| slot),
        }
    }

    async fn put_unless_sent(&self, desk: &Desk, slot: Timestamp) -> Result<(), Failure> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(slot_mail_item(desk, slot)?));
        let put = put.condition_expression("attribute_not_exists(pk) OR attribute_exists(pending)");
        put.send().await.map(drop).map_err(|error| Failure::of(&error))
    }

    /// Lets a mail go out: it is due no more, and the stream brings it to `notify`.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn send_slot_mail(&self, due: &MailDue) -> Result<(), Failure> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", text(&due.0))
            .key("sk", text(SLOT_MAIL))
            .condition_expression("attribute_exists(pending)")
            .update_expression("REMOVE pending, pending_at");
        match update.send().await.map_err(|error| Failure::of(&error)) {
            Ok(_) | Err(Failure::Conflict) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

fn next_quarter(now: Timestamp) -> Result<Timestamp, Failure> {
    let up = TimestampRound::new().smallest(Unit::Minute).increment(15).mode(RoundMode::Ceil);
    now.round(up).map_err(|_| Failure::Bug("there is no next quarter of an hour"))
}

pub(crate) fn slot_mail_item(desk: &Desk, slot: Timestamp) -> Result<Item, Failure> {
    let (to_desk, at) = (desk.to_string(), slot.to_string());
    let event_id = derived_ids::event(&[SLOT_MAIL, &to_desk, &at]);
    let partition = format!("{SLOT_MAIL}#{to_desk}#{at}");
    let due = format!("{}#{to_desk}", pending_second(slot + GATHERING));
    let part = part_of(event_id.as_str()).to_owned();
    let mail = SlotMail { event_id, to_desk: desk.clone(), slot };
    let mut item: Item = serde_dynamo::to_item(mail).map_err(|_| Failure::Bug("slot mail makes no item"))?;
    item.extend([
        ("pk".into(), text(partition)),
        ("sk".into(), text(SLOT_MAIL)),
        ("kind".into(), text(SLOT_MAIL)),
        ("pending".into(), text(part)),
        ("pending_at".into(), text(due)),
        (EXPIRES_AT.into(), number((slot + (24 * DAYS).hours()).as_second())),
    ]);
    Ok(item)
}
