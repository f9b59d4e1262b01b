//! Carrying out a reporter's action, in one way for all of them: read, decide, store, and again after a conflict.
//!
//! Each action is idempotent: who got no response sends the same request again, and it completes what the first left undone.

use crate::App;
use aws_failure::Failure;
use city_clock::Current;
use domain::{
    clock::Clock,
    decision::Stamp,
    ids::{EventId, PhotoId, Version},
    photo::Photo,
    release::Effects,
    report::Report,
    reporter_actions::ActionStamp,
    response::TrackResponse,
    secret::ReportSecret,
};
use jiff::Timestamp;
use lambda_http::{Body, Request, Response, http::StatusCode};
use runtime::{caller, clock, entropy, problem::Problem, request, response::JsonResponse};
use store::{
    reports::{PhotoChange, ReporterChange},
    transaction::ATTEMPTS,
};

/// A report with the secret that opened it.
pub(crate) struct Opened {
    pub(crate) report: Report,
    pub(crate) secret: ReportSecret,
}

/// The result of deciding on an action, with what else its response needs.
pub(crate) enum Decided<R = ()> {
    /// An earlier request did it: nothing is to be stored.
    Repeated(R),
    /// The change is to be stored, all or nothing.
    Changed(Box<Change>, R),
}

/// The change that an action makes.
pub(crate) struct Change {
    /// The snapshot after the action.
    pub(crate) report: Report,
    /// The events and announcements that come with it.
    pub(crate) effects: Effects,
    /// Photos that the reporter declares.
    pub(crate) new_photos: Vec<Photo>,
    /// Photos of the report that change.
    pub(crate) photos: Vec<(PhotoId, PhotoChange)>,
    /// Whether the identity is to be erased.
    pub(crate) erases: bool,
    /// Whether it completes what an earlier request left undone: then the response is a replay.
    pub(crate) repeats: bool,
}

impl Change {
    /// A new snapshot with what came of it at once.
    pub(crate) fn of((report, effects): (Report, Effects)) -> Self {
        let (new_photos, photos) = (Vec::new(), Vec::new());
        Self { report, effects, new_photos, photos, erases: false, repeats: false }
    }
}

impl From<Change> for Decided {
    fn from(change: Change) -> Self {
        Self::Changed(Box::new(change), ())
    }
}

/// An action that has been carried out, now or by an earlier request.
pub(crate) struct CarriedOut<T, R = ()> {
    /// What the request asked for.
    pub(crate) wanted: T,
    /// What else the response needs.
    pub(crate) rest: R,
    /// The report as it was before the action, and its secret.
    pub(crate) opened: Opened,
    /// The report as it is after the action.
    pub(crate) report: Report,
    /// Whether an earlier request carried it out.
    pub(crate) replayed: bool,
    /// The moment at which the action was decided.
    pub(crate) now: Timestamp,
}

impl<T, R> CarriedOut<T, R> {
    /// 200 with the report as its reporter sees it.
    pub(crate) fn response(&self, request: &Request) -> Result<Response<Body>, Problem> {
        let body = TrackResponse::of(&self.report, caller::language(request));
        JsonResponse::new(StatusCode::OK).replayed(self.replayed).json(&body)
    }
}

/// Carries out the action of `request` in the contract's order: 404, then what is wrong with body and query, then 409.
///
/// `parse` reads the body, after the secret has opened the report; `decide` is called again when the report has changed in between.
pub(crate) async fn carry_out<T, R>(
    app: &App,
    request: &Request,
    parse: impl Fn(&Request) -> Result<T, Problem>,
    decide: impl AsyncFn(&T, &Opened, ActionStamp, Clock<'_>) -> Result<Decided<R>, Problem>,
) -> Result<CarriedOut<T, R>, Problem> {
    for _ in 0..ATTEMPTS {
        let opened = app.open(request).await?;
        let wanted = parse(request)?;
        request::query(request, &[])?;
        let action_stamp = new_action_stamp();
        let now = action_stamp.stamp.now;
        let Current { report, calendar, unit_change } =
            app.city.look_up_for_reporter(&opened.report, now).await?;
        if unit_change.is_some() {
            // What the reporter does may be released at once, and never to a unit that was closed.
            app.city.do_due(&app.reports, &opened.report, now).await?;
            continue;
        }
        let opened = Opened { report, ..opened };
        let clock = app.city.by(&calendar);
        let (change, rest) = match decide(&wanted, &opened, action_stamp, clock).await? {
            Decided::Changed(change, rest) => (*change, rest),
            Decided::Repeated(rest) => {
                let report = opened.report.clone();
                return Ok(CarriedOut { wanted, rest, opened, report, replayed: true, now });
            }
        };
        let done = ReporterChange {
            report: &change.report,
            effects: &change.effects,
            new_photos: &change.new_photos,
            photos: &change.photos,
            erase_from: change.erases.then_some(app.vault_table.as_str()),
        };
        if app.reports.by_reporter(&opened.report, &done, now).await? {
            let Change { report, repeats, .. } = change;
            return Ok(CarriedOut { wanted, rest, opened, report, replayed: repeats, now });
        }
    }
    Err(Problem::from(Failure::RetriesExhausted))
}

fn new_action_stamp() -> ActionStamp {
    let [draw] = entropy::bytes();
    ActionStamp {
        stamp: Stamp {
            now: clock::now(),
            version: Version::from_bytes(&entropy::bytes()),
            event: EventId::from_bytes(&entropy::bytes()),
            body_digest: None,
        },
        draw,
    }
}
