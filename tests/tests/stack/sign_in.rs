//! Officers' accounts and tokens: what an officer cannot change, and what no token can pretend.

use aws_lc_rs::{
    digest::{SHA256, digest},
    hmac,
};
use aws_sdk_cognitoidentityprovider::types::{ExplicitAuthFlowsType, TimeUnitsType};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tests::{
    accounts::{Account, claims, cognito_of_operator, sign_in_through_another_client},
    http::{Call, fresh_key},
    life,
    officers::{self, authenticate_through, cognito, sign_in},
    operator::wait,
    stack::stack,
};

fn desk(token: &str) -> u16 {
    Call::api("GET", "/v1/desk").bearer(token).send().status
}

#[test]
fn an_id_token_lives_a_quarter_of_an_hour_and_carries_tags_unit_channel_and_name() {
    for officer in &stack().officers {
        let claims = claims(&sign_in(&officer.username).id);
        let number = |name: &str| claims[name].as_i64().expect("a number");
        assert_eq!(number("exp") - number("iat"), 15 * 60, "{}", officer.username);
        assert_eq!(claims["token_use"], "id");
        assert_eq!(claims["aud"], stack().officer_client);
        assert_eq!(claims["name"], officer.name);
        assert_eq!(claims["custom:unit"].as_str(), officer.unit.as_deref());
        assert_eq!(claims["custom:channel"].as_str(), officer.channel.as_deref());
        let mut tags: Vec<&str> =
            claims["cognito:groups"].as_array().expect("tags").iter().flat_map(Value::as_str).collect();
        tags.sort_unstable();
        assert_eq!(tags, officer.tags, "{}", officer.username);
    }
}

/// The engine lets everybody write everything, so what AWS goes by is read back; `locale` is tried.
#[test]
fn an_officer_may_write_none_of_their_attributes_but_the_language() {
    let account = Account::new(&["petugas-opd"], Some(officers::UNIT_CODE));
    let client = cognito_of_operator()
        .describe_user_pool_client()
        .user_pool_id(&stack().user_pool)
        .client_id(&stack().officer_client);
    let client = wait(client.send()).expect("a client").user_pool_client.expect("a client");
    assert_eq!(client.write_attributes(), ["locale"]);
    // Without this flag the app client would be of use to whoever has a password and no device.
    assert!(!client.explicit_auth_flows().contains(&ExplicitAuthFlowsType::AllowAdminUserPasswordAuth));

    let changed = cognito(
        "UpdateUserAttributes",
        &json!({
            "AccessToken": account.sign_in().access,
            "UserAttributes": [{"Name": "locale", "Value": "en"}],
        }),
    );
    assert_eq!(changed["__type"], Value::Null, "{changed}");
    let user = cognito("GetUser", &json!({"AccessToken": account.sign_in().access}));
    let attributes = user["UserAttributes"].as_array().expect("attributes").iter();
    let mut locales = attributes.filter(|attribute| attribute["Name"] == "locale");
    assert_eq!(locales.next().expect("a locale")["Value"], "en");
}

/// The engine lets everybody sign up, so what AWS goes by is read back; and whoever came in would find every door shut.
#[test]
fn nobody_signs_themselves_up_and_an_account_without_a_tag_may_do_nothing() {
    let pool = wait(cognito_of_operator().describe_user_pool().user_pool_id(&stack().user_pool).send());
    let pool = pool.expect("a pool").user_pool.expect("a pool");
    assert!(pool.admin_create_user_config().expect("a rule").allow_admin_create_user_only());

    let username = format!("uji-{}", fresh_key());
    let password = "Sangat-Rahasia-0002";
    let signed_up = cognito(
        "SignUp",
        &json!({
            "ClientId": stack().officer_client,
            "Username": username,
            "Password": password,
            "UserAttributes": [
                {"Name": "name", "Value": "Petugas Gadungan"},
                {"Name": "custom:unit", "Value": officers::UNIT_CODE},
                {"Name": "cognito:groups", "Value": "administrator"},
            ],
        }),
    );
    if signed_up["__type"] == Value::Null {
        let confirmed = cognito_of_operator()
            .admin_confirm_sign_up()
            .user_pool_id(&stack().user_pool)
            .username(&username);
        wait(confirmed.send()).expect("confirmed");
        assert_eq!(desk(&officers::authenticate(&username, password).id), 403);
    }
    assert_eq!(desk(&Account::new(&[], Some(officers::UNIT_CODE)).sign_in().id), 403);
}

#[test]
fn a_unit_officer_without_a_unit_and_one_of_a_malformed_unit_have_no_right() {
    for unit in [None, Some("Suku Dinas"), Some("unit:tiket"), Some("")] {
        let account = Account::new(&["petugas-opd"], unit);
        assert_eq!(desk(&account.sign_in().id), 403, "{unit:?}");
    }
}

#[test]
fn petugas_opd_together_with_any_other_tag_is_refused_everywhere() {
    let (report, _) = life::submit(&life::body());
    let account = Account::new(&["petugas-opd"], Some(officers::UNIT_CODE));
    assert_eq!(desk(&account.sign_in().id), 200);
    for tag in ["petugas-validasi", "petugas-verifikasi", "admin-tiket", "administrator"] {
        account.give(tag);
        assert_eq!(desk(&account.sign_in().id), 403, "{tag}");
        report.seen_by(&account.username).expect(403);
        account.take(tag);
    }
    assert_eq!(desk(&account.sign_in().id), 200);
}

/// A token's three parts, decoded: header, claims, signature.
fn parts(token: &str) -> (Value, Value, Vec<u8>) {
    let bytes: Vec<Vec<u8>> =
        token.split('.').map(|part| BASE64URL_NOPAD.decode(part.as_bytes()).expect("base64url")).collect();
    let json = |part: usize| serde_json::from_slice(&bytes[part]).expect("JSON");
    (json(0), json(1), bytes[2].clone())
}

fn token(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |bytes: &[u8]| BASE64URL_NOPAD.encode(bytes);
    [part(header.to_string().as_bytes()), part(claims.to_string().as_bytes()), part(signature)].join(".")
}

#[test]
fn a_token_that_cognito_did_not_sign_for_this_client_opens_nothing() {
    let genuine = sign_in(officers::TIKET).id;
    let (header, claims, signature) = parts(&genuine);
    let claiming = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    let with_header = |changes: Value| {
        let mut header = header.clone();
        for (name, value) in changes.as_object().expect("an object") {
            header[name] = value.clone();
        }
        header
    };
    let hs256 = {
        let header = with_header(json!({"alg": "HS256"}));
        let unsigned = token(&header, &claims, b"");
        let key = hmac::Key::new(hmac::HMAC_SHA256, digest(&SHA256, public_keys().as_bytes()).as_ref());
        token(&header, &claims, hmac::sign(&key, unsigned.trim_end_matches('.').as_bytes()).as_ref())
    };
    let mut flipped = signature.clone();
    flipped[0] ^= 1;
    let administrator = claiming("cognito:groups", json!(["administrator"]));
    let forged = [
        ("the signature is missing", token(&header, &claims, b"")),
        ("the signature is cut off", genuine.rsplit_once('.').expect("a dot").0.to_owned()),
        ("one bit of the signature is wrong", token(&header, &claims, &flipped)),
        ("the signature is another token's", token(&header, &claims, &parts(&sign_in(officers::UNIT).id).2)),
        ("alg is none", token(&with_header(json!({"alg": "none"})), &claims, b"")),
        ("alg is None, with the signature", token(&with_header(json!({"alg": "None"})), &claims, &signature)),
        ("alg is HS256", hs256),
        ("the key is unknown", token(&with_header(json!({"kid": "lain"})), &claims, &signature)),
        (
            "the key comes along",
            token(&with_header(json!({"jku": "http://127.0.0.1/keys"})), &claims, &signature),
        ),
        ("the tag is another", token(&header, &administrator, &signature)),
        ("unsigned, for the administrator", token(&with_header(json!({"alg": "none"})), &administrator, b"")),
        ("it expires later", token(&header, &claiming("exp", json!(4_000_000_000_u64)), &signature)),
        ("the issuer is another", token(&header, &claiming("iss", json!("https://contoh.id")), &signature)),
        ("the client is another", sign_in_through_another_client(officers::TIKET).id),
        ("the pool is another", of_another_pool()),
        ("it is an access token", sign_in(officers::TIKET).access),
        ("a part too many", format!("{genuine}.x")),
        ("another letter case", genuine.to_lowercase()),
    ];
    for (what, token) in forged {
        assert_eq!(desk(&token), 401, "{what}");
    }
    assert_eq!(desk(&genuine), 200);
}

/// The pool's public keys, which everybody may read.
fn public_keys() -> String {
    let url = format!("{}/{}/.well-known/jwks.json", stack().endpoint, stack().user_pool);
    String::from_utf8(Call::url("GET", &url).send().bytes).expect("UTF-8")
}

/// A token that Cognito signed for a pool that anybody could make, with the same names in it.
fn of_another_pool() -> String {
    let cognito = cognito_of_operator();
    let pool =
        wait(cognito.create_user_pool().pool_name("uji").send()).expect("a pool").user_pool.expect("a pool");
    let pool = pool.id().expect("an id");
    let client = cognito
        .create_user_pool_client()
        .user_pool_id(pool)
        .client_name("uji")
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserPasswordAuth);
    let client = wait(client.send()).expect("a client").user_pool_client.expect("a client");
    let (username, password) = (officers::ADMINISTRATOR, "Sangat-Rahasia-0003");
    let user = cognito.admin_create_user().user_pool_id(pool).username(username).temporary_password(password);
    wait(user.send()).expect("a user");
    let set = cognito
        .admin_set_user_password()
        .user_pool_id(pool)
        .username(username)
        .password(password)
        .permanent(true);
    wait(set.send()).expect("a password");
    wait(cognito.create_group().user_pool_id(pool).group_name("administrator").send()).expect("a group");
    let given =
        cognito.admin_add_user_to_group().user_pool_id(pool).username(username).group_name("administrator");
    wait(given.send()).expect("a tag");
    let token = authenticate_through(client.client_id().expect("an id"), username, password).id;
    wait(cognito.delete_user_pool().user_pool_id(pool).send()).expect("no pool");
    token
}

#[test]
fn a_wrong_password_and_an_unknown_officer_get_the_same_refusal() {
    let refused = |username: &str| {
        let answer = cognito(
            "InitiateAuth",
            &json!({
                "AuthFlow": "USER_PASSWORD_AUTH",
                "ClientId": stack().officer_client,
                "AuthParameters": {"USERNAME": username, "PASSWORD": "Salah-Sekali-0001"},
            }),
        );
        (answer["__type"].clone(), answer["AuthenticationResult"].clone())
    };
    let wrong = refused(officers::TIKET);
    assert_eq!(wrong.0, "NotAuthorizedException");
    assert_eq!(wrong.1, Value::Null);
    assert_eq!(refused("tidak.ada"), wrong);
}

/// Asks for new tokens with a refresh token, as a session that goes on does.
fn refresh(token: &str) -> Value {
    cognito(
        "InitiateAuth",
        &json!({
            "AuthFlow": "REFRESH_TOKEN_AUTH",
            "ClientId": stack().officer_client,
            "AuthParameters": {"REFRESH_TOKEN": token},
        }),
    )
}

/// Disabling takes effect with the next token, and a token lives a quarter of an hour: as AWS goes by it, and as one reads.
#[test]
fn a_disabled_officer_gets_no_further_token_and_the_last_one_ends_within_a_quarter_of_an_hour() {
    let (operator, pool) = (cognito_of_operator(), &stack().user_pool);
    let client = operator.describe_user_pool_client().user_pool_id(pool).client_id(&stack().officer_client);
    let client = wait(client.send()).expect("a client").user_pool_client.expect("a client");
    let units = client.token_validity_units().expect("units");
    for (life, unit) in [
        (client.id_token_validity(), units.id_token()),
        (client.access_token_validity(), units.access_token()),
    ] {
        assert_eq!(life, Some(15));
        assert_eq!(unit, Some(&TimeUnitsType::Minutes));
    }
    assert_eq!(client.enable_token_revocation(), Some(true));

    let account = Account::new(&["petugas-opd"], Some(officers::UNIT_CODE));
    let password = "Sangat-Rahasia-0001";
    let sign_in = |username: &str| {
        cognito(
            "InitiateAuth",
            &json!({
                "AuthFlow": "USER_PASSWORD_AUTH",
                "ClientId": stack().officer_client,
                "AuthParameters": {"USERNAME": username, "PASSWORD": password},
            }),
        )
    };
    let session = sign_in(&account.username);
    let refresh_token =
        session["AuthenticationResult"]["RefreshToken"].as_str().expect("a refresh token").to_owned();
    let refreshed =
        refresh(&refresh_token)["AuthenticationResult"]["IdToken"].as_str().expect("a token").to_owned();
    assert_eq!(desk(&refreshed), 200, "else the refusal below says nothing");
    let of_refreshed = claims(&refreshed);
    let number = |name: &str| of_refreshed[name].as_i64().expect("a number");
    assert!(number("exp") - number("iat") <= 15 * 60);

    wait(operator.admin_disable_user().user_pool_id(pool).username(&account.username).send())
        .expect("disabled");
    for answer in [refresh(&refresh_token), sign_in(&account.username)] {
        assert_eq!(answer["AuthenticationResult"], Value::Null);
        assert_eq!(answer["__type"], "NotAuthorizedException");
    }
}

/// `bukan-administrator` contains `administrator`: a tag is a whole word, and one that is none takes all rights away.
#[test]
fn a_group_that_is_not_exactly_a_tag_gives_no_right_and_cancels_those_of_the_accounts_other_groups() {
    let (operator, pool) = (cognito_of_operator(), &stack().user_pool);
    let (report, _) = life::submit(&life::body());
    let groups = ["bukan-administrator", "administrator-lama", "Administrator", "petugas-opd-administrator"];
    let gone = || {
        for group in groups {
            let _ = wait(operator.delete_group().user_pool_id(pool).group_name(group).send());
        }
    };
    gone();
    for group in groups {
        wait(operator.create_group().user_pool_id(pool).group_name(group).send()).expect("a group");
        let pretender = Account::new(&[group], None);
        assert_eq!(desk(&pretender.sign_in().id), 403, "{group}");
        report.seen_by(&pretender.username).expect(403);
        pretender.give("administrator");
        pretender.sign_in();
        report.seen_by(&pretender.username).expect(403);
        pretender.take(group);
        pretender.sign_in();
        report.seen_by(&pretender.username).expect(200);
    }
    gone();
}
