//! Time, memory and size, each beside the empty Lambda and the SDK baseline, turn by turn in one run.

use crate::{
    aws::{Aws, Call, Changes, changed, stages},
    function::{Function, Program, SdkBaseline},
    life::{self, Step},
};
use anyhow::{Context, Result};
use flate2::{Compression, write::DeflateEncoder};
use serde_json::{Value, json};
use std::{fs, io::Write, path::Path, time::Duration};

/// Many measurements of one thing.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that so many of a hundred do not exceed, in milliseconds.
    pub(crate) fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
        sorted.get(place).map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    /// How many times as long as the other took beside it: the middle of what the single turns say, because turns that lie
    /// together share what else the machine does.
    pub(crate) fn beside(&self, other: &Self) -> f64 {
        let pairs = self.0.iter().zip(&other.0);
        let mut ratios: Vec<f64> =
            pairs.map(|(one, other)| one.as_secs_f64() / other.as_secs_f64().max(1e-9)).collect();
        ratios.sort_by(f64::total_cmp);
        ratios.get(ratios.len() / 2).copied().unwrap_or_default()
    }

    pub(crate) fn json(&self) -> Value {
        json!({"calls": self.0.len(), "p50_ms": self.percentile(50), "p99_ms": self.percentile(99)})
    }
}

/// What a function's beginning costs.
pub(crate) struct Start {
    pub(crate) function: String,
    pub(crate) ready: Times,
    pub(crate) first: Times,
    pub(crate) smallest_ready: Times,
    pub(crate) smallest_first: Times,
    pub(crate) zip: usize,
    pub(crate) binary: usize,
    /// What its first request calls beside what every request needs.
    pub(crate) calls: Vec<Call>,
}

impl Start {
    /// Of a program, before it was started.
    pub(crate) fn of(program: &Program, calls: Vec<Call>) -> Result<Self> {
        let bytes = fs::read(&program.binary)?;
        Ok(Self {
            function: program.name.clone(),
            ready: Times::default(),
            first: Times::default(),
            smallest_ready: Times::default(),
            smallest_first: Times::default(),
            zip: zipped(&bytes)?,
            binary: bytes.len(),
            calls,
        })
    }
}

/// What a step costs, again and again.
pub(crate) struct Warm {
    pub(crate) step: Step,
    pub(crate) subject: Times,
    pub(crate) empty_lambda: Times,
    pub(crate) sdk_baseline: Times,
    /// The peak of its memory in KiB.
    pub(crate) peak: u64,
}

/// Numbers for tickets that nothing else has.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn from(first: u64) -> Self {
        Self(first)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 += 1;
        self.0
    }
}

/// the empty Lambda, and an event for it.
pub(crate) struct EmptyLambda<'a> {
    pub(crate) program: &'a Program,
    pub(crate) event: &'a str,
}

/// Starts a function and the empty Lambda in turns.
pub(crate) fn start(
    aws: &Aws,
    program: &Program,
    step: &Step,
    empty_lambda: &EmptyLambda<'_>,
    rounds: usize,
    numbers: &mut Numbers,
) -> Result<Start> {
    let mut start = Start::of(program, Vec::new())?;
    for round in 0..rounds {
        // Who begins takes turns too.
        for turn in 0..2 {
            if (turn + round) % 2 == 0 {
                let function = Function::start(empty_lambda.program)?;
                start.smallest_ready.add(function.ready()?);
                let reply = function.invoke(empty_lambda.event)?;
                start.smallest_first.add(function.since_start(&reply));
            } else {
                let changes = prepare(aws, step, numbers)?;
                let function = Function::start(program)?;
                start.ready.add(function.ready()?);
                let reply = function.invoke(&changed(&step.event, &changes))?;
                life::check(step.name, &reply.value)?;
                start.first.add(function.since_start(&reply));
            }
        }
    }
    Ok(start)
}

/// Calls a function, the empty Lambda and the SDK baseline in turns.
pub(crate) fn warm(
    aws: &Aws,
    program: &Program,
    step: &Step,
    empty_lambda: &EmptyLambda<'_>,
    sdk_baseline: &mut SdkBaseline,
    rounds: usize,
    numbers: &mut Numbers,
) -> Result<Warm> {
    let subject = Function::start(program)?;
    let least = Function::start(empty_lambda.program)?;
    let mut warm = Warm {
        step: step.clone(),
        subject: Times::default(),
        empty_lambda: Times::default(),
        sdk_baseline: Times::default(),
        peak: 0,
    };
    let unmeasured = (rounds / 20).max(3);
    for round in 0..rounds + unmeasured {
        for turn in 0..3 {
            let (times, took) = match (turn + round) % 3 {
                0 => (&mut warm.empty_lambda, least.invoke(empty_lambda.event)?.took),
                1 => {
                    let changes = prepare(aws, step, numbers)?;
                    let reply = subject.invoke(&changed(&step.event, &changes))?;
                    life::check(step.name, &reply.value)?;
                    clear(aws, step, &changes);
                    (&mut warm.subject, reply.took)
                }
                _ => {
                    let changes = prepare(aws, step, numbers)?;
                    let took = sdk_baseline.make(&repeated(step, &changes, numbers))?;
                    clear(aws, step, &changes);
                    (&mut warm.sdk_baseline, took)
                }
            };
            if round >= unmeasured {
                times.add(took);
            }
        }
    }
    warm.peak = subject.peak_memory()?;
    Ok(warm)
}

/// The most memory that a photo of 48 megapixels takes, in KiB.
pub(crate) fn large(aws: &Aws, program: &Program, step: &Step, numbers: &mut Numbers) -> Result<u64> {
    let changes = prepare(aws, step, numbers)?;
    let ticket = &changes.get(1).context("no ticket")?.1;
    let upload = aws.objects("photosbucket/incoming/").into_iter().find(|path| path.contains(ticket));
    let picture = media::fixtures::photograph(8000, 6000, 7, true, "bench");
    aws.put_object(&upload.context("no upload")?, picture);
    let function = Function::start(program)?;
    life::check(step.name, &function.invoke(&changed(&step.event, &changes))?.value)?;
    clear(aws, step, &changes);
    function.peak_memory()
}

/// A report of its own for one call, just where the step found its report.
fn prepare(aws: &Aws, step: &Step, numbers: &mut Numbers) -> Result<Changes> {
    if step.name == "seal" {
        life::unseal(aws);
    }
    let changes = life::renamed(step, numbers.next());
    aws.restore(&step.before, &changes)?;
    Ok(changes)
}

/// Photos of thousands of reports would fill the memory.
fn clear(aws: &Aws, step: &Step, changes: &Changes) {
    if let Some((_, ticket)) = changes.get(1).filter(|_| !step.before.is_empty()) {
        aws.remove_objects_with(ticket);
    }
}

/// The calls of a step for a report of its own, as `sdk_baseline` reads them.
pub(crate) fn repeated(step: &Step, changes: &Changes, numbers: &mut Numbers) -> String {
    let stages: Vec<Vec<Value>> = stages(&step.calls)
        .into_iter()
        .map(|stage| {
            let calls = stage.into_iter().filter(|call| call.service != "sqs");
            calls.map(|call| json!({"operation": call.operation, "body": call.body})).collect()
        })
        .collect();
    let mut changes = changes.clone();
    // An entry of the access log is new each time.
    for call in step.calls.iter().filter(|call| call.operation == "PutItem") {
        if let Some(id) = call.body.pointer("/Item/sk/S").and_then(Value::as_str).filter(|id| id.len() > 16) {
            let fresh = format!("{:016X}{}", numbers.next(), id.get(16..).unwrap_or_default());
            changes.push((id.to_owned(), fresh));
        }
    }
    changed(&json!(stages).to_string(), &changes)
}

/// The length of an archive with this one file, `bootstrap`, as `zip -6` would make it.
fn zipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes)?;
    let (local, central, end, name) = (30, 46, 22, 2 * "bootstrap".len());
    Ok(encoder.finish()?.len() + local + central + end + name)
}

/// Where a function's binary lies: as cargo builds it, or as it is deployed.
pub(crate) fn binary(folder: &Path, name: &str) -> Result<std::path::PathBuf> {
    let built = [folder.join(name).join("bootstrap"), folder.join(name)];
    let found = built.iter().find(|path| path.is_file());
    Ok(found.with_context(|| format!("no binary of {name} in {}", folder.display()))?.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_what_was_measured() {
        let mut times = Times::default();
        for milliseconds in (1..=100).rev() {
            times.add(Duration::from_millis(milliseconds));
        }
        assert_eq!((times.percentile(50), times.percentile(99)), (50.0, 99.0));
        assert_eq!(Times::default().percentile(50), 0.0);
        let mut twice = Times::default();
        for milliseconds in (1..=100).rev() {
            twice.add(Duration::from_millis(2 * milliseconds));
        }
        assert_eq!(twice.beside(&times), 2.0);
    }

    #[test]
    fn the_zipped_size_is_that_of_an_archive() {
        let bytes = vec![0; 100_000];
        assert!((120..400).contains(&zipped(&bytes).unwrap()));
    }
}
