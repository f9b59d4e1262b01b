//! One picture from a file into a file, as `photo` and `view` make it: the work of those functions without Lambda and S3.
#![expect(clippy::print_stderr, reason = "a command answers on the terminal")]

use std::{fs, process::ExitCode};

/// As many symbols as a code has, and a label of two lines.
const CODE: &str = "BENCH234";
const LABEL: &str = "LAPORAN PRIBADI - jangan disebarkan";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &arguments[..] {
        [what, from, into] => match make(what, from, into) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("picture: {why}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("picture: (clean | copy) FROM INTO");
            ExitCode::FAILURE
        }
    }
}

fn make(what: &str, from: &str, into: &str) -> Result<(), String> {
    let bytes = fs::read(from).map_err(|error| error.to_string())?;
    let made = match what {
        "clean" => media::clean(&bytes).map(|cleaned| cleaned.jpeg),
        "copy" => media::copy_for_viewer(&bytes, CODE, LABEL),
        _ => return Err(format!("there is no {what}")),
    };
    let made = made.map_err(|rejected| rejected.word().to_owned())?;
    fs::write(into, made).map_err(|error| error.to_string())
}
