//! A stack for one command alone, on an engine of its own, beside a system that may be up.

use crate::{
    deploy,
    engine::{Engine, Home, free_port},
    project::Project,
    venv,
};
use anyhow::Result;

/// Starts an engine that knows nothing on a free port, deploys to it and seeds it; `stack.json` is written then.
///
/// With `keep` an engine that still runs is kept as it is, and what has changed is deployed to it. The functions and `tuntas` are built
/// already: whoever calls this holds the lock on stacks.
pub(crate) async fn start(
    project: &Project,
    home: &Home,
    name: &str,
    parameters: &[String],
    keep: bool,
) -> Result<Engine> {
    let interpreter = venv::engine(project).await?;
    let (engine, is_new) = match Engine::running(home) {
        Some(engine) if keep => (engine, false),
        left_over => {
            if let Some(engine) = left_over {
                engine.stop()?;
            }
            home.wipe()?;
            (Engine::start(project, home, &interpreter, free_port()?)?, true)
        }
    };
    deploy::deploy(project, home, &engine, name, parameters).await?;
    // On an engine that was kept, tests have left units that are in no folder.
    if is_new {
        deploy::seed(project, home, &engine).await?;
    }
    Ok(engine)
}
