//! Areas of the city's map: which lie below which, and their names. Everybody may know them, and they change seldom: they are kept for some
//! minutes.

use super::{Api, Problem};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// For how long they are believed.
const KEPT: SignedDuration = SignedDuration::from_mins(5);
/// The most answers of each kind that are kept. Then they are asked for anew, so that made-up codes do not fill the memory.
const MOST: usize = 4096;
/// For how long a page waits for names: it can be read without.
const WAITED: Duration = Duration::from_secs(1);
/// How many areas the API names at once.
const AT_ONCE: usize = 100;

/// An area of the city's map.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Area {
    pub(crate) code: String,
    pub(crate) name: String,
}

#[derive(Deserialize)]
struct Areas {
    areas: Vec<Area>,
}

/// Answers of some minutes, each with when it was asked for.
type Kept<T> = Mutex<BTreeMap<String, (Timestamp, T)>>;

/// What was asked lately.
#[derive(Default)]
pub(crate) struct AreaCache {
    /// The areas directly below one, or at the top below nothing.
    below: Kept<Vec<Area>>,
    /// An area's name; its code where the city has none for it.
    names: Kept<String>,
}

/// Areas' names.
#[derive(Default)]
pub(crate) struct AreaNames(BTreeMap<String, String>);

impl AreaNames {
    /// An area's name; its code where that is not known.
    pub(crate) fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.0.get(code).map_or(code, String::as_str)
    }
}

impl AreaCache {
    /// The areas directly below one; those at the top below nothing.
    pub(crate) async fn below(&self, api: &Api, code: &str, now: Timestamp) -> Result<Vec<Area>, Problem> {
        if let Some(areas) = kept(&self.below, code, now) {
            return Ok(areas);
        }
        let asked = tokio::time::timeout(WAITED, ask(api, "areas_of", code)).await;
        let areas = asked.map_err(|_| Problem::no_answer())??;
        keep(&self.below, [(code.to_owned(), areas.clone())], now);
        Ok(areas)
    }

    /// The names of these areas, of those that are kept or come in time.
    pub(crate) async fn names(
        &self,
        api: &Api,
        codes: impl IntoIterator<Item = &str>,
        now: Timestamp,
    ) -> AreaNames {
        let codes: BTreeSet<&str> = codes.into_iter().filter(|code| !code.is_empty()).collect();
        let (mut names, mut unknown) = (BTreeMap::new(), Vec::new());
        for code in codes {
            match kept(&self.names, code, now) {
                Some(name) => drop(names.insert(code.to_owned(), name)),
                None => unknown.push(code),
            }
        }
        unknown.truncate(AT_ONCE);
        if !unknown.is_empty() {
            let codes = unknown.join(",");
            let asked = tokio::time::timeout(WAITED, ask(api, "areas", &codes));
            if let Ok(Ok(areas)) = asked.await {
                // One that is not told, because the city's map does not have it or it lies beyond what the API looks through, is not asked for again either.
                let mut found: BTreeMap<String, String> =
                    unknown.iter().map(|code| ((*code).to_owned(), (*code).to_owned())).collect();
                found.extend(areas.into_iter().map(|area| (area.code, area.name)));
                keep(&self.names, found.clone(), now);
                names.extend(found);
            }
        }
        AreaNames(names)
    }
}

fn kept<T: Clone>(all: &Kept<T>, code: &str, now: Timestamp) -> Option<T> {
    let all = all.lock().unwrap_or_else(PoisonError::into_inner);
    let (at, kept) = all.get(code)?;
    (now.duration_since(*at) < KEPT).then(|| kept.clone())
}

fn keep<T>(all: &Kept<T>, new: impl IntoIterator<Item = (String, T)>, now: Timestamp) {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() >= MOST {
        all.clear();
    }
    all.extend(new.into_iter().map(|(code, kept)| (code, (now, kept))));
}

async fn ask(api: &Api, parameter: &str, value: &str) -> Result<Vec<Area>, Problem> {
    let value = percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
    let areas: Areas = api.get("api.areas", &format!("/v1/city?{parameter}={value}"), None).await?;
    Ok(areas.areas)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_believed_for_five_minutes_and_made_up_codes_do_not_pile_up() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let names = Kept::<String>::default();
        keep(&names, [("31.71".to_owned(), "Jakarta Pusat".to_owned())], at("2026-11-23T03:00:00Z"));
        assert_eq!(kept(&names, "31.71", at("2026-11-23T03:04:59Z")).as_deref(), Some("Jakarta Pusat"));
        assert_eq!(kept(&names, "31.71", at("2026-11-23T03:05:00Z")), None);
        assert_eq!(kept(&names, "31.72", at("2026-11-23T03:00:00Z")), None);
        for code in 0..3 * MOST {
            keep(&names, [(code.to_string(), String::new())], at("2026-11-23T03:00:00Z"));
        }
        assert!(names.lock().unwrap().len() <= MOST);
    }
}
