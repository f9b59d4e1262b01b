//! Accounts from a file: checked whole, then made eight at a time.

use super::{
    Accounts, Added, Outcome, Place, Wanted, added, code, compare, complete, email, make, name, tag,
    username, wrong_with,
};
use anyhow::{Context, Result};
use city_folder::csv_form::malformed;
use cli::{
    exit::Refusal,
    registry::{Kind, Registry},
    target::Which,
    terminal::Terminal,
};
use csv::StringRecord;
use domain::{officer::Tag, unit::Code};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
    path::Path,
};

/// The columns, in this order.
const COLUMNS: [&str; 6] = ["username", "name", "email", "tags", "unit", "channel"];
/// How many calls are made at once.
const AT_ONCE: usize = 8;

/// A row that holds an account, with its line in the file.
struct Row {
    line: u64,
    wanted: Wanted,
}

/// What is wrong with a file: line by line.
#[derive(Default)]
struct Errors(BTreeSet<(u64, String)>);

impl Errors {
    fn add(&mut self, line: u64, what: impl Into<String>) {
        self.0.insert((line, what.into()));
    }

    /// Refuses the file where anything is wrong with it.
    fn refuse(self, file: &Path) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> =
            self.0.iter().map(|(line, what)| format!("{}:{line}: {what}", file.display())).collect();
        Err(Refusal::Invalid(format!("nothing was changed, because of\n{}", lines.join("\n"))).into())
    }
}

/// What became of a file's rows.
#[derive(Serialize)]
struct Imported {
    made: usize,
    completed: usize,
    unchanged: usize,
    /// Those of earlier runs that have not signed in yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    invited_before: Vec<String>,
    /// Those with a password to hand over.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    accounts: Vec<Added>,
    #[serde(skip)]
    mailed: bool,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { made, completed, unchanged, invited_before, accounts, mailed } = self;
        write!(f, "{made} accounts made")?;
        if *completed > 0 {
            write!(f, ", {completed} completed")?;
        }
        write!(f, ", {unchanged} there as asked for.")?;
        if *mailed && *made > 0 {
            write!(f, " Cognito sends the invitations.")?;
        }
        if !invited_before.is_empty() {
            let count = invited_before.len();
            let lost = "if an invitation or a password of theirs got lost, tuntas officer invite";
            write!(f, " {count} of earlier runs have not signed in yet: {lost}.")?;
        }
        if !accounts.is_empty() {
            writeln!(f, " The temporary passwords, good for three days and shown this once:")?;
        }
        for account in accounts {
            if let Some(password) = &account.temporary_password {
                write!(f, "\n  {:<24}  {}", account.username, password.expose())?;
            }
        }
        Ok(())
    }
}

/// Makes the accounts of a file, if all of it is right.
pub(super) async fn import(
    file: &Path,
    print_password: bool,
    which: &Which,
    terminal: Terminal,
) -> Result<()> {
    let text = std::fs::read(file)
        .map_err(|error| Refusal::Invalid(format!("cannot read {}: {error}", file.display())))?;
    let (rows, mut errors) = rows(&text);
    // Without a row that can be understood there is nothing to ask of the stack.
    if rows.is_empty() {
        return errors.refuse(file);
    }
    let target = which.target().await?;
    let accounts = Accounts::of(&target)?;
    check_codes(&Registry::of(&target)?, &rows, &mut errors).await?;
    let there = accounts.list(None).await?;
    let there: HashMap<&str, _> = there.iter().map(|account| (account.username.as_str(), account)).collect();
    let (mut waiting, mut done) = (Vec::new(), Vec::new());
    for Row { line, wanted } in rows {
        let account = there.get(wanted.username.as_str());
        let is_invited = account.is_some_and(|account| account.invited);
        match account.map(|account| compare(account, &wanted)) {
            Some(Err(differs)) => errors.add(line, differs.to_string()),
            Some(Ok(Outcome::Unchanged)) => done.push(added(&wanted, Outcome::Unchanged, is_invited, None)),
            Some(Ok(_)) | None => waiting.push(wanted),
        }
    }
    errors.refuse(file)?;

    let bar = terminal.progress(waiting.len() as u64, "accounts");
    let stopped = Cell::new(false);
    let results: Vec<_> = stream::iter(&waiting)
        .map(|wanted| async {
            // After a failure nothing new is begun, and what has begun is brought to its end: its password must be shown.
            if stopped.get() {
                return None;
            }
            let held = there.get(wanted.username.as_str()).map(|account| &account.tags);
            let result = bring_about(&accounts, wanted, held, print_password).await;
            stopped.set(stopped.get() || result.is_err());
            bar.inc(1);
            Some(result)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    bar.finish_and_clear();
    let mut failure = None;
    for result in results.into_iter().flatten() {
        match result {
            Ok(added) => done.push(added),
            Err(error) => failure = failure.or(Some(error)),
        }
    }
    let count = |outcome: Outcome| done.iter().filter(|added| added.outcome == outcome).count();
    let (made, completed, unchanged) =
        (count(Outcome::Made), count(Outcome::Completed), count(Outcome::Unchanged));
    let mut invited_before: Vec<String> = done
        .iter()
        .filter(|added| added.invited && added.outcome != Outcome::Made)
        .map(|added| added.username.clone())
        .collect();
    invited_before.sort_unstable();
    done.retain(|added| added.temporary_password.is_some());
    done.sort_unstable_by(|one, other| one.username.cmp(&other.username));
    let mailed = !print_password;
    terminal.print(&Imported { made, completed, unchanged, invited_before, accounts: done, mailed })?;
    match failure {
        Some(error) => Err(error).context("the import stopped; run it again, and it goes on from there"),
        None => Ok(()),
    }
}

/// Makes an account, or gives one that has been begun what it lacks.
async fn bring_about(
    accounts: &Accounts,
    wanted: &Wanted,
    held: Option<&BTreeSet<String>>,
    print_password: bool,
) -> Result<Added> {
    match held {
        Some(held) => complete(accounts, wanted, held).await,
        None => make(accounts, wanted, print_password)
            .await?
            .with_context(|| format!("somebody else made {} meanwhile", wanted.username)),
    }
}

/// The rows that can be understood, and what is wrong with the others.
fn rows(text: &[u8]) -> (Vec<Row>, Errors) {
    let mut errors = Errors::default();
    let mut rows = Vec::new();
    let mut lines: HashMap<String, u64> = HashMap::new();
    // The reader forgives it, and one officer's row may become a part of another's.
    if let Some(malformed) = malformed(text) {
        errors.add(line_of(text, malformed.byte()), malformed.text());
        return (rows, errors);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).has_headers(false).from_reader(text);
    let mut records = reader.records();
    let titled = |first: &StringRecord| first.iter().map(str::trim).eq(COLUMNS);
    if !matches!(records.next(), Some(Ok(first)) if titled(&first)) {
        errors.add(1, format!("the first line must be {}", COLUMNS.join(",")));
        return (rows, errors);
    }
    let line_at =
        |position: &csv::Position| line_of(text, usize::try_from(position.byte()).unwrap_or(usize::MAX));
    for record in records {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                errors.add(error.position().map_or(0, line_at), "this is no UTF-8");
                continue;
            }
        };
        let line = record.position().map_or(0, line_at);
        let Some(wanted) = wanted(&record, line, &mut errors) else { continue };
        if let Some(first) = lines.insert(wanted.username.clone(), line) {
            errors.add(line, format!("{} stands on line {first} already", wanted.username));
            continue;
        }
        rows.push(Row { line, wanted });
    }
    if rows.is_empty() && errors.0.is_empty() {
        errors.add(1, "there is no account in this file");
    }
    (rows, errors)
}

/// The line on which a record begins: the reader counts it before the rest of a line's end that it leaves to the next record.
fn line_of(text: &[u8], byte: usize) -> u64 {
    let (before, rest) = text.split_at(byte.min(text.len()));
    let ends =
        rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    let breaks = before.iter().filter(|byte| **byte == b'\n').count() + ends;
    u64::try_from(breaks).unwrap_or(u64::MAX - 1) + 1
}

/// The account of a row, or everything that is wrong with it.
fn wanted(record: &StringRecord, line: u64, errors: &mut Errors) -> Option<Wanted> {
    if record.len() != COLUMNS.len() {
        errors.add(line, format!("there are {} columns, and not {}", record.len(), COLUMNS.len()));
        return None;
    }
    let before = errors.0.len();
    let field = |place: usize| record.get(place).unwrap_or_default().trim();
    let optional = |place: usize| Some(field(place)).filter(|text| !text.is_empty());
    let mut fits = |checked: Result<String, &'static str>| match checked {
        Ok(value) => value,
        Err(what) => {
            errors.add(line, what);
            String::new()
        }
    };
    let (username, name, email) = (fits(username(field(0))), fits(name(field(1))), fits(email(field(2))));
    let mut tags: Vec<Tag> = Vec::new();
    for text in field(3).split_whitespace() {
        match tag(text) {
            Ok(tag) => tags.push(tag),
            Err(what) => errors.add(line, what),
        }
    }
    let mut of_registry = |place: usize| -> Option<Code> {
        let text = optional(place)?;
        code(text)
            .map_err(|what| errors.add(line, format!("{}: {what}", COLUMNS.get(place).unwrap_or(&""))))
            .ok()
    };
    let (unit, channel) = (of_registry(4), of_registry(5));
    if errors.0.len() > before {
        return None;
    }
    match (Place { tag: tags, unit, channel }).rights() {
        Ok(rights) => Some(Wanted { username, name, email, rights }),
        Err(misfits) => {
            errors.add(line, misfits.to_string());
            None
        }
    }
}

/// Looks each unit and channel up, once.
async fn check_codes(registry: &Registry, rows: &[Row], errors: &mut Errors) -> Result<()> {
    let mut named: BTreeMap<(Kind, &Code), Vec<u64>> = BTreeMap::new();
    for Row { line, wanted } in rows {
        for (kind, code) in [(Kind::Unit, wanted.rights.unit()), (Kind::Channel, wanted.rights.channel())] {
            if let Some(code) = code {
                named.entry((kind, code)).or_default().push(*line);
            }
        }
    }
    let found: Vec<_> = stream::iter(named)
        .map(|((kind, code), lines)| async move {
            Ok::<_, anyhow::Error>((lines, wrong_with(registry, kind, code).await?))
        })
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    for (lines, wrong) in found {
        for line in lines {
            if let Some(what) = &wrong {
                errors.add(line, what);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<String> {
        rows(text.as_bytes()).1.0.into_iter().map(|(line, what)| format!("{line}: {what}")).collect()
    }

    #[test]
    fn a_mark_that_would_join_two_rows_is_an_error() {
        let text = "username,name,email,tags,unit,channel\n\
            budi,\"Budi,budi@contoh.go.id,petugas-opd,dinas-a,\n\
            citra,Citra \"Wulan\",citra@contoh.go.id,petugas-opd,dinas-a,\n";
        let found = errors(text);
        assert!(found.len() == 1 && found[0].starts_with("3: text behind the quotation mark"), "{found:?}");
    }

    #[test]
    fn a_line_that_ends_with_cr_alone_is_an_error() {
        let text = "username,name,email,tags,unit,channel\n\
            budi,Budi,budi@contoh.go.id,petugas-opd,dinas-a,\n\
            citra,Citra,citra@contoh.go.id,petugas-opd,dinas-a,\n";
        assert!(errors(text).is_empty());
        assert_eq!(
            errors(&text.replace('\n', "\r")),
            ["1: a line end of CR alone: line ends must be LF or CRLF"]
        );
    }

    #[test]
    fn every_error_of_a_file_is_named_with_its_line() {
        let text = "username,name,email,tags,unit,channel\n\
            Budi,Budi,budi@contoh.go.id,petugas-opd,dinas-a,\n\
            citra,,citra,penguasa,Dinas A,\n\
            dewi,Dewi,dewi@contoh.go.id,petugas-opd administrator,dinas-a,\n\
            eko,Eko,eko@contoh.go.id,petugas-kanal,,\n\
            fajar,Fajar,fajar@contoh.go.id\n\
            gita,Gita,gita@contoh.go.id,,dinas-a,\n\
            gita,Gita,gita@contoh.go.id,admin-tiket,,\n";
        assert_eq!(errors(&text.replace('\n', "\r\n")), errors(text), "lines end in two ways");
        let found = errors(text);
        for (line, part) in [
            (2, "a username has"),
            (3, "a name has"),
            (3, "no e-mail"),
            (3, "\"penguasa\" is no tag"),
            (3, "unit: a code has"),
            (4, "petugas-opd excludes every other tag"),
            (5, "petugas-kanal needs a channel"),
            (6, "there are 3 columns"),
            (8, "gita stands on line 7 already"),
        ] {
            assert!(
                found.iter().any(|error| error.starts_with(&format!("{line}: ")) && error.contains(part)),
                "{line} {part}: {found:#?}"
            );
        }
        assert_eq!(found.len(), 9, "{found:#?}");
    }

    #[test]
    fn a_file_without_its_first_line_or_without_an_account_is_refused() {
        let title = "1: the first line must be username,name,email,tags,unit,channel";
        for text in ["", "username;name;email\n", "budi,Budi,budi@contoh.go.id,petugas-opd,dinas-a,\n"] {
            assert_eq!(errors(text), [title], "{text}");
        }
        assert_eq!(
            errors("username,name,email,tags,unit,channel\n"),
            ["1: there is no account in this file"]
        );
    }

    #[test]
    fn a_file_as_spreadsheets_write_it_is_read() {
        let text = "\u{feff}username,name,email,tags,unit,channel\r\n\
            budi,\"Santoso, Budi\",budi@contoh.go.id,petugas-validasi petugas-verifikasi,,\r\n";
        let (rows, errors) = rows(text.as_bytes());
        assert!(errors.0.is_empty(), "{:?}", errors.0);
        let names: Vec<_> =
            rows.iter().map(|row| (row.wanted.name.as_str(), row.wanted.rights.tags().len())).collect();
        assert_eq!(names, [("Santoso, Budi", 2)]);
    }
}
