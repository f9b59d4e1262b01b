//! Operators look after officers and channels with `tuntas`, each command with the rights that it needs and no others.

use crate::channels::{Channel, submit_with};
use aws_sdk_cognitoidentityprovider::types::SoftwareTokenMfaSettingsType;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::officer::Tag;
use serde_json::{Value, json};
use std::{
    collections::{BTreeSet, HashSet},
    fs, io,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};
use tests::{
    accounts::{Account, OwnUnit, PASSWORD, claims, cognito_of_operator},
    http::{eventually, fresh_key},
    life,
    officers::{UNIT_CODE, cognito},
    operator::{self, wait},
    proxy::{Answered, Outcome, operation, pass_on, stand_between},
    stack::stack,
    threads::in_parallel,
    tool::{Said, Tool, rights_of},
};

/// Longer than functions believe what they read of the registry.
const A_MINUTE: Duration = Duration::from_secs(61);
const REQUEST_ID: &str = "uji-operators";

/// A username that nobody has.
pub(crate) fn fresh_username() -> String {
    format!("uji-{}", fresh_key())
}

pub(crate) fn add<'a>(username: &'a str, rights: &[&'a str]) -> Vec<&'a str> {
    let common =
        ["--json", "officer", "add", username, "--name", "Petugas Uji", "--email", "uji@contoh.go.id"];
    common.into_iter().chain(["--print-password"]).chain(rights.iter().copied()).collect()
}

const TITLES: &str = "username,name,email,tags,unit,channel\n";

/// Rows of a file of accounts of a unit.
pub(crate) fn rows(usernames: &[String], unit: &str) -> String {
    let row = |username: &String| format!("{username},Petugas Uji,uji@contoh.go.id,petugas-opd,{unit},\n");
    TITLES.to_owned() + &usernames.iter().map(row).collect::<String>()
}

/// An account as Cognito has it: the attributes, and the groups; `None` where there is none.
fn account(username: &str) -> Option<Value> {
    let (client, pool) = (cognito_of_operator(), &stack().user_pool);
    let user = wait(client.admin_get_user().user_pool_id(pool).username(username).send()).ok()?;
    let groups = wait(client.admin_list_groups_for_user().user_pool_id(pool).username(username).send());
    let groups: BTreeSet<String> = groups
        .expect("groups")
        .groups()
        .iter()
        .flat_map(|group| group.group_name().map(str::to_owned))
        .collect();
    let attribute = |name: &str| {
        let found = user.user_attributes().iter().find(|attribute| attribute.name() == name);
        found.and_then(|attribute| attribute.value()).unwrap_or_default().to_owned()
    };
    Some(json!({
        "name": attribute("name"), "email": attribute("email"), "locale": attribute("locale"),
        "unit": attribute("custom:unit"), "channel": attribute("custom:channel"), "tags": groups,
        "enabled": user.enabled(), "factors": user.user_mfa_setting_list(),
    }))
}

/// What signing in gives: tokens, a challenge or a refusal.
fn sign_in(username: &str, password: &str) -> Value {
    let parameters = json!({"USERNAME": username, "PASSWORD": password});
    cognito(
        "InitiateAuth",
        &json!({"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": stack().officer_client, "AuthParameters": parameters}),
    )
}

fn refresh(session: &Value) -> Value {
    let parameters = json!({"REFRESH_TOKEN": session["AuthenticationResult"]["RefreshToken"]});
    cognito(
        "InitiateAuth",
        &json!({"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": stack().officer_client, "AuthParameters": parameters}),
    )
}

/// The digests of a channel's keys.
fn digests(code: &str) -> Vec<String> {
    let found =
        operator::dynamodb().get_item().table_name(stack().output("RegistryTable")).consistent_read(true);
    let item = wait(found.key("pk", AttributeValue::S(format!("channel#{code}"))).send())
        .expect("the registry")
        .item;
    let digests = item.expect("a channel").remove("key_hashes");
    let digests = digests.map(|digests| digests.as_l().expect("a list").clone()).unwrap_or_default();
    digests.into_iter().map(|digest| digest.as_s().expect("a text").clone()).collect()
}

fn set_digests(code: &str, digests: Option<Vec<String>>) {
    let update = operator::dynamodb()
        .update_item()
        .table_name(stack().output("RegistryTable"))
        .key("pk", AttributeValue::S(format!("channel#{code}")));
    let update = match digests {
        None => update.update_expression("REMOVE key_hashes"),
        Some(digests) => update.update_expression("SET key_hashes = :new").expression_attribute_values(
            ":new",
            AttributeValue::L(digests.into_iter().map(AttributeValue::S).collect()),
        ),
    };
    wait(update.send()).expect("the registry takes it");
}

/// Sets an attribute of an entry of the registry.
fn set(key: &str, name: &str, value: AttributeValue) {
    let set = operator::dynamodb()
        .update_item()
        .table_name(stack().output("RegistryTable"))
        .key("pk", AttributeValue::S(key.to_owned()))
        .update_expression("SET #name = :value")
        .expression_attribute_names("#name", name)
        .expression_attribute_values(":value", value);
    wait(set.send()).expect("the registry takes it");
}

fn digest(key: &str) -> String {
    store::digest::hex(key.as_bytes())
}

/// Each command that calls a stack, with arguments of which it finds nothing wrong.
fn every_command(tool: &Tool) -> Vec<Vec<String>> {
    let city = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/city");
    let accounts = tool.file("akun.csv", rows(&["uji-siapa".to_owned()], UNIT_CODE));
    let reports =
        tool.file("lama.csv", "category,description,address\njalan-berlubang,Lubang besar,Jl. Contoh 1\n");
    let ticket = life::unknown_ticket();
    let texts = |arguments: &[&str]| arguments.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let mut commands = vec![texts(&add("uji-siapa", &["--unit", UNIT_CODE]))];
    commands.extend([
        texts(&["city", "plan", city]),
        texts(&["city", "apply", city, "--yes"]),
        texts(&["city", "export", "kota"]),
        texts(&["officer", "import", &accounts, "--yes"]),
        texts(&["officer", "invite", "uji-siapa"]),
        texts(&["officer", "move", "uji-siapa", "--unit", UNIT_CODE]),
        texts(&["officer", "list"]),
        texts(&["channel", "rotate", "jaki", "--yes"]),
        texts(&["channel", "suspend", "jaki"]),
        texts(&["channel", "resume", "jaki"]),
        texts(&["channel", "list"]),
        texts(&["import", &reports, "--channel", "jaki", "--dry-run"]),
        texts(&["status"]),
        texts(&["report", "explain", &ticket]),
        texts(&["route", "-6.05", "106.8", "jalan-berlubang"]),
        texts(&["queue", "replay", "--yes"]),
        texts(&["audit", "verify"]),
        texts(&["audit", "trace", "01234567"]),
    ]);
    for command in ["disable", "enable", "reset-factor"] {
        commands.push(texts(&["officer", command, "uji-siapa"]));
    }
    commands
}

#[test]
fn a_stack_that_is_not_there_or_not_open_to_the_caller_is_exit_code_5_of_every_command() {
    let described = rights_of("channel list");
    let wrong = in_parallel(
        vec![
            (Tool::with(&described).on("tidak-ada"), "tidak-ada"),
            (Tool::without_credentials(), "credentials"),
            (Tool::with(&described).through("http://127.0.0.1:9"), "cannot describe the stack"),
        ],
        |(tool, part)| {
            let mut wrong = Vec::new();
            for arguments in every_command(&tool) {
                let said = tool.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
                let fits = said.code == 5
                    && said.stderr.contains(part)
                    && said.stdout.is_empty()
                    && said.stderr.lines().count() == 1;
                if !fits {
                    wrong.push(format!("{arguments:?}: {} {}", said.code, said.stderr));
                }
            }
            wrong
        },
    );
    let wrong = wrong.concat();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_folder_that_is_none_is_exit_code_3_of_every_command_that_takes_one() {
    let tool = Tool::of("city plan");
    let file = tool.file("kota.csv", "");
    for command in ["check", "plan", "apply"] {
        for folder in ["tidak-ada", file.as_str()] {
            let said = tool.run(&["city", command, folder, "--yes"]).expect(3);
            assert!(
                said.stderr.contains("cannot read the folder") && said.stdout.is_empty(),
                "{}",
                said.stderr
            );
        }
    }
}

/// Every set of tags with and without unit and channel: nothing answers at this address, so that exit code 3 comes of the rule alone.
#[test]
fn tags_that_do_not_go_together_are_refused_before_anything_is_called() {
    let mut asked = Vec::new();
    for set in 0..1_u32 << Tag::ALL.len() {
        let tags: Vec<&str> = Tag::ALL
            .iter()
            .enumerate()
            .filter(|(place, _)| set >> place & 1 == 1)
            .map(|(_, tag)| tag.as_str())
            .collect();
        for (unit, channel) in [(false, false), (true, false), (false, true), (true, true)] {
            asked.push((tags.clone(), unit, channel));
        }
    }
    let tool = Tool::without_credentials().through("http://127.0.0.1:9");
    let codes = in_parallel(asked, |(tags, unit, channel)| {
        let mut rights: Vec<&str> = tags.iter().flat_map(|tag| ["--tag", tag]).collect();
        rights.extend(unit.then_some(["--unit", UNIT_CODE]).into_iter().flatten());
        rights.extend(channel.then_some(["--channel", "jaki"]).into_iter().flatten());
        let said = tool.run(&add("uji-siapa", &rights));
        let (opd, kanal) = (tags.contains(&"petugas-opd"), tags.contains(&"petugas-kanal"));
        // Without a tag, a unit or a channel says which is meant.
        let (opd, kanal) = if tags.is_empty() { (unit && !channel, channel && !unit) } else { (opd, kanal) };
        let alone = !(opd || kanal) || tags.len() <= 1;
        let some = !tags.is_empty() || opd || kanal;
        let fits = some && alone && opd == unit && kanal == channel;
        (tags, unit, channel, said.code, if fits { 5 } else { 3 })
    });
    for (tags, unit, channel, code, expected) in &codes {
        assert_eq!(code, expected, "{tags:?}, unit {unit}, channel {channel}");
    }
    // Four tags of the bureau in any company of theirs, petugas-opd and petugas-kanal, and these two by their unit and channel.
    assert_eq!(codes.iter().filter(|(.., code, _)| *code == 5).count(), 15 + 2 + 2);
    for place in [&["--unit", UNIT_CODE, "--tag", "administrator"][..], &["--tag", "petugas-kanal"]] {
        let said = tool.run(&[&["officer", "move", "uji-siapa"], place].concat());
        assert_eq!(said.code, 3, "{}", said.stderr);
    }
    tool.run(&["officer", "move", "uji-siapa"]).expect(2);
    tool.run(&add("uji-siapa", &["--tag", "penguasa"])).expect(2);
}

#[test]
fn an_account_is_made_once_and_one_that_differs_is_named() {
    let tool = Tool::of("officer add");
    let username = fresh_username();
    let made = tool.run(&add(&username, &["--unit", UNIT_CODE])).json();
    assert_eq!(made["outcome"], "made");
    let password = made["temporary_password"].as_str().expect("a password").to_owned();
    assert_eq!(sign_in(&username, &password)["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    let expected = json!({
        "name": "Petugas Uji", "email": "uji@contoh.go.id", "locale": "id", "unit": UNIT_CODE, "channel": "",
        "tags": ["petugas-opd"], "enabled": true, "factors": [],
    });
    assert_eq!(account(&username), Some(expected.clone()));

    let again = tool.run(&add(&username, &["--tag", "petugas-opd", "--unit", UNIT_CODE])).json();
    assert_eq!((&again["outcome"], again.get("temporary_password")), (&json!("unchanged"), None));
    let differs = tool.run(&add(&username, &["--tag", "admin-tiket"])).expect(3);
    for part in ["petugas-opd", "admin-tiket", UNIT_CODE, "tuntas officer move"] {
        assert!(differs.stderr.contains(part), "{}", differs.stderr);
    }
    assert!(!differs.stderr.contains("name:"), "{}", differs.stderr);
    assert_eq!(account(&username), Some(expected));

    // An account whose making was cut short before it had its tags is brought to its end.
    let (cognito, pool) = (cognito_of_operator(), &stack().user_pool);
    let taken = cognito.admin_remove_user_from_group().user_pool_id(pool).username(&username);
    wait(taken.group_name("petugas-opd").send()).expect("no tag");
    let completed = tool.run(&add(&username, &["--unit", UNIT_CODE])).json();
    assert_eq!(completed["outcome"], "completed");
    assert_eq!(account(&username).expect("an account")["tags"], json!(["petugas-opd"]));
}

#[test]
fn an_account_for_a_unit_or_a_channel_that_is_not_there_or_closed_is_refused() {
    let tool = Tool::of("officer add");
    for (rights, what) in
        [(["--unit", "dinas-tiada"], "unit dinas-tiada"), (["--channel", "tiada"], "channel tiada")]
    {
        let username = fresh_username();
        let said = tool.run(&add(&username, &rights)).expect(3);
        assert!(said.stderr.contains(&format!("the registry has no {what}")), "{}", said.stderr);
        assert_eq!(account(&username), None);
    }
    let unit = OwnUnit::new(None);
    let closed = Channel::register("bubar", "active", 1000, &["a"]);
    set(&format!("unit#{}", unit.code), "state", AttributeValue::S("closed".to_owned()));
    set(&format!("channel#{}", closed.code), "closed", AttributeValue::Bool(true));
    let there = Account::new(&["admin-tiket"], None).username;
    for (flag, code, what) in [("--unit", &unit.code, "unit"), ("--channel", &closed.code, "channel")] {
        let username = fresh_username();
        let said = tool.run(&add(&username, &[flag, code])).expect(3);
        assert_eq!(said.stderr, format!("error: the {what} {code} is closed\n"));
        assert_eq!(account(&username), None);
        let said = Tool::of("officer move").run(&["officer", "move", &there, flag, code]).expect(3);
        assert_eq!(said.stderr, format!("error: the {what} {code} is closed\n"));
    }
    let file = tool.file("akun.csv", rows(&[fresh_username()], &unit.code));
    let said = Tool::of("officer import").run(&["officer", "import", &file]).expect(3);
    assert!(said.stderr.contains(&format!("{file}:2: the unit {} is closed", unit.code)), "{}", said.stderr);
    let channel = Channel::register("loket", "active", 1000, &["a"]);
    let username = fresh_username();
    tool.run(&add(&username, &["--channel", &channel.code])).expect(0);
    let made = account(&username).expect("an account");
    assert_eq!((&made["tags"], &made["channel"]), (&json!(["petugas-kanal"]), &json!(channel.code)));
}

#[test]
fn an_invitation_goes_to_the_officer_and_nobody_sees_its_password() {
    let tool = Tool::of("officer add");
    let username = fresh_username();
    let mail = format!("{username}@contoh.go.id");
    let arguments =
        ["officer", "add", &username, "--name", "Petugas Uji", "--email", &mail, "--tag", "admin-tiket"];
    let said = tool.run(&[&["--json"], &arguments[..]].concat()).json();
    assert_eq!((said["outcome"].as_str(), said.get("temporary_password")), (Some("made"), None));
    eventually("the engine sends it", || {
        fs::read_to_string(&stack().engine_log).expect("the engine's log").contains(&mail).then_some(())
    });
}

/// The tool ends when Cognito has made the account, and nobody ever sees the password.
#[test]
fn an_account_whose_password_was_lost_before_it_was_shown_gets_a_new_password() {
    let username = fresh_username();
    let endpoint = stand_between(REQUEST_ID, |request| {
        let denied = json!({"__type": "NotAuthorizedException", "message": "cut off"});
        let is_next = operation(request) == "AdminAddUserToGroup";
        Outcome::Answer(if is_next { Answered::json(400, denied) } else { pass_on(request) })
    });
    let adding = add(&username, &["--unit", UNIT_CODE]);
    let cut = Tool::of("officer add").through(&endpoint).run(&adding).expect(1);
    assert_eq!(cut.stdout, "");
    assert!(account(&username).is_some(), "it is made");

    // Once for what is missing of the account, and once more as somebody would who looks for the password.
    let add = Tool::of("officer add");
    assert_eq!(add.run(&adding).json()["outcome"], "completed");
    let unchanged = add.run(&adding[1..]).expect(0).stdout;
    assert!(unchanged.contains(&format!("tuntas officer invite {username}")), "{unchanged}");
    let file = add.file("akun.csv", rows(std::slice::from_ref(&username), UNIT_CODE));
    let again = Tool::of("officer import").run(&["--json", "officer", "import", &file]).json();
    assert_eq!(again["invited_before"], json!([username]));

    let invite = Tool::of("officer invite --print-password");
    let arguments = ["--json", "officer", "invite", &username, "--print-password"];
    let password = |said: Value| said["temporary_password"].as_str().expect("a password").to_owned();
    let first = password(invite.run(&arguments).json());
    let second = password(invite.run(&arguments).json());
    assert_eq!(sign_in(&username, &first)["__type"], "NotAuthorizedException");
    let challenge = sign_in(&username, &second);
    assert_eq!(challenge["ChallengeName"], "NEW_PASSWORD_REQUIRED");
    assert_eq!(account(&username).expect("an account")["tags"], json!(["petugas-opd"]));

    // Whoever has signed in keeps the password that they chose.
    let answers = json!({"USERNAME": username, "NEW_PASSWORD": PASSWORD});
    let session = cognito(
        "RespondToAuthChallenge",
        &json!({"ChallengeName": "NEW_PASSWORD_REQUIRED", "ClientId": stack().officer_client,
            "Session": challenge["Session"], "ChallengeResponses": answers}),
    );
    assert!(session["AuthenticationResult"]["IdToken"].is_string());
    for flags in [&[][..], &["--print-password"]] {
        let said = invite.run(&[&["officer", "invite", &username], flags].concat()).expect(3);
        assert!(said.stderr.contains("has signed in already"), "{}", said.stderr);
    }
    assert!(sign_in(&username, PASSWORD)["AuthenticationResult"]["IdToken"].is_string());
}

#[test]
fn an_invitation_is_sent_again_until_the_first_sign_in() {
    let (add, invite) = (Tool::of("officer add"), Tool::of("officer invite"));
    let username = fresh_username();
    let mail = format!("{username}@contoh.go.id");
    let arguments =
        ["officer", "add", &username, "--name", "Petugas Uji", "--email", &mail, "--tag", "admin-tiket"];
    add.run(&arguments).expect(0);
    let mails = || fs::read_to_string(&stack().engine_log).expect("the engine's log").matches(&mail).count();
    let before = eventually("the first comes", || Some(mails()).filter(|mails| *mails > 0));
    let said = invite.run(&["--json", "officer", "invite", &username]).json();
    assert_eq!((&said["email"], said.get("temporary_password")), (&json!(mail), None));
    eventually("one more comes", || (mails() > before).then_some(()));

    Tool::of("officer disable").run(&["officer", "disable", &username]).expect(0);
    let said = invite.run(&["officer", "invite", &username]).expect(3);
    assert!(said.stderr.contains("tuntas officer enable"), "{}", said.stderr);
    let said = invite.run(&["officer", "invite", "uji-tiada"]).expect(3);
    assert_eq!(said.stderr, "error: there is no account uji-tiada\n");
}

#[test]
fn a_moved_officer_is_signed_out_and_gets_the_new_tags_with_the_next_sign_in() {
    let username = Account::new(&["petugas-opd", "petugas-validasi"], Some(UNIT_CODE)).username;
    let session = sign_in(&username, PASSWORD);
    assert!(refresh(&session)["AuthenticationResult"]["IdToken"].is_string(), "else a refusal says nothing");
    let unit = OwnUnit::new(None);
    let tool = Tool::of("officer move");
    let said = tool.run(&["officer", "move", &username, "--unit", &unit.code]).expect(0);
    assert!(said.stdout.contains("15 minutes"), "{}", said.stdout);
    assert_eq!(refresh(&session)["__type"], "NotAuthorizedException");
    let token =
        |session: &Value| claims(session["AuthenticationResult"]["IdToken"].as_str().expect("a token"));
    let moved = token(&sign_in(&username, PASSWORD));
    assert_eq!(
        (&moved["cognito:groups"], &moved["custom:unit"]),
        (&json!(["petugas-opd"]), &json!(unit.code))
    );

    // Running it again changes nothing, and still signs out: an earlier run may have been cut short before that.
    let session = sign_in(&username, PASSWORD);
    assert_eq!(
        tool.run(&["--json", "officer", "move", &username, "--unit", &unit.code]).json()["changed"],
        false
    );
    assert_eq!(refresh(&session)["__type"], "NotAuthorizedException");

    let tags = ["--tag", "petugas-validasi", "--tag", "petugas-verifikasi"];
    tool.run(&[&["officer", "move", &username], &tags[..]].concat()).expect(0);
    let moved = token(&sign_in(&username, PASSWORD));
    assert_eq!(moved["cognito:groups"].as_array().map(Vec::len), Some(2));
    assert!(moved["custom:unit"].as_str().unwrap_or_default().is_empty());
    tool.run(&["officer", "move", "uji-tiada", "--tag", "administrator"]).expect(3);
    tool.run(&["officer", "move", &username, "--unit", "dinas-tiada"]).expect(3);
}

#[test]
fn a_disabled_officer_is_signed_out_until_enabled_again() {
    let username = Account::new(&["admin-tiket"], None).username;
    let session = sign_in(&username, PASSWORD);
    for _ in 0..2 {
        let said = Tool::of("officer disable").run(&["officer", "disable", &username]).expect(0);
        assert!(said.stdout.contains("15 minutes"), "{}", said.stdout);
        for answer in [sign_in(&username, PASSWORD), refresh(&session)] {
            assert_eq!(answer["__type"], "NotAuthorizedException");
        }
    }
    for _ in 0..2 {
        Tool::of("officer enable").run(&["officer", "enable", &username]).expect(0);
        assert!(sign_in(&username, PASSWORD)["AuthenticationResult"]["IdToken"].is_string());
    }
    assert_eq!(refresh(&session)["__type"], "NotAuthorizedException");
    for command in ["disable", "enable", "reset-factor"] {
        let said = Tool::of(&format!("officer {command}")).run(&["officer", command, "uji-tiada"]).expect(3);
        assert_eq!(said.stderr, "error: there is no account uji-tiada\n");
    }
}

/// The local pool demands no second factor; what is seen is that the preference of the account goes.
#[test]
fn a_reset_takes_the_second_factor_away_and_signs_out() {
    let username = Account::new(&["admin-tiket"], None).username;
    let session = sign_in(&username, PASSWORD);
    let (client, pool) = (cognito_of_operator(), &stack().user_pool);
    let factor = SoftwareTokenMfaSettingsType::builder().enabled(true).preferred_mfa(true).build();
    let set = client.admin_set_user_mfa_preference().user_pool_id(pool).username(&username);
    wait(set.software_token_mfa_settings(factor).send()).expect("a second factor");
    let factors = || account(&username).expect("an account")["factors"].clone();
    assert_eq!(factors(), json!(["SOFTWARE_TOKEN_MFA"]));
    Tool::of("officer reset-factor").run(&["officer", "reset-factor", &username]).expect(0);
    assert_eq!(factors(), json!([]));
    assert_eq!(refresh(&session)["__type"], "NotAuthorizedException");
}

#[test]
fn officers_are_listed_by_unit_and_by_tag() {
    let unit = OwnUnit::new(None);
    let (one, other) = (unit.officer().username, unit.officer().username);
    let validator = Account::new(&["petugas-validasi", "administrator"], None).username;
    let without = Account::new(&[], None).username;
    let tool = Tool::of("officer list");
    let listed = |filters: &[&str]| -> Vec<Value> {
        let found = tool.run(&[&["--json", "officer", "list"], filters].concat()).json();
        found.as_array().expect("a list").clone()
    };
    let names = |found: &[Value]| -> Vec<String> {
        found.iter().map(|account| account["username"].as_str().expect("a name").to_owned()).collect()
    };
    let mut expected = vec![one.clone(), other];
    expected.sort_unstable();
    assert_eq!(names(&listed(&["--unit", &unit.code])), expected);
    assert_eq!(names(&listed(&["--unit", &unit.code, "--tag", "petugas-opd"])), expected);
    assert!(listed(&["--unit", &unit.code, "--tag", "administrator"]).is_empty());

    let administrators = listed(&["--tag", "administrator"]);
    let found =
        administrators.iter().find(|account| account["username"] == validator.as_str()).expect("the account");
    assert_eq!(found["tags"], json!(["administrator", "petugas-validasi"]));
    assert!(!names(&administrators).contains(&one));
    let all = names(&listed(&[]));
    assert!(all.contains(&one) && all.contains(&validator) && all.contains(&without));
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len(), "an account twice");
}

#[test]
fn a_file_with_any_error_changes_nothing_and_names_every_line() {
    let tool = Tool::of("officer import");
    let (good, other) = (fresh_username(), fresh_username());
    let there = Account::new(&["admin-tiket"], None).username;
    let mut text = rows(std::slice::from_ref(&good), UNIT_CODE);
    for row in [
        &format!("{other},Petugas Uji,uji@contoh.go.id,petugas-opd,dinas-tiada,"),
        &format!("{there},Petugas Lain,uji@contoh.go.id,administrator,,"),
        "x,Petugas Uji,uji@contoh.go.id,petugas-opd administrator,dinas-a,",
    ] {
        text += &format!("{row}\n");
    }
    let file = tool.file("akun.csv", &text);
    let said = tool.run(&["officer", "import", &file]).expect(3);
    for (line, part) in [
        (3, "the registry has no unit dinas-tiada".to_owned()),
        (4, format!("{there} is there, and differs: name: ")),
        (5, "petugas-opd excludes every other tag".to_owned()),
    ] {
        assert!(said.stderr.contains(&format!("{file}:{line}: {part}")), "{}", said.stderr);
    }
    assert_eq!(said.stderr.matches(&file).count(), 3, "{}", said.stderr);
    assert_eq!((account(&good), account(&other)), (None, None));
    let said = tool.run(&["officer", "import", "tiada.csv"]).expect(3);
    assert!(said.stderr.contains("cannot read tiada.csv"), "{}", said.stderr);
}

#[test]
fn an_import_goes_on_where_it_stopped() {
    let unit = OwnUnit::new(None);
    let usernames: Vec<String> = (0..5).map(|_| fresh_username()).collect();
    // Stopped: of the first all was done, of the second all but the tag.
    let whole = Tool::of("officer add");
    whole.run(&add(&usernames[0], &["--unit", &unit.code])).expect(0);
    whole.run(&add(&usernames[1], &["--unit", &unit.code])).expect(0);
    let taken = cognito_of_operator().admin_remove_user_from_group().user_pool_id(&stack().user_pool);
    wait(taken.username(&usernames[1]).group_name("petugas-opd").send()).expect("no tag");

    let tool = Tool::of("officer import");
    let file = tool.file("akun.csv", rows(&usernames, &unit.code));
    let import = || tool.run(&["--json", "officer", "import", &file, "--print-password"]).json();
    let first = import();
    let counts =
        |said: &Value| ["made", "completed", "unchanged"].map(|name| said[name].as_u64().expect("a number"));
    assert_eq!(counts(&first), [3, 1, 1]);
    let passwords = first["accounts"].as_array().expect("accounts");
    let mut shown: Vec<&str> = passwords.iter().flat_map(|made| made["username"].as_str()).collect();
    shown.sort_unstable();
    let mut made: Vec<&str> = usernames[2..].iter().map(String::as_str).collect();
    made.sort_unstable();
    assert_eq!(shown, made);
    assert!(passwords.iter().all(|made| made["temporary_password"].is_string()));
    let second = import();
    assert_eq!(counts(&second), [0, 0, 5]);
    assert!(second.get("accounts").is_none());
    for username in &usernames {
        let account = account(username).expect("an account");
        assert_eq!((&account["tags"], &account["unit"]), (&json!(["petugas-opd"]), &json!(unit.code)));
    }
}

#[test]
fn an_import_makes_eight_calls_at_once_and_waits_where_cognito_throttles() {
    let usernames: Vec<String> = (0..24).map(|_| fresh_username()).collect();
    let refused: Arc<Mutex<HashSet<Vec<u8>>>> = Arc::default();
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let endpoint = {
        let (refused, now, most) = (Arc::clone(&refused), Arc::clone(&now), Arc::clone(&most));
        stand_between(REQUEST_ID, move |request| {
            if operation(request) != "AdminCreateUser" {
                return Outcome::Answer(pass_on(request));
            }
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Each is refused once.
            let answered = if refused.lock().unwrap().insert(request.body.clone()) {
                Answered::json(400, json!({"__type": "TooManyRequestsException", "message": "Rate exceeded"}))
            } else {
                pass_on(request)
            };
            now.fetch_sub(1, Ordering::SeqCst);
            Outcome::Answer(answered)
        })
    };
    let tool = Tool::of("officer import").through(&endpoint);
    let file = tool.file("akun.csv", rows(&usernames, UNIT_CODE));
    let said = tool.run(&["--json", "officer", "import", &file, "--print-password"]).json();
    assert_eq!(said["made"], 24);
    assert_eq!(refused.lock().unwrap().len(), 24, "all were throttled");
    assert!((1..=8).contains(&most.load(Ordering::SeqCst)), "{most:?}");
}

fn rotate(tool: &Tool, code: &str, flags: &[&str]) -> Said {
    tool.run(&[&["--json", "channel", "rotate", code], flags].concat())
}

#[test]
fn a_key_that_is_rotated_under_traffic_loses_no_submission() {
    let channel = Channel::register("putar", "active", 1_000_000, &["a"]);
    let old = channel.bearer("a");
    let tool = Tool::of("channel rotate");
    let changed_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let ends = Ends(&changed_over);
        let traffic = scope.spawn(|| {
            let mut sent = 0;
            while !changed_over.load(Ordering::SeqCst) {
                submit_with(&old).expect(201);
                sent += 1;
            }
            sent
        });
        let rotated = rotate(&tool, &channel.code, &[]).json();
        let new = rotated["key"].as_str().expect("a key").to_owned();
        assert_eq!((&rotated["live_keys"], &rotated["ended_keys"]), (&json!(2), &json!(0)));
        assert_eq!(digests(&channel.code), [digest(&old), digest(&new)]);
        // What the output says: functions take the key within a minute.
        thread::sleep(A_MINUTE);
        in_parallel((0..16).collect(), |_: u8| submit_with(&new).expect(201));
        drop(ends);
        assert!(traffic.join().expect("all of it is accepted") > 10);

        let asked = rotate(&tool, &channel.code, &["--finish"]).expect(3);
        assert!(asked.stderr.contains("--yes"), "{}", asked.stderr);
        assert_eq!(rotate(&tool, &channel.code, &["--finish", "--yes"]).json()["ended_keys"], 1);
        assert_eq!(digests(&channel.code), [digest(&new)]);
        within_a_minute("the old key is refused", || (submit_with(&old).status == 401).then_some(()));
        submit_with(&new).expect(201);
        let again = rotate(&tool, &channel.code, &["--finish"]).json();
        assert_eq!((again.get("key"), &again["ended_keys"]), (None, &json!(0)));
    });
}

/// Tells a thread to end when dropped: also where a test fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// As [`eventually`], whose minute begins when the registry has certainly changed.
fn within_a_minute(what: &str, done: impl FnMut() -> Option<()>) {
    thread::sleep(A_MINUTE.saturating_sub(Duration::from_mins(1)));
    eventually(what, done);
}

/// The operator's window closed over a fresh key: the one that the channel sends with is none of those that end.
#[test]
fn a_fresh_key_that_was_lost_is_replaced_and_the_one_in_use_stays() {
    let channel = Channel::register("hilang", "active", 1000, &["a"]);
    let used = digest(&channel.bearer("a"));
    let tool = Tool::of("channel rotate");
    let nothing_to_replace = rotate(&tool, &channel.code, &["--replace-newest", "--yes"]).expect(3);
    assert!(nothing_to_replace.stderr.contains("no second key"), "{}", nothing_to_replace.stderr);
    rotate(&tool, &channel.code, &[]).expect(0);
    let lost = digests(&channel.code);
    assert_eq!((lost.len(), &lost[0]), (2, &used));

    // Run again, as one does; not even --yes ends a key that may be in use.
    for flags in [&[][..], &["--yes"]] {
        let refused = rotate(&tool, &channel.code, flags).expect(3);
        for way in ["--finish", "--replace-newest", "--leaked"] {
            assert!(refused.stderr.contains(way), "{}", refused.stderr);
        }
        assert_eq!(digests(&channel.code), lost);
    }
    let asked = rotate(&tool, &channel.code, &["--replace-newest"]).expect(3);
    assert!(asked.stderr.contains("--yes") && asked.stdout.is_empty(), "{}", asked.stderr);
    assert_eq!(digests(&channel.code), lost);
    let replaced = rotate(&tool, &channel.code, &["--replace-newest", "--yes"]).json();
    assert_eq!((&replaced["live_keys"], &replaced["ended_keys"]), (&json!(2), &json!(1)));
    let fresh = digest(replaced["key"].as_str().expect("a key"));
    assert_eq!(digests(&channel.code), [used, fresh.clone()]);
    assert_ne!(fresh, lost[1]);
    rotate(&tool, &channel.code, &["--replace-newest", "--leaked"]).expect(2);
}

#[test]
fn rotating_a_leaked_key_asks_first_and_then_ends_every_key_of_the_channel() {
    let channel = Channel::register("kunci", "active", 1000, &["a", "b"]);
    let before = digests(&channel.code);
    let tool = Tool::of("channel rotate");
    let asked = rotate(&tool, &channel.code, &["--leaked"]).expect(3);
    assert!(asked.stderr.contains("--yes") && asked.stdout.is_empty(), "{}", asked.stderr);
    assert_eq!(digests(&channel.code), before);
    let key = |said: Value| said["key"].as_str().expect("a key").to_owned();
    let third = key(rotate(&tool, &channel.code, &["--leaked", "--yes"]).json());
    assert_eq!(digests(&channel.code), [digest(&third)]);
    let random = third.strip_prefix(&format!("tk_{}_", channel.code)).expect("the channel's key");
    assert_eq!(random.len(), 43);

    for none in [None, Some(Vec::new())] {
        set_digests(&channel.code, none);
        let first = rotate(&tool, &channel.code, &[]).json();
        assert_eq!(first["live_keys"], 1);
        assert_eq!(digests(&channel.code), [digest(&key(first))]);
    }
    let said = tool.run(&["channel", "rotate", &channel.code]).expect(0);
    assert_eq!(said.stdout.matches("tk_").count(), 1);
    tool.run(&["channel", "rotate", "tidak-ada"]).expect(3);
    rotate(&tool, &channel.code, &["--finish", "--leaked"]).expect(2);
}

#[test]
fn of_two_operators_who_rotate_at_once_neither_loses_a_key() {
    let channel = Channel::register("rebut", "active", 1000, &["a"]);
    let old = digest(&channel.bearer("a"));
    let others = vec![old.clone(), digest("kunci operator lain")];
    // The other operator writes between this one's reading and writing.
    let endpoint = {
        let (code, others) = (channel.code.clone(), others.clone());
        stand_between(REQUEST_ID, move |request| {
            if operation(request) == "UpdateItem" {
                set_digests(&code, Some(others.clone()));
            }
            Outcome::Answer(pass_on(request))
        })
    };
    let said = rotate(&Tool::of("channel rotate").through(&endpoint), &channel.code, &[]).expect(1);
    assert!(said.stderr.contains("meanwhile") && said.stdout.is_empty(), "{}", said.stderr);
    assert_eq!(digests(&channel.code), others);

    // The write comes through and its answer does not: the call is made again, and the key that is printed is the one that counts.
    set_digests(&channel.code, Some(vec![old.clone()]));
    let writes = Arc::new(AtomicUsize::new(0));
    let endpoint = {
        let writes = Arc::clone(&writes);
        stand_between(REQUEST_ID, move |request| {
            let answered = pass_on(request);
            let is_first = operation(request) == "UpdateItem" && writes.fetch_add(1, Ordering::SeqCst) == 0;
            if is_first { Outcome::Closed } else { Outcome::Answer(answered) }
        })
    };
    let said = rotate(&Tool::of("channel rotate").through(&endpoint), &channel.code, &[]).json();
    assert!(writes.load(Ordering::SeqCst) > 1);
    assert_eq!(digests(&channel.code), [old, digest(said["key"].as_str().expect("a key"))]);
}

#[test]
fn a_suspended_channel_is_refused_within_a_minute_and_another_never_notices() {
    let channel = Channel::register("tutup", "active", 1_000_000, &["a"]);
    let other = Channel::register("buka", "active", 1_000_000, &["a"]);
    let (suspend, resume) = (Tool::of("channel suspend"), Tool::of("channel resume"));
    let submit = |channel: &Channel| submit_with(&channel.bearer("a"));
    submit(&channel).expect(201);
    let set = |tool: &Tool, command: &str| {
        tool.run(&["--json", "channel", command, &channel.code]).json()["changed"].clone()
    };
    assert_eq!([set(&suspend, "suspend"), set(&suspend, "suspend")], [json!(true), json!(false)]);
    within_a_minute("the channel is refused", || {
        submit(&other).expect(201);
        let answer = submit(&channel);
        (answer.status == 403).then(|| assert_eq!(answer.json()["type"], "/problems/channel-suspended"))
    });
    assert_eq!([set(&resume, "resume"), set(&resume, "resume")], [json!(true), json!(false)]);
    within_a_minute("the channel may send again", || (submit(&channel).status == 201).then_some(()));
    assert_eq!(digests(&channel.code), [digest(&channel.bearer("a"))]);
}

/// A channel's state in the registry.
fn state(code: &str) -> String {
    let get =
        operator::dynamodb().get_item().table_name(stack().output("RegistryTable")).consistent_read(true);
    let found = get.key("pk", AttributeValue::S(format!("channel#{code}")));
    wait(found.send()).expect("the registry").item.expect("a channel")["state"]
        .as_s()
        .expect("a state")
        .clone()
}

#[test]
fn a_test_channel_that_was_suspended_comes_back_as_one() {
    let channel = Channel::register("coba", "test", 1000, &["a"]);
    let (suspend, resume) = (Tool::of("channel suspend"), Tool::of("channel resume"));
    let set = |tool: &Tool, command: &str| tool.run(&["--json", "channel", command, &channel.code]).json();
    let said = |state: &str, changed: bool| json!({"code": channel.code, "state": state, "changed": changed});
    for changed in [true, false] {
        assert_eq!(set(&suspend, "suspend"), said("suspended", changed));
        assert_eq!(state(&channel.code), "suspended");
    }
    for changed in [true, false] {
        assert_eq!(set(&resume, "resume"), said("test", changed));
        assert_eq!(state(&channel.code), "test");
    }
    // What comes through without its answer is made again, and says the same.
    for (command, now) in [("suspend", "suspended"), ("resume", "test")] {
        let writes = Arc::new(AtomicUsize::new(0));
        let endpoint = {
            let writes = Arc::clone(&writes);
            stand_between(REQUEST_ID, move |request| {
                let answered = pass_on(request);
                let is_first =
                    operation(request) == "UpdateItem" && writes.fetch_add(1, Ordering::SeqCst) == 0;
                if is_first { Outcome::Closed } else { Outcome::Answer(answered) }
            })
        };
        let tool = Tool::of(&format!("channel {command}")).through(&endpoint);
        assert_eq!(set(&tool, command), said(now, true));
        assert!(writes.load(Ordering::SeqCst) > 1);
        assert_eq!(state(&channel.code), now);
    }
}

#[test]
fn a_channel_that_the_folder_suspended_is_let_in_by_the_folder() {
    let channel = Channel::register("map", "suspended", 1000, &["a"]);
    let said = Tool::of("channel resume").run(&["channel", "resume", &channel.code]).expect(3);
    assert!(said.stderr.contains("tuntas city apply"), "{}", said.stderr);
    assert_eq!(state(&channel.code), "suspended");
}

#[test]
fn a_state_of_a_channel_that_no_command_and_no_folder_set_is_left_alone() {
    let channel = Channel::register("tangan", "libur", 1000, &["a"]);
    for command in ["suspend", "resume"] {
        let tool = Tool::of(&format!("channel {command}"));
        let said = tool.run(&["channel", command, &channel.code]).expect(3);
        assert!(said.stderr.contains("\"libur\""), "{}", said.stderr);
        tool.run(&["channel", command, "tidak-ada"]).expect(3);
    }
    assert_eq!(state(&channel.code), "libur");
}

#[test]
fn a_closed_channel_is_listed_as_closed_and_left_as_it_is() {
    let channel = Channel::register("bubar", "active", 1000, &["a"]);
    set(&format!("channel#{}", channel.code), "closed", AttributeValue::Bool(true));
    for arguments in [&["rotate"][..], &["rotate", "--leaked", "--yes"], &["suspend"], &["resume"]] {
        let command = format!("channel {}", arguments[0]);
        let arguments = [&["channel", arguments[0], &channel.code], &arguments[1..]].concat();
        let said = Tool::of(&command).run(&arguments).expect(3);
        assert!(said.stderr.contains(&format!("the channel {} is closed", channel.code)), "{}", said.stderr);
    }
    assert_eq!(digests(&channel.code), [digest(&channel.bearer("a"))]);
    let listed = Tool::of("channel list").run(&["--json", "channel", "list"]).json();
    let found = listed.as_array().expect("a list").iter().find(|line| line["code"] == channel.code.as_str());
    assert_eq!(found.expect("it is listed")["state"], "closed");
}

/// A list that is cut off is no failure; one that the disk has no room for is.
#[test]
fn a_reader_who_has_had_enough_is_no_failure_and_a_full_disk_is_one() {
    let tool = Tool::of("channel list");
    let (nobody, into_nowhere) = io::pipe().expect("a pipe");
    drop(nobody);
    let enough = tool.run_into(into_nowhere.into(), &["channel", "list"]).expect(0);
    assert_eq!(enough.stderr, "");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full disk");
    let said = tool.run_into(full.into(), &["channel", "list"]).expect(1);
    assert!(said.stderr.starts_with("error: cannot write to standard output"), "{}", said.stderr);
}

#[test]
fn channels_are_listed_without_keys_and_digests() {
    let channel = Channel::register("daftar", "suspended", 17, &["a", "b"]);
    let tool = Tool::of("channel list");
    for arguments in [&["channel", "list"][..], &["--json", "channel", "list"]] {
        let said = tool.run(arguments).expect(0);
        for key in ["a", "b"].map(|key| channel.bearer(key)) {
            assert!(!said.stdout.contains(&key) && !said.stdout.contains(&digest(&key)));
        }
        assert!(said.stdout.contains(&channel.code) && said.stdout.contains("JAKI"));
    }
    let listed = tool.run(&["--json", "channel", "list"]).json();
    let found = listed.as_array().expect("a list").iter().find(|line| line["code"] == channel.code.as_str());
    let expected = json!({
        "code": channel.code, "names": {"id": channel.code, "en": channel.code}, "state": "suspended", "quota_per_hour": 17, "live_keys": 2,
    });
    assert_eq!(found, Some(&expected));
}
