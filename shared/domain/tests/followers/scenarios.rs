//! Where the runs of the model start.

use crate::{
    city::Op,
    model::{CAME_BACK, DISPUTED, REFUSED, SOLVED, Scenario, WENT_ON},
    world::World,
};

pub(crate) fn all() -> [Scenario; 8] {
    [solved(), overlapping(), ended(), moved(), merged(), assigned(), returned(), disputed()]
}

/// Two followers of a report with a TL, which is accepted and disputed: by its reporter, by a follower's.
pub(crate) fn solved() -> Scenario {
    Scenario {
        name: "solved",
        start: || World::new(3).at("10:30").merges(1, 0).merges(2, 0).judged(0).stored,
        acts: &[
            (0, Op::Validate { accepts: true }),
            (0, Op::Withdraw { draw: 0 }),
            (0, Op::Dispute { draw: 0 }),
            (1, Op::Dispute { draw: 0 }),
        ],
        merges: &[],
        most_merges: 0,
        merging: 0,
        clock: &["11 08:00", "11 10:00:30", "11 13:00:30"],
        runs: 1,
        page: 1,
        reaches: &[SOLVED, DISPUTED, REFUSED],
    }
}

/// The same with two runs at once.
pub(crate) fn overlapping() -> Scenario {
    Scenario {
        name: "overlapping",
        acts: &[(0, Op::Validate { accepts: true }), (0, Op::Dispute { draw: 0 })],
        runs: 2,
        reaches: &[SOLVED, REFUSED],
        ..solved()
    }
}

/// Two followers of a report that is refused, merged, withdrawn or recalled.
pub(crate) fn ended() -> Scenario {
    Scenario {
        name: "ended",
        start: || World::new(4).at("10:30").merges(1, 0).merges(2, 0).released("13:00:05").stored,
        acts: &[
            (0, Op::Reject),
            (0, Op::Recall),
            (0, Op::Withdraw { draw: 0 }),
            (0, Op::Dispute { draw: 0 }),
            (1, Op::Withdraw { draw: 0 }),
        ],
        merges: &[(0, 3)],
        most_merges: 1,
        merging: 1,
        clock: &["14:00", "16:00:30", "11 07:00:30"],
        runs: 1,
        page: 1,
        reaches: &[CAME_BACK, WENT_ON, DISPUTED, REFUSED],
    }
}

/// A follower of a report that is merged into another, which is refused, with two runs at once.
pub(crate) fn moved() -> Scenario {
    Scenario {
        name: "moved",
        start: || World::new(3).at("10:30").merges(0, 1).released("13:00:05").stored,
        acts: &[(1, Op::Recall), (2, Op::Reject), (0, Op::Withdraw { draw: 0 })],
        merges: &[(1, 2)],
        clock: &["14:00", "16:00:30"],
        runs: 2,
        reaches: &[CAME_BACK, WENT_ON, REFUSED],
        ..ended()
    }
}

/// A report is merged into one that is being worked on, while what is new of this is passed on to another follower.
pub(crate) fn assigned() -> Scenario {
    Scenario {
        name: "assigned",
        start: || World::new(3).at("10:30").merges(2, 0).released("13:00:05").stored,
        acts: &[(0, Op::Assign)],
        merges: &[(1, 0)],
        clock: &["14:00", "16:00:30", "11 07:00:30", "11 10:00:30"],
        reaches: &[REFUSED],
        ..ended()
    }
}

/// Three reports, merged into each other and recalled in any order.
pub(crate) fn merged() -> Scenario {
    Scenario {
        name: "merged",
        start: || World::new(3).stored,
        acts: &[(0, Op::Recall), (2, Op::Reject)],
        merges: &[(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)],
        most_merges: 3,
        merging: 2,
        clock: &["10:30", "13:00:30"],
        runs: 1,
        page: 2,
        reaches: &[WENT_ON, REFUSED],
    }
}

/// A follower comes back because its root is refused; another report is merged into it, and it into a third, which may be refused too.
pub(crate) fn returned() -> Scenario {
    Scenario {
        name: "returned",
        start: || World::new(4).at("10:30").merges(1, 2).released("13:00:05").stored,
        acts: &[(2, Op::Reject), (1, Op::Recall), (3, Op::Reject)],
        merges: &[(0, 1), (1, 3)],
        most_merges: 2,
        merging: 1,
        clock: &["14:00", "16:00:30", "11 07:00:30"],
        runs: 1,
        page: 2,
        reaches: &[CAME_BACK, WENT_ON, REFUSED],
    }
}

/// A follower's reporter disputes what is solved; meanwhile the root is opened again and ends otherwise, and the follower is merged anew.
pub(crate) fn disputed() -> Scenario {
    Scenario {
        name: "disputed",
        start: || {
            let solved = World::new(3).at("10:30").merges(1, 0).judged(0).at("11 08:00");
            let told = solved.does(0, Op::Validate { accepts: true }).released("11 10:00:05");
            let told = told.released("11 13:00:05").at("11 13:10");
            let disputed = told.does(0, Op::Dispute { draw: 0 }).does(1, Op::Dispute { draw: 2 });
            disputed.released("11 16:00:05").stored
        },
        acts: &[(0, Op::Verify { conforms: false }), (0, Op::Withdraw { draw: 0 }), (1, Op::Recall)],
        merges: &[(1, 2)],
        most_merges: 1,
        merging: 1,
        clock: &["11 16:20", "12 07:00:30", "12 10:00:30"],
        runs: 1,
        page: 1,
        reaches: &[CAME_BACK, DISPUTED],
    }
}
