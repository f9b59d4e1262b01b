//! From coefficients to samples (ITU-T T.81, A.3.3), at the full size of a block and at smaller ones.
//!
//! The full size rounds as libjpeg does, bit for bit, so that a picture which another program drew from a JPEG is the
//! same. The smaller ones use the lowest coefficients alone, which is the block without the detail that has no room.

use std::num::Wrapping;

/// Hostile coefficients may overflow; what comes of them is of no interest.
type Number = Wrapping<i32>;

/// Fractional bits of the factors, and of what passes from columns to rows.
const FACTOR: usize = 13;
const BETWEEN: usize = 2;

/// A factor with [`FACTOR`] fractional bits.
const fn fixed(factor: f64) -> Number {
    Wrapping((factor * (1 << FACTOR) as f64 + 0.5) as i32)
}

/// Places of a block in the order of the file (figure A.6): row times eight plus column.
pub(crate) const ZIGZAG: [u8; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// The last place in the file's order that a block of that size needs.
pub(crate) fn last_needed(size: usize) -> usize {
    match size {
        1 => 0,
        2 => 4,
        4 => 24,
        _ => 63,
    }
}

/// Draws a block whose coefficients are dequantised and stand in rows of eight. `top` is the last place, in the file's order, that
/// may hold anything.
pub(crate) fn draw(block: &[i32; 64], top: usize, size: usize, out: &mut [u8], stride: usize) {
    if top == 0 || size == 1 {
        let level = level(block[0]);
        for row in out.chunks_mut(stride).take(size) {
            row[..size].fill(level);
        }
        return;
    }
    match size {
        2 => draw_2(block, out, stride),
        4 => draw_4(block, out, stride),
        _ => draw_8(block, top, out, stride),
    }
}

/// The sample of a block that has nothing but its first coefficient.
pub(crate) fn level(first: i32) -> u8 {
    sample(Wrapping(first), 3)
}

#[inline(always)]
fn sample(value: Number, shift: usize) -> u8 {
    ((value + Wrapping(1 << (shift - 1))) >> shift).0.wrapping_add(128).clamp(0, 255) as u8
}

fn draw_2(block: &[i32; 64], out: &mut [u8], stride: usize) {
    let [a, b, c, d] = [0, 1, 8, 9].map(|place| Wrapping(block[place]));
    out[0] = sample(a + b + c + d, 3);
    out[1] = sample(a - b + c - d, 3);
    out[stride] = sample(a + b - c - d, 3);
    out[stride + 1] = sample(a - b - c + d, 3);
}

/// Four points, times √8; `one` is what one stands for in the outcome.
#[inline(always)]
fn four(a: [Number; 4]) -> [Number; 4] {
    const NEAR: Number = fixed(1.306_562_965);
    const FAR: Number = fixed(0.541_196_100);
    let (sum, difference) = ((a[0] + a[2]) << FACTOR, (a[0] - a[2]) << FACTOR);
    let (outer, inner) = (NEAR * a[1] + FAR * a[3], FAR * a[1] - NEAR * a[3]);
    [sum + outer, difference + inner, difference - inner, sum - outer]
}

fn draw_4(block: &[i32; 64], out: &mut [u8], stride: usize) {
    let mut columns = [[Wrapping(0); 4]; 4];
    for (column, made) in columns.iter_mut().enumerate() {
        *made = four([0, 8, 16, 24].map(|row| Wrapping(block[row + column])))
            .map(|value| (value + Wrapping(1 << (FACTOR - BETWEEN - 1))) >> (FACTOR - BETWEEN));
    }
    for (row, line) in out.chunks_mut(stride).take(4).enumerate() {
        let made = four([0, 1, 2, 3].map(|column: usize| columns[column][row]));
        for (out, value) in line.iter_mut().zip(made) {
            *out = sample(value, FACTOR + BETWEEN + 3);
        }
    }
}

/// Eight points, times √8, as libjpeg's `jidctint.c` takes them (Loeffler, Ligtenberg and Moschytz 1989).
#[inline(always)]
fn eight(a: [Number; 8]) -> [Number; 8] {
    let turned = (a[2] + a[6]) * fixed(0.541_196_100);
    let (low, high) = (turned - a[6] * fixed(1.847_759_065), turned + a[2] * fixed(0.765_366_865));
    let (sum, difference) = ((a[0] + a[4]) << FACTOR, (a[0] - a[4]) << FACTOR);
    let even = [sum + high, difference + low, difference - low, sum - high];

    let five = (a[7] + a[3] + a[5] + a[1]) * fixed(1.175_875_602);
    let one = -(a[7] + a[1]) * fixed(0.899_976_223);
    let two = -(a[5] + a[3]) * fixed(2.562_915_447);
    let three = five - (a[7] + a[3]) * fixed(1.961_570_560);
    let four = five - (a[5] + a[1]) * fixed(0.390_180_644);
    let odd = [
        a[1] * fixed(1.501_321_110) + one + four,
        a[3] * fixed(3.072_711_026) + two + three,
        a[5] * fixed(2.053_119_869) + two + four,
        a[7] * fixed(0.298_631_336) + one + three,
    ];
    [
        even[0] + odd[0],
        even[1] + odd[1],
        even[2] + odd[2],
        even[3] + odd[3],
        even[3] - odd[3],
        even[2] - odd[2],
        even[1] - odd[1],
        even[0] - odd[0],
    ]
}

fn draw_8(block: &[i32; 64], top: usize, out: &mut [u8], stride: usize) {
    // The first ten places lie in the first four columns and rows.
    let filled = if top < 10 { 4 } else { 8 };
    let mut between = [[Wrapping(0); 8]; 8];
    for column in 0..filled {
        let mut a = [Wrapping(0); 8];
        for (row, value) in a.iter_mut().enumerate() {
            *value = Wrapping(block[row * 8 + column]);
        }
        let made = if a[1..].iter().all(|value| value.0 == 0) {
            [a[0] << BETWEEN; 8]
        } else {
            eight(a).map(|value| (value + Wrapping(1 << (FACTOR - BETWEEN - 1))) >> (FACTOR - BETWEEN))
        };
        for (row, value) in between.iter_mut().zip(made) {
            row[column] = value;
        }
    }
    for (line, row) in out.chunks_mut(stride).zip(between) {
        let made = eight(row);
        for (out, value) in line.iter_mut().zip(made) {
            *out = sample(value, FACTOR + BETWEEN + 3);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    /// The sum of A.3.3 over the lowest coefficients, for a block of that size.
    fn exact(block: &[i32; 64], size: usize) -> Vec<f64> {
        let cosine = |place: usize, of: usize| {
            let scale = if of == 0 { 0.5_f64.sqrt() } else { 1.0 };
            scale * ((2 * place + 1) as f64 * of as f64 * PI / (2 * size) as f64).cos()
        };
        let at = |x: usize, y: usize| -> f64 {
            (0..size * size)
                .map(|n| {
                    f64::from(block[n / size * 8 + n % size]) * cosine(y, n / size) * cosine(x, n % size)
                })
                .sum()
        };
        (0..size * size).map(|n| (at(n % size, n / size) / 4.0 + 128.0).clamp(0.0, 255.0)).collect()
    }

    #[test]
    fn every_size_is_the_sum_that_the_standard_says() {
        let mut seed = 7_u32;
        for sparse in [1, 2, 6, 12, 64] {
            for size in [1, 2, 4, 8] {
                let mut block = [0; 64];
                for place in ZIGZAG.iter().take(sparse) {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    block[usize::from(*place)] = (seed >> 24) as i32 - 128;
                }
                let mut out = vec![0; 10 * size];
                draw(&block, sparse - 1, size, &mut out, 10);
                for (n, wanted) in exact(&block, size).into_iter().enumerate() {
                    let found = f64::from(out[n / size * 10 + n % size]);
                    assert!((found - wanted).abs() < 0.8, "{sparse} {size} {n}: {found} {wanted}");
                }
            }
        }
    }

    #[test]
    fn no_coefficient_overflows() {
        for size in [1, 2, 4, 8] {
            draw(&[i32::MIN; 64], 63, size, &mut [0; 64], 8);
            draw(&[i32::MAX; 64], 63, size, &mut [0; 64], 8);
        }
    }
}
