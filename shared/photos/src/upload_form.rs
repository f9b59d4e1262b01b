//! Forms that send one photo straight to the bucket from a browser without scripts: S3's POST with a signed policy.
//!
//! The SDK signs no such forms; the signature itself is made by its own `aws-sigv4` (docs/adr/0026-forms-to-s3.md). The form's fields and the
//! policy are those of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>.

use aws_failure::Failure;
use aws_sdk_s3::config::{ProvideCredentials, Region, SharedCredentialsProvider};
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use data_encoding::BASE64;
use domain::{photo_limits::PHOTO_BYTES, presigned_urls::url_until};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, UNIX_EPOCH},
};

/// The field of the form that tells S3 where to send the browser next. Whoever shows the form may fill it in.
const REDIRECT_FIELD: &str = "success_action_redirect";

/// Signs forms with the rights of a function's role.
#[derive(Clone, Debug)]
pub struct FormSigner {
    credentials: SharedCredentialsProvider,
    region: Region,
}

impl FormSigner {
    /// Of a function's configuration; `None` where that lacks credentials or a region.
    #[must_use]
    pub fn new(credentials: Option<SharedCredentialsProvider>, region: Option<&Region>) -> Option<Self> {
        Some(Self { credentials: credentials?, region: region?.clone() })
    }

    /// The fields that let a form put one object under this key until its URL would end: 1 to [`PHOTO_BYTES`] bytes of whatever.
    pub(crate) async fn sign(
        &self,
        bucket: &str,
        key: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let credentials =
            self.credentials.provide_credentials().await.map_err(|_| Failure::Bug("form not signed"))?;
        let region = self.region.as_ref();
        let scope = format!("{}/{region}/s3/aws4_request", now.strftime("%Y%m%d"));
        let mut fields = BTreeMap::from([
            ("key", key.to_owned()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", format!("{}/{scope}", credentials.access_key_id())),
            ("x-amz-date", now.strftime("%Y%m%dT%H%M%SZ").to_string()),
        ]);
        if let Some(token) = credentials.session_token() {
            fields.insert("x-amz-security-token", token.to_owned());
        }
        let policy = BASE64.encode(policy(bucket, &fields, now).to_string().as_bytes());
        let seconds = u64::try_from(now.as_second()).map_err(|_| Failure::Bug("the clock is before 1970"))?;
        let at = UNIX_EPOCH + Duration::from_secs(seconds);
        let signing_key = generate_signing_key(credentials.secret_access_key(), at, region, "s3");
        let signature = calculate_signature(signing_key, policy.as_bytes());
        fields.insert("policy", policy);
        // S3 refuses a form without a field that the policy speaks of.
        fields.insert(REDIRECT_FIELD, String::new());
        fields.insert("x-amz-signature", signature);
        Ok(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }
}

/// What S3 holds the form to: each field as it is here, the size, and no other field but the redirect.
fn policy(bucket: &str, fields: &BTreeMap<&str, String>, now: Timestamp) -> Value {
    let mut conditions = vec![
        json!({ "bucket": bucket }),
        json!(["content-length-range", 1, PHOTO_BYTES]),
        json!(["starts-with", format!("${REDIRECT_FIELD}"), ""]),
    ];
    conditions.extend(fields.iter().map(|(name, value)| json!({ *name: value })));
    let until = url_until(now).strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    json!({ "expiration": until, "conditions": conditions })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_s3::config::Credentials;

    fn signer() -> FormSigner {
        let credentials = Credentials::new("AKIAEXAMPLE", "secret", Some("token".to_owned()), None, "test");
        let credentials = SharedCredentialsProvider::new(credentials);
        FormSigner::new(Some(credentials), Some(&Region::from_static("ap-southeast-3"))).unwrap()
    }

    #[tokio::test]
    async fn the_policy_holds_every_field_and_lets_the_form_choose_only_where_to_go_next() {
        let now: Timestamp = "2026-01-12T23:59:59.5Z".parse().unwrap();
        let fields = signer().sign("foto", "incoming/shown/T/P", now).await.unwrap();
        let policy: Value =
            serde_json::from_slice(&BASE64.decode(fields["policy"].as_bytes()).unwrap()).unwrap();
        assert_eq!(policy["expiration"], "2026-01-13T00:14:59.000Z");
        let conditions = policy["conditions"].as_array().unwrap();
        for (name, value) in &fields {
            let is_free = ["policy", "x-amz-signature", REDIRECT_FIELD].contains(&name.as_str());
            assert_eq!(conditions.contains(&json!({ name.as_str(): value })), !is_free, "{name}");
        }
        assert_eq!(fields["x-amz-credential"], "AKIAEXAMPLE/20260112/ap-southeast-3/s3/aws4_request");
        assert_eq!(fields["x-amz-date"], "20260112T235959Z");
        let others: Vec<&Value> = conditions.iter().filter(|condition| condition.is_array()).collect();
        assert_eq!(
            others,
            [
                &json!(["content-length-range", 1, PHOTO_BYTES]),
                &json!(["starts-with", "$success_action_redirect", ""]),
            ]
        );
        assert!(conditions.contains(&json!({ "bucket": "foto" })));
    }
}
