//! Pictures of 8-bit samples at another size.
//!
//! The kind of the pixels is a type, because the crate's own choice at run time would bring its code for every kind into the
//! functions.

use fast_image_resize::{
    PixelTrait, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::{InnerPixel, U8, U8x3},
};

pub use fast_image_resize::FilterType;

/// The samples are not as many as the size asks for, or a size cannot be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotResized;

/// Which rows of the source become all of the target, in rows of the source and their fractions: the first, and how many. What
/// lies above and below in the source is what the filter sees there.
pub type Part = (f64, f64);

/// A grey picture, a sample a pixel, from one width and height to another.
///
/// # Errors
/// [`NotResized`].
pub fn grey(
    samples: &[u8],
    from: (u32, u32),
    part: Part,
    to: (u32, u32),
    filter: FilterType,
) -> Result<Vec<u8>, NotResized> {
    resized::<U8>(samples, from, part, to, filter)
}

/// A picture in RGB, three samples a pixel, from one width and height to another.
///
/// # Errors
/// [`NotResized`].
pub fn rgb(
    samples: &[u8],
    from: (u32, u32),
    part: Part,
    to: (u32, u32),
    filter: FilterType,
) -> Result<Vec<u8>, NotResized> {
    resized::<U8x3>(samples, from, part, to, filter)
}

fn resized<P: PixelTrait + InnerPixel>(
    samples: &[u8],
    from: (u32, u32),
    part: Part,
    to: (u32, u32),
    filter: FilterType,
) -> Result<Vec<u8>, NotResized> {
    let length = usize::try_from(u64::from(to.0) * u64::from(to.1)).map_err(|_| NotResized)?;
    let mut made = vec![0; length * P::size()];
    let source = TypedImageRef::<P>::from_buffer(from.0, from.1, samples).map_err(|_| NotResized)?;
    let mut target = TypedImage::<P>::from_buffer(to.0, to.1, &mut made).map_err(|_| NotResized)?;
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(
        0.0,
        part.0,
        f64::from(from.0),
        part.1,
    );
    Resizer::new().resize_typed(&source, &mut target, &options).map_err(|_| NotResized)?;
    Ok(made)
}
