//! A copy of a photo for one viewer, whose code stands in the picture.
//!
//! A picture that leaves the office tells by its code who had asked for it, and when (docs/adr/0008). So the code must be
//! there whatever somebody cuts off, and readable on any ground: it is written in light symbols on dark plates, which are
//! laid over the whole copy just so densely that every crop of half the width and half the height holds a whole one. The
//! label of the report's privacy stands under each plate, so that it goes wherever the code goes. Everything else stays to
//! be seen: plates are as tight and as far apart as that allows.

use image::{Rgb, RgbImage};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, RasterizedChar, get_raster};

use crate::formats::{self, Format};
use crate::pixels::{self, Upright};
use crate::rejected::{Rejected, guarded};
use crate::resample::{Filter, Resampling};
use crate::size::{LONG_SIDE, kept};

/// The number of symbols in a code.
pub const CODE_SYMBOLS: usize = 8;

/// The smallest canvas on which half of a side holds a plate and its label, the code to be read at half its size.
pub(crate) const SMALLEST: (u32, u32) = (900, 360);

/// What a picture smaller than the canvas is laid on.
const GROUND: Rgb<u8> = Rgb([128, 128, 128]);

/// Draws the copy that one viewer gets: the picture with its code and label, as a JPEG.
///
/// `clean` is what [`crate::clean`] made, `code` the viewer's [`CODE_SYMBOLS`] symbols, `label` words in Basic Latin, of which
/// three lines of thirty symbols are written. A picture too small for its code is enlarged, and laid on grey where that does not suffice.
///
/// # Errors
///
/// [`Rejected`] when `clean` is not what it should be; then nothing may be shown.
pub fn copy_for_viewer(clean: &[u8], code: &str, label: &str) -> Result<Vec<u8>, Rejected> {
    guarded(|| drawn_copy(clean, code, label))
}

/// What [`copy_for_viewer`] does, panics included.
pub(crate) fn drawn_copy(clean: &[u8], code: &str, label: &str) -> Result<Vec<u8>, Rejected> {
    let mut canvas = canvas(clean)?;
    draw(&mut canvas.picture, code, label);
    canvas.to_jpeg()
}

/// What the mark is drawn on.
pub(crate) fn canvas(clean: &[u8]) -> Result<Upright, Rejected> {
    if formats::kind(clean)? != Format::Jpeg {
        return Err(Rejected::NotAnImage);
    }
    let opened = pixels::open(clean)?;
    let (width, height) = opened.size();
    if kept(width, height) != (width, height) {
        return Err(Rejected::TooLarge);
    }
    let mut upright = opened.whole()?.upright()?;
    upright.picture = laid_out(upright.picture)?;
    Ok(upright)
}

/// The picture, enlarged and laid on a ground until the canvas is large enough.
fn laid_out(picture: RgbImage) -> Result<RgbImage, Rejected> {
    let (width, height) = picture.dimensions();
    let wanted = (f64::from(SMALLEST.0) / f64::from(width)).max(f64::from(SMALLEST.1) / f64::from(height));
    let factor = wanted.min(f64::from(LONG_SIDE) / f64::from(width.max(height)));
    let picture = if factor > 1.0 {
        let scaled = |side: u32| ((f64::from(side) * factor).round() as u32).clamp(1, LONG_SIDE);
        let (wide, high) = (scaled(width), scaled(height));
        let mut larger = Resampling::new(3, (width, height), (wide, high), Filter::Triangle);
        picture.as_raw().chunks_exact(3 * width as usize).for_each(|row| larger.push(row));
        RgbImage::from_raw(wide, high, larger.finish()?).ok_or(Rejected::Damaged)?
    } else {
        picture
    };
    let (width, height) = picture.dimensions();
    if width >= SMALLEST.0 && height >= SMALLEST.1 {
        return Ok(picture);
    }
    let (wide, high) = (width.max(SMALLEST.0), height.max(SMALLEST.1));
    let mut canvas = RgbImage::from_pixel(wide, high, GROUND);
    image::imageops::replace(
        &mut canvas,
        &picture,
        i64::from((wide - width) / 2),
        i64::from((high - height) / 2),
    );
    Ok(canvas)
}

/// Widths and heights of a plate and of its parts, in widths of a symbol.
pub(crate) mod plate {
    /// The whole plate: eight symbols, the space between the fours, and a little at both ends.
    pub(crate) const WIDTH: f32 = 8.8;
    /// The raster of its symbols and no more: it has room above and below them.
    pub(crate) const HEIGHT: f32 = (super::ROWS.end - super::ROWS.start) as f32 / super::COLUMNS as f32;
    /// From the plate's left edge to its first symbol.
    pub(crate) const LEFT: f32 = 0.15;
    /// The space between the fours.
    pub(crate) const SPACE: f32 = 0.5;

    /// Where the symbol with this number begins, from the left of the plate.
    pub(crate) fn symbol(number: usize) -> f32 {
        LEFT + number as f32 + if number < 4 { 0.0 } else { SPACE }
    }
}

/// Rows of a raster of the font that symbols and small letters reach; what lies above and below is empty.
pub(crate) const ROWS: std::ops::Range<usize> = 5..28;

/// The columns of a raster of the font.
pub(crate) const COLUMNS: usize = 14;

/// Widths and heights of the label under a plate, in widths of a plate's symbol.
pub(crate) mod label {
    /// The number of symbols in a line.
    pub(crate) const SYMBOLS: usize = 30;
    pub(crate) const LINES: usize = 3;
    /// A line, which is a little wider than the plate.
    pub(crate) const WIDTH: f32 = 9.6;
    /// The width of one letter.
    pub(crate) const LETTER: f32 = WIDTH / SYMBOLS as f32;
    /// From the plate to the first line.
    pub(crate) const TOP: f32 = 0.05;
    /// The distance from one line to the next.
    pub(crate) const LINE: f32 = LETTER * super::plate::HEIGHT;
    /// From the plate to the end of the last line.
    pub(crate) const HEIGHT: f32 = TOP + LINES as f32 * LINE;
}

/// A plate with its label, in widths of a symbol.
pub(crate) const WIDTH: f32 = label::WIDTH;
pub(crate) const HEIGHT: f32 = plate::HEIGHT + label::HEIGHT;

/// How large plates are and how far they lie apart, in pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    /// The width of one symbol.
    pub(crate) symbol: f32,
    pub(crate) across: f32,
    pub(crate) down: f32,
    /// The upper left corner of the plate in the middle.
    middle: (f32, f32),
}

impl Layout {
    /// Half of each side holds a whole plate and its label, wherever it begins: the distance of two and one of them fit
    /// into it, and no more, so that there are few. One stands in the middle, where a picture is that does not fill its canvas.
    pub(crate) fn of(width: u32, height: u32) -> Self {
        // On a longer side they lie no farther apart than on this one.
        let half = |side: u32| side.min(1_600) as f32 / 2.0;
        let wide = (width.min(height) as f32 * 0.2).clamp(208.0, 250.0);
        let symbol = wide / WIDTH;
        let high = symbol * HEIGHT;
        Self {
            symbol,
            across: half(width) - wide - 2.0,
            down: half(height) - high - 2.0,
            middle: ((width as f32 - wide) / 2.0, (height as f32 - high) / 2.0),
        }
    }

    /// The upper left corners of all plates that lie with their labels in the canvas: parts of one would only hide it.
    pub(crate) fn plates(&self, width: u32, height: u32) -> Vec<(f32, f32)> {
        // How many steps from the middle one can go back and on before one is outside.
        let steps = |side: u32, step: f32| (side as f32 / step) as i32 + 1;
        let (rows, columns) = (steps(height, self.down), steps(width, self.across));
        let mut corners = Vec::new();
        for row in -rows..=rows {
            // Every other row begins elsewhere, so that no cut along a line takes all of them.
            let shift = self.across * row.rem_euclid(2) as f32 / 2.0;
            corners.extend((-columns..=columns).map(|column| {
                (self.middle.0 + self.across * column as f32 - shift, self.middle.1 + self.down * row as f32)
            }));
        }
        let (right, bottom) = (width as f32 - self.symbol * WIDTH, height as f32 - self.symbol * HEIGHT);
        corners.retain(|(left, top)| (0.0..=right).contains(left) && (0.0..=bottom).contains(top));
        corners
    }
}

/// Breaks a label into the lines that are written; what does not fit into them is left out.
pub(crate) fn lines(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let room = lines.last().map_or(0, |line| label::SYMBOLS.saturating_sub(line.chars().count() + 1));
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if word.chars().count() <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines.truncate(label::LINES);
    lines.into_iter().map(|line| line.chars().take(label::SYMBOLS).collect()).collect()
}

/// How much of a plate's darkness, of a symbol, of a letter and of its halo comes through.
const PLATE: f32 = 0.65;
const SYMBOL: f32 = 0.95;
const LABEL: f32 = 0.85;
const HALO: f32 = 0.85;

pub(crate) fn draw(canvas: &mut RgbImage, code: &str, label: &str) {
    let (width, height) = canvas.dimensions();
    let layout = Layout::of(width, height);
    let stamp = Stamp::of(code, label, layout.symbol);
    for (left, top) in layout.plates(width, height) {
        // Halves of pixels are within the room that the layout leaves.
        stamp.press(canvas, left.round() as i64, top.round() as i64);
    }
}

/// What becomes of a sample: so much of it stays, and so much is added.
#[derive(Clone, Copy)]
struct Blend {
    stays: f32,
    added: f32,
}

impl Blend {
    const NONE: Self = Self { stays: 1.0, added: 0.0 };

    /// Then a layer of that sample is laid over it, which covers that share.
    fn under(self, sample: f32, share: f32) -> Self {
        Self { stays: self.stays * (1.0 - share), added: self.added * (1.0 - share) + sample * share }
    }
}

/// A plate with its label, drawn once for all places of a copy.
struct Stamp {
    columns: usize,
    pixels: Vec<Blend>,
}

/// How far the halo of the label reaches beyond the plate, in pixels.
const MARGIN: u8 = 2;

impl Stamp {
    fn of(code: &str, label: &str, symbol: f32) -> Self {
        let margin = f32::from(MARGIN);
        let side = |length: f32| (symbol * length + 2.0 * margin).ceil() as usize;
        let (columns, rows) = (side(WIDTH), side(HEIGHT));
        let code: Vec<Option<Glyph>> = code.chars().take(CODE_SYMBOLS).map(Glyph::of).collect();
        let lines: Vec<Vec<Option<Glyph>>> =
            lines(label).iter().map(|line| line.chars().map(Glyph::of).collect()).collect();
        let letters = Letters { lines, letter: label::LETTER * symbol, line: label::LINE * symbol };
        let first = (plate::HEIGHT + label::TOP) * symbol;
        let mut pixels = Vec::with_capacity(columns * rows);
        for y in (0..rows).map(|row| row as f32 + 0.5 - margin) {
            for x in (0..columns).map(|column| column as f32 + 0.5 - margin) {
                let blend = plate_at(&code, x / symbol, y / symbol, symbol / COLUMNS as f32);
                pixels.push(blend.unwrap_or_else(|| letters.at(x, y - first)));
            }
        }
        Self { columns, pixels }
    }

    /// Draws it with the plate's upper left corner there; what lies outside is left out.
    fn press(&self, canvas: &mut RgbImage, left: i64, top: i64) {
        let (left, top) = (left - i64::from(MARGIN), top - i64::from(MARGIN));
        for (y, row) in (top..).zip(self.pixels.chunks_exact(self.columns)) {
            for (x, blend) in (left..).zip(row) {
                let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { continue };
                if let Some(pixel) = canvas.get_pixel_mut_checked(x, y) {
                    for sample in &mut pixel.0 {
                        // Never negative, so that this rounds; `round` is a call for each sample.
                        *sample = (f32::from(*sample) * blend.stays + blend.added + 0.5) as u8;
                    }
                }
            }
        }
    }
}

/// The plate at a place, in widths of a symbol; `None` outside.
fn plate_at(code: &[Option<Glyph>], across: f32, down: f32, sharpness: f32) -> Option<Blend> {
    if !(0.0..plate::WIDTH).contains(&across) || !(0.0..plate::HEIGHT).contains(&down) {
        return None;
    }
    let mut blend = Blend::NONE.under(0.0, PLATE);
    for (number, glyph) in code.iter().enumerate() {
        let column = (across - plate::symbol(number)) * COLUMNS as f32;
        if let Some(glyph) = glyph
            && (0.0..COLUMNS as f32).contains(&column)
        {
            let row = down * COLUMNS as f32;
            blend = blend.under(255.0, SYMBOL * glyph.at(column, row, sharpness));
        }
    }
    Some(blend)
}

/// The lines of a label, light with a dark halo.
struct Letters {
    lines: Vec<Vec<Option<Glyph>>>,
    /// The width of a letter, and from line to line, in pixels.
    letter: f32,
    line: f32,
}

impl Letters {
    fn at(&self, x: f32, y: f32) -> Blend {
        let around = [(-1.5, 0.0), (1.5, 0.0), (0.0, -1.5), (0.0, 1.5), (-1.0, -1.0), (1.0, 1.0)];
        let halo = around.iter().map(|(right, down)| self.light(x + right, y + down)).fold(0.0, f32::max);
        Blend::NONE.under(0.0, HALO * halo).under(255.0, LABEL * self.light(x, y))
    }

    /// How much of that place the letters cover.
    fn light(&self, x: f32, y: f32) -> f32 {
        let (number, across) = ((y / self.line).floor(), x / self.letter);
        if number < 0.0 || across < 0.0 {
            return 0.0;
        }
        let glyph = self.lines.get(number as usize).and_then(|line| line.get(across as usize));
        let row = (y - number * self.line) / self.letter * COLUMNS as f32;
        glyph
            .and_then(Option::as_ref)
            .map_or(0.0, |glyph| glyph.at(across.fract() * COLUMNS as f32, row, self.letter / COLUMNS as f32))
    }
}

/// A symbol of the font: how much of each place it covers.
pub(crate) struct Glyph(RasterizedChar);

impl Glyph {
    /// Bold letters of 32 pixels; `None` for a space and for what the font does not have.
    pub(crate) fn of(symbol: char) -> Option<Self> {
        let raster = get_raster(symbol, FontWeight::Bold, RasterHeight::Size32)?;
        (symbol != ' ').then_some(Self(raster))
    }

    /// The covered share, 0–1, around a place of the raster, whose row 0 is the first of [`ROWS`]. `scale` is how many
    /// pixels a raster pixel becomes; where several fall into one, they are averaged.
    pub(crate) fn at(&self, column: f32, row: f32, scale: f32) -> f32 {
        if scale >= 1.0 {
            return self.between(column, row);
        }
        let reach = 0.5 / scale;
        let steps = [-2.0 / 3.0, 0.0, 2.0 / 3.0].map(|step| step * reach);
        let sum: f32 = steps
            .iter()
            .flat_map(|right| steps.iter().map(move |down| (right, down)))
            .map(|(right, down)| self.between(column + right, row + down))
            .sum();
        sum / 9.0
    }

    fn between(&self, column: f32, row: f32) -> f32 {
        let (column, row) = (column - 0.5, row - 0.5);
        let (left, top) = (column.floor(), row.floor());
        let (across, down) = (column - left, row - top);
        let pixel = |right: f32, below: f32| {
            let (column, row) = (left + right, top + below + ROWS.start as f32);
            if column < 0.0 || row < ROWS.start as f32 || row >= ROWS.end as f32 {
                return 0.0;
            }
            f32::from(self.0.pixel(column as usize, row as usize).unwrap_or_default()) / 255.0
        };
        (pixel(0.0, 0.0) * (1.0 - across) + pixel(1.0, 0.0) * across) * (1.0 - down)
            + (pixel(0.0, 1.0) * (1.0 - across) + pixel(1.0, 1.0) * across) * down
    }
}
