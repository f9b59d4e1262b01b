//! What the terminal shows: plain text, with some of it bold or dim where that is understood.

use super::api::{Answer, Call};
use std::{io::IsTerminal, sync::LazyLock};

static STYLED: LazyLock<bool> = LazyLock::new(|| {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
});

/// How long a line may get before it is broken, where it can be.
const WIDTH: usize = 104;

fn styled(code: u8, text: &str) -> String {
    if *STYLED { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Formats text that matters.
pub(super) fn bold(text: &str) -> String {
    styled(1, text)
}

/// Formats text of less importance.
pub(super) fn dim(text: &str) -> String {
    styled(2, text)
}

/// Prints the heading of a step.
pub(super) fn heading(text: &str) {
    println!("\n{}", bold(text));
}

/// Prints one line of explanation.
pub(super) fn note(text: &str) {
    println!("  {text}");
}

/// A call that was made, and what it was for.
pub(super) fn call(call: &Call, answer: &Answer, what: &str) {
    let status = bold(&answer.status.to_string());
    println!("  {:<4} {:<40} {status}  {what}", call.method, call.template);
}

/// Columns as wide as they need to be, under a dim line of names. The last cell of a row that is shorter than the others
/// may reach into the next columns.
pub(super) fn table(names: &[&str], rows: &[Vec<String>]) {
    let widths: Vec<usize> = names
        .iter()
        .enumerate()
        .map(|(column, name)| {
            let whole = rows.iter().filter(|row| column + 1 < row.len() || row.len() >= names.len());
            let cells = whole.filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
            cells.chain([name.chars().count()]).max().unwrap_or(0)
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    println!("    {}", dim(&line(&mut names.iter().copied())));
    for row in rows {
        println!("    {}", line(&mut row.iter().map(String::as_str)));
    }
}

/// A JSON text, broken between its fields.
pub(super) fn json(text: &str) {
    let mut line = String::new();
    for (index, rest) in text.split(",\"").enumerate() {
        let field = if index == 0 { rest.to_owned() } else { format!("\"{rest}") };
        if line.is_empty() {
            line = field;
        } else if line.chars().count() + field.chars().count() < WIDTH {
            line = format!("{line},{field}");
        } else {
            println!("      {}", dim(&format!("{line},")));
            line = field;
        }
    }
    println!("      {}", dim(&line));
}
