//! What is wrong in a city's folder, and where.

use std::fmt;

/// One mistake: what is wrong, and what would be right.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize)]
pub struct Mistake {
    /// The file's name.
    pub file: &'static str,
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub text: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.text)
    }
}

/// All mistakes of a folder, in the order of files, lines and columns.
#[derive(Clone, PartialEq, Eq, Default, Debug, serde::Serialize)]
#[serde(transparent)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Adds one.
    pub(crate) fn add(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// Adds some.
    pub(crate) fn extend(&mut self, mistakes: impl IntoIterator<Item = Mistake>) {
        self.0.extend(mistakes);
    }

    /// Whether any is of this file.
    pub(crate) fn are_of(&self, file: &str) -> bool {
        self.0.iter().any(|mistake| mistake.file == file)
    }

    /// Puts them into their order.
    pub(crate) fn sorted(mut self) -> Self {
        let place = |file: &str| crate::FILES.iter().position(|name| *name == file);
        self.0.sort_by_key(|mistake| (place(mistake.file), mistake.line, mistake.column));
        self.0.dedup();
        self
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Mistake> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|mistake| writeln!(f, "{mistake}"))
    }
}
