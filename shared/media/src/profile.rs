//! What a file says of its colours (ICC.1:2022), and the same colours in sRGB.

use moxcms::{ColorProfile, DataColorSpace, Layout, ParsingOptions, RenderingIntent, TransformOptions};

/// The largest profile that is read, in bytes. Those of printers have two or three million.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A profile that can be applied.
pub(crate) struct Profile(ColorProfile);

/// Colours of one kind in sRGB.
pub(crate) struct Transform(std::sync::Arc<moxcms::Transform8BitExecutor>);

/// What a profile is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Applied {
    Grey,
    Rgb,
    /// 255 is all of the ink.
    Inks,
}

/// Puts together what a JPEG holds of a profile in segments APP2: "ICC_PROFILE", the number of the part from 1, the count
/// of parts (ICC.1:2022, annex B.4). Parts may stand in any order.
pub(crate) fn of_jpeg<'a>(segments: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let mut parts = [None; 256];
    let mut count = 0;
    for segment in segments {
        if let Some([number, of, part @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
            count = usize::from(*of);
            parts[usize::from(*number)].get_or_insert(part);
        }
    }
    let parts: Vec<&[u8]> = parts.get(1..=count)?.iter().copied().collect::<Option<_>>()?;
    (count > 0).then(|| parts.concat())
}

/// Unfolds the body of a PNG's chunk iCCP: a name, a zero, the way of compression, then zlib.
pub(crate) fn of_png(chunk: &[u8]) -> Option<Vec<u8>> {
    let name = chunk.iter().take(80).position(|byte| *byte == 0)?;
    let folded = chunk.get(name + 1..)?.strip_prefix(&[0])?;
    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(folded, MAX_BYTES).ok()
}

impl Profile {
    /// Reads a profile; `None` where there is none that can be applied to such colours.
    pub(crate) fn read(bytes: &[u8], to: Applied) -> Option<Self> {
        if bytes.len() > MAX_BYTES {
            return None;
        }
        let options = ParsingOptions { max_profile_size: MAX_BYTES, ..ParsingOptions::default() };
        let profile = ColorProfile::new_from_slice_with_options(bytes, options).ok()?;
        let space = match to {
            Applied::Grey => DataColorSpace::Gray,
            Applied::Rgb => DataColorSpace::Rgb,
            Applied::Inks => DataColorSpace::Cmyk,
        };
        (profile.color_space == space).then_some(Self(profile))
    }

    /// The way to sRGB; `None` where the profile does not say it, or where nothing would change.
    pub(crate) fn to_srgb(&self, from: Applied) -> Option<Transform> {
        let layout = match from {
            Applied::Grey => Layout::Gray,
            Applied::Rgb => Layout::Rgb,
            Applied::Inks => Layout::Rgba,
        };
        let options =
            TransformOptions { rendering_intent: RenderingIntent::Perceptual, ..TransformOptions::default() };
        let transform =
            self.0.create_transform_8bit(layout, &ColorProfile::new_srgb(), Layout::Rgb, options).ok()?;
        let transform = Transform(transform);
        transform.changes(from).then_some(transform)
    }
}

impl Transform {
    /// Writes RGB for each pixel; both slices have as many.
    pub(crate) fn apply(&self, from: &[u8], into: &mut [u8]) -> Option<()> {
        self.0.transform(from, into).ok()
    }

    /// Whether some colour becomes another by more than rounding.
    fn changes(&self, from: Applied) -> bool {
        let levels = (0..=255_u8).step_by(15);
        let (probes, expected): (Vec<u8>, Vec<u8>) = match from {
            Applied::Inks => return true,
            Applied::Grey => (levels.clone().collect(), levels.flat_map(|level| [level; 3]).collect()),
            Applied::Rgb => {
                let all: Vec<u8> = levels
                    .clone()
                    .flat_map(|red| levels.clone().map(move |green| (red, green)))
                    .flat_map(|(red, green)| levels.clone().flat_map(move |blue| [red, green, blue]))
                    .collect();
                (all.clone(), all)
            }
        };
        let mut found = vec![0; expected.len()];
        self.apply(&probes, &mut found).is_none()
            || found.iter().zip(&expected).any(|(found, expected)| found.abs_diff(*expected) > 1)
    }
}
