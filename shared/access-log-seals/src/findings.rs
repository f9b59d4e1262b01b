//! Comparing the access log with its seals: pure, so that tests can try every kind of damage.

use crate::{
    bucket::Stored,
    merkle_tree::Hash,
    sealed_hour::{Damage, Leaf, Sealed, hour_of},
};
use jiff::{SignedDuration, Timestamp};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    fmt,
};
use store::access_log::{Entry, Hour};

/// How long after its end an hour may be without a seal before that is a finding.
const OVERDUE: SignedDuration = SignedDuration::from_hours(3);

/// One difference between the access log and its seals.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Finding {
    /// The hour that it is about; `None` for what belongs to no hour.
    pub hour: Option<Hour>,
    /// The difference that was found.
    pub what: What,
}

/// The kinds of differences.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum What {
    /// The hash that somebody kept elsewhere is not that of any sealed object.
    NotNoted,
    /// The bucket holds something that is no sealed hour.
    Foreign(String),
    /// The hour is sealed, and not over yet.
    Early,
    /// This hour, and all up to the one given, have no sealed object.
    Missing(Hour),
    /// The oldest sealed object follows one that is not there.
    Beginless,
    /// Somebody deleted the object; its versions are still there.
    Deleted,
    /// There are this many versions of the object; the first counts.
    Replaced(usize),
    /// The object is not as it was written.
    Damaged(Damage),
    /// The object does not hold the hash of the one before: one of the two is another.
    Unchained,
    /// The hour should have been sealed long ago.
    NotSealed,
    /// An entry of the log differs from what was sealed.
    Entry {
        /// The first half of the entry's id.
        id: String,
        /// How the entry differs from what was sealed.
        tampering: Tampering,
    },
}

/// How an entry of the log differs from what was sealed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tampering {
    /// The entry is not what was sealed under this id.
    Edited,
    /// The entry was sealed, and is gone.
    Deleted,
    /// The entry was not sealed: it was put in later, or has a time that is not valid.
    Inserted,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.hour {
            Some(hour) => write!(f, "{hour}  {}", self.what),
            None => write!(f, "no hour        {}", self.what),
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotNoted => f.write_str("no sealed object has the hash that was noted"),
            Self::Foreign(key) => write!(f, "{key} is no sealed hour"),
            Self::Early => f.write_str("the hour is sealed, but not over"),
            Self::Missing(last) => write!(f, "no sealed object, up to {last}"),
            Self::Beginless => f.write_str("the oldest sealed object follows one that is gone"),
            Self::Deleted => f.write_str("the sealed object was marked as deleted"),
            Self::Replaced(versions) => write!(f, "the sealed object was put {versions} times"),
            Self::Damaged(damage) => damage.fmt(f),
            Self::Unchained => f.write_str("the sealed object does not follow the one before"),
            Self::NotSealed => f.write_str("not sealed, though long over"),
            Self::Entry { id, tampering: Tampering::Edited } => write!(f, "entry {id} was edited"),
            Self::Entry { id, tampering: Tampering::Deleted } => write!(f, "entry {id} was deleted"),
            Self::Entry { id, tampering: Tampering::Inserted } => write!(f, "entry {id} was inserted"),
        }
    }
}

/// The result of an audit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// The findings by hour; of an hour first those of its object, then the entries by their ids. Empty when all that was
    /// sealed is unchanged.
    pub findings: Vec<Finding>,
    /// The number of sealed hours.
    pub hours: usize,
    /// The number of sealed entries.
    pub sealed: usize,
    /// The number of entries in hours that are not sealed yet.
    pub waiting: usize,
    /// The newest sealed hour, and the hash of its object. Whoever notes it elsewhere can later prove that nothing before
    /// it was replaced.
    pub newest: Option<(Hour, Hash)>,
}

impl Report {
    /// The first entry that is not as it was sealed.
    #[must_use]
    pub fn first_broken_entry(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| matches!(finding.what, What::Entry { .. }))
    }
}

/// An audit in progress: it takes the rows in any order, then the objects in the order of hours.
pub struct Audit {
    now: Timestamp,
    noted: Option<Hash>,
    /// Rows whose time and indexed hour agree, by that hour.
    rows: BTreeMap<Hour, Vec<Leaf>>,
    /// Ids of rows whose time and hour do not agree, or that the object of their hour does not have.
    astray: Vec<(Option<Hour>, String)>,
    first: Option<Hour>,
    newest: Option<(Hour, Hash)>,
    begins: bool,
    hours: usize,
    sealed: usize,
    findings: Vec<Finding>,
}

impl Audit {
    /// Begins an audit of a bucket that holds these objects. Answers also with which version of which hour's object is to
    /// be read: the first one, which the lock keeps.
    #[must_use]
    pub fn of(
        stored: &BTreeMap<String, Stored>,
        noted: Option<Hash>,
        now: Timestamp,
    ) -> (Self, Vec<(Hour, String)>) {
        let mut audit = Self {
            now,
            noted,
            rows: BTreeMap::new(),
            astray: Vec::new(),
            first: None,
            newest: None,
            begins: true,
            hours: 0,
            sealed: 0,
            findings: Vec::new(),
        };
        let mut firsts = Vec::new();
        for (key, found) in stored {
            let Some(hour) = hour_of(key) else {
                audit.find(None, What::Foreign(key.clone()));
                continue;
            };
            if found.delete_markers > 0 {
                audit.find(Some(hour), What::Deleted);
            }
            if found.versions.len() > 1 {
                audit.find(Some(hour), What::Replaced(found.versions.len()));
            }
            if hour >= Hour::of(now) {
                audit.find(Some(hour), What::Early);
            } else if let Some(first) = found.first() {
                firsts.push((hour, first.to_owned()));
            }
        }
        (audit, firsts)
    }

    /// Adds a row of the access log's table.
    pub fn row(&mut self, entry: Entry) {
        match (entry.hour, entry.at.map(Hour::of)) {
            (Some(hour), Some(at)) if hour == at => {
                self.rows.entry(hour).or_default().push(Leaf::from(entry))
            }
            (hour, at) => self.astray.push((hour.or(at), Leaf::from(entry).id)),
        }
    }

    /// Takes the sealed object of the next hour that has one.
    pub fn object(&mut self, hour: Hour, bytes: &[u8]) {
        let hash = Hash::of(bytes);
        let before = self.newest.replace((hour, hash));
        self.first.get_or_insert(hour);
        self.hours += 1;
        self.noted.take_if(|noted| *noted == hash);
        let rows = self.rows.remove(&hour).unwrap_or_default();
        let follows = before.is_none_or(|(last, _)| last.next() == hour);
        if let Some((last, _)) = before.filter(|_| !follows) {
            self.find(Some(last.next()), What::Missing(hour.before(1)));
            // The rows of these hours cannot be compared with anything.
            self.rows.retain(|row, _| !(last < *row && *row < hour));
        }
        let sealed = match Sealed::read(hour, bytes) {
            Ok(sealed) => sealed,
            Err(damage) => return self.find(Some(hour), What::Damaged(damage)),
        };
        match (before, sealed.previous()) {
            (None, Some(_)) => {
                self.begins = false;
                self.find(Some(hour), What::Beginless);
            }
            (Some((_, hash)), previous) if follows && previous != Some(hash) => {
                self.find(Some(hour), What::Unchained);
            }
            (None, None) | (Some(_), _) => {}
        }
        self.sealed += sealed.entries().len();
        self.compare(hour, sealed.into_entries(), rows);
    }

    /// Ends the audit and returns what it found.
    #[must_use]
    pub fn finish(mut self) -> Report {
        if self.noted.is_some() {
            self.find(None, What::NotNoted);
        }
        let newest = self.newest.map(|(hour, _)| hour);
        let next = newest.map(Hour::next).or_else(|| self.rows.keys().next().copied());
        if let Some(next) = next.filter(|next| *next <= Hour::last_complete(self.now, OVERDUE)) {
            self.find(Some(next), What::NotSealed);
        }
        // Before the first seal there was nothing, unless the objects that were sealed then are gone.
        let early = self.first.map(|first| {
            let later = self.rows.split_off(&first);
            std::mem::replace(&mut self.rows, later)
        });
        if self.begins {
            let early = early.into_iter().flatten();
            self.astray
                .extend(early.flat_map(|(hour, rows)| rows.into_iter().map(move |row| (Some(hour), row.id))));
        }
        let waiting: BTreeSet<&str> = self.rows.values().flatten().map(|leaf| leaf.id.as_str()).collect();
        let mut astray: BTreeMap<&str, Vec<Option<Hour>>> = BTreeMap::new();
        for (hour, id) in &self.astray {
            astray.entry(id).or_default().push(*hour);
        }

        // A row that is gone from its hour and lies in another one, or in none, was edited.
        let mut findings = Vec::new();
        for mut finding in std::mem::take(&mut self.findings) {
            if let What::Entry { id, tampering: tampering @ Tampering::Deleted } = &mut finding.what {
                let found = astray.get_mut(id.as_str()).and_then(Vec::pop).is_some();
                if found || waiting.contains(id.as_str()) {
                    *tampering = Tampering::Edited;
                }
            }
            findings.push(finding);
        }
        for (id, hours) in astray {
            for hour in hours {
                let what = What::Entry { id: id.to_owned(), tampering: Tampering::Inserted };
                findings.push(Finding { hour, what });
            }
        }
        findings.sort_unstable();
        let waiting = self.rows.values().map(Vec::len).sum();
        Report { findings, hours: self.hours, sealed: self.sealed, waiting, newest: self.newest }
    }

    fn find(&mut self, hour: Option<Hour>, what: What) {
        self.findings.push(Finding { hour, what });
    }

    /// Compares the rows of an hour with what was sealed of it.
    fn compare(&mut self, hour: Hour, sealed: Vec<Leaf>, mut rows: Vec<Leaf>) {
        rows.sort_unstable();
        // Rows that are equal on both sides are unchanged; of the rest, those with one id belong together.
        let (sealed, rows) = without_common(sealed, rows, Leaf::cmp);
        let (gone, others) = (ids(&sealed), ids(&rows));
        let (deleted, inserted) = without_common(gone.clone(), others, |one, other| one.cmp(other));
        let (edited, _) = without_common(gone, deleted.clone(), |one, other| one.cmp(other));
        for id in edited {
            self.find(Some(hour), What::Entry { id, tampering: Tampering::Edited });
        }
        for id in deleted {
            self.find(Some(hour), What::Entry { id, tampering: Tampering::Deleted });
        }
        // Not a finding yet: it may be what is missing in another hour.
        self.astray.extend(inserted.into_iter().map(|id| (Some(hour), id)));
    }
}

fn ids(leaves: &[Leaf]) -> Vec<String> {
    leaves.iter().map(|leaf| leaf.id.clone()).collect()
}

/// What remains of two sorted lists without their common elements, each counted as often as it occurs.
fn without_common<T>(one: Vec<T>, other: Vec<T>, order: impl Fn(&T, &T) -> Ordering) -> (Vec<T>, Vec<T>) {
    let (mut left, mut right) = (Vec::new(), Vec::new());
    let (mut one, mut other) = (one.into_iter().peekable(), other.into_iter().peekable());
    loop {
        let order = match (one.peek(), other.peek()) {
            (Some(a), Some(b)) => order(a, b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return (left, right),
        };
        if order.is_eq() {
            one.next();
            other.next();
        } else if order.is_lt() {
            left.extend(one.next());
        } else {
            right.extend(other.next());
        }
    }
}
