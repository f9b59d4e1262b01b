//! How long masking takes: the first text of a process, and 4,000 characters after it.
//!
//! `cargo run --release --bin text` here. Texts are of the corpus with which recall is measured, so nearly each sentence has a
//! piece: worse than what people write.
#![expect(clippy::print_stdout, reason = "a command answers on the terminal")]

use domain::personal_data::{masked, pieces};
use std::{
    collections::BTreeSet,
    hint::black_box,
    time::{Duration, Instant},
};

const CORPUS: [(&str, &str); 2] = [
    ("sentences", include_str!("../../../../shared/domain/tests/personal_data/corpus.txt")),
    ("unusual spellings", include_str!("../../../../shared/domain/tests/personal_data/spellings.txt")),
];
/// The most characters that a text may have.
const CHARACTERS: usize = 4000;
const TIMES: usize = 50;

fn main() {
    // Patterns are compiled when the first text is searched.
    println!("the first text of a process: {:.1?}", timed("Jalan berlubang."));
    for (name, corpus) in CORPUS {
        let symbols: Vec<char> = corpus.lines().map(unmarked).collect::<Vec<_>>().join(" ").chars().collect();
        let texts = symbols.chunks_exact(CHARACTERS).map(String::from_iter);
        let mut times: Vec<(Duration, usize)> =
            texts.map(|text| (median(&text), pieces(&text).len())).collect();
        times.sort_unstable();
        if let (Some((least, _)), Some((most, found))) = (times.first(), times.last()) {
            println!("{CHARACTERS} characters of {name}: {least:.1?} to {most:.1?} with {found} pieces");
        }
    }
}

/// A sentence without its marks, `⟦phone:0812…⟧`.
fn unmarked(line: &str) -> String {
    let parts = line.split('⟦').enumerate().map(|(n, part)| match part.split_once(':') {
        Some((_, piece)) if n > 0 => piece,
        _ => part,
    });
    parts.collect::<String>().replace('⟧', "")
}

fn median(text: &str) -> Duration {
    let mut times: Vec<Duration> = (0..TIMES).map(|_| timed(text)).collect();
    times.sort_unstable();
    times.get(TIMES / 2).copied().unwrap_or_default()
}

fn timed(text: &str) -> Duration {
    let begun = Instant::now();
    black_box(masked(&BTreeSet::new(), black_box(text)));
    begun.elapsed()
}
