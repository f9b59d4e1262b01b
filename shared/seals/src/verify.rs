//! An operator's questions: is the access log as it was sealed, and is this entry?

use crate::{
    audit::{Audit, Report},
    bucket::Bucket,
    sealed::{Leaf, Sealed},
    tree::Hash,
};
use failure::Failure;
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use store::accesses::{Accesses, Entry};

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

/// What the seals say of one entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Proof {
    /// It is as it was sealed.
    Untouched,
    /// Its hour has no seal yet.
    NotSealed,
    /// It is not what was sealed, or its seal is damaged: only a whole audit says what happened.
    Broken,
}

/// Holds one entry against the seal of its hour, but not that seal against the ones around it.
///
/// # Errors
/// When the seal could not be read.
pub async fn prove(bucket: &Bucket, entry: Entry) -> Result<Proof, Failure> {
    let Some(hour) = entry.hour else { return Ok(Proof::Broken) };
    let Some(bytes) = bucket.find(hour).await? else { return Ok(Proof::NotSealed) };
    let leaf = Leaf::from(entry);
    let sealed = Sealed::read(hour, &bytes);
    let untouched = sealed.is_ok_and(|sealed| sealed.entries().binary_search(&leaf).is_ok());
    Ok(if untouched { Proof::Untouched } else { Proof::Broken })
}
