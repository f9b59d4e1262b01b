//! `GET /v1/city`: what everybody may know of the city, as `tuntas city apply` prepared it.

use lambda_http::{Body, Request, Response};
use runtime::{
    aws::{self, client},
    clock,
    problem::Problem,
    request, response,
    serve::{self, StartError},
    settings,
};
use store::public_city::PublicCity;

/// For how long a client or a cache may keep the answer, in seconds; as long as functions believe the registry.
const KEPT_S: u32 = 60;

/// Sets up the function and serves its route.
///
/// # Errors
/// When a setting is missing, or the runtime ends.
pub async fn serve() -> Result<(), StartError> {
    let config = aws::config();
    let city = PublicCity::new(client!(aws_sdk_dynamodb, &config), settings::var("CITY_TABLE")?);
    serve::http("city", async |request| handle(&city, &request).await).await
}

async fn handle(city: &PublicCity, request: &Request) -> Result<Response<Body>, Problem> {
    request::query(request, &[])?;
    let body = city.body(clock::now()).await?;
    // An operator's mistake, and no caller's: the stack was deployed, and its city never applied.
    let body = body.ok_or(Problem::InternalError("no city applied"))?;
    Ok(response::public(body, KEPT_S))
}
