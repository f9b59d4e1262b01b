//! The registry: units, categories, channels. Entries are read by key and cached for a minute.

use crate::{Failure, cached_items::CachedItems, digest, dynamodb_items::read};
use aws_sdk_dynamodb::Client;
use domain::{
    calendar::{Calendar, Counts, weekday},
    category::Terms,
    deadlines::Deadlines,
    personal_data::PersonalData,
    slots::SlotClass,
    unit::{Code, Unit},
    unit_change::UnitChange,
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeSet;

pub use crate::cached_items::CACHED_FOR;

/// A reader of the registry, with its cache.
pub struct Registry {
    items: CachedItems,
}

/// A category of the registry.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Category {
    /// The category's code.
    pub code: Code,
    /// The group of categories that it belongs to.
    #[serde(default)]
    pub group: Option<Code>,
    /// The class of slots for its reports.
    pub slots: SlotClass,
    /// How long each step of its reports may take.
    #[serde(flatten)]
    pub deadlines: Deadlines,
    /// Which days and hours these count.
    #[serde(default)]
    pub counts: Counts,
    /// The kinds of personal data that its reports are about, and that units may read in them.
    #[serde(default)]
    pub keeps: BTreeSet<PersonalData>,
    /// Whether the city's folder has left it out: reports name it, and no new one may.
    #[serde(default)]
    pub closed: bool,
}

impl Category {
    /// What a report takes over from the category.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            group: self.group.clone(),
            slots: self.slots,
            deadlines: self.deadlines,
            counts: self.counts,
            keeps: self.keeps.clone(),
        }
    }
}

/// The key of the city's settings.
pub const SETTINGS: &str = "city#settings";
/// The key of the days on which the city does not work.
pub const HOLIDAYS: &str = "city#holidays";

/// As much of the settings as says when officers work.
#[derive(Deserialize)]
struct WorkingCity {
    working: Working,
}

#[derive(Deserialize)]
struct Working {
    from: String,
    until: String,
    days: Vec<String>,
}

#[derive(Deserialize)]
struct Holidays {
    list: Vec<Holiday>,
}

#[derive(Deserialize)]
struct Holiday {
    date: Date,
}

/// A unit of the registry.
#[derive(Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub(crate) struct RegisteredUnit {
    #[serde(flatten)]
    unit: Unit,
    #[serde(default)]
    state: UnitState,
}

/// Whether a unit takes reports.
#[derive(Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
#[serde(rename_all = "snake_case")]
enum UnitState {
    #[default]
    Active,
    Closed,
}

/// A channel of the registry.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Channel {
    /// The channel's code.
    pub code: Code,
    /// Whether the channel may send reports.
    pub state: ChannelState,
    /// How many reports it may send in an hour.
    pub quota_per_hour: u64,
    /// SHA-256 of each live key, lower-case hex; two while one replaces the other.
    #[serde(default)]
    pub key_hashes: Vec<String>,
    /// Whether the city's folder has left it out.
    #[serde(default)]
    pub closed: bool,
}

/// Whether a channel may send.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// The channel may send.
    Active,
    /// The channel is suspended: its requests are refused.
    Suspended,
    /// The channel may send, and what it sends is for tests: it reaches no desk and is gone after a day.
    Test,
}

impl Channel {
    /// Whether this is one of the channel's keys. Compares all of them, in constant time.
    #[must_use]
    pub fn has_key(&self, bearer: &str) -> bool {
        self.key_hashes.iter().fold(false, |found, hash| digest::is_of(hash, bearer.as_bytes()) | found)
    }
}

impl Registry {
    /// A reader of `table` with an empty cache.
    #[must_use]
    pub fn new(client: Client, table: String) -> Self {
        Self { items: CachedItems::new(client, table) }
    }

    /// The active unit with this code; `None` where there is none.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn unit(&self, code: &Code, now: Timestamp) -> Result<Option<Unit>, Failure> {
        let entry = self.registered_unit(code, now).await?;
        Ok(entry.filter(|entry| entry.state != UnitState::Closed).map(|entry| entry.unit))
    }

    /// How the registry's unit differs from `held`, the copy of it that is stored in a report; `None` when it does not, and for a unit that
    /// the registry does not know.
    ///
    /// A difference found in the cache is read again from the table: the cached entry may be older than the report's copy.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn unit_change(&self, held: &Unit, now: Timestamp) -> Result<Option<UnitChange>, Failure> {
        let has_changed =
            |entry: &RegisteredUnit| entry.state == UnitState::Closed || entry.unit.path != held.path;
        let entry = self.registered_unit(&held.code, now).await?;
        if !entry.as_ref().is_some_and(has_changed) {
            return Ok(None);
        }
        let anew = self.items.read_anew(unit_key(&held.code), now).await?;
        let anew = anew.map(|item| read::<RegisteredUnit>(item, MISFIT_UNIT)).transpose()?;
        let Some(RegisteredUnit { unit, state }) = anew.filter(has_changed) else { return Ok(None) };
        if state == UnitState::Active {
            return Ok(Some(UnitChange::Moved(unit)));
        }
        for above in unit.path.iter().skip(1) {
            if let Some(heir) = self.unit(above, now).await? {
                return Ok(Some(UnitChange::Closed { heir: Some(heir) }));
            }
        }
        Ok(Some(UnitChange::Closed { heir: None }))
    }

    async fn registered_unit(&self, code: &Code, now: Timestamp) -> Result<Option<RegisteredUnit>, Failure> {
        self.entry(unit_key(code), now, MISFIT_UNIT).await
    }

    /// The category with this code; `None` where there is none.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn category(&self, code: &Code, now: Timestamp) -> Result<Option<Category>, Failure> {
        let entry = self.entry(category_key(code), now, MISFIT_CATEGORY).await?;
        Ok(entry.filter(|category: &Category| !category.closed))
    }

    /// How long each step of a category's reports may take now, and which days count; `None` where there is no such category. Reports of a
    /// category that the city has left out go by its last rules.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn deadlines(
        &self,
        category: &Code,
        now: Timestamp,
    ) -> Result<Option<(Deadlines, Counts)>, Failure> {
        let entry: Option<Category> = self.entry(category_key(category), now, MISFIT_CATEGORY).await?;
        Ok(entry.map(|category| (category.deadlines, category.counts)))
    }

    /// When the city's officers work, in this zone. A city that has not said it works at all times.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn calendar(&self, zone: &TimeZone, now: Timestamp) -> Result<Calendar, Failure> {
        let misfit = "stored working time does not fit its type";
        let settings = self.entry::<WorkingCity>(SETTINGS.to_owned(), now, misfit);
        let holidays =
            self.entry::<Holidays>(HOLIDAYS.to_owned(), now, "stored holidays do not fit their type");
        let (settings, holidays) = tokio::try_join!(settings, holidays)?;
        let mut calendar = Calendar::of_every_day(zone.clone());
        if let Some(WorkingCity { working }) = settings {
            let time = |text: &str| Time::strptime("%H:%M", text).map_err(|_| Failure::Bug(misfit));
            let days = working.days.iter().map(|name| weekday(name).ok_or(Failure::Bug(misfit)));
            calendar.days = days.collect::<Result<_, _>>()?;
            (calendar.from, calendar.until) = (time(&working.from)?, time(&working.until)?);
        }
        calendar.holidays =
            holidays.map(|days| days.list.into_iter().map(|day| day.date).collect()).unwrap_or_default();
        Ok(calendar)
    }

    /// The channel with this code; `None` where there is none. That it is one for tests is never believed from the cache.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn channel(&self, code: &Code, now: Timestamp) -> Result<Option<Channel>, Failure> {
        let misfit = "stored channel does not fit its type";
        let key = format!("channel#{code}");
        let mut entry: Option<Channel> = self.entry(key.clone(), now, misfit).await?;
        // What is taken for a test is gone after a day: the first real report of a channel must not be.
        if entry.as_ref().is_some_and(|channel| channel.state == ChannelState::Test) {
            entry = self.items.read_anew(key, now).await?.map(|item| read(item, misfit)).transpose()?;
        }
        Ok(entry.filter(|channel| !channel.closed))
    }

    async fn entry<T: DeserializeOwned>(
        &self,
        key: String,
        now: Timestamp,
        misfit: &'static str,
    ) -> Result<Option<T>, Failure> {
        self.items.get(key, now).await?.map(|item| read(item, misfit)).transpose()
    }
}

const MISFIT_CATEGORY: &str = "stored category does not fit its type";
const MISFIT_UNIT: &str = "stored unit does not fit its type";

fn category_key(code: &Code) -> String {
    format!("category#{code}")
}

fn unit_key(code: &Code) -> String {
    format!("unit#{code}")
}
