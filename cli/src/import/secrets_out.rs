//! The file of tickets and secrets: the one place where they come out, and only where it was asked for.
//!
//! A row may stand in it twice after the import was killed, and none is missing: how far an import came is remembered after its
//! secrets are on the disk. At the end each stands there once.

use super::private_file;
use anyhow::{Context, Result};
use cli::exit::Refusal;
use csv::{ByteRecord, StringRecord};
use domain::{secret::ReportSecret, ticket::Ticket};
use std::{
    collections::HashSet,
    fs::{File, OpenOptions},
    io::{BufWriter, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};
use store::digest;

const HEADER: [&str; 6] = ["import", "file", "line", "id", "ticket", "secret"];

/// An open file of secrets. No Debug.
pub(crate) struct SecretsOut {
    path: PathBuf,
    mark: String,
    writer: csv::Writer<BufWriter<File>>,
}

/// Whether the file at `path` is this import's: `None` when there is none, an error when it is anything else.
pub(crate) fn is_there(path: &Path, mark: &str) -> Result<bool> {
    let foreign = || {
        let what = "is there already, and is not this import's: name another --secrets-out";
        Refusal::Invalid(format!("{} {what}", path.display()))
    };
    if !private_file::is_there(path)? {
        return Ok(false);
    }
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = reader.headers().map_err(|_| foreign())?;
    if header != &StringRecord::from(HEADER.to_vec()) {
        return Err(foreign().into());
    }
    let mut first = StringRecord::new();
    // A row that was cut short has no mark to be known by, and nothing else would begin so.
    match reader.read_record(&mut first) {
        Ok(true)
            if first.get(0).is_some_and(|cut| cut == mark || (first.len() == 1 && mark.starts_with(cut))) =>
        {
            Ok(true)
        }
        Ok(false) => Ok(true),
        _ => Err(foreign().into()),
    }
}

impl SecretsOut {
    /// Opens it at its end, or makes it.
    pub(crate) fn open(path: &Path, mark: String) -> Result<Self> {
        let cannot = || format!("cannot write {}", path.display());
        if !is_there(path, &mark)? {
            private_file::write(path, format!("{}\n", HEADER.join(",")).as_bytes())?;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path).with_context(cannot)?;
        let end = after_last_line(&mut file).with_context(cannot)?;
        file.set_len(end).with_context(cannot)?;
        file.seek(SeekFrom::End(0)).with_context(cannot)?;
        Ok(Self { path: path.to_owned(), mark, writer: csv::Writer::from_writer(BufWriter::new(file)) })
    }

    /// One more report. It is on the disk only after [`SecretsOut::sync`].
    pub(crate) fn add(
        &mut self,
        (file, line, id): (&str, u64, &str),
        ticket: &Ticket,
        secret: &ReportSecret,
    ) -> Result<()> {
        // An id with a line break would make two lines of a row, and a row that is cut short is known by its line.
        let id = id.replace(['\r', '\n'], " ");
        let line = line.to_string();
        let ticket = ticket.to_string();
        let row = [&self.mark, &file.replace(['\r', '\n'], " "), &line, &id, &ticket, secret.expose()];
        self.writer.write_record(row).with_context(|| format!("cannot write {}", self.path.display()))
    }

    /// Puts on the disk what was added.
    pub(crate) fn sync(&mut self) -> Result<()> {
        let cannot = || format!("cannot write {}", self.path.display());
        self.writer.flush().with_context(cannot)?;
        self.writer.get_ref().get_ref().sync_data().with_context(cannot)
    }

    /// Leaves each report in it once; says where it is.
    pub(crate) fn finish(mut self) -> Result<PathBuf> {
        self.sync()?;
        let cannot = || format!("cannot write {}", self.path.display());
        let mut reader =
            csv::ReaderBuilder::new().flexible(true).from_path(&self.path).with_context(cannot)?;
        let (draft, file) = private_file::draft(&self.path)?;
        let mut writer = csv::Writer::from_writer(BufWriter::new(file));
        writer.write_record(HEADER).with_context(cannot)?;
        let mut seen = HashSet::new();
        let mut row = ByteRecord::new();
        while reader.read_byte_record(&mut row).with_context(cannot)? {
            let ticket = row.get(4).unwrap_or_default();
            if row.len() == HEADER.len() && seen.insert(digest::first::<16>(&digest::raw(ticket))) {
                writer.write_byte_record(&row).with_context(cannot)?;
            }
        }
        writer.flush().with_context(cannot)?;
        private_file::publish(&draft, writer.get_ref().get_ref(), &self.path)?;
        Ok(self.path)
    }
}

/// Where the last whole line ends.
fn after_last_line(file: &mut File) -> std::io::Result<u64> {
    let mut end = file.seek(SeekFrom::End(0))?;
    let mut byte = [0];
    while end > 0 {
        file.seek(SeekFrom::Start(end - 1))?;
        file.read_exact(&mut byte)?;
        if byte == [b'\n'] {
            break;
        }
        end -= 1;
    }
    Ok(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn add(out: &mut SecretsOut, id: &str, mac: u8) {
        let (ticket, secret) = (Ticket::from_mac(&[mac; 32]), ReportSecret::from_mac(&[mac; 32]));
        out.add(("a.csv", 2, id), &ticket, &secret).unwrap();
    }

    #[test]
    fn a_file_that_was_cut_short_goes_on_and_ends_with_each_report_once() {
        let folder = std::env::temp_dir().join(format!("tuntas-secrets-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("secrets.csv");
        let mark = || "0123456789abcdef".to_owned();
        let mut out = SecretsOut::open(&path, mark()).unwrap();
        add(&mut out, "1", 1);
        add(&mut out, "2\n", 2);
        out.sync().unwrap();
        let whole = fs::read(&path).unwrap();
        for cut in HEADER.join(",").len() + 1..whole.len() {
            fs::write(&path, &whole[..cut]).unwrap();
            let mut out = SecretsOut::open(&path, mark()).unwrap();
            add(&mut out, "1", 1);
            add(&mut out, "2\n", 2);
            out.finish().unwrap();
            assert_eq!(fs::read(&path).unwrap(), whole, "cut at {cut}");
        }
        assert!(SecretsOut::open(&path, "fedcba9876543210".to_owned()).is_err(), "another import's");
        fs::write(&path, "precious\n").unwrap();
        assert!(SecretsOut::open(&path, mark()).is_err(), "no import's");
        assert_eq!(fs::read(&path).unwrap(), b"precious\n");
        fs::remove_dir_all(folder).unwrap();
    }
}
