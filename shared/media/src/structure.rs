//! What a file says of itself before any pixel is decoded.
//!
//! The decoders' own limits come too late or not at all: one reads a chunk of any length that the file names, another
//! believes the size of an inner frame. So the outline of the file is walked first. That finds the size, animation and
//! where the image ends; what lies behind the end never reaches a decoder.

use crate::clean::{MAX_PIXELS, MAX_SIDE, Rejected};

/// A kind of image that may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
}

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// The format that the first bytes show, whatever the sender declared.
pub(crate) fn kind(bytes: &[u8]) -> Option<Format> {
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

/// What is handed to a decoder.
pub(crate) struct Structure<'a> {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// A file of the first picture's pixels alone: no metadata, and nothing behind the end.
    pub(crate) image: Vec<u8>,
    /// The TIFF block that may say how the picture must be turned.
    pub(crate) exif: Option<&'a [u8]>,
}

/// Walks the outline of a file of that format.
pub(crate) fn read(format: Format, bytes: &[u8]) -> Result<Structure<'_>, Rejected> {
    match format {
        Format::Jpeg => jpeg(bytes),
        Format::Png => png(bytes),
        Format::WebP => webp(bytes),
    }
}

fn within_limits(width: u32, height: u32, pixels: u64) -> Result<(u32, u32), Rejected> {
    if width == 0 || height == 0 {
        Err(Rejected::NoPixels)
    } else if width > MAX_SIDE || height > MAX_SIDE {
        Err(Rejected::TooWide)
    } else if u64::from(width) * u64::from(height) > pixels {
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

/// The most coefficients of a progressive JPEG, which are all held until the last scan: two bytes each. Fifty megapixels
/// with halved chroma, as telephones write them, have 75 million.
const MAX_COEFFICIENTS: u64 = 80_000_000;

/// The most coefficients that the scans of a JPEG may pass over. The usual ten scans over fifty megapixels with halved chroma
/// pass over 200 million. An empty scan costs a few bytes in the file and as much work as a full one.
const MAX_VISITS: u64 = 210_000_000;

/// The most bytes of tables. A scan needs less than a kilobyte; building a decoder's tables from 18 bytes takes a
/// microsecond, so a file full of them would take seconds.
const MAX_TABLES: usize = 64 * 1024;

/// One component of a JPEG's frame.
struct Plane {
    id: u8,
    /// Blocks of 64 coefficients.
    blocks: u64,
    /// Which coefficients some scan has brought to the full precision, a bit each.
    finished: u64,
}

/// A JPEG's frame header (ITU-T T.81, B.2.2).
struct Frame {
    width: u32,
    height: u32,
    progressive: bool,
    planes: Vec<Plane>,
}

impl Frame {
    fn read(marker: u8, body: &[u8]) -> Result<Self, Rejected> {
        if body.first() != Some(&8) {
            return Err(Rejected::Unsupported);
        }
        let height = big_u16(body, 1).ok_or(Rejected::Broken)?;
        let width = big_u16(body, 3).ok_or(Rejected::Broken)?;
        let (width, height) = within_limits(u32::from(width), u32::from(height), MAX_PIXELS)?;
        let planes = body.get(6..).unwrap_or_default().chunks_exact(3);
        if !planes.remainder().is_empty() || body.get(5).copied().map(usize::from) != Some(planes.len()) {
            return Err(Rejected::Broken);
        }
        let sampling: Vec<(u64, u64)> =
            planes.clone().map(|plane| (u64::from(plane[1] >> 4), u64::from(plane[1] & 15))).collect();
        if sampling.iter().any(|(across, down)| !(1..=4).contains(across) || !(1..=4).contains(down)) {
            return Err(Rejected::Broken);
        }
        let most = |side: fn(&(u64, u64)) -> u64| sampling.iter().map(side).max().ok_or(Rejected::Broken);
        let columns = u64::from(width).div_ceil(8 * most(|factors| factors.0)?);
        let rows = u64::from(height).div_ceil(8 * most(|factors| factors.1)?);
        let planes: Vec<Plane> = planes
            .zip(&sampling)
            .map(|(plane, (across, down))| Plane {
                id: plane[0],
                blocks: columns * across * rows * down,
                finished: 0,
            })
            .collect();
        let progressive = marker == 0xC2;
        if progressive && planes.iter().map(|plane| plane.blocks * 64).sum::<u64>() > MAX_COEFFICIENTS {
            return Err(Rejected::TooManyPixels);
        }
        Ok(Self { width, height, progressive, planes })
    }

    /// How many coefficients a scan passes over (B.2.3).
    fn scan(&mut self, body: &[u8]) -> Result<u64, Rejected> {
        let count = usize::from(*body.first().ok_or(Rejected::Broken)?);
        let (Some(selectors), Some(&[start, end, precision])) =
            (body.get(1..1 + 2 * count), body.get(1 + 2 * count..))
        else {
            return Err(Rejected::Broken);
        };
        let (start, end) = if self.progressive { (start, end) } else { (0, 63) };
        if start > end || end > 63 {
            return Err(Rejected::Broken);
        }
        let band = u64::MAX >> (63 - (end - start)) << start;
        let mut visits = 0;
        for selector in selectors.chunks_exact(2) {
            let mut planes = self.planes.iter_mut();
            let plane = planes.find(|plane| plane.id == selector[0]).ok_or(Rejected::Broken)?;
            visits += plane.blocks * u64::from(end - start + 1);
            if precision & 15 == 0 {
                plane.finished |= band;
            }
        }
        Ok(visits)
    }

    fn is_whole(&self) -> bool {
        self.planes.iter().all(|plane| plane.finished == u64::MAX)
    }
}

/// What a walk along a JPEG found.
struct Outline<'a> {
    frame: Frame,
    /// What the decoder gets: everything that was counted here, and nothing else.
    image: Vec<u8>,
    exif: Option<&'a [u8]>,
    /// Coefficients that the scans pass over.
    visits: u64,
    /// Bytes of tables.
    tables: usize,
}

impl Outline<'_> {
    /// Whether it is the outline of the same file, with the same work.
    fn reads_as(&self, other: &Self) -> bool {
        self.image == other.image && (self.visits, self.tables) == (other.visits, other.tables)
    }
}

fn jpeg(bytes: &[u8]) -> Result<Structure<'_>, Rejected> {
    let first = outline(bytes)?;
    debug_assert!(
        outline(&first.image).is_ok_and(|again| again.reads_as(&first)),
        "a decoder would read what was not counted"
    );
    let Outline { frame, image, exif, .. } = first;
    Ok(Structure { width: frame.width, height: frame.height, image, exif })
}

/// ITU-T T.81, annex B.
///
/// The image is written anew, a marker and its segment at a time. What stands between segments and bytes that fill up are
/// skipped by every decoder, and left out here: beside a segment that is left out too, they would make a marker that
/// was never counted.
fn outline(bytes: &[u8]) -> Result<Outline<'_>, Rejected> {
    let mut at = 2;
    let mut frame: Option<Frame> = None;
    let mut visits = 0;
    let mut tables = 0;
    let mut exif = None;
    let mut image = Vec::with_capacity(bytes.len());
    image.extend_from_slice(b"\xFF\xD8");
    loop {
        let marker = next_marker(bytes, &mut at)?;
        if marker == 0xD9 {
            let frame = frame.ok_or(Rejected::Broken)?;
            if !frame.is_whole() {
                return Err(if visits == 0 { Rejected::Broken } else { Rejected::CutShort });
            }
            image.extend_from_slice(b"\xFF\xD9");
            return Ok(Outline { frame, image, exif, visits, tables });
        }
        let length = usize::from(big_u16(bytes, at).ok_or(Rejected::CutShort)?);
        let segment = bytes.get(at..at + length).ok_or(Rejected::CutShort)?;
        let body = segment.get(2..).ok_or(Rejected::Broken)?;
        at += length;
        let counts = match marker {
            // Baseline, extended and progressive. A second frame (hierarchical) would change the size behind our back.
            0xC0..=0xC2 if frame.is_none() => {
                frame = Some(Frame::read(marker, body)?);
                true
            }
            0xC4 | 0xDB => {
                tables += length;
                if tables > MAX_TABLES {
                    return Err(Rejected::TooMuchWork);
                }
                true
            }
            0xDA => {
                visits += frame.as_mut().ok_or(Rejected::Broken)?.scan(body)?;
                if visits > MAX_VISITS {
                    return Err(Rejected::TooMuchWork);
                }
                true
            }
            // How many blocks lie between restarts.
            0xDD => true,
            // The frame of a film may lack its tables, which are then the usual ones.
            0xE0 => body.starts_with(b"JFIF\0") || body.starts_with(b"AVI1\0"),
            0xE1 => {
                exif = exif.or(body.strip_prefix(b"Exif\0\0"));
                false
            }
            0xEE => says_how_colours_are_meant(body),
            // Whatever else a program wrote of itself, and comments.
            0xE2..=0xED | 0xEF | 0xFE => false,
            // Second, lossless, hierarchical and arithmetic frames, a height that comes later, and extensions.
            0xC0..=0xCF | 0xDC | 0xDE | 0xDF | 0xF0..=0xFD => return Err(Rejected::Unsupported),
            _ => return Err(Rejected::Broken),
        };
        if counts {
            image.extend_from_slice(&[0xFF, marker]);
            image.extend_from_slice(segment);
        }
        if marker == 0xDA {
            let coded = coded(bytes.get(at..).unwrap_or_default()).ok_or(Rejected::CutShort)?;
            image.extend_from_slice(coded);
            at += coded.len();
        }
    }
}

/// The next marker that opens a segment or ends the image; `at` then stands behind it.
fn next_marker(bytes: &[u8], at: &mut usize) -> Result<u8, Rejected> {
    loop {
        let rest = bytes.get(*at..).ok_or(Rejected::CutShort)?;
        *at += rest.iter().position(|byte| *byte == 0xFF).ok_or(Rejected::CutShort)? + 1;
        match *bytes.get(*at).ok_or(Rejected::CutShort)? {
            // A fill byte: the marker may begin here.
            0xFF => {}
            // A stuffed 0xFF and restarts, which mean nothing outside a scan.
            0x00 | 0xD0..=0xD7 => *at += 1,
            marker => {
                *at += 1;
                return Ok(marker);
            }
        }
    }
}

/// The coded bits at the start: up to the marker that opens the next segment, and the bytes that fill up before it.
fn coded(bytes: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
        let fill = bytes[at..].iter().position(|byte| *byte != 0xFF)?;
        match bytes[at + fill] {
            0x00 | 0xD0..=0xD7 => at += fill + 1,
            _ => return bytes.get(..at),
        }
    }
}

/// Whether the body of an APP14 segment is Adobe's (Technical Note 5116, section 18), with a transform that exists. For
/// another transform the decoder refuses the whole picture.
fn says_how_colours_are_meant(body: &[u8]) -> bool {
    body.starts_with(b"Adobe\0") && body.get(11).is_some_and(|transform| *transform <= 2)
}

/// The most bytes that a decoded PNG may take: fifty megapixels of RGB. Deeper samples and transparency reach it earlier.
pub(crate) const MAX_PNG: u64 = 3 * MAX_PIXELS;

/// PNG, third edition, section 5; `acTL` makes it animated.
fn png(bytes: &[u8]) -> Result<Structure<'_>, Rejected> {
    let mut at = PNG_SIGNATURE.len();
    let mut size = None;
    let mut exif = None;
    let mut image = Vec::with_capacity(bytes.len());
    image.extend_from_slice(PNG_SIGNATURE);
    loop {
        let length = big_u32(bytes, at).ok_or(Rejected::CutShort)? as usize;
        let name = bytes.get(at + 4..at + 8).ok_or(Rejected::CutShort)?;
        let body = at + 8;
        match (name, size) {
            (b"IHDR", None) => {
                let width = big_u32(bytes, body).ok_or(Rejected::CutShort)?;
                let height = big_u32(bytes, body + 4).ok_or(Rejected::CutShort)?;
                size = Some(within_limits(width, height, MAX_PIXELS)?);
            }
            (_, None) | (b"IHDR", Some(_)) => return Err(Rejected::Broken),
            (b"acTL", _) => return Err(Rejected::Animated),
            _ => {}
        }
        // Length, name and check sum take 12 bytes. The length is below 2^32, so this cannot overflow 64 bits.
        let next = body.saturating_add(length).saturating_add(4);
        let chunk = bytes.get(at..next).ok_or(Rejected::CutShort)?;
        match name {
            // Profiles, texts and times are left out. They may be compressed bombs, and nobody is to see them.
            b"IHDR" | b"PLTE" | b"tRNS" | b"IDAT" | b"IEND" => image.extend_from_slice(chunk),
            b"eXIf" if exif.is_none() => exif = chunk.get(8..8 + length),
            _ => {}
        }
        if let (b"IEND", Some((width, height))) = (name, size) {
            return Ok(Structure { width, height, image, exif });
        }
        at = next;
    }
}

/// The most pixels of a WebP, which can only be decoded whole: with transparency the decoder takes more than ten bytes for
/// each, so fifty megapixels would take half a gigabyte.
const MAX_WEBP_PIXELS: u64 = 12_600_000;

/// RFC 9649. The size is that of the frame, which must be the one of the canvas: decoders make room for the frame.
fn webp(bytes: &[u8]) -> Result<Structure<'_>, Rejected> {
    let length = little_u32(bytes, 4).ok_or(Rejected::CutShort)? as usize;
    let file = bytes.get(..length.saturating_add(8)).ok_or(Rejected::CutShort)?;
    let mut at = 12;
    let mut size = None;
    let mut exif = None;
    let mut frame = None;
    let mut alpha = None;
    // Some writers count the last padding byte and some do not, so a rest without a chunk is passed over.
    while let (Some(name), Some(length)) = (file.get(at..at + 4), little_u32(file, at + 4)) {
        let length = length as usize;
        let chunk = file.get(at..(at + 8).saturating_add(length)).ok_or(Rejected::Broken)?;
        let body = chunk.get(8..).ok_or(Rejected::Broken)?;
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
            b"VP8 " if frame.is_none() => {
                frame = Some(chunk);
                let sides = little_u32(body, 6).ok_or(Rejected::Broken)?;
                Some((sides & 0x3FFF, (sides >> 16) & 0x3FFF))
            }
            b"VP8L" if frame.is_none() => {
                frame = Some(chunk);
                let sides = little_u32(body, 1).ok_or(Rejected::Broken)?;
                Some(((sides & 0x3FFF) + 1, ((sides >> 14) & 0x3FFF) + 1))
            }
            b"VP8 " | b"VP8L" => return Err(Rejected::Broken),
            b"ALPH" if alpha.is_none() => {
                alpha = Some(chunk);
                None
            }
            b"EXIF" if exif.is_none() => {
                exif = Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body));
                None
            }
            _ => None,
        };
        if let Some((width, height)) = own {
            let own = within_limits(width, height, MAX_WEBP_PIXELS)?;
            if *size.get_or_insert(own) != own {
                return Err(Rejected::Broken);
            }
        }
        // Chunks begin at even places.
        at += 8 + length + (length & 1);
    }
    let ((width, height), frame) = size.zip(frame).ok_or(Rejected::Broken)?;
    Ok(Structure { width, height, image: bare_webp(width, height, alpha, frame), exif })
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

#[cfg(test)]
mod tests;
