//! Where the runs of the model start.

use crate::{
    city::Op,
    model::{CAME_BACK, DISPUTED, REFUSED, SOLVED, Scenario, WENT_ON},
    world::World,
};

pub(crate) fn all() -> [Scenario; 4] {
    [solved(), ended(), merged(), chain()]
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
            (2, Op::Withdraw { draw: 0 }),
        ],
        merges: &[],
        most_merges: 0,
        clock: &["11 08:00", "11 10:00:30", "11 13:00:30"],
        runs: 2,
        page: 1,
        reaches: &[SOLVED, DISPUTED, REFUSED],
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
        clock: &["14:00", "16:00:30", "11 07:00:30"],
        runs: 2,
        page: 1,
        reaches: &[CAME_BACK, WENT_ON, DISPUTED, REFUSED],
    }
}

/// Three reports, merged into each other and recalled in any order.
pub(crate) fn merged() -> Scenario {
    Scenario {
        name: "merged",
        start: || World::new(3).stored,
        acts: &[(0, Op::Recall), (1, Op::Recall), (2, Op::Reject), (0, Op::Withdraw { draw: 0 })],
        merges: &[(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)],
        most_merges: 3,
        clock: &["10:30", "13:00:30"],
        runs: 1,
        page: 1,
        reaches: &[WENT_ON, REFUSED],
    }
}

/// A follower comes back because its root is refused; another report is merged into it, and it into a third.
pub(crate) fn chain() -> Scenario {
    Scenario {
        name: "chain",
        start: || World::new(4).at("10:30").merges(1, 2).released("13:00:05").stored,
        acts: &[(2, Op::Reject), (1, Op::Recall), (3, Op::Assign)],
        merges: &[(0, 1), (1, 3)],
        most_merges: 2,
        clock: &["14:00", "16:00:30", "11 07:00:30"],
        runs: 1,
        page: 2,
        reaches: &[CAME_BACK, WENT_ON, REFUSED],
    }
}
