//! Files with secrets: for their owner alone, and whole at any moment.

use anyhow::{Context, Result};
use cli::{exit::Refusal, target::random};
use data_encoding::HEXLOWER;
use domain::secret_text::SecretText;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

/// A new file beside `path` that is to take its place, mode 0600.
pub(crate) fn draft(path: &Path) -> Result<(PathBuf, File)> {
    let draft = beside(path, ".new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot replace {}", draft.display()));
        }
        _ => {}
    }
    let file = create(&draft)?;
    Ok((draft, file))
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(end);
    path.with_file_name(name)
}

fn create(path: &Path) -> Result<File> {
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.with_context(|| format!("cannot write {}", path.display()))
}

/// Puts a draft in the place of `path`, so that it is there after a power cut too.
pub(crate) fn publish(draft: &Path, file: &File, path: &Path) -> Result<()> {
    let written = || {
        file.sync_all()?;
        fs::rename(draft, path)?;
        sync_folder(path)
    };
    written().with_context(|| format!("cannot write {}", path.display()))
}

fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Makes a file at one stroke, mode 0600. Answers false, and leaves it as it is, where somebody else made one first.
pub(crate) fn make(path: &Path, content: &[u8]) -> Result<bool> {
    // A name of its own: whoever makes the same file at the same moment has another draft.
    let draft = beside(path, &format!(".{}.new", HEXLOWER.encode(&random::<8>()?)));
    let mut file = create(&draft)?;
    let mut made = || {
        file.write_all(content)?;
        file.sync_all()?;
        match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(error) => Err(error),
            Ok(()) => sync_folder(path).map(|()| true),
        }
    };
    let made = made().with_context(|| format!("cannot write {}", path.display()));
    fs::remove_file(&draft).with_context(|| format!("cannot remove {}", draft.display()))?;
    made
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
pub(crate) fn read(path: &Path) -> Result<Option<SecretText>> {
    if !is_there(path)? {
        return Ok(None);
    }
    Ok(Some(SecretText::new(fs::read_to_string(path).map_err(|error| cannot_read(path, &error))?)))
}

fn cannot_read(path: &Path, error: &io::Error) -> Refusal {
    Refusal::Invalid(format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn of_many_that_make_a_file_at_once_one_makes_it_whole() {
        let folder = std::env::temp_dir().join(format!("tuntas-private-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        for round in 0..50 {
            let path = folder.join(format!("{round}.import"));
            let made: Vec<bool> = thread::scope(|scope| {
                let makers: Vec<_> = (0..8_u8)
                    .map(|maker| {
                        let path = &path;
                        scope.spawn(move || make(path, &[b'a' + maker; 1000]).unwrap())
                    })
                    .collect();
                makers.into_iter().map(|maker| maker.join().unwrap()).collect()
            });
            assert_eq!(made.iter().filter(|made| **made).count(), 1);
            let maker = made.iter().position(|made| *made).unwrap();
            assert_eq!(fs::read(&path).unwrap(), [b'a' + u8::try_from(maker).unwrap(); 1000]);
        }
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 50, "no draft is left");
        fs::remove_dir_all(folder).unwrap();
    }
}
