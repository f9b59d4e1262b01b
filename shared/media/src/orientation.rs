//! Which way a picture is up, as EXIF says it (CIPA DC-008, section 4.6.4).

use image::metadata::Orientation;

use crate::tiff::{FIRST, Tiff};

/// The orientation that the first block which has one says. What cannot be read says nothing.
pub(crate) fn first<'a>(blocks: impl IntoIterator<Item = &'a [u8]>) -> Orientation {
    blocks.into_iter().find_map(of_block).unwrap_or(Orientation::NoTransforms)
}

fn of_block(block: &[u8]) -> Option<Orientation> {
    let tiff = Tiff::of(block)?;
    let at = tiff.field(FIRST, 0x0112)?;
    // A value shorter than four bytes stands at the beginning of the four.
    let length = match tiff.number(at + 2, 2)? {
        1 | 6 | 7 => 1,
        3 | 8 => 2,
        4 | 9 => 4,
        _ => return None,
    };
    // Some writers put a short number at the end, or a long one as if it were short.
    let read = |length| Orientation::from_exif(u8::try_from(tiff.number(at + 8, length)?).ok()?);
    [length, 4, 2].into_iter().find_map(read)
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
            // A short number at the end, and a long one at the beginning.
            (true, 3, [0, 0, 0, 6]),
            (true, 4, [0, 6, 0, 0]),
            (true, 1, [0, 0, 0, 6]),
            (false, 4, [6, 0, 0xFF, 0xFF]),
            // What stands behind a short value is padding.
            (false, 3, [6, 0, 0xFF, 0xFF]),
            (true, 3, [0, 6, 0xFF, 0xFF]),
        ] {
            assert_eq!(of_block(&tiff(big, kind, value)), Some(Orientation::Rotate90), "{big} {kind}");
        }
        for (kind, value) in
            [(2, [b'6', 0, 0, 0]), (5, [6, 0, 0, 0]), (3, [0, 0, 0, 0]), (3, [9, 0, 0, 0]), (4, [0, 0, 0, 6])]
        {
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
