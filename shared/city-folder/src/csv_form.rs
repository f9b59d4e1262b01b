//! What readers of CSV forgive: quotation marks that stand wrong make one row of two, or one text of another, and after a line that ends
//! with CR alone nobody knows which line is meant.

/// Where the form of a CSV is wrong, by the byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Malformed {
    /// The mark at this byte is not closed.
    Open(usize),
    /// At this byte a text begins behind the mark that closed its cell.
    TextBehind(usize),
    /// At this byte a line ends with CR alone.
    LineEnd(usize),
}

impl Malformed {
    /// What is wrong, and what would be right.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Open(_) => "this quotation mark is not closed: write \"\" for one inside a cell",
            Self::TextBehind(_) => {
                "text behind the quotation mark that closes its cell: write \"\" for one inside a cell"
            }
            Self::LineEnd(_) => "a line end of CR alone: line ends must be LF or CRLF",
        }
    }

    /// The byte of what was looked through.
    #[must_use]
    pub fn byte(self) -> usize {
        match self {
            Self::Open(byte) | Self::TextBehind(byte) | Self::LineEnd(byte) => byte,
        }
    }
}

/// Looks through the bytes of a file, or of a record with its line end, as they stand in the file (RFC 4180, section 2).
#[must_use]
pub fn malformed(raw: &[u8]) -> Option<Malformed> {
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
            (_, b'\r') if bytes.peek().is_none_or(|(_, next)| *next != b'\n') => {
                return Some(Malformed::LineEnd(place));
            }
            (_, b',' | b'\n' | b'\r') => At::CellStart,
            (At::CellStart, b'"') => At::Quoted(place),
            (At::Closed, b' ' | b'\t') => At::Closed,
            (At::Closed, _) => return Some(Malformed::TextBehind(place)),
            (At::CellStart | At::Plain, _) => At::Plain,
        };
    }
    match at {
        At::Quoted(from) => Some(Malformed::Open(from)),
        At::CellStart | At::Plain | At::Closed => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_that_would_join_two_rows_is_seen() {
        assert_eq!(malformed(b"1,\"a \"\"b\"\" c\",2\r\n"), None);
        assert_eq!(malformed(b"1,12\" pipa,2\n"), None);
        assert_eq!(malformed(b"1,\"a\nb\",2\n"), None);
        assert_eq!(malformed(b"1,\"a,2\n"), Some(Malformed::Open(2)));
        let joined = b"1,jalan,\"Lubang besar,Budi\n2,jalan,\"Jalan rusak\",Siti\n";
        assert_eq!(malformed(joined), Some(Malformed::TextBehind(36)));
    }

    #[test]
    fn a_line_ends_with_lf_or_crlf() {
        assert_eq!(malformed(b"1,2\r\n3,\"a\rb\"\r\n\r\n4,5\n"), None);
        assert_eq!(malformed(b"1,2\r3,4\r"), Some(Malformed::LineEnd(3)));
        assert_eq!(malformed(b"1,2\n\"3\",\"4\"\r"), Some(Malformed::LineEnd(11)));
    }
}
