//! How large the picture is that is kept.

/// The longest side that is kept of an ordinary picture, in pixels. Smaller pictures keep their size.
pub(crate) const LONG_SIDE: u32 = 1_600;

/// The shorter side that a long picture keeps, in pixels: the text of a scrolled screenshot stays readable.
pub(crate) const SHORT_SIDE: u32 = 720;

/// The most pixels that are kept.
const MOST_PIXELS: u64 = 10_000_000;

/// Width and height that are kept of a picture of that width and height, in pixels.
///
/// The long side is at most 1,600 pixels, or as long as the short one needs to have 720, with no more than ten million pixels.
/// Nothing is enlarged, and nothing becomes narrower than a pixel.
pub fn kept(width: u32, height: u32) -> (u32, u32) {
    let (short, long) = (f64::from(width.min(height)), f64::from(width.max(height)));
    let fits = (f64::from(LONG_SIDE) / long).max(f64::from(SHORT_SIDE) / short);
    let factor = fits.min((MOST_PIXELS as f64 / (long * short)).sqrt()).min(1.0);
    if factor >= 1.0 {
        return (width, height);
    }
    // Rounded, but never to more pixels than there may be.
    let scaled = |side: u32| ((f64::from(side) * factor).round() as u32).clamp(1, side);
    let (wide, high) = (scaled(width), scaled(height));
    if u64::from(wide) * u64::from(high) <= MOST_PIXELS {
        return (wide, high);
    }
    let most = |other: u32| u32::try_from(MOST_PIXELS / u64::from(other)).unwrap_or(other);
    if width > height { (wide.min(most(high)), high) } else { (wide, high.min(most(wide))) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_pictures_are_1600_long_and_long_ones_720_wide() {
        for (from, to) in [
            ((1, 1), (1, 1)),
            ((1600, 1600), (1600, 1600)),
            ((1601, 1200), (1600, 1199)),
            ((1200, 1601), (1199, 1600)),
            ((3200, 1800), (1600, 900)),
            ((4000, 3000), (1600, 1200)),
            ((1599, 7), (1599, 7)),
            ((3840, 1728), (1600, 720)),
            ((1080, 20_000), (720, 13_333)),
            ((16_382, 3_866), (3_051, 720)),
            ((720, 13_000), (720, 13_000)),
            ((65_535, 3), (65_535, 3)),
            ((3_000, 65_535), (677, 14_771)),
        ] {
            assert_eq!(kept(from.0, from.1), to, "{from:?}");
        }
    }

    proptest! {
        #[test]
        fn no_picture_is_enlarged_distorted_or_too_large(width in 1_u32..=65_535, height in 1_u32..=65_535) {
            let (wide, high) = kept(width, height);
            prop_assert!((1..=width).contains(&wide) && (1..=height).contains(&high));
            prop_assert!(u64::from(wide) * u64::from(high) <= MOST_PIXELS);
            // Half a pixel is rounded on each side, and one taken off where the area asks for it.
            let off = (f64::from(wide) * f64::from(height) - f64::from(high) * f64::from(width)).abs();
            prop_assert!(off <= 2.0 * f64::from(width.max(height)));
            // What is made smaller touches one of the limits.
            let (short, long) = (wide.min(high), wide.max(high));
            let at_limit = long == LONG_SIDE || short == SHORT_SIDE
                || u64::from(wide + 1) * u64::from(high + 1) > MOST_PIXELS;
            prop_assert!((wide, high) == (width, height) || at_limit);
            prop_assert_eq!(kept(height, width), (high, wide));
            prop_assert_eq!(kept(wide, high), (wide, high));
        }
    }
}
