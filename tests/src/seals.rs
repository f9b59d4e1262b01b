//! The seals of the access log, and the operator's way of holding the log against them.

use crate::{
    operator::{config, wait},
    replay::tuntas,
    stack::stack,
};
use access_log_seals::{
    bucket::Bucket,
    findings::{Finding, Report},
};
use aws_sdk_s3::types::{
    DefaultRetention, ObjectLockConfiguration, ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule,
};
use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    env,
    process::Command,
    sync::{Mutex, MutexGuard, PoisonError},
};
use store::access_log::Accesses;

static ALONE: Mutex<()> = Mutex::new(());

/// Holds the bucket of seals, of which a stack has one, until it is dropped.
pub fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The operator's client of S3.
pub fn s3() -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::new(&config())
}

/// The name of the bucket of seals.
pub fn bucket() -> &'static str {
    stack().output("SealsBucket")
}

/// Locks the bucket as the template says; the local engine makes it without its lock.
pub fn lock() {
    let retention = DefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(1).build();
    let rule = ObjectLockRule::builder().default_retention(retention).build();
    let enabled =
        ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).rule(rule);
    let put = s3().put_object_lock_configuration().bucket(bucket());
    wait(put.object_lock_configuration(enabled.build()).send()).expect("a lock");
}

/// Every object under a prefix: key and version, delete markers too.
pub fn versions(prefix: &str) -> Vec<(String, String)> {
    let listed =
        wait(s3().list_object_versions().bucket(bucket()).prefix(prefix).send()).expect("the versions");
    assert_ne!(listed.is_truncated(), Some(true), "more than one answer holds");
    let name = |key: Option<&str>, version: Option<&str>| {
        (key.unwrap_or_default().to_owned(), version.unwrap_or_default().to_owned())
    };
    let mut found: Vec<_> =
        listed.versions().iter().map(|object| name(object.key(), object.version_id())).collect();
    found.extend(listed.delete_markers().iter().map(|marker| name(marker.key(), marker.version_id())));
    found
}

/// Removes one version for good, past the lock, which only the local stage lets an operator do.
pub fn remove(key: &str, version: &str) {
    let gone = s3().delete_object().bucket(bucket()).key(key).version_id(version);
    wait(gone.bypass_governance_retention(true).send()).expect("the version is removed");
}

/// Removes whatever is under a prefix for good.
pub fn clear(prefix: &str) {
    for (key, version) in versions(prefix) {
        remove(&key, &version);
    }
}

/// Runs `seal` as its schedule would, and waits for it.
pub fn run_seal() {
    let lambda = aws_sdk_lambda::Client::new(&config());
    let ran = wait(lambda.invoke().function_name(format!("{}-seal", stack().name)).send());
    assert_eq!(ran.expect("seal runs").function_error, None);
}

/// Runs an audit and returns its report.
#[expect(clippy::disallowed_methods, reason = "the tests live in real time; runtime::clock is for functions")]
pub fn audited() -> Report {
    let accesses =
        Accesses::new(aws_sdk_dynamodb::Client::new(&config()), stack().output("AccessesTable").to_owned());
    let bucket = Bucket::new(s3(), bucket().to_owned());
    wait(access_log_seals::verify::verify(&accesses, &bucket, None, Timestamp::now())).expect("an audit")
}

/// Runs an audit and returns its findings.
pub fn findings() -> Vec<Finding> {
    audited().findings
}

/// `tuntas audit …`: whether it succeeded, and what it said.
pub fn audit(arguments: &[&str]) -> (bool, String) {
    let ran = Command::new(tuntas())
        .arg("audit")
        .args(arguments)
        .arg("--file")
        .arg(env::var_os("TUNTAS_STACK").expect("TUNTAS_STACK"))
        .output()
        .expect("tuntas");
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Every sealed object, by its key.
pub fn objects() -> BTreeMap<String, Vec<u8>> {
    let read = |(key, version): (String, String)| {
        let get = s3().get_object().bucket(bucket()).key(&key).version_id(version);
        let body = wait(wait(get.send()).expect("an object").body.collect()).expect("its body");
        (key, body.to_vec())
    };
    versions("hours/").into_iter().map(read).collect()
}
