//! Files with secrets: for their owner alone, and whole at any moment.

use anyhow::{Context, Result};
use cli::exit::Refusal;
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// A new file beside `path` that is to take its place, mode 0600.
pub(crate) fn draft(path: &Path) -> Result<(PathBuf, File)> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let draft = path.with_file_name(name);
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", draft.display()));
        }
        _ => {}
    }
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
    let file = file.with_context(|| format!("cannot write {}", draft.display()))?;
    Ok((draft, file))
}

/// Puts a draft in the place of `path`, so that it is there after a power cut too.
pub(crate) fn publish(draft: &Path, file: &File, path: &Path) -> Result<()> {
    let written = || {
        file.sync_all()?;
        fs::rename(draft, path)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

/// Writes a file at one stroke, mode 0600.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let (draft, mut file) = draft(path)?;
    file.write_all(content).with_context(|| format!("cannot write {}", draft.display()))?;
    publish(&draft, &file, path)
}

/// Refuses a file that others may read; says whether there is one.
pub(crate) fn is_there(path: &Path) -> Result<bool> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(cannot_read(path, &error).into()),
        Ok(about) if about.permissions().mode() & 0o077 != 0 => {
            let what = "holds a secret and others may read it: chmod 600";
            Err(Refusal::Invalid(format!("{} {what}", path.display())).into())
        }
        Ok(_) => Ok(true),
    }
}

/// Reads a file that nobody but its owner may read; `None` when there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>> {
    if !is_there(path)? {
        return Ok(None);
    }
    Ok(Some(fs::read_to_string(path).map_err(|error| cannot_read(path, &error))?))
}

fn cannot_read(path: &Path, error: &std::io::Error) -> Refusal {
    Refusal::Invalid(format!("cannot read {}: {error}", path.display()))
}
