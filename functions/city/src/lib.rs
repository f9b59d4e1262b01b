//! `GET /v1/city`: what everybody may know of the city, and of its areas, as `tuntas city apply` prepared it.

use domain::{
    area::AreaCode,
    response::AreasResponse,
    validation_errors::{ValidationError, ValidationErrorCode},
};
use lambda_http::{Body, Request, Response};
use runtime::{
    aws::{self, client},
    clock,
    problem::Problem,
    request, response,
    serve::{self, StartError},
    settings,
};
use store::{city_map::CityMap, public_city::PublicCity};

/// For how long a client or a cache may keep the answer, in seconds; as long as functions believe the registry.
const KEPT_S: u32 = 60;
/// The parameter that asks for areas: the code of the one above them, or nothing for those at the top of the tree.
const AREAS_OF: &str = "areas_of";

struct App {
    city: PublicCity,
    map: CityMap,
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
    };
    serve::http("city", async |request| handle(&app, &request).await).await
}

async fn handle(app: &App, request: &Request) -> Result<Response<Body>, Problem> {
    let query = request::query(request, &[AREAS_OF])?;
    let body = match query.get(AREAS_OF) {
        Some(above) => areas(app, above).await?,
        None => city(app).await?,
    };
    Ok(response::public(body, KEPT_S))
}

async fn city(app: &App) -> Result<String, Problem> {
    let body = app.city.body(clock::now()).await?;
    // An operator's mistake, and no caller's: the stack was deployed, and its city never applied.
    body.ok_or(Problem::InternalError("no city applied"))
}

async fn areas(app: &App, above: &str) -> Result<String, Problem> {
    let above = match above {
        "" => None,
        code => Some(AreaCode::parse(code).ok_or_else(|| {
            Problem::ValidationFailed(vec![ValidationError::new(AREAS_OF, ValidationErrorCode::Format)])
        })?),
    };
    let areas = app.map.areas_directly_below(above.as_ref(), clock::now()).await?;
    Ok(areas.unwrap_or_else(|| AreasResponse::NONE.to_owned()))
}
