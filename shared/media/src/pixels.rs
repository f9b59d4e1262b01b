//! Pixels, and nothing but pixels: decoded, made small, turned upright, written.

use std::io::Cursor;

use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits, RgbImage};
use jpeg_decoder::PixelFormat;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use resize::FilterType;

use crate::clean::{Cleaned, LONGEST_SIDE, MAX_SIDE, Rejected};
use crate::structure::{Format, MAX_PNG, Structure};

/// What a sample is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Grey,
    Rgb,
}

/// An opaque picture of 8-bit samples, grey or RGB, and how it must be turned.
pub(crate) struct Pixels {
    /// The size of the picture in the file, which decoding may have reduced.
    original: (u32, u32),
    width: u32,
    height: u32,
    samples: Vec<u8>,
    kind: Kind,
    orientation: Orientation,
}

/// The most pixels of a JPEG that are decoded at full size: a progressive one is held twice.
const MAX_WHOLE_JPEG: u64 = 16_000_000;

/// Decodes a picture whose structure has been read, no larger than need be.
pub(crate) fn decode(format: Format, structure: Structure<'_>) -> Result<Pixels, Rejected> {
    decode_as(format, structure, |image, original| jpeg(Cursor::new(image), original, true))
}

/// Decodes a picture whose structure has been read at its full size; only a JPEG of more than [`MAX_WHOLE_JPEG`] smaller.
pub(crate) fn decode_whole(format: Format, structure: Structure<'_>) -> Result<Pixels, Rejected> {
    decode_as(format, structure, |image, original| {
        let small = u64::from(original.0) * u64::from(original.1) > MAX_WHOLE_JPEG;
        if small {
            return jpeg(Cursor::new(image), original, true);
        }
        // The decoder that others draw with who use `image`, in less memory; the one of every other photo where it fails.
        let drawn = JpegDecoder::new(Cursor::new(image.as_slice())).map_err(refusal);
        drawn
            .and_then(|decoder| whole(decoder, original))
            .or_else(|_| jpeg(Cursor::new(image), original, false))
    })
}

fn decode_as(
    format: Format,
    structure: Structure<'_>,
    jpeg: impl FnOnce(Vec<u8>, (u32, u32)) -> Result<Decoded, Rejected>,
) -> Result<Pixels, Rejected> {
    // Metadata that cannot be read is no reason to lose a photo: it is dropped anyway.
    let orientation =
        structure.exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    let (image, original) = (structure.image, (structure.width, structure.height));
    let ((width, height), samples, kind) = match format {
        Format::Jpeg => jpeg(image, original)?,
        Format::Png => {
            whole(PngDecoder::with_limits(Cursor::new(image), limits()).map_err(refusal)?, original)?
        }
        Format::WebP => whole(WebPDecoder::new(Cursor::new(image)).map_err(refusal)?, original)?,
    };
    Ok(Pixels { original, width, height, samples, kind, orientation })
}

type Decoded = ((u32, u32), Vec<u8>, Kind);

/// Where `small`, decodes at a half, a quarter or an eighth of the size, as long as the longest side stays at least [`LONGEST_SIDE`].
fn jpeg(input: Cursor<Vec<u8>>, original: (u32, u32), small: bool) -> Result<Decoded, Rejected> {
    let mut decoder = jpeg_decoder::Decoder::new(input);
    decoder.read_info().map_err(refusal_of_jpeg)?;
    let info = decoder.info().ok_or(Rejected::Broken)?;
    // The limits were checked on what the structure says: the decoder must mean the same picture.
    if (u32::from(info.width), u32::from(info.height)) != original {
        return Err(Rejected::Broken);
    }
    let longest = u16::try_from(LONGEST_SIDE).map_err(|_| Rejected::Broken)?;
    let (width, height) = if small {
        decoder.scale(longest, longest).map_err(refusal_of_jpeg)?
    } else {
        (info.width, info.height)
    };
    let mut samples = decoder.decode().map_err(refusal_of_jpeg)?;
    let kind = match info.pixel_format {
        PixelFormat::L8 => Kind::Grey,
        PixelFormat::RGB24 => Kind::Rgb,
        PixelFormat::CMYK32 => {
            put_on_paper(&mut samples);
            Kind::Rgb
        }
        PixelFormat::L16 => return Err(Rejected::Unsupported),
    };
    Ok(((u32::from(width), u32::from(height)), samples, kind))
}

fn whole(mut decoder: impl ImageDecoder, original: (u32, u32)) -> Result<Decoded, Rejected> {
    if decoder.dimensions() != original {
        return Err(Rejected::Broken);
    }
    decoder.set_limits(limits()).map_err(refusal)?;
    // `max_alloc` does not bind every decoder, so the size of the buffer is checked here.
    let length = decoder.total_bytes();
    if length > MAX_PNG {
        return Err(Rejected::TooManyPixels);
    }
    let length = usize::try_from(length).map_err(|_| Rejected::TooManyPixels)?;
    let color = decoder.color_type();
    let mut samples = vec![0; length];
    decoder.read_image(&mut samples).map_err(refusal)?;

    match color.bytes_per_pixel() / color.channel_count() {
        1 => {}
        2 => keep_eight_bits(&mut samples),
        _ => return Err(Rejected::Unsupported),
    }
    let kind = match color.channel_count() {
        1 => Kind::Grey,
        2 => {
            put_on_white::<2>(&mut samples);
            Kind::Grey
        }
        3 => Kind::Rgb,
        4 => {
            put_on_white::<4>(&mut samples);
            Kind::Rgb
        }
        _ => return Err(Rejected::Unsupported),
    };
    Ok((original, samples, kind))
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_PNG);
    limits
}

/// Errors of `image` quote what they read, so only their kind is kept.
fn refusal(error: ImageError) -> Rejected {
    match error {
        ImageError::Limits(_) => Rejected::TooManyPixels,
        ImageError::Unsupported(_) => Rejected::Unsupported,
        ImageError::Decoding(_)
        | ImageError::Encoding(_)
        | ImageError::Parameter(_)
        | ImageError::IoError(_) => Rejected::Broken,
    }
}

fn refusal_of_jpeg(error: jpeg_decoder::Error) -> Rejected {
    match error {
        jpeg_decoder::Error::Unsupported(_) => Rejected::Unsupported,
        jpeg_decoder::Error::Format(_) | jpeg_decoder::Error::Io(_) | jpeg_decoder::Error::Internal(_) => {
            Rejected::Broken
        }
    }
}

/// Rounds native 16-bit samples to eight bits, in place: a second buffer would double the peak.
fn keep_eight_bits(samples: &mut Vec<u8>) {
    let count = samples.len() / 2;
    for index in 0..count {
        let sample = u16::from_ne_bytes([samples[2 * index], samples[2 * index + 1]]);
        samples[index] = ((u32::from(sample) * 255 + 32_767) / 65_535) as u8;
    }
    samples.truncate(count);
}

/// Drops the last of `N` channels, which is alpha, as if the picture lay on white paper; in place as well.
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

/// Turns amounts of cyan, magenta, yellow and black ink into the light that white paper sends back, in place.
fn put_on_paper(samples: &mut Vec<u8>) {
    let count = samples.len() / 4;
    for pixel in 0..count {
        let paper = 255 - u32::from(samples[pixel * 4 + 3]);
        for channel in 0..3 {
            let light = 255 - u32::from(samples[pixel * 4 + channel]);
            samples[pixel * 3 + channel] = ((light * paper + 127) / 255) as u8;
        }
    }
    samples.truncate(count * 3);
}

impl Pixels {
    /// Makes the longest side at most `longest`, keeping the proportions; never enlarges.
    pub(crate) fn shrink(self, longest: u32) -> Result<Self, Rejected> {
        // Proportions are those of the original: decoding at a reduced size rounds both sides up.
        let side = self.original.0.max(self.original.1);
        let scaled = |length: u32| {
            if side <= longest {
                return length;
            }
            let exact = u64::from(length) * u64::from(longest);
            let rounded = (exact + u64::from(side) / 2) / u64::from(side);
            u32::try_from(rounded).map_or(longest, |length| length.clamp(1, longest))
        };
        let (width, height) = (scaled(self.original.0), scaled(self.original.1));
        if (width, height) == (self.width, self.height) {
            return Ok(self);
        }
        let (from, to) = ((self.width, self.height), (width, height));
        let resized = match self.kind {
            Kind::Grey => resize::grey(&self.samples, from, to, FilterType::Lanczos3),
            Kind::Rgb => resize::rgb(&self.samples, from, to, FilterType::Lanczos3),
        };
        let samples = resized.map_err(|_| Rejected::Broken)?;
        Ok(Self { width, height, samples, ..self })
    }

    /// Hands over width and height, then the rows of the picture as [`Self::upright`] would turn it, in RGB; without a second
    /// picture in memory.
    pub(crate) fn rows_upright(self, take: &mut impl FnMut(&[u8])) -> Result<(), Rejected> {
        let index = |length: u32| usize::try_from(length).map_err(|_| Rejected::Broken);
        let (width, height) = (index(self.width)?, index(self.height)?);
        let channels = if self.kind == Kind::Grey { 1 } else { 3 };
        if width == 0 || height == 0 || self.samples.len() != width * height * channels {
            return Err(Rejected::Broken);
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
        let rgb = RgbImage::from_raw(self.width, self.height, samples).ok_or(Rejected::Broken)?;
        let mut picture = DynamicImage::ImageRgb8(rgb);
        picture.apply_orientation(self.orientation);
        Ok(Upright(picture.into_rgb8()))
    }
}

/// An RGB picture as it is to be seen.
pub(crate) struct Upright(pub(crate) RgbImage);

impl Upright {
    /// Writes a JPEG that holds the picture and nothing else, with halved chroma, as cameras do.
    pub(crate) fn encode(self, quality: u8) -> Result<Cleaned, Rejected> {
        let (width, height) = self.0.dimensions();
        let side = |length: u32| u16::try_from(length).map_err(|_| Rejected::Broken);
        let mut jpeg = Vec::new();
        let mut encoder = Encoder::new(&mut jpeg, quality);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder
            .encode(self.0.as_raw(), side(width)?, side(height)?, ColorType::Rgb)
            .map_err(|_| Rejected::Broken)?;
        Ok(Cleaned { jpeg, width, height, damaged: false })
    }
}
