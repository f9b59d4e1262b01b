//! Whatever is sent gets an answer of the contract: all its errors at once, and never a 500.

use domain::status::Status;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{
    http::{Answer, Call, fresh_key},
    life::{self, Report, by, declared, entry, photo, submission},
    officers,
    operator::items_of,
    stack::stack,
    threads::in_parallel,
};

/// `body` with the values at these JSON pointers, which are made where they are missing; `null` takes a field away.
fn with(mut body: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        let parent = body.pointer_mut(parent).expect("a parent").as_object_mut().expect("an object");
        if value.is_null() {
            parent.remove(field);
        } else {
            parent.insert(field.to_owned(), value.clone());
        }
    }
    body
}

/// A body for each POST route that has no error of its own, with the call that makes it.
struct Route {
    name: &'static str,
    call: Call,
    body: Value,
    /// The report that must stay as it is.
    report: Option<Report>,
}

impl Route {
    fn all() -> Vec<Self> {
        let declared = |kind: &str| {
            let mut entry = declared(&photo(1));
            entry["kind"] = json!(kind);
            json!({"photos": [entry]})
        };
        let point = json!({"lat": -6.05, "lon": 106.8});
        let ids = json!(["0000000000000000", "0000000000000001"]);
        let tl = json!({"narrative": "Lubang sudah ditambal", "photos": ids, "location": point});
        let verification = json!({"conforms": true, "finding": "Sesuai", "photos": ids, "location": point});
        let mut routes = vec![
            Self {
                name: "reports",
                call: Call::api("POST", "/v1/reports").bearer(stack().channel_key("jaki")),
                body: life::body(),
                report: None,
            },
            Self {
                name: "counter/reports",
                call: by(officers::CLERK, "POST", "/v1/counter/reports"),
                body: life::body(),
                report: None,
            },
        ];
        let commands = vec![
            (
                Status::Menunggu,
                officers::TIKET,
                "correction",
                json!({"category": "sampah", "location": {"address": "Jl. Contoh 1"}, "area": "31.71", "reason": "Salah kategori"}),
            ),
            (Status::Menunggu, officers::TIKET, "claim", json!({})),
            (Status::Proses, officers::UNIT, "camera", json!({})),
            (
                Status::Proses,
                officers::UNIT,
                "notes",
                json!({"text": "Apakah ini jalan kota?", "audience": "all", "to": "tiket"}),
            ),
            (
                Status::Proses,
                officers::UNIT,
                "plan",
                json!({"on": life::today(), "reason": "Menunggu bahan"}),
            ),
            (
                Status::Koordinasi,
                officers::UNIT,
                "assignment",
                json!({"action": "return", "reason": "Bukan kami"}),
            ),
            (Status::Proses, officers::UNIT, "photos", declared("before")),
            (Status::Proses, officers::UNIT, "tl", tl),
            (
                Status::MenungguValidasi,
                officers::VALIDASI,
                "validation",
                json!({"decision": "reject", "reason": "Belum"}),
            ),
            (Status::MenungguVerifikasi, officers::VERIFIKASI, "verification", verification),
            (
                Status::MenungguVerifikasi,
                officers::VERIFIKASI,
                "verification",
                json!({"looked": false, "reason": "Gerbang terkunci"}),
            ),
        ];
        routes.extend(in_parallel(commands, |(status, officer, name, body)| {
            let report = life::in_status(status, &life::body());
            Self { name, call: by(officer, "POST", &report.path(name)), body, report: Some(report) }
        }));
        let report = life::in_status(Status::Koordinasi, &life::body());
        routes.push(Self {
            name: "assignments",
            call: by(officers::UNIT, "POST", "/v1/assignments"),
            body: json!({"action": "return", "reason": "Bukan kami", "tickets": [report.ticket]}),
            report: Some(report),
        });
        routes
    }

    fn send(&self, body: &[u8]) -> Answer {
        let call = self.call.clone().key(&fresh_key()).header("Content-Type", "application/json");
        call.bytes(body.to_vec()).send()
    }
}

/// Bodies that no route takes, with the answer that all give.
fn hostile_bodies() -> Vec<(Vec<u8>, u16)> {
    let mut bodies: Vec<(Vec<u8>, u16)> = Vec::new();
    let texts: &[(&str, u16)] = &[
        ("", 400),
        (" ", 400),
        ("\0", 400),
        ("{", 400),
        ("}", 400),
        ("{\"a\"", 400),
        ("{\"a\":}", 400),
        ("{\"a\":1,}", 400),
        ("{\"a\" 1}", 400),
        ("{a:1}", 400),
        ("{'a':1}", 400),
        ("{} {}", 400),
        ("{}x", 400),
        ("[", 400),
        ("[1,]", 400),
        ("\"", 400),
        ("\"\\x\"", 400),
        ("\"\\ud800\"", 400),
        ("\"\u{1}\"", 400),
        ("{}\u{feff}", 400),
        ("nul", 400),
        ("NaN", 400),
        ("-Infinity", 400),
        ("1e400", 400),
        ("-1e400", 400),
        ("{\"lat\":1e999999999}", 400),
        ("01", 400),
        ("+1", 400),
        (".5", 400),
        ("0x10", 400),
        ("// {}", 400),
        ("<xml/>", 400),
        ("category=sampah", 400),
        ("null", 422),
        ("true", 422),
        ("1", 422),
        ("-0.0", 422),
        ("1e-400", 422),
        ("\"teks\"", 422),
        ("[]", 422),
        ("[{}]", 422),
        ("{}", 422),
        ("{\"\":\"\"}", 422),
        ("{\"__proto__\":{\"action\":\"accept\"}}", 422),
        ("{\"ticket\":\"0\",\"version\":\"0\",\"status\":\"selesai\",\"by\":\"x\",\"tl_authors\":[]}", 422),
    ];
    bodies.extend(texts.iter().map(|(text, status)| (text.as_bytes().to_vec(), *status)));
    bodies.extend([
        (b"\xff".to_vec(), 400),
        (b"\xff\xfe{\0}\0".to_vec(), 400),
        // The gateway puts U+FFFD in the place of what is no UTF-8, so within a text the function never sees it.
        (b"{\"tidak_dikenal\":\"\xc3\x28\"}".to_vec(), 422),
        (b"{\"tidak_dikenal\":\"\xed\xa0\x80\"}".to_vec(), 422),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00".to_vec(), 400),
        ("[".repeat(60_000).into_bytes(), 400),
        ("{\"a\":".repeat(10_000).into_bytes(), 400),
        (format!("{{\"x\":{}1{}}}", "[".repeat(200), "]".repeat(200)).into_bytes(), 400),
        (format!("{{\"x\":{}1{}}}", "[".repeat(100), "]".repeat(100)).into_bytes(), 422),
        (format!("{{\"{}\":1}}", "x".repeat(60_000)).into_bytes(), 422),
        (format!("{{\"x\":{}}}", "9".repeat(60_000)).into_bytes(), 400),
        (format!("{{\"x\":0.{}}}", "9".repeat(60_000)).into_bytes(), 422),
        (" ".repeat(65_537).into_bytes(), 413),
        (vec![b'x'; 70_000], 413),
    ]);
    bodies
}

/// Values that no field takes, put into every field at once beside a field that no route knows.
fn hostile_values() -> Vec<Value> {
    let nested = (0..60).fold(json!({}), |inner, _| json!({"a": inner}));
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1e-300),
        json!(f64::MIN_POSITIVE),
        json!(f64::MAX),
        json!(-0.0),
        json!(""),
        json!(" "),
        json!("\0"),
        json!("\u{202e}\u{0}\u{7f}"),
        json!("x".repeat(5000)),
        json!("%s%n{}'\"; DROP TABLE laporan; --"),
        json!("../../../../etc/passwd"),
        json!("${jndi:ldap://contoh.id/a}"),
        json!([]),
        json!([[], {}, null, "x", 1]),
        json!((0..1000).collect::<Vec<u32>>()),
        json!({}),
        json!({"lat": "x", "lon": [], "S": "x", "N": "1", "NULL": true}),
        json!({"$ne": null, "#": 1, ":open": true}),
        nested,
    ]
}

#[test]
fn no_body_on_any_post_route_gets_anything_but_its_4xx_and_none_changes_a_thing() {
    let (bodies, values) = (hostile_bodies(), hostile_values());
    let routes = Route::all();
    let before: Vec<_> =
        routes.iter().map(|route| route.report.as_ref().map(|report| items_of(&report.ticket))).collect();
    let mut cases: Vec<(&Route, Vec<u8>, u16)> = Vec::new();
    for route in &routes {
        let is_good = |body: &[u8]| serde_json::from_slice(body).is_ok_and(|body: Value| body == route.body);
        let hostile = bodies.iter().filter(|(body, _)| !is_good(body));
        cases.extend(hostile.map(|(body, status)| (route, body.clone(), *status)));
        for value in &values {
            let fields = route.body.as_object().expect("an object").keys();
            let mut body: serde_json::Map<String, Value> =
                fields.map(|field| (field.clone(), value.clone())).collect();
            body.insert("tidak_dikenal".to_owned(), value.clone());
            cases.push((route, Value::from(body).to_string().into_bytes(), 422));
        }
    }
    let wrong: Vec<String> = in_parallel(cases, |(route, body, expected)| {
        let answer = route.send(&body);
        let listed = answer.status != 422 || !answer.errors().is_empty();
        let text = String::from_utf8_lossy(&body).chars().take(60).collect::<String>();
        (answer.status != expected || !listed)
            .then(|| format!("{} {text:?}: {} instead of {expected}", route.name, answer.status))
    })
    .into_iter()
    .flatten()
    .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (route, before) in routes.iter().zip(before) {
        let after = route.report.as_ref().map(|report| items_of(&report.ticket));
        assert!(after == before, "{}: something has changed", route.name);
    }
}

/// Answers that do not go by the body's JSON, on every POST route, in the order of the contract: 413, 415, 400, 422.
#[test]
fn size_comes_before_type_and_type_before_json_on_every_post_route() {
    let json_type = Some("application/json");
    let large = vec![b'x'; 70_000];
    let cases: Vec<(Option<&str>, &[u8], u16, &str)> = vec![
        (Some("text/plain"), &large, 413, "/problems/too-large"),
        (Some("text/plain"), b"{}", 415, "/problems/wrong-type"),
        (Some("text/plain"), b"{", 415, "/problems/wrong-type"),
        (Some("application/json; charset=iso-8859-1"), b"{}", 415, "/problems/wrong-type"),
        (Some("application/jsonp"), b"{}", 415, "/problems/wrong-type"),
        (Some("multipart/form-data; boundary=x"), b"--x--", 415, "/problems/wrong-type"),
        (None, b"{}", 415, "/problems/wrong-type"),
        (json_type, b"{", 400, "/problems/not-json"),
        (json_type, b"", 400, "/problems/not-json"),
        (json_type, b"[]", 422, "/problems/validation-failed"),
        (Some("APPLICATION/JSON;charset=UTF-8"), b"[]", 422, "/problems/validation-failed"),
    ];
    let routes = Route::all();
    let all: Vec<_> = routes.iter().flat_map(|route| cases.iter().map(move |case| (route, *case))).collect();
    in_parallel(all, |(route, (content_type, body, status, problem))| {
        let call = route.call.clone().key(&fresh_key()).bytes(body.to_vec());
        let answer =
            content_type.into_iter().fold(call, |call, value| call.header("Content-Type", value)).send();
        assert_eq!(answer.status, status, "{} {content_type:?} {}", route.name, body.len());
        assert_eq!(answer.json()["type"], problem, "{} {content_type:?}", route.name);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    });
}

/// A body in three ways that name something twice: its first field, the same written with an escape, and a name further down.
fn repeating(body: &Value) -> [String; 3] {
    // A claim and a nonce have no field of their own.
    let body = if *body == json!({}) { &json!({"tidak_dikenal": 1}) } else { body };
    let (name, value) = body.as_object().and_then(|fields| fields.iter().next()).expect("a field");
    let (first, rest) = name.split_at(1);
    let escaped = format!("\\u{:04x}{rest}", u32::from(first.chars().next().expect("a letter")));
    let others = body.to_string();
    let others = others.strip_prefix('{').expect("an object");
    [
        format!("{{\"{name}\":{value},{others}"),
        format!("{{\"{escaped}\":{value},{others}"),
        format!("{{\"tidak_dikenal\":[{{\"a\":{{\"b\":1,\"b\":2}}}}],{others}"),
    ]
}

#[test]
fn a_body_that_repeats_a_name_is_no_json_on_any_route_and_changes_nothing() {
    let mut routes = Route::all();
    let finished = life::in_status(Status::Selesai, &life::body());
    let of_the_reporter = [
        ("POST", "dispute", json!({"reason": "Masih berlubang"})),
        ("POST", "photos", json!({"photos": [declared(&photo(1))]})),
        ("PUT", "rating", json!({"stars": 1, "comment": "Lama"})),
        ("PUT", "privacy", json!({"privacy": "public"})),
    ];
    routes.extend(of_the_reporter.map(|(method, name, body)| {
        let path = format!("/v1/track/{}/{name}", finished.ticket);
        let call = Call::api(method, &path).header("Report-Secret", &finished.secret);
        Route { name, call, body, report: Some(finished.clone()) }
    }));
    let before: Vec<_> =
        routes.iter().map(|route| route.report.as_ref().map(|report| items_of(&report.ticket))).collect();
    let mut cases: Vec<(&Route, String)> = Vec::new();
    for route in &routes {
        cases.extend(repeating(&route.body).map(|body| (route, body)));
    }
    in_parallel(cases, |(route, body)| {
        let answer = route.send(body.as_bytes()).expect(400);
        assert_eq!(answer.json()["type"], "/problems/not-json", "{}: {body}", route.name);
    });
    for (route, before) in routes.iter().zip(before) {
        let after = route.report.as_ref().map(|report| items_of(&report.ticket));
        assert!(after == before, "{}: something has changed", route.name);
    }
}

/// What is changed in a good body, and the errors that it then has.
type Case<'a> = (Vec<(&'a str, Value)>, Vec<&'a str>);

#[test]
fn all_errors_of_a_submission_are_named_at_once() {
    let digest = "a".repeat(44);
    let cases: Vec<Case> = vec![
        (
            vec![("/category", Value::Null), ("/description", Value::Null), ("/location", Value::Null)],
            vec!["category required", "description required", "location required"],
        ),
        (vec![("/category", json!("Jalan Rusak"))], vec!["category invalid_format"]),
        (vec![("/category", json!("x".repeat(41)))], vec!["category invalid_format"]),
        (vec![("/category", json!("tidak-terdaftar"))], vec!["category no_such_code"]),
        (vec![("/category", json!(["sampah"]))], vec!["category wrong_type"]),
        (vec![("/description", json!("  pendek    "))], vec!["description too_short"]),
        (vec![("/description", json!("x".repeat(4001)))], vec!["description too_long"]),
        (vec![("/description", json!("Lampu jalan\u{0} mati"))], vec!["description control_character"]),
        (
            vec![("/description", json!("x\u{1b}"))],
            vec!["description too_short", "description control_character"],
        ),
        (
            vec![(
                "/location",
                json!({"lat": -90.000_1, "lon": 180.000_1, "accuracy_m": -2, "address": "x"}),
            )],
            vec![
                "location.lat out_of_range",
                "location.lon out_of_range",
                "location.accuracy_m out_of_range",
                "location.address too_short",
            ],
        ),
        (
            vec![("/location", json!({"lat": 1e308, "lon": -1e308}))],
            vec!["location.lat out_of_range", "location.lon out_of_range"],
        ),
        (
            vec![("/location", json!({"lat": "-6.2", "lon": true}))],
            vec!["location.lat wrong_type", "location.lon wrong_type"],
        ),
        (vec![("/location", json!({"lat": -6.2}))], vec!["location.lon required"]),
        (
            vec![("/location", json!({"accuracy_m": 5}))],
            vec!["location.lat required", "location.lon required"],
        ),
        (vec![("/location", json!({}))], vec!["location.address required"]),
        (vec![("/location", json!({"address": "x".repeat(301)}))], vec!["location.address too_long"]),
        (vec![("/location", json!([-6.2, 106.8]))], vec!["location wrong_type"]),
        (
            vec![("/privacy", json!("Private")), ("/language", json!("jv"))],
            vec!["privacy not_listed", "language not_listed"],
        ),
        (
            vec![("/privacy", json!(true)), ("/language", json!(1))],
            vec!["privacy wrong_type", "language wrong_type"],
        ),
        (
            vec![("/reporter", json!({"name": "x".repeat(513), "phone": 812, "email": [], "age": 3}))],
            vec!["reporter.age unknown_field"],
        ),
        (vec![("/reporter", json!("Budi"))], vec!["reporter wrong_type"]),
        (vec![("/photos", json!(vec![declared(&photo(1)); 6]))], vec!["photos too_many"]),
        (vec![("/photos", json!({"0": {}}))], vec!["photos wrong_type"]),
        (
            vec![(
                "/photos",
                json!([
                    {"content_type": "image/svg+xml", "size": 0, "sha256": "AAAA"},
                    {"content_type": "image/png", "size": 40 * 1024 * 1024 + 1, "sha256": digest},
                    {"content_type": "image/webp", "size": -1, "sha256": 7, "name": "a.webp"},
                    {"size": 1.5},
                    7,
                ]),
            )],
            vec![
                "photos[0].content_type not_listed",
                "photos[0].size out_of_range",
                "photos[0].sha256 invalid_format",
                "photos[1].size out_of_range",
                "photos[1].sha256 invalid_format",
                "photos[2].size out_of_range",
                "photos[2].sha256 wrong_type",
                "photos[2].name unknown_field",
                "photos[3].content_type required",
                "photos[3].size wrong_type",
                "photos[3].sha256 required",
                "photos[4] wrong_type",
            ],
        ),
        (
            vec![("/channel", json!("jaki")), ("/status", json!("selesai")), ("/ticket", json!("0"))],
            vec!["channel unknown_field", "status unknown_field", "ticket unknown_field"],
        ),
        (
            vec![
                ("/category", json!("tidak-terdaftar")),
                ("/location/lat", json!(91)),
                ("/reporter/phone", json!(12345)),
                ("/extra", json!(1)),
            ],
            vec!["location.lat out_of_range", "extra unknown_field"],
        ),
    ];
    in_parallel(cases, |(changes, expected)| {
        let body = with(life::body(), &changes);
        for call in [submission("jaki", &fresh_key(), &body), entry(officers::CLERK, &fresh_key(), &body)] {
            let answer = call.send();
            assert_eq!(answer.status, 422, "{changes:?}");
            assert_eq!(answer.errors(), expected, "{changes:?}");
        }
    });
}

#[test]
fn the_idempotency_key_of_a_submission_is_asked_for_beside_all_other_errors() {
    let faulty = with(life::body(), &[("/description", json!("pendek"))]);
    let long = "a".repeat(65);
    for (key, error) in [
        (None, "Idempotency-Key required"),
        (Some(""), "Idempotency-Key invalid_format"),
        (Some("a-key-of-21-symbols-x"), "Idempotency-Key invalid_format"),
        (Some("a-key-with-a-dot.and-more"), "Idempotency-Key invalid_format"),
        (Some("a key with some spaces in it"), "Idempotency-Key invalid_format"),
        (Some(long.as_str()), "Idempotency-Key invalid_format"),
    ] {
        let send = |body: &Value| {
            let call = Call::api("POST", "/v1/reports").bearer(stack().channel_key("jaki")).json(body);
            key.into_iter().fold(call, |call, key| call.key(key)).send().expect(422).errors()
        };
        assert_eq!(send(&life::body()), [error], "{key:?}");
        assert_eq!(send(&faulty), [error, "description too_short"], "{key:?}");
    }
}

#[test]
fn all_errors_of_a_command_are_named_at_once() {
    let routes = Route::all();
    let cases: Vec<(&str, Value, &[&str])> = vec![
        (
            "assignment",
            json!({"action": "accept", "unit": "x", "note": 1}),
            &["note unknown_field", "unit unknown_field"],
        ),
        (
            "assignment",
            json!({"action": "forward", "unit": "X Y", "into": "0"}),
            &["unit invalid_format", "reason required", "into unknown_field"],
        ),
        (
            "assignment",
            json!({"action": "forward", "unit": "tidak-terdaftar", "reason": "Bukan kami"}),
            &["unit no_such_code"],
        ),
        ("assignment", json!({"action": "return", "reason": "x"}), &["reason too_short"]),
        ("assignment", json!({"action": "return", "reason": "x".repeat(1001)}), &["reason too_long"]),
        ("assignment", json!({"action": "submit", "reason": 1}), &["action not_listed"]),
        ("assignment", json!({"action": 1, "x": 1}), &["action wrong_type", "x unknown_field"]),
        ("assignment", json!({}), &["action required"]),
        ("photos", json!({}), &["photos required"]),
        ("photos", json!({"photos": []}), &["photos required"]),
        ("photos", json!({"photos": vec![json!({}); 11]}), &["photos too_many"]),
        (
            "photos",
            json!({"photos": [{"kind": "reporter", "content_type": "image/gif", "size": 40 * 1024 * 1024 + 1, "sha256": ""}], "x": 1}),
            &[
                "photos[0].kind not_listed",
                "photos[0].content_type not_listed",
                "photos[0].size out_of_range",
                "photos[0].sha256 invalid_format",
                "x unknown_field",
            ],
        ),
        ("tl", json!({}), &["narrative required", "photos required"]),
        (
            "tl",
            json!({"narrative": "pendek", "photos": ["x", 1, "0000000000000000", "0000-0000-0000-0000"], "location": {"lat": 91}}),
            &[
                "narrative too_short",
                "photos[0] invalid_format",
                "photos[1] wrong_type",
                "photos[3] repeated",
                "location.lat out_of_range",
            ],
        ),
        (
            "tl",
            json!({"narrative": "Lubang sudah ditambal", "photos": ["0000000000000000"]}),
            &["photos[0] no_such_photo", "photos before_missing", "photos after_missing"],
        ),
        (
            "tl",
            json!({"narrative": "Lubang sudah ditambal", "photos": []}),
            &["photos before_missing", "photos after_missing"],
        ),
        ("validation", json!({}), &["decision required"]),
        ("validation", json!({"decision": "reject"}), &["reason required"]),
        (
            "validation",
            json!({"decision": "field_check", "reason": "\u{7}xxx", "x": 1}),
            &["reason control_character", "x unknown_field"],
        ),
        (
            "validation",
            json!({"decision": "ACCEPT", "reason": 1}),
            &["decision not_listed", "reason wrong_type"],
        ),
        (
            "verification",
            json!({}),
            &["conforms required", "finding required", "photos required", "location required"],
        ),
        (
            "verification",
            json!({"conforms": "true", "finding": "ok", "photos": "x", "location": {}}),
            &[
                "conforms wrong_type",
                "finding too_short",
                "photos wrong_type",
                "location.lat required",
                "location.lon required",
            ],
        ),
        (
            "verification",
            json!({"conforms": true, "finding": "Sesuai", "photos": ["0000000000000000"], "location": {"lat": 0, "lon": 0}}),
            &["photos[0] no_such_photo", "photos field_missing"],
        ),
        ("verification", json!({"looked": false}), &["reason required"]),
        ("verification", json!({"reason": "Gerbang terkunci"}), &["looked required"]),
        (
            "verification",
            json!({"looked": false, "reason": "x", "finding": "Sesuai"}),
            &["reason too_short", "finding unknown_field"],
        ),
        ("correction", json!({}), &["reason required", "category required"]),
        (
            "correction",
            json!({"category": "X Y", "location": {"lat": 91}, "area": "x/y", "reason": "x"}),
            &[
                "category invalid_format",
                "location.lat out_of_range",
                "area invalid_format",
                "reason too_short",
            ],
        ),
        (
            "correction",
            json!({"category": "tidak-terdaftar", "location": {"address": "Jl. Contoh 1"}, "area": "99.99", "reason": "Salah"}),
            &["category no_such_code", "area no_such_code"],
        ),
        (
            "correction",
            json!({"location": {"lat": -6.05, "lon": 106.85}, "area": "31.71", "reason": "Salah"}),
            &["area has_position"],
        ),
        ("notes", json!({}), &["text required"]),
        (
            "notes",
            json!({"text": "x", "audience": "semua", "to": "validasi", "x": 1}),
            &["text too_short", "audience not_listed", "to not_listed", "x unknown_field"],
        ),
        ("plan", json!({}), &["on required", "reason required"]),
        ("plan", json!({"on": "besok", "reason": "x"}), &["on invalid_format", "reason too_short"]),
        ("plan", json!({"on": "2026-01-01", "reason": "Menunggu bahan"}), &["on out_of_range"]),
        ("claim", json!({"until": 1}), &["until unknown_field"]),
        ("camera", json!({"nonce": 1}), &["nonce unknown_field"]),
    ];
    in_parallel(cases, |(name, body, expected)| {
        let route = routes.iter().find(|route| route.name == name).expect("a route");
        let answer = route.send(body.to_string().as_bytes());
        assert_eq!(answer.status, 422, "{name} {body}");
        assert_eq!(answer.errors(), expected, "{name} {body}");
    });
    for route in routes.iter().filter(|route| route.report.is_some()) {
        let answer = route.call.clone().key("pendek").json(&json!([])).send().expect(422);
        assert_eq!(answer.errors(), [" wrong_type", "Idempotency-Key invalid_format"], "{}", route.name);
    }
}

#[rstest]
#[case("Lampu padam 🚨🕯️ di Jl. Melati 👩‍👩‍👧‍👦 sejak semalam")]
#[case("هذا الشارع مليء بالحفر ويحتاج إلى إصلاح")]
#[case("הכביש מלא בורות \u{202b}ליד השוק\u{202c}")]
#[case("ꦢꦭꦤ꧀ꦫꦸꦱꦏ꧀ ꦲꦁꦏꦠ꧀ ꦥꦱꦂ")]
#[case("Baris satu\nbaris dua\r\n\tmenjorok \u{e9}e\u{301}")]
#[case("\"; DROP TABLE laporan; -- <script>alert('x')</script> {{7*7}} \\u0000")]
fn text_of_any_script_comes_back_as_it_was_sent(#[case] text: &str) {
    let body = with(life::body(), &[("/description", json!(text)), ("/location/address", json!(text))]);
    let (report, _) = life::submit(&body);
    for seen in [report.tracked(), report.seen_by(officers::TIKET)] {
        let seen = seen.expect(200).json();
        assert_eq!((&seen["description"], &seen["place"]["address"]), (&json!(text), &json!(text)));
    }
}

#[test]
fn the_longest_texts_and_the_shortest_are_taken() {
    let longest = "🛣".repeat(4000);
    for description in ["x".repeat(10), longest] {
        let body = with(
            life::body(),
            &[("/description", json!(description)), ("/reporter/name", json!("é".repeat(200)))],
        );
        let (report, _) = life::submit(&body);
        assert_eq!(report.tracked().expect(200).json()["description"], json!(description));
    }
}

#[rstest]
#[case("1e-300", "-0.0", 0.0, 0.0)]
#[case("5e-324", "1e-131", 0.0, 0.0)]
#[case("-90", "180", -90.0, 180.0)]
#[case("90.0", "-180.0000000", 90.0, -180.0)]
#[case("-6.05881234567890123456789", "1.068456e2", -6.058_812_3, 106.8456)]
fn positions_in_any_json_notation_of_numbers_are_kept_to_a_centimetre(
    #[case] lat: &str,
    #[case] lon: &str,
    #[case] kept_lat: f64,
    #[case] kept_lon: f64,
) {
    let body = life::body().to_string();
    let body = body.replace("-6.0588123", lat).replace("106.8456123", lon).replace("8.5", "1e-300");
    let call = Call::api("POST", "/v1/reports").bearer(stack().channel_key("jaki")).key(&fresh_key());
    let told =
        call.header("Content-Type", "application/json").bytes(body.into_bytes()).send().expect(201).json();
    let text = |name: &str| told[name].as_str().expect("a text").to_owned();
    let report = Report { ticket: text("ticket"), secret: text("secret") };
    for seen in [report.tracked(), report.seen_by(officers::TIKET)] {
        let place = seen.expect(200).json()["place"].clone();
        assert_eq!((place["lat"].as_f64(), place["lon"].as_f64()), (Some(kept_lat), Some(kept_lon)));
        assert_eq!(place["accuracy_m"].as_f64(), Some(0.0));
    }
}

#[test]
fn a_problem_is_told_in_the_language_of_the_caller_and_quotes_nothing() {
    let secret_word = "katarahasia";
    let body = with(
        life::body(),
        &[("/privacy", json!(secret_word)), (&format!("/reporter/{secret_word}"), json!(1))],
    );
    let answer = |languages: Option<&str>| {
        let call = submission("jaki", &fresh_key(), &body);
        languages
            .into_iter()
            .fold(call, |call, value| call.header("Accept-Language", value))
            .send()
            .expect(422)
    };
    for (languages, expected, title, detail) in [
        (None, "id", "Ada isian yang salah", "Bukan salah satu nilai yang diizinkan."),
        (Some("id"), "id", "Ada isian yang salah", "Bukan salah satu nilai yang diizinkan."),
        (Some("fr, *;q=0.1"), "id", "Ada isian yang salah", "Bukan salah satu nilai yang diizinkan."),
        (Some("en"), "en", "Errors in fields", "This is not one of the allowed values."),
        (Some("id;q=0.4, en-GB;q=0.8"), "en", "Errors in fields", "This is not one of the allowed values."),
    ] {
        let answer = answer(languages);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.headers["content-language"], expected);
        assert_eq!(answer.headers["cache-control"], "no-store");
        let problem = answer.json();
        assert_eq!(problem["type"], "/problems/validation-failed");
        assert_eq!(problem["status"], 422);
        assert_eq!(problem["title"], title);
        assert_eq!(problem["errors"][0]["detail"], detail);
        let fields: Vec<&String> = problem.as_object().expect("an object").keys().collect();
        assert_eq!(fields, ["detail", "errors", "status", "title", "type"]);
    }
    // A value is never quoted; the name of a field is, so that it can be found.
    assert_eq!(answer(None).errors(), ["privacy not_listed", "reporter.katarahasia unknown_field"]);
    assert!(!answer(None).json()["errors"][0].to_string().contains(secret_word));
}

#[test]
fn an_empty_cursor_is_that_of_the_first_page() {
    let page = |query: &str| {
        by(officers::TIKET, "GET", &format!("/v1/desk?limit=1{query}")).send().expect(200).json()
    };
    assert_eq!(page("&cursor=")["items"][0]["ticket"], page("")["items"][0]["ticket"]);
}

#[rstest]
#[case("limit=0", 422, "limit out_of_range")]
#[case("limit=101", 422, "limit out_of_range")]
#[case("limit=abc", 422, "limit out_of_range")]
#[case("limit=-1", 422, "limit out_of_range")]
#[case("limit=1.0", 422, "limit out_of_range")]
#[case("limit=99999999999999999999", 422, "limit out_of_range")]
#[case("limit=", 422, "limit out_of_range")]
#[case("cursor=sampah", 422, "cursor invalid_format")]
#[case("cursor=%00%ff", 422, "cursor invalid_format")]
#[case("desk=", 422, "desk invalid_format")]
#[case("desk=unit:", 422, "desk invalid_format")]
#[case("desk=unit:A%20B", 422, "desk invalid_format")]
#[case("desk=semua", 422, "desk invalid_format")]
#[case("desk=semua&limit=0", 422, "desk invalid_format, limit out_of_range")]
#[case("limit=0&cursor=x", 422, "limit out_of_range, cursor invalid_format")]
#[case("limit=1&limit=2", 400, "")]
#[case("Limit=1", 400, "")]
#[case("sort=submitted_at", 400, "")]
#[case("channel=jaki", 400, "")]
#[case("q=x", 400, "")]
#[case("=", 400, "")]
#[case("limit=0&sort=x", 400, "")]
fn a_desk_is_asked_for_with_its_own_parameters_only(
    #[case] query: &str,
    #[case] status: u16,
    #[case] errors: &str,
) {
    let answer = by(officers::TIKET, "GET", &format!("/v1/desk?{query}")).send();
    assert_eq!(answer.status, status, "{}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.errors().join(", "), errors);
}

#[test]
fn an_unknown_parameter_and_a_hidden_one_get_the_same_refusal_everywhere() {
    let (report, _) = life::submit(&life::body());
    let paths =
        ["", "accesses", "photos/0000000000000000"].map(|path| (officers::ADMINISTRATOR, report.path(path)));
    let of_ticket_desk = ["/v1/desk".to_owned(), report.path("similar")].map(|path| (officers::TIKET, path));
    for (who, path) in paths.into_iter().chain(of_ticket_desk) {
        let refusals = ["submitted_at=2026-01-01", "channel=jaki", "tidak_ada=1", "privacy=private"]
            .map(|query| by(who, "GET", &format!("{path}?{query}")).send().expect(400).bytes);
        assert!(refusals.iter().all(|bytes| *bytes == refusals[0]), "{path}");
    }
    let track = format!("/v1/track/{}?x=1", report.ticket);
    Call::api("GET", &track).header("Report-Secret", &report.secret).send().expect(400);
    // Whoever has not shown the secret is told nothing but 404, whatever else is wrong.
    Call::api("GET", &track).send().expect(404);
}
