//! Sets up `web` and serves it.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    runtime::serve::start("web", web::serve()).await
}
