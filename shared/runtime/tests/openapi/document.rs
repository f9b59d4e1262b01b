//! The document: components from the code's types, problems from the code's answers, routes by hand.

use crate::{requests, root};
use aws_failure::Failure;
use domain::{
    access_log::{AccessItem, AccessesResponse, Looked},
    area::AreaCode,
    area_lines::AreaLines,
    camera::NONCE_SECONDS,
    ids::{CameraNonce, PhotoId, Version},
    language::Language,
    location::{Place, Point},
    officer::{Named, Officer, Role},
    outline::Spot,
    photo::{PhotoKind, PhotoStanding},
    privacy::Privacy,
    response::{
        AreasResponse, BulkItem, BulkResponse, CameraResponse, CityArea, CityCategory, CityReason,
        CityResponse, CityUnit, ClaimResponse, CommandResponse, CounterResponse, DeskResponse,
        OutlinesResponse, ProblemDocument, SignedUpload, SubmitResponse, Taken, Texts, TrackResponse,
        UploadsResponse, ViewResponse,
    },
    similar::{self, Distance, Likeness, Score},
    slots::Slots,
    status::Status,
    ticket::Ticket,
    triage::Claim,
    unit::Code,
    validation_errors::{ValidationError, ValidationErrorCode},
    view::{
        DeskItem, Heading, Line, OfficerView, PhotoView, Reader, ReporterView, SimilarItem, SimilarResponse,
    },
    warnings::{Warning, WarningCode},
};
use jiff::{Timestamp, tz::TimeZone};
use runtime::{
    problem::{Problem, Reason},
    request::BODY_MAX,
};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fs};
use utoipa::OpenApi;

#[derive(OpenApi)]
#[openapi(components(schemas(
    SubmitResponse,
    CounterResponse,
    UploadsResponse,
    ClaimResponse,
    CameraResponse,
    CommandResponse,
    BulkResponse,
    TrackResponse,
    CityAnswer,
    DeskResponse,
    ViewResponse,
    AccessesResponse,
    SimilarResponse,
    ProblemDocument,
    OfficerView,
    ReporterView
)))]
struct Types;

/// The answers of `GET /v1/city`: to a request with `areas_of` or `areas` its areas, to one with `outlines_at` outlines, to any other the rest.
#[derive(utoipa::ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described")]
enum CityAnswer {
    City(CityResponse),
    Areas(AreasResponse),
    Outlines(OutlinesResponse),
}

/// What a successful answer has beside its body.
#[derive(Clone, Copy)]
enum Header {
    ETag,
    Replayed,
    RetryAfter,
}

struct Ok {
    status: u16,
    what: &'static str,
    schema: &'static str,
    headers: &'static [Header],
    examples: Vec<(&'static str, Value)>,
}

fn ok(status: u16, what: &'static str, schema: &'static str, headers: &'static [Header]) -> Ok {
    Ok { status, what, schema, headers, examples: Vec::new() }
}

impl Ok {
    fn example(mut self, name: &'static str, value: impl Serialize) -> Self {
        self.examples.push((name, serde_json::to_value(value).unwrap()));
        self
    }

    fn json(&self) -> Value {
        let examples: Map<String, Value> =
            self.examples.iter().map(|(name, value)| ((*name).to_owned(), json!({"value": value}))).collect();
        let mut answer = json!({
            "description": self.what,
            "content": {"application/json": {"schema": reference(self.schema), "examples": examples}},
        });
        for header in self.headers {
            match header {
                Header::ETag => {
                    answer["headers"]["ETag"] = json!({"description": "The version, quoted: for `If-Match`. Absent where the answer has no `version`.", "schema": {"type": "string"}});
                }
                Header::RetryAfter => {
                    answer["headers"]["Retry-After"] = json!({"description": "Seconds to wait before the same request is sent again, where a part is 503.", "schema": {"type": "integer"}});
                }
                Header::Replayed => {
                    answer["headers"]["Idempotency-Replayed"] = json!({"description": "`true` where an earlier request with the same key did it.", "schema": {"type": "string", "enum": ["true"]}});
                }
            }
        }
        answer
    }
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

fn parameter(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// How the caller of a route is authorized.
#[derive(Clone, Copy, PartialEq)]
enum Caller {
    Everybody,
    Channel,
    Officer,
    Reporter,
}

impl Caller {
    fn name(self) -> &'static str {
        match self {
            Self::Everybody => "everybody",
            Self::Channel => "channel",
            Self::Officer => "officer",
            Self::Reporter => "reporter",
        }
    }

    /// The scheme that a caller needs; none for everybody.
    fn security(self) -> Value {
        if self == Self::Everybody { json!([]) } else { json!([{self.name(): []}]) }
    }
}

struct Operation {
    id: &'static str,
    summary: &'static str,
    caller: Caller,
    parameters: &'static [&'static str],
    body: Option<&'static str>,
    answers: Vec<Ok>,
    problems: Vec<Problem>,
}

impl Operation {
    fn json(&self, schemas: &Value) -> Value {
        let parameters: Vec<Value> = self.parameters.iter().map(|name| parameter(name)).collect();
        let mut responses: Map<String, Value> =
            self.answers.iter().map(|answer| (answer.status.to_string(), answer.json())).collect();
        // The gateway throttles every route.
        let mut by_status: BTreeMap<u16, Vec<&Problem>> = BTreeMap::from([(429, Vec::new())]);
        for problem in &self.problems {
            by_status.entry(problem.status().as_u16()).or_default().push(problem);
        }
        for (status, problems) in by_status {
            responses.insert(status.to_string(), refusals(self.caller, status, &problems));
        }
        let mut operation = json!({
            "operationId": self.id, "summary": self.summary, "tags": [self.caller.name()],
            "security": self.caller.security(), "parameters": parameters, "responses": responses,
        });
        if let Some(name) = self.body {
            let schema = &schemas[name];
            let variants = schema.get("oneOf").and_then(Value::as_array).map_or_else(
                || vec![name.to_owned()],
                |variants| {
                    let name = |variant: &Value| {
                        variant["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
                    };
                    variants.iter().map(name).collect()
                },
            );
            let examples: Map<String, Value> = variants
                .into_iter()
                .map(|variant| (variant.clone(), json!({"value": schemas[&variant]["example"]})))
                .collect();
            operation["requestBody"] = json!({
                "required": true,
                "description": format!("At most {BODY_MAX} bytes of JSON in UTF-8. Null, and an empty text in an optional field, are the same as absent."),
                "content": {"application/json": {"schema": reference(name), "examples": examples}},
            });
        }
        operation
    }
}

fn name(problem: &Problem) -> String {
    problem.word().replace('_', "-")
}

fn problem_document(problem: &Problem) -> Value {
    serde_json::from_slice(problem.response(Language::En).body()).unwrap()
}

/// Every problem's document, each once.
fn examples() -> Map<String, Value> {
    let operations = operations();
    let problems = operations.iter().flat_map(|(_, _, operation)| &operation.problems);
    let plain = problems.filter(|problem| !matches!(problem, Problem::ValidationFailed(_)));
    plain.map(|problem| (name(problem), json!({"value": problem_document(problem)}))).collect()
}

/// Rustdoc's way to point at a type says nothing here: the reference beside it does.
fn without_pointers(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| {
                name != "description" || !value.as_str().is_some_and(|text| text.starts_with("See [`"))
            });
            fields.values_mut().for_each(without_pointers);
        }
        Value::Array(values) => values.iter_mut().for_each(without_pointers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The answer of one status, with the documents that the code writes.
fn refusals(caller: Caller, status: u16, problems: &[&Problem]) -> Value {
    let documents = problems.iter().map(|problem| {
        // Which fields, depends on the route.
        let example = if matches!(problem, Problem::ValidationFailed(_)) {
            json!({"value": problem_document(problem)})
        } else {
            json!({"$ref": format!("#/components/examples/{}", name(problem))})
        };
        (name(problem), example)
    });
    let examples: Map<String, Value> = documents.collect();
    let words: Vec<String> = examples.keys().map(|word| format!("`{word}`")).collect();
    let mut content = json!({});
    if !problems.is_empty() {
        content["application/problem+json"] =
            json!({"schema": reference("ProblemDocument"), "examples": examples});
    }
    let gateway = match (caller, status) {
        (Caller::Officer, 401) => Some("Unauthorized"),
        (_, 429) => Some("Too Many Requests"),
        (_, 503) => Some("Service Unavailable"),
        _ => None,
    };
    if let Some(message) = gateway {
        content["application/json"] = json!({"schema": reference("GatewayAnswer"), "examples": {"gateway": {"value": {"message": message}}}});
    }
    let what = if words.is_empty() { "From the gateway.".to_owned() } else { words.join(", ") };
    let mut answer = json!({"description": what, "content": content});
    match status {
        401 => answer["headers"]["WWW-Authenticate"] = json!({"schema": {"type": "string"}}),
        429 | 503 if !problems.is_empty() => {
            answer["headers"]["Retry-After"] =
                json!({"description": "Seconds to wait.", "schema": {"type": "integer"}});
        }
        _ => {}
    }
    answer
}

fn errors(of: &[(&str, ValidationErrorCode)]) -> Problem {
    Problem::ValidationFailed(of.iter().map(|(field, code)| ValidationError::new(*field, *code)).collect())
}

/// What every route may answer.
fn anywhere() -> Vec<Problem> {
    vec![Problem::BadRequest, Failure::Throttled.into(), Problem::InternalError("panic")]
}

/// What every route with a body may answer.
fn with_body(of: &[(&str, ValidationErrorCode)]) -> Vec<Problem> {
    let mut problems = vec![Problem::NotJson, Problem::TooLarge, Problem::WrongType, errors(of)];
    problems.extend(anywhere());
    problems
}

fn command(of: &[(&str, ValidationErrorCode)], more: &[Problem]) -> Vec<Problem> {
    let mut problems = with_body(of);
    problems.extend([
        Problem::Unauthorized,
        Problem::Forbidden(Reason::NotYours),
        Problem::Forbidden(Reason::NoRight),
        Problem::NotFound,
        Problem::WrongStatus,
        Problem::Stale,
    ]);
    problems.extend_from_slice(more);
    problems
}

fn look(more: &[Problem]) -> Vec<Problem> {
    let mut problems = anywhere();
    problems.extend([Problem::Unauthorized, Problem::Forbidden(Reason::NoRight), Problem::NotFound]);
    problems.extend_from_slice(more);
    problems
}

fn ticket() -> Ticket {
    Ticket::from_mac(&[5; 32])
}

fn command_response(status: Status) -> CommandResponse {
    CommandResponse {
        ticket: ticket().to_string(),
        status,
        status_text: status.text(Language::Id),
        version: Version::from_bytes(&[9; 13]),
        label: Privacy::Private.label(),
        warnings: Vec::new(),
    }
}

fn done(status: Status) -> Vec<Ok> {
    vec![
        ok(
            200,
            "Stored, now or by an earlier request with the same key.",
            "CommandResponse",
            &[Header::ETag, Header::Replayed],
        )
        .example("done", command_response(status)),
    ]
}

fn done_in_bulk(status: Status) -> Vec<Ok> {
    let done = |replayed| BulkItem::Done {
        ticket: ticket().to_string(),
        status_code: 200,
        replayed,
        done: command_response(status),
    };
    let refused = |problem: Problem| BulkItem::Refused {
        ticket: Ticket::from_mac(&[6; 32]).to_string(),
        status_code: problem.status().as_u16(),
        problem: problem.document(Language::En),
    };
    let items =
        vec![done(false), done(true), refused(Problem::WrongStatus), refused(Failure::Throttled.into())];
    vec![
        ok(
            200,
            "What became of each report, in the order of the request.",
            "BulkResponse",
            &[Header::RetryAfter],
        )
        .example("of each its own", BulkResponse { items }),
    ]
}

fn upload() -> SignedUpload {
    let headers = [
        ("content-length", "482113"),
        ("content-type", "image/jpeg"),
        ("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ];
    SignedUpload {
        photo: PhotoId::from_bytes(&[7; 10]),
        method: "PUT",
        url: "https://photos.example/incoming/…?X-Amz-Signature=…".to_owned(),
        headers: headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        fields: BTreeMap::new(),
        expires_in: 900,
    }
}

/// A photo that has just been declared.
fn declared() -> PhotoView {
    PhotoView {
        photo: PhotoId::from_bytes(&[7; 10]),
        kind: PhotoKind::Reporter,
        state: PhotoStanding::Pending,
        reason: None,
        reason_text: None,
        damaged: false,
        live: None,
    }
}

const SECRET: &str = "7N2K9QW4XHTB0M5RZC8JD3VE6G";

fn taken() -> Taken {
    Taken {
        ticket: ticket().to_string(),
        status: Status::Menunggu,
        status_text: Status::Menunggu.text(Language::Id),
        label: Privacy::Private.label(),
        test_until: None,
        warnings: vec![Warning { field: "description", code: WarningCode::Phone }],
        uploads: vec![upload()],
        photos: vec![declared()],
    }
}

fn entered(secret: Option<&str>) -> CounterResponse {
    CounterResponse { taken: taken(), secret: secret.map(ToOwned::to_owned) }
}

fn submitted(status: u16, what: &'static str, headers: &'static [Header]) -> Ok {
    ok(status, what, "SubmitResponse", headers)
        .example("submitted", SubmitResponse { taken: taken(), secret: SECRET.to_owned() })
}

/// What a submission may be refused for, whoever sends it.
fn submission(more: &[Problem]) -> Vec<Problem> {
    use ValidationErrorCode as F;
    let mut problems = with_body(&[
        ("Idempotency-Key", F::Required),
        ("description", F::TooShort),
        ("location.lat", F::Range),
        ("category", F::NoSuchCode),
    ]);
    problems.extend([
        Problem::Unauthorized,
        Problem::Forbidden(Reason::ChannelSuspended),
        Problem::TooMany { retry_after_s: 1200 },
    ]);
    problems.extend_from_slice(more);
    problems
}

fn uploads(status: u16, what: &'static str, headers: &'static [Header]) -> Ok {
    ok(status, what, "UploadsResponse", headers)
        .example("uploads", UploadsResponse { uploads: vec![upload()], photos: vec![declared()] })
}

fn city() -> CityResponse {
    let code = |text: &str| Code::parse(text).unwrap();
    let texts = |id: &str, en: &str| Texts { id: id.to_owned(), en: en.to_owned() };
    let names = texts("Jalan berlubang", "Pothole");
    let reason = CityReason {
        code: code("lokasi-tidak-ditemukan"),
        texts: texts("Lokasi tidak ditemukan", "The place was not found"),
    };
    CityResponse {
        name: "Jakarta".to_owned(),
        zone: "Asia/Jakarta".to_owned(),
        languages: vec![Language::Id, Language::En],
        categories: vec![CityCategory { code: code("jalan-berlubang"), names, group: Some(code("jalan")) }],
        units: vec![CityUnit {
            code: code("satpol-pp"),
            name: "Satuan Polisi Pamong Praja".to_owned(),
            parent: None,
            categories: vec![code("ketertiban")],
            areas: vec!["Jakarta Pusat".to_owned()],
        }],
        reasons: [("return".to_owned(), vec![reason])].into(),
    }
}

fn areas() -> AreasResponse {
    let code = |text: &str| AreaCode::parse(text).unwrap();
    let area = CityArea {
        code: code("31.71.06"),
        name: "Kecamatan Menteng".to_owned(),
        parent: Some(code("31.71")),
    };
    AreasResponse { areas: vec![area] }
}

fn outlines() -> OutlinesResponse {
    let spot = Spot::from_degrees;
    let lines = vec![vec![spot(106.823, -6.186), spot(106.822, -6.198), spot(106.836, -6.194)]];
    let area = AreaLines { code: AreaCode::parse("31.71.06.1004").unwrap(), lines };
    OutlinesResponse::new(vec![(area, "Kelurahan Gondangdia".to_owned())])
}

fn page() -> DeskResponse {
    let now: Timestamp = "2026-01-12T02:00:00Z".parse().unwrap();
    let category = Code::parse("jalan-berlubang").unwrap();
    let place = Place {
        point: Some(Point { lat: -6.175_392_4, lon: 106.827_153_6, accuracy_m: None }),
        address: Some("Jl. Contoh 1".to_owned()),
    };
    let slots = Slots::at_once(TimeZone::get("Asia/Jakarta").unwrap());
    let role = Role::of(["admin-tiket"], None).unwrap();
    let officer = Officer { id: String::new(), name: "Siti".to_owned(), role };
    let language = Language::Id;
    let reader = Reader { language, now, slots: &slots, officer: &officer };
    let heading = Heading::new(&ticket(), &category, Status::Koordinasi, Privacy::Private, reader.language);
    let area = AreaCode::parse("31.71.06.1004");
    let claim = Claim { officer: Named::from(&officer), until: "2026-01-12T02:10:00Z".parse().unwrap() };
    let line = Line {
        place: &place,
        area: area.as_ref(),
        due_on: "2026-01-14".parse().unwrap(),
        officer: None,
        claim: Some(&claim),
    };
    let item = DeskItem::new(heading, line, true, reader);
    DeskResponse { items: vec![item], next: Some("pF3y…".to_owned()) }
}

/// An answer that `domain`'s tests pinned.
fn pinned(viewer: &str) -> Value {
    let file = root(&format!("shared/domain/tests/snapshots/views__answer_to_{viewer}.snap"));
    let text = fs::read_to_string(file).unwrap();
    serde_json::from_str(text.splitn(3, "---\n").nth(2).unwrap()).unwrap()
}

fn looks() -> AccessesResponse {
    let officer =
        Named { id: String::new(), name: "Budi Santoso".to_owned(), unit: Code::parse("dinas-bina-marga") };
    let item = |looked_at, photo| {
        AccessItem::new("2026-01-12T02:00:00Z".parse().unwrap(), &officer, looked_at, photo)
    };
    AccessesResponse {
        items: vec![item(Looked::Report, None), item(Looked::Photo, Some(PhotoId::from_bytes(&[7; 10])))],
    }
}

fn similar() -> SimilarResponse {
    let ticket = Ticket::from_mac(&[4; 32]);
    let category = Code::parse("jalan-berlubang").unwrap();
    let heading = Heading::new(&ticket, &category, Status::Koordinasi, Privacy::Private, Language::Id);
    let likeness = Likeness {
        score: Score::High,
        distance: Some(Distance::Metres25),
        reasons: vec![similar::Reason::Near, similar::Reason::SameCategory, similar::Reason::SameWords],
    };
    SimilarResponse { items: vec![SimilarItem { heading, likeness }] }
}

fn operations() -> Vec<(&'static str, &'static str, Operation)> {
    use ValidationErrorCode as F;
    let ticket_only: &[&str] = &["ticket", "language"];
    let of_command: &[&str] = &["ticket", "If-Match", "Idempotency-Key", "language"];
    let officer = |id, summary, parameters, body, answers, problems| Operation {
        id,
        summary,
        caller: Caller::Officer,
        parameters,
        body,
        answers,
        problems,
    };
    let views = ok(
        200,
        "The caller's view: which fields there are depends on who asks.",
        "OfficerView",
        &[Header::ETag],
    )
    .example("unit officer", pinned("unit_officer"))
    .example("unit that the report has left", pinned("former_unit"))
    .example("verifikasi", pinned("verifikasi"))
    .example("validasi and admin-tiket", pinned("validasi"))
    .example("administrator", pinned("administrator"));
    vec![
        (
            "/v1/reports",
            "post",
            Operation {
                id: "submit",
                summary: "Send a report.",
                caller: Caller::Channel,
                parameters: &["Idempotency-Key-required", "language"],
                body: Some("SubmitRequest"),
                answers: vec![
                    submitted(201, "Stored.", &[]),
                    submitted(
                        200,
                        "The same key and body as before: the same answer, with fresh URLs.",
                        &[Header::Replayed],
                    ),
                ],
                problems: submission(&[]),
            },
        ),
        (
            "/v1/assignments",
            "post",
            officer(
                "assignMany",
                "Assign, recall, accept, forward, delegate, return, reject or merge up to 50 reports; each has its own answer.",
                &["Idempotency-Key-required", "language"],
                Some("BulkAssignmentRequest"),
                done_in_bulk(Status::Koordinasi),
                {
                    let mut problems = with_body(&[
                        ("tickets[3]", F::Repeated),
                        ("unit", F::Required),
                        ("Idempotency-Key", F::Required),
                        ("If-Match", F::Unknown),
                    ]);
                    problems.extend([
                        Problem::Unauthorized,
                        Problem::Forbidden(Reason::NotYours),
                        Problem::Forbidden(Reason::NoRight),
                    ]);
                    problems
                },
            ),
        ),
        (
            "/v1/counter/reports",
            "post",
            officer(
                "enter",
                "A clerk enters a report for their channel.",
                &["Idempotency-Key-required", "language"],
                Some("SubmitRequest"),
                vec![
                    ok(201, "Stored.", "CounterResponse", &[])
                        .example("entered", entered(Some(SECRET))),
                    ok(
                        200,
                        "The same key and body of the same clerk as before: the same answer, with fresh URLs; from 15 minutes after the submission on without the secret.",
                        "CounterResponse",
                        &[Header::Replayed],
                    )
                    .example("within 15 minutes", entered(Some(SECRET)))
                    .example("later", entered(None)),
                ],
                submission(&[Problem::Forbidden(Reason::NoRight)]),
            ),
        ),
        (
            "/v1/reports/{ticket}/assignment",
            "post",
            officer(
                "assign",
                "Assign, recall, accept, forward, delegate, return, reject or merge.",
                of_command,
                Some("AssignmentRequest"),
                done(Status::Koordinasi),
                command(
                    &[("unit", F::NoSuchCode), ("reason", F::Required), ("summary", F::Required)],
                    &[Problem::OtherClosed],
                ),
            ),
        ),
        (
            "/v1/reports/{ticket}/correction",
            "post",
            officer(
                "correct",
                "Correct a report's category or place.",
                of_command,
                Some("CorrectionRequest"),
                done(Status::Menunggu),
                command(
                    &[
                        ("category", F::NoSuchCode),
                        ("area", F::HasPosition),
                        ("reason", F::Required),
                        ("", F::Unchanged),
                    ],
                    &[],
                ),
            ),
        ),
        (
            "/v1/reports/{ticket}/notes",
            "post",
            officer(
                "note",
                "Write a note for other officers, or a question to the ticket desk.",
                of_command,
                Some("NoteRequest"),
                done(Status::Proses),
                command(
                    &[("text", F::TooShort), ("audience", F::NotListed)],
                    &[Problem::Forbidden(Reason::OwnTl), Problem::TooOften],
                ),
            ),
        ),
        (
            "/v1/reports/{ticket}/claim",
            "post",
            officer(
                "claim",
                "Say for ten minutes that one is at work on a report of the ticket desk.",
                ticket_only,
                Some("ClaimRequest"),
                vec![ok(200, "Claimed, or prolonged.", "ClaimResponse", &[Header::Replayed]).example(
                    "a claim",
                    ClaimResponse {
                        ticket: ticket().to_string(),
                        label: Privacy::Private.label(),
                        until: "2026-01-12T02:10:00Z".parse::<Timestamp>().unwrap().into(),
                    },
                )],
                command(&[], &[Problem::Claimed]),
            ),
        ),
        (
            "/v1/reports/{ticket}/plan",
            "post",
            officer(
                "plan",
                "Say by which day the unit's work will be done.",
                of_command,
                Some("PlanRequest"),
                done(Status::Proses),
                command(&[("on", F::Range), ("reason", F::Required)], &[Problem::TooOften]),
            ),
        ),
        (
            "/v1/reports/{ticket}/photos",
            "post",
            officer(
                "addPhotos",
                "Declare photos of the work or of the field.",
                of_command,
                Some("PhotosRequest"),
                vec![
                    uploads(201, "Declared: upload each with PUT and all of its headers.", &[Header::ETag]),
                    uploads(200, "Declared before with the same key: fresh URLs.", &[Header::ETag, Header::Replayed]),
                ],
                command(&[("photos", F::TooMany)], &[]),
            ),
        ),
        (
            "/v1/reports/{ticket}/camera",
            "post",
            officer(
                "giveCameraNonce",
                "Get a nonce for a picture that is about to be taken in a page.",
                ticket_only,
                Some("CameraRequest"),
                vec![ok(201, "Given: for one picture that is declared in that time.", "CameraResponse", &[]).example(
                    "a nonce",
                    CameraResponse { nonce: CameraNonce::from_bytes(&[9; CameraNonce::BYTES]), expires_in: NONCE_SECONDS },
                )],
                command(&[], &[]),
            ),
        ),
        (
            "/v1/reports/{ticket}/tl",
            "post",
            officer(
                "postTl",
                "Post a follow-up (TL).",
                of_command,
                Some("TlRequest"),
                done(Status::MenungguValidasi),
                command(
                    &[("narrative", F::TooShort), ("photos", F::AfterMissing)],
                    &[Problem::PhotoNotReady],
                ),
            ),
        ),
        (
            "/v1/reports/{ticket}/validation",
            "post",
            officer(
                "validate",
                "Judge a TL.",
                of_command,
                Some("ValidationRequest"),
                done(Status::Selesai),
                command(&[("reason", F::Required)], &[Problem::Forbidden(Reason::OwnTl)]),
            ),
        ),
        (
            "/v1/reports/{ticket}/verification",
            "post",
            officer(
                "verify",
                "Judge a TL in the field, or say why that was not possible.",
                of_command,
                Some("VerificationRequest"),
                done(Status::Selesai),
                command(
                    &[("photos", F::FieldMissing)],
                    &[Problem::Forbidden(Reason::OwnTl), Problem::PhotoNotReady],
                ),
            ),
        ),
        (
            "/v1/city",
            "get",
            Operation {
                id: "city",
                summary: "What everybody may know of the city: categories, units, and reasons to choose from, or areas or outlines of its map.",
                caller: Caller::Everybody,
                parameters: &["areas_of", "areas", "outlines_at", "language"],
                body: None,
                answers: vec![
                    ok(200, "The city, or with one of the parameters areas or outlines of it.", "CityAnswer", &[])
                        .example("a city", city())
                        .example("the areas below one", areas())
                        .example("outlines", outlines()),
                ],
                problems: {
                    let of_city = [("areas_of", F::Format), ("areas", F::TooMany), ("outlines_at", F::Format)];
                    anywhere().into_iter().chain([errors(&of_city)]).collect()
                },
            },
        ),
        (
            "/v1/desk",
            "get",
            officer(
                "desk",
                "A page of a desk, by urgency, then by ticket.",
                &[
                    "limit", "cursor", "desk", "below", "kind", "category", "urgency", "area", "status",
                    "mine", "language",
                ],
                None,
                vec![ok(200, "A page.", "DeskResponse", &[]).example("a unit's desk", page())],
                {
                    let mut problems = anywhere();
                    problems.extend([
                        Problem::Unauthorized,
                        Problem::Forbidden(Reason::NotYours),
                        Problem::Forbidden(Reason::NoRight),
                        errors(&[
                            ("limit", F::Range),
                            ("cursor", F::Format),
                            ("urgency", F::NotListed),
                            ("area", F::TooWide),
                        ]),
                    ]);
                    problems
                },
            ),
        ),
        (
            "/v1/reports/{ticket}",
            "get",
            officer(
                "report",
                "A report, as far as the caller may see it. The look is recorded.",
                ticket_only,
                None,
                vec![views],
                look(&[]),
            ),
        ),
        (
            "/v1/reports/{ticket}/accesses",
            "get",
            officer(
                "accesses",
                "Who looked at a report; for the administrator.",
                ticket_only,
                None,
                vec![ok(200, "Everybody who looked.", "AccessesResponse", &[]).example("looks", looks())],
                look(&[Problem::Forbidden(Reason::NotYours)]),
            ),
        ),
        (
            "/v1/reports/{ticket}/similar",
            "get",
            officer(
                "similar",
                "Open reports that may be about the same thing; for the ticket desk. A look is recorded at each that is named.",
                ticket_only,
                None,
                vec![
                    ok(200, "At most ten, the most alike first.", "SimilarResponse", &[])
                        .example("similar", similar()),
                ],
                look(&[Problem::Forbidden(Reason::NotYours)]),
            ),
        ),
        (
            "/v1/reports/{ticket}/photos/{photo}",
            "get",
            officer(
                "photo",
                "A copy of a photo, made for the caller. The look is recorded.",
                &["ticket", "photo", "language"],
                None,
                vec![ok(200, "Where the copy is.", "ViewResponse", &[]).example(
                    "a copy",
                    ViewResponse {
                        url: "https://photos.example/views/…?X-Amz-Signature=…".to_owned(),
                        expires_in: 60,
                    },
                )],
                look(&[Problem::PhotoNotReady]),
            ),
        ),
        (
            "/v1/track/{ticket}",
            "get",
            Operation {
                id: "track",
                summary: "The reporter follows their report.",
                caller: Caller::Reporter,
                parameters: ticket_only,
                body: None,
                answers: vec![
                    ok(200, "The reporter's view.", "ReporterView", &[])
                        .example("reporter", pinned("reporter")),
                ],
                problems: anywhere().into_iter().chain([Problem::NotFound]).collect(),
            },
        ),
        (
            "/v1/track/{ticket}",
            "delete",
            reporter(
                "withdraw",
                "The reporter withdraws: the identity and locked photos are erased at once, an open report is closed.",
                None,
                vec![tracked(Status::Dibatalkan)],
                Vec::new(),
            ),
        ),
        (
            "/v1/track/{ticket}/photos",
            "post",
            reporter(
                "track_photos",
                "Slots for photos of the reporter's, at most ten over time.",
                Some("TrackPhotosRequest"),
                vec![
                    uploads(201, "Slots to upload to.", &[]),
                    uploads(200, "The same photos again: the same slots, fresh URLs.", &[Header::Replayed]),
                ],
                vec![errors(&[("photos", ValidationErrorCode::TooMany)]), Problem::WrongStatus],
            ),
        ),
        (
            "/v1/track/{ticket}/dispute",
            "post",
            reporter(
                "dispute",
                "The reporter disputes the result, within ten days.",
                Some("DisputeRequest"),
                vec![tracked(Status::MenungguVerifikasi)],
                vec![errors(&[("reason", ValidationErrorCode::TooShort)]), Problem::WrongStatus],
            ),
        ),
        (
            "/v1/track/{ticket}/rating",
            "put",
            reporter(
                "rating",
                "The reporter rates the result; only the administrator sees it.",
                Some("RatingRequest"),
                vec![tracked(Status::Selesai)],
                vec![errors(&[("stars", ValidationErrorCode::Range)]), Problem::WrongStatus],
            ),
        ),
        (
            "/v1/track/{ticket}/privacy",
            "put",
            reporter(
                "privacy",
                "The reporter locks their photos, at once, or lets them be seen.",
                Some("PrivacyRequest"),
                vec![tracked(Status::Proses)],
                vec![errors(&[("privacy", ValidationErrorCode::NotListed)])],
            ),
        ),
    ]
}

fn reporter(
    id: &'static str,
    summary: &'static str,
    body: Option<&'static str>,
    answers: Vec<Ok>,
    more: Vec<Problem>,
) -> Operation {
    let mut problems: Vec<Problem> = anywhere().into_iter().chain([Problem::NotFound]).collect();
    if body.is_some() {
        problems.extend([Problem::NotJson, Problem::TooLarge, Problem::WrongType]);
    }
    problems.extend(more);
    Operation {
        id,
        summary,
        caller: Caller::Reporter,
        parameters: &["ticket", "language"],
        body,
        answers,
        problems,
    }
}

fn tracked(status: Status) -> Ok {
    let answer = TrackResponse {
        ticket: ticket().to_string(),
        status,
        status_text: status.text(Language::Id),
        privacy: Privacy::Private,
        label: Privacy::Private.label(),
    };
    ok(200, "Stored, now or by an earlier request.", "TrackResponse", &[Header::Replayed])
        .example("done", answer)
}

fn parameters() -> Value {
    let key = |required: bool| {
        json!({
            "name": "Idempotency-Key", "in": "header", "required": required,
            "description": "Random, and never a message's id. The same key and body again are answered as before; another body is 422 `key_reused`.",
            "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{22,64}$"},
        })
    };
    json!({
        "ticket": {"name": "ticket", "in": "path", "required": true,
            "description": "`XXXX-XXXX-XXXXX`, read with or without hyphens and in any case.", "schema": {"type": "string"},
            "example": "0M2G-A185-0M2GP"},
        "photo": {"name": "photo", "in": "path", "required": true, "description": "16 symbols.", "schema": {"type": "string"},
            "example": "CNJPASB5CNJPASB5"},
        "If-Match": {"name": "If-Match", "in": "header", "required": false,
            "description": "The `version` that the caller has seen, quoted or bare; another one is 412.", "schema": {"type": "string"}},
        "Idempotency-Key": key(false),
        "Idempotency-Key-required": key(true),
        "limit": {"name": "limit", "in": "query", "required": false,
            "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 25}},
        "cursor": {"name": "cursor", "in": "query", "required": false,
            "description": "The `next` of the page before; good for the same officer, desk and filters.", "schema": {"type": "string"}},
        "desk": {"name": "desk", "in": "query", "required": false,
            "description": "The caller's own unless named.",
            "schema": {"type": "string", "pattern": "^(tiket|validasi|verifikasi|unit:[a-z0-9-]{1,40})$"}},
        "below": {"name": "below", "in": "query", "required": false,
            "description": "Of a unit's desk: the desks of the units below too, in one list.",
            "schema": {"type": "boolean", "default": false}},
        "kind": {"name": "kind", "in": "query", "required": false,
            "description": "`questions`: the open questions to the ticket desk, in the place of what lies on it.",
            "schema": {"type": "string", "enum": ["questions"]}},
        "status": {"name": "status", "in": "query", "required": false,
            "description": "Only reports of this status.", "schema": {"$ref": "#/components/schemas/Status"}},
        "mine": {"name": "mine", "in": "query", "required": false,
            "description": "Only reports that the caller accepted.", "schema": {"type": "boolean", "default": false}},
        "category": {"name": "category", "in": "query", "required": false,
            "description": "Only reports of this category.", "schema": {"$ref": "#/components/schemas/Code"}},
        "urgency": {"name": "urgency", "in": "query", "required": false,
            "description": "Only reports of this urgency.", "schema": {"$ref": "#/components/schemas/Urgency"}},
        "area": {"name": "area", "in": "query", "required": false,
            "description": "Only reports in this area of the city's map or in one below it.",
            "schema": {"$ref": "#/components/schemas/AreaCode"}},
        "areas_of": {"name": "areas_of", "in": "query", "required": false,
            "description": "Asks for areas of the city's map instead: those directly below the one with this code, or with an empty value those at the top of the tree.",
            "schema": {"type": "string", "pattern": "^[a-z0-9.-]{0,40}$"}},
        "areas": {"name": "areas", "in": "query", "required": false,
            "description": "Asks for these areas of the city's map instead: up to 100 codes, with commas between.",
            "schema": {"type": "string", "pattern": "^[a-z0-9.-]{1,40}(,[a-z0-9.-]{1,40})*$"}},
        "outlines_at": {"name": "outlines_at", "in": "query", "required": false,
            "description": "Asks for the outlines around a place instead: latitude and longitude in degrees with a comma between, each of at most two decimals.",
            "schema": {"type": "string", "pattern": "^-?[0-9]{1,3}([.][0-9]{1,2})?,-?[0-9]{1,3}([.][0-9]{1,2})?$"}},
        "language": {"name": "Accept-Language", "in": "header", "required": false,
            "description": "`id` or `en`, for `status_text` and problems; Indonesian otherwise.", "schema": {"type": "string"}},
    })
}

/// Utoipa cannot flatten what may be absent: the fields are the point's, none of them required.
fn place_view(schemas: &Value) -> Value {
    let mut place = schemas["PlaceView"].clone();
    let address = place["allOf"][1]["properties"]["address"].clone();
    let address = if address.is_null() { place["properties"]["address"].clone() } else { address };
    let mut properties = schemas["Point"]["properties"].clone();
    properties["address"] = address;
    place = json!({"type": "object", "description": schemas["PlaceView"]["description"], "properties": properties});
    place
}

fn patterns(schemas: &mut Value) {
    for (name, pattern) in [
        ("Code", "^[a-z0-9-]{1,40}$"),
        ("PhotoId", "^[0-9A-HJKMNP-TV-Z]{16}$"),
        ("Version", "^[0-9A-HJKMNP-TV-Z]{20}$"),
    ] {
        schemas[name]["pattern"] = json!(pattern);
    }
}

/// Builds the whole document.
pub(crate) fn document() -> Value {
    let types = serde_json::to_value(Types::openapi()).unwrap();
    let mut schemas = types["components"]["schemas"].clone();
    schemas["PlaceView"] = place_view(&schemas);
    patterns(&mut schemas);
    without_pointers(&mut schemas);
    // The point of an answer and that of a request have one name in the code and two here: a request may not add fields.
    let answered = schemas["Point"].take();
    schemas["PointView"] = answered;
    let text =
        schemas.to_string().replace("#/components/schemas/Point\"", "#/components/schemas/PointView\"");
    schemas = serde_json::from_str(&text).unwrap();
    // An answer to a unit fits the bureau's view too, whose fields it leaves out: it is any of them, and not exactly one.
    let views = schemas["OfficerView"].as_object_mut().unwrap();
    let variants = views.remove("oneOf").unwrap();
    views.insert("anyOf".to_owned(), variants);
    for (name, schema) in requests::schemas() {
        assert!(schemas.get(&name).is_none_or(Value::is_null), "two schemas named {name}");
        schemas[name] = schema;
    }
    schemas["GatewayAnswer"] = json!({
        "type": "object", "required": ["message"], "properties": {"message": {"type": "string"}},
        "description": "What the gateway itself says: no route, no valid token, throttled, over its size.",
    });
    let mut paths: Map<String, Value> = Map::new();
    for (path, method, operation) in operations() {
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[method] = operation.json(&schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Tuntas",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "description": "Citizens' reports, from any channel to a result that an independent bureau has accepted. docs/API.md explains it. Checks come in this order: 401, 404, 403, 413, 415, 400, 422, replay, 412, 409. Made from the code: shared/runtime/tests/openapi.",
        },
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "channel", "description": "An intake path of the city."},
            {"name": "officer", "description": "Somebody who handles reports, or enters them at a channel's counter."},
            {"name": "reporter", "description": "Somebody who sent one, without an account."},
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": parameters(),
            "examples": examples(),
            "securitySchemes": {
                "channel": {"type": "http", "scheme": "bearer", "bearerFormat": "tk_<code>_<43 characters>",
                            "description": "The channel's key."},
                "officer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                            "description": "An ID token of the officers' user pool."},
                "reporter": {"type": "apiKey", "in": "header", "name": "Report-Secret",
                             "description": "The report's secret: 26 symbols, any case, hyphens allowed."},
            },
        },
    })
}
