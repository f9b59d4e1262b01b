//! The answer that says no: an RFC 9457 problem document.
//!
//! Nothing from outside comes into it but the names of fields.

use super::Problem;
use domain::{
    language::Language,
    response::{FieldError, ProblemDocument},
};
use http::{HeaderName, HeaderValue, Response, header};
use lambda_http::Body;

impl Problem {
    /// The document, in the caller's language.
    #[must_use]
    pub fn document(&self, language: Language) -> ProblemDocument {
        let text = self.text();
        let (title, detail) = match language {
            Language::Id => text.id,
            Language::En => text.en,
        };
        ProblemDocument {
            r#type: format!("/problems/{}", text.word.replace('_', "-")),
            title,
            status: text.status.as_u16(),
            detail,
            errors: self.errors(language),
        }
    }

    /// The answer, with its document in the caller's language.
    #[must_use]
    pub fn response(&self, language: Language) -> Response<Body> {
        let document = self.document(language);
        // A document of texts and numbers always serializes.
        let body = serde_json::to_string(&document).unwrap_or_default();
        let mut response = Response::new(Body::Text(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.as_str()));
        if let Some((name, value)) = self.header() {
            headers.insert(name, value);
        }
        response
    }

    fn errors(&self, language: Language) -> Option<Vec<FieldError>> {
        let Self::ValidationFailed(errors) = self else { return None };
        let errors = errors.iter().map(|error| FieldError {
            field: error.field.clone(),
            code: error.code,
            detail: error.code.detail(language),
        });
        Some(errors.collect())
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        if *self == Self::Unauthorized {
            return Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        Some((header::RETRY_AFTER, HeaderValue::from(self.retry_after_s()?)))
    }

    /// Seconds until the request may be sent again, where that is of use.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::TooMany { retry_after_s } | Self::Unavailable { retry_after_s, .. } => Some(*retry_after_s),
            Self::NotJson
            | Self::BadRequest
            | Self::Unauthorized
            | Self::Forbidden(_)
            | Self::NotFound
            | Self::WrongStatus
            | Self::PhotoNotReady
            | Self::OtherClosed
            | Self::TooOften
            | Self::Claimed
            | Self::Stale
            | Self::TooLarge
            | Self::WrongType
            | Self::ValidationFailed(_)
            | Self::InternalError(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::all, *};
    use std::fmt::Write;

    fn body(problem: &Problem, language: Language) -> serde_json::Value {
        serde_json::from_slice(problem.response(language).body()).unwrap()
    }

    #[test]
    fn a_document_lists_all_errors_in_the_callers_language() {
        let errors = &all()[16];
        insta::assert_json_snapshot!(body(errors, Language::Id), @r#"
        {
          "detail": "Perbaiki semua kesalahan yang tercantum, lalu kirim kembali.",
          "errors": [
            {
              "code": "out_of_range",
              "detail": "Di luar rentang yang diizinkan.",
              "field": "location.lat"
            },
            {
              "code": "required",
              "detail": "Wajib diisi.",
              "field": "description"
            }
          ],
          "status": 422,
          "title": "Ada isian yang salah",
          "type": "/problems/validation-failed"
        }
        "#);
        insta::assert_json_snapshot!(body(errors, Language::En)["errors"], @r#"
        [
          {
            "code": "out_of_range",
            "detail": "This is out of range.",
            "field": "location.lat"
          },
          {
            "code": "required",
            "detail": "This is required.",
            "field": "description"
          }
        ]
        "#);
    }

    #[test]
    fn every_problem_has_headers_that_fit_it() {
        let mut table = String::new();
        for problem in all() {
            let response = problem.response(Language::En);
            let header = |name: HeaderName| response.headers().get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header(header::CONTENT_TYPE), Some("application/problem+json"));
            assert_eq!(header(header::CONTENT_LANGUAGE), Some("en"));
            for name in [header::RETRY_AFTER, header::WWW_AUTHENTICATE] {
                if let Some(value) = header(name.clone()) {
                    writeln!(table, "{} {name}: {value}", problem.word()).unwrap();
                }
            }
        }
        insta::assert_snapshot!(table, @r#"
        unauthorized www-authenticate: Bearer
        too_many retry-after: 60
        unavailable retry-after: 1
        "#);
    }
}
