//! What the store puts into its tables is kept in every form, and today's code reads what any version has put there.

use crate::{
    dynamodb_items::{EXPIRES_AT, Item, number, read, text},
    intake_keys::{IntakeKeys, KeyOwner},
    quotas::count_of,
    registry::{Category, Channel, RegisteredUnit},
    reports::{
        DeskLine, FanOut, Reports, UnitOfReport, camera::nonce_item, event_item, photos::photo_item,
        slot_mail::slot_mail_item,
    },
    round_trip_tests::{announcements, bare_event, bare_report, full_event, full_report, photo, step},
    vault::{ContentKey, EncryptionEntropy, Encryptor, Row},
};
use aws_lc_rs::{
    encoding::{AsDer, PublicKeyX509Der},
    rsa::{OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, PrivateDecryptingKey},
};
use aws_sdk_dynamodb::{Client, Config, config::BehaviorVersion, types::TransactWriteItem};
use data_encoding::BASE64;
use domain::{
    act::Act,
    announcement::Announcement,
    camera::GivenNonce,
    category::Terms,
    deadlines::Allowance,
    desk::Desk,
    event::Event,
    followers::LastUpdate,
    ids::{CameraNonce, EventId, Version},
    officer::Clerk,
    pending::{PendingAction, Rating, ReporterAction},
    photo::{Photo, PhotoKind, PhotoReason, PhotoState},
    photo_evidence::Evidence,
    privacy::Privacy,
    report::{AsSubmitted, Due, Report, ReporterSide, Visibility},
    slot_mail::SlotMail,
    slots::SlotClass,
    status::Status,
    submission::Contact,
    ticket::Ticket,
    triage::Triage,
    unit::Code,
};
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use stored_forms::{VAULT_TEST_KEY, assert_kept, assert_read, assert_read_in_part, item_of, json_of};
use zeroize::Zeroizing;

/// The moment at which all forms are stored.
fn now() -> Timestamp {
    "2026-01-10T01:23:45.678901Z".parse().unwrap()
}

/// Builds items; calls nobody.
fn table() -> Reports {
    let config = Config::builder().behavior_version(BehaviorVersion::latest()).build();
    Reports::new(Client::from_conf(config), "reports".into(), TimeZone::get("Asia/Jakarta").unwrap())
}

fn put(write: &TransactWriteItem) -> Value {
    json_of(write.put().unwrap().item())
}

fn of<T: DeserializeOwned>(form: &Value) -> T {
    read(item_of(form), "misfit").unwrap()
}

/// What the store writes of a value that was read, or of a part of one; what is absent is not written.
fn written(value: &impl Serialize) -> Value {
    let mut item: Item = serde_dynamo::to_item(value).unwrap();
    item.retain(|_, value| !value.is_null());
    json_of(&item)
}

/// A report just sent, a test report with everything in it, and one of each status.
fn reports() -> Vec<Report> {
    let later = |days: i64| now() + (24 * days).hours();
    let test = Report {
        submitted: AsSubmitted {
            at: now(),
            description: "Lubang \"besar\" di jalan\n– é".into(),
            test_until: Some(later(1)),
            ..full_report().submitted
        },
        ..full_report()
    };
    let pending = [
        ReporterAction::Dispute { reason: "Masih berlubang".into() },
        ReporterAction::Withdraw,
        ReporterAction::ChangePrivacy { privacy: Privacy::Public },
        ReporterAction::Rate { rating: Rating { stars: 5, comment: Some("Bagus".into()) } },
    ];
    let of_status = Status::ALL.iter().zip(0_u8..).map(|(status, n)| {
        let due = |act| Due { at: later(2), event: EventId::from_bytes(&[n; 17]), act };
        let action = |action| PendingAction {
            at: later(3),
            action,
            event: EventId::from_bytes(&[n; 17]),
            version: Version::from_bytes(&[n; 13]),
        };
        let allowances =
            [Allowance::Hours(24), Allowance::Days(4), Allowance::Until("2026-02-27".parse().unwrap())];
        Report {
            ticket: Ticket::from_mac(&[n; 32]),
            step: Some(step(allowances[usize::from(n) % allowances.len()])),
            status: *status,
            privacy: Privacy::ALL[usize::from(n) % Privacy::ALL.len()],
            due_on: "2026-01-14".parse().unwrap(),
            merged_into: (*status == Status::Duplikat).then(|| Ticket::from_mac(&[9; 32])),
            follows: (*status == Status::Duplikat)
                .then_some(LastUpdate { status: Status::Proses, plan: None }),
            submitted: AsSubmitted { test_until: None, ..test.submitted.clone() },
            terms: Terms {
                slots: SlotClass::ALL[usize::from(n) % SlotClass::ALL.len()],
                ..test.terms.clone()
            },
            reporter: ReporterSide {
                pending: pending.clone().map(action).into(),
                update: Some(due(Act::PostTl)),
                disputable_until: Some(later(14)),
                erased: n % 2 == 1,
                ..test.reporter.clone()
            },
            visible: Visibility {
                release: (n % 2 == 1).then(|| due(Act::Validate)),
                photos_from: Some(later(1)),
                ..test.visible.clone()
            },
            ..test.clone()
        }
    });
    let of_status: Vec<Report> = of_status.collect();
    [vec![bare_report(), test], of_status].concat()
}

#[test]
fn snapshots_are_kept_and_read() {
    let item = |report: &Report| json_of(&table().snapshot(report, now()).unwrap());
    assert_kept("reports/report", &reports().iter().map(item).collect::<Vec<_>>());
    assert_read("reports/report", |form| item(&of(form)));
    assert_read_in_part("reports/report", |form| written(&of::<DeskLine>(form)));
    assert_read_in_part("reports/report", |form| written(&of::<UnitOfReport>(form)));
}

/// The list of questions has the lines of a desk.
#[test]
fn questions_are_kept_and_read() {
    let asked = |report: Report| Report {
        triage: Triage {
            asked_by: (report.status != Status::Proses).then_some(Desk::Validasi),
            ..report.triage.clone()
        },
        ..report
    };
    let item = |report: Report| json_of(&table().question_item(&asked(report), now()).unwrap());
    let forms: Vec<Value> = reports().into_iter().skip(2).map(item).collect();
    assert_kept("reports/question", &forms);
    assert_read_in_part("reports/question", |form| match form.get("ticket") {
        Some(_) => written(&of::<DeskLine>(form)),
        None => form.clone(),
    });
}

/// A report whose items expire with this one: a test report, or none.
fn report_of(form: &Value) -> Report {
    let until = form[EXPIRES_AT]["N"].as_str().map(|second| Timestamp::from_second(second.parse().unwrap()));
    let test_until = until.transpose().unwrap();
    Report { submitted: AsSubmitted { test_until, ..bare_report().submitted }, ..bare_report() }
}

fn test_report() -> Report {
    report_of(&json!({EXPIRES_AT: {"N": "1768094625"}}))
}

#[test]
fn events_are_kept_and_read() {
    let item = |report: &Report, event: &Event| json_of(&event_item(report, event).unwrap());
    let full = |act: &Act| Event { narrative: Some("Lubang ditutup".into()), ..full_event(*act) };
    let of_every_act = Act::ALL.iter().map(|act| item(&bare_report(), &full(act)));
    let bare = [bare_report(), test_report()].map(|report| item(&report, &bare_event()));
    assert_kept("reports/event", &bare.into_iter().chain(of_every_act).collect::<Vec<_>>());
    assert_read("reports/event", |form| item(&report_of(form), &of(form)));
}

#[test]
fn photos_are_kept_and_read() {
    let item = |photo: &Photo| json_of(&photo_item(photo).unwrap());
    let mut photos = Vec::new();
    for kind in PhotoKind::ALL {
        for state in PhotoState::ALL {
            photos.extend([None, Some(EventId::from_bytes(&[3; 17]))].map(|used| photo(*kind, *state, used)));
        }
    }
    let rejected = photo(PhotoKind::Reporter, PhotoState::Rejected, None);
    photos.extend(PhotoReason::ALL.iter().map(|reason| Photo { reason: Some(*reason), ..rejected.clone() }));
    assert_kept("reports/photo", &photos.iter().map(item).collect::<Vec<_>>());
    assert_read("reports/photo", |form| item(&of(form)));
}

#[test]
fn announcements_are_kept_and_read() {
    let item = |report: &Report, announcement: &Announcement| {
        put(&table().announcements(report, std::slice::from_ref(announcement)).unwrap()[0])
    };
    let of_tests = announcements().map(|announcement| item(&test_report(), &announcement));
    let kept: Vec<_> =
        announcements().map(|announcement| item(&bare_report(), &announcement)).chain(of_tests).collect();
    assert_kept("reports/announcement", &kept);
    assert_read("reports/announcement", |form| item(&report_of(form), &of(form)));
}

#[test]
fn slot_mail_is_kept() {
    let desks = [Desk::Tiket, Desk::Unit(Code::parse("dinas-a").unwrap()), Desk::Validasi, Desk::Verifikasi];
    let slot = "2026-01-10T03:00:00Z".parse().unwrap();
    let kept = desks.map(|desk| json_of(&slot_mail_item(&desk, slot).unwrap()));
    assert_kept("reports/slot_mail", &kept);
    // One of any version is found where today's would be put, so that no desk is told twice.
    assert_read("reports/slot_mail", |form| {
        let mail: SlotMail = of(form);
        json_of(&slot_mail_item(&mail.to_desk, mail.slot).unwrap())
    });
}

#[test]
fn fan_outs_and_followers_are_kept_and_read() {
    let root = bare_report().ticket;
    let follower = Ticket::from_mac(&[9; 32]);
    let fan_outs = [None, Some(follower.clone())].into_iter().flat_map(|after| {
        let left_out: Vec<Ticket> = after.iter().cloned().collect();
        let fan_out = FanOut { revision: 7, is_through: after.is_some(), after, left_out };
        [None, Some(now())].map(|due| json_of(&fan_out.item(&root, due).unwrap()))
    });
    assert_kept("reports/fan_out", &fan_outs.collect::<Vec<_>>());
    assert_read("reports/fan_out", |form| {
        let due = form["pending_at"]["S"].as_str().map(|_| now());
        json_of(&of::<FanOut>(form).item(&root, due).unwrap())
    });
    let item = |form: &Value| {
        let ticket = Ticket::parse(form["sk"]["S"].as_str().unwrap().strip_prefix("follower#").unwrap());
        put(&table().follower(&root, &Report { ticket: ticket.unwrap(), ..bare_report() }).unwrap())
    };
    let kept = item(&json!({"sk": {"S": format!("follower#{}", follower.as_str())}}));
    assert_kept("reports/follower", &[kept]);
    assert_read("reports/follower", item);
}

#[test]
fn a_nonce_is_kept_until_it_expires_used_up_or_not() {
    let ticket = Ticket::from_mac(&[5; 32]);
    let officer = "6f1c9c2e-0001-70b2-c1c1-5d3a8a6e9f10";
    let item = |given: &GivenNonce| json_of(&nonce_item(&ticket, given).unwrap());
    let new = GivenNonce {
        nonce: CameraNonce::from_bytes(&[6; CameraNonce::BYTES]),
        officer: officer.into(),
        until: now(),
        used_by: None,
    };
    let used = GivenNonce { used_by: Some(EventId::from_bytes(&[3; 17])), ..new.clone() };
    assert_kept("reports/camera", &[item(&new), item(&used)]);
    assert_read("reports/camera", |form| item(&of::<GivenNonce>(form)));
}

#[test]
fn evidence_is_kept_and_found_under_its_digest() {
    let item = |digest: &str, kind: PhotoKind, ticket: &Ticket| {
        let evidence = Evidence { digest: digest.into(), kind, place: 0 };
        put(&table().put_evidence(ticket, &evidence).unwrap())
    };
    let ticket = Ticket::from_mac(&[5; 32]);
    let kept = PhotoKind::ALL.iter().map(|kind| item(&"a".repeat(64), *kind, &ticket)).collect::<Vec<_>>();
    assert_kept("reports/evidence", &kept);
    // Nothing reads it: the transaction compares what lies under the digest.
    assert_read("reports/evidence", |form| {
        let text = |name: &str| form[name]["S"].as_str().unwrap();
        let digest = text("pk").trim_start_matches("evidence#");
        item(digest, PhotoKind::parse(text("photo_kind")).unwrap(), &Ticket::parse(text("ticket")).unwrap())
    });
}

fn contact() -> Contact {
    Contact {
        name: Some("Budi".into()),
        phone: Some("0812-3456-7890".into()),
        email: Some("budi@contoh.id".into()),
        channel_ref: Some("kanal-1".into()),
    }
}

/// What `deliver` adds to a row of the vault.
fn with_marks(mut item: Item, row: &Row) -> Item {
    item.extend(row.newest.map(|at| ("newest".into(), number(at.as_microsecond()))));
    item.extend(row.delivered.as_ref().map(|event| ("delivered".into(), text(event.as_str()))));
    item.extend(row.expires_at.map(|at| (EXPIRES_AT.into(), number(at.as_second()))));
    item
}

/// Every identity that is kept is the same one, so that it is known what it has to decrypt to.
#[test]
fn identities_are_kept_and_decrypted() {
    let der = BASE64.decode(VAULT_TEST_KEY.trim().as_bytes()).unwrap();
    let private = PrivateDecryptingKey::from_pkcs8(&der).unwrap();
    let public: PublicKeyX509Der<'_> = private.public_key().as_der().unwrap();
    let encryptor = Encryptor::new("vault-test-key".into(), public.as_ref()).unwrap();
    let (ticket, channel) = (Ticket::from_mac(&[5; 32]), Code::parse("jaki").unwrap());
    let row = |test_until: Option<Timestamp>, marks: &Row| {
        let entropy = EncryptionEntropy { key: Zeroizing::new([7; 32]), nonce: [9; 12] };
        let encrypted = encryptor.encrypt(&ticket, &channel, &contact(), entropy).unwrap();
        json_of(&with_marks(encrypted.item(&ticket, test_until), marks))
    };
    let new = Row::read(&Item::new());
    let told = Row {
        newest: Some(now()),
        delivered: Some(EventId::from_bytes(&[1; 17])),
        expires_at: Some(now()),
        ..Row::read(&Item::new())
    };
    assert_kept("vault/row", &[row(None, &new), row(Some(now()), &new), row(None, &told)]);

    let private = OaepPrivateDecryptingKey::new(private).unwrap();
    assert_read("vault/row", |form| {
        let row = Row::read(&item_of(form));
        let encrypted = row.encrypted.as_ref().expect("an identity");
        assert_eq!(encrypted.key_name(), "vault-test-key");
        let mut key = vec![0; private.min_output_size()];
        let key = private.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted.wrapped_key(), &mut key, None).unwrap();
        let identity = encrypted.decrypt(&ticket, &ContentKey::new(key.to_vec()).unwrap()).unwrap();
        let reachable_by = (&identity.phone, &identity.email, &identity.channel_ref);
        let Contact { phone, email, channel_ref, .. } = contact();
        assert_eq!((reachable_by, &identity.channel), ((&phone, &email, &channel_ref), &channel));
        json_of(&with_marks(encrypted.item(&ticket, row.expires_at.filter(|_| row.is_test)), &row))
    });
}

#[test]
fn quotas_are_kept_and_counted_on() {
    let item = |count: u64| json!({"pk": {"S": "jaki#491041"}, "count": {"N": count.to_string()}, EXPIRES_AT: {"N": "1768094625"}});
    assert_kept("quotas/count", &[item(1), item(u64::MAX)]);
    assert_read("quotas/count", |form| item(count_of(&item_of(form)).unwrap()));
}

/// The operator's tool writes and keeps them.
#[test]
fn what_functions_need_of_the_registry_is_read() {
    assert_read_in_part("registry/unit", |form| written(&of::<RegisteredUnit>(form)));
    assert_read_in_part("registry/category", |form| written(&of::<Category>(form)));
    assert_read_in_part("registry/channel", |form| written(&of::<Channel>(form)));
}

/// With an intake key that was made before, a repeated submission gets the ticket, the secret and the ids that it got then.
#[test]
fn what_an_intake_key_derives_stays() {
    let derived = |secret: &str, clerk: Option<&str>| {
        let (channel, keys) = (Code::parse("jaki").unwrap(), IntakeKeys::parse(secret).unwrap());
        let of_clerk = clerk.map(|id| Clerk { id: id.to_owned(), channel: channel.clone() });
        let owner = of_clerk.as_ref().map_or(KeyOwner::Channel(&channel), KeyOwner::Clerk);
        let derived = keys.current(owner, "kunci-permintaan-nomor-1").unwrap();
        let mut form = json!({
            "secret": secret,
            "ticket": derived.ticket().as_str(),
            "secret of the reporter": derived.secret().expose(),
            "event": derived.event().as_str(),
            "photo": derived.photo(1).as_str(),
            "digest of a body": derived.body_digest(b"{}"),
        });
        if let Some(id) = clerk {
            form["clerk"] = json!(id);
        }
        form
    };
    let keys = json!({"current": "2", "1": "a".repeat(64), "2": "b".repeat(64)});
    let clerk = "6f1c9c2e-0001-70b2-c1c1-5d3a8a6e9f10";
    let kept = [None, Some(clerk)].map(|clerk| derived(&keys.to_string(), clerk));
    assert_kept("secrets/intake-key", &kept);
    assert_read("secrets/intake-key", |form| {
        derived(form["secret"].as_str().unwrap(), form["clerk"].as_str())
    });
}
