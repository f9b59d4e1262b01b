//! Which DynamoDB is asked, and who it is.

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use std::{env, sync::LazyLock};
use tests::{http::Call, operator::wait, stack};

/// The DynamoDB under test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Engine {
    /// MiniStack, the engine of the stack.
    MiniStack,
    /// Dynoxide, the second opinion.
    Dynoxide,
    /// Any other: held to what AWS documents.
    Other,
}

struct Endpoint {
    url: String,
    region: String,
    engine: Engine,
}

static ENDPOINT: LazyLock<Endpoint> = LazyLock::new(|| {
    let (url, region) = match (env::var("TUNTAS_DYNAMODB"), env::var("TUNTAS_STACK")) {
        (Ok(url), _) => (url, "ap-southeast-3".to_owned()),
        (Err(_), Ok(_)) => (stack::stack().endpoint.clone(), stack::stack().region.clone()),
        (Err(_), Err(_)) => panic!(
            "no DynamoDB: TUNTAS_DYNAMODB names an address, or TUNTAS_STACK a stack.json; run `cargo xtask second-opinion` or \
             `cargo xtask test`"
        ),
    };
    let said = Call::url("GET", &url).send();
    let engine = if said.headers.get("server").is_some_and(|name| name.starts_with("Dynoxide")) {
        Engine::Dynoxide
    } else if Call::url("GET", &format!("{url}/_ministack/health")).send().status == 200 {
        Engine::MiniStack
    } else {
        Engine::Other
    };
    Endpoint { url, region, engine }
});

/// The DynamoDB under test.
pub(crate) fn engine() -> Engine {
    ENDPOINT.engine
}

/// The address of that DynamoDB.
pub(crate) fn url() -> &'static str {
    &ENDPOINT.url
}

/// A client of that DynamoDB.
pub(crate) fn client() -> Client {
    client_of(url())
}

/// A client of somebody who stands before it.
pub(crate) fn client_of(url: &str) -> Client {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(ENDPOINT.region.clone()))
        .endpoint_url(url)
        .credentials_provider(Credentials::new("test", "test", None, None, "operator"));
    Client::new(&wait(config.load()))
}
