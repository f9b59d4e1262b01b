//! Slot mail: one item for each desk and slot at which something came to it, which the table's stream brings to `notify`.
//!
//! An announcement that gives a desk work carries the keys of the index `pending`, by which `release` finds it at the slot of the mail. The
//! item is put first and the keys go last: whoever is cut off in between does it again, and the item is there once.

use super::{ABSENT, Reports};
use crate::{
    Failure, derived_ids,
    dynamodb_items::{EXPIRES_AT, Item, key, number, text},
};
use domain::{desk::Desk, slot_mail::SlotMail, ticket::Ticket};
use jiff::{Timestamp, ToSpan};

/// What an announcement's sort key begins with.
pub(super) const ANNOUNCEMENT: &str = "announcement#";
/// The kind of the item, its sort key, and what its partition key begins with.
const SLOT_MAIL: &str = "slot_mail";
/// How long an item stays. A dead letter that names it lies for fourteen days, and is replayed from it.
const DAYS: i64 = 30;

/// An announcement whose desk is told by slot mail, as the index `pending` has it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct MailDue {
    /// The report that it is of.
    pub ticket: Ticket,
    sort: String,
    /// The slot.
    pub slot: Timestamp,
    /// The desk.
    pub desk: Desk,
}

impl MailDue {
    /// Of an announcement's sort key and the slot under which the index has it; `None` where the key is no such one.
    pub(super) fn of(ticket: Ticket, sort: &str, slot: Timestamp) -> Option<Self> {
        let (_, desk) = sort.strip_prefix(ANNOUNCEMENT)?.split_once('#')?;
        Some(Self { ticket, sort: sort.to_owned(), slot, desk: Desk::parse(desk)? })
    }
}

impl Reports {
    /// Has a desk told by slot mail, unless it is already: there is one item for each desk and slot, whoever puts it.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn put_slot_mail(&self, desk: &Desk, slot: Timestamp) -> Result<(), Failure> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(slot_mail_item(desk, slot)?));
        match put.condition_expression(ABSENT).send().await.map_err(|error| Failure::of(&error)) {
            Ok(_) | Err(Failure::Conflict) => Ok(()),
            Err(failure) => Err(failure),
        }
    }

    /// Notes that the desk is told: the announcement is due no more.
    ///
    /// # Errors
    /// When it is not known to be stored.
    pub async fn mail_is_put(&self, due: &MailDue) -> Result<(), Failure> {
        let update = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key(&due.ticket, due.sort.clone())))
            .condition_expression("attribute_exists(pk)")
            .update_expression("REMOVE pending, pending_at");
        match update.send().await.map_err(|error| Failure::of(&error)) {
            Ok(_) | Err(Failure::Conflict) => Ok(()),
            Err(failure) => Err(failure),
        }
    }
}

pub(crate) fn slot_mail_item(desk: &Desk, slot: Timestamp) -> Result<Item, Failure> {
    let (to_desk, at) = (desk.to_string(), slot.to_string());
    let event_id = derived_ids::event(&[SLOT_MAIL, &to_desk, &at]);
    let partition = format!("{SLOT_MAIL}#{to_desk}#{at}");
    let mail = SlotMail { event_id, to_desk: desk.clone(), slot };
    let mut item: Item = serde_dynamo::to_item(mail).map_err(|_| Failure::Bug("slot mail makes no item"))?;
    item.extend([
        ("pk".into(), text(partition)),
        ("sk".into(), text(SLOT_MAIL)),
        ("kind".into(), text(SLOT_MAIL)),
        (EXPIRES_AT.into(), number((slot + (24 * DAYS).hours()).as_second())),
    ]);
    Ok(item)
}
