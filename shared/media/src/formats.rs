//! What a PNG or a WebP says of itself before any pixel is decoded.
//!
//! The decoders' own limits come too late or not at all: one reads a chunk of any length that the file names, another
//! believes the size of an inner frame. So the outline of the file is walked first. That finds the size and animation, and
//! what a decoder gets: pixels alone, and nothing that lies behind the end. Of a JPEG, `shared/jpeg` does all that.

use std::borrow::Cow;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::ops::Range;

use crate::limits::MAX_SIDE;
use crate::rejected::Rejected;
use crate::tiff;

/// A kind of image that may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A JPEG, `image/jpeg`.
    Jpeg,
    /// A PNG, `image/png`.
    Png,
    /// A WebP, `image/webp`.
    WebP,
}

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The format that the first bytes show, whatever the sender declared.
pub(crate) fn kind(bytes: &[u8]) -> Result<Format, Rejected> {
    if bytes.starts_with(&[0xFF, 0xD8, 0xFF]) {
        Ok(Format::Jpeg)
    } else if bytes.starts_with(PNG_SIGNATURE) {
        Ok(Format::Png)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Ok(Format::WebP)
    } else if is_heic(bytes) {
        Err(Rejected::Heic)
    } else {
        Err(Rejected::NotAnImage)
    }
}

/// The brands of pictures in HEIF (ISO/IEC 23008-12, annex B) and of AVIF. What has only others is a film or a sound.
const HEIF_BRANDS: [&[u8; 4]; 12] = [
    b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1", b"avif",
    b"avis",
];

/// Whether the box at the start, which says the kind of a file (ISO/IEC 14496-12, section 4.3), names one of HEIF's.
fn is_heic(bytes: &[u8]) -> bool {
    let Some([_, _, _, _, b'f', b't', b'y', b'p', major @ ..]) = bytes.first_chunk::<12>() else {
        return false;
    };
    let length = big_u32(bytes, 0).map_or(0, |length| length as usize);
    // The version stands between the major brand and the compatible ones.
    let brands = bytes.get(16..length.min(bytes.len()).min(512)).unwrap_or_default();
    let named = |brand: &[u8]| HEIF_BRANDS.iter().any(|heif| *heif == brand);
    named(major) || brands.chunks_exact(4).any(named)
}

fn within_limits(width: u32, height: u32, pixels: u64) -> Result<(u32, u32), Rejected> {
    if width == 0 || height == 0 {
        Err(Rejected::Damaged)
    } else if width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > pixels {
        Err(Rejected::TooLarge)
    } else {
        Ok((width, height))
    }
}

fn big_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn little_u32(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// The most pixels of a PNG: in RGB they are 150 MB, which whoever wants all of them at once has to hold.
const MAX_PNG_PIXELS: u64 = 50_000_000;

/// The most places at which chunks of a PNG are left out between those that the decoder gets. What stands side by side is one
/// piece, and the pixels of a PNG do, so no program writes more than a dozen.
const MAX_PIECES: usize = 1_000;

/// The parts of a PNG that cleaning needs.
pub(crate) struct Png<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// A file of the pixels alone.
    pub(crate) pixels: Pieces<'a>,
    /// Bodies of eXIf, and behind them what a text has of EXIF.
    pub(crate) exif: Vec<Cow<'a, [u8]>>,
    /// The body of the iCCP chunk.
    pub(crate) profile: Option<&'a [u8]>,
}

/// PNG, third edition, section 5; `acTL` makes it animated. What is cut short is left to the decoder: all pixels may be there.
pub(crate) fn png(bytes: &[u8]) -> Result<Png<'_>, Rejected> {
    const END: &[u8] = b"\0\0\0\0IEND\xAE\x42\x60\x82";
    let mut at = PNG_SIGNATURE.len();
    let mut size = None;
    let (mut exif, mut text, mut profile) = (Vec::new(), None, None);
    // Where pieces begin and end: chunks that stand side by side are one.
    let mut pieces = vec![Range { start: 0, end: at }];
    while let (Some(length), Some(name)) = (big_u32(bytes, at), bytes.get(at + 4..at + 8)) {
        // Length, name and check sum take 12 bytes. The length is below 2^32, so this cannot overflow 64 bits.
        let next = at.saturating_add(length as usize).saturating_add(12);
        let body = bytes.get(at + 8..next - 4);
        match (name, size) {
            (b"IHDR", None) => {
                let side = |place| big_u32(bytes, at + place).ok_or(Rejected::Damaged);
                size = Some(within_limits(side(8)?, side(12)?, MAX_PNG_PIXELS)?);
            }
            (_, None) | (b"IHDR", Some(_)) => return Err(Rejected::Damaged),
            (b"acTL", _) => return Err(Rejected::Animation),
            (b"IEND", _) => break,
            // Some, in case the first says nothing.
            (b"eXIf", _) if exif.len() < 8 => exif.extend(body.map(Cow::Borrowed)),
            (b"tEXt" | b"zTXt", _) if body.is_some_and(tiff::is_exif) => {
                text = text.or(body.map(|body| (name == b"zTXt", body)));
            }
            (b"iCCP", _) => profile = profile.or(body),
            _ => {}
        }
        // Profiles, texts and times are left out. They may be compressed bombs, and nobody is to see them. What is empty says nothing.
        if matches!(name, b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT") && length > 0 {
            match pieces.last_mut() {
                Some(last) if last.end == at => last.end = next.min(bytes.len()),
                _ => pieces.push(at..next.min(bytes.len())),
            }
            if pieces.len() > MAX_PIECES {
                return Err(Rejected::TooLarge);
            }
        }
        at = next;
    }
    exif.extend(text.and_then(|(folded, text)| tiff::of_text(folded, text)).map(Cow::Owned));
    let (width, height) = size.ok_or(Rejected::Damaged)?;
    let mut pieces: Vec<&[u8]> = pieces.into_iter().filter_map(|piece| bytes.get(piece)).collect();
    pieces.push(END);
    pieces.reverse();
    Ok(Png { width, height, pixels: Pieces(pieces), exif, profile })
}

/// Parts of a file, one behind the other; the next is the last.
pub(crate) struct Pieces<'a>(Vec<&'a [u8]>);

impl Read for Pieces<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Pieces<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.0.last().is_some_and(|piece| piece.is_empty()) {
            self.0.pop();
        }
        Ok(self.0.last().copied().unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        if let Some(piece) = self.0.last_mut() {
            *piece = piece.get(count..).unwrap_or_default();
        }
    }
}

/// The decoder asks for it and reads straight on.
impl Seek for Pieces<'_> {
    fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The most pixels of a WebP, which can only be decoded whole: with transparency the decoder takes more than ten bytes for
/// each, so fifty megapixels would take half a gigabyte.
const MAX_WEBP_PIXELS: u64 = 12_600_000;

/// The most bytes of a WebP, whose pixels are copied beside those of its decoder.
const MAX_WEBP_BYTES: usize = 15 * 1024 * 1024;

/// The parts of a WebP that cleaning needs.
pub(crate) struct WebP<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// A file of the pixels alone.
    pub(crate) pixels: Vec<u8>,
    /// The bodies of the EXIF chunks.
    pub(crate) exif: Vec<&'a [u8]>,
    /// The body of the ICCP chunk.
    pub(crate) profile: Option<&'a [u8]>,
}

/// RFC 9649. The size is that of the frame, which must be the one of the canvas: decoders make room for the frame.
pub(crate) fn webp(bytes: &[u8]) -> Result<WebP<'_>, Rejected> {
    if bytes.len() > MAX_WEBP_BYTES {
        return Err(Rejected::TooLarge);
    }
    let length = little_u32(bytes, 4).ok_or(Rejected::Damaged)? as usize;
    let file = bytes.get(..length.saturating_add(8)).ok_or(Rejected::Damaged)?;
    let mut at = 12;
    let mut size = None;
    let (mut exif, mut profile) = (Vec::new(), None);
    let mut frame = None;
    let mut alpha = None;
    // Some writers count the last padding byte and some do not, so a rest without a chunk is passed over.
    while let (Some(name), Some(length)) = (file.get(at..at + 4), little_u32(file, at + 4)) {
        let length = length as usize;
        let chunk = file.get(at..(at + 8).saturating_add(length)).ok_or(Rejected::Damaged)?;
        let body = chunk.get(8..).ok_or(Rejected::Damaged)?;
        let own = match name {
            b"VP8X" => {
                if body.first().ok_or(Rejected::Damaged)? & 0b10 != 0 {
                    return Err(Rejected::Animation);
                }
                // Three bytes for each side; the fourth that is read along is shifted out.
                let width = little_u32(body, 3).ok_or(Rejected::Damaged)? >> 8;
                let height = little_u32(body, 6).ok_or(Rejected::Damaged)? >> 8;
                Some((width + 1, height + 1))
            }
            b"ANIM" | b"ANMF" => return Err(Rejected::Animation),
            b"VP8 " if frame.is_none() => {
                frame = Some(chunk);
                let sides = little_u32(body, 6).ok_or(Rejected::Damaged)?;
                Some((sides & 0x3FFF, (sides >> 16) & 0x3FFF))
            }
            b"VP8L" if frame.is_none() => {
                frame = Some(chunk);
                let sides = little_u32(body, 1).ok_or(Rejected::Damaged)?;
                Some(((sides & 0x3FFF) + 1, ((sides >> 14) & 0x3FFF) + 1))
            }
            b"VP8 " | b"VP8L" => return Err(Rejected::Damaged),
            b"ALPH" if alpha.is_none() => {
                alpha = Some(chunk);
                None
            }
            b"EXIF" if exif.len() < 8 => {
                exif.push(body);
                None
            }
            b"ICCP" => {
                profile = profile.or(Some(body));
                None
            }
            _ => None,
        };
        if let Some((width, height)) = own {
            let own = within_limits(width, height, MAX_WEBP_PIXELS)?;
            if *size.get_or_insert(own) != own {
                return Err(Rejected::Damaged);
            }
        }
        // Chunks begin at even places.
        at += 8 + length + (length & 1);
    }
    let ((width, height), frame) = size.zip(frame).ok_or(Rejected::Damaged)?;
    Ok(WebP { width, height, pixels: bare_webp(width, height, alpha, frame), exif, profile })
}

/// A WebP of one frame and its transparency.
fn bare_webp(width: u32, height: u32, alpha: Option<&[u8]>, frame: &[u8]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    body.reserve(frame.len() + alpha.map_or(0, <[u8]>::len) + 32);
    // Of a lossless frame the header itself says whether it is transparent.
    if let (Some(alpha), true) = (alpha, frame.starts_with(b"VP8 ")) {
        body.extend_from_slice(b"VP8X\x0A\0\0\0\x10\0\0\0");
        body.extend((width - 1).to_le_bytes().into_iter().take(3));
        body.extend((height - 1).to_le_bytes().into_iter().take(3));
        body.extend_from_slice(alpha);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    body.extend_from_slice(frame);
    body.resize(body.len().next_multiple_of(2), 0);
    // No larger than the upload, so the length fits.
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    [b"RIFF", &length.to_le_bytes()[..], &body].concat()
}
