//! Running in Lambda: from the event to the handler, and from its result to the answer and the log line.
//!
//! ```no_run
//! # use runtime::{problem::Problem, response, serve, settings};
//! # use std::process::ExitCode;
//! #[tokio::main(flavor = "current_thread")]
//! async fn main() -> ExitCode {
//!     serve::start("track", async {
//!         let zone = settings::zone()?;
//!         serve::http("track", async |request| {
//!             let ticket = runtime::request::ticket(&request)?;
//!             response::json(http::StatusCode::OK, &(ticket, zone.iana_name()))
//!         })
//!         .await
//!     })
//!     .await
//! }
//! ```
//!
//! A handler's result never reaches the runtime as an error: `lambda_runtime` logs the Debug form of one, and a caller would
//! get an answer that says nothing.

use crate::{
    batch,
    batch::Outcome,
    caller,
    clock::{self, Stopwatch},
    gateway,
    problem::Problem,
    response::{self, PartFailed},
    security_headers,
    settings::SettingError,
    telemetry::{self, Ended, Level},
};
use domain::language::Language;
use http::Response;
use lambda_http::{Body, Request};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use std::{
    convert::Infallible,
    future::Future,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// No 404 is sent sooner than this, so that its timing does not tell what a lookup found.
pub const NOT_FOUND_AFTER: Duration = Duration::from_millis(100);

/// Why a function does not start, or stopped. Holds no value from outside.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StartError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Lambda's runtime ended with an error.
    #[error("the runtime ended")]
    Runtime,
}

/// Runs a function's set-up and then its service; says why in one line when it ends.
///
/// This is what `main` returns: a `Result` there would print its error in a form of its own.
pub async fn start(function: &'static str, work: impl Future<Output = Result<(), StartError>>) -> ExitCode {
    telemetry::hush_panics(function);
    match Box::pin(work).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            telemetry::no_start(function, &error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Serves requests of the HTTP API.
///
/// A [`Problem`] becomes its document in the caller's language, and so does a panic (500). A 404 is held back until
/// [`NOT_FOUND_AFTER`] has passed since the start.
///
/// # Errors
/// When Lambda's runtime ends.
pub async fn http<H>(function: &'static str, handler: H) -> Result<(), StartError>
where
    H: AsyncFn(Request) -> Result<Response<Body>, Problem>,
{
    let handler = &handler;
    let service = service_fn(async move |event: LambdaEvent<Payload>| {
        let (reply, line) = http_once(function, handler, event).await;
        telemetry::write_line(&line);
        Ok::<_, Infallible>(reply)
    });
    lambda_runtime::run(service).await.map_err(|_| StartError::Runtime)
}

/// Serves anything else: a stream, a queue, a schedule.
///
/// Records that failed are reported to Lambda and come again; when the event does not parse or the handler panics, all of
/// them do. An event without records that fails (a schedule) comes again at its next turn; its line and its metric say so.
///
/// # Errors
/// When Lambda's runtime ends.
pub async fn events<T, H>(function: &'static str, handler: H) -> Result<(), StartError>
where
    T: DeserializeOwned,
    H: AsyncFn(T) -> Outcome,
{
    let handler = &handler;
    let service = service_fn(async move |event: LambdaEvent<Payload>| {
        let (reply, line) = Box::pin(event_once(function, handler, event)).await;
        telemetry::write_line(&line);
        Ok::<_, Infallible>(reply)
    });
    lambda_runtime::run(service).await.map_err(|_| StartError::Runtime)
}

async fn http_once<H>(function: &'static str, handler: &H, event: LambdaEvent<Payload>) -> (Value, String)
where
    H: AsyncFn(Request) -> Result<Response<Body>, Problem>,
{
    let watch = Stopwatch::start();
    let cold = is_cold();
    let (mut language, mut route, mut gateway_request_id) = (Language::Id, None, None);
    let (result, notes) = telemetry::noted(async {
        let Some(mut request) = gateway::request(event.payload.0) else { return Err(Problem::BadRequest) };
        language = caller::language(&request);
        (gateway_request_id, route) = gateway::names(&request);
        let limit = time_until(event.context.deadline);
        request.extensions_mut().insert(TimeLimit { begun: Stopwatch::start(), limit });
        // Boxed, because the SDK's futures nest deeper than the compiler follows them within one type.
        let work = telemetry::caught(Box::pin(handler(request)));
        // Lambda would end the invocation without a response; this way the caller gets a 503 before that.
        match tokio::time::timeout(limit, work).await {
            Ok(result) => result.unwrap_or(Err(Problem::InternalError("panic"))),
            Err(_) => Err(Problem::from(aws_failure::Failure::Timeout)),
        }
    })
    .await;

    let part = result.as_ref().ok().and_then(|response| response.extensions().get::<PartFailed>()).copied();
    let (outcome, cause) = match (&result, part) {
        (Ok(_), Some(part)) => ("partly", part.cause),
        (Ok(response), None) if response.headers().contains_key(response::REPLAYED) => ("replayed", None),
        (Ok(_), None) => ("ok", None),
        (Err(problem), _) => (problem.word(), problem.cause()),
    };
    let mut response = result.unwrap_or_else(|problem| problem.response(language));
    security_headers::set(&mut response);
    let status = response.status();
    if status == http::StatusCode::NOT_FOUND || response.extensions().get::<response::HeldBack>().is_some() {
        watch.wait_until(NOT_FOUND_AFTER).await;
    }
    let level = match part.map_or(status, |part| part.status).as_u16() {
        503 => Level::Warn,
        500.. => Level::Error,
        _ => Level::Info,
    };
    let ended = Ended {
        function,
        route,
        status: Some(status.as_u16()),
        level,
        outcome,
        cause,
        done: None,
        failed: None,
        latency_ms: milliseconds(watch),
        cold,
        request_id: event.context.request_id,
        gateway_request_id,
    };
    (gateway::reply(response), telemetry::line(clock::now(), ended, notes))
}

async fn event_once<T, H>(function: &'static str, handler: &H, event: LambdaEvent<Payload>) -> (Value, String)
where
    T: DeserializeOwned,
    H: AsyncFn(T) -> Outcome,
{
    let watch = Stopwatch::start();
    let cold = is_cold();
    let all = batch::identifiers(&event.payload.0);
    let (result, notes) = telemetry::noted(async {
        let event = serde_json::from_value(event.payload.0).map_err(|_| "unreadable")?;
        telemetry::caught(Box::pin(handler(event))).await.map_err(|_| "panic")
    })
    .await;

    let is_batch = all.is_some();
    let all = all.unwrap_or_default();
    let (level, word, cause, done, failed, again) = match result {
        Ok(outcome) => {
            let level = if outcome.failed == 0 { Level::Info } else { Level::Warn };
            let cause = outcome.failure.map(aws_failure::Failure::cause);
            (level, outcome.word(), cause, outcome.done, outcome.failed, outcome.again)
        }
        Err(cause) => (Level::Error, "internal_error", Some(cause), 0, all.len(), all),
    };
    let ended = Ended {
        function,
        route: None,
        status: None,
        level,
        outcome: word,
        cause,
        done: Some(done),
        failed: Some(failed),
        latency_ms: milliseconds(watch),
        cold,
        request_id: event.context.request_id,
        gateway_request_id: None,
    };
    (batch::reply(is_batch, &again), telemetry::line(clock::now(), ended, notes))
}

/// An event as it comes, or null where it is not even JSON.
///
/// The runtime would quote the part of an event that does not parse, so nothing may fail to parse before we see it.
struct Payload(Value);

impl<'de> Deserialize<'de> for Payload {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Value::deserialize(deserializer).unwrap_or_default()))
    }
}

/// How long the handler of a request may take, for [`time_left`].
#[derive(Clone, Copy, Debug)]
struct TimeLimit {
    begun: Stopwatch,
    limit: Duration,
}

/// How much longer the handler of this request may take: then the caller is answered 503, whatever has been done by then.
///
/// A request that did not come through [`http`] has no limit.
#[must_use]
pub fn time_left(request: &Request) -> Duration {
    let limit = request.extensions().get::<TimeLimit>();
    limit.map_or(Duration::MAX, |limit| limit.limit.saturating_sub(limit.begun.elapsed()))
}

/// How long a handler may take: until half a second before `deadline` (Unix time in milliseconds).
fn time_until(deadline: u64) -> Duration {
    let now = u64::try_from(clock::now().as_millisecond()).unwrap_or_default();
    Duration::from_millis(deadline.saturating_sub(now).saturating_sub(500))
}

/// Whether this is the first invocation of the process.
fn is_cold() -> bool {
    static WARM: AtomicBool = AtomicBool::new(false);
    !WARM.swap(true, Ordering::Relaxed)
}

fn milliseconds(watch: Stopwatch) -> u64 {
    u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{gateway, problem::Reason};
    use aws_failure::Failure;
    use domain::validation_errors::{ValidationError, ValidationErrorCode};
    use http::StatusCode;
    use lambda_http::Context;
    use rstest::rstest;
    use serde_json::json;

    fn invocation(payload: Value) -> LambdaEvent<Payload> {
        let mut context = Context::default();
        context.request_id = "request-1".to_owned();
        context.deadline = u64::try_from(clock::now().as_millisecond()).unwrap() + 10_000;
        LambdaEvent::new(Payload(payload), context)
    }

    async fn answered(
        changes: Value,
        handler: impl AsyncFn(Request) -> Result<Response<Body>, Problem>,
    ) -> (Value, Value) {
        let event = invocation(gateway::tests::event(changes));
        let (reply, line) = http_once("post-tl", &handler, event).await;
        (reply, serde_json::from_str(&line).unwrap())
    }

    #[tokio::test]
    async fn an_answer_is_handed_on_and_logged_by_its_route() {
        let (reply, line) =
            answered(json!({}), async |_| response::json(StatusCode::OK, &json!({ "a": 1 }))).await;
        assert_eq!((&reply["statusCode"], &reply["body"]), (&json!(200), &json!("{\"a\":1}")));
        assert_eq!(
            (&line["outcome"], &line["status"], &line["level"]),
            (&json!("ok"), &json!(200), &json!("INFO"))
        );
        assert_eq!(line["route"], "POST /v1/reports/{ticket}/tl");
        assert_eq!(
            (&line["request_id"], &line["gateway_request_id"]),
            (&json!("request-1"), &json!("gateway-1"))
        );
    }

    #[tokio::test]
    async fn every_answer_has_the_security_headers() {
        let ok = answered(json!({}), async |_| response::json(StatusCode::OK, &json!({}))).await;
        let problem = answered(json!({}), async |_| Err(Problem::WrongStatus)).await;
        let panic = answered(json!({}), async |_| panic!("bang")).await;
        let no_request =
            answered(json!({ "headers": 3 }), async |_| Err(Problem::InternalError("called"))).await;
        for ((reply, _), status) in [(ok, 200), (problem, 409), (panic, 500), (no_request, 400)] {
            assert_eq!(reply["statusCode"], status);
            assert_eq!(reply["headers"]["cache-control"], "no-store");
            assert_eq!(reply["headers"]["x-content-type-options"], "nosniff");
        }
    }

    #[tokio::test]
    async fn a_replay_has_an_outcome_of_its_own() {
        let again = response::JsonResponse::new(StatusCode::OK).replayed(true);
        let (_, line) = answered(json!({}), async |_| again.json(&json!({}))).await;
        assert_eq!(line["outcome"], "replayed");
    }

    #[rstest]
    #[case(Problem::NotJson, "not_json", "INFO", json!(null))]
    #[case(Problem::Forbidden(Reason::OwnTl), "own_tl", "INFO", json!(null))]
    #[case(Failure::Conflict.into(), "unavailable", "WARN", json!("conflict"))]
    #[case(Failure::Denied.into(), "internal_error", "ERROR", json!("denied"))]
    #[tokio::test]
    async fn a_problem_is_an_answer_and_never_an_error(
        #[case] problem: Problem,
        #[case] outcome: &str,
        #[case] level: &str,
        #[case] cause: Value,
    ) {
        let headers = json!({ "headers": { "accept-language": "en" } });
        let (reply, line) = answered(headers, async |_| Err(problem.clone())).await;
        assert_eq!(reply["statusCode"], problem.status().as_u16());
        assert_eq!(reply["headers"]["content-language"], "en");
        assert_eq!((&line["outcome"], &line["level"]), (&json!(outcome), &json!(level)));
        assert_eq!(line["cause"], cause);
    }

    #[tokio::test]
    async fn what_is_no_request_is_400_and_the_handler_is_not_called() {
        let handler =
            async |_: Request| -> Result<Response<Body>, Problem> { Err(Problem::InternalError("called")) };
        for payload in [json!(null), json!({}), json!("text"), gateway::tests::event(json!({ "headers": 3 }))]
        {
            let (reply, line) = http_once("post-tl", &handler, invocation(payload)).await;
            assert_eq!(reply["statusCode"], 400);
            assert!(line.contains("\"outcome\":\"bad_request\""));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_404_leaves_no_sooner_than_100_ms_after_the_start() {
        for work in [0, 40, 99, 250] {
            let before = Stopwatch::start();
            let (_, line) = answered(json!({}), async |_| {
                tokio::time::sleep(Duration::from_millis(work)).await;
                Err(Problem::NotFound)
            })
            .await;
            // tokio's timer counts whole milliseconds and may ring one late.
            let passed = u64::try_from(before.elapsed().as_millis()).unwrap();
            assert!((work.max(100)..=work.max(100) + 2).contains(&passed), "{passed}");
            assert_eq!(line["latency_ms"], passed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_that_would_outlive_the_function_is_answered_503_in_time() {
        let before = Stopwatch::start();
        let (reply, line) = answered(json!({}), async |_| {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            response::json(StatusCode::OK, &json!({}))
        })
        .await;
        assert!(before.elapsed() < Duration::from_secs(10));
        assert_eq!((&reply["statusCode"], &line["cause"]), (&json!(503), &json!("timeout")));
        assert!(reply["headers"]["retry-after"].is_string());
    }

    #[tokio::test(start_paused = true)]
    async fn a_handler_is_told_how_much_time_it_has_left() {
        let told = std::cell::Cell::default();
        answered(json!({}), async |request| {
            tokio::time::sleep(Duration::from_secs(4)).await;
            told.set(time_left(&request));
            tokio::time::sleep(Duration::from_secs(4)).await;
            response::json(StatusCode::OK, &time_left(&request).as_secs())
        })
        .await;
        // Of ten seconds, half a second is kept for the answer, and a little has passed before the handler begins.
        let told: Duration = told.get();
        assert!((5000..=5500).contains(&told.as_millis()), "{told:?}");
        assert_eq!(time_left(&gateway::tests::sample(json!({}))), Duration::MAX);
    }

    #[rstest]
    #[case(Some(Failure::Throttled.into()), "partly", "WARN", json!("throttled"), json!(1))]
    #[case(Some(Failure::Denied.into()), "partly", "ERROR", json!("denied"), json!(1))]
    #[case(Some(Problem::WrongStatus), "ok", "INFO", json!(null), json!(0))]
    #[case(None, "ok", "INFO", json!(null), json!(0))]
    #[tokio::test]
    async fn a_part_that_failed_is_in_the_line_of_an_answer_that_did_not(
        #[case] problem: Option<Problem>,
        #[case] outcome: &str,
        #[case] level: &str,
        #[case] cause: Value,
        #[case] faults: Value,
    ) {
        let (reply, line) = answered(json!({}), async |_| {
            response::JsonResponse::new(StatusCode::OK)
                .worst_part(problem.as_ref())
                .retry_after(problem.as_ref().and_then(Problem::retry_after_s))
                .json(&())
        })
        .await;
        assert_eq!((&reply["statusCode"], &line["status"]), (&json!(200), &json!(200)));
        assert_eq!((&line["outcome"], &line["level"]), (&json!(outcome), &json!(level)));
        assert_eq!((&line["cause"], &line["Faults"]), (&cause, &faults));
        assert_eq!(reply["headers"].get("retry-after").is_some(), cause == "throttled");
    }

    #[tokio::test(start_paused = true)]
    async fn other_answers_do_not_wait() {
        let before = Stopwatch::start();
        answered(json!({}), async |_| Err(Problem::WrongStatus)).await;
        assert_eq!(before.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_hidden_and_an_unknown_ticket_give_the_same_bytes() {
        let hidden = answered(json!({}), async |_| Err(Problem::NotFound)).await.0;
        let path = json!({ "pathParameters": { "ticket": "never a ticket" } });
        let unknown = answered(path, async |request| {
            crate::request::ticket(&request)?;
            response::json(StatusCode::OK, &())
        })
        .await
        .0;
        assert_eq!(hidden.to_string(), unknown.to_string());
    }

    /// Words that stand in no other place.
    const PLANTED: [&str; 8] = [
        "bendungan-1101",
        "cempedak-2202",
        "durian-3303",
        "elang-4404",
        "flamboyan-5505",
        "gambir-6606",
        "hutan-7707",
        "ikan-8808",
    ];

    fn planted_event() -> Value {
        let mut event = gateway::tests::event(json!({
            "body": format!("{{\"{}\": \"{}\"", PLANTED[0], PLANTED[1]),
            "headers": { "authorization": format!("Bearer {}", PLANTED[2]), "report-secret": PLANTED[3],
                         "content-type": "application/json", "x-other": PLANTED[4] },
            "rawPath": format!("/v1/reports/{}/tl", PLANTED[5]),
            "pathParameters": { "ticket": PLANTED[5] },
            "rawQueryString": format!("{}={}", PLANTED[6], PLANTED[7]),
        }));
        event["requestContext"]["authorizer"]["jwt"]["claims"] =
            json!({ "name": PLANTED[1], "sub": PLANTED[2] });
        event["requestContext"]["http"]["path"] = json!(format!("/v1/reports/{}", PLANTED[5]));
        event
    }

    fn assert_silent(text: &str) {
        for word in PLANTED {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn planted_words_reach_neither_the_line_nor_the_problem() {
        let handler = async |request: Request| {
            match request.headers().get("x-step").map(|step| step.as_bytes()) {
                Some(b"officer") => crate::caller::officer(&request).map(|_| ())?,
                Some(b"ticket") => crate::request::ticket(&request).map(|_| ())?,
                Some(b"body") => crate::request::json_body(&request).map(|_| ())?,
                Some(b"query") => crate::request::query(&request, &["limit"]).map(|_| ())?,
                Some(b"key") => crate::request::idempotency_key(&request).map(|_| ())?,
                _ => panic!("{:?} {:?}", request, String::from_utf8_lossy(request.body())),
            }
            response::json(StatusCode::OK, &())
        };
        let steps =
            [("officer", 401), ("ticket", 404), ("body", 400), ("query", 400), ("key", 422), ("panic", 500)];
        for (step, status) in steps {
            let mut event = planted_event();
            event["headers"]["x-step"] = json!(step);
            event["headers"]["idempotency-key"] = json!(PLANTED[3]);
            let (reply, line) = http_once("post-tl", &handler, invocation(event)).await;
            assert_eq!(reply["statusCode"], status, "{step}");
            assert_silent(&reply.to_string());
            assert_silent(&line);
        }
    }

    #[tokio::test]
    async fn all_errors_are_in_the_answer_and_none_in_the_line() {
        let errors = vec![
            ValidationError::new("description", ValidationErrorCode::TooShort),
            ValidationError::new(PLANTED[0], ValidationErrorCode::Unknown),
        ];
        let (reply, line) = answered(json!({}), async |_| Err(errors.clone().into())).await;
        let body: Value = serde_json::from_str(reply["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["errors"].as_array().unwrap().len(), 2);
        assert_silent(&line.to_string());
    }

    #[derive(serde::Deserialize)]
    struct Queue {
        #[serde(rename = "Records")]
        records: Vec<Message>,
    }

    #[derive(serde::Deserialize)]
    struct Message {
        #[serde(rename = "messageId")]
        id: String,
        body: String,
    }

    async fn consumed(payload: Value) -> (Value, Value) {
        let handler = async |queue: Queue| {
            batch::each(
                queue.records,
                |message| message.id.clone(),
                async |message: Message| match message.body.as_str() {
                    "fine" => Ok(()),
                    _ => Err(Failure::Timeout),
                },
            )
            .await
        };
        let (reply, line) = event_once("photo", &handler, invocation(payload)).await;
        assert_silent(&line);
        (reply, serde_json::from_str(&line).unwrap())
    }

    #[tokio::test]
    async fn failed_messages_come_again_and_the_line_counts_them() {
        let record = |id: &str, body: &str| json!({ "messageId": id, "body": body });
        let payload = json!({ "Records": [record("m-1", "fine"), record("m-2", PLANTED[0])] });
        let (reply, line) = consumed(payload).await;
        assert_eq!(reply, json!({ "batchItemFailures": [{ "itemIdentifier": "m-2" }] }));
        assert_eq!((&line["outcome"], &line["cause"]), (&json!("partly"), &json!("timeout")));
        assert_eq!((&line["done"], &line["failed"]), (&json!(1), &json!(1)));
    }

    #[tokio::test]
    async fn an_event_that_does_not_parse_comes_again_whole_and_is_not_quoted() {
        let payload = json!({ "Records": [{ "messageId": "m-1", "body": { PLANTED[0]: PLANTED[1] } },
                                          { "messageId": "m-2", "body": "fine" }] });
        let (reply, line) = consumed(payload).await;
        assert_eq!(
            reply,
            json!({ "batchItemFailures": [{ "itemIdentifier": "m-1" }, { "itemIdentifier": "m-2" }] })
        );
        assert_eq!((&line["outcome"], &line["cause"]), (&json!("internal_error"), &json!("unreadable")));
    }

    #[tokio::test]
    async fn a_scheduled_run_that_fails_says_so_in_its_line() {
        let handler = async |_: Value| {
            let mut outcome = Outcome::done(3);
            outcome.fail(Failure::Throttled, "");
            outcome
        };
        let (reply, line) = event_once("release", &handler, invocation(json!({}))).await;
        assert_eq!(reply, Value::Null);
        assert!(line.contains("\"outcome\":\"partly\"") && line.contains("\"level\":\"WARN\""));
        let handler = async |_: Value| -> Outcome { panic!("{}", PLANTED[0]) };
        let (_, line) = event_once("release", &handler, invocation(json!({}))).await;
        assert!(line.contains("\"cause\":\"panic\""));
        assert_silent(&line);
    }
}
