//! What has to change in a stack for its city to be what a folder says.

use super::{
    follow,
    map::{self, FolderMap},
    registered::{Kept, Registered, RegisteredUnit},
};
use anyhow::Result;
use city_folder::{
    City, Texts,
    settings::Settings,
    unit::{SLOT_MAIL, Unit, UnitMail, UnitState, path},
};
use cli::{exit::Refusal, target::Target};
use domain::{location::CityBox, unit::Code, unit_change::UnitChange};
use serde::Serialize;
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

/// Every change, in the order in which they are made.
#[derive(Serialize)]
pub(crate) struct Plan {
    pub(super) changes: Vec<Change>,
    /// What somebody should know and the tool leaves alone.
    warnings: Vec<String>,
    /// The folder's map.
    #[serde(skip)]
    pub(super) map: Option<FolderMap>,
    /// The keys of what is left of other maps.
    #[serde(skip)]
    pub(super) other_items: Vec<String>,
}

/// One change.
#[derive(Serialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub(crate) enum Change {
    /// A topic is made.
    MakeTopic { topic: String },
    /// An item of the registry is written.
    Write {
        /// Its key: `unit#<code>`, `city#reasons` …
        key: String,
        kind: WriteKind,
        /// Each field that changes, as it was and as it will be.
        fields: BTreeMap<String, (Value, Value)>,
    },
    /// What `GET /v1/city` gives is prepared anew.
    Publish,
    /// The map is written, and takes the place of the one that counts.
    WriteMap {
        /// What tells it from others.
        generation: String,
        /// How wide and high a cell is, in millionths of a degree.
        size: i32,
        cells: usize,
        write_units: usize,
        /// Of the write units, in us-east-1.
        dollars: f64,
    },
    /// The folder has no map any more: no report is routed.
    RemoveMap { generation: String },
    /// What is left of other maps goes after ten minutes.
    ExpireMap { items: usize },
    /// Open reports follow their units, which were closed or moved.
    Follow {
        /// What has become of each unit.
        units: BTreeMap<Code, UnitChange>,
        /// How many reports have to follow, as of now.
        reports: usize,
    },
    /// A unit's topic begins to send e-mail; SNS first asks the address whether it wants it.
    Subscribe { topic: String, email: String },
    /// A unit's topic sends no e-mail to an address any more.
    Unsubscribe {
        topic: String,
        email: String,
        /// The topic that sends it instead. Until the address has said yes to that one, nothing is taken away.
        #[serde(skip_serializing_if = "Option::is_none")]
        instead: Option<String>,
        #[serde(skip)]
        subscription: String,
    },
}

/// What becomes of an item.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WriteKind {
    Add,
    Change,
    /// The folder leaves it out. Existing reports can still name it, so it stays in the registry; new reports are not allowed to name it.
    Close,
}

impl Plan {
    /// Compares folder and stack.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when the folder asks for something that a stack cannot become.
    pub(super) fn new(city: &City, registered: &Registered, target: &Target) -> Result<Self> {
        let mut refused = parameters(&city.settings, target)?;
        let mut changes = Vec::new();
        topics(city, registered, &mut changes);
        // Before the units: an address that the registry no longer has would never be found again.
        unsubscribed(city, registered, &mut changes);
        units(city, registered, &mut refused, &mut changes)?;
        rows("category", &by_code(&city.categories, |row| &row.code), &registered.categories, &mut changes)?;
        rows("channel", &by_code(&city.channels, |row| &row.code), &registered.channels, &mut changes)?;
        let texts = |texts: &Texts| Value::from(format!("{} / {}", texts.id, texts.en));
        let reasons = |reasons: &[city_folder::reason::Reason]| {
            let entry = |reason: &city_folder::reason::Reason| {
                (format!("{} {}", reason.command.as_str(), reason.code), texts(&reason.texts))
            };
            reasons.iter().map(entry).collect::<Map<_, _>>()
        };
        let holidays = |days: &[city_folder::holiday::Holiday]| {
            days.iter()
                .map(|day| (day.date.to_string(), Value::from(day.name.clone())))
                .collect::<Map<_, _>>()
        };
        if city.reasons != registered.reasons {
            let fields = differences(&reasons(&registered.reasons), &reasons(&city.reasons));
            changes.push(written("city#reasons", registered.reasons.is_empty(), fields));
        }
        if city.holidays != registered.holidays {
            let fields = differences(&holidays(&registered.holidays), &holidays(&city.holidays));
            changes.push(written("city#holidays", registered.holidays.is_empty(), fields));
        }
        if registered.settings.as_ref() != Some(&city.settings) {
            let before = registered.settings.as_ref().map(object).transpose()?.unwrap_or_default();
            let fields = differences(&before, &object(&city.settings)?);
            changes.push(written("city#settings", before.is_empty(), fields));
        }
        subscribed(city, registered, &mut changes);
        // After that: an address that gets its mail in another form gets it in one of the two all the time.
        moved(city, registered, &mut changes);
        // After all that it names: everybody reads it.
        if registered.public.as_deref() != Some(&serde_json::to_string(&city.public())?) {
            changes.push(Change::Publish);
        }
        let map = FolderMap::of(city)?;
        let others = registered.map.of_others(map.as_ref().map(|map| map.generation.as_str()));
        map_changes(map.as_ref(), registered, others.len(), &mut changes);
        let units = follow::units(city, registered, &changes);
        if !units.is_empty() {
            changes.push(Change::Follow { units, reports: 0 });
        }
        if refused.is_empty() {
            return Ok(Self { changes, warnings: other_emails(city, registered), map, other_items: others });
        }
        Err(Refusal::Invalid(refused.join("\n")).into())
    }

    /// Counts the reports that have to follow their units.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(super) async fn count_reports(&mut self, target: &Target) -> Result<()> {
        for change in &mut self.changes {
            if let Change::Follow { units, reports } = change {
                *reports = follow::behind(target, units).await?.len();
            }
        }
        Ok(())
    }

    /// Whether nothing changes.
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Zone and box are parameters of the stack, because each function gets them at its start.
fn parameters(settings: &Settings, target: &Target) -> Result<Vec<String>> {
    let mut refused = Vec::new();
    let zone = target.output("CityZone")?;
    if zone != settings.zone {
        let says = &settings.zone;
        refused
            .push(format!("city.toml's zone is {says}, the stack's {zone}: deploy it with CityZone={says}"));
    }
    let (stack, says) = (target.output("CityBox")?, settings.city_box.parameter());
    if CityBox::parse(stack) != CityBox::parse(&says) {
        refused
            .push(format!("city.toml's box is {says}, the stack's {stack}: deploy it with CityBox={says}"));
    }
    Ok(refused)
}

/// In the order in which they are made: while the cells of the new map are written, the old one counts.
fn map_changes(map: Option<&FolderMap>, registered: &Registered, others: usize, changes: &mut Vec<Change>) {
    match (map, &registered.map.current) {
        (Some(map), _) if registered.map.is(map) => {}
        (Some(map), _) => {
            let write_units = map.write_units();
            changes.push(Change::WriteMap {
                generation: map.generation.clone(),
                size: map.size,
                cells: map.cells,
                write_units,
                dollars: map::dollars(write_units),
            });
        }
        (None, Some(current)) => changes.push(Change::RemoveMap { generation: current.generation.clone() }),
        (None, None) => {}
    }
    if others > 0 {
        changes.push(Change::ExpireMap { items: others });
    }
}

fn topics(city: &City, registered: &Registered, changes: &mut Vec<Change>) {
    let active = city.units.iter().filter(|unit| unit.state == UnitState::Active);
    let units = active.flat_map(|unit| UnitMail::ALL.map(|mail| topic_of(unit, mail)));
    let channels = city.channels.iter().map(|channel| format!("channel-{}", channel.code));
    let missing = units.chain(channels).filter(|name| !registered.topics.names.contains(name));
    changes.extend(missing.map(|topic| Change::MakeTopic { topic }));
}

fn units(
    city: &City,
    registered: &Registered,
    refused: &mut Vec<String>,
    changes: &mut Vec<Change>,
) -> Result<()> {
    let wanted = by_code(&city.units, |unit| &unit.code);
    for (code, unit) in &wanted {
        let before = registered.units.get(*code);
        let path = path(unit, &city.units).into_iter().cloned().collect();
        let wanted = RegisteredUnit { unit: (*unit).clone(), path, reports_follow_since: None };
        let fields = differences(&before.map(object).transpose()?.unwrap_or_default(), &object(&wanted)?);
        if !fields.is_empty() {
            changes.push(write("unit", code, before.is_none(), fields));
        }
    }
    let left_out = registered.units.iter().filter(|(code, _)| !wanted.contains_key(code.as_str()));
    refused.extend(left_out.map(|(code, _)| {
        format!(
            "units.csv leaves out {code}: put its row back, with the state closed where the unit is no more"
        )
    }));
    Ok(())
}

fn rows<T: Serialize>(
    kind: &str,
    wanted: &BTreeMap<&str, &T>,
    registered: &BTreeMap<String, Kept<T>>,
    changes: &mut Vec<Change>,
) -> Result<()> {
    for (code, row) in wanted {
        let before = registered.get(*code);
        let mut fields = differences(
            &before.map(|kept| object(&kept.row)).transpose()?.unwrap_or_default(),
            &object(row)?,
        );
        if before.is_some_and(|kept| kept.closed) {
            fields.insert("closed".to_owned(), (true.into(), false.into()));
        }
        if !fields.is_empty() {
            changes.push(write(kind, code, before.is_none(), fields));
        }
    }
    let left_out =
        registered.iter().filter(|(code, kept)| !kept.closed && !wanted.contains_key(code.as_str()));
    changes.extend(left_out.map(|(code, _)| Change::Write {
        key: format!("{kind}#{code}"),
        kind: WriteKind::Close,
        fields: BTreeMap::from([("closed".to_owned(), (false.into(), true.into()))]),
    }));
    Ok(())
}

fn topic_of(unit: &Unit, mail: UnitMail) -> String {
    match mail {
        UnitMail::Each => format!("unit-{}", unit.code),
        UnitMail::Slot => format!("unit-{}{SLOT_MAIL}", unit.code),
    }
}

/// The address of an active unit, with the topic that sends it mail and the one that does not.
fn address(unit: &Unit) -> Option<Address> {
    let email = unit.email.clone().filter(|_| unit.state == UnitState::Active)?;
    let [mut topic, mut other] = UnitMail::ALL.map(|mail| topic_of(unit, mail));
    if unit.mail == UnitMail::Slot {
        std::mem::swap(&mut topic, &mut other);
    }
    Some(Address { email, topic, other })
}

struct Address {
    email: String,
    topic: String,
    other: String,
}

impl Address {
    /// Topic and address of the mail that the unit wants.
    fn wanted(&self) -> (String, String) {
        (self.topic.clone(), self.email.clone())
    }

    /// Those of the mail that it does not want beside it.
    fn unwanted(&self) -> (String, String) {
        (self.other.clone(), self.email.clone())
    }

    fn both(&self) -> [(String, String); 2] {
        [self.wanted(), self.unwanted()]
    }
}

/// The addresses of both topics of each unit.
fn addresses<'a>(units: impl Iterator<Item = &'a Unit>) -> BTreeSet<(String, String)> {
    units.filter_map(address).flat_map(|address| address.both()).collect()
}

/// The subscriptions to remove: addresses that the registry has for a unit and the folder no longer has. An address that is in neither was
/// subscribed by somebody else, and stays. A subscription that was never confirmed cannot be removed; it lapses after three days.
fn unsubscribed(city: &City, registered: &Registered, changes: &mut Vec<Change>) {
    let wanted = addresses(city.units.iter());
    let before = addresses(registered.units.values().map(|row| &row.unit));
    changes.extend(before.difference(&wanted).filter_map(|pair| {
        let subscription = registered.topics.emails.get(pair)?.clone()?;
        let (topic, email) = pair.clone();
        Some(Change::Unsubscribe { topic, email, instead: None, subscription })
    }));
}

/// The subscriptions to remove because the address gets its mail from the other topic of its unit. Whoever is cut off finds them by the
/// address, whatever the registry says already. Where the other one waits for the address to say yes, they stay.
fn moved(city: &City, registered: &Registered, changes: &mut Vec<Change>) {
    let emails = &registered.topics.emails;
    changes.extend(city.units.iter().filter_map(address).filter_map(|address| {
        let subscription = emails.get(&address.unwanted())?.clone()?;
        if matches!(emails.get(&address.wanted()), Some(None)) {
            return None;
        }
        let Address { email, topic, other } = address;
        Some(Change::Unsubscribe { topic: other, email, instead: Some(topic), subscription })
    }));
}

/// A warning for each address that is subscribed to a unit's topic beside what the folder wants: an officer subscribed it, it was never
/// confirmed and still can be, or it has yet to say yes to the topic that will send it mail instead.
fn other_emails(city: &City, registered: &Registered) -> Vec<String> {
    let all: Vec<Address> = city.units.iter().filter_map(address).collect();
    let wanted: BTreeSet<_> = all.iter().map(Address::wanted).collect();
    let before = addresses(registered.units.values().map(|row| &row.unit));
    let emails = &registered.topics.emails;
    let of_units = emails.iter().filter(|(pair, _)| pair.0.starts_with("unit-"));
    let others = of_units.filter_map(|(pair, arn)| {
        let (topic, email) = pair;
        let says = format!("topic {topic} also sends e-mail to {email}");
        if let Some(address) = all.iter().find(|address| address.unwanted() == *pair) {
            // One that was never confirmed cannot be removed; one that was is, unless it still has to do for the other.
            return match (arn, emails.get(&address.wanted())) {
                (None, _) => Some(says),
                (Some(_), Some(None)) => {
                    Some(format!("{says}, until that address has said yes to {}", address.topic))
                }
                (Some(_), _) => None,
            };
        }
        (!wanted.contains(pair) && (arn.is_none() || !before.contains(pair))).then_some(says)
    });
    others.collect()
}

fn subscribed(city: &City, registered: &Registered, changes: &mut Vec<Change>) {
    let wanted = city.units.iter().filter_map(address).map(|address| address.wanted());
    let missing = wanted.filter(|pair| !registered.topics.emails.contains_key(pair));
    changes.extend(missing.map(|(topic, email)| Change::Subscribe { topic, email }));
}

fn by_code<T>(rows: &[T], code: fn(&T) -> &Code) -> BTreeMap<&str, &T> {
    rows.iter().map(|row| (code(row).as_str(), row)).collect()
}

fn write(kind: &str, code: &str, is_new: bool, fields: BTreeMap<String, (Value, Value)>) -> Change {
    written(&format!("{kind}#{code}"), is_new, fields)
}

fn written(key: &str, is_new: bool, fields: BTreeMap<String, (Value, Value)>) -> Change {
    let kind = if is_new { WriteKind::Add } else { WriteKind::Change };
    Change::Write { key: key.to_owned(), kind, fields }
}

fn object<T: Serialize>(row: &T) -> Result<Map<String, Value>> {
    let Value::Object(object) = serde_json::to_value(row)? else { anyhow::bail!("a row is no object") };
    Ok(object)
}

fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> BTreeMap<String, (Value, Value)> {
    let names: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let value = |object: &Map<String, Value>, name: &str| object.get(name).cloned().unwrap_or_default();
    let pair = |name: &String| (name.clone(), (value(before, name), value(after, name)));
    names.into_iter().map(pair).filter(|(_, (before, after))| before != after).collect()
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        if self.is_empty() {
            return writeln!(f, "Nothing to change: the stack's city is what the folder says");
        }
        for change in &self.changes {
            writeln!(f, "{change}")?;
        }
        writeln!(f, "{} changes", self.changes.len())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Publish => write!(f, "~ what GET /v1/city gives"),
            Self::WriteMap { size, cells, write_units, dollars, .. } => write!(
                f,
                "~ the map: {cells} cells of {} degrees, {write_units} write units, about {dollars:.2} dollars",
                f64::from(*size) / 1e6
            ),
            Self::RemoveMap { .. } => write!(f, "- the map: the ticket desk sends every report"),
            Self::ExpireMap { items } => {
                write!(f, "- {items} items of maps that count no more, after ten minutes")
            }
            Self::Follow { units, reports } => {
                write!(f, "> {reports} open reports follow their units")?;
                for (code, change) in units {
                    match change {
                        UnitChange::Moved(_) => write!(f, "\n    {code}: seen by the units above it now")?,
                        UnitChange::Closed { heir: Some(heir) } => {
                            write!(f, "\n    {code}: to {}", heir.code)?
                        }
                        UnitChange::Closed { heir: None } => write!(f, "\n    {code}: to the ticket desk")?,
                    }
                }
                Ok(())
            }
            Self::MakeTopic { topic } => write!(f, "+ topic {topic}"),
            Self::Subscribe { topic, email } => write!(f, "+ e-mail of topic {topic} to {email}"),
            Self::Unsubscribe { topic, email, instead, .. } => {
                write!(f, "- e-mail of topic {topic} to {email}")?;
                instead.as_ref().map_or(Ok(()), |topic| write!(f, ", once it has said yes to {topic}"))
            }
            Self::Write { key, kind: WriteKind::Add, .. } => write!(f, "+ {}", shown(key)),
            Self::Write { key, kind: WriteKind::Close, .. } => {
                write!(
                    f,
                    "x {}: the folder leaves it out; existing reports keep it, new ones cannot name it",
                    shown(key)
                )
            }
            Self::Write { key, kind: WriteKind::Change, fields } => {
                write!(f, "~ {}", shown(key))?;
                for (name, (before, after)) in fields {
                    write!(f, "\n    {name}: {before} -> {after}")?;
                }
                Ok(())
            }
        }
    }
}

fn shown(key: &str) -> String {
    match key.split_once('#') {
        Some(("city", part)) => part.to_owned(),
        Some((kind, code)) => format!("{kind} {code}"),
        None => key.to_owned(),
    }
}
