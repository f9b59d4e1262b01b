//! Parts of an index, for what one partition could not carry: an entry lies in the part of the first symbol of its ticket or id, which is
//! as good as random.

use aws_failure::Failure;
use domain::crockford::ALPHABET;
use futures_util::{StreamExt, TryStreamExt, stream};

/// How many parts are queried at once.
const AT_ONCE: usize = 16;

/// The part in which the entry of this ticket or id lies.
pub(crate) fn part_of(id: &str) -> &str {
    id.get(..1).unwrap_or_default()
}

/// Every part, in order.
pub(crate) fn parts() -> impl Iterator<Item = String> {
    ALPHABET.iter().map(|symbol| char::from(*symbol).to_string())
}

/// What `query` finds in each part.
///
/// # Errors
/// The first failure of a query.
pub(crate) async fn in_each_part<T, Q: Future<Output = Result<T, Failure>>>(
    query: impl Fn(String) -> Q,
) -> Result<Vec<T>, Failure> {
    stream::iter(parts()).map(query).buffer_unordered(AT_ONCE).try_collect().await
}
