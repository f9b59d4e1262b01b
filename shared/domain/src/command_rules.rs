//! The command table: who may do what, from which status.

use crate::{
    act::Act,
    decision::Refusal,
    note::{MOST_NOTES, notes_by},
    officer::{Officer, Role, Tag},
    plan::MOST_PLANS,
    report::Report,
    status::Status,
    view::{Viewer, shown_status, viewer},
};

/// One row of the command table: who may do what, from which status.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The act that the rule is about.
    pub act: Act,
    /// The statuses from which the act is possible.
    pub from: &'static [Status],
    /// Whose act it is.
    pub by: By,
}

/// Whose an act is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// Officers with this tag; `petugas-opd` means an officer of the unit that holds the report.
    Tag(Tag),
    /// Everybody to whom the report is whole: all who see it, except officers of a unit that it has left.
    Readers,
}

impl By {
    /// The tag, or `readers`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tag(tag) => tag.as_str(),
            Self::Readers => "readers",
        }
    }
}

impl Rule {
    /// Whether the act judges a TL, which nobody may do who posted a TL of this report. It is decided by the statuses and not
    /// by the act, so that an act that is added to these stages is guarded too.
    #[must_use]
    pub fn judges(&self) -> bool {
        matches!(self.by, By::Tag(tag) if tag != Tag::PetugasOpd)
            && self.from.iter().any(|status| status.is_judging())
    }
}

const OPEN: &[Status] = &[
    Status::Menunggu,
    Status::Koordinasi,
    Status::Disposisi,
    Status::Proses,
    Status::MenungguValidasi,
    Status::MenungguVerifikasi,
    Status::TlDitolak,
];
const IN_WORK: &[Status] = &[Status::Proses, Status::TlDitolak];
const TICKET_DESK: By = By::Tag(Tag::AdminTiket);
const UNIT: By = By::Tag(Tag::PetugasOpd);
const VERIFIER: By = By::Tag(Tag::PetugasVerifikasi);

/// The command table: each act with the statuses it starts from and whose it is.
pub const RULES: &[Rule] = &[
    Rule { act: Act::Correct, from: &[Status::Menunggu], by: TICKET_DESK },
    Rule { act: Act::Assign, from: &[Status::Menunggu], by: TICKET_DESK },
    Rule { act: Act::Reject, from: &[Status::Menunggu], by: TICKET_DESK },
    Rule { act: Act::Merge, from: &[Status::Menunggu], by: TICKET_DESK },
    Rule {
        act: Act::Recall,
        from: &[Status::Koordinasi, Status::Ditolak, Status::Duplikat],
        by: TICKET_DESK,
    },
    Rule { act: Act::Claim, from: &[Status::Menunggu], by: TICKET_DESK },
    Rule { act: Act::Accept, from: &[Status::Koordinasi, Status::Disposisi], by: UNIT },
    Rule { act: Act::Forward, from: &[Status::Koordinasi], by: UNIT },
    Rule { act: Act::Delegate, from: &[Status::Koordinasi], by: UNIT },
    Rule {
        act: Act::Return,
        from: &[Status::Koordinasi, Status::Disposisi, Status::Proses, Status::TlDitolak],
        by: UNIT,
    },
    Rule { act: Act::AddWorkPhotos, from: IN_WORK, by: UNIT },
    Rule { act: Act::AddFieldPhotos, from: &[Status::MenungguVerifikasi], by: VERIFIER },
    Rule { act: Act::Plan, from: IN_WORK, by: UNIT },
    Rule { act: Act::PostTl, from: IN_WORK, by: UNIT },
    Rule { act: Act::Validate, from: &[Status::MenungguValidasi], by: By::Tag(Tag::PetugasValidasi) },
    Rule { act: Act::Verify, from: &[Status::MenungguVerifikasi], by: VERIFIER },
    Rule { act: Act::CouldNotLook, from: &[Status::MenungguVerifikasi], by: VERIFIER },
    Rule { act: Act::Note, from: OPEN, by: By::Readers },
];

fn rule(act: Act) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.act == act)
}

/// Whether the officer's tags give `act` on any report at all.
#[must_use]
pub fn is_by_tags(act: Act, officer: &Officer) -> bool {
    rule(act).is_some_and(|rule| match rule.by {
        By::Tag(tag) => officer.role.has(tag),
        By::Readers => true,
    })
}

/// Whether this officer may do `act` on this report in some status, whatever its present one.
///
/// An officer of a unit is judged by the released state, so that an answer tells the unit nothing before the slot.
///
/// # Errors
/// [`Refusal::NotYours`] or [`Refusal::OwnTl`].
pub fn authorize(report: &Report, act: Act, officer: &Officer) -> Result<(), Refusal> {
    let rule = rule(act).ok_or(Refusal::NotYours)?;
    let judges = match rule.by {
        By::Tag(tag) => {
            if !officer.role.has(tag) {
                return Err(Refusal::NotYours);
            }
            if let Role::Unit(code) = &officer.role
                && report.visible.shown.unit.as_ref() != Some(code)
            {
                return Err(Refusal::NotYours);
            }
            rule.judges()
        }
        By::Readers => {
            if viewer(report, officer).is_none_or(|seen_by| seen_by == Viewer::FormerUnit) {
                return Err(Refusal::NotYours);
            }
            // What is said to those who judge is a part of judging.
            report.status.is_judging()
        }
    };
    if judges && report.work.tl_authors.contains(&officer.id) {
        return Err(Refusal::OwnTl);
    }
    Ok(())
}

/// Whether this officer may do `act` on the report in its present status. The command's own fields are checked elsewhere.
///
/// # Errors
/// As [`authorize`], or [`Refusal::WrongStatus`], or [`Refusal::TooOften`].
pub fn may(report: &Report, act: Act, officer: &Officer) -> Result<(), Refusal> {
    authorize(report, act, officer)?;
    let rule = rule(act).ok_or(Refusal::NotYours)?;
    let waits = report.visible.release.is_some() && matches!(rule.by, UNIT | VERIFIER);
    let status = match rule.by {
        By::Tag(_) => report.status,
        // To whoever does not know of a change that waits, an act that only the status after it allows would tell of it.
        By::Readers => viewer(report, officer).map_or(report.status, |seen_by| shown_status(report, seen_by)),
    };
    if waits || !rule.from.contains(&status) {
        return Err(Refusal::WrongStatus);
    }
    // Somebody has heard of what is to be taken back.
    if act == Act::Recall && report.triage.recall.is_none() {
        return Err(Refusal::WrongStatus);
    }
    let is_used_up = (act == Act::Plan && report.work.plans >= MOST_PLANS)
        || (act == Act::Note && notes_by(report, officer) >= MOST_NOTES);
    if is_used_up { Err(Refusal::TooOften) } else { Ok(()) }
}
