//! What everybody may know of the city, kept for a minute.

use super::{Api, Problem};
use domain::language::Language;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// For how long it is believed: as long as its answer may be kept.
const KEPT: SignedDuration = SignedDuration::from_secs(60);

/// `GET /v1/city`.
#[derive(Debug, Deserialize)]
pub(crate) struct City {
    pub(crate) categories: Vec<Category>,
    pub(crate) units: Vec<Unit>,
    #[serde(default)]
    pub(crate) reasons: BTreeMap<String, Vec<Reason>>,
}

/// A category, with its names.
#[derive(Debug, Deserialize)]
pub(crate) struct Category {
    pub(crate) code: String,
    names: Texts,
}

/// A unit; `parent` is the one above it.
#[derive(Debug, Deserialize)]
pub(crate) struct Unit {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) parent: Option<String>,
    /// The categories and the names of the areas of the map's rules that name it.
    #[serde(default)]
    pub(crate) categories: Vec<String>,
    #[serde(default)]
    pub(crate) areas: Vec<String>,
}

/// A sentence that the city offers for a command.
#[derive(Debug, Deserialize)]
pub(crate) struct Reason {
    texts: Texts,
}

#[derive(Debug, Deserialize)]
struct Texts {
    id: String,
    en: String,
}

impl Texts {
    fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Id => &self.id,
            Language::En => &self.en,
        }
    }
}

impl Category {
    pub(crate) fn name(&self, language: Language) -> &str {
        self.names.in_language(language)
    }
}

impl Reason {
    pub(crate) fn text(&self, language: Language) -> &str {
        self.texts.in_language(language)
    }
}

impl City {
    /// A category's name; its code where the city has it no more.
    pub(crate) fn category<'a>(&'a self, code: &'a str, language: Language) -> &'a str {
        self.categories.iter().find(|known| known.code == code).map_or(code, |known| known.name(language))
    }

    /// A unit's name; its code where the city has it no more.
    pub(crate) fn unit<'a>(&'a self, code: &'a str) -> &'a str {
        self.units.iter().find(|known| known.code == code).map_or(code, |known| known.name.as_str())
    }
}

/// What was asked last, and when.
#[derive(Default)]
pub(crate) struct CityCache(Mutex<Option<(Timestamp, Arc<City>)>>);

impl CityCache {
    /// The city.
    ///
    /// # Errors
    /// When the API does not answer, and did not within the last minute.
    pub(crate) async fn get(&self, api: &Api, now: Timestamp) -> Result<Arc<City>, Problem> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((at, city)) = kept
            && now.duration_since(at) < KEPT
        {
            return Ok(city);
        }
        let city: Arc<City> = Arc::new(api.get("api.city", "/v1/city", None).await?);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, Arc::clone(&city)));
        Ok(city)
    }
}
