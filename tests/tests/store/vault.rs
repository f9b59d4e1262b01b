//! A row of the vault: what its reporter was told and when it expires; once erased it never comes back.

use crate::{
    city::{at, at_once, encrypted, event_id, received},
    tables::{City, Table, n, names},
};
use domain::ticket::Ticket;
use store::vault::Vault;
use tests::{operator::wait, threads};

const FIRST: &str = "2026-11-23T03:00:00.000001Z";
const SECOND: &str = "2026-11-23T03:00:00.000002Z";
const EXPIRY: &str = "2026-12-23T03:00:00.9Z";

fn row() -> (Vault, Table, Ticket) {
    let City { vault_table, .. } = City::make();
    let ticket = crate::city::ticket();
    vault_table.put(encrypted(&ticket).item(&ticket, None));
    let vault = Vault::new(crate::endpoint::client(), vault_table.name.clone());
    (vault, vault_table, ticket)
}

#[test]
fn an_identity_comes_back_as_it_was_encrypted() {
    let city = City::make();
    let (decision, _) = received(0, None, &at_once());
    let ticket = &decision.report.ticket;
    let encrypted = encrypted(ticket);
    let reports = city.reports();
    let submitted = reports.submit(&decision, &[], &city.vault_table.name, &encrypted, &[]);
    assert!(wait(submitted).is_ok());
    let row = wait(city.vault().read(ticket)).unwrap().unwrap();
    assert_eq!(
        (row.encrypted, row.newest, row.delivered, row.expires_at),
        (Some(encrypted), None, None, None)
    );
}

#[test]
fn a_row_is_marked_with_the_newest_update_and_its_expiry() {
    let (vault, table, ticket) = row();
    assert_eq!(wait(vault.apply(&ticket, at(FIRST), Some(at(EXPIRY)))), Ok(true));
    let read = wait(vault.read(&ticket)).unwrap().unwrap();
    assert_eq!((read.newest, read.expires_at), (Some(at(FIRST)), Some(at("2026-12-23T03:00:00Z"))));
    // DynamoDB expires by a number of whole seconds, in the attribute that the template names.
    assert_eq!(table.row(ticket.as_str()).unwrap()["expires_at"], n(at(EXPIRY).as_second()));
    assert!(
        include_str!("../../../infra/template.yaml")
            .contains("AttributeName: expires_at\n        Enabled: true")
    );
    assert!(read.encrypted.is_some());
    // Open again: it stays.
    assert_eq!(wait(vault.apply(&ticket, at(SECOND), None)), Ok(true));
    let read = wait(vault.read(&ticket)).unwrap().unwrap();
    assert_eq!((read.newest, read.expires_at), (Some(at(SECOND)), None));
    assert!(!names(&table.row(ticket.as_str()).unwrap()).contains(&"expires_at"));
}

#[test]
fn an_update_that_is_older_than_the_newest_changes_nothing_and_the_same_one_may_come_again() {
    let (vault, table, ticket) = row();
    assert_eq!(wait(vault.apply(&ticket, at(SECOND), Some(at(EXPIRY)))), Ok(true));
    let before = table.row(ticket.as_str());
    assert_eq!(wait(vault.apply(&ticket, at(FIRST), None)), Ok(false));
    assert_eq!(table.row(ticket.as_str()), before);
    assert_eq!(wait(vault.apply(&ticket, at(SECOND), Some(at(EXPIRY)))), Ok(true));
    assert_eq!(table.row(ticket.as_str()), before);
}

#[test]
fn of_updates_at_once_the_newest_stays() {
    let (vault, _table, ticket) = row();
    let moments: Vec<_> = (0..10).map(|n| at(&format!("2026-11-23T03:00:0{n}Z"))).collect();
    let applied = threads::at_once(moments.clone(), |at| wait(vault.apply(&ticket, at, None)));
    assert_eq!(applied.last(), Some(&Ok(true)));
    let read = wait(vault.read(&ticket)).unwrap().unwrap();
    assert_eq!(read.newest, moments.last().copied());
}

#[test]
fn a_reporter_is_marked_as_told_of_the_update_that_is_still_the_newest() {
    let (vault, table, ticket) = row();
    let [first, second] = [event_id(), event_id()];
    assert_eq!(wait(vault.mark_delivered(&ticket, at(FIRST), &first)), Ok(false));
    wait(vault.apply(&ticket, at(FIRST), Some(at(EXPIRY)))).unwrap();
    assert_eq!(wait(vault.mark_delivered(&ticket, at(FIRST), &first)), Ok(true));
    wait(vault.apply(&ticket, at(SECOND), Some(at(EXPIRY)))).unwrap();
    let before = table.row(ticket.as_str());
    assert_eq!(wait(vault.mark_delivered(&ticket, at(FIRST), &second)), Ok(false));
    assert_eq!(table.row(ticket.as_str()), before);
    assert_eq!(wait(vault.read(&ticket)).unwrap().unwrap().delivered, Some(first));
    assert_eq!(wait(vault.mark_delivered(&ticket, at(SECOND), &second)), Ok(true));
    let read = wait(vault.read(&ticket)).unwrap().unwrap();
    assert_eq!((read.delivered, read.newest), (Some(second), Some(at(SECOND))));
    assert_eq!(read.expires_at, Some(at("2026-12-23T03:00:00Z")));
}

#[test]
fn who_is_erased_does_not_come_back_with_an_update() {
    let (vault, table, ticket) = row();
    wait(vault.apply(&ticket, at(FIRST), None)).unwrap();
    table.clear(ticket.as_str());
    assert_eq!(wait(vault.apply(&ticket, at(SECOND), None)), Ok(false));
    assert_eq!(wait(vault.apply(&ticket, at(SECOND), Some(at(EXPIRY)))), Ok(false));
    assert_eq!(wait(vault.mark_delivered(&ticket, at(FIRST), &event_id())), Ok(false));
    assert!(wait(vault.read(&ticket)).unwrap().is_none());
    assert_eq!(table.row(ticket.as_str()), None);
}
