//! Builds the functions and deploys the template: the same template, by the same tool, as on AWS.

use crate::{
    engine::{Engine, Home},
    project::{Project, REGION, only_local_account, run_quietly},
    stack::{Stack, output},
    venv,
};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, path::PathBuf};
use tokio::process::Command;

/// Builds every function and puts it where the template looks for it. `cargo lambda build` writes the same files for AWS.
pub(crate) async fn build(project: &Project) -> Result<()> {
    println!("Building the functions");
    let functions = project.functions()?;
    let mut cargo = project.cargo();
    cargo.args(["build", "--quiet"]);
    for function in &functions {
        cargo.args(["--package", function]);
    }
    if !cargo.status().await.context("cannot start cargo")?.success() {
        bail!("the functions do not build");
    }
    // Cargo puts them beside this program, wherever its target directory is.
    let tool = std::env::current_exe().context("cannot find this program")?;
    let built = tool.parent().context("this program lies nowhere")?;
    for function in &functions {
        let place = project.root.join("target/lambda").join(function);
        fs::create_dir_all(&place).with_context(|| format!("cannot make {}", place.display()))?;
        let binary = built.join(function);
        // A running function may still have the old file open: replace it, never write into it.
        let draft = place.with_extension("new");
        fs::copy(&binary, &draft).with_context(|| format!("cannot copy {}", binary.display()))?;
        fs::rename(&draft, place.join("bootstrap"))
            .with_context(|| format!("cannot fill {}", place.display()))?;
    }
    Ok(())
}

/// Lets SAM look for mistakes in the template, by the rules of CloudFormation on AWS, which the engine does not have.
pub(crate) async fn validate(project: &Project) -> Result<()> {
    println!("Validating the template");
    // It needs no account, and so gets none: nothing listens there.
    let mut sam = sam(project, Some("http://127.0.0.1:9")).await?;
    sam.args(["validate", "--lint", "--template", "infra/template.yaml", "--region", REGION]);
    run_quietly(&mut sam, "sam validate --lint").await?;
    Ok(())
}

/// Deploys to the engine, and says what came out. SAM sends only code that has changed.
pub(crate) async fn deploy(
    project: &Project,
    home: &Home,
    engine: &Engine,
    name: &str,
    overrides: &[String],
) -> Result<Stack> {
    println!("Deploying {name}");
    let mut sam = sam(project, Some(&engine.endpoint())).await?;
    sam.args(["deploy", "--config-env", "local", "--no-progressbar", "--stack-name", name]);
    if !overrides.is_empty() {
        sam.arg("--parameter-overrides").args(overrides);
    }
    run_quietly(&mut sam, "sam deploy").await?;
    let outputs = outputs(project, Some(&engine.endpoint()), name, REGION).await?;
    Ok(Stack {
        name: name.to_owned(),
        api: api(output(&outputs, "Api")?, engine.port())?,
        region: REGION.to_owned(),
        endpoint: engine.endpoint(),
        engine_log: home.log(),
        state: home.state(),
        user_pool: output(&outputs, "UserPoolId")?.to_owned(),
        officer_client: output(&outputs, "OfficerClientId")?.to_owned(),
        officers: Vec::new(),
        channels: Vec::new(),
        categories: Vec::new(),
        units: Vec::new(),
        outputs,
    })
}

/// The outputs of a stack, on the engine or on AWS.
pub(crate) async fn outputs(
    project: &Project,
    endpoint: Option<&str>,
    name: &str,
    region: &str,
) -> Result<BTreeMap<String, String>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Output {
        output_key: String,
        output_value: String,
    }
    let mut sam = sam(project, endpoint).await?;
    sam.args(["list", "stack-outputs", "--output", "json", "--stack-name", name, "--region", region]);
    let answer = run_quietly(&mut sam, "sam list stack-outputs").await?;
    let outputs: Vec<Output> = serde_json::from_str(&answer).context("SAM lists outputs in another form")?;
    Ok(outputs.into_iter().map(|output| (output.output_key, output.output_value)).collect())
}

/// The SAM command line, for the engine at this endpoint or else for AWS.
pub(crate) async fn sam(project: &Project, endpoint: Option<&str>) -> Result<Command> {
    let interpreter: PathBuf = venv::sam(project).await?;
    let mut sam = Command::new(interpreter);
    if let Some(endpoint) = endpoint {
        only_local_account(&mut sam, endpoint);
    }
    sam.args(["-m", "samcli"])
        .current_dir(&project.root)
        .env("SAM_CLI_TELEMETRY", "0")
        .env("SAM_CLI_CHECK_VERSION", "0")
        // Its own notes go beside ours, not into the home directory.
        .env("__SAM_CLI_APP_DIR", project.local().join("sam"));
    Ok(sam)
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
    use std::collections::BTreeSet;

    fn template() -> (Project, String) {
        let project = Project::find().unwrap();
        let text = fs::read_to_string(project.root.join("infra/template.yaml")).unwrap();
        (project, text)
    }

    /// What stands after this word on the lines that have it.
    fn after<'a>(text: &'a str, word: &str) -> BTreeSet<&'a str> {
        text.lines().filter_map(|line| line.split_once(word)).map(|(_, rest)| rest).collect()
    }

    #[test]
    fn the_gateway_may_call_the_function_of_every_route_and_no_other() {
        let (_, template) = template();
        let routes: BTreeSet<String> = after(&template, "RouteKey: ")
            .into_iter()
            .map(|route| {
                let words = route.replace(' ', "").replace("{ticket}", "*").replace("{photo}", "*");
                assert!(!words.contains('{'), "{route} has a variable that this test does not know");
                words
            })
            .collect();
        let permissions: BTreeSet<String> =
            after(&template, ":${Api}/*/").into_iter().map(ToOwned::to_owned).collect();
        // A permission for every method holds for all paths that begin as it does.
        let opens = |permission: &str, route: &str| match permission
            .strip_prefix("*/")
            .and_then(|all| all.strip_suffix('*'))
        {
            Some(path) => route.split_once('/').is_some_and(|(_, at)| at.starts_with(path)),
            None => permission == route,
        };
        assert!(!routes.is_empty());
        for route in &routes {
            let openers = permissions.iter().filter(|permission| opens(permission, route));
            assert_eq!(openers.count(), 1, "{route}");
        }
        for permission in &permissions {
            assert!(routes.iter().any(|route| opens(permission, route)), "{permission}");
        }
    }

    #[test]
    fn the_template_deploys_every_function() {
        let (project, template) = template();
        let deployed: Vec<String> =
            after(&template, "CodeUri: ../target/lambda/").into_iter().map(ToOwned::to_owned).collect();
        assert_eq!(deployed, project.functions().unwrap());
    }

    #[test]
    fn the_api_answers_at_the_port_of_today() {
        let api = api("http://88e2e1d1.execute-api.localhost:4566", 4700).unwrap();
        assert_eq!(api, "http://88e2e1d1.execute-api.localhost:4700");
    }
}
