//! Reads the code of a viewer's copy out of a picture of it, also a cut, small or badly compressed one.
//!
//! A decoder for operators and tests: a person reads the code by eye, this does it without one. It knows the font and the
//! plates of `mark.rs` (the dark boxes that it writes the code on), looks for plates at every size, and compares their symbols with the font's; what several plates
//! show is added up. Turned, skewed or photographed pictures are beyond it.

use std::collections::BTreeMap;
use std::ops::Range;

use image::imageops::{self, FilterType};
use image::{DynamicImage, GrayImage, RgbImage};
use thiserror::Error;

use crate::mark::{CODE_SYMBOLS, COLUMNS, Glyph, ROWS, plate};
use crate::pixels;
use crate::size::LONG_SIDE;

/// What a code is made of, as in `domain::crockford`.
const ALPHABET: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// How wide a symbol may be in the picture, in pixels: below, nothing can be told apart; copies have at most 26, and
/// screens may show them at twice their size.
const WIDTHS: Range<f32> = 5.0..72.0;

/// How wide a symbol is made for the search, in pixels: a plate becomes 48 pixels wide, a multiple of the eight lanes of `Pattern::look`.
const SEARCHED: f32 = 48.0 / plate::WIDTH;

/// How wide a symbol is made for the comparison, in pixels: as wide as in the font.
const COMPARED: f32 = COLUMNS as f32;

/// The resolution that a picture really has, as a share of its pixels: scaling it down and sampling between pixels both blur it.
const SHARPNESS: f32 = 0.65;

/// How alike eight symbols must be on average, 1 being the same.
const LIKENESS: f32 = 0.65;

/// A code that was read from a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The eight symbols of the code.
    pub code: String,
    /// How alike the symbols are to the font's, 0–1.
    pub likeness: f32,
    /// By how much the least certain symbol is more alike than the next best, 0–1. Below 0.05 look at the picture yourself.
    pub margin: f32,
}

/// Why no code could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unread {
    /// The bytes are no picture that can be decoded.
    #[error("not a picture")]
    NotAPicture,
    /// The picture has no plate with a code.
    #[error("no code found in the picture")]
    NoCode,
}

/// Reads the code of a picture: the bytes of a JPEG, PNG or WebP.
///
/// # Errors
///
/// [`Unread`] when nothing can be read.
pub fn code_of(picture: &[u8]) -> Result<Reading, Unread> {
    code_in(&DynamicImage::ImageRgb8(picture_of(picture)?).into_luma8()).ok_or(Unread::NoCode)
}

/// Draws a picture as it is to be seen, in RGB and at its full size: the bytes of a JPEG, PNG or WebP.
///
/// # Errors
///
/// [`Unread::NotAPicture`].
pub fn picture_of(bytes: &[u8]) -> Result<RgbImage, Unread> {
    let drawn = pixels::open(bytes).and_then(|opened| opened.whole()?.upright());
    drawn.map(|upright| upright.picture).map_err(|_| Unread::NotAPicture)
}

/// Reads the code of a grey picture.
pub fn code_in(picture: &GrayImage) -> Option<Reading> {
    let picture = &middle(picture);
    let mut found = search(picture);
    found.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    found.truncate(80);
    let mut templates = Sizes::default();
    let mut likely: Vec<(f32, Compared)> = found
        .into_iter()
        .filter_map(|found| {
            let compared = templates.of(found.place.width).compare(picture, found.place)?;
            Some((found.likeness + compared.likeness, compared))
        })
        .collect();
    // Ranked by the sum of both scores: the comparison looks at the symbols alone, and only the search also sees the gap between the two
    // groups of four symbols and the edge of the plate.
    likely.sort_by(|a, b| b.0.total_cmp(&a.0));
    likely.truncate(20);
    let mut read: Vec<Compared> = likely
        .into_iter()
        .map(|(_, plate)| refined(picture, templates.of(plate.place.width), plate))
        .collect();
    read.sort_by(|a, b| b.likeness.total_cmp(&a.likeness));
    let best = read.first()?;
    if best.likeness < LIKENESS {
        return None;
    }
    // Other plates of the same picture have the same size. What overlaps one is that plate again, found slightly off.
    let (width, likeness) = (best.place.width, best.likeness);
    let mut plates: Vec<&Compared> = Vec::new();
    for other in &read {
        let alike = (other.place.width / width - 1.0).abs() < 0.03 && other.likeness > likeness * 0.95;
        if alike && plates.iter().all(|plate| plate.place.is_clear_of(other.place)) {
            plates.push(other);
        }
    }
    let symbols: Vec<(f32, Vec<Vec<f32>>)> = plates
        .into_iter()
        .map(|plate| (plate.likeness, templates.of(width).compare_closely(picture, plate.place)))
        .collect();
    let weights: f32 = symbols.iter().map(|plate| plate.0).sum();
    let mut code = String::new();
    let mut margin = f32::MAX;
    for number in 0..CODE_SYMBOLS {
        let mut sums: Vec<(f32, char)> = ALPHABET
            .chars()
            .enumerate()
            .map(|(symbol, letter)| {
                let sum: f32 = symbols.iter().map(|(weight, likes)| likes[number][symbol] * weight).sum();
                (sum / weights, letter)
            })
            .collect();
        sums.sort_by(|a, b| b.0.total_cmp(&a.0));
        margin = margin.min(sums[0].0 - sums[1].0);
        code.push(sums[0].1);
    }
    Some(Reading { code, likeness, margin })
}

/// The middle of a long picture, which holds several plates; a picture of another shape as it is.
fn middle(picture: &GrayImage) -> GrayImage {
    let (width, height) = picture.dimensions();
    let most = (3 * width.min(height)).max(LONG_SIDE);
    let (wide, high) = (width.min(most), height.min(most));
    imageops::crop_imm(picture, (width - wide) / 2, (height - high) / 2, wide, high).to_image()
}

/// Where a plate may be: its upper left corner and the width of a symbol, in pixels.
#[derive(Debug, Clone, Copy)]
struct Place {
    left: f32,
    top: f32,
    width: f32,
}

impl Place {
    fn is_clear_of(self, other: Self) -> bool {
        (self.left - other.left).abs() > self.width * plate::WIDTH
            || (self.top - other.top).abs() > self.width * plate::HEIGHT
    }
}

struct Found {
    place: Place,
    likeness: f32,
}

/// Looks for what all plates have in common, at every size.
fn search(picture: &GrayImage) -> Vec<Found> {
    let pattern = common_pattern();
    let mut found = Vec::new();
    // The shorter side of a whole copy is at most 62 symbols long, and what is cut out of one has fewer.
    let mut width = WIDTHS.start.max(picture.width().min(picture.height()) as f32 / 75.0);
    while width < WIDTHS.end {
        let factor = SEARCHED / width;
        let scaled = |side: u32| ((side as f32 * factor).round() as u32).max(1);
        let (wide, high) = (scaled(picture.width()), scaled(picture.height()));
        if wide >= pattern.wide as u32 && high >= pattern.high as u32 {
            let small = imageops::resize(picture, wide, high, FilterType::Triangle);
            let mut here = pattern.look(&small);
            here.sort_by(|a, b| b.2.total_cmp(&a.2));
            found.extend(here.into_iter().take(24).map(|(x, y, likeness)| Found {
                place: Place { left: x as f32 / factor, top: y as f32 / factor, width },
                likeness,
            }));
        }
        width *= 1.05;
    }
    found
}

/// The brightness of an average plate: at each symbol's place the mean of all symbols of the alphabet, normalized to mean 0 and norm 1.
struct Pattern {
    wide: usize,
    high: usize,
    values: Vec<f32>,
}

fn common_pattern() -> Pattern {
    let (wide, high) =
        ((plate::WIDTH * SEARCHED).round() as usize, (plate::HEIGHT * SEARCHED).round() as usize);
    let glyphs: Vec<Glyph> = ALPHABET.chars().filter_map(Glyph::of).collect();
    let mut values = Vec::with_capacity(wide * high);
    for y in 0..high {
        for x in 0..wide {
            let (across, down) = ((x as f32 + 0.5) / SEARCHED, (y as f32 + 0.5) / SEARCHED);
            let number = (0..CODE_SYMBOLS).find(|n| (0.0..1.0).contains(&(across - plate::symbol(*n))));
            let light = number.map_or(0.0, |number| {
                let column = (across - plate::symbol(number)) * COLUMNS as f32;
                let row = down * COLUMNS as f32;
                let sum: f32 =
                    glyphs.iter().map(|glyph| glyph.at(column, row, SEARCHED / COLUMNS as f32)).sum();
                sum / glyphs.len() as f32
            });
            values.push(light);
        }
    }
    normalize(&mut values);
    Pattern { wide, high, values }
}

impl Pattern {
    /// The places where the picture is more like the pattern than right beside them.
    fn look(&self, picture: &GrayImage) -> Vec<(u32, u32, f32)> {
        let (wide, high) = (picture.width() as usize, picture.height() as usize);
        let samples: Vec<f32> = picture.as_raw().iter().map(|sample| f32::from(*sample)).collect();
        let (sums, squares) =
            (Sums::of(wide, &samples, |sample| sample), Sums::of(wide, &samples, |sample| sample * sample));
        let (columns, rows) = (wide - self.wide + 1, high - self.high + 1);
        let mut likeness = vec![0.0_f32; columns * rows];
        let count = (self.wide * self.high) as f32;
        for y in 0..rows {
            for x in 0..columns {
                let mut lanes = [0.0_f32; 8];
                for row in 0..self.high {
                    let at = (y + row) * wide + x;
                    let pattern = self.values[row * self.wide..(row + 1) * self.wide].chunks_exact(8);
                    for (samples, values) in samples[at..at + self.wide].chunks_exact(8).zip(pattern) {
                        for lane in 0..8 {
                            lanes[lane] += samples[lane] * values[lane];
                        }
                    }
                }
                let product: f32 = lanes.iter().sum();
                let sum = sums.within(x, y, self.wide, self.high);
                // The pattern has mean 0 and norm 1.
                let spread = (squares.within(x, y, self.wide, self.high) - sum * sum / count).max(count);
                likeness[y * columns + x] = product / spread.sqrt();
            }
        }
        let mut peaks = Vec::new();
        for y in 0..rows {
            for x in 0..columns {
                let here = likeness[y * columns + x];
                let around = (y.saturating_sub(2)..(y + 3).min(rows))
                    .flat_map(|y| (x.saturating_sub(2)..(x + 3).min(columns)).map(move |x| y * columns + x));
                if here > 0.2 && around.into_iter().all(|other| likeness[other] <= here) {
                    peaks.push((x as u32, y as u32, here));
                }
            }
        }
        peaks
    }
}

/// The sums over everything above and left of a place, from which that of any rectangle follows.
struct Sums {
    wide: usize,
    values: Vec<f64>,
}

impl Sums {
    fn of(wide: usize, samples: &[f32], what: impl Fn(f32) -> f32) -> Self {
        let mut values = vec![0.0; wide + 1];
        for row in samples.chunks_exact(wide) {
            let mut sum = 0.0;
            values.push(0.0);
            for sample in row {
                sum += f64::from(what(*sample));
                values.push(sum + values[values.len() - wide - 1]);
            }
        }
        Self { wide: wide + 1, values }
    }

    fn within(&self, left: usize, top: usize, wide: usize, high: usize) -> f32 {
        let at = |x: usize, y: usize| self.values[y * self.wide + x];
        let (right, bottom) = (left + wide, top + high);
        (at(right, bottom) - at(left, bottom) - at(right, top) + at(left, top)) as f32
    }
}

/// Takes the mean away and makes the length one, so that brightness and contrast do not count.
fn normalize(values: &mut [f32]) {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    let length = values.iter().map(|value| (value - mean).powi(2)).sum::<f32>().sqrt().max(1.0);
    for value in values {
        *value = (*value - mean) / length;
    }
}

/// A plate's place and its score: for each symbol the best match in the alphabet, averaged over the eight.
struct Compared {
    place: Place,
    likeness: f32,
}

/// Moves and scales the place in ever smaller steps as long as its symbols become more like symbols.
fn refined(picture: &GrayImage, templates: &Templates, mut best: Compared) -> Compared {
    let mut step = 0.12;
    while step > 0.01 {
        let Place { left, top, width } = best.place;
        let (shift, scale) = (step * width, 1.0 + step * 0.2);
        let tries = [
            (shift, 0.0, 1.0),
            (-shift, 0.0, 1.0),
            (0.0, shift, 1.0),
            (0.0, -shift, 1.0),
            (0.0, 0.0, scale),
            (0.0, 0.0, 1.0 / scale),
        ];
        let better = tries
            .into_iter()
            .filter_map(|(right, down, scale)| {
                // The middle of the plate stays where it is.
                let grown = width * (1.0 - scale);
                let place = Place {
                    left: left + right + grown * plate::WIDTH / 2.0,
                    top: top + down + grown * plate::HEIGHT / 2.0,
                    width: width * scale,
                };
                templates.compare(picture, place)
            })
            .max_by(|a, b| a.likeness.total_cmp(&b.likeness));
        match better {
            Some(better) if better.likeness > best.likeness => best = better,
            _ => step /= 2.0,
        }
    }
    best
}

/// The symbols at each size that was asked for, in quarters of a pixel.
#[derive(Default)]
struct Sizes(BTreeMap<u32, Templates>);

impl Sizes {
    fn of(&mut self, width: f32) -> &Templates {
        let size = (width.min(COMPARED / SHARPNESS) * 4.0).round();
        self.0.entry(size as u32).or_insert_with(|| Templates::for_width(size / 4.0))
    }
}

/// The font's symbols, blurred to the resolution that a symbol of this width has in the picture.
struct Templates(Vec<Vec<f32>>);

impl Templates {
    fn for_width(width: f32) -> Self {
        let scale = (width * SHARPNESS / COMPARED).min(1.0);
        let of = |glyph: Glyph| {
            let mut values: Vec<f32> = (0..ROWS.len())
                .flat_map(|row| (0..COLUMNS).map(move |column| (column as f32 + 0.5, row as f32 + 0.5)))
                .map(|(column, row)| glyph.at(column, row, scale))
                .collect();
            normalize_exactly(&mut values);
            values
        };
        Self(ALPHABET.chars().filter_map(Glyph::of).map(of).collect())
    }

    /// `None` where the plate is not wholly in the picture.
    fn compare(&self, picture: &GrayImage, place: Place) -> Option<Compared> {
        let Place { left, top, width } = place;
        let within = left > -width * 0.5
            && top > -width * 0.2
            && left + width * (plate::WIDTH - 0.5) < picture.width() as f32
            && top + width * (plate::HEIGHT - 0.2) < picture.height() as f32;
        if !within || !WIDTHS.contains(&width) {
            return None;
        }
        let symbols: Vec<Vec<f32>> =
            (0..CODE_SYMBOLS).map(|number| self.likes(picture, place, number, (0.0, 0.0))).collect();
        let best = symbols.iter().map(|likes| likes.iter().copied().fold(0.0, f32::max));
        let likeness = best.sum::<f32>() / CODE_SYMBOLS as f32;
        Some(Compared { place, likeness })
    }

    /// The same, with each symbol allowed to lie a little beside its place: scaling and cutting leave no whole pixels.
    fn compare_closely(&self, picture: &GrayImage, place: Place) -> Vec<Vec<f32>> {
        let steps = [-0.04, 0.0, 0.04];
        let around = steps.iter().flat_map(|right| steps.iter().map(move |down| (*right, *down)));
        let closest = |number| {
            let mut best = vec![f32::MIN; self.0.len()];
            for beside in around.clone() {
                for (best, like) in best.iter_mut().zip(self.likes(picture, place, number, beside)) {
                    *best = best.max(like);
                }
            }
            best
        };
        (0..CODE_SYMBOLS).map(closest).collect()
    }

    /// How alike the symbol with that number is to each of the alphabet.
    fn likes(&self, picture: &GrayImage, place: Place, number: usize, beside: (f32, f32)) -> Vec<f32> {
        let Place { left, top, width } = place;
        let pixel = width / COMPARED;
        let x = left + (plate::symbol(number) + beside.0) * width;
        let y = top + beside.1 * width;
        let mut values = Vec::with_capacity(ROWS.len() * COLUMNS);
        for row in 0..ROWS.len() {
            for column in 0..COLUMNS {
                let (right, down) = ((column as f32 + 0.5) * pixel, (row as f32 + 0.5) * pixel);
                values.push(brightness(picture, x + right, y + down, pixel));
            }
        }
        normalize_exactly(&mut values);
        let alike = |template: &Vec<f32>| template.iter().zip(&values).map(|(a, b)| a * b).sum();
        self.0.iter().map(alike).collect()
    }
}

fn normalize_exactly(values: &mut [f32]) {
    for value in values.iter_mut() {
        *value *= 1000.0;
    }
    normalize(values);
}

/// The brightness around a place, averaged over a square of that side.
fn brightness(picture: &GrayImage, x: f32, y: f32, side: f32) -> f32 {
    if side <= 1.2 {
        return between(picture, x, y);
    }
    let steps = [-0.25, 0.25].map(|step| step * side);
    let places = steps.iter().flat_map(|right| steps.iter().map(move |down| (x + right, y + down)));
    places.map(|(x, y)| between(picture, x, y)).sum::<f32>() / 4.0
}

fn between(picture: &GrayImage, x: f32, y: f32) -> f32 {
    let (x, y) = (x - 0.5, y - 0.5);
    let (left, top) = (x.floor(), y.floor());
    let (across, down) = (x - left, y - top);
    let pixel = |right: f32, below: f32| {
        let column = (left + right).clamp(0.0, picture.width() as f32 - 1.0) as u32;
        let row = (top + below).clamp(0.0, picture.height() as f32 - 1.0) as u32;
        f32::from(picture.get_pixel(column, row).0[0])
    };
    (pixel(0.0, 0.0) * (1.0 - across) + pixel(1.0, 0.0) * across) * (1.0 - down)
        + (pixel(0.0, 1.0) * (1.0 - across) + pixel(1.0, 1.0) * across) * down
}

#[cfg(test)]
mod tests;
