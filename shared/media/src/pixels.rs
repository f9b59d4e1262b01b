//! Pixels, and nothing but pixels: decoded, made small, turned upright, written.

use std::io::Cursor;
use std::panic::{self, AssertUnwindSafe};

use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, RgbImage};
use jpeg::{Jpeg, Pixel, Scale};

use crate::formats::{self, Format, Pieces};
use crate::limits::{MAX_BYTES, MAX_PIXELS};
use crate::orientation;
use crate::profile::{self, Applied, Profile, Transform};
use crate::rejected::Rejected;
use crate::resample::{Filter, Resampling};
use crate::size::kept;
use crate::tiff::says_adobe_rgb;

/// The colour model of a sample.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Grey,
    Rgb,
}

impl Kind {
    fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
        }
    }
}

/// A picture whose outline has been read.
pub(crate) struct Opened<'a> {
    width: u32,
    height: u32,
    orientation: Orientation,
    profile: Option<Vec<u8>>,
    coded: Coded<'a>,
}

enum Coded<'a> {
    Jpeg(Box<Jpeg<'a>>),
    Png(Pieces<'a>),
    WebP(Vec<u8>),
}

/// An opaque picture of 8-bit samples, grey or RGB, and how it must be turned.
pub(crate) struct Pixels {
    width: u32,
    height: u32,
    samples: Vec<u8>,
    kind: Kind,
    orientation: Orientation,
    profile: Option<Vec<u8>>,
    damaged: bool,
}

/// The most pixels of a JPEG that are decoded at full size for their own sake.
const MAX_WHOLE_JPEG: u64 = 16_000_000;

/// The most bytes that the coefficients of a JPEG in several scans may take. With the upload, and what is made of the picture, they
/// stay below 200 MiB.
const MAX_COEFFICIENTS: u64 = 104_000_000;

/// The most bytes of a JPEG decoded for its own sake, its coefficients and its pixels.
const MAX_WHOLE: u64 = 152_000_000;

/// The most pixels that the profile of a printer is applied to, which happens before they are made small.
const MAX_INKS: u64 = 16_000_000;

/// The most bytes of an interlaced PNG, which is decoded whole before its first row is known: 25 megapixels in RGB.
const MAX_INTERLACED: usize = 75_000_000;

/// The most bytes that a decoder of WebP fills, and that one of PNG may ask for beside.
const MAX_DECODED: u64 = 64 * 1024 * 1024;

/// Reads the outline of a file.
pub(crate) fn open(bytes: &[u8]) -> Result<Opened<'_>, Rejected> {
    if bytes.len() > MAX_BYTES {
        return Err(Rejected::TooLarge);
    }
    match formats::kind(bytes)? {
        Format::Jpeg => {
            let jpeg = Jpeg::open(bytes).map_err(refusal_of_jpeg)?;
            let (width, height) = jpeg.size();
            if u64::from(width) * u64::from(height) > MAX_PIXELS {
                return Err(Rejected::TooLarge);
            }
            let exif: Vec<_> = jpeg.programs(0xE1).filter(|body| body.starts_with(b"Exif")).collect();
            Ok(Opened {
                width,
                height,
                orientation: orientation::first(exif.iter().copied()),
                profile: profile::of_jpeg(jpeg.programs(0xE2)).or_else(|| meant(&exif)),
                coded: Coded::Jpeg(Box::new(jpeg)),
            })
        }
        Format::Png => {
            let png = formats::png(bytes)?;
            Ok(Opened {
                width: png.width,
                height: png.height,
                orientation: orientation::first(png.exif.iter().map(|block| &**block)),
                profile: png.profile.and_then(profile::of_png).or_else(|| meant(&png.exif)),
                coded: Coded::Png(png.pixels),
            })
        }
        Format::WebP => {
            let webp = formats::webp(bytes)?;
            Ok(Opened {
                width: webp.width,
                height: webp.height,
                orientation: orientation::first(webp.exif.iter().copied()),
                profile: webp.profile.map(<[u8]>::to_vec).or_else(|| meant(&webp.exif)),
                coded: Coded::WebP(webp.pixels),
            })
        }
    }
}

/// The profile that EXIF means where the file has none.
fn meant(exif: &[impl AsRef<[u8]>]) -> Option<Vec<u8>> {
    exif.iter().any(|block| says_adobe_rgb(block.as_ref())).then(profile::adobe_rgb).flatten()
}

impl Opened<'_> {
    /// Width and height as they stand in the file.
    pub(crate) fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Decodes the picture at the size that is kept.
    pub(crate) fn small(self) -> Result<Pixels, Rejected> {
        let original = (self.width, self.height);
        let wanted = kept(self.width, self.height);
        let decoded = match self.coded {
            Coded::Jpeg(jpeg) => small_jpeg(*jpeg, wanted, self.profile.as_deref())?,
            Coded::Png(pieces) => from_png(pieces, original, wanted)?,
            Coded::WebP(file) => from_webp(&file, original, wanted)?,
        };
        Ok(decoded.turned(self.orientation, self.profile))
    }

    /// Decodes the picture at its full size; only a JPEG of more than [`MAX_WHOLE_JPEG`], or of too many coefficients, smaller. Its
    /// colours are those of the file.
    pub(crate) fn whole(self) -> Result<Pixels, Rejected> {
        let original = (self.width, self.height);
        // Leaves more room for the pixels.
        drop(self.profile);
        let decoded = match self.coded {
            Coded::Jpeg(jpeg) => whole_jpeg(*jpeg)?,
            Coded::Png(pieces) => from_png(pieces, original, original)?,
            Coded::WebP(file) => from_webp(&file, original, original)?,
        };
        Ok(decoded.turned(self.orientation, None))
    }
}

/// A picture as it stands in its file.
struct Decoded {
    size: (u32, u32),
    samples: Vec<u8>,
    kind: Kind,
    damaged: bool,
}

impl Decoded {
    fn turned(self, orientation: Orientation, profile: Option<Vec<u8>>) -> Pixels {
        let ((width, height), samples) = (self.size, self.samples);
        Pixels { width, height, samples, kind: self.kind, orientation, profile, damaged: self.damaged }
    }
}

/// The smallest scale that reaches a size.
fn reaching(jpeg: &Jpeg<'_>, wanted: (u32, u32)) -> Scale {
    let reaches = |scale: &Scale| {
        let (width, height) = jpeg.size_at(*scale);
        width >= wanted.0 && height >= wanted.1
    };
    Scale::ALL.into_iter().find(reaches).unwrap_or(Scale::Whole)
}

/// The largest scale up to that one which may be taken, and whose coefficients have room.
fn with_room(jpeg: &Jpeg<'_>, most: Scale, may: impl Fn(Scale) -> bool) -> Result<Scale, Rejected> {
    let fits = |scale: &Scale| *scale <= most && jpeg.memory(*scale) <= MAX_COEFFICIENTS && may(*scale);
    Scale::ALL.into_iter().rev().find(fits).ok_or(Rejected::TooLarge)
}

/// The number of pixels at a scale.
fn pixels_at(jpeg: &Jpeg<'_>, scale: Scale) -> u64 {
    let (width, height) = jpeg.size_at(scale);
    u64::from(width) * u64::from(height)
}

/// Decodes at the smallest scale that has the wanted size; at a smaller one where that would take too much memory or time, and then
/// the picture is a little smaller.
fn small_jpeg(jpeg: Jpeg<'_>, wanted: (u32, u32), profile: Option<&[u8]>) -> Result<Decoded, Rejected> {
    let inks = profile
        .filter(|_| jpeg.pixel() == Pixel::Inks)
        .and_then(|bytes| unless_it_panics(|| Profile::read(bytes, Applied::Inks)?.to_srgb(Applied::Inks)));
    let largest = reaching(&jpeg, wanted);
    let quick = |scale| inks.is_none() || pixels_at(&jpeg, scale) <= MAX_INKS;
    let scale = with_room(&jpeg, largest, quick)?;
    let from = jpeg.size_at(scale);
    let to = if scale == largest { wanted } else { kept(from.0, from.1) };
    from_jpeg(jpeg, scale, to, inks.as_ref())
}

/// Decodes at the full size, or at a smaller one where the picture is too large. Nothing is shrunk: filters may round otherwise on
/// another machine, and the picture must be known again there.
fn whole_jpeg(jpeg: Jpeg<'_>) -> Result<Decoded, Rejected> {
    let (width, height) = jpeg.size();
    let small = pixels_at(&jpeg, Scale::Whole) > MAX_WHOLE_JPEG;
    let most = if small { reaching(&jpeg, kept(width, height)) } else { Scale::Whole };
    let room = |scale| jpeg.memory(scale) + 3 * pixels_at(&jpeg, scale) <= MAX_WHOLE;
    let scale = with_room(&jpeg, most, room)?;
    let size = jpeg.size_at(scale);
    from_jpeg(jpeg, scale, size, None)
}

fn from_jpeg(
    jpeg: Jpeg<'_>,
    scale: Scale,
    to: (u32, u32),
    inks: Option<&Transform>,
) -> Result<Decoded, Rejected> {
    let (from, pixel) = (jpeg.size_at(scale), jpeg.pixel());
    let kind = if pixel == Pixel::Grey { Kind::Grey } else { Kind::Rgb };
    let mut resampling = Resampling::new(kind.channels(), from, to, Filter::Lanczos3);
    let mut line = Vec::new();
    let lost = jpeg.rows(scale, |row| {
        if pixel == Pixel::Inks {
            print(row, &mut line, inks);
            resampling.push(&line);
        } else {
            resampling.push(row);
        }
    });
    let lost = lost.map_err(refusal_of_jpeg)?;
    Ok(Decoded { size: to, samples: resampling.finish()?, kind, damaged: lost.blocks > 0 })
}

/// Amounts of inks (CMYK) in RGB, as a profile says or on white paper.
fn print(inks: &[u8], rgb: &mut Vec<u8>, profile: Option<&Transform>) {
    rgb.clear();
    rgb.resize(inks.len() / 4 * 3, 0);
    if profile.is_none_or(|profile| profile.apply(inks, rgb).is_none()) {
        put_on_paper(inks, rgb);
    }
}

/// The colours of a profile cost no photo, whatever is wrong with it.
fn unless_it_panics<T>(work: impl FnOnce() -> Option<T>) -> Option<T> {
    panic::catch_unwind(AssertUnwindSafe(work)).ok().flatten()
}

fn from_png(pieces: Pieces<'_>, size: (u32, u32), wanted: (u32, u32)) -> Result<Decoded, Rejected> {
    let limits = png::Limits { bytes: MAX_DECODED as usize };
    let mut decoder = png::Decoder::new_with_limits(pieces, limits);
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().map_err(refusal_of_png)?;
    if reader.info().size() != size {
        return Err(Rejected::Damaged);
    }
    let (colour, depth) = reader.output_color_type();
    let kind = match colour {
        png::ColorType::Grayscale | png::ColorType::GrayscaleAlpha => Kind::Grey,
        png::ColorType::Rgb | png::ColorType::Rgba => Kind::Rgb,
        png::ColorType::Indexed => return Err(Rejected::Unsupported),
    };
    let mut resampling = Resampling::new(kind.channels(), size, wanted, Filter::Lanczos3);
    let mut line = Vec::new();
    let mut push = |row: &[u8]| {
        line.clear();
        line.extend_from_slice(row);
        fold(&mut line, colour.samples(), depth == png::BitDepth::Sixteen);
        resampling.push(&line);
    };
    if reader.info().interlaced {
        let length = reader.output_buffer_size().filter(|length| *length <= MAX_INTERLACED);
        let mut samples = vec![0; length.ok_or(Rejected::TooLarge)?];
        let frame = reader.next_frame(&mut samples).map_err(refusal_of_png)?;
        samples.chunks_exact(frame.line_size).for_each(&mut push);
    } else {
        for _ in 0..size.1 {
            let row = reader.next_row().map_err(refusal_of_png)?.ok_or(Rejected::Damaged)?;
            push(row.data());
        }
    }
    Ok(Decoded { size: wanted, samples: resampling.finish()?, kind, damaged: false })
}

fn from_webp(file: &[u8], size: (u32, u32), wanted: (u32, u32)) -> Result<Decoded, Rejected> {
    let decoder = WebPDecoder::new(Cursor::new(file)).map_err(refusal)?;
    if decoder.dimensions() != size {
        return Err(Rejected::Damaged);
    }
    let length = decoder.total_bytes();
    if length > MAX_DECODED {
        return Err(Rejected::TooLarge);
    }
    let channels = usize::from(decoder.color_type().channel_count());
    if usize::from(decoder.color_type().bytes_per_pixel()) != channels || channels < 3 {
        return Err(Rejected::Unsupported);
    }
    let mut samples = vec![0; usize::try_from(length).map_err(|_| Rejected::TooLarge)?];
    decoder.read_image(&mut samples).map_err(refusal)?;
    fold(&mut samples, channels, false);
    let mut resampling = Resampling::new(3, size, wanted, Filter::Lanczos3);
    samples.chunks_exact(3 * size.0 as usize).for_each(|row| resampling.push(row));
    Ok(Decoded { size: wanted, samples: resampling.finish()?, kind: Kind::Rgb, damaged: false })
}

/// Errors of `image` quote what they read, so only their kind is kept.
fn refusal(error: ImageError) -> Rejected {
    match error {
        ImageError::Limits(_) => Rejected::TooLarge,
        ImageError::Unsupported(_) => Rejected::Unsupported,
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => Rejected::Damaged,
    }
}

/// Those of `png` too.
fn refusal_of_png(error: png::DecodingError) -> Rejected {
    match error {
        png::DecodingError::LimitsExceeded => Rejected::TooLarge,
        png::DecodingError::Format(_) | png::DecodingError::IoError(_) | png::DecodingError::Parameter(_) => {
            Rejected::Damaged
        }
    }
}

fn refusal_of_jpeg(error: jpeg::Error) -> Rejected {
    match error {
        jpeg::Error::Damaged => Rejected::Damaged,
        jpeg::Error::Unsupported => Rejected::Unsupported,
        jpeg::Error::TooMuchWork => Rejected::TooLarge,
    }
}

/// Makes opaque samples of eight bits, in place: of `channels` that may have sixteen bits and end with alpha.
fn fold(samples: &mut Vec<u8>, channels: usize, deep: bool) {
    if deep {
        keep_eight_bits(samples);
    }
    match channels {
        2 => put_on_white::<2>(samples),
        4 => put_on_white::<4>(samples),
        _ => {}
    }
}

/// Rounds 16-bit samples, the high byte first, to eight bits.
fn keep_eight_bits(samples: &mut Vec<u8>) {
    let count = samples.len() / 2;
    for index in 0..count {
        let sample = u16::from_be_bytes([samples[2 * index], samples[2 * index + 1]]);
        samples[index] = ((u32::from(sample) * 255 + 32_767) / 65_535) as u8;
    }
    samples.truncate(count);
}

/// Drops the last of `N` channels, which is alpha, as if the picture lay on white paper.
fn put_on_white<const N: usize>(samples: &mut Vec<u8>) {
    let count = samples.len() / N;
    for pixel in 0..count {
        let alpha = u32::from(samples[pixel * N + N - 1]);
        for channel in 0..N - 1 {
            let dark = 255 - u32::from(samples[pixel * N + channel]);
            samples[pixel * (N - 1) + channel] = (255 - (dark * alpha + 127) / 255) as u8;
        }
    }
    samples.truncate(count * (N - 1));
}

/// Turns amounts of cyan, magenta, yellow and black ink into the light that white paper sends back.
fn put_on_paper(inks: &[u8], rgb: &mut [u8]) {
    for (inks, light) in inks.chunks_exact(4).zip(rgb.chunks_exact_mut(3)) {
        let paper = 255 - u32::from(inks[3]);
        for (light, ink) in light.iter_mut().zip(inks) {
            *light = (((255 - u32::from(*ink)) * paper + 127) / 255) as u8;
        }
    }
}

impl Pixels {
    /// The same colours in sRGB, as the profile of the file means them. Comes after shrinking, where it costs little.
    pub(crate) fn in_srgb(mut self) -> Self {
        let from = if self.kind == Kind::Grey { Applied::Grey } else { Applied::Rgb };
        let bytes = self.profile.take();
        let made = unless_it_panics(|| {
            let transform = Profile::read(&bytes?, from)?.to_srgb(from)?;
            let channels = self.kind.channels();
            let mut rgb = Vec::with_capacity(self.samples.len() / channels * 3);
            let mut part = [0; 3 * 1024];
            for pixels in self.samples.chunks(channels * 1024) {
                let part = part.get_mut(..pixels.len() / channels * 3)?;
                transform.apply(pixels, part)?;
                rgb.extend_from_slice(part);
            }
            Some(rgb)
        });
        if let Some(rgb) = made {
            (self.samples, self.kind) = (rgb, Kind::Rgb);
        }
        self
    }

    /// Hands over width and height, then the rows of the picture as [`Self::upright`] would turn it, in RGB; without a second
    /// picture in memory.
    pub(crate) fn rows_upright(self, take: &mut impl FnMut(&[u8])) -> Result<(), Rejected> {
        let index = |length: u32| usize::try_from(length).map_err(|_| Rejected::Damaged);
        let (width, height) = (index(self.width)?, index(self.height)?);
        let channels = self.kind.channels();
        if width == 0 || height == 0 || self.samples.len() != width * height * channels {
            return Err(Rejected::Damaged);
        }
        let lies = matches!(
            self.orientation,
            Orientation::Rotate90
                | Orientation::Rotate270
                | Orientation::Rotate90FlipH
                | Orientation::Rotate270FlipH
        );
        let (across, down) = if lies { (height, width) } else { (width, height) };
        let (right, bottom) = (width - 1, height - 1);
        for side in if lies { [self.height, self.width] } else { [self.width, self.height] } {
            take(&side.to_be_bytes());
        }
        let mut row = vec![0; across * 3];
        for y in 0..down {
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                // Where this pixel stands in the file: the column, then the row.
                let (column, line) = match self.orientation {
                    Orientation::NoTransforms => (x, y),
                    Orientation::FlipHorizontal => (right - x, y),
                    Orientation::FlipVertical => (x, bottom - y),
                    Orientation::Rotate180 => (right - x, bottom - y),
                    Orientation::Rotate90 => (y, bottom - x),
                    Orientation::Rotate270 => (right - y, x),
                    Orientation::Rotate90FlipH => (y, x),
                    Orientation::Rotate270FlipH => (right - y, bottom - x),
                };
                let start = (line * width + column) * channels;
                if channels == 1 {
                    pixel.fill(self.samples[start]);
                } else {
                    pixel.copy_from_slice(&self.samples[start..start + 3]);
                }
            }
            take(&row);
        }
        Ok(())
    }

    /// Turns the picture as its camera was held. Comes after shrinking, where it costs little.
    pub(crate) fn upright(self) -> Result<Upright, Rejected> {
        let samples = if self.kind == Kind::Grey {
            self.samples.iter().flat_map(|grey| [*grey; 3]).collect()
        } else {
            self.samples
        };
        let rgb = RgbImage::from_raw(self.width, self.height, samples).ok_or(Rejected::Damaged)?;
        let mut picture = DynamicImage::ImageRgb8(rgb);
        picture.apply_orientation(self.orientation);
        Ok(Upright { picture: picture.into_rgb8(), damaged: self.damaged })
    }
}

/// An RGB picture as it is to be seen.
pub(crate) struct Upright {
    pub(crate) picture: RgbImage,
    pub(crate) damaged: bool,
}
