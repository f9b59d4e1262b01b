//! Deploys the template and seeds what came of it: the same template, by the same tool, as on AWS.

use crate::{
    cargo::built,
    engine::{Engine, Home},
    process::{REGION, only_local_account, run_quietly},
    project::Project,
    sam::{outputs, sam},
};
use anyhow::{Context, Result};
use stack_file::{Stack, output};
use tokio::process::Command;

/// Lets SAM look for mistakes in the template, by the rules of CloudFormation on AWS, which the engine does not have.
pub(crate) async fn validate(project: &Project) -> Result<()> {
    // It needs no account, and so gets none: nothing listens there.
    let mut sam = sam(project, "http://127.0.0.1:9").await?;
    sam.args(["validate", "--lint", "--template", "infra/template.yaml", "--region", REGION]);
    run_quietly(&mut sam, "sam validate --lint").await?;
    Ok(())
}

/// Deploys to the engine, and notes in `stack.json` what came out. SAM sends only code that has changed.
pub(crate) async fn deploy(
    project: &Project,
    home: &Home,
    engine: &Engine,
    name: &str,
    overrides: &[String],
) -> Result<()> {
    let mut sam = sam(project, &engine.endpoint()).await?;
    sam.args(["deploy", "--config-env", "local", "--no-progressbar", "--stack-name", name]);
    if !overrides.is_empty() {
        sam.arg("--parameter-overrides").args(overrides);
    }
    run_quietly(&mut sam, "sam deploy").await?;
    let outputs = outputs(project, &engine.endpoint(), name, REGION).await?;
    // Keys and passwords that were given out stay as they are.
    let before = Stack::read(&home.stack_file()).ok();
    let (officers, channels, categories, units) = before
        .map(|stack| (stack.officers, stack.channels, stack.categories, stack.units))
        .unwrap_or_default();
    let stack = Stack {
        name: name.to_owned(),
        api: api(output(&outputs, "Api")?, engine.port())?,
        region: REGION.to_owned(),
        endpoint: engine.endpoint(),
        engine_log: home.log(),
        state: home.state(),
        user_pool: output(&outputs, "UserPoolId")?.to_owned(),
        officer_client: output(&outputs, "OfficerClientId")?.to_owned(),
        officers,
        channels,
        categories,
        units,
        outputs,
    };
    stack.write(&home.stack_file())
}

/// Has the operator's tool seed the stack; `stack.json` then has officers' passwords and channels' keys too.
pub(crate) async fn seed(project: &Project, home: &Home, engine: &Engine) -> Result<()> {
    let mut tuntas = Command::new(built("tuntas")?);
    only_local_account(&mut tuntas, &engine.endpoint());
    tuntas.arg("seed").arg(project.root.join("infra")).arg("--file").arg(home.stack_file());
    run_quietly(&mut tuntas, "tuntas seed").await?;
    Ok(())
}

/// Where the API answers now. The engine remembers the port on which it made the API.
fn api(made_at: &str, port: u16) -> Result<String> {
    let id = made_at
        .split_once("://")
        .and_then(|(_, host)| host.split_once('.'))
        .map(|(id, _)| id)
        .context("the API's address has another form")?;
    Ok(format!("http://{id}.execute-api.localhost:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_answers_at_the_port_of_today() {
        let api = api("http://88e2e1d1.execute-api.localhost:4566", 4700).unwrap();
        assert_eq!(api, "http://88e2e1d1.execute-api.localhost:4700");
    }
}
