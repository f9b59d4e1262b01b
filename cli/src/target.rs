//! The stack that a command works on: the local one, or one on AWS.

use crate::exit::Refusal;
use anyhow::{Context, Result};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_lc_rs::rand;
use aws_sdk_cloudformation::types::Output;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use domain::desk::Desk;
use jiff::{Timestamp, tz::TimeZone};
use stack_file::{Stack, output};
use std::{collections::BTreeMap, error::Error, iter, path::PathBuf};
use store::{public_city::PublicCity, reports::Reports};

/// Which stack.
#[derive(Clone, Debug, clap::Args)]
pub struct Which {
    /// A stack on AWS, reached with the usual credentials and region; without it, the local one.
    #[arg(long, global = true)]
    stack: Option<String>,
    /// The local one whose stack.json this is, instead of the one that `cargo xtask up` wrote.
    #[arg(long, global = true, conflicts_with = "stack", value_name = "STACK_JSON")]
    file: Option<PathBuf>,
}

impl Which {
    /// Where the local stack's `stack.json` lies: in `.local` of this folder or of one above it.
    #[must_use]
    pub fn stack_file(&self) -> PathBuf {
        let usual = PathBuf::from(".local/stack.json");
        let found = || {
            let here = std::env::current_dir().ok()?;
            here.ancestors().map(|folder| folder.join(&usual)).find(|file| file.is_file())
        };
        self.file.clone().or_else(found).unwrap_or(usual)
    }

    /// The stack, ready to be called.
    ///
    /// # Errors
    /// [`Refusal::Unreachable`] when there is no such stack, or these credentials cannot describe it.
    pub async fn target(&self) -> Result<Target> {
        let Some(name) = self.stack.clone() else {
            let stack = Stack::read(&self.stack_file())
                .map_err(|error| Refusal::Unreachable(format!("{error:#}; --stack names one on AWS")))?;
            return Ok(Target::local(&stack).await);
        };
        let config = aws_config::load_defaults(BehaviorVersion::latest()).await;
        if config.region().is_none() {
            return Err(Refusal::Unreachable("no AWS region is set: set AWS_REGION".to_owned()).into());
        }
        let outputs = outputs(&name, &config).await?;
        let local = config.endpoint_url().is_some_and(|endpoint| endpoint.starts_with("http://"));
        Ok(Target { name, outputs, config, local })
    }
}

/// A stack that can be called.
pub struct Target {
    /// The name of the stack.
    pub name: String,
    /// Every output of the template.
    pub outputs: BTreeMap<String, String>,
    /// Region, credentials and endpoint.
    pub config: SdkConfig,
    /// On plain HTTP, a policy that demands TLS would lock everybody out.
    pub local: bool,
}

impl Target {
    /// The stack on the local engine.
    pub async fn local(stack: &Stack) -> Self {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(&stack.endpoint)
            .region(Region::new(stack.region.clone()))
            .credentials_provider(Credentials::new("test", "test", None, None, "local engine"))
            .load()
            .await;
        Self { name: stack.name.clone(), outputs: stack.outputs.clone(), config, local: true }
    }

    /// The reports table. `Reports` uses a time zone only to compute urgencies; the tool computes none, so any zone will do.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn reports(&self) -> Result<Reports> {
        let dynamodb = aws_sdk_dynamodb::Client::new(&self.config);
        Ok(Reports::new(dynamodb, self.output("ReportsTable")?.to_owned(), TimeZone::UTC))
    }

    /// Every desk of the city.
    ///
    /// # Errors
    /// When the city could not be read.
    pub async fn desks(&self) -> Result<Vec<Desk>> {
        let dynamodb = aws_sdk_dynamodb::Client::new(&self.config);
        let city = PublicCity::new(dynamodb, self.output("CityTable")?.to_owned());
        city.desks(now()).await.context("cannot list the desks")
    }

    /// One output of the template.
    ///
    /// # Errors
    /// When the template has no such output.
    pub fn output(&self, name: &str) -> Result<&str> {
        output(&self.outputs, name)
    }
}

/// The outputs of a deployed stack.
async fn outputs(name: &str, config: &SdkConfig) -> Result<BTreeMap<String, String>> {
    let described =
        aws_sdk_cloudformation::Client::new(config).describe_stacks().stack_name(name).send().await;
    let described = described.map_err(|error| {
        Refusal::Unreachable(format!("cannot describe the stack {name}: {:#}", plainly(error)))
    })?;
    let stack = described.stacks().first();
    let stack = stack.ok_or_else(|| Refusal::Unreachable(format!("there is no stack {name}")))?;
    let output = |output: &Output| Some((output.output_key()?.to_owned(), output.output_value()?.to_owned()));
    Ok(stack.outputs().iter().filter_map(output).collect())
}

/// The present moment.
#[must_use]
pub fn now() -> Timestamp {
    #[expect(
        clippy::disallowed_methods,
        reason = "the tool lives in real time; runtime::clock is for functions"
    )]
    Timestamp::now()
}

/// Random bytes from the operating system.
///
/// # Errors
/// When the machine gives none.
pub fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    #[expect(
        clippy::disallowed_methods,
        reason = "the tool draws keys itself; runtime::entropy is for functions"
    )]
    rand::fill(&mut bytes).map_err(|_| anyhow::anyhow!("no randomness"))?;
    Ok(bytes)
}

/// What DynamoDB says of a write whose condition does not hold.
pub const CONFLICT: &str = "ConditionalCheckFailedException";

/// As [`plainly`]; where a condition did not hold, that the plan is out of date.
pub fn conflict_or_plainly<E: ProvideErrorMetadata + Error + 'static>(error: E) -> anyhow::Error {
    match error.code() {
        Some(CONFLICT) => {
            anyhow::anyhow!("somebody else changed it meanwhile; this changed nothing of it: plan again")
        }
        _ => plainly(error),
    }
}

/// What AWS says of a failure. The Debug form of its errors holds requests and stored items.
pub fn plainly<E: ProvideErrorMetadata + Error + 'static>(error: E) -> anyhow::Error {
    match (error.code(), error.message()) {
        (Some(code), Some(message)) => anyhow::anyhow!("{code}: {message}"),
        (Some(code), None) => anyhow::anyhow!("{code}"),
        // The call did not get as far as a response: no credentials, no connection. No item can be in it.
        (None, _) => {
            let causes = iter::successors(Some(&error as &dyn Error), |error: &&dyn Error| (*error).source());
            let texts: Vec<_> =
                causes.map(|cause| cause.to_string().lines().next().unwrap_or_default().to_owned()).collect();
            anyhow::anyhow!("{}", texts.join(": "))
        }
    }
}
