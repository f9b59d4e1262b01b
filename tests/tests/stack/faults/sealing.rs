//! Sealing: the next run seals what one run did not, and the chain of hashes holds.
//!
//! A stack has one bucket of seals, so these fields are run one after the other.

use super::{
    checks::{ensure, wrong},
    drawn::{fresh_event, now},
    scenario::{Row, Scenario},
};
use access_log_seals::sealer::COMPLETE_AFTER;
use domain::{access_log::Looked, officer::Named, ticket::Ticket};
use jiff::SignedDuration;
use std::sync::LazyLock;
use store::access_log::{Access, Hour, row};
use tests::{
    life,
    operator::{dynamodb, wait},
    seals::{clear, findings, lock, remove, run_seal, versions},
    stack::stack,
};

pub(super) const ROWS: &[Row] = &[Row::woken("seal two hours", "seal", seal)];

/// Everything that is complete by then is sealed once.
static SEALED: LazyLock<()> = LazyLock::new(|| {
    lock();
    clear("");
    for hours_ago in [2, 3, 4, 5] {
        look(hours_ago);
    }
    run_seal();
});

/// The hours that are to be sealed: the two newest that are complete. Asked for each field, because another hour may have become
/// complete since the one before.
fn due() -> [Hour; 2] {
    let () = *SEALED;
    let hour = Hour::last_complete(now(), COMPLETE_AFTER);
    [hour.before(1), hour]
}

/// Somebody looked at something, so long ago.
fn look(hours_ago: i64) {
    let access = Access {
        id: fresh_event(),
        at: now() - SignedDuration::from_hours(hours_ago),
        officer: Named { id: "subject".into(), name: "Petugas Terdahulu".into(), unit: None },
        looked_at: Looked::Report,
        photo: None,
        code: None,
        tickets: Vec::new(),
    };
    let ticket = Ticket::parse(&life::unknown_ticket()).unwrap();
    let row = row(ticket.as_str().to_owned(), &access).unwrap();
    let put = dynamodb().put_item().table_name(stack().output("AccessesTable")).set_item(Some(row));
    wait(put.send()).expect("a look");
}

fn key(hour: Hour) -> String {
    format!("hours/{hour}.json")
}

fn seal() -> Scenario {
    let due = due();
    for hour in due {
        for (key, version) in versions(&key(hour)) {
            remove(&key, &version);
        }
    }
    Scenario::scheduled().checked(move |_| {
        let once = due.iter().all(|hour| versions(&key(*hour)).len() == 1);
        let mut wrongs = ensure(once, "an hour is not sealed exactly once");
        for finding in findings() {
            wrongs.extend(wrong(&format!("the audit finds {finding:?}")));
        }
        wrongs
    })
}
