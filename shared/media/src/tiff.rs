//! Fields of EXIF, as programs write it (CIPA DC-008, section 4.6): a TIFF block of directories.

/// A block in its order of bytes.
pub(crate) struct Tiff<'a> {
    pub(crate) bytes: &'a [u8],
    big: bool,
}

impl<'a> Tiff<'a> {
    /// From the body of a JPEG's APP1 segment, a PNG's eXIf or a WebP's EXIF chunk. Writers differ in whether the words that
    /// begin it in a JPEG stand there once, twice or not at all.
    pub(crate) fn of(mut block: &'a [u8]) -> Option<Self> {
        while let Some(rest) = block.strip_prefix(b"Exif\0\0") {
            block = rest;
        }
        // The second zero is padding, and some leave it out.
        let bytes = block.strip_prefix(b"Exif\0").unwrap_or(block);
        match bytes.get(..2)? {
            b"II" => Some(Self { bytes, big: false }),
            b"MM" => Some(Self { bytes, big: true }),
            _ => None,
        }
    }

    /// The number of so many bytes that stands there.
    pub(crate) fn number(&self, at: usize, length: usize) -> Option<u32> {
        let bytes = self.bytes.get(at..at.checked_add(length)?)?;
        let add = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
        Some(if self.big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    }

    /// Where the first field with that tag begins, in the directory whose place stands at `link`, as far as that goes.
    pub(crate) fn field(&self, link: usize, tag: u32) -> Option<usize> {
        let directory = self.number(link, 4)? as usize;
        for field in 0..self.number(directory, 2)? as usize {
            let at = directory.checked_add(2 + 12 * field)?;
            if self.number(at, 2)? == tag {
                return Some(at);
            }
        }
        None
    }
}

/// Where the place of the first directory stands.
pub(crate) const FIRST: usize = 4;

/// Whether a block says that a camera meant Adobe RGB: colours that are not sRGB, in a file of its kind R03 (CIPA DC-009,
/// section 5.6.3, and DC-008, sections 4.6.5 and 4.6.7). Such files have no profile.
pub(crate) fn says_adobe_rgb(block: &[u8]) -> bool {
    let of_block = || {
        let tiff = Tiff::of(block)?;
        let fields = tiff.field(FIRST, 0x8769)? + 8;
        let colours = tiff.number(tiff.field(fields, 0xA001)? + 8, 2)?;
        let kind = tiff.field(tiff.field(fields, 0xA005)? + 8, 0x0001)? + 8;
        Some(colours == 0xFFFF && tiff.bytes.get(kind..kind + 3)? == b"R03")
    };
    of_block() == Some(true)
}

/// The most bytes of a text that has EXIF, unfolded.
const MAX_TEXT: usize = 512 * 1024;

/// The block that ImageMagick hides in a PNG's text, whose chunk has the body `text` and is folded or not: a line for the kind
/// and one for the length, then the bytes in hexadecimal digits.
pub(crate) fn of_text(folded: bool, text: &[u8]) -> Option<Vec<u8>> {
    let name = text.iter().take(80).position(|byte| *byte == 0)?;
    let text = text.get(name + 1..).filter(|text| text.len() <= MAX_TEXT)?;
    let text = if folded {
        miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(text.strip_prefix(&[0])?, MAX_TEXT).ok()?
    } else {
        text.to_vec()
    };
    let lines = text.splitn(4, |byte| *byte == b'\n').nth(3)?;
    let digits: Vec<u32> = lines.iter().filter_map(|digit| char::from(*digit).to_digit(16)).collect();
    Some(digits.chunks_exact(2).map(|pair| (pair[0] << 4 | pair[1]) as u8).collect())
}

/// Whether a PNG's text is one of these, by its name.
pub(crate) fn is_exif(text: &[u8]) -> bool {
    text.starts_with(b"Raw profile type exif\0") || text.starts_with(b"Raw profile type APP1\0")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::in_adobe_rgb;

    #[test]
    fn adobe_rgb_is_known_by_what_cameras_say() {
        for big in [false, true] {
            let block = in_adobe_rgb(big);
            assert!(says_adobe_rgb(&block) && says_adobe_rgb(&[b"Exif\0\0", &*block].concat()));
            for length in 0..block.len() - 1 {
                let cut = &block[..length];
                assert_eq!(says_adobe_rgb(cut), length >= block.len() - 5, "{length}");
            }
            // A file of sRGB, and one that does not say its kind.
            for (from, to) in [(&b"R03"[..], &b"R98"[..]), (b"\xFF\xFF", b"\0\x01")] {
                let at = block.windows(from.len()).position(|part| part == from).unwrap();
                let mut other = block.clone();
                other[at..at + to.len()].copy_from_slice(to);
                assert!(!says_adobe_rgb(&other));
            }
        }
    }

    #[test]
    fn exif_is_read_from_the_text_of_a_png() {
        let text = b"Raw profile type exif\0\nexif\n      10\n457869660000\n4d4d002a\n";
        assert_eq!(of_text(false, text), Some(b"Exif\0\0MM\0*".to_vec()));
        let folded = |body: &[u8]| {
            let zlib = miniz_oxide::deflate::compress_to_vec_zlib(body, 6);
            [b"Raw profile type exif\0\0", &*zlib].concat()
        };
        assert_eq!(of_text(true, &folded(&text[22..])), Some(b"Exif\0\0MM\0*".to_vec()));
        assert_eq!(of_text(true, &folded(&[b'\n'; MAX_TEXT + 1])), None);
        assert_eq!(of_text(false, &[b"Raw profile type exif\0", &[b'\n'; MAX_TEXT + 1][..]].concat()), None);
        for broken in [&b""[..], b"Raw profile type exif", b"Raw profile type exif\0", b"name\0\n\n"] {
            assert_eq!((of_text(false, broken), of_text(true, broken)), (None, None));
        }
    }
}
