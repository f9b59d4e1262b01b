//! Pictures of every kind, held against libjpeg-turbo 3 (Pillow 12), and the smaller scales against the whole picture.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::path::Path;

use jpeg::{Error, Jpeg, Pixel, Scale};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Files of `testdata`, made by Pillow and cjpeg: width, height, and FNV-1a of the samples that libjpeg-turbo draws.
const DRAWN: [(&str, u32, u32, u64); 11] = [
    ("halved-both.jpg", 33, 16, 0x369E_9EFC_E41B_D116),
    ("halved-across.jpg", 17, 31, 0x256F_548E_5812_E733),
    ("halved-down.jpg", 17, 31, 0xA1A8_C769_E8E3_8187),
    ("full.jpg", 33, 16, 0x9A3C_FF01_90DA_6E83),
    ("progressive-restarts.jpg", 33, 16, 0x369E_9EFC_E41B_D116),
    ("progressive-odd.jpg", 17, 31, 0x192A_F8EF_FBC7_037F),
    ("a-scan-each.jpg", 33, 16, 0xE165_559D_F6E1_1269),
    ("rgb.jpg", 17, 31, 0xF956_5316_C812_20EE),
    ("inks.jpg", 7, 9, 0xDDF4_1BB7_9E69_6951),
    ("grey.jpg", 17, 31, 0x94E2_6554_08F0_BDCE),
    ("tiny.jpg", 3, 5, 0xD565_C1C1_D366_AB3E),
];

fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)).unwrap()
}

/// Width, height and samples.
fn drawn(bytes: &[u8], scale: Scale) -> Result<(u32, u32, Vec<u8>), Error> {
    let jpeg = Jpeg::open(bytes)?;
    let (width, height) = jpeg.size_at(scale);
    let mut samples = Vec::new();
    let lost = jpeg.rows(scale, |row| samples.extend_from_slice(row))?;
    assert_eq!(lost.blocks, 0);
    Ok((width, height, samples))
}

#[test]
fn whole_pictures_are_those_of_libjpeg_to_the_last_bit() {
    for (name, width, height, expected) in DRAWN {
        let (wide, high, samples) = drawn(&file(name), Scale::Whole).unwrap();
        let hash = samples.iter().fold(0xCBF2_9CE4_8422_2325, |hash: u64, sample| {
            (hash ^ u64::from(*sample)).wrapping_mul(0x100_0000_01B3)
        });
        assert_eq!((wide, high, hash), (width, height, expected), "{name}");
    }
}

#[test]
fn the_kind_of_a_picture_is_told() {
    for (name, pixel) in [
        ("full.jpg", Pixel::Rgb),
        ("rgb.jpg", Pixel::Rgb),
        ("inks.jpg", Pixel::Inks),
        ("grey.jpg", Pixel::Grey),
    ] {
        assert_eq!(Jpeg::open(&file(name)).unwrap().pixel(), pixel, "{name}");
    }
}

/// A picture without edges, whose smaller forms everybody agrees on.
fn smooth(width: u16, height: u16, sampling: SamplingFactor, progressive: bool) -> Vec<u8> {
    let wave = |x: u16, y: u16, step: f64| {
        (127.0 + 100.0 * (f64::from(x) / step).sin() * (f64::from(y) / 23.0).cos()) as u8
    };
    let samples: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| [wave(x, y, 31.0), wave(x, y, 43.0), wave(x, y, 57.0)]))
        .collect();
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, 95);
    encoder.set_sampling_factor(sampling);
    encoder.set_progressive(progressive);
    encoder.encode(&samples, width, height, ColorType::Rgb).unwrap();
    out
}

#[test]
fn smaller_scales_show_the_same_picture() {
    let (width, height) = (163, 118);
    for sampling in [
        SamplingFactor::F_1_1,
        SamplingFactor::F_2_1,
        SamplingFactor::F_1_2,
        SamplingFactor::F_2_2,
        SamplingFactor::F_4_1,
    ] {
        let plain = smooth(width, height, sampling, false);
        let (_, _, whole) = drawn(&plain, Scale::Whole).unwrap();
        for (scale, step) in [(Scale::Half, 2), (Scale::Quarter, 4), (Scale::Eighth, 8)] {
            let (wide, high, small) = drawn(&plain, scale).unwrap();
            assert_eq!((wide, high), (163_u32.div_ceil(step), 118_u32.div_ceil(step)));
            let mut off = 0;
            let (across, down) = (163 / step, 118 / step);
            for (x, y, channel) in (0..across)
                .flat_map(|x| (0..down).flat_map(move |y| (0..3).map(move |channel| (x, y, channel))))
            {
                let mean: u32 = (0..step * step)
                    .map(|n| (((y * step + n / step) * 163 + x * step + n % step) * 3 + channel) as usize)
                    .map(|at| u32::from(whole[at]))
                    .sum::<u32>()
                    / (step * step);
                off += mean.abs_diff(u32::from(small[((y * wide + x) * 3 + channel) as usize]));
            }
            let mean = f64::from(off) / f64::from(across * down * 3);
            assert!(mean < 4.0, "{sampling:?} {scale:?}: {mean}");

            // The same coefficients in several scans.
            let scans = smooth(width, height, sampling, true);
            assert_eq!(drawn(&scans, scale).unwrap().2, small, "{sampling:?} {scale:?}");
        }
    }
}

#[test]
fn memory_is_that_of_the_coefficients_that_a_scale_needs() {
    let plain = smooth(160, 160, SamplingFactor::F_2_2, false);
    assert_eq!(Jpeg::open(&plain).unwrap().memory(Scale::Whole), 0);
    let scans = smooth(160, 160, SamplingFactor::F_2_2, true);
    // 400 blocks of brightness and 200 of colour: a word each, and two bytes a coefficient.
    for (scale, bytes) in
        [(Scale::Eighth, 400 * 2 + 200 * 8), (Scale::Quarter, 400 * 8 + 200 * 32), (Scale::Whole, 600 * 128)]
    {
        assert_eq!(Jpeg::open(&scans).unwrap().memory(scale), 600 * 8 + bytes);
    }
}

#[test]
fn every_cut_and_every_changed_byte_gives_a_picture_or_a_reason() {
    for (name, ..) in DRAWN {
        let good = file(name);
        for at in 2..good.len() {
            for scale in Scale::ALL {
                let _ = Jpeg::open(&good[..at]).and_then(|jpeg| jpeg.rows(scale, |_| ()));
                let mut other = good.clone();
                other[at] ^= 1 << (at % 8);
                let _ = Jpeg::open(&other).and_then(|jpeg| jpeg.rows(scale, |_| ()));
            }
        }
    }
}
