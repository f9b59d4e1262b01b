//! What an import remembers, in a file beside the reports: its secret, and how far it came.
//!
//! The secret makes the idempotency keys. Whoever has the reports but not the secret cannot make the same keys, and so cannot have
//! tickets and reporters' secrets told again. How far it came only saves requests: a row that is sent again is the same request.

use super::private_file;
use anyhow::{Context, Result};
use aws_lc_rs::hmac;
use cli::{exit::Refusal, target::random};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use domain::{secret_text::SecretText, unit::Code};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{
    collections::BTreeMap,
    env,
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};
use store::digest;

/// More rows than this that were not stored, and the rows after them are sent again the next time.
const REMEMBERED: usize = 10_000;

/// The record of an import, which no other process has at the same time. No Debug: it holds a secret.
pub(crate) struct Record {
    path: PathBuf,
    key: hmac::Key,
    content: Content,
    /// Ends with the process, however that ends.
    _lock: File,
}

#[derive(Serialize, Deserialize)]
struct Content {
    /// 32 random bytes, base64url.
    #[serde(serialize_with = "write_secret", deserialize_with = "read_secret")]
    secret: SecretText,
    /// By API, channel, file, and whether secrets were kept: how far it came.
    #[serde(default)]
    progress: BTreeMap<String, Progress>,
    /// By file of rows with errors: SHA-256 of what this import wrote into it, so that nobody's mending is written over.
    #[serde(default)]
    left_out: BTreeMap<String, Vec<String>>,
}

fn write_secret<S: Serializer>(secret: &SecretText, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose())
}

/// For `deserialize_with`.
pub(crate) fn read_secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretText, D::Error> {
    String::deserialize(deserializer).map(SecretText::new)
}

/// How far a file came: every row up to there was stored, but for the ones that are named.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// How many rows.
    pub(crate) rows: u64,
    /// A digest of these rows, each over the one before: if they were changed since, all are sent again.
    pub(crate) digest: String,
    /// The numbers of those that had errors.
    pub(crate) not_stored: Vec<u64>,
    /// Too many had errors to name them all: it goes no further.
    #[serde(skip)]
    stopped: bool,
}

/// Makes the idempotency keys of an import's rows. No Debug: it holds the secret.
pub(crate) struct RowKeys {
    key: hmac::Key,
    channel: Code,
}

impl RowKeys {
    /// Keys that no other run has. Those of reports that are gone are spent, and the same rows are to come in by other keys once the
    /// channel is no longer one for tests.
    pub(crate) fn of_a_trial(channel: &Code) -> Result<Self> {
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &random::<32>()?), channel: channel.clone() })
    }

    /// The idempotency key of a row.
    pub(crate) fn key(&self, id: &str) -> String {
        // A code has no NUL.
        let tag = hmac::sign(&self.key, format!("row\0{}\0{id}", self.channel).as_bytes());
        BASE64URL_NOPAD.encode(tag.as_ref())
    }
}

/// A digest of rows, each over the ones before.
#[derive(Clone, Copy, Default)]
pub(crate) struct Chain([u8; 32]);

impl Chain {
    pub(crate) fn add(&mut self, row: [u8; 32]) {
        self.0 = digest::raw(&[self.0, row].concat());
    }

    pub(crate) fn hex(self) -> String {
        HEXLOWER.encode(&self.0)
    }
}

impl Progress {
    /// One more row, in the order of the file.
    pub(crate) fn add(&mut self, number: u64, chain: Chain, stored: bool) {
        self.stopped |= !stored && self.not_stored.len() >= REMEMBERED;
        if self.stopped {
            return;
        }
        if !stored {
            self.not_stored.push(number);
        }
        self.rows = number;
        self.digest = chain.hex();
    }

    /// Whether this row was stored already.
    pub(crate) fn has(&self, number: u64) -> bool {
        number <= self.rows && self.not_stored.binary_search(&number).is_err()
    }
}

impl Record {
    /// The record at `path`; a new one, with a fresh secret, where there is none.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] where another process has the same import, by this record, a link to it or a copy of it: the two would write
    /// over each other's files.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let key = match read(path)? {
            Some((key, _)) => key,
            None => begin(path)?,
        };
        let lock = lock(path, &key)?;
        // What it says counts from here on: until now another process may have had it.
        let Some((now, content)) = read(path)? else {
            anyhow::bail!("{} went meanwhile; run it again", path.display());
        };
        if mark(&now) != mark(&key) {
            anyhow::bail!("{} became another import meanwhile; run it again", path.display());
        }
        Ok(Self { path: path.to_owned(), key, content, _lock: lock })
    }

    fn write(&self) -> Result<()> {
        private_file::write(&self.path, text(&self.content)?.expose().as_bytes())
    }

    /// What makes the idempotency keys of its rows.
    pub(crate) fn row_keys(&self, channel: &Code) -> RowKeys {
        RowKeys { key: self.key.clone(), channel: channel.clone() }
    }

    /// What tells this import's files from others'.
    pub(crate) fn mark(&self) -> String {
        mark(&self.key)
    }

    /// How far it came.
    pub(crate) fn progress(&self, name: &str) -> Progress {
        self.content.progress.get(name).cloned().unwrap_or_default()
    }

    /// Remembers how far it came.
    pub(crate) fn set_progress(&mut self, name: &str, progress: &Progress) -> Result<()> {
        self.content.progress.insert(name.to_owned(), progress.clone());
        self.write()
    }

    /// Whether this import wrote this into the file of rows with errors.
    pub(crate) fn wrote(&self, name: &str, digest: &str) -> bool {
        self.content.left_out.get(name).is_some_and(|written| written.iter().any(|one| one == digest))
    }

    /// Remembers what it is about to write there, beside what it wrote last.
    pub(crate) fn is_writing(&mut self, name: &str, digest: String) -> Result<()> {
        let written = self.content.left_out.entry(name.to_owned()).or_default();
        if written.last() != Some(&digest) {
            written.push(digest);
        }
        if written.len() > 2 {
            written.remove(0);
        }
        self.write()
    }
}

/// What stands in a record, and its secret as a key.
fn read(path: &Path) -> Result<Option<(hmac::Key, Content)>> {
    let no_record = || Refusal::Invalid(format!("{} is no record of an import", path.display()));
    let Some(text) = private_file::read(path)? else { return Ok(None) };
    let content: Content = serde_json::from_str(text.expose()).map_err(|_| no_record())?;
    let secret = BASE64URL_NOPAD.decode(content.secret.expose().as_bytes()).ok();
    let secret = secret.filter(|secret| secret.len() == 32).ok_or_else(no_record)?;
    Ok(Some((hmac::Key::new(hmac::HMAC_SHA256, &secret), content)))
}

/// Makes a record, before anything is sent: a secret that is lost would have all of it sent a second time. Where another process made
/// one at the same moment, that one counts.
fn begin(path: &Path) -> Result<hmac::Key> {
    let secret = SecretText::new(BASE64URL_NOPAD.encode(&random::<32>()?));
    let content = Content { secret, progress: BTreeMap::new(), left_out: BTreeMap::new() };
    private_file::make(path, text(&content)?.expose().as_bytes())?;
    let there = read(path)?.with_context(|| format!("{} went meanwhile; run it again", path.display()))?;
    Ok(there.0)
}

fn text(content: &Content) -> Result<SecretText> {
    Ok(SecretText::new(serde_json::to_string_pretty(content)?))
}

fn mark(key: &hmac::Key) -> String {
    HEXLOWER.encode(&hmac::sign(key, b"mark").as_ref()[..8])
}

/// Keeps other processes of this machine from the same import. The lock is on a file that is named by the secret: the record itself is
/// replaced whenever it is written, and a copy of it is the same import.
fn lock(path: &Path, key: &hmac::Key) -> Result<File> {
    let name = HEXLOWER.encode(&hmac::sign(key, b"lock").as_ref()[..16]);
    let file = env::temp_dir().join(format!("tuntas-import-{name}.lock"));
    let cannot = || format!("cannot lock {}", file.display());
    let lock = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(&file);
    let lock = lock.with_context(cannot)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            let what = "is under way in another process";
            Err(Refusal::Invalid(format!("the import of {} {what}", path.display())).into())
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(cannot),
    }
}

/// The record's name for the reports at `path`: that of the import whose rows with errors they are, where there is one.
pub(crate) fn usual(path: &Path) -> PathBuf {
    let named = |stem: &str| path.with_file_name(format!("{stem}.import"));
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let mut first = stem.as_str();
    while let Some(shorter) = first.strip_suffix(".errors") {
        first = shorter;
        if named(first).is_file() {
            return named(first);
        }
    }
    named(&stem)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::fs;

    #[test]
    fn a_key_depends_on_secret_channel_and_id_alone() {
        let folder = std::env::temp_dir().join(format!("tuntas-record-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (first, second) = (folder.join("a.import"), folder.join("b.import"));
        let (jaki, wa) = (Code::parse("jaki").unwrap(), Code::parse("wa").unwrap());
        let key = Record::open(&first).unwrap().row_keys(&jaki).key("1");
        assert_eq!(key.len(), 43);
        let again = Record::open(&first).unwrap();
        let copy = folder.join("copy.import");
        fs::copy(&first, &copy).unwrap();
        let held = Record::open(&copy).err().expect("the same import is open").to_string();
        assert!(held.contains("is under way in another process"), "{held}");
        assert_eq!(again.row_keys(&jaki).key("1"), key);
        assert_ne!(again.row_keys(&jaki).key("2"), key);
        assert_ne!(again.row_keys(&wa).key("1"), key);
        assert_ne!(Record::open(&second).unwrap().row_keys(&jaki).key("1"), key);
        fs::remove_dir_all(folder).unwrap();
    }

    /// An import goes on with the record that an earlier `tuntas` began.
    #[test]
    fn stored_forms_of_records_are_kept_and_read() {
        let folder = std::env::temp_dir().join(format!("tuntas-stored-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let form = |record: &Value| {
            let path = folder.join("a.import");
            private_file::write(&path, record.to_string().as_bytes()).unwrap();
            let record = Record::open(&path).unwrap();
            record.write().unwrap();
            let key = record.row_keys(&Code::parse("jaki").unwrap()).key("1");
            let written: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
            json!({"record": written, "mark": record.mark(), "key of a row": key})
        };
        let progress = Progress { rows: 3, digest: "a".repeat(64), not_stored: vec![2], stopped: false };
        let content = Content {
            secret: SecretText::new(BASE64URL_NOPAD.encode(&[7; 32])),
            progress: BTreeMap::from([("https://contoh.id jaki a.csv".to_owned(), progress)]),
            left_out: BTreeMap::from([("a.errors.csv".to_owned(), vec!["b".repeat(64)])]),
        };
        stored_forms::assert_kept("import/record", &[form(&serde_json::to_value(&content).unwrap())]);
        stored_forms::assert_read("import/record", |kept| form(&kept["record"]));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn mended_rows_belong_to_the_import_that_left_them_out_whatever_dots_its_name_has() {
        let folder = std::env::temp_dir().join(format!("tuntas-usual-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let usual = |name: &str| usual(&folder.join(name)).file_name().unwrap().to_owned();
        assert_eq!(usual("lama.2025.csv"), "lama.2025.import");
        assert_eq!(usual("lama.2025.errors.csv"), "lama.2025.errors.import");
        fs::write(folder.join("lama.2025.import"), "").unwrap();
        assert_eq!(usual("lama.2025.errors.csv"), "lama.2025.import");
        assert_eq!(usual("lama.2025.errors.errors.csv"), "lama.2025.import");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn progress_never_has_a_row_that_was_not_stored() {
        let mut progress = Progress::default();
        let chain = Chain::default();
        for number in 1..=30_000 {
            progress.add(number, chain, number % 2 == 0);
        }
        assert!(progress.has(2) && !progress.has(1) && !progress.has(0x7fff_ffff));
        assert_eq!(progress.not_stored.len(), REMEMBERED);
        assert!(progress.has(20_000) && !progress.has(20_001) && !progress.has(20_002));
    }
}
