//! What everybody may know of the city, as `tuntas city apply` prepared it. A table of its own, so that its reader can read nothing
//! of the registry, which also has the digests of channels' keys.

use crate::{Failure, cached_items::CachedItems, dynamodb_items::read};
use aws_sdk_dynamodb::Client;
use domain::{desk::Desk, unit::Code};
use jiff::Timestamp;
use serde::Deserialize;
use std::collections::BTreeSet;

/// The key of the item that is the body of `GET /v1/city`.
pub const BODY: &str = "city";

/// A reader of the table.
pub struct PublicCity {
    items: CachedItems,
}

#[derive(Deserialize)]
struct Prepared {
    body: String,
}

/// As much of the body as says which unit stands below which.
#[derive(Deserialize)]
struct Units {
    units: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    code: Code,
    parent: Option<Code>,
}

impl PublicCity {
    /// A reader of `table` with an empty cache.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { items: CachedItems::new(client, table) }
    }

    /// The body of `GET /v1/city`, JSON; `None` before a city was applied for the first time.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn body(&self, now: Timestamp) -> Result<Option<String>, Failure> {
        let item = self.items.get(BODY.to_owned(), now).await?;
        let prepared = item.map(|item| read(item, "stored city does not fit its type")).transpose()?;
        Ok(prepared.map(|Prepared { body }| body))
    }

    /// Every desk: those of the bureau and of the active units.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn desks(&self, now: Timestamp) -> Result<Vec<Desk>, Failure> {
        let units = self.listed(now).await?.into_iter().map(|unit| Desk::Unit(unit.code));
        Ok([Desk::Tiket, Desk::Validasi, Desk::Verifikasi].into_iter().chain(units).collect())
    }

    /// Every active unit below this one, its children's children too.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn units_below(&self, unit: &Code, now: Timestamp) -> Result<BTreeSet<Code>, Failure> {
        let units = self.listed(now).await?;
        Ok(below(unit, &units))
    }

    async fn listed(&self, now: Timestamp) -> Result<Vec<Listed>, Failure> {
        let Some(body) = self.body(now).await? else { return Ok(Vec::new()) };
        let Units { units } =
            serde_json::from_str(&body).map_err(|_| Failure::Bug("stored city does not fit its type"))?;
        Ok(units)
    }
}

fn below(unit: &Code, units: &[Listed]) -> BTreeSet<Code> {
    let mut found = BTreeSet::new();
    let mut above = vec![unit];
    while let Some(parent) = above.pop() {
        let children = units.iter().filter(|unit| unit.parent.as_ref() == Some(parent));
        above.extend(children.map(|unit| &unit.code).filter(|code| found.insert((*code).clone())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    /// The operator's tool writes and keeps them.
    #[test]
    fn stored_forms_of_the_city_are_read() {
        stored_forms::assert_read("city/city", |form| {
            let Prepared { body } = read(stored_forms::item_of(form), "misfit").unwrap();
            let Units { units } = serde_json::from_str(&body).unwrap();
            assert_eq!(below(&code("dinas"), &units), BTreeSet::from([code("sudin")]));
            serde_json::json!({"pk": {"S": BODY}, "body": {"S": body}})
        });
    }

    #[test]
    fn below_a_unit_stand_its_children_and_theirs_also_in_a_circle() {
        let units = [
            ("a", None),
            ("b", Some("a")),
            ("c", Some("b")),
            ("d", Some("a")),
            ("e", None),
            ("f", Some("g")),
            ("g", Some("f")),
        ];
        let units = units.map(|(unit, parent)| Listed { code: code(unit), parent: parent.map(code) });
        let below = |unit: &str| {
            below(&code(unit), &units).iter().map(ToString::to_string).collect::<Vec<_>>().concat()
        };
        assert_eq!(
            (below("a"), below("b"), below("c"), below("x")),
            ("bcd".into(), "c".into(), String::new(), String::new())
        );
        assert_eq!(below("f"), "fg");
    }
}
