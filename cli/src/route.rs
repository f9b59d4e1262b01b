//! `tuntas route`: where a report from a place would go by the stack's map, and why.

use anyhow::{Context, Result};
use aws_sdk_dynamodb::Client;
use cli::{
    exit::Refusal,
    target::{Which, now},
    terminal::Terminal,
};
use domain::{
    area::AreaCode,
    location::{Place, Point},
    routing::{Route, Routed, TicketDesk, route},
    unit::Code,
};
use serde::Serialize;
use std::{fmt, process::ExitCode};
use store::{city_map::CityMap, registry::Registry};

/// A place and a category.
#[derive(clap::Args)]
#[command(allow_negative_numbers = true)]
pub(crate) struct RouteCommand {
    /// Latitude in degrees.
    lat: f64,
    /// Longitude in degrees.
    lon: f64,
    /// The category's code.
    category: String,
    /// How far off the position may be, in metres; 50 where a report says nothing.
    #[arg(long)]
    accuracy: Option<f64>,
}

/// Where the report would go.
#[derive(Serialize)]
struct Explained {
    /// The lowest area in which the place lies.
    area: Option<AreaCode>,
    /// The unit, and nothing where the ticket desk has to decide.
    unit: Option<Code>,
    /// The area of the rule that names it; nothing for a rule of the whole city.
    rule_area: Option<AreaCode>,
    /// The rule's category; nothing for a rule of every category.
    rule_category: Option<Code>,
    /// The unit that the rules name where the ticket desk decides all the same.
    suggested_unit: Option<Code>,
    /// Why the ticket desk has to decide.
    ticket_desk: Option<TicketDesk>,
}

/// Carries the command out.
pub(crate) async fn explain(command: &RouteCommand, which: &Which, terminal: Terminal) -> Result<ExitCode> {
    let RouteCommand { lat, lon, category, accuracy } = command;
    if !(-90.0..=90.0).contains(lat) || !(-180.0..=180.0).contains(lon) {
        return Err(
            Refusal::Invalid("no place on earth: latitude comes first, then longitude".to_owned()).into()
        );
    }
    let no_category = || Refusal::Invalid(format!("there is no category {category}"));
    let code = Code::parse(category).ok_or_else(no_category)?;
    let target = which.target().await?;
    let client = Client::new(&target.config);
    let registry = Registry::new(client.clone(), target.output("RegistryTable")?.to_owned());
    let found = registry.category(&code, now()).await.context("cannot read the registry")?;
    let found = found.ok_or_else(no_category)?;
    let point = Point { lat: *lat, lon: *lon, accuracy_m: *accuracy };
    let map = CityMap::new(client, target.output("MapTable")?.to_owned());
    let cell = map.cell(point, now()).await.context("cannot read the map")?;
    let place = Place { point: Some(point), address: None };
    terminal.print(&Explained::of(route(cell.as_ref(), &place, &code, found.slots)))?;
    Ok(ExitCode::SUCCESS)
}

impl Explained {
    fn of(Route { area, to, suggested }: Route) -> Self {
        let none = Self {
            area,
            suggested_unit: suggested,
            unit: None,
            rule_area: None,
            rule_category: None,
            ticket_desk: None,
        };
        match to {
            Ok(Routed { unit, rule_area, rule_category }) => {
                Self { unit: Some(unit.code), rule_area, rule_category, ..none }
            }
            Err(why) => Self { ticket_desk: Some(why), ..none },
        }
    }
}

impl fmt::Display for Explained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.area {
            Some(area) => writeln!(f, "area  {area}")?,
            None => writeln!(f, "area  none")?,
        }
        if let Some(unit) = &self.unit {
            let category = self.rule_category.as_ref().map_or("*", Code::as_str);
            let area = self.rule_area.as_ref().map_or("*", AreaCode::as_str);
            return writeln!(f, "unit  {unit}, by the rule {category},{area},{unit} of routing.csv");
        }
        let why = match self.ticket_desk {
            Some(TicketDesk::NoArea) | None => "the place lies in no area of the map",
            Some(TicketDesk::NoPosition) => "the report has no position",
            Some(TicketDesk::Sensitive) => "the category is a sensitive one (peka)",
            Some(TicketDesk::Inaccurate) => "the position may be too far off",
            Some(TicketDesk::NearBorder) => "within its accuracy lies an area of another unit",
            Some(TicketDesk::NoRule) => "no rule of routing.csv names a unit for the category there",
        };
        writeln!(f, "unit  none, the ticket desk decides: {why}")?;
        if let Some(unit) = &self.suggested_unit {
            writeln!(f, "      the rules name {unit}, which the ticket desk is told")?;
        }
        Ok(())
    }
}
