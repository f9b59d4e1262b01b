//! From the samples of the components to rows of the picture: chroma made as large as the picture, and colours.

use crate::colours::Colours;
use crate::frame::Frame;

/// How a component is made as large as the picture.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Enlarged {
    /// The component has the size of the picture already.
    Not,
    /// Doubled across with triangles, as libjpeg's `h2v1_fancy_upsample`.
    Across,
    /// Doubled down, as `h1v2_fancy_upsample`.
    Down,
    /// Doubled in both directions, as `h2v2_fancy_upsample`.
    Both,
    /// Enlarged by any other ratio, taking the nearest sample.
    Nearest,
}

/// The rows of a component's last two rows of MCUs, which are all that is ever held of it.
struct Plane {
    /// The side of a block in samples.
    size: usize,
    /// Samples of a row, with those that only fill up.
    stride: usize,
    /// The height of a row of MCUs in samples.
    high: usize,
    /// What of it belongs to the picture, in samples.
    width: usize,
    height: usize,
    /// How many samples of the component there are for so many of the picture, across and down.
    across: (usize, usize),
    down: (usize, usize),
    enlarged: Enlarged,
    ring: Vec<u8>,
}

impl Plane {
    fn row(&self, row: usize) -> &[u8] {
        let row = row.min(self.height - 1) % (2 * self.high);
        &self.ring[row * self.stride..(row + 1) * self.stride]
    }
}

/// Draws rows from the top to the bottom.
pub(crate) struct Rows {
    width: usize,
    height: usize,
    colours: Colours,
    /// Rows of the picture in a row of MCUs, and how many of them wait for the next one.
    high: usize,
    waiting: usize,
    planes: Vec<Plane>,
    larger: Vec<Vec<u8>>,
    drawn: usize,
    line: Vec<u8>,
}

/// The sides of a picture whose blocks of eight become blocks of `size`.
pub(crate) fn reduced(frame: &Frame, size: usize) -> (usize, usize) {
    ((frame.width * size).div_ceil(8), (frame.height * size).div_ceil(8))
}

impl Rows {
    pub(crate) fn new(frame: &Frame, colours: Colours, size: usize) -> Self {
        let (width, height) = reduced(frame, size);
        let planes: Vec<Plane> = frame
            .components
            .iter()
            .map(|one| {
                let block = frame.block(one, size);
                let across = (one.across * block, frame.most_across * size);
                let down = (one.down * block, frame.most_down * size);
                let own =
                    |picture: usize, part: usize, whole: usize| (picture * part * block).div_ceil(whole * 8);
                let (own_width, own_height) = (
                    own(frame.width, one.across, frame.most_across),
                    own(frame.height, one.down, frame.most_down),
                );
                let twice = |(part, whole): (usize, usize)| part * 2 == whole;
                let same = |(part, whole): (usize, usize)| part == whole;
                let enlarged = match () {
                    () if same(across) && same(down) => Enlarged::Not,
                    // Blocks of one sample have no neighbours in the same row of MCUs.
                    () if block == 1 => Enlarged::Nearest,
                    () if same(across) && twice(down) => Enlarged::Down,
                    () if own_width <= 2 => Enlarged::Nearest,
                    () if twice(across) && same(down) => Enlarged::Across,
                    () if twice(across) && twice(down) => Enlarged::Both,
                    () => Enlarged::Nearest,
                };
                let (stride, high) = (frame.mcus_across * one.across * block, one.down * block);
                Plane {
                    size: block,
                    stride,
                    high,
                    width: own_width,
                    height: own_height,
                    across,
                    down,
                    enlarged,
                    ring: vec![0; 2 * high * stride],
                }
            })
            .collect();
        let waits = planes.iter().any(|plane| matches!(plane.enlarged, Enlarged::Down | Enlarged::Both));
        Self {
            width,
            height,
            colours,
            high: frame.most_down * size,
            waiting: usize::from(waits),
            larger: planes.iter().map(|_| vec![0; width + 1]).collect(),
            planes,
            drawn: 0,
            line: vec![0; width * colours.channels()],
        }
    }

    /// The side of a block of a component.
    pub(crate) fn size(&self, component: usize) -> usize {
        self.planes[component].size
    }

    /// Where a block is drawn, and how long rows are there: the row of MCUs, then the block's row in it and its column.
    #[inline(always)]
    pub(crate) fn place(
        &mut self,
        component: usize,
        mcu_row: usize,
        row: usize,
        column: usize,
    ) -> (&mut [u8], usize) {
        let plane = &mut self.planes[component];
        let row = mcu_row % 2 * plane.high + row * plane.size;
        (&mut plane.ring[row * plane.stride + column * plane.size..], plane.stride)
    }

    /// Hands over the rows that can be drawn when all blocks of that row of MCUs are.
    pub(crate) fn drawn(&mut self, mcu_row: usize, take: &mut impl FnMut(&[u8])) {
        let there = (mcu_row + 1) * self.high;
        let until = if there >= self.height { self.height } else { there - self.waiting };
        while self.drawn < until {
            for (plane, larger) in self.planes.iter().zip(&mut self.larger) {
                enlarge(plane, self.drawn, larger);
            }
            let mut rows = [&[][..]; 4];
            for ((row, plane), larger) in rows.iter_mut().zip(&self.planes).zip(&self.larger) {
                *row = if plane.enlarged == Enlarged::Not { plane.row(self.drawn) } else { larger };
                *row = &row[..self.width];
            }
            colour(self.colours, rows, &mut self.line);
            take(&self.line);
            self.drawn += 1;
        }
    }
}

/// Draws that row of the picture from the samples of a component that are nearest, three quarters of the nearest and a quarter of the
/// next; with libjpeg's rounding.
fn enlarge(plane: &Plane, row: usize, out: &mut [u8]) {
    let near = row * plane.down.0 / plane.down.1;
    // The row on the other side of the sample's middle.
    let next = if row.is_multiple_of(2) { near.saturating_sub(1) } else { near + 1 };
    let width = plane.width;
    match plane.enlarged {
        Enlarged::Not => {}
        Enlarged::Across => {
            let row = &plane.row(near)[..width];
            let at = |column: usize| u16::from(row[column]);
            out[0] = row[0];
            for (column, pair) in out[1..2 * width - 1].chunks_exact_mut(2).enumerate() {
                let (left, right) = (at(column), at(column + 1));
                pair[0] = ((left * 3 + right + 2) >> 2) as u8;
                pair[1] = ((right * 3 + left + 1) >> 2) as u8;
            }
            if let Some(last) = out.get_mut(2 * width - 1) {
                *last = row[width - 1];
            }
        }
        Enlarged::Down => {
            let bias = if row.is_multiple_of(2) { 1 } else { 2 };
            for ((out, near), next) in out.iter_mut().zip(&plane.row(near)[..width]).zip(plane.row(next)) {
                *out = ((u16::from(*near) * 3 + u16::from(*next) + bias) >> 2) as u8;
            }
        }
        Enlarged::Both => {
            let (near, next) = (&plane.row(near)[..width], &plane.row(next)[..width]);
            let at = |column: usize| u16::from(near[column]) * 3 + u16::from(next[column]);
            out[0] = ((at(0) * 4 + 8) >> 4) as u8;
            for (column, pair) in out[1..2 * width - 1].chunks_exact_mut(2).enumerate() {
                let (left, right) = (at(column), at(column + 1));
                pair[0] = ((left * 3 + right + 7) >> 4) as u8;
                pair[1] = ((right * 3 + left + 8) >> 4) as u8;
            }
            if let Some(last) = out.get_mut(2 * width - 1) {
                *last = ((at(width - 1) * 4 + 7) >> 4) as u8;
            }
        }
        Enlarged::Nearest => {
            let row = plane.row(near);
            for (column, out) in out.iter_mut().enumerate() {
                *out = row[(column * plane.across.0 / plane.across.1).min(width - 1)];
            }
        }
    }
}

/// Writes a row of the picture in its colours.
fn colour(colours: Colours, rows: [&[u8]; 4], line: &mut [u8]) {
    let [first, second, third, fourth] = rows;
    match colours {
        Colours::Grey => line.copy_from_slice(first),
        Colours::Rgb => {
            for (((pixel, red), green), blue) in
                line.as_chunks_mut().0.iter_mut().zip(first).zip(second).zip(third)
            {
                *pixel = [*red, *green, *blue];
            }
        }
        Colours::YCbCr => {
            for (((pixel, y), cb), cr) in line.as_chunks_mut().0.iter_mut().zip(first).zip(second).zip(third)
            {
                *pixel = rgb(*y, *cb, *cr);
            }
        }
        Colours::Inks { inverted } => {
            let flip = if inverted { 0xFF } else { 0 };
            for ((((pixel, c), m), y), k) in
                line.as_chunks_mut().0.iter_mut().zip(first).zip(second).zip(third).zip(fourth)
            {
                *pixel = [c ^ flip, m ^ flip, y ^ flip, k ^ flip];
            }
        }
        Colours::YCbCrInks { inverted } => {
            let flip = if inverted { 0xFF } else { 0 };
            for ((((pixel, y), cb), cr), k) in
                line.as_chunks_mut().0.iter_mut().zip(first).zip(second).zip(third).zip(fourth)
            {
                let [c, m, y] = rgb(*y, *cb, *cr).map(|light| !light ^ flip);
                *pixel = [c, m, y, k ^ flip];
            }
        }
    }
}

/// JFIF 1.02, "Conversion to and from RGB", with libjpeg's rounding.
#[inline(always)]
fn rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let light = |more: i32| (y + (more >> 16)).clamp(0, 255) as u8;
    [light(91_881 * cr + HALF), light(-22_554 * cb - 46_802 * cr + HALF), light(116_130 * cb + HALF)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_the_corners_are_those_of_jfif() {
        assert_eq!(rgb(0, 128, 128), [0; 3]);
        assert_eq!(rgb(255, 128, 128), [255; 3]);
        assert_eq!(rgb(76, 85, 255), [254, 0, 0]);
        assert_eq!(rgb(29, 255, 107), [0, 0, 254]);
    }
}
