//! `PUT /v1/track/{ticket}/rating`: the reporter rates what was done.

use crate::{
    App,
    action::{Change, Decided, carry_out},
};
use domain::{
    pending_applied::with_pending_applied,
    reporter_actions::{self, parse_rating},
};
use lambda_http::{Body, Request, Response};
use runtime::{problem::Problem, request::json_body};

pub(crate) async fn rate(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let parse = |request: &Request| Ok(parse_rating(&json_body(request)?)?);
    let done = carry_out(app, request, parse, async |rating, opened, action_stamp, clock| {
        let report = &opened.report;
        if with_pending_applied(report).0.reporter.rating.as_ref() == Some(rating) {
            return Ok(Decided::Repeated(()));
        }
        Ok(Change::of(reporter_actions::rate(report, rating.clone(), action_stamp, clock)?).into())
    });
    done.await?.response(request)
}
