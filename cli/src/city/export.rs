//! A stack's city, written as a folder.

use anyhow::{Context, Result};
use city_folder::{City, Files};
use cli::{exit::Refusal, target::random, terminal::Terminal};
use data_encoding::HEXLOWER;
use serde::Serialize;
use std::{
    fmt,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What was written.
#[derive(Serialize)]
pub(super) struct Exported {
    folder: PathBuf,
    files: Vec<&'static str>,
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wrote {} to {}", self.files.join(", "), self.folder.display())
    }
}

/// Writes every file beside the folder, and then puts them in their place. A folder that was not there is there whole or not at all; one that
/// was there may have some files of before and some of now where it is cut off between two of them, until it is run again.
pub(super) fn write(city: &City, folder: &Path, terminal: Terminal) -> Result<Exported> {
    let shown = folder.display();
    let files = city.write();
    let names: Vec<&'static str> = files.keys().copied().collect();
    if names.iter().any(|name| folder.join(name).exists()) {
        terminal.confirm(&format!("{shown} has a city already. Write over it?"))?;
    }
    let draft = draft(folder)?;
    let written = write_draft(&files, &draft).and_then(|()| put_in_place(&names, &draft, folder));
    if written.is_err() {
        // What is left of it, if it can be removed: the error tells more than its removal would.
        let _ = fs::remove_dir_all(&draft);
    }
    written?;
    Ok(Exported { folder: folder.to_owned(), files: names })
}

fn write_draft(files: &Files, draft: &Path) -> Result<()> {
    let write = || {
        if let Some(above) = draft.parent() {
            fs::create_dir_all(above)?;
        }
        fs::create_dir(draft)?;
        for (name, bytes) in files {
            let mut file = File::create(draft.join(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        Ok::<_, io::Error>(())
    };
    write().with_context(|| format!("cannot write {}", draft.display()))
}

fn put_in_place(names: &[&'static str], draft: &Path, folder: &Path) -> Result<()> {
    let shown = folder.display();
    if !folder.is_dir() {
        return fs::rename(draft, folder).with_context(|| format!("cannot make {shown}"));
    }
    for name in names {
        fs::rename(draft.join(name), folder.join(name))
            .with_context(|| format!("cannot write {shown}/{name}"))?;
    }
    fs::remove_dir(draft).with_context(|| format!("cannot remove {}", draft.display()))
}

/// Where the files are written first: beside the folder, so that they are moved within one file system, and under a name that nobody
/// has.
fn draft(folder: &Path) -> Result<PathBuf> {
    // `.` has no name of its own.
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = whole.file_name().ok_or_else(|| {
        Refusal::Invalid(format!("{} has no folder beside it: name another", folder.display()))
    })?;
    let random = HEXLOWER.encode(&random::<4>()?);
    Ok(whole.with_file_name(format!(".{}.{random}", name.to_string_lossy())))
}
