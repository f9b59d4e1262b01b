//! An operator's checks: whether the access log, or one entry of it, is as it was sealed.

use crate::{
    bucket::{Bucket, Stored},
    findings::{Audit, Report},
    merkle_tree::Hash,
    sealed_hour::{Leaf, Sealed},
};
use aws_failure::Failure;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use store::access_log::{Accesses, Entry, Hour};

/// How many objects are fetched at once.
const AT_ONCE: usize = 8;

/// Reads the whole log and every sealed object, and holds them against each other. `noted` is the hash of a sealed object
/// that somebody kept elsewhere.
///
/// # Errors
/// When something could not be read; then nothing is proven.
pub async fn verify(
    accesses: &Accesses,
    bucket: &Bucket,
    noted: Option<Hash>,
    now: Timestamp,
) -> Result<Report, Failure> {
    // The objects before the rows: an hour that is sealed meanwhile counts as one that is not.
    let (mut audit, firsts) = Audit::of(&bucket.everything().await?, noted, now);
    accesses.all(|entry| audit.row(entry)).await?;
    let mut objects = stream::iter(firsts)
        .map(async |(hour, version)| Ok::<_, Failure>((hour, bucket.get_version(hour, &version).await?)))
        .buffered(AT_ONCE);
    while let Some((hour, bytes)) = objects.try_next().await? {
        audit.object(hour, &bytes);
    }
    Ok(audit.finish())
}

/// What the seals prove about one entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// The entry is as it was sealed.
    Untouched,
    /// The entry's hour has no seal yet.
    NotSealed,
    /// The entry is not what was sealed, or its seal was tampered with: only a whole audit tells which.
    Broken,
}

/// Holds one entry against the seal of its hour, but not that seal against the ones around it.
///
/// # Errors
/// When the seal could not be read.
pub async fn prove(bucket: &Bucket, entry: Entry) -> Result<Proof, Failure> {
    let Some(hour) = hour_of(&entry) else { return Ok(Proof::Broken) };
    match version_to_read(&bucket.of_hour(hour).await?) {
        Ok(version) => Ok(held_against(entry, hour, &bucket.get_version(hour, version).await?)),
        Err(proof) => Ok(proof),
    }
}

/// The hour of an entry whose time and indexed hour agree, as the audit requires too.
fn hour_of(entry: &Entry) -> Option<Hour> {
    entry.hour.filter(|hour| entry.at.map(Hour::of) == Some(*hour))
}

/// The one version of the object of an hour; what is proven without it where there is none, or more.
fn version_to_read(stored: &Stored) -> Result<&str, Proof> {
    match stored.first() {
        Some(version) if stored.is_put_once() => Ok(version),
        None if stored.is_nothing() => Err(Proof::NotSealed),
        Some(_) | None => Err(Proof::Broken),
    }
}

fn held_against(entry: Entry, hour: Hour, object: &[u8]) -> Proof {
    let leaf = Leaf::from(entry);
    let sealed = Sealed::read(hour, object);
    let untouched = sealed.is_ok_and(|sealed| sealed.entries().binary_search(&leaf).is_ok());
    if untouched { Proof::Untouched } else { Proof::Broken }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn hour() -> Hour {
        Hour::parse("2026-11-23T21").unwrap()
    }

    fn entry(at: &str) -> Entry {
        Entry {
            id: "0E5GJ2JB0W4QYA0M00S5MFG43Q".into(),
            hour: Some(hour()),
            at: at.parse().ok(),
            bytes: at.into(),
        }
    }

    #[rstest]
    #[case("2026-11-23T21:00:00Z", true)]
    #[case("2026-11-23T21:59:59.999999999Z", true)]
    #[case("2026-11-23T22:00:00Z", false)]
    #[case("2026-11-23T20:59:59Z", false)]
    #[case("", false)]
    fn an_entry_lies_in_its_hour_only_when_its_time_does(#[case] at: &str, #[case] agrees: bool) {
        assert_eq!(hour_of(&entry(at)), agrees.then(hour));
        assert_eq!(hour_of(&Entry { hour: None, ..entry(at) }), None);
    }

    #[rstest]
    #[case(&["first"], 0, Ok("first"))]
    #[case(&[], 0, Err(Proof::NotSealed))]
    #[case(&["second", "first"], 0, Err(Proof::Broken))]
    #[case(&["first"], 1, Err(Proof::Broken))]
    #[case(&[], 1, Err(Proof::Broken))]
    fn a_seal_that_somebody_was_at_proves_nothing(
        #[case] versions: &[&str],
        #[case] delete_markers: usize,
        #[case] expected: Result<&str, Proof>,
    ) {
        let versions = versions.iter().map(|version| (*version).to_owned()).collect();
        assert_eq!(version_to_read(&Stored { versions, delete_markers }), expected);
    }

    #[test]
    fn an_entry_is_held_against_the_object_of_its_hour() {
        let look = entry("2026-11-23T21:10:00Z");
        let other = Entry { id: "680GQ0280WQ000002R1G2727GY".into(), ..look.clone() };
        let sealed = Sealed::new(hour(), None, vec![Leaf::from(look.clone())]);
        let object = sealed.to_bytes().unwrap();
        let held = |entry: &Entry, hour, object: &[u8]| held_against(entry.clone(), hour, object);
        assert_eq!(held(&look, hour(), &object), Proof::Untouched);
        assert_eq!(held(&Entry { bytes: vec![1], ..look.clone() }, hour(), &object), Proof::Broken);
        assert_eq!(held(&other, hour(), &object), Proof::Broken);
        assert_eq!(held(&look, hour().next(), &object), Proof::Broken);
        assert_eq!(held(&look, hour(), b"{}"), Proof::Broken);
    }
}
