//! The command table: who may do what, from which status.

use crate::{
    act::Act,
    decision::Refusal,
    officer::{Officer, Role, Tag},
    report::Report,
    status::Status,
};

/// One row of the command table: who may do what, from which status.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The act that the rule is about.
    pub act: Act,
    /// The statuses from which the act is possible.
    pub from: &'static [Status],
    /// The tag that the officer needs; `petugas-opd` means an officer of the unit that holds the report.
    pub by: Tag,
}

impl Rule {
    /// Whether the act judges a TL, which nobody may do who posted a TL of this report. It is decided by the statuses and not
    /// by the act, so that an act that is added to these stages is guarded too.
    #[must_use]
    pub fn judges(&self) -> bool {
        self.by != Tag::PetugasOpd && self.from.iter().any(|status| status.is_judging())
    }
}

/// The command table: each act with the statuses it starts from and the tag it needs.
pub const RULES: &[Rule] = &[
    Rule { act: Act::Assign, from: &[Status::Menunggu], by: Tag::AdminTiket },
    Rule { act: Act::Reject, from: &[Status::Menunggu], by: Tag::AdminTiket },
    Rule { act: Act::Merge, from: &[Status::Menunggu], by: Tag::AdminTiket },
    Rule { act: Act::Accept, from: &[Status::Koordinasi, Status::Disposisi], by: Tag::PetugasOpd },
    Rule { act: Act::Forward, from: &[Status::Koordinasi], by: Tag::PetugasOpd },
    Rule { act: Act::Delegate, from: &[Status::Koordinasi], by: Tag::PetugasOpd },
    Rule {
        act: Act::Return,
        from: &[Status::Koordinasi, Status::Disposisi, Status::Proses, Status::TlDitolak],
        by: Tag::PetugasOpd,
    },
    Rule { act: Act::AddWorkPhotos, from: &[Status::Proses, Status::TlDitolak], by: Tag::PetugasOpd },
    Rule { act: Act::AddFieldPhotos, from: &[Status::MenungguVerifikasi], by: Tag::PetugasVerifikasi },
    Rule { act: Act::PostTl, from: &[Status::Proses, Status::TlDitolak], by: Tag::PetugasOpd },
    Rule { act: Act::Validate, from: &[Status::MenungguValidasi], by: Tag::PetugasValidasi },
    Rule { act: Act::Verify, from: &[Status::MenungguVerifikasi], by: Tag::PetugasVerifikasi },
];

fn rule(act: Act) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.act == act)
}

/// Whether this officer may do `act` on this report in some status, whatever its present one.
///
/// An officer of a unit is judged by the released state, so that an answer tells the unit nothing before the slot.
///
/// # Errors
/// [`Refusal::NotYours`] or [`Refusal::OwnTl`].
pub fn authorize(report: &Report, act: Act, officer: &Officer) -> Result<(), Refusal> {
    let rule = rule(act).ok_or(Refusal::NotYours)?;
    if !officer.role.has(rule.by) {
        return Err(Refusal::NotYours);
    }
    if let Role::Unit(code) = &officer.role
        && report.visible.shown.unit.as_ref() != Some(code)
    {
        return Err(Refusal::NotYours);
    }
    if rule.judges() && report.work.tl_authors.contains(&officer.id) {
        return Err(Refusal::OwnTl);
    }
    Ok(())
}

/// Whether this officer may do `act` on the report in its present status. The command's own fields are checked elsewhere.
///
/// # Errors
/// As [`authorize`], or [`Refusal::WrongStatus`].
pub fn may(report: &Report, act: Act, officer: &Officer) -> Result<(), Refusal> {
    authorize(report, act, officer)?;
    let rule = rule(act).ok_or(Refusal::NotYours)?;
    let waits =
        report.visible.release.is_some() && matches!(rule.by, Tag::PetugasOpd | Tag::PetugasVerifikasi);
    if waits || !rule.from.contains(&report.status) {
        return Err(Refusal::WrongStatus);
    }
    Ok(())
}
