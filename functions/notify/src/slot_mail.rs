//! Slot mail that announcements cause: put into the reports table, from which it comes back once its time has come.

use aws_failure::Failure;
use domain::desk::Desk;
use jiff::Timestamp;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};
use store::reports::{GATHERING, Reports};

/// The slot mail of the reports table.
pub(crate) struct SlotMails {
    reports: Reports,
    /// What this instance has put, by desk and slot, and cannot have gone out yet. One write serves all that comes to a desk for a slot.
    waiting: Mutex<BTreeSet<(Desk, Timestamp)>>,
}

impl SlotMails {
    pub(crate) fn of(reports: Reports) -> Self {
        Self { reports, waiting: Mutex::default() }
    }

    /// Has a desk told at a slot, or as soon as possible after it.
    pub(crate) async fn put(&self, desk: &Desk, slot: Timestamp, now: Timestamp) -> Result<(), Failure> {
        let mail = (desk.clone(), slot);
        if surely_waits(slot, now) && self.waiting().contains(&mail) {
            return Ok(());
        }
        self.reports.put_slot_mail(desk, slot, now).await?;
        let mut waiting = self.waiting();
        waiting.retain(|(_, slot)| surely_waits(*slot, now));
        waiting.insert(mail);
        Ok(())
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, BTreeSet<(Desk, Timestamp)>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether mail of this slot that was put has yet to go out, although clocks differ.
fn surely_waits(slot: Timestamp, now: Timestamp) -> bool {
    now < slot + GATHERING / 2
}
