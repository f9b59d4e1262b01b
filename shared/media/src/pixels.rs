//! Pixels, and nothing but pixels: decoded, made small, turned upright, written.

use std::io::Cursor;

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageError, Limits, RgbImage};

use crate::clean::{Cleaned, MAX_PIXELS, MAX_SIDE, Rejected};
use crate::structure::{Format, Structure};

/// The most bytes that a decoded picture may take: [`MAX_PIXELS`] of four samples. A 16-bit PNG reaches it earlier.
const MAX_DECODED: u64 = MAX_PIXELS * 4;

/// The most bytes that a PNG decoder may keep of colour profiles and texts, which may be compressed bombs.
const MAX_PNG_EXTRAS: u64 = 32 * 1024 * 1024;

/// An opaque picture of 8-bit samples, grey or RGB, and how it must be turned.
pub(crate) struct Pixels {
    width: u32,
    height: u32,
    samples: Vec<u8>,
    kind: PixelType,
    orientation: Orientation,
}

/// Decodes a picture whose structure has been read.
pub(crate) fn decode(format: Format, structure: &Structure<'_>) -> Result<Pixels, Rejected> {
    let input = Cursor::new(structure.image);
    match format {
        Format::Jpeg => read(JpegDecoder::new(input).map_err(refusal)?, structure),
        Format::Png => {
            read(PngDecoder::with_limits(input, limits(MAX_PNG_EXTRAS)).map_err(refusal)?, structure)
        }
        Format::WebP => read(WebPDecoder::new(input).map_err(refusal)?, structure),
    }
}

fn read(mut decoder: impl ImageDecoder, structure: &Structure<'_>) -> Result<Pixels, Rejected> {
    let (width, height) = decoder.dimensions();
    // The limits were checked on what the structure says: the decoder must mean the same picture.
    if (width, height) != (structure.width, structure.height) {
        return Err(Rejected::Broken);
    }
    decoder.set_limits(limits(MAX_DECODED)).map_err(refusal)?;
    // `max_alloc` does not bind every decoder, so the size of the buffer is checked here.
    let length = decoder.total_bytes();
    if length > MAX_DECODED {
        return Err(Rejected::TooManyPixels);
    }
    let length = usize::try_from(length).map_err(|_| Rejected::TooManyPixels)?;
    let color = decoder.color_type();
    // Metadata that cannot be read is no reason to lose a photo: it is dropped anyway.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);

    let mut samples = vec![0; length];
    decoder.read_image(&mut samples).map_err(refusal)?;

    match color.bytes_per_pixel() / color.channel_count() {
        1 => {}
        2 => keep_eight_bits(&mut samples),
        _ => return Err(Rejected::Unsupported),
    }
    let kind = match color.channel_count() {
        1 => PixelType::U8,
        2 => {
            put_on_white::<2>(&mut samples);
            PixelType::U8
        }
        3 => PixelType::U8x3,
        4 => {
            put_on_white::<4>(&mut samples);
            PixelType::U8x3
        }
        _ => return Err(Rejected::Unsupported),
    };
    Ok(Pixels { width, height, samples, kind, orientation })
}

fn limits(max_alloc: u64) -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(max_alloc);
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

impl Pixels {
    /// Makes the longest side at most `longest`, keeping the proportions; never enlarges.
    pub(crate) fn shrink(self, longest: u32) -> Result<Self, Rejected> {
        let side = self.width.max(self.height);
        if side <= longest {
            return Ok(self);
        }
        let scaled = |length: u32| {
            let exact = u64::from(length) * u64::from(longest);
            let rounded = (exact + u64::from(side) / 2) / u64::from(side);
            u32::try_from(rounded).map_or(longest, |length| length.clamp(1, longest))
        };
        let (width, height) = (scaled(self.width), scaled(self.height));
        let source =
            ImageRef::new(self.width, self.height, &self.samples, self.kind).map_err(|_| Rejected::Broken)?;
        let mut target = Image::new(width, height, self.kind);
        let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3));
        Resizer::new().resize(&source, &mut target, &options).map_err(|_| Rejected::Broken)?;
        Ok(Self { width, height, samples: target.into_vec(), ..self })
    }

    /// Turns the picture as its camera was held. Comes after shrinking, where it costs little.
    pub(crate) fn upright(self) -> Result<Upright, Rejected> {
        let samples = if self.kind == PixelType::U8 {
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
pub(crate) struct Upright(RgbImage);

impl Upright {
    /// Writes a JPEG that holds the picture and nothing else.
    pub(crate) fn encode(self, quality: u8) -> Result<Cleaned, Rejected> {
        let (width, height) = self.0.dimensions();
        let mut jpeg = Vec::new();
        JpegEncoder::new_with_quality(&mut jpeg, quality)
            .encode(self.0.as_raw(), width, height, ExtendedColorType::Rgb8)
            .map_err(refusal)?;
        Ok(Cleaned { jpeg, width, height })
    }
}
