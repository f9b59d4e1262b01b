//! Runs the function against a small fake of AWS: a vault of one row with real cryptography, and services that answer as told.

use crate::{
    App,
    delivery::{Delivery, Media},
    keys::Keys,
    update::{
        Update,
        tests::{message, ticket},
    },
};
use aws_credential_types::Credentials;
use aws_failure::Failure;
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{KeySize, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::{body::SdkBody, retry::RetryConfig};
use data_encoding::BASE64;
use domain::{status::Status, submission::Contact, ticket::Ticket, unit::Code};
use jiff::Timestamp;
use rstest::rstest;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, LazyLock, Mutex},
};
use store::vault::{EncryptionEntropy, Encryptor};
use zeroize::Zeroizing;

const KEY: &str = "arn:aws:kms:ap-southeast-3:000000000000:key/present";
const EARLIER: &str = "arn:aws:kms:ap-southeast-3:000000000000:key/earlier";
const FOREIGN: &str = "arn:aws:kms:ap-southeast-3:666666666666:key/theirs";
const TOPICS: &str = "arn:aws:sns:ap-southeast-3:000000000000:tuntas-channel-";
const RELEASED: &str = "2026-11-24T02:00:00Z";

static PRIVATE: LazyLock<PrivateDecryptingKey> =
    LazyLock::new(|| PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap());

/// The state of the fake AWS.
#[derive(Default)]
struct World {
    row: Option<Map<String, Value>>,
    /// Errors by operation, answered instead of doing the operation.
    trouble: BTreeMap<&'static str, (u16, &'static str)>,
    /// The operations that were called, in order.
    calls: Vec<&'static str>,
    /// Each message that was sent, with its destination.
    sent: Vec<(String, String)>,
}

#[derive(Clone)]
struct Aws(Arc<Mutex<World>>);

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Aws")
    }
}

impl HttpConnector for Aws {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.answer(&request);
        let status = status.try_into().unwrap();
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status, SdkBody::from(body))))
    }
}

impl Aws {
    fn answer(&self, request: &HttpRequest) -> (u16, String) {
        let body = String::from_utf8(request.body().bytes().unwrap_or_default().to_vec()).unwrap();
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let json = || serde_json::from_str::<Value>(&body).unwrap();
        let mut world = self.0.lock().unwrap();
        let operation = match target.split('.').next_back().unwrap_or_default() {
            "GetItem" => "GetItem",
            "UpdateItem" if body.contains("SET delivered") => "MarkDelivered",
            "UpdateItem" => "UpdateItem",
            "Decrypt" => "Decrypt",
            _ if request.uri().ends_with("/v2/email/outbound-emails") => "SendEmail",
            _ if form(&body).contains_key("PhoneNumber") => "PublishSms",
            _ => "PublishTopic",
        };
        world.calls.push(operation);
        if let Some((status, code)) = world.trouble.get(operation) {
            return (*status, trouble(operation, code));
        }
        match operation {
            "GetItem" => (200, json!({"Item": world.row}).to_string()),
            "UpdateItem" | "MarkDelivered" => world.update(&json()),
            "Decrypt" => decrypt(&json()),
            "SendEmail" => {
                let sent = json();
                let to = sent["Destination"]["ToAddresses"].to_string();
                world.sent.push((to, sent["Content"]["Simple"]["Body"]["Text"]["Data"].to_string()));
                (200, json!({"MessageId": "1"}).to_string())
            }
            _ => {
                let mut sent = form(&body);
                let to = sent.remove("PhoneNumber").or_else(|| sent.remove("TopicArn")).unwrap();
                world.sent.push((to, sent.remove("Message").unwrap()));
                let result = "<PublishResult><MessageId>1</MessageId></PublishResult>";
                (200, format!("<PublishResponse>{result}</PublishResponse>"))
            }
        }
    }
}

impl World {
    /// Applies one of the function's two updates, with its condition.
    fn update(&mut self, request: &Value) -> (u16, String) {
        let Some(row) = &mut self.row else { return failed() };
        let given = |name: &str| request["ExpressionAttributeValues"][name].clone();
        let micros = |value: &Value| value["N"].as_str().map(|n| n.parse::<i64>().unwrap());
        let (newest, at) = (row.get("newest").and_then(micros), micros(&given(":at")).unwrap());
        match request["UpdateExpression"].as_str().unwrap() {
            "SET delivered = :event" => {
                if newest != Some(at) {
                    return failed();
                }
                row.insert("delivered".into(), given(":event"));
            }
            expression => {
                if newest.is_some_and(|newest| newest > at) {
                    return failed();
                }
                row.insert("newest".into(), given(":at"));
                if expression.contains("REMOVE expires_at") {
                    row.remove("expires_at");
                } else {
                    row.insert("expires_at".into(), given(":expires_at"));
                }
            }
        }
        (200, "{}".into())
    }
}

fn failed() -> (u16, String) {
    (400, trouble("UpdateItem", "ConditionalCheckFailedException"))
}

fn trouble(operation: &str, code: &str) -> String {
    if operation.starts_with("Publish") {
        format!("<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code></Error></ErrorResponse>")
    } else {
        json!({"__type": code, "code": code}).to_string()
    }
}

fn decrypt(request: &Value) -> (u16, String) {
    assert_eq!(request["EncryptionAlgorithm"], "RSAES_OAEP_SHA_256");
    assert!([KEY, EARLIER].contains(&request["KeyId"].as_str().unwrap()), "a key that is none of ours");
    let wrapped = BASE64.decode(request["CiphertextBlob"].as_str().unwrap().as_bytes()).unwrap();
    let private = OaepPrivateDecryptingKey::new(PRIVATE.clone()).unwrap();
    let mut key = vec![0; private.min_output_size()];
    let key = private.decrypt(&OAEP_SHA256_MGF1SHA256, &wrapped, &mut key, None).unwrap();
    (200, json!({"Plaintext": BASE64.encode(key)}).to_string())
}

/// An `application/x-www-form-urlencoded` body.
fn form(body: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| {
        let mut bytes = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let hex: Vec<u8> = if byte == b'%' { rest.by_ref().take(2).collect() } else { vec![] };
            let escaped = str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(escaped.unwrap_or(if byte == b'+' { b' ' } else { byte }));
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = body.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// A function that may do everything, with a vault that has one row.
struct Scene {
    aws: Aws,
    app: App,
}

macro_rules! client {
    ($sdk:ident, $aws:expr) => {{
        let connector = SharedHttpConnector::new($aws.clone());
        let config = $sdk::Config::builder()
            .region($sdk::config::Region::new("ap-southeast-3"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .retry_config(RetryConfig::disabled())
            .http_client(http_client_fn(move |_, _| connector.clone()));
        #[expect(clippy::disallowed_methods, reason = "nothing is called or counted here: the test answers")]
        let client = $sdk::Client::from_conf(config.build());
        client
    }};
}

impl Scene {
    fn with(contact: &Contact) -> Self {
        Self::encrypted_under(KEY, &ticket(), contact)
    }

    fn encrypted_under(key: &str, ticket: &Ticket, contact: &Contact) -> Self {
        let public: PublicKeyX509Der<'_> = PRIVATE.public_key().as_der().unwrap();
        let entropy = EncryptionEntropy { key: Zeroizing::new([7; 32]), nonce: [9; 12] };
        let encryptor = Encryptor::new(key.into(), public.as_ref()).unwrap();
        let encrypted = encryptor.encrypt(ticket, &Code::parse("jaki").unwrap(), contact, entropy);
        let row = encrypted.unwrap().item(ticket, None).into_iter().map(|(name, value)| {
            let text = value.as_s().map(|text| json!({"S": text}));
            let value =
                text.or_else(|value| value.as_b().map(|bytes| json!({"B": BASE64.encode(bytes.as_ref())})));
            (name, value.unwrap())
        });
        let aws = Aws(Arc::new(Mutex::new(World { row: Some(row.collect()), ..World::default() })));
        let app = App {
            vault: store::vault::Vault::new(client!(aws_sdk_dynamodb, aws), "vault".into()),
            keys: Keys::new(client!(aws_sdk_kms, aws), &format!("{KEY},{EARLIER}")).unwrap(),
            media: Media {
                sns: client!(aws_sdk_sns, aws),
                ses: client!(aws_sdk_sesv2, aws),
                channel_topics: TOPICS.into(),
                sms: true,
                sender: Some("tuntas@contoh.go.id".into()),
            },
        };
        Self { aws, app }
    }

    fn trouble(&self, operation: &'static str, status: u16, code: &'static str) {
        self.world(|world| world.trouble.insert(operation, (status, code)));
    }

    fn world<T>(&self, look: impl FnOnce(&mut World) -> T) -> T {
        look(&mut self.aws.0.lock().unwrap())
    }

    fn sent(&self) -> Vec<(String, String)> {
        self.world(|world| world.sent.clone())
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.world(|world| Some(world.row.as_ref()?.get(name)?["N"].as_str()?.parse().unwrap()))
    }

    async fn deliver(&self, update: &Update) -> Result<Delivery, Failure> {
        self.app.deliver(update, at("2026-11-24T04:00:00Z")).await
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// An update of the report, through JAKI.
fn update(status: Status, event: u8, released_at: &str) -> Update {
    let attributes = [("channel", "jaki"), ("language", "en"), ("released_at", released_at)];
    Update::read(&message(status, event, &attributes).to_string()).unwrap()
}

fn contact(phone: &str, email: &str, channel_ref: &str) -> Contact {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Contact {
        name: Some("Siti Nurbaya".into()),
        phone: given(phone),
        email: given(email),
        channel_ref: given(channel_ref),
    }
}

fn whole() -> Contact {
    contact("0812-3456-7890", "siti@contoh.id", "kanal-1")
}

const SMS: &str = "Tuntas {}: In progress. Thank you. Laporan bersifat privasi. Jangan berikan informasi dalam laporan ini kepada siapapun";

#[tokio::test]
async fn a_channel_gets_what_it_needs_to_reach_its_user_and_no_more() {
    let scene = Scene::with(&whole());
    let first = update(Status::Proses, 1, RELEASED);
    assert_eq!(scene.deliver(&first).await, Ok(Delivery::SentChannel));
    let [(to, body)] = &scene.sent()[..] else { panic!("one message") };
    assert_eq!(to, &format!("{TOPICS}jaki"));
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        body,
        json!({
            "event_id": first.event_id,
            "ticket": ticket().to_string(),
            "status": "proses",
            "status_text": "In progress",
            "text": format!("Tuntas {}: In progress. Thank you.", ticket()),
            "label": "Laporan bersifat privasi. Jangan berikan informasi dalam laporan ini kepada siapapun",
            "channel_ref": "kanal-1",
        })
    );
}

#[tokio::test]
async fn an_sms_and_an_e_mail_say_ticket_status_and_label_and_no_more() {
    let sms = SMS.replace("{}", &ticket().to_string());
    for (contact, delivery, to, text) in [
        (contact("0812-3456-7890", "siti@contoh.id", ""), Delivery::SentSms, "+6281234567890", sms.clone()),
        (
            contact("", "siti@contoh.id", ""),
            Delivery::SentEmail,
            r#"["siti@contoh.id"]"#,
            format!("\"{}\\n\"", sms.replace("you. L", "you.\\n\\nL")),
        ),
    ] {
        let scene = Scene::with(&contact);
        assert_eq!(scene.deliver(&update(Status::Proses, 1, RELEASED)).await, Ok(delivery));
        assert_eq!(scene.sent(), [(to.to_owned(), text)]);
    }
}

#[rstest]
#[case::all(whole(), &[], Delivery::SentChannel)]
#[case::none(contact("", "", ""), &[], Delivery::Unreachable)]
#[case::no_topic(whole(), &[("PublishTopic", "NotFound")], Delivery::SentSms)]
#[case::a_landline(contact("021-3456789", "siti@contoh.id", ""), &[], Delivery::SentEmail)]
#[case::opted_out(contact("08123456789", "siti@contoh.id", ""), &[("PublishSms", "OptedOut")], Delivery::SentEmail)]
#[case::no_number(contact("08123456789", "", ""), &[("PublishSms", "InvalidParameter")], Delivery::Refused)]
#[case::no_address(contact("", "siti@contoh.id", ""), &[("SendEmail", "BadRequestException")], Delivery::Refused)]
#[case::odd_address(contact("", "siti@contoh.id,budi@contoh.id", ""), &[], Delivery::Refused)]
#[tokio::test]
async fn an_update_goes_by_the_first_medium_that_takes_it_and_ends_when_all_refuse(
    #[case] contact: Contact,
    #[case] trouble: &[(&'static str, &'static str)],
    #[case] expected: Delivery,
) {
    let scene = Scene::with(&contact);
    for (operation, code) in trouble {
        scene.trouble(operation, if *code == "NotFound" { 404 } else { 400 }, code);
    }
    let first = update(Status::Proses, 1, RELEASED);
    assert_eq!(scene.deliver(&first).await, Ok(expected));
    let sent = !matches!(expected, Delivery::Unreachable | Delivery::Refused);
    assert_eq!(scene.sent().len(), usize::from(sent));
    assert_eq!(scene.deliver(&first).await, Ok(Delivery::Duplicate), "once is enough");
}

#[rstest]
#[case::nothing_else(contact("", "", "kanal-1"), &[])]
#[case::a_landline(contact("021-3456789", "", "kanal-1"), &[])]
#[case::opted_out(contact("08123456789", "", "kanal-1"), &[("PublishSms", "OptedOut")])]
#[tokio::test]
async fn what_no_way_takes_for_lack_of_the_channels_topic_waits_for_it(
    #[case] contact: Contact,
    #[case] trouble: &[(&'static str, &'static str)],
) {
    let scene = Scene::with(&contact);
    scene.trouble("PublishTopic", 404, "NotFound");
    for (operation, code) in trouble {
        scene.trouble(operation, 400, code);
    }
    let first = update(Status::Proses, 1, RELEASED);
    assert_eq!(scene.deliver(&first).await, Err(Failure::Unavailable));
    assert!(scene.sent().is_empty());
    scene.world(|world| world.trouble.remove("PublishTopic"));
    assert_eq!(scene.deliver(&first).await, Ok(Delivery::SentChannel));
}

#[rstest]
#[case(false, None, Delivery::Unreachable)]
#[case(false, Some("tuntas@contoh.go.id"), Delivery::SentEmail)]
#[tokio::test]
async fn ways_that_the_stack_has_not_turned_on_are_none(
    #[case] sms: bool,
    #[case] sender: Option<&str>,
    #[case] expected: Delivery,
) {
    let mut scene = Scene::with(&contact("0812-3456-7890", "siti@contoh.id", ""));
    scene.app.media.sms = sms;
    scene.app.media.sender = sender.map(ToOwned::to_owned);
    assert_eq!(scene.deliver(&update(Status::Proses, 1, RELEASED)).await, Ok(expected));
}

#[rstest]
#[case("PublishTopic", 400, "Throttled", Failure::Throttled)]
#[case("PublishTopic", 403, "AuthorizationError", Failure::Denied)]
#[case("PublishTopic", 500, "InternalError", Failure::Unavailable)]
#[case("Decrypt", 400, "ThrottlingException", Failure::Throttled)]
#[case("Decrypt", 400, "DisabledException", Failure::Rejected)]
#[case("GetItem", 500, "InternalServerError", Failure::Unavailable)]
#[case("UpdateItem", 400, "ProvisionedThroughputExceededException", Failure::Throttled)]
#[tokio::test]
async fn what_may_go_better_later_comes_again_and_is_sent_then(
    #[case] operation: &'static str,
    #[case] status: u16,
    #[case] code: &'static str,
    #[case] failure: Failure,
) {
    let scene = Scene::with(&whole());
    scene.trouble(operation, status, code);
    let first = update(Status::Proses, 1, RELEASED);
    assert_eq!(scene.deliver(&first).await, Err(failure));
    assert!(scene.sent().is_empty(), "no other medium is taken instead");
    scene.world(|world| world.trouble.clear());
    assert_eq!(scene.deliver(&first).await, Ok(Delivery::SentChannel));
}

#[tokio::test]
async fn a_sender_that_is_not_verified_loses_no_message() {
    let scene = Scene::with(&contact("", "siti@contoh.id", ""));
    scene.trouble("SendEmail", 400, "MessageRejected");
    let first = update(Status::Proses, 1, RELEASED);
    assert_eq!(scene.deliver(&first).await, Err(Failure::Denied));
    scene.world(|world| world.trouble.clear());
    assert_eq!(scene.deliver(&first).await, Ok(Delivery::SentEmail));
}

#[tokio::test]
async fn an_erased_or_expired_identity_is_not_told_and_not_brought_back() {
    let scene = Scene::with(&whole());
    scene.world(|world| world.row = None);
    assert_eq!(scene.deliver(&update(Status::Proses, 1, RELEASED)).await, Ok(Delivery::Gone));
    assert_eq!(scene.world(|world| world.calls.clone()), ["GetItem"]);

    let scene = Scene::with(&whole());
    let past = json!({"N": at(RELEASED).as_second().to_string()});
    scene.world(|world| world.row.as_mut().unwrap().insert("expires_at".into(), past));
    assert_eq!(scene.deliver(&update(Status::Proses, 1, RELEASED)).await, Ok(Delivery::Gone));
    assert_eq!(scene.world(|world| world.calls.clone()), ["GetItem"]);
}

#[tokio::test]
async fn a_reference_goes_to_the_channel_that_it_was_encrypted_with_whatever_the_message_says() {
    for channel in ["facebook", "../x", ""] {
        let scene = Scene::with(&whole());
        let attributes = [("channel", channel), ("released_at", RELEASED)];
        let first = Update::read(&message(Status::Proses, 1, &attributes).to_string()).unwrap();
        assert_eq!(scene.deliver(&first).await, Ok(Delivery::SentChannel));
        assert_eq!(scene.sent()[0].0, format!("{TOPICS}jaki"));
    }
    // Nor does a message without a channel keep the reference from its channel.
    let scene = Scene::with(&whole());
    let first = Update::read(&message(Status::Proses, 1, &[]).to_string()).unwrap();
    assert_eq!(scene.deliver(&first).await, Ok(Delivery::SentChannel));
}

#[rstest]
#[case("9999-12-30T00:00:00Z")]
#[case("2026-11-24T04:06:00Z")]
#[case("2026-10-24T03:59:59Z")]
#[case("1970-01-01T00:00:00Z")]
#[tokio::test]
async fn a_message_of_an_implausible_time_is_refused_and_touches_nothing(#[case] released_at: &str) {
    for status in [Status::Proses, Status::Selesai] {
        let scene = Scene::with(&whole());
        let row = scene.world(|world| world.row.clone());
        assert_eq!(
            scene.deliver(&update(status, 1, released_at)).await,
            Err(Failure::Bug("update of an implausible time"))
        );
        assert!(scene.world(|world| world.calls.is_empty() && world.row == row));
        assert_eq!(scene.deliver(&update(Status::Proses, 2, RELEASED)).await, Ok(Delivery::SentChannel));
    }
}

/// Forged just before a slot it would otherwise silence what is released then.
#[tokio::test]
async fn a_time_a_little_ahead_silences_nothing_that_is_released_before_it() {
    let scene = Scene::with(&whole());
    let ahead = update(Status::Proses, 1, "2026-11-24T04:04:00Z");
    assert_eq!(scene.deliver(&ahead).await, Ok(Delivery::SentChannel));
    let now = update(Status::MenungguValidasi, 2, "2026-11-24T04:00:00Z");
    assert_eq!(scene.deliver(&now).await, Ok(Delivery::SentChannel));
}

#[tokio::test]
async fn a_closing_that_comes_very_late_is_told_and_leaves_time_for_what_came_after_it() {
    let scene = Scene::with(&whole());
    let closed = update(Status::Selesai, 1, "2026-10-26T04:00:00Z");
    assert_eq!(scene.deliver(&closed).await, Ok(Delivery::SentChannel));
    assert_eq!(scene.number("expires_at"), Some(at("2026-12-08T04:00:00Z").as_second()));
    let reopened = update(Status::MenungguVerifikasi, 2, "2026-10-26T05:00:00Z");
    assert_eq!(scene.deliver(&reopened).await, Ok(Delivery::SentChannel));
    assert_eq!(scene.number("expires_at"), None);
}

#[tokio::test]
async fn closing_sets_the_expiry_and_reopening_removes_it() {
    let scene = Scene::with(&whole());
    for (n, status, expires_at) in [
        (1, Status::Proses, None),
        (2, Status::Selesai, Some("2026-12-24T02:00:02Z")),
        (3, Status::MenungguVerifikasi, None),
        (4, Status::Selesai, Some("2026-12-24T02:00:04Z")),
    ] {
        let first = update(status, n, &format!("2026-11-24T02:00:0{n}Z"));
        assert_eq!(scene.deliver(&first).await, Ok(Delivery::SentChannel));
        assert_eq!(scene.number("expires_at"), expires_at.map(|text| at(text).as_second()), "{status:?}");
    }
}

/// The row of a test report, which is gone two hours from now.
fn of_a_test(contact: &Contact) -> (Scene, i64) {
    let scene = Scene::with(contact);
    let until = at("2026-11-24T06:00:00Z").as_second();
    scene.world(|world| {
        let row = world.row.as_mut().unwrap();
        row.insert("test".into(), json!({"BOOL": true}));
        row.insert("expires_at".into(), json!({"N": until.to_string()}));
    });
    (scene, until)
}

#[tokio::test]
async fn no_update_moves_the_expiry_of_a_test_report() {
    for status in [Status::Menunggu, Status::Dibatalkan] {
        let (scene, until) = of_a_test(&whole());
        assert_eq!(scene.deliver(&update(status, 1, RELEASED)).await, Ok(Delivery::SentChannel));
        assert_eq!(scene.number("expires_at"), Some(until), "{status:?}");
    }
}

#[tokio::test]
async fn of_a_test_report_no_telephone_and_no_mailbox_hears() {
    let contact = contact("0812-3456-7890", "siti@contoh.id", "");
    let (scene, _) = of_a_test(&contact);
    let first = update(Status::Menunggu, 1, RELEASED);
    assert_eq!(scene.deliver(&first).await, Ok(Delivery::Unreachable));
    assert!(scene.sent().is_empty());
    assert_eq!(Scene::with(&contact).deliver(&first).await, Ok(Delivery::SentSms));
}

#[tokio::test]
async fn the_expiry_is_set_whatever_becomes_of_the_message() {
    let scene = Scene::with(&whole());
    scene.world(|world| world.row.as_mut().unwrap().remove("nonce"));
    assert_eq!(
        scene.deliver(&update(Status::Selesai, 1, RELEASED)).await,
        Err(Failure::Bug("vault row damaged"))
    );
    assert_eq!(scene.number("expires_at"), Some(at("2026-12-24T02:00:00Z").as_second()));
}

#[tokio::test]
async fn a_double_and_an_older_update_change_nothing_and_are_not_sent() {
    let scene = Scene::with(&whole());
    let first = update(Status::Selesai, 1, "2026-11-24T02:00:00Z");
    let second = update(Status::MenungguVerifikasi, 2, "2026-11-24T02:00:00.000001Z");
    assert_eq!(scene.deliver(&second).await, Ok(Delivery::SentChannel));
    let row = scene.world(|world| world.row.clone());
    assert_eq!(scene.deliver(&second).await, Ok(Delivery::Duplicate));
    assert_eq!(scene.deliver(&first).await, Ok(Delivery::Older));
    assert_eq!(scene.world(|world| world.row.clone()), row);
    assert_eq!(scene.sent().len(), 1);
}

#[tokio::test]
async fn a_mark_that_fails_does_not_send_again() {
    let scene = Scene::with(&whole());
    scene.trouble("MarkDelivered", 500, "InternalServerError");
    assert_eq!(scene.deliver(&update(Status::Proses, 1, RELEASED)).await, Ok(Delivery::SentChannel));
}

#[tokio::test]
async fn what_was_overtaken_or_erased_since_it_was_read_is_not_sent() {
    let scene = Scene::with(&whole());
    scene.trouble("UpdateItem", 400, "ConditionalCheckFailedException");
    assert_eq!(scene.deliver(&update(Status::Proses, 1, RELEASED)).await, Ok(Delivery::Older));
    assert!(scene.sent().is_empty());
}

#[tokio::test]
async fn a_row_encrypted_under_the_key_before_is_still_decrypted_by_that_key() {
    let scene = Scene::encrypted_under(EARLIER, &ticket(), &whole());
    assert_eq!(scene.deliver(&update(Status::Proses, 1, RELEASED)).await, Ok(Delivery::SentChannel));
}

#[tokio::test]
async fn a_row_that_names_a_key_of_others_is_refused_without_asking_it() {
    let scene = Scene::encrypted_under(FOREIGN, &ticket(), &whole());
    assert_eq!(
        scene.deliver(&update(Status::Proses, 1, RELEASED)).await,
        Err(Failure::Bug("vault key of others"))
    );
    assert!(!scene.world(|world| world.calls.contains(&"Decrypt")));
    assert!(scene.sent().is_empty());
}

#[tokio::test]
async fn a_row_of_another_ticket_is_not_sent() {
    let scene = Scene::encrypted_under(KEY, &Ticket::from_mac(&[2; 32]), &whole());
    assert_eq!(
        scene.deliver(&update(Status::Proses, 1, RELEASED)).await,
        Err(Failure::Bug("identity is not decrypted"))
    );
    assert!(scene.sent().is_empty());
}
