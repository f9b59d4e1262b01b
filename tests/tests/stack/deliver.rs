//! Updates reach reporters, each by one medium; what cannot be delivered waits, and says nothing of them.
//!
//! Contacts of these tests are their own: the engine writes the numbers and addresses that it sends to into its log.

use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use aws_sdk_sns::types::MessageAttributeValue;
use domain::{
    ids::EventId, language::Language, privacy::Privacy, sms_and_email_text, status::Status,
    submission::Contact, ticket::Ticket, unit::Code,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Mutex;
use store::vault::{EncryptionEntropy, Encryptor};
use tests::{
    canary,
    http::{Call, eventually, fresh_key},
    inbox::{Inbox, Message},
    life::{self, Report, body},
    officers,
    operator::{self, Item, wait},
    restart_notes,
    stack::stack,
};

/// The channel of these tests.
const CHANNEL: &str = "facebook";
const TOPIC: &str = "channel-facebook";

/// A report through [`CHANNEL`] of somebody who can be reached so.
#[track_caller]
fn submit(reporter: &Value, language: &str) -> Report {
    submit_by(CHANNEL, reporter, language)
}

#[track_caller]
fn submit_by(channel: &str, reporter: &Value, language: &str) -> Report {
    let mut body = body();
    body["language"] = json!(language);
    body["reporter"] = reporter.clone();
    let answer = life::submission(channel, &fresh_key(), &body).send().expect(201).json();
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    restart_notes::ticket(&text("ticket"));
    restart_notes::unspeakable(&text("secret"));
    Report { ticket: text("ticket"), secret: text("secret") }
}

/// A channel reference that no other report has.
fn reference() -> String {
    format!("rujukan-{}", &fresh_key()[..16])
}

fn contact(channel_ref: &str) -> Value {
    json!({"name": "Melati Sembunyi", "phone": "0811-0000-1111", "email": "melati@contoh.id", "channel_ref": channel_ref})
}

/// The vault, as the operator can see it: encrypted.
struct Vault(aws_sdk_dynamodb::Client);

impl Vault {
    fn new() -> Self {
        Self(aws_sdk_dynamodb::Client::new(&operator::config()))
    }

    fn key(report: &Report) -> AttributeValue {
        AttributeValue::S(report.ticket.replace('-', ""))
    }

    fn row(&self, report: &Report) -> Option<Item> {
        let get = self.0.get_item().table_name(stack().output("VaultTable")).key("pk", Self::key(report));
        wait(get.consistent_read(true).send()).unwrap().item
    }

    fn put(&self, row: Item) {
        wait(self.0.put_item().table_name(stack().output("VaultTable")).set_item(Some(row)).send()).unwrap();
    }

    fn delete(&self, report: &Report) {
        let delete = self.0.delete_item().table_name(stack().output("VaultTable"));
        wait(delete.key("pk", Self::key(report)).send()).unwrap();
    }

    fn number(&self, report: &Report, name: &str) -> Option<i64> {
        Some(self.row(report)?.get(name)?.as_n().unwrap().parse().unwrap())
    }

    /// Waits until the update of an event was delivered, or nothing led to them.
    #[track_caller]
    fn await_delivery(&self, report: &Report, event_id: &str) {
        eventually("the reporter is told", || {
            let row = self.row(report)?;
            (row.get("delivered")?.as_s().unwrap() == event_id).then_some(())
        });
    }
}

/// Waits for a message with this status to the report's reporter.
#[track_caller]
fn await_status(inbox: &Inbox, topic: &str, report: &Report, status: &str) -> Message {
    eventually(&format!("{topic} says {status}"), || {
        let came = inbox.about(report);
        came.into_iter().find(|message| message.topic == topic && message.body["status"] == status)
    })
}

/// Publishes on the reporters' topic what `notify` would, released at a given time.
fn publish(report: &Report, status: Status, event_id: &str, released_at: Timestamp) {
    publish_of(CHANNEL, report, status, event_id, &released_at.to_string());
}

/// The same, with a channel of its own.
fn publish_of(channel: &str, report: &Report, status: Status, event_id: &str, released_at: &str) {
    let body = json!({
        "event_id": event_id,
        "ticket": report.ticket,
        "status": status,
        "status_text": status.text(Language::Id),
        "label": Privacy::Private.label(),
    });
    let sns = aws_sdk_sns::Client::new(&operator::config());
    let mut publish = sns.publish().topic_arn(stack().output("ReporterTopic")).message(body.to_string());
    for (name, value) in [("channel", channel), ("language", "id"), ("released_at", released_at)] {
        let value = MessageAttributeValue::builder().data_type("String").string_value(value).build().unwrap();
        publish = publish.message_attributes(name, value);
    }
    wait(publish.send()).unwrap();
}

fn fresh_event() -> String {
    let random: Vec<u8> = fresh_key().into_bytes();
    EventId::from_bytes(&random[..EventId::BYTES].try_into().unwrap()).to_string()
}

/// What lies on the dead-letter queue, once and for all tests of this run.
fn dead_letters() -> Vec<String> {
    static FOUND: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let mut found = FOUND.lock().unwrap();
    let sqs = aws_sdk_sqs::Client::new(&operator::config());
    let url = stack().output("DeliverDeadQueue");
    loop {
        let batch = wait(sqs.receive_message().queue_url(url).max_number_of_messages(10).send()).unwrap();
        let batch = batch.messages.unwrap_or_default();
        if batch.is_empty() {
            return found.clone();
        }
        for message in batch {
            found.push(message.body.unwrap());
            let receipt = message.receipt_handle.unwrap();
            wait(sqs.delete_message().queue_url(url).receipt_handle(receipt).send()).unwrap();
        }
    }
}

fn dead_letters_about(report: &Report) -> Vec<String> {
    dead_letters().into_iter().filter(|letter| letter.contains(&report.ticket)).collect()
}

/// What the engine recorded as sent.
fn engine(what: &str) -> Value {
    Call::url("GET", &format!("{}/_ministack/{what}", stack().endpoint)).send().expect(200).json()
}

fn all_texts() -> String {
    engine("sns/sms-messages").to_string() + &engine("ses/messages").to_string()
}

#[test]
fn a_channel_is_told_of_every_change_with_its_own_reference_and_nothing_else() {
    let inbox = Inbox::on(&[TOPIC, "reporter"]);
    let reference = reference();
    let report = submit(&contact(&reference), "en");
    let ticket = Ticket::parse(&report.ticket).unwrap();
    for (status, then) in [
        (Status::Menunggu, Some(Report::assign as fn(&Report))),
        (Status::Koordinasi, Some(Report::accept)),
        (Status::Proses, None),
    ] {
        let said = await_status(&inbox, "reporter", &report, status.as_str());
        let told = await_status(&inbox, TOPIC, &report, status.as_str());
        let expected = json!({
            "event_id": said.body["event_id"],
            "ticket": report.ticket,
            "status": status,
            "status_text": status.text(Language::En),
            "text": sms_and_email_text::update(&ticket, status, None, None, Language::En),
            "label": Privacy::Private.label(),
            "channel_ref": reference,
        });
        assert_eq!(told.body, expected);
        assert!(told.attributes.is_empty() && told.subject.is_empty());
        Vault::new().await_delivery(&report, said.body["event_id"].as_str().unwrap());
        if let Some(then) = then {
            then(&report);
        }
    }
    let came: Vec<Message> = inbox.about(&report).into_iter().filter(|told| told.topic == TOPIC).collect();
    assert_eq!(came.len(), 3);
    assert!(came.iter().all(|told| !told.body.to_string().contains(canary::DESCRIPTION)));
    assert!(!all_texts().contains(&report.ticket), "one way is enough");
    // Other channels hear nothing of it: the topic names the channel.
    assert!(
        inbox.all().iter().all(|told| told.topic != TOPIC || told.body["channel_ref"] != canary::CHANNEL_REF)
    );
}

#[test]
fn an_sms_or_an_e_mail_goes_where_the_channel_cannot_tell_and_says_nothing_of_the_report() {
    // As the operator has to on AWS, where a proof is asked for.
    let ses = aws_sdk_sesv2::Client::new(&operator::config());
    let verified = wait(ses.create_email_identity().email_identity("contoh.go.id").send());
    assert!(verified.is_ok() || verified.is_err_and(|error| format!("{error:?}").contains("AlreadyExists")));
    // Numbers and addresses of nobody.
    let mark = &fresh_key()[..8];
    let digits: String = mark.bytes().map(|byte| char::from(b'0' + byte % 10)).collect();
    let email = format!("anggrek-{mark}@contoh.id");
    let by_sms = submit(&json!({"name": "Anggrek", "phone": format!("0811 {digits}"), "email": email}), "id");
    let by_email = submit(&json!({"phone": "021-3456789", "email": email}), "en");
    let text = |report: &Report, language| {
        let ticket = Ticket::parse(&report.ticket).unwrap();
        sms_and_email_text::update(&ticket, Status::Menunggu, None, None, language)
    };
    let sms = eventually("the SMS is sent", || {
        let sent = engine("sns/sms-messages");
        sent["sms_messages"][format!("+62811{digits}")].as_array().filter(|sent| !sent.is_empty()).cloned()
    });
    let label = Privacy::Private.label();
    assert_eq!(sms.len(), 1);
    assert_eq!(sms[0]["Message"], format!("{} {label}", text(&by_sms, Language::Id)));

    let mails = eventually("the e-mail is sent", || {
        let sent = engine("ses/messages");
        let sent = sent["messages"].as_object().unwrap().values().flat_map(|sent| sent.as_array().unwrap());
        let mails: Vec<Value> = sent.filter(|mail| mail["To"][0] == email).cloned().collect();
        (!mails.is_empty()).then_some(mails)
    });
    assert_eq!(mails.len(), 1, "who has an SMS gets no e-mail");
    assert_eq!(mails[0]["Source"], "tuntas@contoh.go.id");
    assert_eq!(mails[0]["To"], json!([email]));
    assert_eq!(mails[0]["Subject"], format!("Tuntas {}", by_email.ticket));
    assert_eq!(mails[0]["BodyText"], format!("{}\n\n{label}\n", text(&by_email, Language::En)));
    assert!(!all_texts().contains(canary::DESCRIPTION));
}

#[test]
fn who_left_nothing_is_sent_nothing_and_nothing_fails() {
    let inbox = Inbox::on(&[TOPIC, "reporter"]);
    let report = submit(&json!({"name": "Kamboja"}), "id");
    let said = await_status(&inbox, "reporter", &report, "menunggu");
    Vault::new().await_delivery(&report, said.body["event_id"].as_str().unwrap());
    assert!(inbox.about(&report).iter().all(|told| told.topic != TOPIC));
    assert!(!all_texts().contains(&report.ticket));
}

#[test]
fn closing_lets_the_identity_expire_after_30_days_and_reopening_does_not() {
    let (inbox, vault, reference) = (Inbox::on(&[TOPIC, "reporter"]), Vault::new(), reference());
    let report = submit(&contact(&reference), "id");
    await_status(&inbox, TOPIC, &report, "menunggu");
    assert_eq!(vault.number(&report, "expires_at"), None);
    let reject = json!({"action": "reject", "reason": "Bukan wewenang kota"});
    report.command(officers::TIKET, "assignment", &reject).expect(200);
    let said = await_status(&inbox, "reporter", &report, "ditolak");
    let closing = said.body["event_id"].as_str().unwrap();
    vault.await_delivery(&report, closing);
    let closed_at: Timestamp = said.attributes["released_at"].parse().unwrap();
    let thirty_days = SignedDuration::from_hours(30 * 24);
    assert_eq!(vault.number(&report, "expires_at"), Some((closed_at + thirty_days).as_second()));

    let second = SignedDuration::from_secs(1);
    let reopening = fresh_event();
    publish(&report, Status::Menunggu, &reopening, closed_at + second);
    vault.await_delivery(&report, &reopening);
    assert_eq!(vault.number(&report, "expires_at"), None);

    // The closing once more, and one from before: both are of no account by now.
    let before = vault.row(&report);
    publish(&report, Status::Ditolak, closing, closed_at);
    publish(&report, Status::Selesai, &fresh_event(), closed_at - second);
    publish(&report, Status::Menunggu, &reopening, closed_at + second);
    let last = fresh_event();
    publish(&report, Status::Koordinasi, &last, closed_at + second + second);
    vault.await_delivery(&report, &last);
    // They may come side by side; what there is of them has come when the queue has been empty of them for two tries.
    eventually("the queue is worked through", || queue_is_empty().then_some(()));
    let told: Vec<String> = inbox
        .about(&report)
        .iter()
        .filter(|told| told.topic == TOPIC)
        .map(|told| told.body["status"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(told, ["menunggu", "ditolak", "menunggu", "koordinasi"]);
    let after = vault.row(&report).unwrap();
    assert_eq!(after.get("expires_at"), None);
    assert_eq!(after["ciphertext"], before.unwrap()["ciphertext"]);
    assert!(dead_letters_about(&report).is_empty());
}

#[test]
fn a_message_that_names_another_channel_brings_it_no_reference() {
    let other = "channel-twitter";
    let (inbox, reference) = (Inbox::on(&[TOPIC, "reporter", other]), reference());
    let report = submit(&contact(&reference), "id");
    let said = await_status(&inbox, TOPIC, &report, "menunggu");
    Vault::new().await_delivery(&report, said.body["event_id"].as_str().unwrap());
    let now = await_status(&inbox, "reporter", &report, "menunggu").attributes["released_at"].clone();
    let later = now.parse::<Timestamp>().unwrap() + SignedDuration::from_secs(1);
    let event = fresh_event();
    publish_of("twitter", &report, Status::Proses, &event, &later.to_string());
    assert_eq!(await_status(&inbox, TOPIC, &report, "proses").body["channel_ref"], reference.as_str());
    Vault::new().await_delivery(&report, &event);
    assert!(
        inbox.all().iter().all(|told| told.topic != other || told.body["channel_ref"] != reference.as_str())
    );
}

#[test]
fn a_message_of_an_implausible_time_is_refused_and_later_updates_still_arrive() {
    let (inbox, vault) = (Inbox::on(&[TOPIC, "reporter"]), Vault::new());
    let report = submit(&contact(&reference()), "id");
    let said = await_status(&inbox, "reporter", &report, "menunggu");
    vault.await_delivery(&report, said.body["event_id"].as_str().unwrap());
    let before = vault.row(&report);
    let now: Timestamp = said.attributes["released_at"].parse().unwrap();
    let hours = |hours| (now + SignedDuration::from_hours(hours)).to_string();
    for released_at in ["9999-12-30T00:00:00Z", "1970-01-01T00:00:00Z", &hours(1), &hours(-31 * 24)] {
        publish_of(CHANNEL, &report, Status::Selesai, &fresh_event(), released_at);
    }
    eventually("they lie on the dead-letter queue", || {
        (dead_letters_about(&report).len() == 4).then_some(())
    });
    assert_eq!(vault.row(&report), before, "an identity that is none the nearer to its end");
    report.assign();
    let told = await_status(&inbox, TOPIC, &report, "koordinasi");
    vault.await_delivery(&report, told.body["event_id"].as_str().unwrap());
    let came = inbox.about(&report);
    assert!(came.iter().all(|told| told.topic != TOPIC || told.body["status"] != "selesai"));
}

fn queue_is_empty() -> bool {
    use aws_sdk_sqs::types::QueueAttributeName::{
        ApproximateNumberOfMessages as Queued, ApproximateNumberOfMessagesNotVisible as InWork,
    };
    let sqs = aws_sdk_sqs::Client::new(&operator::config());
    let asked = sqs.get_queue_attributes().queue_url(stack().output("DeliverQueue"));
    let found = wait(asked.attribute_names(Queued).attribute_names(InWork).send()).unwrap();
    let found = found.attributes.unwrap();
    [Queued, InWork].iter().all(|name| found[name] == "0")
}

#[test]
fn a_broken_row_is_not_sent_and_leaves_its_ticket_only_and_erased_people_leave_nothing() {
    let (inbox, vault) = (Inbox::on(&[TOPIC, "reporter"]), Vault::new());
    let references: Vec<String> = (0..5).map(|_| reference()).collect();
    let reports: Vec<Report> = references.iter().map(|reference| submit(&contact(reference), "id")).collect();
    for report in &reports {
        let said = await_status(&inbox, "reporter", report, "menunggu");
        vault.await_delivery(report, said.body["event_id"].as_str().unwrap());
    }
    let [erased, changed, moved, foreign, whole] = &reports[..] else { panic!("five reports") };
    // The row of one under the ticket of another, and nowhere twice.
    let mut row = vault.row(erased).unwrap();
    row.insert("pk".to_owned(), Vault::key(moved));
    vault.put(row);
    vault.delete(erased);
    let edit = |report: &Report, name: &str, value: AttributeValue| {
        let mut row = vault.row(report).unwrap();
        row.insert(name.to_owned(), value);
        vault.put(row);
    };
    let mut bytes = vault.row(changed).unwrap()["ciphertext"].as_b().unwrap().as_ref().to_vec();
    bytes[700] ^= 1;
    edit(changed, "ciphertext", AttributeValue::B(Blob::new(bytes)));
    let their_key = "arn:aws:kms:ap-southeast-3:666666666666:key/11111111-2222-3333-4444-555555555555";
    edit(foreign, "key_name", AttributeValue::S(their_key.to_owned()));
    for report in [erased, changed, moved, foreign, whole] {
        report.assign();
    }
    await_status(&inbox, TOPIC, whole, "koordinasi");
    for report in [changed, moved, foreign] {
        let letters = eventually("it lies on the dead-letter queue", || {
            Some(dead_letters_about(report)).filter(|letters| !letters.is_empty())
        });
        for letter in letters {
            for identity in
                references.iter().map(String::as_str).chain(["Melati", "0811-0000-1111", "melati@"])
            {
                assert!(!letter.contains(identity), "a dead letter says who");
            }
            let letter: Value = serde_json::from_str(&letter).unwrap();
            let said: Value = serde_json::from_str(letter["Message"].as_str().unwrap()).unwrap();
            let fields: Vec<&String> = said.as_object().unwrap().keys().collect();
            assert_eq!(fields, ["event_id", "label", "status", "status_text", "ticket"]);
            let attributes = letter["MessageAttributes"].as_object().unwrap();
            let names: Vec<&String> = attributes.keys().collect();
            assert_eq!(names, ["channel", "event", "language", "released_at", "status"]);
            let value = |name: &str| attributes[name]["Value"].as_str().unwrap();
            let fixed = ["channel", "event", "language", "status"].map(value);
            assert_eq!(fixed, [CHANNEL, "assign", "id", "koordinasi"]);
            assert!(value("released_at").parse::<Timestamp>().is_ok());
        }
    }
    for report in [erased, changed, moved, foreign] {
        let came = inbox.about(report);
        assert!(came.iter().all(|told| told.topic != TOPIC || told.body["status"] == "menunggu"));
        assert!(!all_texts().contains(&report.ticket));
    }
    assert!(dead_letters_about(erased).is_empty() && dead_letters_about(whole).is_empty());
    assert_eq!(vault.row(erased), None, "an erased person does not come back");
}

/// A channel's topic that an operator deleted; restored by `found` or when dropped.
struct Lost {
    sns: aws_sdk_sns::Client,
    name: String,
    policy: Option<String>,
}

impl Lost {
    fn topic(name: &str) -> Self {
        let sns = aws_sdk_sns::Client::new(&operator::config());
        let arn = format!("{}{name}", stack().output("TopicPrefix"));
        let found = wait(sns.get_topic_attributes().topic_arn(&arn).send()).expect("the topic");
        let policy = found.attributes.and_then(|mut attributes| attributes.remove("Policy"));
        wait(sns.delete_topic().topic_arn(&arn).send()).expect("deleted");
        Self { sns, name: arn.rsplit_once(':').expect("an ARN").1.to_owned(), policy }
    }

    fn found(&self) {
        let made = wait(self.sns.create_topic().name(&self.name).send()).expect("the topic");
        let policy = self.sns.set_topic_attributes().set_topic_arn(made.topic_arn).attribute_name("Policy");
        wait(policy.set_attribute_value(self.policy.clone()).send()).expect("its policy");
    }
}

impl Drop for Lost {
    fn drop(&mut self) {
        self.found();
    }
}

#[test]
fn what_only_a_lost_topic_could_take_waits_and_is_sent_when_it_is_back() {
    // A channel that no other test uses.
    let (channel, topic) = ("kantor-inspektorat", "channel-kantor-inspektorat");
    let lost = Lost::topic(topic);
    let reference = reference();
    let report = submit_by(channel, &json!({"channel_ref": reference}), "id");
    let letter = eventually("it lies on the dead-letter queue", || dead_letters_about(&report).pop());
    assert!(!letter.contains(&reference), "a dead letter says who");
    assert_eq!(Vault::new().row(&report).unwrap().get("delivered"), None);

    lost.found();
    let inbox = Inbox::on(&[topic]);
    // As `start-message-move-task` does, by which the runbook sends dead letters again.
    let sqs = aws_sdk_sqs::Client::new(&operator::config());
    let again = sqs.send_message().queue_url(stack().output("DeliverQueue")).message_body(letter);
    wait(again.send()).expect("sent again");
    assert_eq!(await_status(&inbox, topic, &report, "menunggu").body["channel_ref"], reference.as_str());
}

#[test]
fn while_the_vault_key_is_replaced_the_new_key_encrypts_and_rows_of_the_old_key_can_still_be_decrypted() {
    let (inbox, vault, old_reference) = (Inbox::on(&[TOPIC, "reporter"]), Vault::new(), reference());
    let kms = aws_sdk_kms::Client::new(&operator::config());
    let public = |output: &str| {
        wait(kms.get_public_key().key_id(stack().output(output)).send()).expect("a public half")
    };
    let (new, old) = (public("VaultKeyId"), public("PreviousVaultKeyId"));
    assert_ne!(new.key_id, old.key_id);

    let report = submit(&contact(&reference()), "id");
    let said = await_status(&inbox, "reporter", &report, "menunggu");
    vault.await_delivery(&report, said.body["event_id"].as_str().unwrap());
    let row = vault.row(&report).unwrap();
    assert_eq!(row["key_name"].as_s().ok(), new.key_id.as_ref());

    // As `submit` had encrypted it before.
    let encryptor = Encryptor::new(old.key_id.clone().unwrap(), old.public_key.unwrap().as_ref()).unwrap();
    let ticket = Ticket::parse(&report.ticket).unwrap();
    let contact = Contact { channel_ref: Some(old_reference.clone()), ..Contact::default() };
    // As fresh as `submit` draws it: no two rows have one nonce.
    let nonce = fresh_key().as_bytes()[..12].try_into().unwrap();
    let entropy = EncryptionEntropy { key: [3; 32].into(), nonce };
    let channel = Code::parse(CHANNEL).unwrap();
    vault.put(encryptor.encrypt(&ticket, &channel, &contact, entropy).unwrap().item(&ticket, None));
    report.assign();
    let told = await_status(&inbox, TOPIC, &report, "koordinasi");
    assert_eq!(told.body["channel_ref"], old_reference.as_str());
    assert_eq!(vault.row(&report).unwrap()["key_name"].as_s().ok(), old.key_id.as_ref());
}
