//! An engine and a stack of a command's own, beside a system that may be up.

use crate::{
    deploy,
    engine::{Engine, Home, free_port},
    project::{Project, make_private_directory},
    venv,
};
use anyhow::Result;

/// Where such an engine lives: a directory of its own within `.local`.
pub(crate) fn home(project: &Project, purpose: &str) -> Result<Home> {
    let directory = project.local().join(purpose);
    make_private_directory(&directory)?;
    Ok(Home::at(directory))
}

/// Starts an engine that knows nothing on a free port, deploys to it and seeds it; `stack.json` is written then.
///
/// With `keep` an engine that still runs is kept as it is, and what has changed is deployed to it. The functions and `tuntas` are built
/// already: whoever calls this has the turn of preparing.
pub(crate) async fn engine(
    project: &Project,
    home: &Home,
    name: &str,
    parameters: &[String],
    keep: bool,
) -> Result<Engine> {
    let interpreter = venv::engine(project).await?;
    let engine = match Engine::running(home) {
        Some(engine) if keep => engine,
        left_over => {
            if let Some(engine) = left_over {
                engine.stop()?;
            }
            home.wipe()?;
            Engine::start(project, home, &interpreter, free_port()?)?
        }
    };
    deploy::deploy(project, home, &engine, name, parameters).await?;
    deploy::seed(home, &engine).await?;
    Ok(engine)
}
