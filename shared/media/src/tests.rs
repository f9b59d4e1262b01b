use std::f64::consts::PI;
use std::io::Cursor;

use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageFormat, Rgb, RgbImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use proptest::prelude::*;

use crate::clean::redraw;
use crate::fixtures::{
    ADOBE_RGB, Curve, DISPLAY_P3, MAKE, MODEL, PLACE, SRGB, TAKEN_AT, exif, icc, in_adobe_rgb, photograph,
    retouched, with_segments, xmp,
};
use crate::formats::{Format, kind};
use crate::pixels::open;
use crate::reading::picture_of;
use crate::{Cleaned, MAX_BYTES, Rejected, canonical_pixels, clean, kept};

/// Words that no encoder writes by chance.
const PLANTED: &str = "zanzibar-quokka";

const RED: Rgb<u8> = Rgb([200, 30, 30]);
const BLUE: Rgb<u8> = Rgb([30, 30, 200]);
const WHITE: Rgb<u8> = Rgb([255, 255, 255]);

/// White and red on the left, blue on the right: no turn and no mirror leaves it as it was.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => WHITE,
        (true, false) => RED,
        (false, _) => BLUE,
    })
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut out = Vec::new();
    let (width, height) = (picture.width() as u16, picture.height() as u16);
    Encoder::new(&mut out, 92).encode(picture.as_raw(), width, height, ColorType::Rgb).unwrap();
    out
}

fn png(picture: &DynamicImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

fn rgb_png(width: u32, height: u32) -> Vec<u8> {
    png(&DynamicImage::ImageRgb8(picture(width, height)))
}

fn lossless_webp(picture: &RgbImage, exif: Option<Vec<u8>>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = WebPEncoder::new_lossless(&mut out);
    if let Some(exif) = exif {
        encoder.set_exif_metadata(exif).unwrap();
    }
    let (width, height) = picture.dimensions();
    encoder.write_image(picture.as_raw(), width, height, ExtendedColorType::Rgb8).unwrap();
    out
}

fn exif_segment(orientation: u16) -> (u8, Vec<u8>) {
    let thumbnail = jpeg(&picture(16, 12));
    (0xE1, [b"Exif\0\0", &*exif(orientation, PLANTED, &thumbnail)].concat())
}

/// Everything that telephones and editors put into a JPEG, with the planted words in each part.
fn laden(picture: &RgbImage, orientation: u16) -> Vec<u8> {
    let words = PLANTED.as_bytes();
    let mut out = with_segments(
        &jpeg(picture),
        &[
            exif_segment(orientation),
            (0xE1, xmp(PLANTED)),
            (0xE2, [b"ICC_PROFILE\0\x01\x01", words].concat()),
            (0xE2, [b"MPF\0II*\0", words].concat()),
            // Photoshop resources with IPTC, content credentials in JUMBF, Adobe, and one of nobody.
            (0xED, [b"Photoshop 3.0\08BIM\x04\x04", words].concat()),
            (0xEB, [b"JP\0\x01\0\0\0\x01\0\0\0\x20jumb", words].concat()),
            (0xEF, words.to_vec()),
            (0xFE, words.to_vec()),
        ],
    );
    out.extend_from_slice(words);
    out.extend_from_slice(&jpeg(picture));
    out
}

fn png_chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut checksum = u32::MAX;
    for byte in name.iter().chain(body) {
        checksum ^= u32::from(*byte);
        for _ in 0..8 {
            checksum = checksum >> 1 ^ (0xEDB8_8320 & (checksum & 1).wrapping_neg());
        }
    }
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), &name[..], body, &(!checksum).to_be_bytes()].concat()
}

/// Puts chunks behind the header chunk.
fn png_with(png: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    [&png[..33], &chunks.concat(), &png[33..]].concat()
}

fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut body = [width.to_be_bytes(), height.to_be_bytes()].concat();
    body.extend_from_slice(&[8, 2, 0, 0, 0]);
    [b"\x89PNG\r\n\x1a\n", &*png_chunk(b"IHDR", &body)].concat()
}

fn testdata(name: &str) -> &'static [u8] {
    match name {
        "animated.png" => include_bytes!("../testdata/animated.png"),
        "animated.webp" => include_bytes!("../testdata/animated.webp"),
        "baseline-420.jpg" => include_bytes!("../testdata/baseline-420.jpg"),
        "cmyk.jpg" => include_bytes!("../testdata/cmyk.jpg"),
        "grey.jpg" => include_bytes!("../testdata/grey.jpg"),
        "lossless-alpha.webp" => include_bytes!("../testdata/lossless-alpha.webp"),
        "lossy-alpha.webp" => include_bytes!("../testdata/lossy-alpha.webp"),
        "lossy.webp" => include_bytes!("../testdata/lossy.webp"),
        "palette.png" => include_bytes!("../testdata/palette.png"),
        "progressive.jpg" => include_bytes!("../testdata/progressive.jpg"),
        "two-pictures.jpg" => include_bytes!("../testdata/two-pictures.jpg"),
        other => panic!("no test image {other}"),
    }
}

fn decoded(cleaned: &Cleaned) -> RgbImage {
    drawn(&cleaned.jpeg)
}

/// A picture as it is to be seen, at its full size.
fn drawn(bytes: &[u8]) -> RgbImage {
    picture_of(bytes).unwrap()
}

fn holds(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

/// The markers of a JPEG in order, and how many bytes lie behind its end.
fn outline(jpeg: &[u8]) -> (Vec<u8>, usize) {
    let mut markers = Vec::new();
    let mut at = 0;
    loop {
        assert_eq!(jpeg[at], 0xFF);
        let marker = jpeg[at + 1];
        markers.push(marker);
        at += 2;
        match marker {
            0xD8 => {}
            0xD9 => return (markers, jpeg.len() - at),
            _ => {
                at += usize::from(u16::from_be_bytes([jpeg[at], jpeg[at + 1]]));
                while marker == 0xDA && (jpeg[at] != 0xFF || jpeg[at + 1] == 0) {
                    at += 1;
                }
            }
        }
    }
}

/// What every cleaned photo must be, whatever it was made from.
fn assert_bare(cleaned: &Cleaned) {
    let (markers, behind) = outline(&cleaned.jpeg);
    assert_eq!(behind, 0, "bytes behind the end");
    assert_eq!(markers.iter().filter(|marker| **marker == 0xC0).count(), 1);
    assert_eq!(markers.iter().filter(|marker| **marker == 0xDA).count(), 1);
    for (place, marker) in markers.iter().enumerate() {
        match marker {
            0xE0 => assert_eq!(place, 1, "one JFIF header, at the start"),
            0xC0 | 0xC4 | 0xD8 | 0xD9 | 0xDA | 0xDB => {}
            other => panic!("a segment {other:#x}"),
        }
    }
    // Length 16: no thumbnail within; no density that would tell of the old file.
    assert_eq!(cleaned.jpeg[2..20], *b"\xFF\xE0\0\x10JFIF\0\x01\x02\0\0\x01\0\x01\0\0");
    for words in [PLANTED, MAKE, MODEL, TAKEN_AT, "Exif", "ICC_", "http", "8BIM", "jumb"] {
        assert!(!holds(&cleaned.jpeg, words.as_bytes()), "{words}");
    }
    assert!(exif::Reader::new().read_from_container(&mut Cursor::new(&cleaned.jpeg)).is_err());
    let picture = decoded(cleaned);
    assert_eq!(picture.dimensions(), (cleaned.width, cleaned.height));
    assert_eq!(kept(cleaned.width, cleaned.height), (cleaned.width, cleaned.height));
    assert_eq!(kind(&cleaned.jpeg), Ok(Format::Jpeg));
}

fn cleaned(bytes: &[u8]) -> Cleaned {
    let cleaned = clean(bytes).unwrap();
    assert_bare(&cleaned);
    cleaned
}

/// The colours a quarter and three quarters of the way: left top, right top, left bottom, right bottom.
fn corners(picture: &RgbImage) -> [Rgb<u8>; 4] {
    let (width, height) = picture.dimensions();
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| *picture.get_pixel(width * x / 4, height * y / 4))
}

#[track_caller]
fn assert_corners(picture: &RgbImage, expected: [Rgb<u8>; 4]) {
    for (found, wanted) in corners(picture).iter().zip(expected) {
        let off = found.0.iter().zip(wanted.0).map(|(a, b)| a.abs_diff(b)).max();
        assert!(off < Some(40), "{found:?} is not {wanted:?}");
    }
}

#[test]
fn formats_are_known_by_their_content() {
    assert_eq!(kind(&jpeg(&picture(8, 8))), Ok(Format::Jpeg));
    assert_eq!(kind(&rgb_png(8, 8)), Ok(Format::Png));
    assert_eq!(kind(&lossless_webp(&picture(8, 8), None)), Ok(Format::WebP));
    for name in ["lossy.webp", "animated.webp"] {
        assert_eq!(kind(testdata(name)), Ok(Format::WebP));
    }
    assert_eq!(kind(b""), Err(Rejected::NotAnImage));
    assert_eq!(kind(b"RIFF\0\0\0\0WAVE"), Err(Rejected::NotAnImage));
}

#[test]
fn nothing_but_pixels_passes() {
    let before = laden(&picture(64, 48), 1);
    let fields = exif::Reader::new().read_from_container(&mut Cursor::new(&before)).unwrap();
    for tag in [
        exif::Tag::GPSLatitude,
        exif::Tag::GPSLongitude,
        exif::Tag::DateTimeOriginal,
        exif::Tag::Make,
        exif::Tag::UserComment,
    ] {
        assert!(fields.get_field(tag, exif::In::PRIMARY).is_some(), "{tag}");
    }
    assert!(fields.get_field(exif::Tag::JPEGInterchangeFormat, exif::In::THUMBNAIL).is_some());
    assert!(before.windows(PLANTED.len()).filter(|w| *w == PLANTED.as_bytes()).count() > 8);

    let after = cleaned(&before);
    assert_corners(&decoded(&after), [WHITE, BLUE, RED, BLUE]);
}

#[test]
fn the_same_pixels_give_the_same_file_whatever_came_with_them() {
    let plain = clean(&jpeg(&picture(64, 48))).unwrap();
    assert_eq!(clean(&laden(&picture(64, 48), 1)).unwrap(), plain);

    let plain = clean(&photograph(640, 480, 7, false, PLANTED)).unwrap();
    assert_eq!(clean(&photograph(640, 480, 7, true, PLANTED)).unwrap(), plain);
    assert_ne!(clean(&photograph(640, 480, 8, true, PLANTED)).unwrap(), plain);

    let bare = rgb_png(64, 48);
    let words = png_chunk(b"tEXt", format!("Comment\0{PLANTED}").as_bytes());
    assert_eq!(clean(&png_with(&bare, &[words])), clean(&bare));
}

#[test]
fn every_orientation_ends_upright() {
    for (orientation, expected) in [
        (1, [WHITE, BLUE, RED, BLUE]),
        (2, [BLUE, WHITE, BLUE, RED]),
        (3, [BLUE, RED, BLUE, WHITE]),
        (4, [RED, BLUE, WHITE, BLUE]),
        (5, [WHITE, RED, BLUE, BLUE]),
        (6, [RED, WHITE, BLUE, BLUE]),
        (7, [BLUE, BLUE, RED, WHITE]),
        (8, [BLUE, BLUE, WHITE, RED]),
        (0, [WHITE, BLUE, RED, BLUE]),
        (9, [WHITE, BLUE, RED, BLUE]),
    ] {
        let after = cleaned(&laden(&picture(64, 48), orientation));
        let size = if (5..=8).contains(&orientation) { (48, 64) } else { (64, 48) };
        assert_eq!((after.width, after.height), size, "{orientation}");
        assert_corners(&decoded(&after), expected);
    }
}

#[test]
fn a_large_photo_is_shrunk_before_it_is_turned() {
    let after = cleaned(&laden(&picture(2000, 1000), 6));
    assert_eq!((after.width, after.height), (800, 1600));
    assert_corners(&decoded(&after), [RED, WHITE, BLUE, BLUE]);
}

#[test]
fn what_is_kept_has_the_size_of_the_rule() {
    for from in [(1, 1), (1601, 1200), (3200, 1800), (1599, 7), (1080, 4000), (3000, 800)] {
        let after = cleaned(&rgb_png(from.0, from.1));
        assert_eq!((after.width, after.height), kept(from.0, from.1), "{from:?}");
        let after = cleaned(&jpeg(&picture(from.0, from.1)));
        assert_eq!((after.width, after.height), kept(from.0, from.1), "{from:?}");
    }
}

#[test]
fn a_photograph_stays_the_same_picture() {
    let original = photograph(1200, 900, 3, true, PLANTED);
    let before = drawn(&original);
    let after = decoded(&cleaned(&original));
    let total: u64 = before.as_raw().iter().zip(after.as_raw()).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = total as f64 / before.as_raw().len() as f64;
    assert!(mean < 4.0, "off by {mean} on average");
}

#[test]
fn every_kind_of_jpeg_is_read() {
    for name in ["baseline-420.jpg", "progressive.jpg", "cmyk.jpg", "two-pictures.jpg"] {
        let after = cleaned(testdata(name));
        assert_eq!((after.width, after.height), (48, 32), "{name}");
        assert_corners(&decoded(&after), [WHITE, BLUE, RED, BLUE]);
    }
    let grey = |level| Rgb([level; 3]);
    assert_corners(&decoded(&cleaned(testdata("grey.jpg"))), [WHITE, grey(49), grey(81), grey(49)]);
}

#[test]
fn only_the_first_of_several_pictures_is_kept() {
    let bytes = testdata("two-pictures.jpg");
    let ends = bytes.windows(2).filter(|pair| *pair == [0xFF, 0xD9]).count();
    assert_eq!(ends, 2);
    let first = bytes.windows(2).position(|pair| pair == [0xFF, 0xD9]).unwrap();
    assert_eq!(clean(bytes), clean(&bytes[..first + 2]));
}

#[test]
fn animations_are_refused() {
    assert_eq!(clean(testdata("animated.webp")), Err(Rejected::Animation));
    assert_eq!(clean(testdata("animated.png")), Err(Rejected::Animation));
    let sneaked = png_with(&rgb_png(8, 8), &[png_chunk(b"acTL", &[0, 0, 0, 1, 0, 0, 0, 0])]);
    assert_eq!(clean(&sneaked), Err(Rejected::Animation));
}

#[test]
fn png_texts_and_exif_are_dropped_and_the_orientation_obeyed() {
    let words = PLANTED.as_bytes();
    let thumbnail = jpeg(&picture(16, 12));
    let mut before = png_with(
        &rgb_png(64, 48),
        &[
            png_chunk(b"eXIf", &exif(6, PLANTED, &thumbnail)),
            png_chunk(b"tEXt", &[b"Author\0", words].concat()),
            png_chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", words].concat()),
            png_chunk(b"tIME", &[7, 233, 11, 3, 8, 15, 27]),
            png_chunk(b"caBX", words),
        ],
    );
    before.extend_from_slice(words);
    let latitude = exif::Reader::new()
        .read_from_container(&mut Cursor::new(&before))
        .unwrap()
        .get_field(exif::Tag::GPSLatitude, exif::In::PRIMARY)
        .is_some();
    assert!(latitude);

    let after = cleaned(&before);
    assert_eq!((after.width, after.height), (48, 64));
    assert_corners(&decoded(&after), [RED, WHITE, BLUE, BLUE]);
}

#[test]
fn webp_metadata_is_dropped_and_the_orientation_obeyed() {
    for before in [
        testdata("lossy.webp").to_vec(),
        lossless_webp(&picture(48, 32), Some(exif(6, PLANTED, b"thumbnail"))),
    ] {
        assert!(holds(&before, PLANTED.as_bytes()));
        let after = cleaned(&[&before, PLANTED.as_bytes()].concat());
        assert_eq!((after.width, after.height), (32, 48));
        assert_corners(&decoded(&after), [RED, WHITE, BLUE, BLUE]);
    }
}

#[test]
fn what_is_transparent_lies_on_white() {
    for name in ["lossy-alpha.webp", "lossless-alpha.webp"] {
        let picture = decoded(&cleaned(testdata(name)));
        assert_corners(&picture, [WHITE, BLUE, WHITE, BLUE]);
    }
    assert_corners(&decoded(&cleaned(testdata("palette.png"))), [WHITE, BLUE, RED, BLUE]);

    let half = image::RgbaImage::from_pixel(16, 16, image::Rgba([0, 0, 200, 128]));
    let pale = Rgb([127, 127, 227]);
    assert_corners(&decoded(&cleaned(&png(&half.into()))), [pale; 4]);
    let half = image::GrayAlphaImage::from_pixel(16, 16, image::LumaA([0, 64]));
    let pale = Rgb([191; 3]);
    assert_corners(&decoded(&cleaned(&png(&half.into()))), [pale; 4]);
}

#[test]
fn every_depth_of_png_becomes_rgb() {
    let picture = DynamicImage::ImageRgb8(picture(64, 48));
    for deep in [
        DynamicImage::ImageRgb16(picture.to_rgb16()),
        DynamicImage::ImageRgba16(picture.to_rgba16()),
        DynamicImage::ImageRgba8(picture.to_rgba8()),
    ] {
        assert_corners(&decoded(&cleaned(&png(&deep))), [WHITE, BLUE, RED, BLUE]);
    }
    let mut levels = Vec::new();
    for grey in [
        DynamicImage::ImageLuma8(picture.to_luma8()),
        DynamicImage::ImageLumaA8(picture.to_luma_alpha8()),
        DynamicImage::ImageLuma16(picture.to_luma16()),
        DynamicImage::ImageLumaA16(picture.to_luma_alpha16()),
    ] {
        let found = corners(&decoded(&cleaned(&png(&grey))));
        assert!(found.iter().all(|color| color.0[0] == color.0[1] && color.0[1] == color.0[2]));
        levels.push(found.map(|color| color.0[0] / 8));
    }
    assert!(levels.iter().all(|level| *level == levels[0]), "{levels:?}");
}

#[test]
fn bombs_are_refused_by_their_header() {
    for (width, height, why) in [
        (65_535, 65_535, Rejected::TooLarge),
        (u32::MAX, u32::MAX, Rejected::TooLarge),
        (65_536, 1, Rejected::TooLarge),
        (10_000, 5_001, Rejected::TooLarge),
        (0, 10, Rejected::Damaged),
        (10, 0, Rejected::Damaged),
        (0, 0, Rejected::Damaged),
        (10_000, 5_000, Rejected::Damaged),
        (1_080, 20_000, Rejected::Damaged),
    ] {
        assert_eq!(clean(&png_header(width, height)), Err(why), "{width} x {height}");
    }
}

#[test]
fn a_jpeg_bomb_is_refused_by_its_frame_header() {
    let good = jpeg(&picture(16, 16));
    let at = good.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap() + 5;
    for (height, width, why) in [
        (65_535_u16, 65_535_u16, Rejected::TooLarge),
        (14_143, 14_143, Rejected::TooLarge),
        (0, 16, Rejected::Damaged),
        (8_000, 8_000, Rejected::Damaged),
    ] {
        let mut bomb = good.clone();
        bomb[at..at + 2].copy_from_slice(&height.to_be_bytes());
        bomb[at + 2..at + 4].copy_from_slice(&width.to_be_bytes());
        assert_eq!(clean(&bomb), Err(why));
    }
}

fn riff(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut body = b"WEBP".to_vec();
    for (name, chunk) in chunks {
        body.extend_from_slice(*name);
        body.extend_from_slice(&u32::try_from(chunk.len()).unwrap().to_le_bytes());
        body.extend_from_slice(chunk);
        body.resize(body.len().next_multiple_of(2), 0);
    }
    [b"RIFF", &u32::try_from(body.len()).unwrap().to_le_bytes()[..], &body].concat()
}

#[test]
fn a_webp_bomb_is_refused_by_each_of_its_headers() {
    let canvas = |width: u32, height: u32| {
        let mut body = vec![0; 4];
        body.extend_from_slice(&(width - 1).to_le_bytes()[..3]);
        body.extend_from_slice(&(height - 1).to_le_bytes()[..3]);
        body
    };
    let lossy = |width: u16, height: u16| {
        let mut body = b"\x10\0\0\x9d\x01\x2a".to_vec();
        body.extend_from_slice(&width.to_le_bytes());
        body.extend_from_slice(&height.to_le_bytes());
        body.extend_from_slice(&[0; 32]);
        body
    };
    let lossless = |width: u32, height: u32| {
        [b"\x2f", &((width - 1) | (height - 1) << 14).to_le_bytes()[..], &[0; 32]].concat()
    };
    for (chunks, why) in [
        (vec![(b"VP8X", canvas(1 << 24, 1 << 24))], Rejected::TooLarge),
        (vec![(b"VP8 ", lossy(16_383, 16_383))], Rejected::TooLarge),
        (vec![(b"VP8L", lossless(16_384, 16_384))], Rejected::TooLarge),
        // A small canvas does not hide a large frame.
        (vec![(b"VP8X", canvas(8, 8)), (b"VP8 ", lossy(16_383, 16_383))], Rejected::TooLarge),
        (vec![(b"VP8X", canvas(8, 8)), (b"VP8 ", lossy(3_000, 3_000))], Rejected::Damaged),
        (vec![(b"VP8X", canvas(8, 8)), (b"VP8L", lossless(3_000, 3_000))], Rejected::Damaged),
        (vec![(b"VP8 ", lossy(0, 8))], Rejected::Damaged),
        (vec![(b"VP8X", canvas(8, 8))], Rejected::Damaged),
        (vec![], Rejected::Damaged),
    ] {
        assert_eq!(clean(&riff(&chunks)), Err(why), "{chunks:?}");
    }
}

#[test]
fn a_chunk_that_claims_gigabytes_gets_none() {
    let mut webp = lossless_webp(&picture(8, 8), Some(exif(1, PLANTED, b"")));
    let at = webp.windows(4).position(|name| name == b"EXIF").unwrap() + 4;
    webp[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(clean(&webp), Err(Rejected::Damaged));

    let mut png = rgb_png(8, 8);
    png[33..37].copy_from_slice(&u32::MAX.to_be_bytes());
    // The pixels are there all the same.
    assert_eq!(clean(&png), clean(&rgb_png(8, 8)));
}

#[test]
fn a_compressed_bomb_beside_the_pixels_unfolds_no_further_than_its_limit() {
    // 48 MB of nothing, deflated by the encoder: what is IDAT there becomes a profile and a text here.
    let mut black = Vec::new();
    PngEncoder::new(&mut black)
        .write_image(&vec![0; 16_000 * 3_000], 16_000, 3_000, ExtendedColorType::L8)
        .unwrap();
    let mut deflated = Vec::new();
    let mut at = 8;
    while at < black.len() {
        let length = u32::from_be_bytes(*black[at..].first_chunk().unwrap()) as usize;
        if black[at + 4..at + 8] == *b"IDAT" {
            deflated.extend_from_slice(&black[at + 8..at + 8 + length]);
        }
        at += 12 + length;
    }
    assert!(deflated.len() < 1_000_000);
    let bomb = png_with(
        &rgb_png(16, 16),
        &[
            png_chunk(b"iCCP", &[b"p\0\0", &*deflated].concat()),
            png_chunk(b"zTXt", &[b"Comment\0\0", &*deflated].concat()),
        ],
    );
    assert_eq!(Ok(cleaned(&bomb)), clean(&rgb_png(16, 16)));
}

#[test]
fn too_many_scans_are_refused_for_their_work_and_not_for_their_number() {
    let good = testdata("progressive.jpg");
    let start = good.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    // The last scan over and over: it corrects what has been corrected.
    let more = |times: usize| {
        [&good[..good.len() - 2], &good[start..good.len() - 2].repeat(times), b"\xFF\xD9"].concat()
    };
    assert!(clean(&more(100)).is_ok());
    assert_eq!(clean(&more(250_000)), Err(Rejected::TooLarge));

    // Of a picture in one scan the first counts, and nothing else is read.
    let good = jpeg(&picture(16, 16));
    let start = good.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let scan = &good[start..good.len() - 2];
    let again = [&good[..good.len() - 2], &scan.repeat(10_000), b"\xFF\xD9"].concat();
    assert_eq!(clean(&again), clean(&good));
}

#[test]
fn a_progressive_photo_that_never_becomes_sharp_is_cut_short() {
    let good = testdata("progressive.jpg");
    let last = good.windows(2).rposition(|pair| pair == [0xFF, 0xDA]).unwrap();
    assert!(clean(good).is_ok());
    assert_eq!(clean(&[&good[..last], b"\xFF\xD9"].concat()), Err(Rejected::Damaged));
}

#[test]
fn kinds_of_jpeg_that_no_camera_makes_are_refused() {
    let good = jpeg(&picture(16, 16));
    let at = good.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    for marker in [0xC3, 0xC5, 0xC9, 0xCF] {
        let mut odd = good.clone();
        odd[at + 1] = marker;
        assert_eq!(clean(&odd), Err(Rejected::Unsupported), "{marker:#x}");
    }
    let mut deep = good.clone();
    deep[at + 4] = 12;
    assert_eq!(clean(&deep), Err(Rejected::Unsupported));
    let frame = good[at..at + 19].to_vec();
    let twice = [&good[..at], &frame, &good[at..]].concat();
    assert_eq!(clean(&twice), Err(Rejected::Unsupported));
}

#[test]
fn a_photo_cut_anywhere_is_whole_or_refused() {
    let images = [
        laden(&picture(32, 24), 6),
        testdata("progressive.jpg").to_vec(),
        rgb_png(32, 24),
        testdata("lossy.webp").to_vec(),
        lossless_webp(&picture(32, 24), None),
    ];
    for image in images {
        let whole = match kind(&image) {
            Ok(Format::Jpeg) => jpeg_end(&image),
            _ => image.len(),
        };
        let good = clean(&image[..whole]).unwrap();
        for length in 0..whole {
            match clean(&image[..length]) {
                Ok(after) => assert_eq!(after, good, "{length} of {whole}"),
                Err(why) => assert!(matches!(why, Rejected::Damaged | Rejected::NotAnImage), "{why}"),
            }
        }
        // A quarter of the file, and a quarter of its pixels.
        assert_eq!(clean(&image[..whole / 4 * 3]), Err(Rejected::Damaged));
        let ends = !matches!(kind(&image), Ok(Format::WebP));
        assert_eq!(clean(&image[..whole - 2]).is_ok(), ends);
    }
}

/// Behind the first end marker that is one, which here lies behind the thumbnail's.
fn jpeg_end(jpeg: &[u8]) -> usize {
    let scan = jpeg
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| *pair == [0xFF, 0xDA])
        .map(|(at, _)| at)
        .find(|at| outline_reaches(jpeg, *at))
        .unwrap();
    scan + jpeg[scan..].windows(2).position(|pair| pair == [0xFF, 0xD9]).unwrap() + 2
}

/// Whether walking the segments from the start comes to that place.
fn outline_reaches(jpeg: &[u8], place: usize) -> bool {
    let mut at = 2;
    while at < place {
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    at == place
}

#[test]
fn other_files_are_no_images() {
    for bytes in [
        &b""[..],
        b"\xFF\xD8",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"<?xml version=\"1.0\"?><svg/>",
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"\0\0\0\x18ftypmp42\0\0\0\0isommp42",
        b"\0\0\0\x14ftypqt  \0\0\0\0qt  heic",
        b"%PDF-1.7\n%\xE2\xE3\xCF\xD3",
        b"PK\x03\x04\x14\0\0\0",
        b"BM\x3A\0\0\0",
        b"II*\0\x08\0\0\0",
        b"\0\0\x01\0\x01\0",
        b"RIFF\x24\0\0\0WAVEfmt ",
        b" \xFF\xD8\xFF\xE0",
        b"\x7FELF",
    ] {
        assert_eq!(clean(bytes), Err(Rejected::NotAnImage), "{bytes:?}");
    }
}

/// The base of what follows: one colour.
fn base() -> Vec<u8> {
    jpeg(&RgbImage::from_pixel(64, 48, Rgb([200, 60, 60])))
}

#[track_caller]
fn assert_colour(cleaned: &Cleaned, wanted: [u8; 3]) {
    let found = decoded(cleaned).get_pixel(32, 24).0;
    assert!(found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) <= 3), "{found:?} is not {wanted:?}");
}

/// A textured JPEG, with a restart marker behind so many units.
fn textured(width: u16, height: u16, interval: Option<u16>) -> Vec<u8> {
    textured_in_scans(width, height, interval, false)
}

/// The same in one scan, or in several.
fn textured_in_scans(width: u16, height: u16, interval: Option<u16>, progressive: bool) -> Vec<u8> {
    let noise = |x: u32, y: u32| (x * 7 + y * 13 + x * y % 31 * 5) as u8;
    let picture = RgbImage::from_fn(width.into(), height.into(), |x, y| {
        Rgb([noise(x, y), noise(y, x), noise(x + y, y)])
    });
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    if let Some(interval) = interval {
        encoder.set_restart_interval(interval);
    }
    encoder.set_progressive(progressive);
    encoder.encode(picture.as_raw(), width, height, ColorType::Rgb).unwrap();
    out
}

#[test]
fn a_whole_photo_is_taken_whatever_its_end() {
    for good in [base(), textured(640, 480, None), testdata("progressive.jpg").to_vec()] {
        let whole = cleaned(&good);
        let bare = &good[..good.len() - 2];
        for end in [&b""[..], b"\xFF", b"\xFF\xD9\0\0\0", b"\xFF\xD9\xFF\xD8\xFF\xE0", b"\0\0\0", b"\xFF\xE7"]
        {
            assert_eq!(cleaned(&[bare, end].concat()), whole, "{end:x?}");
        }
    }
    let good = rgb_png(64, 48);
    assert_eq!(cleaned(&good[..good.len() - 12]), cleaned(&good));
}

#[test]
fn a_photo_whose_data_are_gone_is_refused_though_it_ends() {
    for good in [textured(640, 480, None), textured(640, 480, Some(40)), testdata("progressive.jpg").to_vec()]
    {
        let cut = [&good[..good.len() / 4 * 3], b"\xFF\xD9"].concat();
        assert_eq!(clean(&cut), Err(Rejected::Damaged));
    }
}

/// The restart markers of a JPEG.
fn restarts(jpeg: &[u8]) -> Vec<usize> {
    (0..jpeg.len() - 1).filter(|at| jpeg[*at] == 0xFF && (0xD0..=0xD7).contains(&jpeg[at + 1])).collect()
}

#[test]
fn a_lost_restart_marker_loses_nothing_else() {
    let good = textured(640, 480, Some(40));
    let whole = cleaned(&good);
    let at = restarts(&good);
    assert_eq!(at.len(), 29);
    for lost in [0, 13, 28] {
        let mut without = good.clone();
        without.drain(at[lost]..at[lost] + 2);
        assert_eq!(cleaned(&without), whole);
        for other in [[0x12, 0x34], [0xFF, 0x34], [0, 0xD3]] {
            let mut changed = good.clone();
            changed[at[lost]..at[lost] + 2].copy_from_slice(&other);
            assert_eq!(cleaned(&changed), whole);
        }
    }
}

#[test]
fn up_to_a_hundredth_may_be_lost_and_is_told() {
    let good = textured(1600, 1600, Some(100));
    let at = restarts(&good);
    let whole = cleaned(&good);
    assert!(!whole.damaged);
    // A row of units of a hundred, with its marker; then two.
    let mut without = good.clone();
    without.drain(at[40]..at[41]);
    let after = cleaned(&without);
    assert!(after.damaged);
    let far = |row: u32| {
        let (before, after) = (drawn(&whole.jpeg), drawn(&after.jpeg));
        (0..1600).map(|x| before.get_pixel(x, row).0[1].abs_diff(after.get_pixel(x, row).0[1])).max()
    };
    assert!(far(300) <= Some(8) && far(1000) <= Some(8) && far(664) > Some(40));
    let mut without = good.clone();
    without.drain(at[40]..at[42]);
    assert_eq!(clean(&without), Err(Rejected::Damaged));
}

#[test]
fn a_place_that_several_scans_lose_is_lost_once() {
    let good = textured_in_scans(1600, 1600, Some(100), true);
    let whole = cleaned(&good);
    let scans: Vec<usize> = (0..good.len() - 1).filter(|at| good[*at..].starts_with(&[0xFF, 0xDA])).collect();
    let of_scan = |number: usize| {
        let end = scans.get(number + 1).copied().unwrap_or(good.len());
        restarts(&good).into_iter().filter(|at| (scans[number]..end).contains(at)).collect::<Vec<_>>()
    };
    assert!(!whole.damaged && scans.len() >= 4, "{}", scans.len());
    let (mut marker, mut place) = (good.clone(), good.clone());
    for number in (0..scans.len()).rev() {
        let at = of_scan(number);
        marker.drain(at[11]..at[11] + 2);
        // The first is of units of four blocks of brightness, the others of single blocks.
        let from = if at.len() == 99 { 10 } else { 40 };
        place.drain(at[from]..at[from + 1]);
    }
    assert_eq!(cleaned(&marker), whole);
    assert!(cleaned(&place).damaged);
}

#[test]
fn orientation_is_read_as_programs_write_it() {
    let long = b"II\x2A\0\x08\0\0\0\x01\0\x12\x01\x04\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    let words = b"Exif\0\0";
    for segments in [
        vec![(0xE1, [&words[..], long].concat())],
        vec![(0xE1, words.to_vec()), exif_segment(6)],
        vec![(0xE1, [&words[..], words, long].concat())],
    ] {
        let after = cleaned(&with_segments(&jpeg(&picture(64, 48)), &segments));
        assert_eq!((after.width, after.height), (48, 64));
    }
    let digits: String = long.iter().map(|byte| format!("{byte:02x}")).collect();
    let text = format!("Raw profile type exif\0\nexif\n      26\n{digits}\n");
    let after = cleaned(&png_with(&rgb_png(64, 48), &[png_chunk(b"tEXt", text.as_bytes())]));
    assert_eq!((after.width, after.height), (48, 64));
    for block in [exif(6, PLANTED, &[]), [&words[..], long].concat(), [&words[..], words, long].concat()] {
        let after = cleaned(&png_with(&rgb_png(64, 48), &[png_chunk(b"eXIf", &block)]));
        assert_eq!((after.width, after.height), (48, 64));
        let after = cleaned(&lossless_webp(&picture(64, 48), Some(block)));
        assert_eq!((after.width, after.height), (48, 64));
    }
}

#[test]
fn adobe_and_the_names_of_components_say_how_colours_are_meant() {
    // Coded without a change of colours: components of equal size, named 1, 2, 3.
    let mut coded = Vec::new();
    let samples = [200, 60, 60].repeat(64 * 48);
    let mut encoder = Encoder::new(&mut coded, 95);
    encoder.set_sampling_factor(SamplingFactor::F_1_1);
    encoder.encode(&samples, 64, 48, ColorType::Ycbcr).unwrap();
    let start = [&coded[..2], &coded[20..]].concat();
    let adobe = |transform| (0xEE, [&b"Adobe\0\x64\0\0\0\0"[..], &[transform]].concat());
    assert_colour(&cleaned(&with_segments(&start, &[adobe(0)])), [200, 60, 60]);
    // The same samples as brightness and colour are green, as in a file of JFIF.
    for other in
        [coded.clone(), start.clone(), with_segments(&start, &[adobe(1)]), with_segments(&coded, &[adobe(0)])]
    {
        assert_colour(&cleaned(&other), [105, 255, 80]);
    }
    let mut named = start;
    let frame = named.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let scan = named.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    for (number, name) in b"RGB".iter().enumerate() {
        named[frame + 10 + 3 * number] = *name;
        named[scan + 5 + 2 * number] = *name;
    }
    assert_colour(&cleaned(&named), [200, 60, 60]);
}

/// The profile of the colours of telephones, and one of old screens.
fn profiles() -> [(Vec<u8>, [u8; 3]); 2] {
    [
        (icc(Some(DISPLAY_P3), Curve::Gamma(2.2)), [219, 37, 49]),
        (icc(Some(SRGB), Curve::Gamma(1.8)), [210, 77, 77]),
    ]
}

#[test]
fn pictures_come_out_in_the_colours_that_their_profile_means() {
    for (profile, wanted) in profiles() {
        let (first, second) = profile.split_at(200);
        let part = |number: u8, body: &[u8]| (0xE2, [b"ICC_PROFILE\0", &[number, 2][..], body].concat());
        let in_jpeg = with_segments(&base(), &[part(2, second), part(1, first)]);
        assert_colour(&cleaned(&in_jpeg), wanted);

        let colour = RgbImage::from_pixel(64, 48, Rgb([200, 60, 60]));
        let folded = miniz_oxide::deflate::compress_to_vec_zlib(&profile, 6);
        let chunk = png_chunk(b"iCCP", &[b"screen\0\0", &*folded].concat());
        assert_colour(&cleaned(&png_with(&png(&colour.clone().into()), &[chunk])), wanted);

        let mut webp = Vec::new();
        let mut encoder = WebPEncoder::new_lossless(&mut webp);
        encoder.set_icc_profile(profile.clone()).unwrap();
        encoder.write_image(colour.as_raw(), 64, 48, ExtendedColorType::Rgb8).unwrap();
        assert_colour(&cleaned(&webp), wanted);

        // What is proved by a picture are its pixels, and copies lose profiles.
        assert_eq!(canonical(&in_jpeg), canonical(&base()));
        // A profile that cannot be read, or is of other colours, is no reason to lose the photo.
        for wrong in [&profile[..300], &icc(None, Curve::Gamma(1.8)), b"profile"] {
            let segment = (0xE2, [&b"ICC_PROFILE\0\x01\x01"[..], wrong].concat());
            assert_colour(&cleaned(&with_segments(&base(), &[segment])), [200, 60, 60]);
        }
    }
}

/// For each of `to` samples, which of `from` it sees and how much: Lanczos with three lobes.
fn lanczos(from: usize, to: usize) -> Vec<Vec<(usize, f64)>> {
    let ratio = from as f64 / to as f64;
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    let of = |number: usize| {
        let middle = (number as f64 + 0.5) * ratio;
        let weight = |at: usize| {
            let distance = (at as f64 + 0.5 - middle) / ratio;
            if distance.abs() < 3.0 { sinc(distance) * sinc(distance / 3.0) } else { 0.0 }
        };
        let seen: Vec<_> =
            (0..from).map(|at| (at, weight(at))).filter(|(_, weight)| *weight != 0.0).collect();
        let sum: f64 = seen.iter().map(|(_, weight)| weight).sum();
        seen.into_iter().map(|(at, weight)| (at, weight / sum)).collect()
    };
    (0..to).map(of).collect()
}

/// Resamples RGB samples to another size.
fn shrunk(samples: &[u8], from: (usize, usize), to: (usize, usize)) -> Vec<[f64; 3]> {
    let pixels = samples.as_chunks::<3>().0;
    let rows = lanczos(from.1, to.1);
    let columns = lanczos(from.0, to.0);
    let mut made = Vec::new();
    for seen in &rows {
        let mut row = vec![[0.0; 3]; from.0];
        for (at, weight) in seen {
            for (sum, pixel) in row.iter_mut().zip(&pixels[at * from.0..]) {
                (0..3).for_each(|channel| sum[channel] += weight * f64::from(pixel[channel]));
            }
        }
        made.extend(columns.iter().map(|seen| {
            let sum =
                |channel: usize| seen.iter().map(|(at, weight)| weight * row[*at][channel]).sum::<f64>();
            [0, 1, 2].map(|channel| sum(channel).clamp(0.0, 255.0))
        }));
    }
    made
}

/// How much of each of sRGB's lights makes a colour in XYZ: Cramer's rule.
fn in_lights_of_srgb(xyz: [f64; 3]) -> [f64; 3] {
    let volume = |[a, b, c]: [[f64; 3]; 3]| {
        a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
            + a[2] * (b[0] * c[1] - b[1] * c[0])
    };
    [0, 1, 2].map(|light| {
        let mut other = SRGB;
        other[light] = xyz;
        (volume(other) / volume(SRGB)).clamp(0.0, 1.0)
    })
}

#[test]
fn a_photograph_comes_out_in_the_colours_that_its_profile_means() {
    let (from, to) = ((2000, 900), (1600, 720));
    let plain = photograph(2000, 900, 11, false, "");
    let small = shrunk(&canonical(&plain)[8..], from, to);
    let of_srgb =
        |level: f64| if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) };
    for (primaries, curve) in [
        (DISPLAY_P3, Curve::Srgb),
        (ADOBE_RGB, Curve::Gamma(563.0 / 256.0)),
        (SRGB, Curve::Gamma(461.0 / 256.0)),
    ] {
        let segment = (0xE2, [b"ICC_PROFILE\0\x01\x01", &*icc(Some(primaries), curve)].concat());
        let file = with_segments(&plain, &[segment]);
        let made = open(&file).unwrap().small().unwrap().in_srgb().upright().unwrap().picture;
        assert_eq!(made.dimensions(), (1600, 720));
        let (mut off, mut changed) = (0.0, 0.0);
        for (made, source) in made.pixels().zip(&small) {
            let light = source.map(|level| match curve {
                Curve::Srgb => of_srgb(level / 255.0),
                Curve::Gamma(power) => (level / 255.0).powf(power),
            });
            let xyz = [0, 1, 2].map(|axis| (0..3).map(|one| light[one] * primaries[one][axis]).sum());
            let wanted = in_lights_of_srgb(xyz).map(|light| {
                let level =
                    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
                255.0 * level
            });
            for channel in 0..3 {
                off += (f64::from(made.0[channel]) - wanted[channel]).abs();
                changed += (source[channel] - wanted[channel]).abs();
            }
        }
        let samples = (3 * to.0 * to.1) as f64;
        assert!(off / samples < 2.0 && changed / samples > 2.0, "{} of {}", off / samples, changed / samples);
    }
}

#[test]
fn a_camera_that_says_adobe_rgb_in_exif_needs_no_profile() {
    for big in [false, true] {
        let segment = (0xE1, [b"Exif\0\0", &*in_adobe_rgb(big)].concat());
        assert_colour(&cleaned(&with_segments(&base(), std::slice::from_ref(&segment))), [231, 57, 57]);
        let colour = RgbImage::from_pixel(64, 48, Rgb([200, 60, 60]));
        let chunk = png_chunk(b"eXIf", &in_adobe_rgb(big));
        assert_colour(&cleaned(&png_with(&png(&colour.clone().into()), &[chunk])), [231, 57, 57]);
        assert_colour(&cleaned(&lossless_webp(&colour, Some(in_adobe_rgb(big)))), [231, 57, 57]);
        // A profile knows better.
        let profile = [b"ICC_PROFILE\0\x01\x01", &*icc(Some(SRGB), Curve::Srgb)].concat();
        assert_colour(&cleaned(&with_segments(&base(), &[segment, (0xE2, profile)])), [200, 60, 60]);
    }
}

#[test]
fn panoramas_and_scrolled_screens_are_taken() {
    let after = cleaned(&jpeg(&picture(16_382, 3_866)));
    assert_eq!((after.width, after.height), (3_051, 720));
    let mut screen = Vec::new();
    PngEncoder::new(&mut screen)
        .write_image(&[255, 255, 255, 0, 0, 0].repeat(540 * 20_000), 1_080, 20_000, ExtendedColorType::Rgb8)
        .unwrap();
    let after = cleaned(&screen);
    assert_eq!((after.width, after.height), (720, 13_333));
}

#[test]
fn heic_is_named_under_whatever_name_it_comes() {
    for bytes in [
        &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..],
        b"\0\0\0\x18ftypavif\0\0\0\0mif1avif",
        b"\0\0\0\x14ftypmif1\0\0\0\0miaf",
        b"\0\0\0\x1Cftypmsf1\0\0\0\0isommsf1hevc",
        b"\0\0\0\x18ftypABCD\0\0\0\0isomheix",
    ] {
        assert_eq!(clean(bytes), Err(Rejected::Heic), "{bytes:?}");
    }
}

#[test]
fn a_zip_behind_a_jpeg_is_gone() {
    let plain = jpeg(&picture(32, 24));
    let zip = [&b"PK\x03\x04\x0A\0\0\0\0\0"[..], PLANTED.as_bytes(), b"PK\x05\x06", &[0; 18]].concat();
    let after = cleaned(&[&plain, &*zip].concat());
    assert!(!holds(&after.jpeg, b"PK\x03\x04"));
    assert_eq!(Ok(after), clean(&plain));
}

#[test]
fn a_larger_upload_than_promised_is_not_looked_at() {
    let mut bytes = jpeg(&picture(16, 16));
    bytes.resize(MAX_BYTES, 0);
    assert!(clean(&bytes).is_ok());
    bytes.push(0);
    assert_eq!(clean(&bytes), Err(Rejected::TooLarge));
}

#[test]
fn unreadable_exif_costs_no_photo() {
    for body in [
        &b"Exif\0\0"[..],
        b"Exif\0\0II*\0\xFF\xFF\xFF\xFF",
        b"Exif\0\0MM\0*\0\0\0\x08\xFF\xFF",
        b"Exif\0\0garbage",
        b"Exif",
        b"",
    ] {
        let bytes = with_segments(&jpeg(&picture(32, 24)), &[(0xE1, body.to_vec())]);
        let after = cleaned(&bytes);
        assert_corners(&decoded(&after), [WHITE, BLUE, RED, BLUE]);
    }
}

#[test]
fn debug_shows_no_pixels() {
    let after = clean(&jpeg(&picture(16, 8))).unwrap();
    assert_eq!(
        format!("{after:?}"),
        format!("Cleaned {{ bytes: {}, width: 16, height: 8, damaged: false }}", after.jpeg.len())
    );
}

#[test]
fn every_reason_has_its_own_word_and_text() {
    let all = [
        Rejected::Damaged,
        Rejected::TooLarge,
        Rejected::NotAnImage,
        Rejected::Animation,
        Rejected::Heic,
        Rejected::Unsupported,
    ];
    let codes: std::collections::HashSet<_> = all.iter().map(|why| why.word()).collect();
    assert_eq!(codes.len(), all.len());
    for why in all {
        assert!(why.word().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        let text = why.to_string();
        assert!(text.starts_with(|first: char| first.is_ascii_lowercase()));
        assert!(!text.ends_with('.'));
    }
}

#[test]
fn the_made_up_photograph_carries_what_it_promises() {
    let bytes = photograph(640, 480, 1, true, PLANTED);
    let fields = exif::Reader::new().read_from_container(&mut Cursor::new(&bytes)).unwrap();
    let text = |tag| fields.get_field(tag, exif::In::PRIMARY).unwrap().display_value().to_string();
    let degrees = |tag| {
        let field = fields.get_field(tag, exif::In::PRIMARY).unwrap();
        let exif::Value::Rational(parts) = &field.value else {
            panic!("no fractions");
        };
        parts[0].to_f64() + parts[1].to_f64() / 60.0 + parts[2].to_f64() / 3600.0
    };
    assert_eq!(text(exif::Tag::GPSLatitudeRef), "S");
    assert_eq!(text(exif::Tag::GPSLongitudeRef), "E");
    assert!((degrees(exif::Tag::GPSLatitude) + PLACE.0).abs() < 1e-5);
    assert!((degrees(exif::Tag::GPSLongitude) - PLACE.1).abs() < 1e-5);
    assert_eq!(text(exif::Tag::Make), format!("\"{MAKE}\""));
    assert_eq!(text(exif::Tag::Model), format!("\"{MODEL}\""));
    assert_eq!(text(exif::Tag::DateTimeOriginal), "2025-11-03 08:15:27");
    assert!(bytes.ends_with(PLANTED.as_bytes()));
    assert!(holds(&bytes, format!("<dc:creator>{PLANTED}<").as_bytes()));
    assert_eq!(bytes, photograph(640, 480, 1, true, PLANTED));

    let plain = photograph(640, 480, 1, false, PLANTED);
    assert!(!holds(&plain, PLANTED.as_bytes()));
    assert!(kind(&photograph(0, 0, 0, true, &PLANTED.repeat(10_000))).is_ok());
    cleaned(&bytes);
}

/// An image of each kind, small enough to be mutated a thousand times.
fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![
        laden(&picture(24, 16), 6),
        rgb_png(24, 16),
        png_with(&rgb_png(24, 16), &[png_chunk(b"eXIf", &exif(3, PLANTED, b"thumbnail"))]),
        lossless_webp(&picture(24, 16), Some(exif(6, PLANTED, b"thumbnail"))),
    ];
    seeds.extend(
        [
            "baseline-420.jpg",
            "progressive.jpg",
            "grey.jpg",
            "cmyk.jpg",
            "lossy.webp",
            "lossy-alpha.webp",
            "lossless-alpha.webp",
            "palette.png",
        ]
        .map(|name| testdata(name).to_vec()),
    );
    let mut packed = Vec::new();
    PngEncoder::new(&mut packed).write_image(&[7; 24 * 16 * 8], 24, 16, ExtendedColorType::Rgba16).unwrap();
    seeds.push(packed);
    seeds
}

/// Makes the check sums of a PNG right again, so that mutations come past them.
fn with_right_checksums(png: &[u8]) -> Vec<u8> {
    let mut out = png[..8.min(png.len())].to_vec();
    let mut at = 8;
    while let Some(head) = png.get(at..at + 8) {
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let Some(body) = png.get(at + 8..(at + 8).saturating_add(length)) else {
            break;
        };
        out.extend(png_chunk(&[head[4], head[5], head[6], head[7]], body));
        at += 12 + length;
    }
    out.extend_from_slice(png.get(at..).unwrap_or_default());
    out
}

/// Whatever comes in: either a bare photo comes out, or a reason. `clean` would make a reason of a panic.
fn survives(bytes: &[u8]) {
    if let Ok(after) = redraw(bytes) {
        assert_bare(&after);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        survives(&bytes);
        survives(&[b"\xFF\xD8\xFF", &*bytes].concat());
        survives(&[b"\x89PNG\r\n\x1a\n", &*bytes].concat());
        survives(&[&png_header(9, 9), &*bytes].concat());
        survives(&riff(&[(b"VP8L", bytes.clone())]));
        survives(&riff(&[(b"VP8 ", bytes)]));
    }

    #[test]
    fn no_mutated_image_makes_it_panic(
        seed in proptest::sample::select(seeds()),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
        doubled in proptest::option::of((any::<proptest::sample::Index>(), 1_usize..64)),
    ) {
        let mut bytes = seed;
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some((at, length)) = doubled {
            let at = at.index(bytes.len());
            let part = bytes[at..(at + length).min(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
        if let Some(cut) = cut {
            let at = cut.index(bytes.len());
            bytes.remove(at);
        }
        survives(&bytes);
        if kind(&bytes) == Ok(Format::Png) {
            survives(&with_right_checksums(&bytes));
        }
    }
}

/// What a digest of the pixels is made of.
fn canonical(bytes: &[u8]) -> Vec<u8> {
    let mut all = Vec::new();
    canonical_pixels(bytes, |part| all.extend_from_slice(part)).unwrap();
    all
}

#[test]
fn a_picture_is_known_again_in_whatever_file_it_comes() {
    let street = drawn(&photograph(90, 60, 3, false, ""));
    let (width, height) = street.dimensions();
    let known = canonical(&png(&street.clone().into()));
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    assert_eq!(known, [sides, street.as_raw().clone()].concat());

    let deep = DynamicImage::ImageRgb8(street.clone()).into_rgb16();
    let opaque = DynamicImage::ImageRgb8(street.clone()).into_rgba8();
    let with_text = png_with(&png(&street.clone().into()), &[png_chunk(b"tEXt", b"Comment\0other")]);
    for file in [png(&deep.into()), png(&opaque.into()), lossless_webp(&street, None), with_text] {
        assert_eq!(canonical(&file), known);
    }

    // The same JPEG with other segments, and drawn into a file without loss.
    let original = photograph(200, 120, 4, false, "");
    let laden = with_segments(&original, &[exif_segment(1), (0xE1, xmp(PLANTED)), (0xFE, b"other".to_vec())]);
    let pixels = canonical(&original);
    assert_eq!(canonical(&laden), pixels);
    assert_eq!(canonical(&png(&drawn(&original).into())), pixels);

    let grey = DynamicImage::ImageRgb8(street.clone()).into_luma8();
    let in_colour = DynamicImage::ImageLuma8(grey.clone()).into_rgb8();
    assert_eq!(canonical(&png(&grey.into())), canonical(&png(&in_colour.into())));

    let mut other = street;
    other.get_pixel_mut(89, 59).0[2] ^= 1;
    assert_ne!(canonical(&png(&other.into())), known);
}

#[test]
fn a_picture_is_known_again_however_it_is_turned() {
    use image::metadata::Orientation;
    let street = DynamicImage::ImageRgb8(drawn(&photograph(30, 20, 5, false, "")));
    for orientation in 1..=8 {
        let mut upright = street.clone();
        upright.apply_orientation(Orientation::from_exif(orientation).unwrap());
        let turned = png_with(&png(&street), &[png_chunk(b"eXIf", &exif(orientation.into(), PLANTED, &[]))]);
        assert_eq!(canonical(&turned), canonical(&png(&upright)), "orientation {orientation}");
    }
}

#[test]
fn a_large_jpeg_and_its_pixels_without_loss_are_the_same_picture() {
    let original = photograph(4000, 300, 6, false, "");
    let pixels = canonical(&original);
    assert_eq!(pixels.len(), 8 + 4000 * 300 * 3);
    assert_eq!(canonical(&png(&drawn(&original).into())), pixels);
}

#[test]
fn a_photograph_is_retouched_to_another_picture() {
    let original = photograph(320, 240, 8, true, "x");
    let numbers = (0..32).map(|bit| 1 << bit).chain([0, 3, u64::from(u32::MAX)]);
    let pictures: std::collections::BTreeSet<Vec<u8>> =
        numbers.map(|number| canonical(&retouched(&original, number))).collect();
    assert_eq!(pictures.len(), 35);
    assert_eq!(canonical(&retouched(&original, 0)), canonical(&original));
}
