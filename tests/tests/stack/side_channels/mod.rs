//! An officer who wants to know who sent a report, or when: what must not leak by the side, tried with an officer's rights.
//!
//! | side channel | held by |
//! |---|---|
//! | 1. ids | `ids`, `dump::two_reports_of_one_person_have_nothing_in_common`; each id by itself in `domain` and `store` |
//! | 2. order | `ids`, `desk::a_cursor_is_opaque_of_one_length_and_good_for_its_officer_and_desk_only`, `desk::a_desk_is_ordered_…` |
//! | 3. arrival | `arrival`, `reporter`, `slots`; announcements in `slots` and `notifications`; which of two slots in `domain`, `routed_slots` |
//! | 4. headers | `headers`, `photos::a_photo_is_shown_as_a_copy_of_ones_own_and_the_look_is_recorded` |
//! | 5. due dates | `world`: no answer to a unit or a verifier holds a date, a time or an instant in numbers |
//! | 6. files | `files`, `photos::a_cleaned_photo_keeps_its_pixels_…`, all formats and faults in `media` |
//! | 7. errors | bytes in `authorization`, `photos`, `slots` and `arrival`; time in `clockwork` |
//! | 8. logs | `silence` (every function while AWS fails), `runtime/tests/silence.rs` (panics), the tests after the restart (a whole run), and every HTTP answer of every test in `tests::http` |
//! | 9. filters | `filters`, `input::an_unknown_parameter_and_a_hidden_one_get_the_same_refusal_everywhere` |
//! | 10. sizes | `sizes` |
//!
//! What may be read at leisure, a stolen dump, is tried in `dump`.

pub(crate) mod arrival;
mod clockwork;
mod files;
mod filters;
mod headers;
mod ids;
mod minutes;
#[path = "../../../../shared/domain/tests/deadlines/random.rs"]
mod random;
mod reporter;
mod silence;
mod sizes;
mod statistics;
pub(crate) mod world;

/// Headers that are of the answer's own moment and connection, and not of what it says.
const OF_THE_MOMENT: &[&str] = &[
    "date",
    "connection",
    "keep-alive",
    "apigw-requestid",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-amz-id-2",
    "x-amzn-trace-id",
];
