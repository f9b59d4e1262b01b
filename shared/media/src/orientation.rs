//! Which way a picture is up, as EXIF says it and as programs write EXIF (CIPA DC-008, section 4.6).

use image::metadata::Orientation;

/// The orientation that the first block which has one says.
///
/// A block is the body of a JPEG's APP1 segment, a PNG's eXIf or a WebP's EXIF chunk. Writers differ in whether the
/// words that begin it in a JPEG stand there once, twice or not at all. What cannot be read says nothing.
pub(crate) fn first<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Orientation {
    blocks.into_iter().find_map(of_block).unwrap_or(Orientation::NoTransforms)
}

fn of_block(mut block: &[u8]) -> Option<Orientation> {
    while let Some(rest) = block.strip_prefix(b"Exif\0\0") {
        block = rest;
    }
    // The second zero is padding, and some leave it out.
    block = block.strip_prefix(b"Exif\0").unwrap_or(block);
    Orientation::from_exif(of_tiff(block)?)
}

/// The tag.
const ORIENTATION: u32 = 0x0112;

/// Looks through the first directory of a TIFF block, as far as it goes.
fn of_tiff(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.get(..2)? {
        b"II" => false,
        b"MM" => true,
        _ => return None,
    };
    let number = |at: usize, length: usize| {
        let bytes = tiff.get(at..at.checked_add(length)?)?;
        let add = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
        Some(if big { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) })
    };
    let directory = number(4, 4)? as usize;
    let count = number(directory, 2)? as usize;
    for field in 0..count {
        let at = directory.checked_add(2 + 12 * field)?;
        if number(at, 2)? == ORIENTATION {
            // A value shorter than four bytes stands at the beginning of the four.
            let length = match number(at + 2, 2)? {
                1 | 6 | 7 => 1,
                3 | 8 => 2,
                4 | 9 => 4,
                _ => return None,
            };
            return u8::try_from(number(at + 8, length)?).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block with one field of that kind, whose four bytes of value are these.
    fn tiff(big: bool, kind: u16, value: [u8; 4]) -> Vec<u8> {
        let short = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let long = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
        let mut block = if big { b"MM".to_vec() } else { b"II".to_vec() };
        block.extend([&short(42)[..], &long(8), &short(1), &short(0x0112), &short(kind), &long(1)].concat());
        block.extend(value);
        block
    }

    #[test]
    fn every_kind_of_number_in_both_orders_is_read() {
        for (big, kind, value) in [
            (false, 3, [6, 0, 0, 0]),
            (false, 4, [6, 0, 0, 0]),
            (false, 1, [6, 0, 0, 0]),
            (true, 3, [0, 6, 0, 0]),
            (true, 4, [0, 0, 0, 6]),
            (true, 1, [6, 0, 0, 0]),
            // What stands behind a short value is padding.
            (false, 3, [6, 0, 0xFF, 0xFF]),
            (true, 3, [0, 6, 0xFF, 0xFF]),
        ] {
            assert_eq!(of_block(&tiff(big, kind, value)), Some(Orientation::Rotate90), "{big} {kind}");
        }
        for (kind, value) in [(2, [b'6', 0, 0, 0]), (5, [6, 0, 0, 0]), (3, [0, 0, 0, 0]), (3, [9, 0, 0, 0])] {
            assert_eq!(of_block(&tiff(false, kind, value)), None, "{kind} {value:?}");
        }
    }

    #[test]
    fn the_first_block_that_says_something_counts() {
        let block = tiff(false, 3, [6, 0, 0, 0]);
        let with = |words: &[u8]| [words, &block].concat();
        for block in [with(b""), with(b"Exif\0\0"), with(b"Exif\0\0Exif\0\0"), with(b"Exif\0")] {
            assert_eq!(of_block(&block), Some(Orientation::Rotate90));
            let three = tiff(true, 3, [0, 3, 0, 0]);
            assert_eq!(first([&b"Exif\0\0"[..], b"", &block, &three]), Orientation::Rotate90);
        }
        assert_eq!(first([&b"Exif\0\0"[..]]), Orientation::NoTransforms);
    }

    #[test]
    fn a_block_is_read_as_far_as_it_goes() {
        let whole = tiff(true, 3, [0, 6, 0, 0]);
        for length in 0..whole.len() {
            let expected = (length >= 20).then_some(Orientation::Rotate90);
            assert_eq!(of_block(&whole[..length]), expected, "{length}");
        }
        // More fields than there are, and a directory far outside.
        let mut more = whole.clone();
        more[8..10].copy_from_slice(&[0xFF, 0xFF]);
        assert_eq!(of_block(&more), Some(Orientation::Rotate90));
        assert_eq!(of_block(b"MM\0*\xFF\xFF\xFF\xFF"), None);
    }
}
