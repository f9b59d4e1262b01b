//! The figures, as tables and as JSON.

use crate::{
    durability::Kept,
    figures::{Times, seen_in},
    log::{End, Notes},
    loops::Window,
    post::{Came, Name},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write,
    fs,
    time::Duration,
};

/// The machine that all of it ran on.
#[derive(Serialize)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    memory_kb: String,
    kernel: String,
}

impl Machine {
    /// The machine that this runs on.
    pub(crate) fn here() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let field = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line.split_once(':').map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        Self {
            processor: field(&read("/proc/cpuinfo"), "model name"),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            memory_kb: field(&read("/proc/meminfo"), "MemTotal"),
            kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        }
    }
}

/// How many processes want a processor now, in the mean of the last minute.
pub(crate) fn load_average() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').next().unwrap_or_default().to_owned()
}

/// The figures of a single loop.
#[derive(Serialize)]
pub(crate) struct Figures {
    /// Which loop, such as `closed, 4 clients`.
    name: String,
    /// The machine's load average when it began and when it ended.
    load: [String; 2],
    seconds: f64,
    /// Arrivals a second that were planned; of an open loop.
    offered: Option<f64>,
    lives_per_second: f64,
    calls_per_second: f64,
    ends: BTreeMap<End, u64>,
    shed: u64,
    /// Attempts by status that was no success; 0 is no answer.
    refused: BTreeMap<u16, u64>,
    retries: u64,
    repeated: u64,
    life: Option<Times>,
    calls: BTreeMap<&'static str, Times>,
    reports: usize,
    acts: usize,
    events: usize,
    uncertain: usize,
    announced: usize,
    never_came: usize,
    doubles: u64,
    lag: BTreeMap<&'static str, Times>,
    /// What must not be: it fails the run.
    faults: Vec<String>,
}

/// What there is to make figures of.
pub(crate) struct Measured {
    /// The name of the loop.
    pub(crate) name: String,
    /// Load averages before and after.
    pub(crate) load: [String; 2],
    /// When the loop gave load.
    pub(crate) window: Window,
    /// Arrivals a second, in an open loop.
    pub(crate) offered: Option<f64>,
    /// What the loop's clients saw.
    pub(crate) notes: Notes,
    /// What was found of the loop's reports.
    pub(crate) kept: Kept,
    /// Which of its announcements came.
    pub(crate) came: HashMap<Name, Came>,
}

impl Figures {
    /// Computes the figures of a loop.
    pub(crate) fn of(measured: Measured) -> Self {
        let Measured { name, load, window, offered, notes, kept, came } = measured;
        let seconds = window.1.duration_since(window.0).as_secs_f64();
        let lives: Vec<_> = notes
            .lived
            .iter()
            .filter(|life| life.end == End::Whole)
            .map(|life| (life.due, life.at))
            .collect();
        let in_window = |at| window.0 <= at && at < window.1;
        let calls_in_window = notes.answered.iter().filter(|call| in_window(call.at)).count();
        let mut by_kind: BTreeMap<&'static str, Vec<Duration>> = BTreeMap::new();
        for call in &notes.answered {
            by_kind.entry(call.kind).or_default().push(call.at.saturating_duration_since(call.due));
        }
        let mut ends: BTreeMap<End, u64> = BTreeMap::new();
        for life in &notes.lived {
            *ends.entry(life.end).or_default() += 1;
        }
        let mut lags: BTreeMap<&'static str, Vec<Duration>> = BTreeMap::new();
        let (mut never_came, mut doubles) = (0, 0);
        for (name, acknowledged) in &kept.announced {
            let Some(came) = came.get(name) else {
                never_came += 1;
                continue;
            };
            doubles += came.times - 1;
            // Some overtake the answer.
            lags.entry(audience(&name.1))
                .or_default()
                .push(came.first.saturating_duration_since(*acknowledged));
        }
        let mut faults: Vec<String> = notes.odd;
        faults.extend(kept.lost.iter().map(|lost| format!("lost: {lost}")));
        faults.extend(kept.doubled.iter().map(|doubled| format!("doubled: {doubled}")));
        if never_came > 0 {
            faults.push(format!("{never_came} announcements never came"));
        }
        let times = |all: BTreeMap<&'static str, Vec<Duration>>| {
            all.into_iter().filter_map(|(name, all)| Some((name, Times::of(all)?))).collect()
        };
        #[expect(clippy::cast_precision_loss, reason = "they are few")]
        let calls_per_second = calls_in_window as f64 / seconds;
        Self {
            name,
            load,
            seconds,
            offered,
            lives_per_second: seen_in(window, &lives) / seconds,
            calls_per_second,
            ends,
            shed: notes.shed,
            refused: notes.refused,
            retries: notes.retries,
            repeated: notes.repeated,
            life: Times::of(lives.iter().map(|(due, at)| at.duration_since(*due)).collect()),
            calls: times(by_kind),
            reports: kept.reports,
            acts: kept.acts,
            events: kept.events,
            uncertain: kept.uncertain,
            announced: kept.announced.len(),
            never_came,
            doubles,
            lag: times(lags),
            faults,
        }
    }

    /// How many whole lives were lived in a second.
    pub(crate) fn lives_per_second(&self) -> f64 {
        self.lives_per_second
    }

    /// Reports whose submission was acknowledged, and those of which nobody knows.
    pub(crate) fn reports(&self) -> (usize, usize) {
        (self.reports, self.uncertain)
    }

    fn attempts(&self, which: impl Fn(u16) -> bool) -> u64 {
        self.refused.iter().filter(|(status, _)| which(**status)).map(|(_, count)| count).sum()
    }

    fn ended(&self, end: End) -> u64 {
        self.ends.get(&end).copied().unwrap_or_default()
    }
}

fn audience(topic: &str) -> &'static str {
    if topic == "reporter" {
        "reporter"
    } else if topic.starts_with("unit-") {
        "unit"
    } else {
        "desks"
    }
}

/// All figures, in the form for programs.
#[derive(Serialize)]
pub(crate) struct Everything<'a> {
    /// The machine that it ran on.
    pub(crate) machine: &'a Machine,
    /// The figures of each loop.
    pub(crate) loops: &'a [Figures],
    /// What concerns no loop alone.
    pub(crate) faults: &'a [String],
}

impl Everything<'_> {
    /// Everything that must not happen and did.
    pub(crate) fn all_faults(&self) -> Vec<String> {
        let of_loops = self.loops.iter();
        let of_loops =
            of_loops.flat_map(|one| one.faults.iter().map(|fault| format!("{}: {fault}", one.name)));
        of_loops.chain(self.faults.iter().cloned()).collect()
    }

    /// The figures as Markdown tables.
    pub(crate) fn tables(&self) -> String {
        let Machine { processor, cores, memory_kb, kernel } = self.machine;
        let mut out =
            format!("Machine: {processor}, {cores} cores, {memory_kb} of memory, Linux {kernel}.\n");
        self.throughput(&mut out);
        self.calls(&mut out);
        self.lag(&mut out);
        self.kept(&mut out);
        out
    }

    fn throughput(&self, out: &mut String) {
        heading(
            out,
            "Lives",
            &[
                "loop",
                "load average",
                "offered, a second",
                "lives a second",
                "calls a second",
                "life p50, s",
                "p99, s",
                "whole",
                "given up",
                "shed",
                "429",
                "503",
                "other",
                "no answer",
                "sent again",
            ],
        );
        for one in self.loops {
            let seconds = |time: fn(&Times) -> f64| {
                one.life.as_ref().map_or(String::new(), |life| format!("{:.1}", time(life) / 1e3))
            };
            row(
                out,
                &one.name,
                &[
                    one.load.join(" → "),
                    one.offered.map_or(String::new(), |rate| format!("{rate:.2}")),
                    format!("{:.2}", one.lives_per_second),
                    format!("{:.0}", one.calls_per_second),
                    seconds(|life| life.p50),
                    seconds(|life| life.p99),
                    one.ended(End::Whole).to_string(),
                    (one.ended(End::Refused) + one.ended(End::Late)).to_string(),
                    one.shed.to_string(),
                    one.attempts(|status| status == 429).to_string(),
                    one.attempts(|status| status == 503).to_string(),
                    one.attempts(|status| !matches!(status, 0 | 429 | 503)).to_string(),
                    one.attempts(|status| status == 0).to_string(),
                    one.retries.to_string(),
                ],
            );
        }
    }

    fn calls(&self, out: &mut String) {
        let kinds: BTreeMap<&str, ()> =
            self.loops.iter().flat_map(|one| one.calls.keys().map(|kind| (*kind, ()))).collect();
        let names: Vec<&str> =
            ["call"].into_iter().chain(self.loops.iter().map(|one| one.name.as_str())).collect();
        heading(out, "Calls, p50 / p99 in milliseconds", &names);
        for kind in kinds.keys() {
            let cells: Vec<String> = self.loops.iter().map(|one| both(one.calls.get(kind))).collect();
            row(out, kind, &cells);
        }
    }

    fn lag(&self, out: &mut String) {
        heading(
            out,
            "From the acknowledgement to the announcement, p50 / p99 / max in milliseconds",
            &["loop", "unit", "desks", "reporter", "announcements", "never came", "doubles"],
        );
        for one in self.loops {
            let all = |audience: &str| {
                one.lag.get(audience).map_or(String::new(), |times| {
                    format!("{:.0} / {:.0} / {:.0}", times.p50, times.p99, times.max)
                })
            };
            let counts = [one.announced.to_string(), one.never_came.to_string(), one.doubles.to_string()];
            let cells: Vec<String> =
                [all("unit"), all("desks"), all("reporter")].into_iter().chain(counts).collect();
            row(out, &one.name, &cells);
        }
    }

    fn kept(&self, out: &mut String) {
        heading(
            out,
            "What is there afterwards",
            &[
                "loop",
                "reports",
                "acts acknowledged",
                "sent twice on purpose",
                "events",
                "perhaps done",
                "lost, doubled, odd",
            ],
        );
        for one in self.loops {
            let counts = [
                one.reports,
                one.acts,
                usize::try_from(one.repeated).unwrap_or(usize::MAX),
                one.events,
                one.uncertain,
                one.faults.len(),
            ];
            row(out, &one.name, &counts.map(|count| count.to_string()));
        }
    }
}

fn both(times: Option<&Times>) -> String {
    times.map_or(String::new(), |times| format!("{:.0} / {:.0}", times.p50, times.p99))
}

fn heading(out: &mut String, title: &str, columns: &[&str]) {
    let rule = ["---"].into_iter().chain(columns.iter().skip(1).map(|_| "--:")).collect::<Vec<_>>().join("|");
    let _ = write!(out, "\n### {title}\n\n| {} |\n|{rule}|\n", columns.join(" | "));
}

fn row(out: &mut String, name: &str, cells: &[String]) {
    let _ = writeln!(out, "| {name} | {} |", cells.join(" | "));
}
