use std::io::Cursor;

use image::imageops::FilterType;
use image::{Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use super::*;
use crate::fixtures::photograph;
use crate::mark::{HEIGHT, Layout, SMALLEST, WIDTH, canvas, draw, drawn_copy, label, lines};
use crate::size::{LONG_SIDE, SHORT_SIDE};
use crate::{clean, copy_for_viewer};

const PRIVATE: &str = "Laporan bersifat privasi. Jangan berikan informasi dalam laporan ini kepada siapapun";
const PUBLIC: &str = "Jangan berikan informasi dalam laporan ini kepada siapapun";

/// Symbols that look like one another, and every symbol once.
const CODES: [&str; 6] = ["0D8B5S2Z", "4Q7KM2ZP", "1TJYVXKN", "01234567", "89ABCDEF", "GHJKMNPQ"];
const MORE: [&str; 2] = ["RSTVWXYZ", "GC6ERP38"];

fn photo(width: u32, height: u32, seed: u64) -> Vec<u8> {
    clean(&photograph(width, height, seed, false, "")).unwrap().jpeg
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    let mut encoder = Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb).unwrap();
    out
}

fn decoded(jpeg: &[u8]) -> RgbImage {
    picture_of(jpeg).unwrap()
}

fn plain(width: u32, height: u32, color: [u8; 3]) -> Vec<u8> {
    jpeg(&RgbImage::from_pixel(width, height, Rgb(color)), 85)
}

/// As hard to write on as anything: every sample of every pixel is any value.
fn noise(width: u32, height: u32) -> Vec<u8> {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let picture = RgbImage::from_fn(width, height, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [a, b, c, ..] = state.to_le_bytes();
        Rgb([a, b, c])
    });
    jpeg(&picture, 95)
}

/// Black and white squares of the size of symbols.
fn chessboard(width: u32, height: u32) -> Vec<u8> {
    let picture =
        RgbImage::from_fn(width, height, |x, y| Rgb([if (x / 20 + y / 20) % 2 == 0 { 255 } else { 0 }; 3]));
    jpeg(&picture, 85)
}

/// What somebody may do to a picture before it is found again.
fn degraded(copy: &[u8], left: u32, top: u32) -> Vec<u8> {
    made_smaller(copy, left, top, 2)
}

/// A quarter at so many times less than its size.
fn made_smaller(copy: &[u8], left: u32, top: u32, times: u32) -> Vec<u8> {
    let poor = decoded(&jpeg(&decoded(copy), 30));
    let (width, height) = (poor.width() / 2, poor.height() / 2);
    let cut = imageops::crop_imm(&poor, left.min(width), top.min(height), width, height).to_image();
    let small = imageops::resize(&cut, width / times, height / times, FilterType::Triangle);
    // And sent on once more.
    jpeg(&small, 75)
}

/// The corners, the middle, and places that fit no grid.
fn places(copy: &[u8]) -> Vec<(u32, u32)> {
    let (width, height) = decoded(copy).dimensions();
    let (right, bottom) = (width / 2, height / 2);
    vec![
        (0, 0),
        (right, 0),
        (0, bottom),
        (right, bottom),
        (right / 2, bottom / 2),
        (right / 3 + 7, bottom / 5 + 3),
        (right * 4 / 5, bottom / 7),
        (right * 3 / 5 + 1, bottom * 7 / 8 + 1),
    ]
}

#[track_caller]
fn assert_read(name: &str, picture: &[u8], code: &str, label: &str) {
    let copy = copy_for_viewer(picture, code, label).unwrap();
    assert_eq!(code_of(&copy).map(|read| read.code).as_deref(), Ok(code), "{name}: as it was made");
    let mut missed = Vec::new();
    for (left, top) in places(&copy) {
        match code_of(&degraded(&copy, left, top)) {
            Ok(read) if read.code == code => {}
            other => missed.push((left, top, other)),
        }
    }
    assert!(missed.is_empty(), "{name} {code}: {missed:?}");
}

#[test]
fn the_code_is_read_from_any_quarter_at_half_size_and_quality_30_on_any_ground() {
    for (number, (name, picture)) in [
        ("a street", photo(1_600, 1_200, 3)),
        ("an upright street", photo(1_200, 1_600, 4)),
        ("white", plain(1_600, 1_200, [255; 3])),
        ("black", plain(1_600, 1_200, [0; 3])),
        ("grey", plain(1_200, 1_600, [128; 3])),
        ("noise", noise(1_600, 1_200)),
        ("squares", chessboard(1_600, 1_200)),
    ]
    .into_iter()
    .enumerate()
    {
        let label = if number % 2 == 0 { PRIVATE } else { PUBLIC };
        assert_read(name, &picture, CODES[number % CODES.len()], label);
    }
}

#[test]
fn the_code_is_read_from_pictures_of_other_shapes() {
    for (code, (name, picture)) in MORE.into_iter().cycle().zip([
        ("a small street", photo(800, 600, 5)),
        ("the smallest canvas", photo(900, 360, 6)),
        ("a smaller picture, enlarged", photo(320, 240, 7)),
        ("a panorama", photo(1_600, 300, 8)),
        ("a strip", photo(1_600, 20, 9)),
        ("an upright strip", photo(9, 1_600, 9)),
        ("one pixel", plain(1, 1, [255, 0, 0])),
        ("a square", photo(1_600, 1_600, 10)),
        ("small noise", noise(800, 600)),
    ]) {
        assert_read(name, &picture, code, PRIVATE);
    }
}

#[test]
fn a_usual_picture_is_read_at_a_quarter_of_its_size_too() {
    for (code, picture) in [
        (CODES[0], photo(1_600, 1_200, 3)),
        (CODES[4], noise(1_600, 1_200)),
        (CODES[5], photo(900, 1_600, 4)),
        (MORE[1], photo(640, 480, 5)),
    ] {
        let copy = copy_for_viewer(&picture, code, PRIVATE).unwrap();
        for (left, top) in places(&copy) {
            let read = code_of(&made_smaller(&copy, left, top, 4)).map(|read| read.code);
            assert_eq!(read.as_deref(), Ok(code), "{left}, {top}");
        }
    }
}

/// Widths and heights of canvases.
const SHAPES: [(u32, u32); 8] = [
    (1_600, 1_200),
    (1_200, 1_600),
    SMALLEST,
    (SMALLEST.0, 1_600),
    (1_600, SMALLEST.1),
    (1_003, 777),
    (1_600, 1_600),
    (1_100, 400),
];

#[test]
fn every_quarter_holds_a_whole_plate() {
    for (width, height) in SHAPES {
        let layout = Layout::of(width, height);
        let wide = layout.symbol * plate::WIDTH;
        let high = layout.symbol * plate::HEIGHT;
        assert!(layout.across + wide <= width as f32 / 2.0, "{width} × {height}: {layout:?}");
        assert!(layout.down + high <= height as f32 / 2.0, "{width} × {height}: {layout:?}");
        assert!(layout.across > wide && layout.down > high * 1.4, "{width} × {height}: {layout:?}");
    }
}

#[test]
fn every_quarter_holds_a_whole_label_under_its_plate() {
    for (width, height) in SHAPES {
        let layout = Layout::of(width, height);
        let (wide, high) = (layout.symbol * WIDTH, layout.symbol * HEIGHT);
        assert!(layout.across > wide && layout.down > high, "{width} × {height}: {layout:?}");
        let plates = layout.plates(width, height);
        let (half_wide, half_high) = (width as f32 / 2.0, height as f32 / 2.0);
        for left in (0..=width / 2).step_by(3).map(|left| left as f32) {
            for top in (0..=height / 2).step_by(3).map(|top| top as f32) {
                let whole = plates.iter().any(|(x, y)| {
                    *x >= left && x + wide <= left + half_wide && *y >= top && y + high <= top + half_high
                });
                assert!(whole, "{width} × {height}: nothing whole in the quarter at {left}, {top}");
            }
        }
        // And a code that can be read at half of its size.
        assert!(layout.symbol / 2.0 > 10.0);
    }
}

#[test]
fn plates_cover_a_thirtieth_of_a_usual_picture_and_less_than_a_third_of_the_smallest() {
    for ((width, height), most) in [((1_600, 1_200), 1.0 / 30.0), (SMALLEST, 0.3)] {
        let layout = Layout::of(width, height);
        let plate = layout.symbol * plate::WIDTH * layout.symbol * plate::HEIGHT;
        let share = plate / (layout.across * layout.down);
        assert!(share < most, "{share} of {width} × {height}");
    }
}

/// The share of pixels of a copy that the mark has changed by more than `least` in any channel, in percent.
fn changed(picture: &[u8], least: u8) -> f64 {
    let without = decoded(&canvas(picture).unwrap().to_jpeg().unwrap());
    let with = decoded(&copy_for_viewer(picture, CODES[0], PRIVATE).unwrap());
    let pixels = without.pixels().zip(with.pixels());
    let changed = pixels.filter(|(a, b)| a.0.iter().zip(b.0).any(|(a, b)| a.abs_diff(b) > least)).count();
    changed as f64 * 100.0 / f64::from(with.width() * with.height())
}

#[test]
fn a_mark_leaves_most_of_a_picture_as_it_was() {
    // By more than the eye sees, and at all: JPEG writes a change into the whole block.
    let mut found = Vec::new();
    for (name, picture, most) in [
        ("a street", photo(1_600, 1_200, 3), [6.5, 8.5]),
        ("a wide street", photo(1_600, 900, 3), [7.0, 8.5]),
        ("an upright street", photo(900, 1_600, 4), [7.0, 9.0]),
        ("a large square", photo(1_600, 1_600, 10), [5.5, 7.0]),
        ("white", plain(1_600, 1_200, [255; 3]), [6.0, 7.0]),
        ("a small street", photo(640, 480, 5), [16.0, 22.0]),
        ("a panorama", photo(1_600, 300, 8), [17.0, 22.0]),
        ("the smallest", photo(900, 360, 6), [30.0, 38.0]),
    ] {
        found.push((name, [changed(&picture, 8), changed(&picture, 0)], most));
    }
    let kept =
        found.iter().all(|(_, shares, most)| shares.iter().zip(most).all(|(share, most)| share < most));
    assert!(kept, "in percent: {found:.1?}");
}

#[test]
fn a_label_is_broken_into_lines_that_fit_under_a_plate() {
    assert_eq!(
        lines(PRIVATE),
        ["Laporan bersifat privasi.", "Jangan berikan informasi dalam", "laporan ini kepada siapapun"]
    );
    assert_eq!(lines(PUBLIC), ["Jangan berikan informasi dalam", "laporan ini kepada siapapun"]);
    assert_eq!(lines(&"W".repeat(500)), ["W".repeat(label::SYMBOLS)]);
    assert_eq!(lines(&"a ".repeat(500)).len(), label::LINES);
    assert_eq!(lines(""), [""]);
}

#[test]
fn along_a_side_plates_lie_no_farther_apart_the_longer_it_is() {
    let usual = Layout::of(900, 1_600);
    assert_eq!(Layout::of(900, 12_000).down, usual.down);
    assert_eq!(Layout::of(12_000, 900).across, Layout::of(1_600, 900).across);
    // And such a picture is read as a whole.
    let mut long = RgbImage::from_pixel(6_000, 900, Rgb([200, 180, 160]));
    draw(&mut long, CODES[1], PRIVATE);
    let read = code_of(&jpeg(&long, 50)).map(|read| read.code);
    assert_eq!(read.as_deref(), Ok(CODES[1]));
}

#[test]
fn a_picture_that_does_not_fill_its_canvas_has_a_plate_in_its_middle() {
    for (width, height) in SHAPES {
        let layout = Layout::of(width, height);
        let (wide, high) = (layout.symbol * WIDTH, layout.symbol * HEIGHT);
        let middle = (width as f32 / 2.0, height as f32 / 2.0);
        let there = layout.plates(width, height).iter().any(|(left, top)| {
            (left + wide / 2.0 - middle.0).abs() < 1.0 && (top + high / 2.0 - middle.1).abs() < 1.0
        });
        assert!(there, "{width} × {height}");
    }
    for (code, (width, height)) in MORE.into_iter().cycle().zip([(1_600, 100), (540, 1_600), (1_600, 140)]) {
        let copy = decoded(&copy_for_viewer(&photo(width, height, 8), code, PRIVATE).unwrap());
        // The picture alone, without the grey around it.
        let (left, top) = ((copy.width() - width) / 2, (copy.height() - height) / 2);
        let inner = imageops::crop_imm(&copy, left, top, width, height).to_image();
        let read = code_of(&jpeg(&inner, 85)).map(|read| read.code);
        assert_eq!(read.as_deref(), Ok(code), "{width} × {height}");
    }
}

#[test]
fn an_enlarged_picture_is_read() {
    let enlarged = |code, picture: &[u8], quarter: bool| {
        let copy = decoded(&copy_for_viewer(picture, code, PRIVATE).unwrap());
        let (width, height) = (copy.width(), copy.height());
        if quarter {
            let cut = imageops::crop_imm(&copy, width / 5, height / 3, width / 2, height / 2).to_image();
            jpeg(&imageops::resize(&cut, width, height, FilterType::CatmullRom), 60)
        } else {
            jpeg(&imageops::resize(&copy, width * 2, height * 2, FilterType::Triangle), 60)
        }
    };
    let street = photo(1_600, 1_200, 3);
    for (code, picture, quarter) in [
        (CODES[0], &street, false),
        (CODES[1], &street, true),
        (CODES[2], &noise(1_600, 1_200), true),
        (CODES[3], &photo(900, 500, 5), false),
    ] {
        let read = code_of(&enlarged(code, picture, quarter)).map(|read| read.code);
        assert_eq!(read.as_deref(), Ok(code));
    }
}

#[test]
fn a_copy_is_a_bare_jpeg_of_the_same_picture() {
    let picture = photo(1_600, 1_200, 3);
    let copy = copy_for_viewer(&picture, CODES[0], PRIVATE).unwrap();
    assert!(copy.starts_with(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0") && copy.ends_with(b"\xFF\xD9"));
    assert!(exif::Reader::new().read_from_container(&mut Cursor::new(&copy)).is_err());
    let (before, after) = (decoded(&picture), decoded(&copy));
    assert_eq!(before.dimensions(), after.dimensions());
    let untouched = before
        .pixels()
        .zip(after.pixels())
        .filter(|(a, b)| a.0.iter().zip(b.0).all(|(a, b)| a.abs_diff(b) < 24))
        .count();
    let share = untouched as f64 / f64::from(before.width() * before.height());
    assert!(share > 0.93, "only {share} of the picture is to be seen");
    assert_eq!(copy, copy_for_viewer(&picture, CODES[0], PRIVATE).unwrap());
    assert_ne!(copy, copy_for_viewer(&picture, CODES[1], PRIVATE).unwrap());
    assert_ne!(copy, copy_for_viewer(&picture, CODES[0], PUBLIC).unwrap());
}

#[test]
fn what_is_no_clean_photo_is_not_copied() {
    use crate::Rejected;
    let picture = photo(640, 480, 3);
    for (bytes, why) in [
        (&b""[..], Rejected::NotAnImage),
        (b"\x89PNG\r\n\x1a\n", Rejected::NotAnImage),
        (&picture[..picture.len() / 2], Rejected::Damaged),
        (&plain(LONG_SIDE + 1, SHORT_SIDE + 1, [0; 3]), Rejected::TooLarge),
    ] {
        assert_eq!(copy_for_viewer(bytes, CODES[0], PRIVATE), Err(why));
    }
}

#[test]
fn the_code_of_a_long_picture_is_read() {
    for (width, height) in [(1080, 20_000), (9_000, 800), (400, 6_000)] {
        let picture = photo(width, height.min(16_000), 3);
        let copy = copy_for_viewer(&picture, CODES[0], PRIVATE).unwrap();
        assert_eq!(code_of(&copy).unwrap().code, CODES[0], "{width} x {height}");
    }
}

#[test]
fn no_code_is_read_where_none_is() {
    for picture in [photo(1_600, 1_200, 3), plain(900, 700, [255; 3]), noise(640, 480), chessboard(800, 600)]
    {
        assert_eq!(code_of(&picture), Err(Unread::NoCode));
    }
    assert_eq!(code_of(b"no picture"), Err(Unread::NotAPicture));
}

#[test]
fn strange_codes_and_labels_break_nothing() {
    let picture = photo(300, 200, 3);
    for text in ["", "ü🙂\u{202E}", "\0\n", &"W".repeat(5_000)] {
        drawn_copy(&picture, text, text).unwrap();
    }
}
