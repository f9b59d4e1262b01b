//! Sets up `post-tl` and serves it.

use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    runtime::serve::start("post-tl", post_tl::serve()).await
}
