//! An engine and a stack of a command's own, beside a system that may be up.

use crate::{
    deploy,
    engine::{Engine, Home, free_port},
    project::{Project, make_private_directory},
    seed,
    stack::Stack,
};
use anyhow::Result;
use std::path::Path;

/// Where such an engine lives: a directory of its own within `.local`.
pub(crate) fn home(project: &Project, purpose: &str) -> Result<Home> {
    let directory = project.local().join(purpose);
    make_private_directory(&directory)?;
    Ok(Home::at(directory))
}

/// Starts an engine that knows nothing on a free port, deploys to it and seeds it; `stack.json` is written then.
///
/// With `keep` an engine that still runs is kept as it is, and what has changed is deployed to it. Builds: whoever calls this has the
/// turn of preparing.
pub(crate) async fn engine(
    project: &Project,
    home: &Home,
    interpreter: &Path,
    name: &str,
    parameters: &[String],
    keep: bool,
) -> Result<Engine> {
    deploy::build(project).await?;
    let engine = match Engine::running(home) {
        Some(engine) if keep => engine,
        left_over => {
            if let Some(engine) = left_over {
                engine.stop()?;
            }
            home.wipe()?;
            Engine::start(home, interpreter, free_port()?)?
        }
    };
    let before = Stack::read(&home.stack_file()).ok();
    let mut stack = deploy::deploy(project, home, &engine, name, parameters).await?;
    seed::seed(project, &mut stack, before.as_ref()).await?;
    stack.write(&home.stack_file())?;
    Ok(engine)
}
