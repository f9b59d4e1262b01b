//! What a file says of itself before any pixel is decoded.
//!
//! The decoders' own limits come too late or not at all: one reads a chunk of any length that the file names, another
//! believes the size of an inner frame. So the outline of the file is walked first. That finds the size, animation and
//! where the image ends; what lies behind the end never reaches a decoder.

use crate::clean::{MAX_PIXELS, MAX_SIDE, Rejected};

/// A kind of image that may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
}

impl Format {
    /// The media type that the HTTP contract names (design, section 5).
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// The format of exactly that media type, in lower case and without parameters.
    pub fn of_content_type(content_type: &str) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::WebP].into_iter().find(|format| format.content_type() == content_type)
    }
}

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The format that the first bytes show, whatever the sender declared.
pub fn kind(bytes: &[u8]) -> Option<Format> {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Some(Format::Jpeg)
    } else if bytes.starts_with(PNG_SIGNATURE) {
        Some(Format::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(Format::WebP)
    } else {
        None
    }
}

/// Whether the content is of the declared media type.
pub fn matches(bytes: &[u8], content_type: &str) -> bool {
    kind(bytes).is_some_and(|format| Format::of_content_type(content_type) == Some(format))
}

/// The size, and the bytes of the first picture without anything behind it.
#[derive(Clone, Copy)]
pub(crate) struct Structure<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) image: &'a [u8],
}

/// Walks the outline of a file of that format.
pub(crate) fn read(format: Format, bytes: &[u8]) -> Result<Structure<'_>, Rejected> {
    match format {
        Format::Jpeg => jpeg(bytes),
        Format::Png => png(bytes),
        Format::WebP => webp(bytes),
    }
}

fn within_limits(width: u32, height: u32) -> Result<(u32, u32), Rejected> {
    if width == 0 || height == 0 {
        Err(Rejected::NoPixels)
    } else if width > MAX_SIDE || height > MAX_SIDE {
        Err(Rejected::TooWide)
    } else if u64::from(width) * u64::from(height) > MAX_PIXELS {
        Err(Rejected::TooManyPixels)
    } else {
        Ok((width, height))
    }
}

fn big_u16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn big_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn little_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A progressive photo has about ten scans. Each makes the decoder pass over the whole picture, and an empty one costs a
/// few bytes only.
const MAX_SCANS: u32 = 64;

/// ITU-T T.81, annex B. Bytes between segments are skipped, as every decoder does.
fn jpeg(bytes: &[u8]) -> Result<Structure<'_>, Rejected> {
    let mut at = 2;
    let mut size = None;
    let mut scans = 0;
    loop {
        let marker = next_marker(bytes, &mut at).ok_or(Rejected::CutShort)?;
        if marker == 0xD9 {
            let (width, height) = size.ok_or(Rejected::Broken)?;
            if scans == 0 {
                return Err(Rejected::Broken);
            }
            let image = bytes.get(..at).ok_or(Rejected::CutShort)?;
            return Ok(Structure { width, height, image });
        }
        let length = usize::from(big_u16(bytes, at).ok_or(Rejected::CutShort)?);
        if length < 2 {
            return Err(Rejected::Broken);
        }
        let body = bytes.get(at + 2..at + length).ok_or(Rejected::CutShort)?;
        match marker {
            // Baseline, extended and progressive. A second frame (hierarchical) would change the size behind our back.
            0xC0..=0xC2 => {
                if size.is_some() || body.first() != Some(&8) {
                    return Err(Rejected::Unsupported);
                }
                let height = big_u16(body, 1).ok_or(Rejected::Broken)?;
                let width = big_u16(body, 3).ok_or(Rejected::Broken)?;
                size = Some(within_limits(u32::from(width), u32::from(height))?);
            }
            // Lossless, hierarchical and arithmetic ones. C4, C8 and CC lie between them and are no frames.
            0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return Err(Rejected::Unsupported),
            0xDA => {
                scans += 1;
                if scans > MAX_SCANS {
                    return Err(Rejected::Unsupported);
                }
            }
            _ => {}
        }
        at += length;
    }
}

/// The next marker that opens a segment or ends the image; `at` then stands behind it.
fn next_marker(bytes: &[u8], at: &mut usize) -> Option<u8> {
    loop {
        *at += bytes.get(*at..)?.iter().position(|byte| *byte == 0xFF)? + 1;
        match *bytes.get(*at)? {
            // A fill byte: the marker may begin here.
            0xFF => {}
            // A stuffed 0xFF of the scan, and markers without a body.
            0x00 | 0x01 | 0xD0..=0xD8 => *at += 1,
            marker => {
                *at += 1;
                return Some(marker);
            }
        }
    }
}

/// PNG, third edition, section 5; `acTL` makes it animated.
fn png(bytes: &[u8]) -> Result<Structure<'_>, Rejected> {
    let mut at = PNG_SIGNATURE.len();
    let mut size = None;
    loop {
        let length = big_u32(bytes, at).ok_or(Rejected::CutShort)? as usize;
        let name = bytes.get(at + 4..at + 8).ok_or(Rejected::CutShort)?;
        let body = at + 8;
        match (name, size) {
            (b"IHDR", None) => {
                let width = big_u32(bytes, body).ok_or(Rejected::CutShort)?;
                let height = big_u32(bytes, body + 4).ok_or(Rejected::CutShort)?;
                size = Some(within_limits(width, height)?);
            }
            (_, None) | (b"IHDR", Some(_)) => return Err(Rejected::Broken),
            (b"acTL", _) => return Err(Rejected::Animated),
            _ => {}
        }
        // Length, name and check sum take 12 bytes. The length is below 2^32, so this cannot overflow 64 bits.
        at = body.saturating_add(length).saturating_add(4);
        let image = bytes.get(..at).ok_or(Rejected::CutShort)?;
        if let (b"IEND", Some((width, height))) = (name, size) {
            return Ok(Structure { width, height, image });
        }
    }
}

/// RFC 9649. The size is that of the frame, which must be the one of the canvas: decoders make room for the frame.
fn webp(bytes: &[u8]) -> Result<Structure<'_>, Rejected> {
    let length = little_u32(bytes, 4).ok_or(Rejected::CutShort)? as usize;
    let image = bytes.get(..length.saturating_add(8)).ok_or(Rejected::CutShort)?;
    let mut at = 12;
    let mut size = None;
    let mut frame = false;
    // Some writers count the last padding byte and some do not, so a rest without a chunk is passed over.
    while let (Some(name), Some(length)) = (image.get(at..at + 4), little_u32(image, at + 4)) {
        let length = length as usize;
        let body = image.get(at + 8..(at + 8).saturating_add(length)).ok_or(Rejected::Broken)?;
        let own = match name {
            b"VP8X" => {
                if body.first().ok_or(Rejected::Broken)? & 0b10 != 0 {
                    return Err(Rejected::Animated);
                }
                // Three bytes for each side; the fourth that is read along is shifted out.
                let width = little_u32(body, 3).ok_or(Rejected::Broken)? >> 8;
                let height = little_u32(body, 6).ok_or(Rejected::Broken)? >> 8;
                Some((width + 1, height + 1))
            }
            b"ANIM" | b"ANMF" => return Err(Rejected::Animated),
            b"VP8 " => {
                frame = true;
                let sides = little_u32(body, 6).ok_or(Rejected::Broken)?;
                Some((sides & 0x3FFF, (sides >> 16) & 0x3FFF))
            }
            b"VP8L" => {
                frame = true;
                let sides = little_u32(body, 1).ok_or(Rejected::Broken)?;
                Some(((sides & 0x3FFF) + 1, ((sides >> 14) & 0x3FFF) + 1))
            }
            _ => None,
        };
        if let Some((width, height)) = own {
            let own = within_limits(width, height)?;
            if *size.get_or_insert(own) != own {
                return Err(Rejected::Broken);
            }
        }
        // Chunks begin at even places.
        at += 8 + length + (length & 1);
    }
    match size {
        Some((width, height)) if frame => Ok(Structure { width, height, image }),
        _ => Err(Rejected::Broken),
    }
}
