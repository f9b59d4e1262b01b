//! A file's text, and where a byte of it stands.

use crate::mistake::Mistake;

/// A file that is UTF-8.
pub(crate) struct Source<'a> {
    file: &'static str,
    text: &'a str,
}

impl<'a> Source<'a> {
    /// The text of a file; a mistake at the first byte that is not UTF-8.
    pub(crate) fn new(file: &'static str, bytes: &'a [u8]) -> Result<Self, Mistake> {
        // Excel begins a file with a byte order mark.
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Self { file, text }),
            Err(error) => {
                let (valid, _) = bytes.split_at(error.valid_up_to());
                let valid = std::str::from_utf8(valid).unwrap_or_default();
                let source = Self { file, text: valid };
                Err(source.mistake(valid.len(), "this byte is not UTF-8: save the file as UTF-8".to_owned()))
            }
        }
    }

    /// The text without a byte order mark.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// A mistake at a byte of the text.
    pub(crate) fn mistake(&self, byte: usize, text: String) -> Mistake {
        let before = self.text.get(..byte.min(self.text.len())).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        Mistake { file: self.file, line: before.matches('\n').count() + 1, column, text }
    }
}
