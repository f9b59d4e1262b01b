//! What pages say, in both languages: `locales/id.toml` and `locales/en.toml`, of which the build makes a method for each text.

use domain::{act::Act, language::Language, photo::PhotoKind};

/// The texts in one language.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Texts(pub(crate) Language);

include!(concat!(env!("OUT_DIR"), "/texts.rs"));

impl Texts {
    /// How near the end of the present step's deadline is.
    pub(crate) fn urgency(self, urgency: &str) -> &'static str {
        match urgency {
            "terlambat" => self.urgency_terlambat(),
            "hari_ini" => self.urgency_hari_ini(),
            "3_hari" => self.urgency_3_hari(),
            _ => self.urgency_longgar(),
        }
    }

    /// What an act is called where it is offered.
    pub(crate) fn act(self, act: Act) -> &'static str {
        match act {
            Act::Correct => self.act_correct(),
            Act::Assign => self.act_assign(),
            Act::Reject => self.act_reject(),
            Act::Merge => self.act_merge(),
            Act::Recall => self.act_recall(),
            Act::Claim => self.act_claim(),
            Act::Accept => self.act_accept(),
            Act::Forward => self.act_forward(),
            Act::Delegate => self.act_delegate(),
            Act::Return => self.act_return(),
            Act::AddWorkPhotos => self.act_add_work_photos(),
            Act::AddFieldPhotos => self.act_add_field_photos(),
            Act::Plan => self.act_plan(),
            Act::PostTl => self.act_post_tl(),
            Act::Validate => self.act_validate(),
            Act::Verify => self.act_verify(),
            Act::CouldNotLook => self.act_could_not_look(),
            Act::Note => self.act_note(),
            Act::Submit
            | Act::CloseUnit
            | Act::Follow
            | Act::Unmerge
            | Act::Remind
            | Act::Escalate
            | Act::Dispute
            | Act::Withdraw
            | Act::ChangePrivacy => "",
        }
    }

    /// What an event is called in the history, and after an act.
    pub(crate) fn act_done(self, act: Act) -> &'static str {
        match act {
            Act::Submit => self.event_submit(),
            Act::Correct => self.event_correct(),
            Act::Assign => self.event_assign(),
            Act::Reject => self.event_reject(),
            Act::Merge => self.event_merge(),
            Act::Recall => self.event_recall(),
            Act::Claim => self.event_claim(),
            Act::Accept => self.event_accept(),
            Act::Forward => self.event_forward(),
            Act::Delegate => self.event_delegate(),
            Act::Return => self.event_return(),
            Act::AddWorkPhotos | Act::AddFieldPhotos => self.event_add_photos(),
            Act::Plan => self.event_plan(),
            Act::PostTl => self.event_post_tl(),
            Act::Validate => self.event_validate(),
            Act::Verify => self.event_verify(),
            Act::CouldNotLook => self.event_could_not_look(),
            Act::Note => self.event_note(),
            Act::CloseUnit => self.event_close_unit(),
            Act::Follow => self.event_follow(),
            Act::Unmerge => self.event_unmerge(),
            Act::Remind => self.event_remind(),
            Act::Escalate => self.event_escalate(),
            Act::Dispute => self.event_dispute(),
            Act::Withdraw => self.event_withdraw(),
            Act::ChangePrivacy => self.event_change_privacy(),
        }
    }

    /// What kind of photo it is.
    pub(crate) fn photo_kind(self, kind: PhotoKind) -> &'static str {
        match kind {
            PhotoKind::Reporter => self.photo_reporter(),
            PhotoKind::Before => self.photo_before(),
            PhotoKind::After => self.photo_after(),
            PhotoKind::Field => self.photo_field(),
        }
    }

    /// What has become of a photo.
    pub(crate) fn photo_state(self, state: &str) -> &'static str {
        match state {
            "ready" => self.photo_ready(),
            "rejected" => self.photo_rejected(),
            "missing" => self.photo_missing(),
            _ => self.photo_pending(),
        }
    }
}
