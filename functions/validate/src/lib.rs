//! `POST /v1/reports/{ticket}/validation`: the bureau judges a TL.

use command::Commands;
use domain::{command::parse_validation, words::Act};
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
    serve::http("validate", async |request| {
        command::answer(&commands, &request, Act::Validate, parse_validation).await
    })
    .await
}
