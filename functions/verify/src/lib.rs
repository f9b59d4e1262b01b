//! `POST /v1/reports/{ticket}/verification`: the bureau judges a TL in the field.

use domain::{act::Act, command::parse_verification};
use officer_commands::Commands;
use runtime::{
    aws,
    serve::{self, StartError},
};

/// Sets up the function and serves its route.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let commands = Commands::from_settings(officer_commands::dynamodb(&aws::config()))?;
    serve::http("verify", async |request| {
        officer_commands::answer(&commands, &request, &[Act::Verify, Act::CouldNotLook], parse_verification)
            .await
    })
    .await
}
