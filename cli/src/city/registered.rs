//! What a stack holds of its city: the registry table, read whole.

use super::{map::StoredMap, topics::Topics};
use anyhow::{Context, Result, anyhow};
use aws_sdk_dynamodb::types::AttributeValue;
use city_folder::{
    City, Files, category::Category, channel::Channel, holiday::Holiday, reason::Reason, settings::Settings,
    unit::Unit,
};
use cli::{
    exit::Refusal,
    target::{Target, plainly},
};
use domain::unit::Code;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::{BTreeMap, HashMap};
use store::{
    public_city,
    registry::{HOLIDAYS, SETTINGS},
};

/// The registry's key of the reasons.
pub(super) const REASONS: &str = "city#reasons";

pub(super) type Item = HashMap<String, AttributeValue>;

/// A list that is one item.
#[derive(Serialize, Deserialize)]
pub(super) struct List<T> {
    pub(super) list: Vec<T>,
}

/// A row that the folder may no longer have: what reports name is never deleted.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept<T> {
    #[serde(flatten)]
    pub(super) row: T,
    /// Whether the folder has left it out: nothing new may name it.
    #[serde(default)]
    pub(super) closed: bool,
}

/// A unit with what is not in the folder.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct RegisteredUnit {
    #[serde(flatten)]
    pub(super) unit: Unit,
    /// Its own code, its parent's, and so on up to the root.
    #[serde(default)]
    pub(super) path: Vec<Code>,
    /// When the unit was closed or moved; gone once its reports have followed.
    #[serde(default, skip_serializing)]
    pub(super) reports_follow_since: Option<Timestamp>,
}

/// A stack's city.
#[derive(Default)]
pub(super) struct Registered {
    pub(super) settings: Option<Settings>,
    pub(super) units: BTreeMap<String, RegisteredUnit>,
    pub(super) categories: BTreeMap<String, Kept<Category>>,
    pub(super) channels: BTreeMap<String, Kept<Channel>>,
    pub(super) reasons: Vec<Reason>,
    pub(super) holidays: Vec<Holiday>,
    /// Reasons, holidays and settings as they are stored, by their keys.
    whole: HashMap<String, Item>,
    /// What `GET /v1/city` gives.
    pub(super) public: Option<String>,
    pub(super) topics: Topics,
    pub(super) map: StoredMap,
}

impl Registered {
    /// Reads it all.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] names each item that does not read: whoever takes it for none would close a unit that has reports, or let in a
    /// channel that is shut out.
    pub(super) async fn read(target: &Target) -> Result<Self> {
        let dynamodb = aws_sdk_dynamodb::Client::new(&target.config);
        let table = target.output("RegistryTable")?;
        let topics = Topics::read(target);
        // Channels' keys stay where they are: the tool has no use for their digests here.
        let pages = dynamodb
            .scan()
            .table_name(table)
            .consistent_read(true)
            .into_paginator()
            .items()
            .send()
            .collect::<Result<Vec<Item>, _>>();
        let public = dynamodb
            .get_item()
            .table_name(target.output("CityTable")?)
            .key("pk", AttributeValue::S(public_city::BODY.to_owned()))
            .consistent_read(true)
            .send();
        let (items, public, topics, map) = tokio::join!(pages, public, topics, StoredMap::read(target));
        let items = items.map_err(plainly).context("cannot read the registry")?;
        let public = public.map_err(plainly).context("cannot read what GET /v1/city gives")?.item;
        let public = public.and_then(|item| item.get("body")?.as_s().ok().cloned());
        let mut registered = Self { public, topics: topics?, map: map?, ..Self::default() };
        let unread: Vec<_> = items.into_iter().filter_map(|item| registered.add(item).err()).collect();
        if !unread.is_empty() {
            let unread: Vec<_> = unread.iter().map(ToString::to_string).collect();
            return Err(Refusal::Invalid(unread.join("\n")).into());
        }
        Ok(registered)
    }

    pub(super) fn add(&mut self, item: Item) -> Result<()> {
        let Some(Ok(key)) = item.get("pk").map(AttributeValue::as_s) else { return Ok(()) };
        let key = key.clone();
        if [SETTINGS, REASONS, HOLIDAYS].contains(&key.as_str()) {
            self.whole.insert(key.clone(), item.clone());
        }
        let name = key.as_str();
        match name.split_once('#') {
            Some(("unit", code)) => drop(self.units.insert(code.to_owned(), row(name, item)?)),
            Some(("category", code)) => drop(self.categories.insert(code.to_owned(), row(name, item)?)),
            Some(("channel", code)) => drop(self.channels.insert(code.to_owned(), row(name, item)?)),
            _ => match name {
                SETTINGS => self.settings = Some(row(name, item)?),
                REASONS => self.reasons = row::<List<Reason>>(name, item)?.list,
                HOLIDAYS => self.holidays = row::<List<Holiday>>(name, item)?.list,
                _ => {}
            },
        }
        Ok(())
    }

    /// The city as a folder has it; `map` are the files of its map.
    pub(super) fn city(self, map: Files) -> Result<City> {
        let settings = self.settings.ok_or_else(|| {
            Refusal::Invalid("this stack has no city yet: `tuntas city apply` gives it one".to_owned())
        })?;
        let city = City {
            settings,
            units: self.units.into_values().map(|registered| registered.unit).collect(),
            categories: open(self.categories),
            channels: open(self.channels),
            areas: Vec::new(),
            routing: Vec::new(),
            reasons: self.reasons,
            holidays: self.holidays,
        };
        if map.is_empty() {
            return Ok(city);
        }
        let mut files = city.write();
        files.extend(map);
        let (city, _) = City::read(&files)
            .map_err(|mistakes| Refusal::Invalid(format!("the stack's city does not read:\n{mistakes}")))?;
        Ok(city)
    }

    /// An attribute of the reasons, the holidays or the settings as it is stored; `None` where there is none.
    pub(super) fn stored(&self, key: &str, name: &str) -> Option<&AttributeValue> {
        self.whole.get(key)?.get(name)
    }
}

fn open<T>(rows: BTreeMap<String, Kept<T>>) -> Vec<T> {
    rows.into_values().filter(|kept| !kept.closed).map(|kept| kept.row).collect()
}

/// Reads an item. Its content is not repeated: only which item, and which attribute.
fn row<T: DeserializeOwned>(key: &str, item: Item) -> Result<T> {
    serde_dynamo::from_item(item).map_err(|error| anyhow!("the registry's {key} does not read: {error}"))
}
