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
    /// Inks, of which 255 is the full amount.
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

/// The profile of cameras that say Adobe RGB in EXIF.
pub(crate) fn adobe_rgb() -> Option<Vec<u8>> {
    ColorProfile::new_adobe_rgb().encode().ok()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{ADOBE_RGB, Curve, DISPLAY_P3, SRGB, icc};

    /// Colours, and what Little CMS 2.17 makes of them (Pillow's `ImageCms.profileToProfile`, perceptual).
    const COLOURS: [[u8; 3]; 12] = [
        [200, 60, 60],
        [0, 0, 0],
        [255, 255, 255],
        [128, 128, 128],
        [32, 32, 32],
        [60, 200, 60],
        [60, 60, 200],
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [230, 180, 40],
        [20, 90, 140],
    ];
    const FROM_P3: [[u8; 3]; 12] = [
        [217, 42, 52],
        [0, 0, 0],
        [255, 255, 255],
        [128, 128, 128],
        [32, 32, 32],
        [0, 203, 11],
        [60, 60, 208],
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [239, 177, 0],
        [0, 92, 144],
    ];
    const FROM_ADOBE: [[u8; 3]; 12] = [
        [231, 57, 57],
        [0, 0, 0],
        [255, 255, 255],
        [129, 129, 129],
        [26, 26, 26],
        [0, 201, 37],
        [57, 57, 205],
        [255, 0, 0],
        [0, 255, 0],
        [0, 0, 255],
        [247, 181, 0],
        [0, 90, 143],
    ];
    const FROM_GAMMA: [[u8; 3]; 12] = [
        [210, 77, 77],
        [0, 0, 0],
        [255, 255, 255],
        [146, 146, 146],
        [43, 43, 43],
        [77, 210, 77],
        [77, 77, 210],
        [255, 0, 0],
        [1, 255, 0],
        [0, 0, 255],
        [235, 193, 53],
        [26, 109, 158],
    ];

    #[test]
    fn colours_are_those_of_another_colour_management() {
        for (profile, expected) in [
            (icc(Some(DISPLAY_P3), Curve::Srgb), FROM_P3),
            (icc(Some(ADOBE_RGB), Curve::Gamma(2.199)), FROM_ADOBE),
            (adobe_rgb().unwrap(), FROM_ADOBE),
            (icc(Some(SRGB), Curve::Gamma(1.8)), FROM_GAMMA),
        ] {
            let transform = Profile::read(&profile, Applied::Rgb).unwrap().to_srgb(Applied::Rgb).unwrap();
            let mut found = vec![0; 36];
            transform.apply(COLOURS.as_flattened(), &mut found).unwrap();
            let off = found.iter().zip(expected.as_flattened()).map(|(a, b)| f64::from(a.abs_diff(*b)));
            let (mean, most) = (off.clone().sum::<f64>() / 36.0, off.fold(0.0, f64::max));
            assert!(mean < 1.0 && most <= 6.0, "{mean} {most} {found:?}");
        }
    }

    #[test]
    fn grey_profiles_are_applied_to_grey_alone() {
        let profile = icc(None, Curve::Gamma(1.8));
        let transform = Profile::read(&profile, Applied::Grey).unwrap().to_srgb(Applied::Grey).unwrap();
        let mut found = [0; 15];
        transform.apply(&[0, 32, 128, 200, 255], &mut found).unwrap();
        for (found, expected) in found.as_chunks::<3>().0.iter().zip([0, 43, 146, 210, 255]) {
            assert!(found.iter().all(|level| level.abs_diff(expected) <= 1), "{found:?} {expected}");
        }
        assert!(Profile::read(&profile, Applied::Rgb).is_none());
        assert!(Profile::read(&icc(Some(SRGB), Curve::Srgb), Applied::Inks).is_none());
    }

    #[test]
    fn a_profile_of_srgb_changes_nothing() {
        let profile = Profile::read(&icc(Some(SRGB), Curve::Srgb), Applied::Rgb).unwrap();
        assert!(profile.to_srgb(Applied::Rgb).is_none());
    }

    #[test]
    fn the_parts_of_a_jpegs_profile_may_come_in_any_order_and_must_all_be_there() {
        let part =
            |number: u8, of: u8, body: &str| [b"ICC_PROFILE\0", &[number, of][..], body.as_bytes()].concat();
        let together = |parts: &[Vec<u8>]| of_jpeg(parts.iter().map(Vec::as_slice));
        let (one, two, three) = (part(1, 3, "ab"), part(2, 3, "cd"), part(3, 3, "ef"));
        let other = b"MPF\0".to_vec();
        assert_eq!(together(&[three.clone(), other, one.clone(), two]), Some(b"abcdef".to_vec()));
        assert_eq!(together(&[one, three]), None);
        assert_eq!(together(&[part(0, 0, "ab")]), None);
        assert_eq!(together(&[]), None);
    }

    #[test]
    fn a_folded_profile_unfolds_no_further_than_its_limit() {
        let folded = |length: usize| {
            let zlib = miniz_oxide::deflate::compress_to_vec_zlib(&vec![7; length], 6);
            [b"name\0\0", &*zlib].concat()
        };
        assert_eq!(of_png(&folded(9_000)), Some(vec![7; 9_000]));
        assert_eq!(of_png(&folded(MAX_BYTES + 1)), None);
        assert_eq!(of_png(b"name"), None);
        assert_eq!(of_png(&[b'n'; 200]), None);
    }

    #[test]
    fn no_broken_profile_panics() {
        for good in [icc(Some(DISPLAY_P3), Curve::Srgb), icc(None, Curve::Gamma(1.8))] {
            for at in 0..good.len() {
                for value in [0, 1, 0x7F, 0xFF] {
                    let mut broken = good.clone();
                    broken[at] = value;
                    for to in [Applied::Grey, Applied::Rgb, Applied::Inks] {
                        let _ = Profile::read(&broken, to).and_then(|profile| profile.to_srgb(to));
                    }
                }
                assert!(Profile::read(&good[..at], Applied::Rgb).is_none_or(|profile| {
                    profile
                        .to_srgb(Applied::Rgb)
                        .is_none_or(|transform| transform.apply(&[1; 3], &mut [0; 3]).is_some())
                }));
            }
        }
    }
}
