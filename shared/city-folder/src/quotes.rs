//! Quotation marks of CSV. Readers of CSV forgive them where they stand wrong, and make one row of two, or one text of another.

/// Where a record's quotation marks are wrong, by the byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Misquoted {
    /// The mark at this byte is not closed.
    Open(usize),
    /// At this byte a text begins behind the mark that closed its cell.
    TextBehind(usize),
}

impl Misquoted {
    /// What is wrong, and what would be right.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Open(_) => "this quotation mark is not closed: write \"\" for one inside a cell",
            Self::TextBehind(_) => {
                "text behind the quotation mark that closes its cell: write \"\" for one inside a cell"
            }
        }
    }

    /// The byte of the record.
    #[must_use]
    pub fn byte(self) -> usize {
        match self {
            Self::Open(byte) | Self::TextBehind(byte) => byte,
        }
    }
}

/// Looks through the bytes of a record, or of one cell, as they stand in the file (RFC 4180, section 2).
#[must_use]
pub fn misquoted(raw: &[u8]) -> Option<Misquoted> {
    enum At {
        CellStart,
        Plain,
        Quoted(usize),
        Closed,
    }
    let mut at = At::CellStart;
    let mut bytes = raw.iter().copied().enumerate().peekable();
    while let Some((place, byte)) = bytes.next() {
        at = match (at, byte) {
            (At::Quoted(from), b'"') => {
                if bytes.next_if(|(_, next)| *next == b'"').is_some() {
                    At::Quoted(from)
                } else {
                    At::Closed
                }
            }
            (At::Quoted(from), _) => At::Quoted(from),
            (_, b',' | b'\n' | b'\r') => At::CellStart,
            (At::CellStart, b'"') => At::Quoted(place),
            (At::Closed, b' ' | b'\t') => At::Closed,
            (At::Closed, _) => return Some(Misquoted::TextBehind(place)),
            (At::CellStart | At::Plain, _) => At::Plain,
        };
    }
    match at {
        At::Quoted(from) => Some(Misquoted::Open(from)),
        At::CellStart | At::Plain | At::Closed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_would_join_two_rows_is_seen() {
        assert_eq!(misquoted(b"1,\"a \"\"b\"\" c\",2\r\n"), None);
        assert_eq!(misquoted(b"1,12\" pipa,2\n"), None);
        assert_eq!(misquoted(b"1,\"a\nb\",2\n"), None);
        assert_eq!(misquoted(b"1,\"a,2\n"), Some(Misquoted::Open(2)));
        let joined = b"1,jalan,\"Lubang besar,Budi\n2,jalan,\"Jalan rusak\",Siti\n";
        assert_eq!(misquoted(joined), Some(Misquoted::TextBehind(36)));
    }
}
