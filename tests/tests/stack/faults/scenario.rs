//! Scenarios: requests and events for one function, ready to be sent.

use super::fault::{Engine, engine};
use domain::act::Act;
use serde_json::{Value, json};
use tests::{
    http::{Answer, fresh_key},
    life::{Report, by},
    runtime::{Event, Reply},
};

/// Scenarios of one kind: some lines of the matrix, one for each call that they make.
pub(super) struct Row {
    pub(super) name: &'static str,
    pub(super) function: &'static str,
    /// The route, if it is one of the API.
    pub(super) route: Option<&'static str>,
    /// The act that it leaves in the history, exactly once.
    pub(super) leaves: Option<Act>,
    /// Prepares a report on which the scenario can run.
    pub(super) prepare: fn() -> Scenario,
}

impl Row {
    /// A row for a route of the API.
    pub(super) const fn asked(
        name: &'static str,
        function: &'static str,
        route: &'static str,
        prepare: fn() -> Scenario,
    ) -> Self {
        Self { name, function, route: Some(route), leaves: None, prepare }
    }

    /// A row for a queue, a stream or a schedule.
    pub(super) const fn woken(name: &'static str, function: &'static str, prepare: fn() -> Scenario) -> Self {
        Self { name, function, route: None, leaves: None, prepare }
    }

    /// Sets the act that it leaves in the history.
    pub(super) const fn leaving(mut self, act: Act) -> Self {
        self.leaves = Some(act);
        self
    }
}

/// How it is retried.
pub(super) enum Again {
    /// The client sends the same request to the deployed function.
    Asked(Box<dyn Fn() -> Answer + Send>),
    /// The client sends the same request to the deployed function, and gets something new each time.
    Anew(Box<dyn Fn() -> Answer + Send>),
    /// The client repeats the look at the same function.
    Looked(Looks),
    /// The queue or the stream delivers it again, unless it was acknowledged.
    Redelivered,
    /// The schedule invokes the function again, whatever the result.
    NextRun,
}

/// Checks the successful responses to a look, and returns what is wrong.
pub(super) type Looks = Box<dyn Fn(&[Reply]) -> Vec<String> + Send>;

/// Checks the result after the retry, and returns what is wrong.
pub(super) type Check = Box<dyn Fn(Option<&Report>) -> Vec<String> + Send>;

/// One run of a row: an event, how it is retried, and its checks.
pub(super) struct Scenario {
    /// The event that the function is invoked with.
    pub(super) event: Value,
    /// What answers in the place of AWS.
    pub(super) engine: Engine,
    pub(super) again: Again,
    /// The report; a submission has none before its response.
    pub(super) report: Option<Report>,
    /// Other reports that it needed.
    pub(super) others: Vec<Report>,
    /// Topics, and the ids of events of which they must hear, beside those that the report announces.
    pub(super) told: Vec<(String, String)>,
    pub(super) check: Check,
}

impl Scenario {
    fn new(event: Value, again: Again, report: Option<Report>) -> Self {
        let check = Box::new(|_: Option<&Report>| Vec::new());
        Self { event, engine: engine(), again, report, others: Vec::new(), told: Vec::new(), check }
    }

    /// A scenario of a request by a channel, an officer or a reporter.
    pub(super) fn asked(event: &Event, again: impl Fn() -> Answer + Send + 'static) -> Self {
        Self::new(event.value().clone(), Again::Asked(Box::new(again)), None)
    }

    /// A scenario of one look.
    pub(super) fn look(event: &Event, looks: impl Fn(&[Reply]) -> Vec<String> + Send + 'static) -> Self {
        Self::new(event.value().clone(), Again::Looked(Box::new(looks)), None)
    }

    /// A scenario of an event from a queue or a stream.
    pub(super) fn brought(event: Value) -> Self {
        Self::new(event, Again::Redelivered, None)
    }

    /// The event of a schedule.
    pub(super) fn scheduled() -> Self {
        Self::new(json!({}), Again::NextRun, None)
    }

    /// It gives something new each time that it is asked.
    pub(super) fn anew(mut self) -> Self {
        if let Again::Asked(again) = self.again {
            self.again = Again::Anew(again);
        }
        self
    }

    pub(super) fn about(mut self, report: Report) -> Self {
        self.report = Some(report);
        self
    }

    pub(super) fn with(mut self, other: Report) -> Self {
        self.others.push(other);
        self
    }

    pub(super) fn through(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    pub(super) fn delivery(mut self, topic: String, event_id: String) -> Self {
        self.told.push((topic, event_id));
        self
    }

    pub(super) fn checked(mut self, check: impl Fn(Option<&Report>) -> Vec<String> + Send + 'static) -> Self {
        self.check = Box::new(check);
        self
    }

    /// As [`Scenario::checked`], of a report that there must be.
    pub(super) fn seen(self, check: impl Fn(&Report) -> Vec<String> + Send + 'static) -> Self {
        self.checked(move |report| report.map_or(vec!["there is no report".to_owned()], &check))
    }
}

/// The scenario of an officer's command.
pub(super) fn command(report: &Report, officer: &'static str, route: &'static str, body: Value) -> Scenario {
    let key = fresh_key();
    let template = format!("POST /v1/reports/{{ticket}}/{route}");
    let event = Event::new(&template, &[("ticket", &report.ticket)])
        .by(officer)
        .header("idempotency-key", &key)
        .json(&body);
    let path = report.path(route);
    let again = move || by(officer, "POST", &path).key(&key).json(&body).send();
    Scenario::asked(&event, again).about(report.clone())
}

/// A scenario of a reporter's action.
pub(super) fn by_reporter(
    report: &Report,
    method: &'static str,
    route: &'static str,
    body: Value,
) -> Scenario {
    let slash = if route.is_empty() { "" } else { "/" };
    let template = format!("{method} /v1/track/{{ticket}}{slash}{route}");
    let event = Event::new(&template, &[("ticket", &report.ticket)]).header("report-secret", &report.secret);
    let event = if body.is_null() { event } else { event.json(&body) };
    let whose = report.clone();
    Scenario::asked(&event, move || whose.track(method, route, &body)).about(report.clone())
}

/// The event of a queue with these messages.
pub(super) fn queued(bodies: &[Value]) -> Value {
    let message = |(n, body): (usize, &Value)| {
        json!({
            "messageId": format!("m-{n}"),
            "receiptHandle": "r",
            "attributes": {},
            "messageAttributes": {},
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:x:1:q",
            "awsRegion": "x",
            "body": body.to_string(),
        })
    };
    let messages: Vec<Value> = bodies.iter().enumerate().map(message).collect();
    json!({"Records": messages})
}
