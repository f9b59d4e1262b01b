//! Which areas lie below one, as functions read it.

use crate::{area::AreaCode, response::AreasResponse};
use serde::{Deserialize, Serialize};

/// How many codes of areas below one are kept: a list of a desk is merged of no more.
pub const MOST_CODES: usize = 100;

/// What lies below an area, or in the whole city.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct AreasBelow {
    /// Those directly below: an [`AreasResponse`] in JSON, as everybody gets it.
    pub answer: String,
    /// The codes of all below, however far; `None` where they are more than [`MOST_CODES`].
    pub codes: Option<Vec<AreaCode>>,
}

impl AreasBelow {
    /// What lies directly below, and the codes of all below.
    ///
    /// # Errors
    /// None that an area could cause: `serde_json` says that it may fail.
    pub fn new(directly: &AreasResponse, codes: Vec<AreaCode>) -> Result<Self, serde_json::Error> {
        let codes = (codes.len() <= MOST_CODES).then_some(codes);
        Ok(Self { answer: serde_json::to_string(directly)?, codes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_codes_are_listed_and_one_more_is_too_many() {
        let code = |number: usize| AreaCode::parse(&format!("31.{number}")).unwrap();
        let directly = AreasResponse { areas: Vec::new() };
        let codes: Vec<_> = (0..100).map(code).collect();
        assert_eq!(AreasBelow::new(&directly, codes.clone()).unwrap().codes, Some(codes.clone()));
        assert_eq!(AreasBelow::new(&directly, [codes, vec![code(100)]].concat()).unwrap().codes, None);
    }
}
