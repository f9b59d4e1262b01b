//! Sets up `deliver` and serves it.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    glue::serve::start("deliver", deliver::serve()).await
}
