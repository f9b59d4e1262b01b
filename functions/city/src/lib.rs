//! `GET /v1/city`: what everybody may know of the city, of its areas and of their outlines, as `tuntas city apply` prepared it.

use domain::{
    area::AreaCode,
    outline::Spot,
    response::{AreasResponse, OutlinesResponse},
    validation_errors::{ValidationError, ValidationErrorCode},
};
use jiff::{SignedDuration, Timestamp};
use lambda_http::{Body, Request, Response};
use runtime::{
    aws::{self, client},
    clock,
    problem::Problem,
    request, response,
    serve::{self, StartError},
    settings,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};
use store::{city_map::CityMap, public_city::PublicCity};

/// For how long a client or a cache may keep the answer, in seconds; as long as functions believe the registry.
const KEPT_S: u32 = 60;
/// The parameter that asks for areas: the code of the one above them, or nothing for those at the top of the tree.
const AREAS_OF: &str = "areas_of";
/// The parameter that asks for areas by their codes, with commas between.
const AREAS: &str = "areas";
/// How many areas may be asked for at once.
const MOST_AREAS: usize = 100;
/// The parameter that asks for the outlines around a place: latitude and longitude with a comma between.
const OUTLINES_AT: &str = "outlines_at";
/// How many decimals these have at most: 1.1 km, so that no address says where exactly a report is.
const DECIMALS: usize = 2;

/// How many answers about the map are kept for the time that they may be kept: at most some ten megabytes. Who asks for more has them made anew.
const MOST_KEPT: usize = 200;

struct App {
    city: PublicCity,
    map: CityMap,
    /// Answers by what was asked, each with when it was made. Anybody may ask, and the map's table also routes submissions.
    kept: Mutex<BTreeMap<String, (Timestamp, String)>>,
}

/// Sets up the function and serves its route.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let dynamodb = client!(aws_sdk_dynamodb, &config);
    let app = App {
        city: PublicCity::new(dynamodb.clone(), settings::var("CITY_TABLE")?),
        map: CityMap::new(dynamodb, settings::var("MAP_TABLE")?),
        kept: Mutex::default(),
    };
    serve::http("city", async |request| handle(&app, &request).await).await
}

async fn handle(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let query = request::query(request, &[AREAS_OF, AREAS, OUTLINES_AT])?;
    let mut asked = query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let body = match (asked.next(), asked.next()) {
        (None, _) => city(app).await?,
        (Some((AREAS_OF, above)), None) => areas_below(app, above).await?,
        (Some((AREAS, codes)), None) => areas(app, codes).await?,
        (Some((_, place)), None) => outlines(app, place).await?,
        (Some(_), Some(_)) => return Err(Problem::BadRequest),
    };
    Ok(response::public(body, KEPT_S))
}

async fn city(app: &App) -> Result<String, Problem> {
    let body = app.city.body(clock::now()).await?;
    // An operator's mistake, and no caller's: the stack was deployed, and its city never applied.
    body.ok_or(Problem::InternalError("no city applied"))
}

async fn areas_below(app: &App, above: &str) -> Result<String, Problem> {
    let above = match above {
        "" => None,
        code => Some(AreaCode::parse(code).ok_or_else(|| invalid(AREAS_OF, ValidationErrorCode::Format))?),
    };
    let areas = app.map.areas_directly_below(above.as_ref(), clock::now()).await?;
    Ok(areas.unwrap_or_else(|| AreasResponse::NONE.to_owned()))
}

async fn areas(app: &App, codes: &str) -> Result<String, Problem> {
    let codes: Option<BTreeSet<AreaCode>> = codes.split(',').map(AreaCode::parse).collect();
    let codes = codes.ok_or_else(|| invalid(AREAS, ValidationErrorCode::Format))?;
    if codes.len() > MOST_AREAS {
        return Err(invalid(AREAS, ValidationErrorCode::TooMany));
    }
    let asked = codes.iter().map(AreaCode::as_str).collect::<Vec<_>>().join(",");
    if let Some(answer) = app.kept(&asked) {
        return Ok(answer);
    }
    let answer = json(&AreasResponse { areas: app.map.areas(&codes, clock::now()).await? })?;
    Ok(app.keep(asked, answer))
}

async fn outlines(app: &App, place: &str) -> Result<String, Problem> {
    let middle = spot(place).ok_or_else(|| invalid(OUTLINES_AT, ValidationErrorCode::Format))?;
    let asked = format!("{} {}", middle.lat, middle.lon);
    if let Some(answer) = app.kept(&asked) {
        return Ok(answer);
    }
    let now = clock::now();
    let lines = app.map.lines_around(middle, now).await?;
    let codes = lines.iter().map(|area| area.code.clone()).collect();
    let areas = app.map.areas(&codes, now).await?;
    let mut names: BTreeMap<AreaCode, String> =
        areas.into_iter().map(|area| (area.code, area.name)).collect();
    let named = |area: domain::area_lines::AreaLines| {
        let name = names.remove(&area.code).unwrap_or_else(|| area.code.to_string());
        (area, name)
    };
    let answer = json(&OutlinesResponse::new(lines.into_iter().map(named).collect()))?;
    Ok(app.keep(asked, answer))
}

impl App {
    fn kept(&self, asked: &str) -> Option<String> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, answer) = kept.get(asked)?;
        (clock::now().duration_since(*made) < SignedDuration::from_secs(KEPT_S.into()))
            .then(|| answer.clone())
    }

    fn keep(&self, asked: String, answer: String) -> String {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_KEPT {
            kept.clear();
        }
        kept.insert(asked, (clock::now(), answer.clone()));
        answer
    }
}

/// A place without its neighbourhood: what has more decimals is none.
fn spot(text: &str) -> Option<Spot> {
    let degrees = |text: &str, most: f64| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |text: &str, most| {
            (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        let degrees: f64 = text.parse().ok()?;
        let fits = is_number(whole, 3) && is_number(decimals, DECIMALS) && degrees.abs() <= most;
        fits.then_some(degrees)
    };
    let (lat, lon) = text.split_once(',')?;
    Some(Spot::from_degrees(degrees(lon, 180.0)?, degrees(lat, 90.0)?))
}

fn invalid(parameter: &'static str, code: ValidationErrorCode) -> Problem {
    Problem::ValidationFailed(vec![ValidationError::new(parameter, code)])
}

fn json(answer: &impl serde::Serialize) -> Result<String, Problem> {
    // Nothing in an answer can fail: its keys are texts, and writing to a string does not.
    serde_json::to_string(answer).map_err(|_| Problem::InternalError("answer could not be written"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_asked_for_by_the_kilometre_and_no_nearer() {
        for (text, lat, lon) in [
            ("-6.18,106.83", -6_180_000, 106_830_000),
            ("-6.2,106", -6_200_000, 106_000_000),
            ("0,0", 0, 0),
            ("90,-180.00", 90_000_000, -180_000_000),
        ] {
            assert_eq!(spot(text), Some(Spot { lon, lat }), "{text}");
        }
        for text in [
            "",
            ",",
            "-6.18",
            "-6.181,106.83",
            "-6.18,106.827",
            "-6.18,106.83,1",
            "-6.18, 106.83",
            "+6.18,106.83",
            "-6.,106.83",
            ".5,1",
            "--6,1",
            "1e1,1",
            "nan,inf",
            "90.01,0",
            "0,180.01",
            "0006,1",
            "６,1",
            "-,1",
        ] {
            assert_eq!(spot(text), None, "{text}");
        }
    }
}
