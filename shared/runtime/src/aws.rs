//! How functions talk to AWS.

use crate::{settings, telemetry};
use aws_config::{
    BehaviorVersion, Region, SdkConfig, environment::EnvironmentVariableCredentialsProvider,
    retry::RetryConfig, timeout::TimeoutConfig,
};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_failure::transaction::Transaction;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector},
        interceptors::{Intercept, context::BeforeTransmitInterceptorContextRef, dyn_dispatch_hint},
        orchestrator::Metadata,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use std::time::Duration;

/// The time limit for a connection. Within a region it takes a few milliseconds.
const CONNECT: Duration = Duration::from_millis(1000);
/// The time limit for one try. Three do not fit into [`CALL`]: a third happens only after fast failures, such as throttling.
const TRY: Duration = Duration::from_millis(3000);
/// The time limit for all tries of a call. Below the 10 s of a function, so that its caller gets a 503 before Lambda ends the
/// invocation.
const CALL: Duration = Duration::from_millis(7000);
/// The SDK's standard retries: exponential back-off with jitter, and a budget that stops a storm.
const TRIES: u32 = 3;

/// The configuration for every client of a function, of what Lambda tells it: its role's credentials and its region, and of
/// `AWS_ENDPOINT_URL` where AWS is elsewhere.
///
/// `aws_config::defaults` would also look for profiles, web identities, containers and machines that could name somebody: none of
/// them may speak for a function, and looking for them takes time at each start (docs/adr/0012).
///
/// [`client!`] makes a client of it.
pub fn config() -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(TRY)
        .operation_timeout(CALL)
        .build();
    let https = Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build_https();
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(settings::var("AWS_REGION").ok().map(Region::new))
        .credentials_provider(SharedCredentialsProvider::new(EnvironmentVariableCredentialsProvider::new()))
        .http_client(AtFirstCall(https))
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES));
    config.set_endpoint_url(settings::var("AWS_ENDPOINT_URL").ok());
    config.build()
}

/// Makes a client of a service, such as `client!(aws_sdk_dynamodb, &config)`: the one place that does, so that none is made whose
/// calls are not counted. Functions may make no client by themselves (`functions/clippy.toml`).
///
/// It is a macro because the clients of two services have no trait in common.
#[macro_export]
macro_rules! client {
    ($sdk:ident, $config:expr) => {{
        let config = $sdk::config::Builder::from($config).interceptor($crate::aws::AwsCalls).build();
        #[allow(clippy::disallowed_methods, reason = "this is the one maker that the rule speaks of")]
        let client = $sdk::Client::from_conf(config);
        client
    }};
}
pub use crate::client;

/// The SDK's own HTTP client, one for all clients of a function, made when the first of them calls.
///
/// By itself the SDK makes a connector for each client when that is made, only to see whether it can be, throws it away, and makes
/// another at the client's first call. Each reads some 140 root certificates.
#[derive(Debug)]
struct AtFirstCall(SharedHttpClient);

impl HttpClient for AtFirstCall {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        self.0.http_connector(settings, components)
    }
}

/// Counts the calls to AWS that an invocation makes, by operation, for its log line.
///
/// It counts what goes out: each retry is a call, and signing a URL is none. It reads the operation's name, a transaction's, and
/// whether a URL is being signed, and nothing else.
/// Calls made in a task that the handler spawned are not counted, for they belong to no invocation.
#[derive(Clone, Copy, Debug)]
pub struct AwsCalls;

#[dyn_dispatch_hint]
impl Intercept for AwsCalls {
    fn name(&self) -> &'static str {
        "AwsCalls"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        cfg: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // The SDK stops only after this where a URL is all that was asked for. Of all requests these alone have it in the query.
        if context.request().uri().contains("X-Amz-Signature=") {
            return Ok(());
        }
        telemetry::count_call(cfg.load::<Metadata>().map_or("unknown", Metadata::name));
        if let Some(transaction) = cfg.load::<Transaction>() {
            telemetry::count_transaction(*transaction);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_credential_types::Credentials;
    use aws_failure::Failure;
    use aws_sdk_s3::presigning::PresigningConfig;

    /// The functions' own, with credentials. Nobody listens on port 1.
    fn with_credentials() -> SdkConfig {
        let mut with = config().to_builder();
        with.set_region(Region::new("ap-southeast-3"));
        with.set_credentials_provider(Some(SharedCredentialsProvider::new(Credentials::for_tests())));
        with.set_endpoint_url(Some("http://127.0.0.1:1".to_owned()));
        with.build()
    }

    /// STS stands for any service: its client is small.
    fn client() -> aws_sdk_sts::Client {
        client!(aws_sdk_sts, &with_credentials())
    }

    #[tokio::test]
    async fn every_try_is_counted_by_its_operation() {
        let client = client();
        let (failure, notes) = telemetry::noted(async {
            let error = client.get_caller_identity().send().await.unwrap_err();
            Failure::of(&error)
        })
        .await;
        assert_eq!(failure, Failure::Unavailable);
        let calls = notes.calls();
        assert_eq!(calls.len(), 1);
        assert!((1..=TRIES).contains(&calls["GetCallerIdentity"]));
    }

    #[tokio::test]
    async fn signing_a_url_is_no_call() {
        let s3 = client!(aws_sdk_s3, &with_credentials());
        let expires = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
        let put = s3.put_object().bucket("photos").key("incoming/x");
        let (signed, notes) = telemetry::noted(put.presigned(expires)).await;
        assert!(signed.unwrap().uri().starts_with("http://127.0.0.1:1/"));
        assert!(notes.calls().is_empty());
        let (_, notes) = telemetry::noted(s3.get_object().bucket("photos").key("x").send()).await;
        assert!(notes.calls().contains_key("GetObject"));
    }

    #[tokio::test]
    async fn a_transaction_is_counted_by_its_name_and_its_retries_once_more() {
        let client = client();
        let ((), notes) = telemetry::noted(async {
            for is_retry in [false, true] {
                let named = Transaction { name: "commit", is_retry };
                let _ = client.get_caller_identity().customize().interceptor(named).send().await;
            }
            // The name goes no further than the call that it was given to.
            let _ = client.get_caller_identity().send().await;
        })
        .await;
        let (calls, named) = (notes.calls()["GetCallerIdentity"], notes.transactions()["commit"]);
        assert!((2..=2 * TRIES).contains(&named) && named < calls, "{named} of {calls}");
        assert!(notes.transaction_retries() < named);
        assert_ne!(notes.transaction_retries(), 0);
    }

    #[test]
    fn the_time_for_a_call_ends_before_the_functions_own() {
        let config = config();
        let timeouts = config.timeout_config().unwrap();
        assert!(timeouts.operation_timeout().unwrap() < Duration::from_secs(8));
        assert!(timeouts.operation_attempt_timeout() < timeouts.operation_timeout());
        assert!(timeouts.connect_timeout() < timeouts.operation_attempt_timeout());
    }
}
