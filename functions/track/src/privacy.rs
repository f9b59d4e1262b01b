//! `PUT /v1/track/{ticket}/privacy`: the reporter locks their photos, or lets them be seen.

use crate::{
    App,
    action::{Change, Decided, carry_out},
};
use domain::{
    privacy::Privacy,
    reporter_actions::{self, parse_privacy},
};
use lambda_http::{Body, Request, Response};
use runtime::{problem::Problem, request::json_body};
use store::reports::PhotoChange;

pub(crate) async fn change_privacy(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let parse = |request: &Request| Ok(parse_privacy(&json_body(request)?)?);
    let done = carry_out(app, request, parse, async |&privacy, opened, action_stamp, clock| {
        let report = &opened.report;
        if report.requested_privacy() == privacy {
            return Ok(Decided::Repeated(()));
        }
        let locked = privacy == Privacy::Private;
        let theirs = app.reporter_photos(report).await?;
        let photos = theirs.into_iter().map(|photo| (photo.photo, PhotoChange::Moved { locked })).collect();
        let decided = reporter_actions::change_privacy(report, privacy, action_stamp, clock);
        Ok(Change { photos, ..Change::of(decided) }.into())
    });
    let done = done.await?;
    // Also after a repeated request: the first one may have been cut off before the objects were moved.
    app.reconcile_photos(&done.report).await?;
    done.response(request)
}
