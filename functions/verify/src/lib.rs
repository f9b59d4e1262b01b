//! `POST /v1/reports/{ticket}/verification`: the bureau judges a TL in the field.

use command::Commands;
use domain::{command::parse_verification, words::Act};
use glue::{
    aws::{self, AwsCalls},
    caller,
    problem::Problem,
    serve::{self, StartError},
    settings,
};
use lambda_http::{Body, Request, Response};
use store::reports::Reports;

/// Serves the route.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let slots = settings::slots()?;
    let config = aws::config().await;
    let client = aws_sdk_dynamodb::Client::from_conf(
        aws_sdk_dynamodb::config::Builder::from(&config).interceptor(AwsCalls).build(),
    );
    let reports = Reports::new(client, settings::var("REPORTS_TABLE")?, slots.zone.clone());
    let commands = Commands { reports, slots };
    serve::http("verify", async |request| handle(&commands, request).await).await
}

async fn handle(commands: &Commands, request: Request) -> Result<Response<Body>, Problem> {
    let done = command::execute(
        commands,
        &request,
        &[Act::Verify],
        |body| parse_verification(body).map(|command| (Act::Verify, command)),
        async |command, _| Ok(command.clone().into()),
    )
    .await?;
    done.answer(caller::language(&request))
}
