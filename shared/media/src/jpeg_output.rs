//! Writing a JPEG: its quality, and nothing in it but the picture.

use crate::pixels::Upright;
use crate::rejected::Rejected;
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// The JPEG quality of kept photos and of viewers' copies.
const QUALITY: u8 = 85;

impl Upright {
    /// A JPEG that holds the picture and nothing else, with chroma halved both ways, as cameras do.
    pub(crate) fn to_jpeg(&self) -> Result<Vec<u8>, Rejected> {
        let (width, height) = self.picture.dimensions();
        let side = |length: u32| u16::try_from(length).map_err(|_| Rejected::Damaged);
        let mut jpeg = Vec::new();
        let mut encoder = Encoder::new(&mut jpeg, QUALITY);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder
            .encode(self.picture.as_raw(), side(width)?, side(height)?, ColorType::Rgb)
            .map_err(|_| Rejected::Damaged)?;
        Ok(jpeg)
    }
}
