//! What grows with the number of reports: nothing should.

use crate::{
    Options,
    aws::{Aws, Call, changed},
    function::{Function, Program, SdkBaseline},
    life::{self, Step},
    measure::{self, EmptyLambda, Numbers, Times},
    template::{Deployed, Template},
};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What is asked of the growing table.
const ASKED: [&str; 6] = ["desk", "filtered desk", "similar", "report", "assign", "submit"];
/// Where the reports lie, in turns: on the validator's desk, on the ticket desk, in the field, and with a unit.
const LYING: [&str; 4] = ["validate", "assign", "verify", "tl"];

/// The cost of one act at one size of a report.
pub(crate) struct Point {
    pub(crate) what: &'static str,
    pub(crate) reports: usize,
    pub(crate) subject: Times,
    pub(crate) sdk_baseline: Times,
    pub(crate) reads: f64,
    pub(crate) writes: f64,
}

impl Point {
    /// How many times as long as the SDK baseline it takes.
    pub(crate) fn relative(&self) -> f64 {
        self.subject.beside(&self.sdk_baseline)
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "what": self.what, "reports": self.reports, "subject": self.subject.json(), "sdk_baseline": self.sdk_baseline.json(),
            "relative": self.relative(), "reads": self.reads, "writes": self.writes,
        })
    }
}

/// Each of the acts at each of the sizes.
pub(crate) fn grow(
    options: &Options,
    template: &Template,
    functions: &[Deployed],
    life: &[Step],
    empty_lambda: &EmptyLambda<'_>,
    sizes: &[usize],
    rounds: usize,
) -> Result<Vec<Point>> {
    let mut points = Vec::new();
    let aws = Aws::start(&template.tables())?;
    // Seeds the registry.
    drop(life::City::start(&aws, &options.root, &[])?);
    let mut numbers = Numbers::from(1 << 40);
    let mut there = 0;
    let find = |name: &str| life.iter().find(|step| step.name == name).with_context(|| format!("no {name}"));
    for size in sizes {
        println!("Growing to {size} reports");
        while there < *size {
            let step = find(LYING[there % LYING.len()])?;
            let mut changes = life::renamed(step, numbers.next());
            // Of three reports one passes a filter by category, and of two one that by area.
            if !there.is_multiple_of(3) {
                changes.push((life::CATEGORY.to_owned(), "sampah".to_owned()));
            }
            if (there / LYING.len()).is_multiple_of(2) {
                changes.push((life::AREA.to_owned(), "31.74.02.1004".to_owned()));
            }
            aws.restore_report(&step.before, &changes)?;
            there += 1;
        }
        for what in ASKED {
            let step = find(what)?;
            let function = functions.iter().find(|function| function.name == step.function);
            let function = function.with_context(|| format!("no function for {what}"))?;
            let binary = measure::binary(&options.functions, &function.name)?;
            let calls = calls(&aws, &life::program(function, &binary, &aws, true), step, &mut numbers)?;
            let program = life::program(function, &binary, &aws, false);
            let baseline_binary = measure::binary(&options.functions, "sdk_baseline")?;
            let mut sdk_baseline = SdkBaseline::start(&baseline_binary, &aws.environment(false))?;
            let warm =
                measure::warm(&aws, &program, step, empty_lambda, &mut sdk_baseline, rounds, &mut numbers)?;
            points.push(Point {
                what,
                reports: *size,
                subject: warm.subject,
                sdk_baseline: warm.sdk_baseline,
                reads: calls.iter().map(|call| call.reads).sum(),
                writes: calls.iter().map(|call| call.writes).sum(),
            });
        }
    }
    Ok(points)
}

/// The calls to AWS of one warm call.
pub(crate) fn calls(aws: &Aws, program: &Program, step: &Step, numbers: &mut Numbers) -> Result<Vec<Call>> {
    let function = Function::start(program)?;
    for warm in [false, true] {
        let changes = life::renamed(step, numbers.next());
        aws.restore(&step.before, &changes)?;
        aws.take_calls();
        life::check(step.name, &function.invoke(&changed(&step.event, &changes))?.value)?;
        if warm {
            return Ok(aws.take_calls());
        }
    }
    Ok(Vec::new())
}
