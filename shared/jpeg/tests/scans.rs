//! Pictures in several scans that no encoder at hand writes: made bit by bit.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use jpeg::{Error, Jpeg, Scale};

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    [&[0xFF, marker], &((body.len() + 2) as u16).to_be_bytes()[..], body].concat()
}

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
    file.push(0b110_011_10);
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
