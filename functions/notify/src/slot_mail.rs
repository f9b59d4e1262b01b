//! Slot mail that announcements cause: put into the reports table, from which it comes back once its time has come.

use aws_failure::Failure;
use domain::desk::Desk;
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};
use store::reports::{GATHERING, Reports};

/// The slot mail of the reports table.
pub(crate) struct SlotMails {
    reports: Reports,
    waiting: Mutex<Waiting>,
}

/// By which mail a desk is told of what comes to it for a slot, of mail that this instance has put and that cannot have gone out yet. So one
/// write serves all of it.
#[derive(Default)]
struct Waiting(BTreeMap<(Desk, Timestamp), Timestamp>);

impl Waiting {
    fn waits(&self, mail: &(Desk, Timestamp), now: Timestamp) -> bool {
        self.0.get(mail).is_some_and(|by| surely_waits(*by, now))
    }

    fn note(&mut self, mail: (Desk, Timestamp), by: Timestamp, now: Timestamp) {
        self.0.retain(|_, by| surely_waits(*by, now));
        self.0.insert(mail, by);
    }
}

impl SlotMails {
    pub(crate) fn of(reports: Reports) -> Self {
        Self { reports, waiting: Mutex::default() }
    }

    /// Has a desk told at a slot, or as soon as possible after it.
    pub(crate) async fn put(&self, desk: &Desk, slot: Timestamp, now: Timestamp) -> Result<(), Failure> {
        let mail = (desk.clone(), slot);
        if self.waiting().waits(&mail, now) {
            return Ok(());
        }
        let by = self.reports.put_slot_mail(desk, slot, now).await?;
        self.waiting().note(mail, by, now);
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether mail of this slot that was put has yet to go out, although clocks differ.
fn surely_waits(slot: Timestamp, now: Timestamp) -> bool {
    now < slot + GATHERING / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_for_a_slot_is_put_once_and_again_as_soon_as_its_mail_may_have_gone_out() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let (ten, quarter) = (at("2026-01-10T03:00:00Z"), at("2026-01-10T03:15:00Z"));
        let mut waiting = Waiting::default();
        let tiket = (Desk::Tiket, ten);
        assert!(!waiting.waits(&tiket, at("2026-01-10T02:10:00Z")));
        waiting.note(tiket.clone(), ten, at("2026-01-10T02:10:00Z"));
        for (now, waits) in [("02:59:59", true), ("03:00:59", true), ("03:01:00", false), ("03:02:00", false)]
        {
            assert_eq!(waiting.waits(&tiket, at(&format!("2026-01-10T{now}Z"))), waits, "{now}");
        }
        assert!(!waiting.waits(&(Desk::Validasi, ten), at("2026-01-10T02:59:59Z")));
        // By the mail of a later quarter it waits until that.
        waiting.note(tiket.clone(), quarter, at("2026-01-10T03:02:00Z"));
        for (now, waits) in [("03:15:59", true), ("03:16:00", false)] {
            assert_eq!(waiting.waits(&tiket, at(&format!("2026-01-10T{now}Z"))), waits, "{now}");
        }
        assert_eq!(waiting.0.len(), 1);
        waiting.note((Desk::Validasi, quarter), quarter, at("2026-01-10T03:20:00Z"));
        assert_eq!(waiting.0.len(), 1, "what has gone out is forgotten");
    }
}
