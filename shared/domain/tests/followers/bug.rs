//! What can be built wrongly. Each of these must be found by the rule that it breaks.

/// A planted bug, which a rule has to find.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Bug {
    /// Followers as they are built.
    None,
    /// A merge is stored whatever became of the root since it was read.
    MergeUnbound,
    /// A merge leaves no item by which the root finds its follower.
    MergeUnlisted,
    /// A merge does not note in the root that it is followed.
    MergeUnnoted,
    /// A fan-out's page is stored whatever became of the followers since they were read.
    FollowersUnbound,
    /// A fan-out's page is stored although the root's reporter was told something newer since.
    FanOutUnbound,
    /// A fan-out's page is stored whatever became of the report that the followers go on to.
    TargetUnbound,
    /// A newer change of the root goes on where the one before was.
    CursorStays,
    /// Followers are told what the root is, and not what its reporter was told.
    LeadsBySnapshot,
    /// A withdrawal drops the update that the root's followers wait for.
    WithdrawalDropsUpdate,
    /// A follower whose reporter is erased comes back, and is not withdrawn.
    ErasedStays,
    /// A report that came back was told last that it is a duplicate.
    StaysTold,
    /// A dispute of what a report followed goes on when it has come back.
    DisputeStays,
    /// A report that comes back still says what its root was told.
    KeepsFollows,
    /// What is due of a report gives it another version where somebody follows it.
    ShowsFollowers,
    /// What is passed on waits for a slot of its own, although an update waits already.
    PutsOff,
    /// A run does not look whether a follower has been told already.
    TellsAgain,
}
