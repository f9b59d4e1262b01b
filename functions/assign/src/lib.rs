//! `POST /v1/reports/{ticket}/assignment`: assign, recall, accept, forward, delegate, return, reject, merge; `POST /v1/assignments`, which does
//! one of these to many reports; and corrections, notes and claims.

mod bulk;
mod claim;
mod correction;
mod note;

use domain::{
    command::{Assignment, Command},
    location::CityBox,
    report::Report,
    ticket::Ticket,
    unit::{Code, Unit},
    validation_errors::{ValidationError, ValidationErrorCode},
    view::{likeness_named, viewer},
    warnings::Warning,
};
use lambda_http::{Body, Request, Response};
use officer_commands::{CarriedOut, Commands, Context, Prepared};
use runtime::{
    aws, caller, gateway,
    problem::Problem,
    serve::{self, StartError},
    settings,
};
use store::city_map::CityMap;

struct App {
    commands: Commands,
    map: CityMap,
    city: CityBox,
}

/// Sets up the function and serves its routes.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let client = officer_commands::dynamodb(&aws::config());
    let app = App {
        commands: Commands::from_settings(client.clone())?,
        map: CityMap::new(client, settings::var("MAP_TABLE")?),
        city: settings::city_box()?,
    };
    serve::http("assign", async |request| handle(&app, request).await).await
}

async fn handle(app: &App, request: Request) -> Result<Response<Body>, Problem> {
    if gateway::is_route(&request, bulk::ROUTE) {
        return bulk::handle(app, &request).await;
    }
    if gateway::is_route(&request, correction::ROUTE) {
        return correction::correct(app, &request).await;
    }
    if gateway::is_route(&request, note::ROUTE) {
        return note::write(app, &request).await;
    }
    if gateway::is_route(&request, claim::ROUTE) {
        return claim::claim(app, &request).await;
    }
    let done = officer_commands::execute(
        &app.commands,
        &request,
        Assignment::ACTS,
        |body| Assignment::parse(body).map(|assignment| (assignment.act(), assignment)),
        async |assignment, context| app.prepare(assignment, context).await,
    )
    .await?;
    done.answer(caller::language(&request), warnings(&done))
}

/// What units will read masked of a summary.
fn warnings(done: &CarriedOut) -> Vec<Warning> {
    Warning::of(&done.report.terms.keeps, [("summary", done.event.summary.as_deref())])
}

impl App {
    async fn prepare(&self, assignment: &Assignment, context: &Context<'_>) -> Result<Prepared, Problem> {
        let command = match assignment {
            Assignment::Assign { unit, summary } => {
                Command::Assign { unit: self.unit(unit, context).await?, summary: summary.clone() }
            }
            Assignment::Recall => Command::Recall,
            Assignment::Delegate { unit } => Command::Delegate { unit: self.unit(unit, context).await? },
            Assignment::Forward { unit, reason } => {
                Command::Forward { unit: self.unit(unit, context).await?, reason: reason.clone() }
            }
            Assignment::Merge { into } => self.merge(into, context).await?,
            Assignment::Accept => Command::Accept,
            Assignment::Reject { reason } => Command::Reject { reason: reason.clone() },
            Assignment::Return { reason } => Command::Return { reason: reason.clone() },
        };
        Ok(command.into())
    }

    async fn unit(&self, code: &Code, context: &Context<'_>) -> Result<Unit, Problem> {
        let unit = self.commands.city.registry.unit(code, context.now).await?;
        unit.ok_or_else(|| ValidationError::new("unit", ValidationErrorCode::NoSuchCode).into())
    }

    async fn merge(&self, into: &Ticket, context: &Context<'_>) -> Result<Command, Problem> {
        // The decision refuses to merge a report into itself, without a second read.
        if *into == context.report.ticket {
            return Ok(Command::Merge { root: Box::new(context.report.clone()) });
        }
        let other = self.commands.reports.get(into).await?;
        // A report that the caller may not see, and that is not named to them as similar now, counts as one that does not exist: neither its
        // existence nor its status is told.
        let is_named = |other: &Report| likeness_named(context.report, other).is_some();
        let other = other.filter(|other| viewer(other, context.officer).is_some() || is_named(other));
        let other = other.ok_or_else(|| ValidationError::new("into", ValidationErrorCode::NoSuchTicket))?;
        Ok(Command::Merge { root: Box::new(other) })
    }
}
