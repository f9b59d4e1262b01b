//! Pictures in several scans that no encoder at hand writes: made bit by bit.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bits;

use bits::{Bits, segment};
use jpeg::{Error, Jpeg, Scale};

/// The start of a grey progressive picture. Codes and symbols of its tables: for DC no difference (0) and one of three bits (10),
/// for AC a coefficient of one bit (0), the end of the block (10), a coefficient of three bits (110), the end of some blocks (1110).
fn start(width: u16, height: u16, interval: u16) -> Vec<u8> {
    let table = |class: u8, symbols: &[u8]| {
        let mut body = vec![class];
        body.extend((0..16).map(|length| u8::from(length < symbols.len())));
        body.extend(symbols);
        segment(0xC4, &body)
    };
    let sides = [height.to_be_bytes(), width.to_be_bytes()].concat();
    [
        b"\xFF\xD8".to_vec(),
        segment(0xDB, &[&[0][..], &[1; 64]].concat()),
        table(0x00, &[0, 3]),
        table(0x10, &[0x01, 0x00, 0x03, 0x10]),
        segment(0xDD, &interval.to_be_bytes()),
        segment(0xC2, &[&[8][..], &sides, &[1, 1, 0x11, 0]].concat()),
    ]
    .concat()
}

/// The head of a scan of a band, with the bits left out before and after it.
fn scan(band: (u8, u8), precision: u8) -> Vec<u8> {
    segment(0xDA, &[1, 1, 0, band.0, band.1, precision])
}

fn drawn(file: &[u8]) -> Result<(Vec<u8>, u64), Error> {
    let mut samples = Vec::new();
    let lost = Jpeg::open(file)?.rows(Scale::Whole, |row| samples.extend_from_slice(row))?;
    Ok((samples, lost.blocks))
}

/// A picture of one block whose second coefficient lacks thirteen bits, and a scan more.
fn far_refined(precision: u8) -> Vec<u8> {
    let mut file = [start(8, 8, 0), scan((0, 0), 0), b"\x7F".to_vec(), scan((1, 63), 13)].concat();
    // Minus four, and the end of the block; in the next scan the end of the block and a bit of the coefficient.
    file.push(0b1100_1110);
    file.extend(scan((1, 63), precision));
    file.extend(b"\xBF\xFF\xD9");
    file
}

#[test]
fn a_coefficient_that_leaves_its_range_is_no_reason_to_panic() {
    assert!(drawn(&far_refined(0x10)).is_ok());
    // Scans that bring another bit than the next are none, so the picture never becomes whole.
    for precision in [0xD0, 0x20, 0xED] {
        assert_eq!(drawn(&far_refined(precision)), Err(Error::Damaged), "{precision:x}");
    }
}

/// Rows of the picture below.
const ROWS: usize = 200;

/// Writes a block with such noise.
type Block = fn(&mut Bits, u64);

/// A picture of [`ROWS`] rows of ten blocks with a restart behind each, refined: the bytes of every interval of each scan.
fn refined() -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
    const SCANS: [((u8, u8), u8, Block); 4] = [
        ((0, 0), 1, |bits, noise| bits.put(0b1_0000 | noise & 7, 5)),
        // A coefficient, and the end of the block.
        ((1, 63), 1, |bits, noise| bits.put(0b0010 | (noise & 1) << 2, 4)),
        ((0, 0), 0x10, |bits, noise| bits.put(noise & 1, 1)),
        // A new one behind the other, which gets a bit, and the end of the block.
        ((1, 63), 0x10, |bits, noise| bits.put(0b0_0010 | (noise & 3) << 2, 5)),
    ];
    let mut noise = 1_u64;
    let mut scans = Vec::new();
    for (band, precision, put) in SCANS {
        let mut intervals = Vec::new();
        for row in 0..ROWS {
            let mut bits = Bits::default();
            for _ in 0..10 {
                noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                put(&mut bits, noise >> 40);
            }
            intervals.push([bits.done(), vec![0xFF, 0xD0 + (row % 8) as u8]].concat());
        }
        // No restart behind the last.
        let last = intervals.last_mut().unwrap();
        last.truncate(last.len() - 2);
        scans.push((scan(band, precision), intervals));
    }
    scans
}

/// The file of such a picture.
fn together(scans: &[(Vec<u8>, Vec<Vec<u8>>)]) -> Vec<u8> {
    let scans = scans.iter().flat_map(|(head, intervals)| [head.clone(), intervals.concat()]);
    [start(80, 8 * ROWS as u16, 10), scans.collect::<Vec<_>>().concat(), b"\xFF\xD9".to_vec()].concat()
}

/// Takes an interval out of a scan, with the marker before it.
fn cut_out(intervals: &mut [Vec<u8>], row: usize) {
    let (before, marker) = (intervals[row - 1].len() - 2, intervals[row].len() - 2);
    intervals[row - 1].truncate(before);
    intervals[row].drain(..marker);
}

#[test]
fn a_block_is_lost_once_however_many_scans_lose_it() {
    let good = refined();
    let (whole, lost) = drawn(&together(&good)).unwrap();
    assert_eq!(lost, 0);
    // An interval with the marker before it, in one scan and in more: ten blocks of two thousand.
    for scans in [&[0][..], &[1], &[2], &[3], &[0, 1], &[0, 1, 2, 3]] {
        let mut broken = good.clone();
        scans.iter().for_each(|scan| cut_out(&mut broken[*scan].1, 40));
        let (samples, lost) = drawn(&together(&broken)).unwrap();
        assert_eq!(lost, 10, "{scans:?}");
        let row = 80 * 8;
        assert!(samples[..40 * row] == whole[..40 * row] && samples[41 * row..] == whole[41 * row..]);
    }
    // Three places in different rows are more than a hundredth.
    let mut broken = good;
    [40, 80, 120]
        .into_iter()
        .zip([1, 3, 0])
        .for_each(|(row, scan): (usize, usize)| cut_out(&mut broken[scan].1, row));
    assert_eq!(drawn(&together(&broken)), Err(Error::Damaged));
}

#[test]
fn a_lost_restart_marker_loses_nothing_in_any_scan() {
    let good = refined();
    let whole = drawn(&together(&good)).unwrap();
    for row in [0, 77, ROWS - 2] {
        let mut broken = good.clone();
        for (_, intervals) in &mut broken {
            let length = intervals[row].len();
            intervals[row].truncate(length - 2);
        }
        assert!(drawn(&together(&broken)).unwrap() == whole, "{row}");
    }
}

#[test]
fn what_refines_a_lost_block_cannot_be_read() {
    let mut broken = refined();
    // The rest of a row is lost in the first scan of its coefficients, so how many bits refine it is not known.
    broken[1].1[40].drain(2..4);
    let (_, lost) = drawn(&together(&broken)).unwrap();
    assert!((1..=10).contains(&lost), "{lost}");
}
