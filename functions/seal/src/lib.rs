//! Triggered every hour: seals the complete hours of the access log, each seal holding the hash of the one before.

use access_log_seals::{bucket::Bucket, sealer::Sealer};
use runtime::{
    aws::{self, client},
    batch::Outcome,
    clock::{self, Stopwatch},
    serve::{self, StartError},
    settings,
};
use serde_json::Value;
use std::time::Duration;
use store::access_log::Accesses;

/// The time after which the rest is left to the next run. One hour with very many looks takes some seconds.
const LONGEST: Duration = Duration::from_secs(200);

/// Sets up the function and serves the schedule.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let dynamodb = client!(aws_sdk_dynamodb, &config);
    let s3 = client!(aws_sdk_s3, &config);
    let accesses = Accesses::new(dynamodb, settings::var("ACCESSES_TABLE")?);
    let sealer = Sealer::new(accesses, Bucket::new(s3, settings::var("SEALS_BUCKET")?));
    // The event's content is ignored: only the clock decides which hours are complete.
    serve::events("seal", async |_: Value| run(&sealer).await).await
}

/// Seals every hour that is due, and counts them. Stops at the first failure, because the next seal must hold the hash of the
/// one before.
async fn run(sealer: &Sealer) -> Outcome {
    let watch = Stopwatch::start();
    let mut outcome = Outcome::default();
    let due = match sealer.due(clock::now()).await {
        Ok(due) => due,
        Err(failure) => {
            outcome.fail(failure, "");
            return outcome;
        }
    };
    let mut previous = due.previous;
    for hour in due.hours() {
        if watch.elapsed() > LONGEST {
            break;
        }
        match sealer.seal(hour, previous).await {
            Ok(hash) => {
                previous = Some(hash);
                outcome.succeed();
            }
            Err(failure) => {
                outcome.fail(failure, "");
                break;
            }
        }
    }
    outcome
}
