//! What a function that releases changes has to know of the city at that moment: the calendar, the deadlines of the report's category, and
//! whether its unit was closed or moved. All of it is read from the registry at most once a minute.

use aws_failure::Failure;
use domain::{
    calendar::Calendar,
    clock::Clock,
    ids::{EventId, Version},
    release::{DueStamp, due_now},
    report::Report,
    slots::Slots,
    unit::Unit,
    unit_change::{UnitChange, follows},
};
use jiff::Timestamp;
use runtime::{
    entropy,
    settings::{self, SettingError},
};
use store::{registry::Registry, reports::Reports};

/// The city's slots, and its registry.
pub struct CityClock {
    /// The slots at which changes are released.
    pub slots: Slots,
    /// The registry.
    pub registry: Registry,
}

/// A report with what the city says of it now.
pub struct Current {
    /// The report, with the deadlines that its category has now: by them goes a step that begins from now on.
    pub report: Report,
    /// The calendar.
    pub calendar: Calendar,
    /// How its unit has changed, if the report has to follow.
    pub unit_change: Option<UnitChange>,
}

impl CityClock {
    /// Makes it from the settings.
    ///
    /// # Errors
    /// When a setting is missing.
    pub fn from_settings(client: aws_sdk_dynamodb::Client) -> Result<Self, SettingError> {
        let registry = Registry::new(client, settings::var("REGISTRY_TABLE")?);
        Ok(Self { slots: settings::slots()?, registry })
    }

    /// The clock by which a report goes.
    #[must_use]
    pub fn by<'a>(&'a self, calendar: &'a Calendar) -> Clock<'a> {
        Clock { slots: &self.slots, calendar }
    }

    /// The city's calendar.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn calendar(&self, now: Timestamp) -> Result<Calendar, Failure> {
        self.registry.calendar(&self.slots.zone, now).await
    }

    /// The same for what a reporter does: where it waits for a slot, nothing is looked up, and what is due is left to the function `release`.
    /// What the reporter does must not be seen in when it is done; and it must be possible whatever becomes of the registry.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn look_up_for_reporter(&self, report: &Report, now: Timestamp) -> Result<Current, Failure> {
        if report.slots(&self.slots).wait(report.terms.slots, now) {
            let calendar = Calendar::of_every_day(self.slots.zone.clone());
            return Ok(Current { report: report.clone(), calendar, unit_change: None });
        }
        self.look_up(report, now).await
    }

    /// Looks up what the city says of a report now.
    ///
    /// # Errors
    /// When it could not be read.
    pub async fn look_up(&self, report: &Report, now: Timestamp) -> Result<Current, Failure> {
        let change = async {
            match &report.unit {
                Some(unit) => {
                    let change = self.registry.unit_change(unit, now).await?;
                    Ok(change.filter(|change| follows(report.status, unit, change)))
                }
                None => Ok(None),
            }
        };
        let (calendar, rules, unit_change) =
            tokio::try_join!(self.calendar(now), self.registry.deadlines(&report.category, now), change)?;
        let mut report = report.clone();
        if let Some((deadlines, counts)) = rules {
            report.terms.deadlines = deadlines;
            report.terms.counts = counts;
        }
        Ok(Current { report, calendar, unit_change })
    }

    /// Does what is due of a report and stores it; returns whether it was stored. It is not where the report changed meanwhile: what that
    /// change left is due again.
    ///
    /// # Errors
    /// When the city could not be looked up, or when it is not known whether all is stored.
    pub async fn do_due(&self, reports: &Reports, before: &Report, now: Timestamp) -> Result<bool, Failure> {
        let Current { mut report, calendar, unit_change } = self.look_up(before, now).await?;
        let events = [(); 3].map(|()| EventId::from_bytes(&entropy::bytes()));
        let stamp = DueStamp { now, version: Version::from_bytes(&entropy::bytes()), events };
        let effects = due_now(&mut report, unit_change, stamp, self.by(&calendar));
        reports.release(before, &report, &effects, now).await
    }

    /// The unit that gets what `unit` would get: itself, as the registry has it now, or the one that took over from it; `None` where none did.
    ///
    /// # Errors
    /// When it could not be looked up.
    pub async fn active(&self, unit: Unit, now: Timestamp) -> Result<Option<Unit>, Failure> {
        Ok(match self.registry.unit_change(&unit, now).await? {
            None => Some(unit),
            Some(UnitChange::Moved(unit)) => Some(unit),
            Some(UnitChange::Closed { heir }) => heir,
        })
    }
}
