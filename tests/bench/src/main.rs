//! What the functions take: time, memory, calls, units, money. `cargo xtask bench` builds everything and starts this.
#![expect(clippy::print_stdout, reason = "a command answers on the terminal")]
#![expect(clippy::print_stderr, reason = "a command answers on the terminal")]

mod aws;
mod cost;
mod country;
mod followers;
mod function;
mod growth;
mod http;
mod life;
mod measure;
mod pictures;
mod report;
mod slot;
mod template;
mod tool;
mod web;

use anyhow::{Context, Result, bail};
use aws::Aws;
use function::{Program, SdkBaseline};
use life::{City, Step};
use measure::{EmptyLambda, Numbers, Start, Warm};
use report::Findings;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use template::{Deployed, Template};

/// What a step is called again and again for, in the order of the table.
const WARM: [&str; 18] = [
    "submit",
    "assign",
    "accept",
    "photos",
    "tl",
    "validate",
    "verify",
    "desk",
    "filtered desk",
    "similar",
    "report",
    "track",
    "release",
    "notify",
    "deliver",
    "seal",
    "photo",
    "view",
];

struct Options {
    root: PathBuf,
    functions: PathBuf,
    out: PathBuf,
    smoke: bool,
    million: bool,
    only: Vec<String>,
}

impl Options {
    fn read() -> Result<Self> {
        let mut values: BTreeMap<String, String> = BTreeMap::new();
        let mut arguments = std::env::args().skip(1);
        while let Some(name) = arguments.next() {
            let value = match name.as_str() {
                "--smoke" | "--million" => "yes".to_owned(),
                _ => arguments.next().with_context(|| format!("{name} needs a value"))?,
            };
            values.insert(name, value);
        }
        let mut path =
            |name: &str| values.remove(name).map(PathBuf::from).with_context(|| format!("no {name}"));
        let (root, functions) = (path("--root")?, path("--functions")?);
        let out = path("--out")?;
        let only = values.remove("--only").unwrap_or_default();
        let (smoke, million) = (values.remove("--smoke").is_some(), values.remove("--million").is_some());
        if let Some(name) = values.keys().next() {
            bail!("there is no {name}");
        }
        let only = only.split(',').filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect();
        Ok(Self { root, functions, out, smoke, million, only })
    }
}

/// How often each thing is measured.
struct Rounds {
    start: usize,
    warm: usize,
    /// For steps that clean or draw pictures.
    pictures: usize,
    /// For each picture beside `vipsthumbnail`.
    drawn: usize,
    growth: usize,
    sizes: Vec<usize>,
    /// The reports that are due at one slot.
    due: usize,
    /// The followers of one root.
    followers: usize,
    /// For starts of the operators' tool.
    tool: usize,
    /// The city that it lists and plans.
    city: tool::Size,
}

fn main() -> ExitCode {
    match Options::read().and_then(|options| bench(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench(options: &Options) -> Result<()> {
    let rounds = if options.smoke {
        let city = tool::Size { units: 20, officers: 200, channels: 5, areas: 400 };
        Rounds {
            start: 2,
            warm: 5,
            pictures: 1,
            drawn: 1,
            growth: 5,
            sizes: vec![100, 300],
            due: 50,
            followers: 60,
            tool: 3,
            city,
        }
    } else {
        let mut sizes = vec![1_000, 10_000, 100_000];
        sizes.extend(options.million.then_some(1_000_000));
        let city = tool::Size { units: 500, officers: 20_000, channels: 100, areas: 83_000 };
        Rounds {
            start: 60,
            warm: 1_000,
            pictures: 30,
            drawn: 15,
            growth: 300,
            sizes,
            due: 5_000,
            followers: 2_000,
            tool: 30,
            city,
        }
    };
    let template = Template::read(&options.root)?;
    let functions = template.functions()?;
    let empty_lambda = Program {
        name: "empty_lambda".to_owned(),
        binary: measure::binary(&options.functions, "empty_lambda")?,
        environment: Vec::new(),
        timeout: Duration::from_secs(10),
    };

    let chosen = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let tool = if chosen("tuntas") {
        println!("Starting tuntas, and listing a city with it");
        let binary = measure::binary(&options.functions, "tuntas")?;
        fs::create_dir_all(&options.out)?;
        Some(tool::measure(&options.root, &binary, &options.out, rounds.tool, rounds.city)?)
    } else {
        None
    };
    let portal = if chosen("web") {
        println!("Starting web, and asking for its pages");
        let aws = Aws::start(&[])?;
        let function = functions.iter().find(|function| function.name == "web").context("no web")?;
        let program = life::program(function, &measure::binary(&options.functions, "web")?, &aws, false);
        Some(web::measure(&options.root, &program, &empty_lambda, rounds.start, rounds.warm)?)
    } else {
        None
    };
    if options.only.iter().all(|only| only == "web") && !options.only.is_empty() {
        let (start, web) = portal.context("nothing was measured")?;
        return write_out(
            options,
            &Findings { machine: machine(), starts: vec![start], web: Some(web), ..Findings::default() },
        );
    }
    println!("A report's life, every call noted");
    let aws = Aws::start(&template.tables())?;
    aws.set_slow(true);
    let counted = programs(&functions, options, &aws, true)?;
    let city = City::start(&aws, &options.root, &counted)?;
    let mut numbers = Numbers::from(1_000);
    let first = city.live(1)?;
    fill_desk(&aws, &first, &mut numbers)?;
    let life = city.live(2)?;
    let of_new = of_new_processes(&first, &life);
    let look = life.iter().find(|step| step.name == "report").context("no look")?;
    let hourly = life::seal(&city, look)?;
    let idle = life::idle(&city)?;
    drop(city);
    aws.set_slow(false);

    let event = life.iter().find(|step| step.name == "report").context("no look")?.event.clone();
    let least = EmptyLambda { program: &empty_lambda, event: &event };
    let timed = programs(&functions, options, &aws, false)?;
    let step = |name: &str| life.iter().chain([&hourly]).find(|step| step.name == name);

    let mut starts: Vec<Start> = Vec::new();
    // `web` is a client of the API, which is not there.
    let (start_of_web, web) = portal.unzip();
    let measured = timed.iter().filter(|program| program.name != "web" && chosen(&program.name));
    for program in measured {
        println!("Starting {}", program.name);
        let step = life.iter().chain([&hourly]).find(|step| step.function == program.name);
        let step = step.with_context(|| format!("{} is no part of a life", program.name))?;
        let mut start = measure::start(&aws, program, step, &least, rounds.start, &mut numbers)?;
        start.calls = of_new.get(step.function).cloned().unwrap_or_default();
        starts.push(start);
    }
    starts.extend(start_of_web);

    let mut warm: Vec<Warm> = Vec::new();
    let baseline_binary = measure::binary(&options.functions, "sdk_baseline")?;
    for name in WARM {
        let step = step(name).with_context(|| format!("no step {name}"))?;
        let Some(program) = timed.iter().find(|program| program.name == step.function) else { continue };
        if !chosen(&program.name) {
            continue;
        }
        println!("Calling {name}");
        let rounds = if ["photo", "view"].contains(&name) { rounds.pictures } else { rounds.warm };
        let mut sdk_baseline = SdkBaseline::start(&baseline_binary, &aws.environment(false))?;
        warm.push(measure::warm(&aws, program, step, &least, &mut sdk_baseline, rounds, &mut numbers)?);
    }
    let in_country = match (&tool, step("submit")) {
        (Some(tool), Some(step)) if chosen("submit") => {
            println!("Calling submit where the map is a country's");
            life::seed_map(&aws, &tool.country)?;
            let named =
                |programs: &[Program]| programs.iter().find(|program| program.name == "submit").cloned();
            let (counted, plain) =
                (named(&counted).context("no submit")?, named(&timed).context("no submit")?);
            let calls = growth::calls(&aws, &counted, step, &mut numbers)?;
            let mut sdk_baseline = SdkBaseline::start(&baseline_binary, &aws.environment(false))?;
            let warm =
                measure::warm(&aws, &plain, step, &least, &mut sdk_baseline, rounds.growth, &mut numbers)?;
            Some((warm, calls))
        }
        _ => None,
    };
    let slot = if chosen("release") {
        println!("Releasing {} reports at once", rounds.due);
        let program = timed.iter().find(|program| program.name == "release").context("no release")?;
        let step = step("release").context("no release")?;
        Some(slot::measure(&aws, program, step, rounds.due, &mut numbers)?)
    } else {
        None
    };
    let late = if chosen("release") {
        println!("Escalating {} reports at once", rounds.due);
        let program = timed.iter().find(|program| program.name == "release").context("no release")?;
        let step = step(life::ESCALATION).context("no escalation")?;
        Some((slot::measure(&aws, program, step, rounds.due, &mut numbers)?, step.clone()))
    } else {
        None
    };
    let fanned_out = if chosen("release") {
        println!("Passing an update on to {} followers", rounds.followers);
        let named = |programs: &[Program], name: &str| {
            programs
                .iter()
                .find(|program| program.name == name)
                .cloned()
                .with_context(|| format!("no {name}"))
        };
        let (merge, release) = (named(&counted, "assign")?, named(&timed, "release")?);
        let programs = followers::Programs { merge: &merge, release: &release };
        // The release of the assignment, after which the report is still open and on the unit's desk.
        let assigned = life.iter().position(|step| step.name == "assign").context("no assignment")?;
        let released =
            life.iter().skip(assigned).find(|step| step.name == "release").context("no release")?;
        let steps = (&life[assigned], released);
        Some(followers::measure(&aws, &programs, steps, rounds.followers, &mut numbers)?)
    } else {
        None
    };
    let large = if chosen("photo") && !options.smoke {
        println!("Cleaning 48 megapixels");
        let program = timed.iter().find(|program| program.name == "photo").context("no photo")?;
        let step = step("photo").context("no photo")?;
        Some(measure::large(&aws, program, step, &mut numbers)?)
    } else {
        None
    };
    drop(aws);
    let pictures = if !chosen("photo") && !chosen("view") {
        Vec::new()
    } else {
        println!("Drawing pictures");
        pictures::measure(&measure::binary(&options.functions, "picture")?, rounds.drawn)?
    };

    let counted = cost::Counted {
        functions: &functions,
        life: &life,
        hourly: &hourly,
        idle: &idle,
        warm: &warm,
        of_new: &of_new,
        web: web.as_ref(),
    };
    // What was not measured cannot be reckoned.
    let bill =
        if options.only.is_empty() { Some(cost::bill(&options.root, &template, &counted)?) } else { None };
    let growth = if options.only.is_empty() {
        growth::grow(options, &template, &functions, &life, &least, &rounds.sizes, rounds.growth)?
    } else {
        Vec::new()
    };
    let found = Findings {
        machine: machine(),
        starts,
        warm,
        in_country,
        slot,
        late,
        fanned_out,
        large,
        pictures,
        life,
        bill,
        growth,
        tool,
        web,
    };
    write_out(options, &found)
}

/// Writes what was found, and says it.
fn write_out(options: &Options, found: &Findings) -> Result<()> {
    fs::create_dir_all(&options.out)?;
    // A run of everything is not overwritten by a glance at something.
    let name = match (options.smoke, options.only.is_empty()) {
        (true, _) => "smoke",
        (false, false) => "part",
        (false, true) => "bench",
    };
    let write = |kind: &str, text: &str| fs::write(options.out.join(format!("{name}.{kind}")), text);
    write("json", &serde_json::to_string_pretty(&report::json(found))?)?;
    let text = report::text(found);
    write("md", &text)?;
    if !found.growth.is_empty() {
        write("svg", &report::plot(&found.growth))?;
    }
    println!("\n{text}");
    println!("Written to {}", options.out.display());
    Ok(())
}

/// Every function, with its settings, where calls are counted or where they are not.
fn programs(functions: &[Deployed], options: &Options, aws: &Aws, counted: bool) -> Result<Vec<Program>> {
    let program = |function: &Deployed| {
        Ok(life::program(function, &measure::binary(&options.functions, &function.name)?, aws, counted))
    };
    functions.iter().map(program).collect()
}

/// Reports for a page and more on the desk that is looked at.
fn fill_desk(aws: &Aws, life: &[Step], numbers: &mut Numbers) -> Result<()> {
    let step = life.iter().find(|step| step.name == "validate").context("no validation")?;
    for _ in 0..40 {
        aws.restore(&step.before, &life::renamed(step, numbers.next()))?;
    }
    Ok(())
}

/// What a function calls at its first request and not at the same one later, by function.
fn of_new_processes(first: &[Step], later: &[Step]) -> BTreeMap<&'static str, Vec<aws::Call>> {
    let mut found: BTreeMap<&'static str, Vec<aws::Call>> = BTreeMap::new();
    for (first, later) in first.iter().zip(later) {
        found.entry(first.function).or_insert_with(|| {
            let mut known: Vec<&str> = later.calls.iter().map(|call| call.operation.as_str()).collect();
            let mut calls = first.calls.clone();
            calls.retain(|call| match known.iter().position(|known| *known == call.operation) {
                Some(place) => {
                    known.swap_remove(place);
                    false
                }
                None => true,
            });
            calls
        });
    }
    found
}

/// What this was measured on.
fn machine() -> BTreeMap<&'static str, String> {
    let read = |path: &str| fs::read_to_string(Path::new(path)).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let cores = cpu.lines().filter(|line| line.starts_with("processor")).count();
    let memory = read("/proc/meminfo");
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:")).unwrap_or_default();
    BTreeMap::from([
        ("cpu", model.trim_start_matches([' ', '\t', ':']).to_owned()),
        ("cores", cores.to_string()),
        ("kernel", read("/proc/sys/kernel/osrelease").trim().to_owned()),
        ("load", read("/proc/loadavg").split(' ').take(3).collect::<Vec<_>>().join(" ")),
        ("memory", memory.trim().to_owned()),
    ])
}
