//! Cleaning a photo and drawing a viewer's copy: beside `vipsthumbnail` on the same files, in turns, or alone where there is none.

use crate::measure::Times;
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// Width and height of what telephones make: 12, 24, 48 and 108 megapixels.
const SIZES: [(u32, u32); 4] = [(4000, 3000), (5656, 4242), (8000, 6000), (12_000, 9_000)];

/// The cost of processing one picture.
pub(crate) struct Picture {
    /// The kind of processing: `clean` or `copy`.
    pub(crate) what: &'static str,
    pub(crate) megapixels: f64,
    pub(crate) ours: Run,
    /// None where `vipsthumbnail` is not installed.
    pub(crate) vips: Option<Run>,
}

/// What many runs of one program took.
#[derive(Default)]
pub(crate) struct Run {
    pub(crate) times: Times,
    /// KiB, of the run that had the most.
    pub(crate) peak: u64,
}

impl Picture {
    fn of(what: &'static str, (width, height): (u32, u32), beside_vips: bool) -> Self {
        let megapixels = f64::from(width) * f64::from(height) / 1e6;
        Self { what, megapixels, ours: Run::default(), vips: beside_vips.then(Run::default) }
    }

    /// How much memory it had, in parts of what `vipsthumbnail` had.
    pub(crate) fn memory(&self, vips: &Run) -> f64 {
        self.ours.peak as f64 / vips.peak.max(1) as f64
    }

    pub(crate) fn json(&self) -> Value {
        let vips = self.vips.as_ref();
        json!({
            "what": self.what,
            "megapixels": self.megapixels,
            "time": self.ours.times.json(),
            "vipsthumbnail_time": vips.map(|vips| vips.times.json()),
            "time_ratio": vips.map(|vips| self.ours.times.beside(&vips.times)),
            "peak_kib": self.ours.peak,
            "vipsthumbnail_peak_kib": vips.map(|vips| vips.peak),
            "memory_ratio": vips.map(|vips| self.memory(vips)),
        })
    }
}

/// Whether there is anything to compare with. `cargo xtask bench` asks the same before it builds.
fn has_vips() -> bool {
    let version =
        Command::new("vipsthumbnail").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Makes the pictures, cleans and copies them.
pub(crate) fn measure(binary: &Path, rounds: usize) -> Result<Vec<Picture>> {
    let folder = std::env::temp_dir().join(format!("tuntas-pictures-{}", std::process::id()));
    fs::create_dir_all(&folder).context("no folder for pictures")?;
    let measured = in_folder(binary, &folder, rounds);
    fs::remove_dir_all(&folder).context("cannot clear up")?;
    measured
}

fn in_folder(binary: &Path, folder: &Path, rounds: usize) -> Result<Vec<Picture>> {
    let path = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let (from, ours, theirs) = (path("from.jpg"), path("ours.jpg"), path("theirs.jpg"));
    let vips = |of: &str| {
        let mut command = Command::new("vipsthumbnail");
        // Both turn the colours of a telephone's profile into sRGB.
        command.arg(of).args([
            "--size",
            "1600x1600>",
            "--export-profile",
            "srgb",
            "-o",
            &format!("{theirs}[Q=85,strip]"),
        ]);
        command
    };
    let own = |what: &str, of: &str| {
        let mut command = Command::new(binary);
        command.args([what, of, &ours]);
        command
    };
    let mut pictures = Vec::new();
    let beside_vips = has_vips();
    for size in SIZES {
        let photograph = media::fixtures::photograph(size.0, size.1, 7, true, "bench");
        fs::write(&from, media::fixtures::in_display_p3(&photograph))?;
        let mut picture = Picture::of("clean", size, beside_vips);
        in_turns(&mut picture, rounds, || own("clean", &from), || vips(&from))?;
        pictures.push(picture);
    }
    // What is cleaned has one size, so one row says what a copy of it takes.
    let clean = path("clean.jpg");
    fs::rename(&ours, &clean)?;
    let mut copy = Picture::of("copy", (1600, 1200), beside_vips);
    in_turns(&mut copy, rounds, || own("copy", &clean), || vips(&clean))?;
    pictures.push(copy);
    Ok(pictures)
}

fn in_turns(
    picture: &mut Picture,
    rounds: usize,
    ours: impl Fn() -> Command,
    vips: impl Fn() -> Command,
) -> Result<()> {
    for round in 0..=rounds {
        for turn in 0..2 {
            let (run, mut command) = match &mut picture.vips {
                _ if (turn + round) % 2 == 0 => (&mut picture.ours, ours()),
                Some(run) => (run, vips()),
                None => continue,
            };
            let (time, peak) = watched(&mut command)?;
            // The first round brings programs and pictures into memory.
            if round > 0 {
                run.times.add(time);
                run.peak = run.peak.max(peak);
            }
        }
    }
    Ok(())
}

/// Runs a program: how long, and the most memory it had, in KiB.
///
/// `getrusage` would not do: it begins with the memory of whoever started the program, and that is a whole database here.
fn watched(command: &mut Command) -> Result<(Duration, u64)> {
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let started = crate::http::now();
    let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
    let mut peak = 0;
    let status = loop {
        peak = peak_of(&child).unwrap_or_default().max(peak);
        if let Some(status) = child.try_wait()? {
            break status;
        }
        thread::sleep(Duration::from_millis(1));
    };
    let time = crate::http::now() - started;
    ensure!(status.success(), "{command:?}: {status}");
    Ok((time, peak))
}

fn peak_of(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    // Until it has become the program, it is a copy of this one.
    let name = status.lines().find_map(|line| line.strip_prefix("Name:"))?.trim();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).filter(|_| name != "bench")?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}
