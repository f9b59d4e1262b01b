//! `DELETE /v1/track/{ticket}`: the identity, and photos that officers have not before them, are erased at once; the report is
//! closed at a slot.

use crate::{
    App,
    action::{Change, Decided, carry_out},
};
use domain::{release::Effects, reporter_actions};
use lambda_http::{Body, Request, Response};
use runtime::problem::Problem;
use store::reports::PhotoChange;

pub(crate) async fn withdraw(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let done = carry_out(
        app,
        request,
        |_| Ok(()),
        async |(), opened, action_stamp, clock| {
            let report = &opened.report;
            let theirs = app.reporter_photos(report).await?;
            let gone = reporter_actions::taken_back(report, &theirs, action_stamp.stamp.now);
            let photos: Vec<_> = gone.map(|photo| (photo.clone(), PhotoChange::Gone)).collect();
            let repeats = report.reporter.erased;
            if repeats && photos.is_empty() {
                return Ok(Decided::Repeated(()));
            }
            let decided = if repeats {
                (report.clone(), Effects::default())
            } else {
                reporter_actions::withdraw(report, action_stamp, clock)
            };
            Ok(Change { photos, erases: true, repeats, ..Change::of(decided) }.into())
        },
    );
    let done = done.await?;
    app.reconcile_photos(&done.report).await?;
    done.response(request)
}
