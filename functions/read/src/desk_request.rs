//! What a request for a page of a desk asks for.

use domain::{
    area::AreaCode,
    desk::Desk,
    officer::{Officer, Role, Tag},
    status::Status,
    unit::Code,
    urgency::Urgency,
    validation_errors::{ValidationError, ValidationErrorCode, ValidationErrors},
};
use lambda_http::Request;
use runtime::{
    problem::{Problem, Reason},
    request,
};
use std::collections::HashMap;

const DEFAULT_LIMIT: u8 = 25;
const MAX_LIMIT: u8 = 100;

/// What a list shows: a desk, with the desks below it or without, and of its reports those that pass every filter.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Listing {
    /// The desk.
    pub(crate) desk: Desk,
    /// Whether the desks of the units below are in the list too.
    pub(crate) below: bool,
    /// The open questions to the desk, in the place of what lies on it.
    pub(crate) questions: bool,
    /// Only reports of this category.
    pub(crate) category: Option<Code>,
    /// Only reports of this urgency.
    pub(crate) urgency: Option<Urgency>,
    /// Only reports in this area or an area below it.
    pub(crate) area: Option<AreaCode>,
    /// Only reports of this status.
    pub(crate) status: Option<Status>,
    /// Only reports that the officer with this id accepted, who is the one that asks.
    pub(crate) officer: Option<String>,
}

/// A page of a list.
#[derive(Debug)]
pub(crate) struct DeskRequest {
    /// The list; `None` when one of its parameters has an error.
    pub(crate) listing: Option<Listing>,
    /// The most lines; `None` when that has an error.
    pub(crate) limit: Option<u8>,
    /// The cursor of the page; `None` for the first one.
    pub(crate) cursor: Option<String>,
    /// The errors of all parameters but the cursor: which list it is of, its key alone can say.
    pub(crate) errors: ValidationErrors,
}

impl DeskRequest {
    /// Reads the parameters.
    ///
    /// # Errors
    /// [`Problem::BadRequest`] for a parameter that is not of the contract, or is there twice; [`Problem::Forbidden`] for a desk of a kind
    /// that is not the officer's.
    pub(crate) fn parse(request: &Request, officer: &Officer) -> Result<Self, Problem> {
        let names =
            ["limit", "cursor", "desk", "below", "kind", "category", "urgency", "area", "status", "mine"];
        let mut query = Query { values: request::query(request, &names)?, errors: Vec::new() };
        let desk = match query.values.get("desk") {
            None => Some(own_desk(officer)),
            Some(text) => Desk::parse(text),
        };
        if desk.as_ref().is_some_and(|desk| !may_ask_for(officer, desk)) {
            return Err(Problem::Forbidden(Reason::NotYours));
        }
        if desk.is_none() {
            query.error("desk", ValidationErrorCode::Format);
        }
        let limit = query.values.get("limit").map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
        let below = query.read("below", ValidationErrorCode::NotListed, |text| text.parse().ok());
        let below = below.unwrap_or(false);
        // Below the desks of the bureau there are none.
        if below && desk.as_ref().is_some_and(|desk| !matches!(desk, Desk::Unit(_))) {
            query.error("below", ValidationErrorCode::NotListed);
        }
        let questions =
            query.read("kind", ValidationErrorCode::NotListed, |text| (text == "questions").then_some(true));
        let questions = questions.unwrap_or(false);
        if questions && desk.as_ref().is_some_and(|desk| *desk != Desk::Tiket) {
            query.error("kind", ValidationErrorCode::NotListed);
        }
        let status = query.read("status", ValidationErrorCode::NotListed, Status::parse);
        let mine = query.read("mine", ValidationErrorCode::NotListed, |text| text.parse().ok());
        let mine = mine.unwrap_or(false).then(|| officer.id.clone());
        let category = query.read("category", ValidationErrorCode::Format, Code::parse);
        let urgency = query.read("urgency", ValidationErrorCode::NotListed, Urgency::parse);
        let area = query.read("area", ValidationErrorCode::Format, AreaCode::parse);
        let desk = desk.filter(|_| query.errors.is_empty());
        let listing = desk.map(|desk| Listing {
            desk,
            below,
            questions,
            category,
            urgency,
            area,
            status,
            officer: mine,
        });
        if limit.is_none() {
            query.error("limit", ValidationErrorCode::Range);
        }
        let Query { mut values, errors } = query;
        // An empty cursor is that of the first page.
        let cursor = values.remove("cursor").filter(|cursor| !cursor.is_empty());
        Ok(Self { listing, limit, cursor, errors })
    }
}

struct Query {
    values: HashMap<String, String>,
    errors: ValidationErrors,
}

impl Query {
    /// The value of an optional parameter; one that cannot be read is an error.
    fn read<T>(
        &mut self,
        name: &str,
        code: ValidationErrorCode,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let value = read(self.values.get(name)?);
        if value.is_none() {
            self.error(name, code);
        }
        value
    }

    fn error(&mut self, name: &str, code: ValidationErrorCode) {
        self.errors.push(ValidationError::new(name, code));
    }
}

/// The desk that an officer works at unless they ask for another.
fn own_desk(officer: &Officer) -> Desk {
    match &officer.role {
        Role::Unit(code) => Desk::Unit(code.clone()),
        Role::Bureau(tags) if tags.contains(&Tag::PetugasValidasi) => Desk::Validasi,
        Role::Bureau(tags) if tags.contains(&Tag::PetugasVerifikasi) => Desk::Verifikasi,
        Role::Bureau(_) => Desk::Tiket,
    }
}

/// Whether the officer's tags go with this kind of desk. Which units are theirs shows in the lines.
fn may_ask_for(officer: &Officer, desk: &Desk) -> bool {
    if officer.role.has(Tag::Administrator) {
        return true;
    }
    officer.role.has(match desk {
        Desk::Tiket => Tag::AdminTiket,
        Desk::Unit(_) => Tag::PetugasOpd,
        Desk::Validasi => Tag::PetugasValidasi,
        Desk::Verifikasi => Tag::PetugasVerifikasi,
    })
}
