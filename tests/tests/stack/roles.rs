//! No function can do what its row in section 4 of the design does not say: every role tries everything.
//!
//! Each probe is made with the role's own credentials and on names that nothing else uses, and is shaped so that it
//! changes nothing where it is allowed: a condition that fails, a value out of range. Whatever answer is not a denial
//! counts as allowed.

use aws_config::{SdkConfig, retry::RetryConfig};
use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    primitives::Blob,
    types::{
        AttributeValue, ConditionCheck, DeleteRequest, KeysAndAttributes, TransactWriteItem, WriteRequest,
    },
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fmt::Debug,
    sync::{LazyLock, MutexGuard},
    thread,
};
use tests::{
    operator::{self, Item, wait},
    seals,
    stack::stack,
};
use yaml_serde::Value as Yaml;

/// The tables, with whether they have a sort key.
const TABLES: &[(&str, bool)] = &[
    ("reports", true),
    ("vault", false),
    ("registry", false),
    ("quotas", false),
    ("city", false),
    ("map", false),
    ("accesses", true),
];
/// The indexes of the tables.
const INDEXES: &[(&str, &str)] = &[
    ("reports", "desk"),
    ("reports", "desk_category"),
    ("reports", "desk_area"),
    ("reports", "near"),
    ("reports", "pending"),
    ("accesses", "hour"),
    ("accesses", "code"),
];
const PREFIXES: &[&str] = &["incoming", "clean/locked", "clean/shown", "views"];
/// Prefixes of keys in the bucket of seals.
const SEAL_PREFIXES: &[&str] = &["hours", "elsewhere"];
const TOPICS: &[&str] = &[
    "desk-tiket",
    "desk-tiket-digest",
    "desk-validasi",
    "desk-validasi-digest",
    "desk-verifikasi",
    "desk-verifikasi-digest",
    "desk-administrator",
    "reporter",
    "alarm",
    "unit-probe",
    "channel-probe",
    "elsewhere",
];
const QUEUES: &[(&str, &str)] = &[
    ("uploads", "UploadsQueue"),
    ("uploads-dead", "UploadsDeadQueue"),
    ("notify-retry", "NotifyRetryQueue"),
    ("notify-dead", "NotifyDeadQueue"),
    ("deliver", "DeliverQueue"),
    ("deliver-dead", "DeliverDeadQueue"),
];
/// The vault's keys: the one that seals, and the one that it replaces.
const VAULT_KEYS: &[(&str, &str)] =
    &[("vault-key", "VaultKeyId"), ("previous-vault-key", "PreviousVaultKeyId")];

const SECRETS: &[(&str, &str)] = &[
    ("intake-key", "IntakeKeyArn"),
    ("cursor-key", "CursorKeyArn"),
    ("evidence-key", "EvidenceKeyArn"),
    ("cookie-key", "CookieKeyArn"),
];

/// The topic that the operator's probe makes.
const MADE: &str = "unit-probe-made";

/// What each role may do of all this.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "Submit",
        &[
            "reports PutItem",
            "reports ConditionCheckItem",
            "vault PutItem",
            "registry GetItem",
            "map GetItem",
            "quotas UpdateItem",
            "vault-key GetPublicKey",
            "previous-vault-key GetPublicKey",
            "intake-key GetSecretValue",
            "incoming PutObject",
        ],
    ),
    (
        "Assign",
        &[
            "reports GetItem",
            "reports PutItem",
            "reports ConditionCheckItem",
            "registry GetItem",
            "map GetItem",
        ],
    ),
    (
        "PostTl",
        &[
            "reports GetItem",
            "reports Query",
            "reports PutItem",
            "reports UpdateItem",
            "reports ConditionCheckItem",
            "registry GetItem",
            "incoming PutObject",
        ],
    ),
    ("Validate", &["reports GetItem", "reports PutItem", "registry GetItem"]),
    (
        "Verify",
        &["reports GetItem", "reports Query", "reports PutItem", "reports UpdateItem", "registry GetItem"],
    ),
    ("City", &["city GetItem", "map GetItem"]),
    ("Web", &["cookie-key GetSecretValue"]),
    (
        "Read",
        &[
            "reports GetItem",
            "reports BatchGetItem",
            "reports Query",
            "reports/near Query",
            "reports/desk Query",
            "reports/desk_category Query",
            "reports/desk_area Query",
            "city GetItem",
            "map GetItem",
            "accesses PutItem",
            "accesses Query",
            "cursor-key GetSecretValue",
        ],
    ),
    (
        "Photo",
        &[
            "reports UpdateItem",
            "evidence-key GetSecretValue",
            "incoming GetObject",
            "incoming DeleteObject",
            "clean/locked PutObject",
            "clean/shown PutObject",
            "incoming CopyObject to clean/locked",
            "incoming CopyObject to clean/shown",
            "uploads ReceiveMessage",
            "uploads DeleteMessage",
            "uploads GetQueueAttributes",
        ],
    ),
    (
        "View",
        &[
            "reports GetItem",
            "accesses PutItem",
            "clean/shown GetObject",
            "views GetObject",
            "views PutObject",
            "clean/shown CopyObject to views",
            "views CopyObject to views",
        ],
    ),
    (
        "Track",
        &[
            "reports GetItem",
            "reports Query",
            "reports PutItem",
            "reports UpdateItem",
            "registry GetItem",
            "vault DeleteItem",
            "accesses Query",
            "incoming PutObject",
            "clean/locked GetObject",
            "clean/locked DeleteObject",
            "clean/locked CopyObject to clean/shown",
            "clean/locked CopyObject to incoming",
            "clean/shown PutObject",
            "clean/shown DeleteObject",
            "views DeleteObject",
        ],
    ),
    (
        "Release",
        &[
            "reports/pending Query",
            "reports GetItem",
            "reports Query",
            "reports PutItem",
            "reports UpdateItem",
            "reports ConditionCheckItem",
            "registry GetItem",
        ],
    ),
    (
        "Seal",
        &["accesses/hour Query", "seals hours GetObject", "seals hours PutObject", "seals hours ListBucket"],
    ),
    (
        "Notify",
        &[
            "reports PutItem",
            "desk-tiket Publish",
            "desk-tiket-digest Publish",
            "desk-validasi Publish",
            "desk-validasi-digest Publish",
            "desk-verifikasi Publish",
            "desk-verifikasi-digest Publish",
            "desk-administrator Publish",
            "reporter Publish",
            "unit-probe Publish",
            "notify-retry SendMessage",
            "notify-retry ReceiveMessage",
            "notify-retry DeleteMessage",
            "notify-retry GetQueueAttributes",
            "notify-dead SendMessage",
        ],
    ),
    (
        "Deliver",
        &[
            "vault GetItem",
            "vault UpdateItem",
            "vault-key Decrypt",
            "previous-vault-key Decrypt",
            "channel-probe Publish",
            "sms Publish",
            "email SendEmail",
            "deliver ReceiveMessage",
            "deliver DeleteMessage",
            "deliver GetQueueAttributes",
        ],
    ),
];

struct Clients {
    dynamodb: aws_sdk_dynamodb::Client,
    s3: aws_sdk_s3::Client,
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
    ses: aws_sdk_sesv2::Client,
    kms: aws_sdk_kms::Client,
    secrets: aws_sdk_secretsmanager::Client,
    lambda: aws_sdk_lambda::Client,
    iam: aws_sdk_iam::Client,
    cognito: aws_sdk_cognitoidentityprovider::Client,
    sts: aws_sdk_sts::Client,
}

/// Every action that any role has in a stack that does not trace, as that of the tests. The engine does not know all that could be given beside these (PartiQL's, `kms:ReEncrypt*`, an
/// export of a table), so a probe could not tell; nor does a probe see a `*`. What roles hold is therefore also read.
const ACTIONS: &[&str] = &[
    "dynamodb:BatchGetItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeStream",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateItem",
    "kms:Decrypt",
    "kms:GetPublicKey",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "s3:DeleteObject",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "secretsmanager:GetSecretValue",
    "ses:SendEmail",
    "sns:Publish",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
];

impl Clients {
    fn new(config: &SdkConfig) -> Self {
        let config = config.to_builder().retry_config(RetryConfig::disabled()).build();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            s3: aws_sdk_s3::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            ses: aws_sdk_sesv2::Client::new(&config),
            kms: aws_sdk_kms::Client::new(&config),
            secrets: aws_sdk_secretsmanager::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            cognito: aws_sdk_cognitoidentityprovider::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
        }
    }
}

/// The results of all probes.
#[derive(Default)]
struct Tried {
    allowed: BTreeSet<String>,
    denied: BTreeSet<String>,
}

impl Tried {
    /// Waits for a probe and notes whether it was denied. Anything that is no answer of the service fails the test.
    fn probe<T, E, R>(&mut self, name: String, call: impl Future<Output = Result<T, SdkError<E, R>>>)
    where
        E: ProvideErrorMetadata + Debug,
        R: Debug,
    {
        let allowed = match wait(call) {
            Ok(_) => true,
            Err(error) => match error.as_service_error().and_then(ProvideErrorMetadata::code) {
                Some(
                    "AccessDenied"
                    | "AccessDeniedException"
                    | "AuthorizationError"
                    | "AuthorizationErrorException",
                ) => false,
                Some(
                    "InvalidClientTokenId"
                    | "UnrecognizedClientException"
                    | "InvalidAccessKeyId"
                    | "SignatureDoesNotMatch"
                    | "InvalidSignatureException"
                    | "ExpiredToken"
                    | "ExpiredTokenException"
                    | "MissingAuthenticationToken"
                    | "InternalFailure"
                    | "InternalError"
                    | "InternalServerError",
                )
                | None => panic!("{name}: {error:?}"),
                Some(_) => true,
            },
        };
        let tried = if allowed { &mut self.allowed } else { &mut self.denied };
        assert!(tried.insert(name.clone()), "{name} is tried twice");
    }

    /// The probes of a role.
    fn everything(clients: &Clients) -> Self {
        let mut tried = Self::harmless(clients);
        tried.vault_keys(clients);
        tried.new_secrets(clients);
        tried
    }

    /// What the operator can try too without leaving anything that matters.
    fn harmless(clients: &Clients) -> Self {
        let mut tried = Self::default();
        for (table, sorted) in TABLES {
            tried.table(clients, table, *sorted);
        }
        tried.indexes(clients);
        tried.photos(clients);
        tried.seals(clients);
        tried.topics(clients);
        tried.queues(clients);
        tried.secrets(clients);
        tried.rest(clients);
        tried
    }

    fn table(&mut self, clients: &Clients, table: &str, sorted: bool) {
        let client = &clients.dynamodb;
        let name = format!("{}-{table}", stack().name);
        let mut key = Item::from([("pk".to_owned(), text("PROBE"))]);
        if sorted {
            key.insert("sk".to_owned(), text("probe"));
        }
        let there = "attribute_exists(pk)";
        let get = client.get_item().table_name(&name).set_key(Some(key.clone()));
        self.probe(format!("{table} GetItem"), get.send());
        let put = client.put_item().table_name(&name).set_item(Some(key.clone())).condition_expression(there);
        self.probe(format!("{table} PutItem"), put.send());
        let update = client
            .update_item()
            .table_name(&name)
            .set_key(Some(key.clone()))
            .update_expression("SET probe = :one")
            .expression_attribute_values(":one", text("1"))
            .condition_expression(there);
        self.probe(format!("{table} UpdateItem"), update.send());
        let delete = client.delete_item().table_name(&name).set_key(Some(key.clone()));
        self.probe(format!("{table} DeleteItem"), delete.send());
        let query = client
            .query()
            .table_name(&name)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text("PROBE"));
        self.probe(format!("{table} Query"), query.send());
        self.probe(format!("{table} Scan"), client.scan().table_name(&name).limit(1).send());
        let check = ConditionCheck::builder()
            .table_name(&name)
            .set_key(Some(key.clone()))
            .condition_expression(there);
        let check = TransactWriteItem::builder().condition_check(check.build().unwrap()).build();
        self.probe(
            format!("{table} ConditionCheckItem"),
            client.transact_write_items().transact_items(check).send(),
        );
        let keys = KeysAndAttributes::builder().keys(key.clone()).build().unwrap();
        self.probe(
            format!("{table} BatchGetItem"),
            client.batch_get_item().request_items(&name, keys).send(),
        );
        let delete = DeleteRequest::builder().set_key(Some(key)).build().unwrap();
        let delete = WriteRequest::builder().delete_request(delete).build();
        self.probe(
            format!("{table} BatchWriteItem"),
            client.batch_write_item().request_items(&name, vec![delete]).send(),
        );
        let select = format!("SELECT * FROM \"{name}\" WHERE pk = 'PROBE'");
        self.probe(format!("{table} PartiQLSelect"), client.execute_statement().statement(select).send());
        self.probe(format!("{table} DescribeTable"), client.describe_table().table_name(&name).send());
        // A backup without a name is refused wherever one may be made.
        self.probe(format!("{table} CreateBackup"), client.create_backup().table_name(&name).send());
    }

    fn indexes(&mut self, clients: &Clients) {
        for (table, index) in INDEXES {
            let name = format!("{}-{table}", stack().name);
            let query = clients
                .dynamodb
                .query()
                .table_name(&name)
                .index_name(*index)
                .key_condition_expression("#key = :key")
                .expression_attribute_names("#key", *index)
                .expression_attribute_values(":key", text("probe"));
            self.probe(format!("{table}/{index} Query"), query.send());
            let scan = clients.dynamodb.scan().table_name(&name).index_name(*index).limit(1);
            self.probe(format!("{table}/{index} Scan"), scan.send());
        }
    }

    fn photos(&mut self, clients: &Clients) {
        let bucket = stack().output("PhotosBucket");
        let client = &clients.s3;
        for prefix in PREFIXES {
            let get = client.get_object().bucket(bucket).key(there(prefix));
            self.probe(format!("{prefix} GetObject"), get.send());
            let written = format!("{prefix}/probe-written");
            let put = client.put_object().bucket(bucket).key(&written).body(Vec::new().into());
            self.probe(format!("{prefix} PutObject"), put.send());
            let delete = client.delete_object().bucket(bucket).key(format!("{prefix}/probe-gone"));
            self.probe(format!("{prefix} DeleteObject"), delete.send());
            for to in PREFIXES {
                let copy = client
                    .copy_object()
                    .bucket(bucket)
                    .copy_source(format!("{bucket}/{}", there(prefix)))
                    .key(format!("{to}/probe-copied"));
                self.probe(format!("{prefix} CopyObject to {to}"), copy.send());
            }
        }
        self.probe("photos ListBucket".into(), client.list_objects_v2().bucket(bucket).max_keys(1).send());
        self.probe("photos GetBucketPolicy".into(), client.get_bucket_policy().bucket(bucket).send());
    }

    fn seals(&mut self, clients: &Clients) {
        let bucket = seals::bucket();
        let client = &clients.s3;
        for prefix in SEAL_PREFIXES {
            let get = client.get_object().bucket(bucket).key(there(prefix));
            self.probe(format!("seals {prefix} GetObject"), get.send());
            let written = format!("{prefix}/probe-written");
            let put = client.put_object().bucket(bucket).key(&written).body(Vec::new().into());
            self.probe(format!("seals {prefix} PutObject"), put.send());
            let delete = client.delete_object().bucket(bucket).key(format!("{prefix}/probe-gone"));
            self.probe(format!("seals {prefix} DeleteObject"), delete.send());
            let version = client.delete_object().bucket(bucket).key(there(prefix)).version_id("probe");
            self.probe(format!("seals {prefix} DeleteObjectVersion"), version.send());
            let version = client.get_object().bucket(bucket).key(there(prefix)).version_id("probe");
            self.probe(format!("seals {prefix} GetObjectVersion"), version.send());
            // Nothing is said of how long: refused wherever it may be changed.
            let keep = client.put_object_retention().bucket(bucket).key(there(prefix));
            self.probe(format!("seals {prefix} PutObjectRetention"), keep.send());
            let list = client.list_objects_v2().bucket(bucket).prefix(format!("{prefix}/")).max_keys(1);
            self.probe(format!("seals {prefix} ListBucket"), list.send());
        }
        self.probe("seals ListBucket".into(), client.list_objects_v2().bucket(bucket).max_keys(1).send());
        self.probe("seals ListBucketVersions".into(), client.list_object_versions().bucket(bucket).send());
        self.probe(
            "seals PutObjectLock".into(),
            client.put_object_lock_configuration().bucket(bucket).send(),
        );
        self.probe("seals GetBucketPolicy".into(), client.get_bucket_policy().bucket(bucket).send());
    }

    fn topics(&mut self, clients: &Clients) {
        let client = &clients.sns;
        let prefix = stack().output("TopicPrefix");
        for topic in TOPICS {
            // Announced as JSON and none: refused wherever it may be published.
            let publish = client.publish().topic_arn(format!("{prefix}{topic}"));
            let publish = publish.message_structure("json").message("no JSON");
            self.probe(format!("{topic} Publish"), publish.send());
        }
        // To a number that nobody has, and from an address that is none.
        let sms = client.publish().phone_number("+0").message("probe");
        self.probe("sms Publish".into(), sms.send());
        let email = clients.ses.send_email().from_email_address("probe");
        self.probe("email SendEmail".into(), email.send());
        for topic in TOPICS {
            let subscribe = client.subscribe().topic_arn(format!("{prefix}{topic}")).protocol("pigeon");
            self.probe(format!("{topic} Subscribe"), subscribe.send());
        }
        self.probe(
            "unit-probe CreateTopic".into(),
            client.create_topic().name(format!("{}-{MADE}", stack().name)).send(),
        );
        let delete = client.delete_topic().topic_arn(format!("{prefix}unit-gone"));
        self.probe("unit-gone DeleteTopic".into(), delete.send());
        self.probe("topics ListTopics".into(), client.list_topics().send());
    }

    fn queues(&mut self, clients: &Clients) {
        let client = &clients.sqs;
        for (queue, output) in QUEUES {
            let url = stack().output(output);
            let send = client.send_message().queue_url(url).message_body("probe").delay_seconds(901);
            self.probe(format!("{queue} SendMessage"), send.send());
            let receive = client.receive_message().queue_url(url).max_number_of_messages(11);
            self.probe(format!("{queue} ReceiveMessage"), receive.send());
            let delete = client.delete_message().queue_url(url).receipt_handle("probe");
            self.probe(format!("{queue} DeleteMessage"), delete.send());
            let ask = client.get_queue_attributes().queue_url(url);
            self.probe(format!("{queue} GetQueueAttributes"), ask.send());
        }
    }

    fn secrets(&mut self, clients: &Clients) {
        let kms = &clients.kms;
        for (name, output) in VAULT_KEYS {
            let key = stack().output(output);
            self.probe(format!("{name} GetPublicKey"), kms.get_public_key().key_id(key).send());
            self.probe(format!("{name} DescribeKey"), kms.describe_key().key_id(key).send());
            self.probe(format!("{name} GetKeyPolicy"), kms.get_key_policy().key_id(key).send());
        }
        for &(secret, output) in SECRETS {
            let get = clients.secrets.get_secret_value().secret_id(stack().output(output));
            self.probe(format!("{secret} GetSecretValue"), get.send());
        }
    }

    /// The operator's would leave a version behind. It is nobody's current one.
    fn new_secrets(&mut self, clients: &Clients) {
        for &(secret, output) in SECRETS {
            let put = clients.secrets.put_secret_value().secret_id(stack().output(output));
            let put = put.secret_string("probe").version_stages("probe");
            self.probe(format!("{secret} PutSecretValue"), put.send());
        }
    }

    /// The use of the vault's keys is not the operator's either.
    fn vault_keys(&mut self, clients: &Clients) {
        let kms = &clients.kms;
        let oaep = aws_sdk_kms::types::EncryptionAlgorithmSpec::RsaesOaepSha256;
        for (name, output) in VAULT_KEYS {
            let key = stack().output(output);
            let sealed = Blob::new(vec![1; 384]);
            let decrypt = kms.decrypt().key_id(key).ciphertext_blob(sealed);
            self.probe(format!("{name} Decrypt"), decrypt.encryption_algorithm(oaep.clone()).send());
            let encrypt = kms.encrypt().key_id(key).plaintext(Blob::new("probe"));
            self.probe(format!("{name} Encrypt"), encrypt.encryption_algorithm(oaep.clone()).send());
            let grant = kms.create_grant().key_id(key).grantee_principal(stack().output("NotifyRoleArn"));
            let grant = grant.operations(aws_sdk_kms::types::GrantOperation::Decrypt);
            self.probe(format!("{name} CreateGrant"), grant.send());
            self.probe(format!("{name} ListGrants"), kms.list_grants().key_id(key).send());
        }
    }

    fn rest(&mut self, clients: &Clients) {
        let lambda = &clients.lambda;
        for function in stack().functions() {
            let name = format!("{}-{function}", stack().name);
            let dry = lambda.invoke().function_name(&name);
            let dry = dry.invocation_type(aws_sdk_lambda::types::InvocationType::DryRun);
            self.probe(format!("{function} Invoke"), dry.send());
            let configuration = lambda.get_function_configuration().function_name(&name);
            self.probe(format!("{function} GetFunctionConfiguration"), configuration.send());
        }
        for (role, _) in ALLOWED {
            let other = stack().output(&format!("{role}RoleArn"));
            let assume = clients.sts.assume_role().role_arn(other).role_session_name("probe");
            self.probe(format!("{role} AssumeRole"), assume.send());
        }
        let iam = &clients.iam;
        self.probe("iam ListRoles".into(), iam.list_roles().send());
        self.probe("iam GetRole".into(), iam.get_role().role_name("probe").send());
        let policy = r#"{"Version": "2012-10-17", "Statement": []}"#;
        let put = iam.put_role_policy().role_name("probe").policy_name("probe").policy_document(policy);
        self.probe("iam PutRolePolicy".into(), put.send());
        let trust = iam.update_assume_role_policy().role_name("probe").policy_document(policy);
        self.probe("iam UpdateAssumeRolePolicy".into(), trust.send());
        self.probe("iam CreateAccessKey".into(), iam.create_access_key().user_name("probe").send());
        let pool = &stack().user_pool;
        let cognito = &clients.cognito;
        self.probe("officers ListUsers".into(), cognito.list_users().user_pool_id(pool).limit(1).send());
        let join = cognito.admin_add_user_to_group().user_pool_id(pool).username("probe").group_name("probe");
        self.probe("officers AdminAddUserToGroup".into(), join.send());
        let password = cognito.admin_set_user_password().user_pool_id(pool).username("probe");
        let password = password.password("Probe-0123456789").permanent(true);
        self.probe("officers AdminSetUserPassword".into(), password.send());
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

/// An object that is there under every prefix, so that reading it cannot fail for another reason.
fn there(prefix: &str) -> String {
    format!("{prefix}/probe-there")
}

/// What the probes need, and what they may leave; gone when dropped.
struct Ground {
    clients: Clients,
    _seals: MutexGuard<'static, ()>,
}

impl Ground {
    fn prepare() -> Self {
        let ground = Self { clients: Clients::new(&operator::config()), _seals: seals::alone() };
        for prefix in SEAL_PREFIXES {
            let put = ground.clients.s3.put_object().bucket(seals::bucket()).key(there(prefix));
            wait(put.body(Vec::new().into()).send()).expect("a seal to probe");
        }
        for prefix in PREFIXES {
            let put =
                ground.clients.s3.put_object().bucket(stack().output("PhotosBucket")).key(there(prefix));
            wait(put.body(Vec::new().into()).send()).expect("an object to probe");
        }
        ground
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        for prefix in PREFIXES {
            for name in ["there", "written", "copied"] {
                let key = format!("{prefix}/probe-{name}");
                let _ = wait(
                    self.clients.s3.delete_object().bucket(stack().output("PhotosBucket")).key(key).send(),
                );
            }
        }
        for prefix in SEAL_PREFIXES {
            seals::clear(&format!("{prefix}/probe-"));
        }
        let made = format!("{}{MADE}", stack().output("TopicPrefix"));
        let _ = wait(self.clients.sns.delete_topic().topic_arn(made).send());
    }
}

/// A role's own credentials. On AWS only Lambda could have them; the local engine lets the account's root be any service.
fn credentials(role: &str) -> Credentials {
    credentials_of(stack().output(&format!("{role}RoleArn")))
}

fn credentials_of(role: &str) -> Credentials {
    let sts = aws_sdk_sts::Client::new(&operator::config());
    let assumed = sts.assume_role().role_arn(role).role_session_name("probe");
    let given = wait(assumed.send()).expect("credentials").credentials.unwrap();
    Credentials::new(given.access_key_id, given.secret_access_key, Some(given.session_token), None, "a role")
}

#[test]
fn no_role_can_do_what_its_row_does_not_say() {
    let _ground = Ground::prepare();
    let roles: Vec<&str> = stack().outputs.keys().filter_map(|name| name.strip_suffix("RoleArn")).collect();
    let listed: BTreeSet<&str> = ALLOWED.iter().map(|(role, _)| *role).collect();
    assert_eq!(roles.iter().copied().collect::<BTreeSet<_>>(), listed, "a role without a row");
    let probing = thread::spawn(|| Tried::harmless(&Clients::new(&operator::config())));
    let tries: Vec<_> = ALLOWED
        .iter()
        .map(|(role, expected)| {
            let config = operator::with_credentials(credentials(role));
            (role, expected, thread::spawn(move || Tried::everything(&Clients::new(&config))))
        })
        .collect();

    // Probes that nobody could pass would prove nothing.
    let operators = probing.join().expect("the operator's probes");
    assert!(operators.denied.is_empty(), "{:?}", operators.denied);
    let mut wrong = Vec::new();
    for (role, expected, tried) in tries {
        let tried = tried.join().expect("the role's probes");
        assert!(
            operators
                .allowed
                .iter()
                .all(|probe| tried.allowed.contains(probe) || tried.denied.contains(probe))
        );
        let expected: BTreeSet<String> = expected.iter().map(|probe| (*probe).to_owned()).collect();
        wrong.extend(tried.allowed.difference(&expected).map(|probe| format!("{role} can: {probe}")));
        wrong.extend(expected.difference(&tried.allowed).map(|probe| format!("{role} cannot: {probe}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A role that IAM lets do everything with any key; gone when dropped.
///
/// It is called nearly like the one that may open the vault.
struct Mighty {
    iam: aws_sdk_iam::Client,
    name: String,
}

impl Mighty {
    const POLICY: &str = "every-right-on-keys";

    fn make() -> Self {
        let mighty = Self {
            iam: aws_sdk_iam::Client::new(&operator::config()),
            name: format!("{}-deliver-probe", stack().name),
        };
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
        }]});
        let made = mighty.iam.create_role().role_name(&mighty.name);
        wait(made.assume_role_policy_document(trust.to_string()).send()).expect("a role");
        let policy = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "kms:*", "Resource": "*",
        }]});
        let put = mighty.iam.put_role_policy().role_name(&mighty.name).policy_name(Self::POLICY);
        wait(put.policy_document(policy.to_string()).send()).expect("its rights");
        mighty
    }

    fn arn(&self) -> String {
        let found = wait(self.iam.get_role().role_name(&self.name).send()).expect("the role");
        found.role.expect("the role").arn
    }
}

impl Drop for Mighty {
    fn drop(&mut self) {
        let policy = self.iam.delete_role_policy().role_name(&self.name).policy_name(Self::POLICY);
        let _ = wait(policy.send());
        let _ = wait(self.iam.delete_role().role_name(&self.name).send());
    }
}

/// The keys' own policies decide, and not what somebody may write into a role.
#[test]
fn no_right_of_iam_opens_the_vault_or_lets_anybody_hand_it_on() {
    let mighty = Mighty::make();
    let mut tried = Tried::default();
    tried.vault_keys(&Clients::new(&operator::with_credentials(credentials_of(&mighty.arn()))));
    let each = |uses: &[&str]| -> BTreeSet<String> {
        VAULT_KEYS.iter().flat_map(|(key, _)| uses.iter().map(move |used| format!("{key} {used}"))).collect()
    };
    assert_eq!(tried.denied, each(&["Decrypt", "Encrypt", "CreateGrant"]));
    // So that it can fail: it has its rights, and they reach these keys.
    assert_eq!(tried.allowed, each(&["ListGrants"]));
}

/// Whoever adds a statement to the policy of a vault key, or widens one, has to say so here.
#[test]
fn the_policy_of_a_vault_key_gives_its_use_to_deliver_alone_and_a_grant_to_nobody() {
    let role = stack().output("DeliverRoleArn");
    let account = role.split(':').nth(4).expect("an account");
    let session = format!("arn:aws:sts::{account}:assumed-role/{}-deliver/*", stack().name);
    let statement = |name: &str, action: Value| {
        json!({
            "Sid": name,
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{account}:root")},
            "Action": action,
            "Resource": "*",
        })
    };
    let administration = [
        "CancelKeyDeletion",
        "CreateAlias",
        "DeleteAlias",
        "DescribeKey",
        "DisableKey",
        "EnableKey",
        "GetKeyPolicy",
        "GetKeyRotationStatus",
        "ListGrants",
        "ListKeyPolicies",
        "ListResourceTags",
        "PutKeyPolicy",
        "RevokeGrant",
        "ScheduleKeyDeletion",
        "TagResource",
        "UntagResource",
        "UpdateAlias",
        "UpdateKeyDescription",
    ];
    let mut opened = statement("OpenedByDeliverAlone", json!("kms:Decrypt"));
    // The session is there for the engine alone, which takes it for the principal.
    opened["Condition"] = json!({"ArnEquals": {"aws:PrincipalArn": [role, session]}});
    let expected = json!([
        statement("AdministrationWithoutUse", json!(administration.map(|action| format!("kms:{action}")))),
        statement("PublicHalfByIam", json!("kms:GetPublicKey")),
        opened,
    ]);
    let kms = aws_sdk_kms::Client::new(&operator::config());
    for (name, output) in VAULT_KEYS {
        let found = wait(kms.get_key_policy().key_id(stack().output(output)).send()).expect("a policy");
        let found: Value = serde_json::from_str(found.policy().expect("a policy")).expect("JSON");
        assert_eq!(found["Statement"], expected, "{name}");
    }
}

/// A text as URLs carry it, which is how IAM gives policies.
fn unquoted(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex: Vec<u8> = if byte == b'%' { rest.by_ref().take(2).collect() } else { Vec::new() };
        let escaped = str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(byte));
    }
    String::from_utf8(bytes).expect("a text")
}

#[test]
fn no_role_holds_an_action_that_is_not_listed_nor_a_whole_family_of_them() {
    let iam = aws_sdk_iam::Client::new(&operator::config());
    let mut held = BTreeSet::new();
    for (role, _) in ALLOWED {
        let arn = stack().output(&format!("{role}RoleArn"));
        let name = arn.rsplit('/').next().expect("a name");
        let attached = wait(iam.list_attached_role_policies().role_name(name).send()).expect("policies");
        assert!(attached.attached_policies().is_empty(), "{role} has rights from elsewhere");
        let policies = wait(iam.list_role_policies().role_name(name).send()).expect("policies").policy_names;
        assert!(!policies.is_empty(), "{role} without rights");
        for policy in policies {
            let found = wait(iam.get_role_policy().role_name(name).policy_name(policy).send());
            let document = found.expect("a policy").policy_document;
            let document: Value = serde_json::from_str(&unquoted(&document)).expect("JSON");
            for statement in document["Statement"].as_array().expect("statements") {
                assert_eq!(statement["Effect"], "Allow", "{role}");
                assert!(statement["NotAction"].is_null(), "{role} may do all but something");
                let one = || vec![statement["Action"].clone()];
                let actions = statement["Action"].as_array().cloned().unwrap_or_else(one);
                held.extend(actions.iter().map(|action| action.as_str().expect("an action").to_owned()));
            }
        }
    }
    assert_eq!(held, ACTIONS.iter().map(|action| (*action).to_owned()).collect());
}

static TEMPLATE: LazyLock<Yaml> = LazyLock::new(|| {
    yaml_serde::from_str(include_str!("../../../infra/template.yaml")).expect("the template is YAML")
});

/// The properties of every resource of a kind in the template.
fn in_template(kind: &str) -> Vec<&'static Yaml> {
    let resources = TEMPLATE["Resources"].as_mapping().expect("resources").values();
    let found: Vec<_> = resources.filter(|resource| resource["Type"] == kind).collect();
    assert!(!found.is_empty(), "no {kind}");
    found.into_iter().map(|resource| &resource["Properties"]).collect()
}

/// What the resources of a kind are called in the template, behind the stack's name.
fn named_in_template(kind: &str, property: &str) -> BTreeSet<String> {
    let name = |properties: &Yaml| {
        let Yaml::Tagged(name) = &properties[property] else { panic!("a {kind} without a name of its own") };
        let name = name.value.as_str().and_then(|name| name.strip_prefix("${AWS::StackName}-"));
        name.unwrap_or_else(|| panic!("a {kind} of no stack")).to_owned()
    };
    in_template(kind).into_iter().map(name).collect()
}

#[test]
fn every_table_queue_topic_bucket_key_and_secret_of_the_template_is_tried() {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let tables: Vec<&str> = TABLES.iter().map(|(name, _)| *name).collect();
    assert_eq!(named_in_template("AWS::DynamoDB::Table", "TableName"), set(&tables));
    let queues: Vec<&str> = QUEUES.iter().map(|(name, _)| *name).collect();
    assert_eq!(named_in_template("AWS::SQS::Queue", "QueueName"), set(&queues));
    // Beside these, a unit's topic and one of nobody's are tried.
    let missing: Vec<String> = named_in_template("AWS::SNS::Topic", "TopicName")
        .into_iter()
        .filter(|name| !TOPICS.contains(&&name[..]))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let count = |kind: &str| in_template(kind).len();
    let tried = Tried::everything(&Clients::new(&operator::with_credentials(credentials("Notify"))));
    let every: BTreeSet<&str> = tried.allowed.iter().chain(&tried.denied).map(String::as_str).collect();
    let of = |action: &str| every.iter().filter(|probe| probe.ends_with(&format!(" {action}"))).count();
    for bucket in named_in_template("AWS::S3::Bucket", "BucketName") {
        let name = format!("{} ", bucket.split('-').next().unwrap_or_default());
        assert!(every.iter().any(|probe| probe.starts_with(&name)), "a bucket that nobody tries: {bucket}");
    }
    assert_eq!(count("AWS::KMS::Key"), of("Decrypt"), "a key that nobody tries");
    assert_eq!(count("AWS::SecretsManager::Secret"), of("GetSecretValue"), "a secret that nobody tries");
    assert_eq!(count("AWS::SecretsManager::Secret"), of("PutSecretValue"), "a secret that nobody tries");
    assert_eq!(count("AWS::Serverless::Function"), of("Invoke"), "a function that nobody tries");
    let indexes = in_template("AWS::DynamoDB::Table")
        .into_iter()
        .filter_map(|table| table["GlobalSecondaryIndexes"].as_sequence().map(Vec::len));
    let queried = every.iter().filter(|probe| probe.ends_with(" Query") && probe.contains('/')).count();
    assert_eq!(indexes.sum::<usize>(), queried, "an index that nobody tries");
}
