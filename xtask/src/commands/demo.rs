//! `demo`: a report's whole life over HTTP, on the local stack. What plays it is `xtask/demo`.

use crate::{
    cargo,
    engine::{Engine, Home},
    project::Project,
};
use anyhow::{Result, bail};

/// Becomes the demonstration, which looks out for an interruption itself: it must remove what it subscribed.
pub(crate) async fn demo(project: &Project) -> Result<()> {
    let home = Home::local(project);
    let Some(engine) = Engine::running(&home) else {
        bail!("the local stack is not up; `cargo xtask up --detach` brings it up");
    };
    engine.leave();
    cargo::become_program(project, "demo", "demo", [home.stack_file().as_os_str()]).await
}
