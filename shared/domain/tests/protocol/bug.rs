//! What can be built wrongly. Each of these must be found by the rule that it breaks.

/// A planted bug, which a rule has to find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bug {
    /// The protocol as it is built.
    None,
    /// A command replaces the snapshot whatever its revision.
    Unguarded,
    /// `release` replaces the snapshot whatever its revision.
    ReleaseUnguarded,
    /// The answer is given before the transaction.
    AnswerFirst,
    /// A repeated command draws a fresh event id and looks for none.
    FreshId,
    /// A refused command does not look again for what an earlier sending of it has stored meanwhile.
    LooksOnce,
    /// Whoever loses the race is told that it is done.
    LoserIsDone,
    /// The event is put by a call of its own, after the snapshot.
    EventApart,
    /// Announcements are put by a call of their own.
    AnnouncedApart,
    /// The identity is erased by a call of its own.
    ErasedApart,
    /// The identity is put by a call of its own, after the report.
    IdentityApart,
    /// Announcements draw an id of their own.
    FreshIdAnnounced,
    /// Reporters are told at each command and not at the slot.
    ToldAtOnce,
    /// A run of `release` does not remember in the snapshot what it sends of a deadline.
    MarkForgotten,
    /// A command takes what is due of the deadline, and sends nothing of it.
    MarkTaken,
    /// A command leaves the report the deadline of the step that it ends.
    StepGoesOn,
    /// A withdrawal ends the deadline before officers learn of it.
    WithdrawalEndsStep,
    /// A request is decided although the report has to follow a closed unit first.
    StaysWithClosed,
    /// `notify` drops what it cannot publish.
    NotifyForgets,
    /// The stream brings a record that fails for ever.
    PoisonStops,
    /// `notify` passes over what it cannot read.
    PoisonForgotten,
    /// A message of `deliver` is deleted when it is received.
    QueueForgets,
    /// `deliver` does not note what was told.
    NoMark,
    /// `deliver` makes the row that it updates.
    RowRevived,
    /// `deliver` applies updates in the order in which they come.
    AnyOrder,
}

impl Bug {
    /// Whether a transaction leaves something for another call.
    pub(crate) fn leaves_a_rest(self) -> bool {
        matches!(self, Self::EventApart | Self::AnnouncedApart | Self::ErasedApart | Self::IdentityApart)
    }
}
