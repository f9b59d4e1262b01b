//! What can be done to a report.

use crate::wire_enum::wire_enum;

wire_enum!(
    /// What can be done to a report; also the name of the event that it leaves.
    Act {
        /// A channel submits the report.
        Submit = "submit",
        /// The ticket desk mends its category or its place.
        Correct = "correct",
        /// The ticket desk sends it to a unit.
        Assign = "assign",
        /// The ticket desk refuses it.
        Reject = "reject",
        /// The ticket desk merges it into another.
        Merge = "merge",
        /// The ticket desk takes back what it did, before anybody else heard of it.
        Recall = "recall",
        /// An officer of the ticket desk says that they are at work on it. It leaves no event.
        Claim = "claim",
        /// An officer of the unit takes it up.
        Accept = "accept",
        /// The unit passes it to another.
        Forward = "forward",
        /// The unit passes it to a child.
        Delegate = "delegate",
        /// The unit gives it back to the ticket desk.
        Return = "return",
        /// The unit declares photos of its work.
        AddWorkPhotos = "add_work_photos",
        /// The verifier declares photos of the field.
        AddFieldPhotos = "add_field_photos",
        /// The unit says by which day its work will be done.
        Plan = "plan",
        /// The unit says what it did.
        PostTl = "post_tl",
        /// A validator judges the TL.
        Validate = "validate",
        /// The verifier judges it in the field.
        Verify = "verify",
        /// The verifier could not look, and gives it back to the validators.
        CouldNotLook = "could_not_look",
        /// An officer writes a note for other officers.
        Note = "note",
        /// The city closes the unit, and another takes over what it had.
        CloseUnit = "close_unit",
        /// The report that it was merged into was merged itself, and it follows the other one from now on.
        Follow = "follow",
        /// The report that it was merged into was refused or withdrawn, and it is a report of its own again.
        Unmerge = "unmerge",
        /// The clock reminds the desk and those above of a deadline.
        Remind = "remind",
        /// The clock tells those above and the ticket desk that a deadline was missed.
        Escalate = "escalate",
        /// The reporter contradicts the result.
        Dispute = "dispute",
        /// The reporter withdraws it.
        Withdraw = "withdraw",
        /// The reporter locks their photos, or lets them be seen.
        ChangePrivacy = "change_privacy",
    }
);

impl Act {
    /// Whether the act puts photos forward as evidence.
    #[must_use]
    pub fn uses_photos(self) -> bool {
        matches!(self, Self::PostTl | Self::Verify)
    }
}
