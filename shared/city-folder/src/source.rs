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
        let place = self.places([byte]).pop().unwrap_or(Place { line: 1, column: 1 });
        self.mistake_at(place, text)
    }

    /// A mistake at a place that [`Source::places`] found.
    pub(crate) fn mistake_at(&self, place: Place, text: String) -> Mistake {
        Mistake { file: self.file, line: place.line, column: place.column, text }
    }

    /// Where some bytes stand that come in their order. One walk through the text finds them all: a file can be long, and without lines.
    pub(crate) fn places(&self, bytes: impl IntoIterator<Item = usize>) -> Vec<Place> {
        let mut at = 0;
        let mut place = Place { line: 1, column: 1 };
        let found = bytes.into_iter().map(|byte| {
            let passed = self.text.get(at..byte).or_else(|| self.text.get(at..)).unwrap_or_default();
            at += passed.len();
            place = match passed.rsplit_once('\n') {
                None => Place { column: place.column + passed.chars().count(), ..place },
                Some((lines, line)) => Place {
                    line: place.line + lines.matches('\n').count() + 1,
                    column: line.chars().count() + 1,
                },
            };
            place
        });
        found.collect()
    }
}

/// A line and a column, both from 1; the column in characters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    line: usize,
    column: usize,
}
