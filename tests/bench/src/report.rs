//! The result as tables and as a picture.

use crate::{
    aws::{Call, stages},
    cost::Bill,
    followers::FannedOut,
    growth::Point,
    life::Step,
    measure::{Start, Warm},
    pictures::{Picture, Run},
    slot::Slot,
    tool::{Ran, Tool},
    web::{Page, Web},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

fn start_json(start: &Start) -> Value {
    json!({
        "function": start.function,
        "ready": start.ready.json(),
        "ready_of_smallest": start.smallest_ready.json(),
        "ready_ratio": start.ready.beside(&start.smallest_ready),
        "first_answer": start.first.json(),
        "first_answer_of_smallest": start.smallest_first.json(),
        "zip_bytes": start.zip,
        "binary_bytes": start.binary,
        "calls": start.calls.iter().map(|call| call.operation.clone()).collect::<Vec<_>>(),
    })
}

fn warm_json(warm: &Warm) -> Value {
    json!({
        "step": warm.step.name,
        "function": warm.step.function,
        "subject": warm.subject.json(),
        "empty_lambda": warm.empty_lambda.json(),
        "sdk_baseline": warm.sdk_baseline.json(),
        "overhead_p50_ms": warm.subject.percentile(50) - warm.sdk_baseline.percentile(50),
        "peak_kib": warm.peak,
        "calls": counted(&warm.step.calls),
        "in_a_row": stages(&warm.step.calls).len(),
        "reads": reads(&warm.step),
        "writes": writes(&warm.step),
    })
}

fn step_json(step: &Step) -> Value {
    json!({
        "step": step.name,
        "function": step.function,
        "times": step.times,
        "calls": step.calls.iter().map(|call| json!({
            "service": call.service, "operation": call.operation, "reads": call.reads, "writes": call.writes,
        })).collect::<Vec<Value>>(),
        "in_a_row": stages(&step.calls).len(),
    })
}

fn reads(step: &Step) -> f64 {
    step.calls.iter().map(|call| call.reads).sum()
}

fn writes(step: &Step) -> f64 {
    step.calls.iter().map(|call| call.writes).sum()
}

/// How often each operation was called.
fn counted(calls: &[Call]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for call in calls {
        *counts.entry(call.operation.as_str()).or_default() += 1;
    }
    counts
}

/// `2 GetItem → TransactWriteItems`: an arrow where one waits for the other.
fn words(calls: &[Call]) -> String {
    let stages = stages(calls).into_iter().map(|stage| {
        let stage: Vec<Call> = stage.into_iter().cloned().collect();
        let words = counted(&stage)
            .into_iter()
            .map(|(name, count)| if count == 1 { name.to_owned() } else { format!("{count} {name}") });
        words.collect::<Vec<_>>().join(" + ")
    });
    let mut lines: Vec<(String, usize)> = Vec::new();
    for stage in stages {
        match lines.last_mut() {
            Some((before, times)) if *before == stage => *times += 1,
            _ => lines.push((stage, 1)),
        }
    }
    let lines = lines.into_iter().map(
        |(stage, times)| {
            if times == 1 { stage } else { format!("{times} × ({stage})") }
        },
    );
    lines.collect::<Vec<_>>().join(" → ")
}

/// The results of all measurements.
#[derive(Default)]
pub(crate) struct Findings {
    /// The machine that it was measured on.
    pub(crate) machine: BTreeMap<&'static str, String>,
    pub(crate) starts: Vec<Start>,
    pub(crate) warm: Vec<Warm>,
    /// The most memory of `photo` on 48 megapixels, in KiB.
    pub(crate) large: Option<u64>,
    pub(crate) pictures: Vec<Picture>,
    pub(crate) life: Vec<Step>,
    pub(crate) bill: Option<Bill>,
    pub(crate) growth: Vec<Point>,
    /// None where it was not measured.
    /// A submission to a stack with the country's map.
    pub(crate) in_country: Option<(Warm, Vec<Call>)>,
    pub(crate) slot: Option<Slot>,
    /// As many escalations at one slot, and one of them.
    pub(crate) late: Option<(Slot, Step)>,
    /// Many merges into one report, and one update of it.
    pub(crate) fanned_out: Option<FannedOut>,
    pub(crate) tool: Option<Tool>,
    pub(crate) web: Option<Web>,
}

/// Everything, for a program to read.
pub(crate) fn json(found: &Findings) -> Value {
    json!({
        "machine": found.machine,
        "start": found.starts.iter().map(start_json).collect::<Vec<Value>>(),
        "warm": found.warm.iter().map(warm_json).collect::<Vec<Value>>(),
        "life": found.life.iter().map(step_json).collect::<Vec<Value>>(),
        "peak_kib_of_48_megapixels": found.large,
        "pictures": found.pictures.iter().map(Picture::json).collect::<Vec<Value>>(),
        "bill": found.bill.as_ref().map(Bill::json),
        "growth": found.growth.iter().map(Point::json).collect::<Vec<Value>>(),
        "slot": found.slot.as_ref().map(Slot::json),
        "fanned_out": found.fanned_out.as_ref().map(|FannedOut { merge, run }| json!({
            "merge": counted(merge), "merge_writes": merge.iter().map(|call| call.writes).sum::<f64>(), "run": run.json(),
        })),
        "late": found.late.as_ref().map(|(slot, step)| json!({"slot": slot.json(), "escalation": step_json(step)})),
        "tool": found.tool.as_ref().map(Tool::json),
        "web": found.web.as_ref().map(|web| json!({
            "pages": web.pages.iter().map(Page::json).collect::<Vec<Value>>(), "peak_kib": web.peak,
        })),
    })
}

/// All tables of the results, in Markdown.
pub(crate) fn text(found: &Findings) -> String {
    let mut text = String::new();
    let of = |name: &str| found.machine.get(name).cloned().unwrap_or_default();
    let _ = writeln!(
        text,
        "Machine: {}, {} cores, {} of memory, Linux {}; load when it ended: {}.\n",
        of("cpu"),
        of("cores"),
        of("memory"),
        of("kernel"),
        of("load")
    );
    start_table(&mut text, &found.starts, &found.warm);
    if let Some(peak) = found.large {
        let _ = writeln!(text, "`photo` on 48 megapixels: at most {:.0} MiB.\n", peak as f64 / 1024.0);
    }
    warm_table(&mut text, &found.warm);
    if let Some((warm, calls)) = &found.in_country {
        let _ = writeln!(
            text,
            "A submission where the map is a country's: {:.2} ms, {:.2} times its SDK baseline, {} calls, {} read and {} write units.\n",
            warm.subject.percentile(50),
            warm.subject.beside(&warm.sdk_baseline),
            calls.len(),
            calls.iter().map(|call| call.reads).sum::<f64>(),
            calls.iter().map(|call| call.writes).sum::<f64>(),
        );
    }
    if let Some(slot) = &found.slot {
        let _ = writeln!(text, "{}, {:.0} a second and processor.\n", slot.of("reports"), slot.a_second());
    }
    if let Some((slot, step)) = &found.late {
        let _ = writeln!(text, "{}, {} write units each.\n", slot.of("escalations"), writes(step),);
    }
    if let Some(FannedOut { merge, run }) = &found.fanned_out {
        let writes: f64 = merge.iter().map(|call| call.writes).sum();
        let _ = writeln!(
            text,
            "A merge: {}, {writes} write units. {}, {:.0} a second and processor, {:.0} by the clock.\n",
            words(merge),
            run.of("followers"),
            run.a_second(),
            run.reports as f64 / run.took.as_secs_f64(),
        );
    }
    if let Some(web) = &found.web {
        portal_table(&mut text, web);
    }
    picture_table(&mut text, &found.pictures);
    if let Some(bill) = &found.bill {
        bill_table(&mut text, &found.life, bill);
    }
    growth_table(&mut text, &found.growth);
    if let Some(tool) = &found.tool {
        tool_table(&mut text, tool);
    }
    text
}

fn tool_table(text: &mut String, tool: &Tool) {
    let Tool { size, help, least, commands, areas, country: _, map } = tool;
    let _ = writeln!(text, "### The operators' tool\n");
    let _ = writeln!(
        text,
        "`tuntas --help` takes {:.1} ms, {:.1} times what `true` takes. A city of {} units, {} officers and {} channels, where each call \
         to AWS takes 20 ms:\n",
        help.percentile(50),
        help.beside(least),
        size.units,
        size.officers,
        size.channels
    );
    let _ = writeln!(text, "| command | seconds | calls |\n|---|--:|--:|");
    for Ran { command, time, calls } in commands {
        let _ = writeln!(text, "| `{command}` | {:.2} | {calls} |", time.as_secs_f64());
    }
    let _ = writeln!(text, "\nThe country has {areas} areas. {map}\n");
}

fn start_table(text: &mut String, starts: &[Start], warm: &[Warm]) {
    if starts.is_empty() {
        return;
    }
    let _ = writeln!(text, "### Start\n");
    let _ = writeln!(
        text,
        "| function | ready, ms | empty Lambda | times | first answer, ms | empty Lambda | calls of a new process | zip, MiB | peak memory, MiB |"
    );
    let _ = writeln!(text, "|---|--:|--:|--:|--:|--:|---|--:|--:|");
    for start in starts {
        let (ready, least) = (start.ready.percentile(50), start.smallest_ready.percentile(50));
        let peak =
            warm.iter().filter(|warm| warm.step.function == start.function).map(|warm| warm.peak).max();
        let _ = writeln!(
            text,
            "| `{}` | {ready:.1} | {least:.1} | {:.1} | {:.1} | {:.1} | {} | {:.2} | {} |",
            start.function,
            start.ready.beside(&start.smallest_ready),
            start.first.percentile(50),
            start.smallest_first.percentile(50),
            words(&start.calls),
            mib(start.zip as f64),
            peak.map_or_else(String::new, |peak| format!("{:.1}", peak as f64 / 1024.0)),
        );
    }
    let _ = writeln!(text);
}

fn warm_table(text: &mut String, warm: &[Warm]) {
    if warm.is_empty() {
        return;
    }
    let _ = writeln!(text, "### Warm\n");
    let _ = writeln!(
        text,
        "| step | function | p50, ms | p99, ms | baseline p50 | baseline p99 | overhead | empty Lambda p50 | calls | reads | writes |"
    );
    let _ = writeln!(text, "|---|---|--:|--:|--:|--:|--:|--:|---|--:|--:|");
    for warm in warm {
        let (p50, sdk_baseline) = (warm.subject.percentile(50), warm.sdk_baseline.percentile(50));
        let _ = writeln!(
            text,
            "| {} | `{}` | {p50:.2} | {:.2} | {sdk_baseline:.2} | {:.2} | {:.2} | {:.2} | {} | {} | {} |",
            warm.step.name,
            warm.step.function,
            warm.subject.percentile(99),
            warm.sdk_baseline.percentile(99),
            p50 - sdk_baseline,
            warm.empty_lambda.percentile(50),
            words(&warm.step.calls),
            reads(&warm.step),
            writes(&warm.step),
        );
    }
    let _ = writeln!(text);
}

fn portal_table(text: &mut String, web: &Web) {
    let _ = writeln!(text, "### Portal\n");
    let _ = writeln!(text, "`web` took {:.1} MiB of memory at most.\n", web.peak as f64 / 1024.0);
    let _ = writeln!(
        text,
        "| page | p50, ms | p99, ms | its calls, p50 | overhead | empty Lambda p50 | bytes of the page | of cookies | of the API's answers |"
    );
    let _ = writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|--:|");
    for page in &web.pages {
        let _ = writeln!(
            text,
            "| {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {} | {} |",
            page.name,
            page.subject.percentile(50),
            page.subject.percentile(99),
            page.calls.percentile(50),
            page.overhead(),
            page.empty_lambda.percentile(50),
            page.page_bytes,
            page.cookie_bytes,
            page.answer_bytes,
        );
    }
    let _ = writeln!(text);
}

fn picture_table(text: &mut String, pictures: &[Picture]) {
    if pictures.is_empty() {
        return;
    }
    let _ = writeln!(text, "### Pictures\n");
    let _ = writeln!(
        text,
        "| what | megapixels | p50, ms | `vipsthumbnail` | times | peak memory, MiB | `vipsthumbnail` | times |"
    );
    let _ = writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|");
    for picture in pictures {
        // What was not compared has no figure.
        let beside = |figure: &dyn Fn(&Run) -> String| picture.vips.as_ref().map_or("".to_owned(), figure);
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {} | {} | {:.0} | {} | {} |",
            picture.what,
            picture.megapixels,
            picture.ours.times.percentile(50),
            beside(&|vips| format!("{:.0}", vips.times.percentile(50))),
            beside(&|vips| format!("{:.2}", picture.ours.times.beside(&vips.times))),
            picture.ours.peak as f64 / 1024.0,
            beside(&|vips| format!("{:.0}", vips.peak as f64 / 1024.0)),
            beside(&|vips| format!("{:.2}", picture.memory(vips))),
        );
    }
    let _ = writeln!(text);
}

fn bill_table(text: &mut String, life: &[Step], bill: &Bill) {
    let count = |filter: &dyn Fn(&Step) -> bool| -> usize {
        life.iter().filter(|step| filter(step)).map(|step| step.times).sum()
    };
    let _ = writeln!(text, "### Cost\n");
    let _ = writeln!(
        text,
        "A life: {} invocations, {} of them cleaning a photo, {} an officer's look, {} the reporter's, {} a message to the \
         reporter. Prices of {}, {}; {:.0} reports a month.\n",
        count(&|_| true),
        count(&|step| step.name == "photo"),
        count(&|step| ["desk", "report", "view"].contains(&step.name)),
        count(&|step| step.name == "track"),
        count(&|step| step.name == "deliver"),
        bill.as_of,
        bill.region,
        bill.reports_a_month,
    );
    let _ = writeln!(
        text,
        "| what | a life | a month | dollars per million lives | dollars a month | less what is free |"
    );
    let _ = writeln!(text, "|---|--:|--:|--:|--:|--:|");
    for line in &bill.lines {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.0} | {:.2} | {:.2} |",
            line.what,
            amount(line.a_life),
            amount(line.a_month),
            line.dollars_per_million_lives,
            line.dollars_a_month,
            line.dollars_to_pay
        );
    }
    let _ = writeln!(
        text,
        "| **together** | | | **{:.0}** | **{:.2}** | **{:.2}** |\n",
        bill.per_million_lives(),
        bill.by_list(),
        bill.to_pay()
    );
    let _ = writeln!(
        text,
        "The portal, where officers do all of this in it: {:.0} pages a month, {:.2} dollars more by the list, {:.2} less what is free:\n",
        bill.pages_a_month,
        bill.portal.iter().map(|line| line.dollars_a_month).sum::<f64>(),
        bill.portal.iter().map(|line| line.dollars_to_pay).sum::<f64>(),
    );
    let _ = writeln!(
        text,
        "| what | a life | a month | dollars a month | less what is free |\n|---|--:|--:|--:|--:|"
    );
    for line in &bill.portal {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.2} | {:.2} |",
            line.what,
            amount(line.a_life),
            amount(line.a_month),
            line.dollars_a_month,
            line.dollars_to_pay
        );
    }
    let _ = writeln!(
        text,
        "\nPhotos that are kept are {:.2} MB a life, and {:.2} dollars more each month.\n",
        bill.photo_bytes / 1e6,
        bill.photo_dollars
    );
}

fn growth_table(text: &mut String, growth: &[Point]) {
    if growth.is_empty() {
        return;
    }
    let _ = writeln!(text, "### Growth\n");
    let _ = writeln!(
        text,
        "| what | reports | p50, ms | baseline p50, ms | times the SDK baseline | against the smallest table | reads | writes |"
    );
    let _ = writeln!(text, "|---|--:|--:|--:|--:|--:|--:|--:|");
    let mut sorted: Vec<&Point> = growth.iter().collect();
    sorted.sort_by_key(|point| (point.what, point.reports));
    for point in sorted {
        let first = growth.iter().find(|first| first.what == point.what).map_or(1.0, Point::relative);
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {} | {} |",
            point.what,
            point.reports,
            point.subject.percentile(50),
            point.sdk_baseline.percentile(50),
            point.relative(),
            point.relative() / first,
            point.reads,
            point.writes
        );
    }
    let _ = writeln!(text);
}

fn mib(bytes: f64) -> f64 {
    bytes / 1024.0 / 1024.0
}

fn amount(number: f64) -> String {
    if number == 0.0 {
        String::new()
    } else if number < 100.0 {
        let text = format!("{number:.3}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{number:.0}")
    }
}

/// How the acts' times beside those of the SDK baseline move with the size of the table: an SVG with one line for each.
pub(crate) fn plot(growth: &[Point]) -> String {
    const COLOURS: [&str; 4] = ["#1f77b4", "#d62728", "#2ca02c", "#9467bd"];
    let (width, height, left, top) = (640.0, 300.0, 60.0, 40.0);
    let (right, bottom) = (width - 150.0, height - 45.0);
    let logs: Vec<f64> = growth.iter().map(|point| (point.reports as f64).log10()).collect();
    let least = logs.iter().copied().fold(f64::INFINITY, f64::min);
    let most = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max).max(least + 0.1);
    let tallest = growth.iter().map(Point::relative).fold(2.0, f64::max).ceil();
    let x = |reports: usize| left + ((reports as f64).log10() - least) / (most - least) * (right - left);
    let y = |times: f64| bottom - times / tallest * (bottom - top);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n\
         <text x=\"{left}\" y=\"18\">p50 as a multiple of the SDK baseline (dashed), by number of reports</text>\n\
         <path d=\"M{left} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"#444\"/>\n\
         <path d=\"M{left} {0:.1}H{right}\" stroke=\"#444\" stroke-dasharray=\"4 3\"/>\n",
        y(1.0),
    );
    for step in 0..=4 {
        let times = tallest * f64::from(step) / 4.0;
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{times:.1}</text>",
            left - 6.0,
            y(times) + 4.0
        );
    }
    let sizes: BTreeSet<usize> = growth.iter().map(|point| point.reports).collect();
    for size in sizes {
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"middle\">{size}</text>",
            x(size),
            bottom + 18.0
        );
    }
    let mut names: Vec<&str> = Vec::new();
    for point in growth {
        if !names.contains(&point.what) {
            names.push(point.what);
        }
    }
    for (place, name) in names.iter().enumerate() {
        let colour = COLOURS[place % COLOURS.len()];
        let its = growth.iter().filter(|point| point.what == *name);
        let line: Vec<String> =
            its.map(|point| format!("{:.1},{:.1}", x(point.reports), y(point.relative()))).collect();
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
            line.join(" ")
        );
        let _ = writeln!(
            svg,
            "<text x=\"{:.0}\" y=\"{:.0}\" fill=\"{colour}\">{name}</text>",
            right + 26.0,
            top + 16.0 * (place as f64 + 1.0)
        );
    }
    svg + "</svg>\n"
}
