//! `POST /v1/reports/{ticket}/verification`: the bureau judges a TL in the field.

use command::Commands;
use domain::{command::parse_verification, words::Act};
use glue::{
    aws,
    serve::{self, StartError},
};

/// Serves the route.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let commands = Commands::from_settings(command::dynamodb(&aws::config()))?;
    serve::http("verify", async |request| {
        command::answer(&commands, &request, Act::Verify, parse_verification).await
    })
    .await
}
