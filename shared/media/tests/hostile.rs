//! Files that were made to harm: whatever comes in, a photo or a reason comes out, within 200 MiB and a second, or two
//! for the largest.
//!
//! Each file is cleaned by a process of its own, which says how much memory it ever had in use and how much processor time
//! it took. It gets half as much address space again and not more, so that a breach ends it and not the machine. A panic
//! ends it too: `clean` would make a broken image of it. Time is that of the processor, in the tests' build with its checked
//! arithmetic. What else a machine does can only add to it, so the shortest of three runs counts.
//!
//! Its pixels are handed over whole by another process, under the same limits.
//!
//! `cargo test -p media --test hostile -- --nocapture` prints the figures of docs/adr/0006.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and its figures are for the reader"
)]

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder};

#[path = "../../jpeg/tests/bits/mod.rs"]
mod bits;

use bits::{Bits, segment};

/// What a process may ever have in use, its own code and the upload included.
const MEMORY: u64 = 200 * 1024 * 1024;

/// How many times as long as an [`ORDINARY`] photo a file may take, and one of more than [`LARGE`] bytes: by itself a time would tell how fast
/// the machine is.
const TIME: u64 = 6;
const TIME_OF_LARGE: u64 = 12;
const ORDINARY: &str = "telephone JPEG of 108 megapixels";
const LARGE: usize = 15 * 1024 * 1024;

/// How often a file that took longer is tried.
const RUNS: usize = 3;

/// What a process says that panicked.
const PANICKED: i32 = 70;

const LARGEST: usize = media::MAX_BYTES;

/// What cleaning a file has to lead to.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Expected {
    Clean,
    Refused(&'static str),
    /// Nonsense that a decoder may make a picture of or not.
    Either,
}

use Expected::{Clean, Either, Refused};

/// Noise that is the same on every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| (self.next() >> 32) as u8).collect()
    }
}

/// Quantisation with ones, and two Huffman tables of each class whose symbols have codes of the given lengths.
fn tables(dc: &[(u8, u8)], ac: &[(u8, u8)]) -> Vec<u8> {
    let table = |class: u8, symbols: &[(u8, u8)]| {
        let mut body = vec![class];
        body.extend((1..=16).map(|length| symbols.iter().filter(|symbol| symbol.1 == length).count() as u8));
        body.extend((1..=16).flat_map(|length| {
            symbols.iter().filter(move |symbol| symbol.1 == length).map(|symbol| symbol.0)
        }));
        segment(0xC4, &body)
    };
    [segment(0xDB, &[&[0][..], &[1; 64]].concat()), table(0x00, dc), table(0x10, ac)].concat()
}

/// A frame of components with these sampling factors.
fn frame(marker: u8, width: u16, height: u16, sampling: &[u8]) -> Vec<u8> {
    let mut body = vec![8];
    body.extend(height.to_be_bytes());
    body.extend(width.to_be_bytes());
    body.push(sampling.len() as u8);
    for (number, factors) in sampling.iter().enumerate() {
        body.extend([number as u8 + 1, *factors, 0]);
    }
    segment(marker, &body)
}

fn scan(components: &[u8], band: (u8, u8), precision: u8, data: &[u8]) -> Vec<u8> {
    let mut body = vec![components.len() as u8];
    body.extend(components.iter().flat_map(|id| [*id, 0]));
    body.extend([band.0, band.1, precision]);
    [&segment(0xDA, &body), data].concat()
}

fn jpeg(parts: &[Vec<u8>]) -> Vec<u8> {
    [b"\xFF\xD8", &*parts.concat(), b"\xFF\xD9"].concat()
}

fn blocks(width: u16, height: u16) -> u64 {
    u64::from(width.div_ceil(8)) * u64::from(height.div_ceil(8))
}

/// Symbols of code length 1 to 3 for the AC tables: a coefficient of one bit, the end of the block, and a run of
/// 32,767 blocks without anything.
const AC: &[(u8, u8)] = &[(0x01, 1), (0x00, 2), (0xE0, 3)];
const DC: &[(u8, u8)] = &[(0, 1), (1, 2)];

/// The empty pass over all blocks of one component.
fn nothing(blocks: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    let mut left = blocks;
    while left > 0 {
        // 1 << 14 and fourteen more bits.
        let run = left.min((1 << 15) - 1);
        if run < 1 << 14 {
            for _ in 0..run {
                bits.put(0b10, 2);
            }
        } else {
            bits.put(0b110, 3);
            bits.put(run - (1 << 14), 14);
        }
        left -= run;
    }
    bits.done()
}

fn zeros(blocks: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    for _ in 0..blocks {
        bits.put(0, 1);
    }
    bits.done()
}

/// A coefficient of one bit in every place of the band, with a random sign.
fn dense(blocks: u64, band: u64, dc: bool, noise: &mut Noise) -> Vec<u8> {
    let mut bits = Bits::default();
    for _ in 0..blocks {
        if dc {
            bits.put(0, 1);
        }
        let signs = noise.next();
        for place in 0..band {
            bits.put(signs >> place & 1, 2);
        }
    }
    bits.done()
}

fn random_bits(blocks: u64, each: u64, noise: &mut Noise) -> Vec<u8> {
    let mut bits = Bits::default();
    for _ in 0..blocks * each / 32 + 1 {
        bits.put(noise.next() >> 32, 32);
    }
    bits.done()
}

/// A segment behind a fill byte and an empty comment: whoever cuts out the comment and leaves the fill byte uncovers it.
fn hidden(segment: &[u8]) -> Vec<u8> {
    [b"\xFF\xFF\xFE\0\x02", &segment[1..]].concat()
}

fn small_jpeg() -> Vec<u8> {
    jpeg(&[
        tables(DC, AC),
        frame(0xC0, 64, 64, &[0x11]),
        scan(&[1], (0, 63), 0, &dense(64, 63, true, &mut Noise(3))),
    ])
}

/// A progressive picture of three components whose every coefficient is zero, in four scans.
fn empty(width: u16, height: u16) -> Vec<u8> {
    let count = blocks(width, height);
    let mut parts = vec![
        tables(DC, AC),
        frame(0xC2, width, height, &[0x11; 3]),
        scan(&[1, 2, 3], (0, 0), 0, &zeros(3 * count)),
    ];
    parts.extend((1..=3).map(|id| scan(&[id], (1, 63), 0, &nothing(count))));
    jpeg(&parts)
}

fn progressive(width: u16, height: u16, more: &[Vec<u8>]) -> Vec<u8> {
    let count = blocks(width, height);
    let mut parts = vec![
        tables(DC, AC),
        frame(0xC2, width, height, &[0x11]),
        scan(&[1], (0, 0), 0, &zeros(count)),
        scan(&[1], (1, 63), 0, &nothing(count)),
    ];
    parts.extend_from_slice(more);
    jpeg(&parts)
}

fn chunk(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut table = [0_u32; 256];
    for (byte, entry) in table.iter_mut().enumerate() {
        *entry = (0..8).fold(byte as u32, |sum, _| sum >> 1 ^ (0xEDB8_8320 & (sum & 1).wrapping_neg()));
    }
    let sum =
        name.iter().chain(body).fold(u32::MAX, |sum, byte| table[usize::from(sum as u8 ^ byte)] ^ sum >> 8);
    [&u32::try_from(body.len()).unwrap().to_be_bytes(), &name[..], body, &(!sum).to_be_bytes()].concat()
}

fn header(width: u32, height: u32, depth: u8, color: u8, interlaced: u8) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(b"IHDR", &[&*sides, &[depth, color, 0, 0, interlaced]].concat())
}

fn png(parts: &[Vec<u8>]) -> Vec<u8> {
    [b"\x89PNG\r\n\x1a\n", &*parts.concat(), &chunk(b"IEND", b"")].concat()
}

/// A zlib stream of zeros: a literal, then copies of 258 bytes that take 13 bits each.
fn deflated_zeros(bytes: u64) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let (mut held, mut count) = (0_u64, 0);
    let mut put = |value: u64, bits: u32, reversed: bool| {
        let value = if reversed { value.reverse_bits() >> (64 - bits) } else { value };
        held |= value << count;
        count += bits;
        while count >= 8 {
            out.push(held as u8);
            held >>= 8;
            count -= 8;
        }
    };
    put(1, 1, false);
    put(1, 2, false);
    put(0x30, 8, true);
    for _ in 0..bytes.saturating_sub(1).div_ceil(258) {
        put(0b1100_0101, 8, true);
        put(0, 5, true);
    }
    put(0, 7, true);
    put(0, 16, false);
    // The sum of nothing but zeros.
    let length = (bytes.saturating_sub(1).div_ceil(258) * 258 + 1) % 65_521;
    out.extend(((length << 16) as u32 | 1).to_be_bytes());
    out
}

fn small_png() -> Vec<u8> {
    let mut out = Vec::new();
    PngEncoder::new(&mut out).write_image(&[90; 64 * 64 * 3], 64, 64, ExtendedColorType::Rgb8).unwrap();
    out
}

/// Puts chunks behind the header of a small PNG.
fn png_with(chunks: &[Vec<u8>]) -> Vec<u8> {
    let png = small_png();
    [&png[..33], &chunks.concat(), &png[33..]].concat()
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

fn canvas(flags: u8, width: u32, height: u32) -> Vec<u8> {
    [&[flags, 0, 0, 0], &(width - 1).to_le_bytes()[..3], &(height - 1).to_le_bytes()[..3]].concat()
}

/// The arithmetic coder of VP8 for bits that are as likely as not (RFC 6386, section 7.3).
///
/// Zeros behind what it wrote are read as "no" to whatever is asked: it stops at the lowest value of its last interval.
fn coded(bits: &[(u32, u32)]) -> Vec<u8> {
    let (mut bottom, mut range, mut scale) = (0_u64, 255_u64, 0_u32);
    for (value, count) in bits {
        for place in (0..*count).rev() {
            let split = 1 + (((range - 1) * 128) >> 8);
            if value >> place & 1 == 1 {
                bottom += split;
                range -= split;
            } else {
                range = split;
            }
            while range < 128 {
                range <<= 1;
                bottom <<= 1;
                scale += 1;
            }
        }
    }
    // The decoder compares the range with the first eight bits.
    (bottom << (64 - 8 - scale)).to_be_bytes().to_vec()
}

/// A lossy key frame: filtered as much as can be, every block predicted on its own, and the given coefficients.
fn vp8(width: u16, height: u16, coefficients: &[u8]) -> Vec<u8> {
    let mut first =
        coded(&[(0, 1), (0, 1), (0, 1), (0, 1), (63, 6), (0, 3), (0, 1), (0, 2), (0, 7), (0, 5), (0, 1)]);
    first.resize((1 << 19) - 1, 0);
    let tag = (first.len() as u32) << 5 | 0x10;
    let sides = [width.to_le_bytes(), height.to_le_bytes()].concat();
    [&tag.to_le_bytes()[..3], b"\x9d\x01\x2a", &sides, &first, coefficients].concat()
}

fn lossless(width: u32, height: u32, samples: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    WebPEncoder::new_lossless(&mut out)
        .write_image(samples, width, height, ExtendedColorType::Rgba8)
        .unwrap();
    out
}

fn ftyp(brand: &[u8; 4]) -> Vec<u8> {
    [b"\0\0\0\x18ftyp", &brand[..], b"\0\0\0\0mif1", brand, &[0; 64]].concat()
}

fn with_exif(tiff: &[u8]) -> Vec<u8> {
    let jpeg = small_jpeg();
    [&jpeg[..2], &segment(0xE1, &[b"Exif\0\0", tiff].concat()), &jpeg[2..]].concat()
}

/// A short file in place of its part that begins with these two bytes, some bytes further on.
fn patched(mut file: Vec<u8>, mark: [u8; 2], further: usize, with: &[u8]) -> Vec<u8> {
    let at = file.windows(2).position(|pair| pair == mark).expect("the mark") + further;
    file[at..at + with.len()].copy_from_slice(with);
    file
}

fn padded(mut file: Vec<u8>, length: usize, with: u8) -> Vec<u8> {
    file.resize(length, with);
    file
}

type Kind = (&'static str, Expected, Vec<u8>);

fn other_files() -> Vec<Kind> {
    let no = Refused("not_an_image");
    let named = |name, bytes: &[u8]| (name, no, padded(bytes.to_vec(), bytes.len() + 4_000, 0));
    vec![
        ("nothing", no, Vec::new()),
        ("one byte", no, vec![0xFF]),
        ("noise", no, Noise(1).bytes(1 << 20)),
        ("largest file of zeros", no, vec![0; LARGEST]),
        ("one byte too many", Refused("too_large"), padded(small_jpeg(), LARGEST + 1, 0)),
        named("SVG", b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>"),
        named(
            "SVG with a prologue",
            b"<?xml version=\"1.0\"?><!DOCTYPE svg [<!ENTITY a \"aaaa\">]><svg>&a;</svg>",
        ),
        named("compressed SVG", b"\x1F\x8B\x08\0\0\0\0\0"),
        named("HTML", b"<!DOCTYPE html><img src=x>"),
        ("HEIC", Refused("heic"), ftyp(b"heic")),
        ("AVIF", Refused("heic"), ftyp(b"avif")),
        named("GIF", b"GIF89a\x01\0\x01\0\x80\0\0"),
        named("BMP", b"BM\x3A\0\0\0\0\0\0\0\x36\0\0\0"),
        named("TIFF", b"II*\0\x08\0\0\0"),
        named("raw photo", b"MM\0*\0\0\0\x08"),
        named("icon", b"\0\0\x01\0\x01\0"),
        named("JPEG 2000", b"\0\0\0\x0CjP  \r\n\x87\n"),
        named("JPEG XL", b"\xFF\x0A\0"),
        named("Photoshop", b"8BPS\0\x01"),
        named("PDF", b"%PDF-1.7\n"),
        named("ZIP", b"PK\x03\x04"),
        named("program", b"\x7FELF"),
        ("PDF before a JPEG", no, [b"%PDF-1.7\n", &*small_jpeg()].concat()),
        ("space before a JPEG", no, [b" ", &*small_jpeg()].concat()),
    ]
}

fn jpegs() -> Vec<Kind> {
    let small = small_jpeg();
    let good = |name, bytes| (name, Clean, bytes);
    let broken = |name, bytes| (name, Refused("damaged"), bytes);
    let unsupported = |name, bytes| (name, Refused("unsupported"), bytes);
    let cut = |name, bytes| (name, Refused("damaged"), bytes);
    let mut noise = Noise(2);
    let large = |marker, sampling: &[u8]| frame(marker, 8_160, 6_120, sampling);
    let all = blocks(8_160, 6_120);
    let restarts: Vec<u8> = (0xD0..=0xD7).flat_map(|marker| [0x6F, 0xFF, marker]).collect();
    let again = |times: usize, scan: &[u8]| scan.repeat(times);
    let refined = {
        let (width, height) = (6_400, 6_200);
        let count = blocks(width, height);
        let mut bits = Bits::default();
        for _ in 0..count {
            bits.put(0b10, 2);
            bits.put(noise.next() >> 33, 31);
            bits.put(noise.next() >> 32, 32);
        }
        jpeg(&[
            tables(DC, AC),
            frame(0xC2, width, height, &[0x11]),
            scan(&[1], (0, 0), 0, &zeros(count)),
            scan(&[1], (1, 63), 1, &dense(count, 63, false, &mut noise)),
            scan(&[1], (1, 63), 0x10, &bits.done()),
        ])
    };
    vec![
        ("JPEG that only starts", no_image(), b"\xFF\xD8".to_vec()),
        good("JPEG without its end", small[..small.len() - 2].to_vec()),
        cut("JPEG cut in its scan", small[..small.len() - 300].to_vec()),
        cut("JPEG cut in its tables", small[..40].to_vec()),
        ("JPEG of no width", Refused("damaged"), patched(small.clone(), [0xFF, 0xC0], 7, &[0, 0])),
        ("JPEG of no height", Refused("damaged"), patched(small.clone(), [0xFF, 0xC0], 5, &[0, 0])),
        (
            "JPEG of 65,535 by 65,535",
            Refused("too_large"),
            patched(small.clone(), [0xFF, 0xC0], 5, &[0xFF; 4]),
        ),
        (
            "JPEG of 201 megapixels",
            Refused("too_large"),
            patched(small.clone(), [0xFF, 0xC0], 5, &[0x37, 0x70, 0x37, 0x70]),
        ),
        (
            "JPEG that claims 49 megapixels",
            Either,
            patched(small.clone(), [0xFF, 0xC0], 5, &[0x1B, 0x58, 0x1B, 0x58]),
        ),
        unsupported("arithmetic JPEG", patched(small.clone(), [0xFF, 0xC0], 1, &[0xC9])),
        unsupported("lossless JPEG", patched(small.clone(), [0xFF, 0xC0], 1, &[0xC3])),
        unsupported("JPEG of 12 bits", patched(small.clone(), [0xFF, 0xC0], 4, &[12])),
        unsupported(
            "JPEG of two frames",
            jpeg(&[tables(DC, AC), large(0xC0, &[0x11]), frame(0xC0, 8, 8, &[0x11])]),
        ),
        unsupported(
            "hierarchical JPEG",
            jpeg(&[segment(0xDE, &frame(0xC0, 64, 64, &[0x11])[4..]), small[2..small.len() - 2].to_vec()]),
        ),
        unsupported(
            "JPEG of five components",
            jpeg(&[
                tables(DC, AC),
                frame(0xC0, 64, 64, &[0x11; 5]),
                scan(&[1, 2, 3, 4, 5], (0, 63), 0, &zeros(900)),
            ]),
        ),
        unsupported(
            "JPEG of two components",
            jpeg(&[tables(DC, AC), frame(0xC0, 64, 64, &[0x11; 2]), scan(&[1, 2], (0, 63), 0, &zeros(900))]),
        ),
        broken("JPEG sampled by zero", patched(small.clone(), [0xFF, 0xC0], 11, &[0x00])),
        broken("JPEG sampled by fifteen", patched(small.clone(), [0xFF, 0xC0], 11, &[0xFF])),
        (
            "JPEG sampled oddly",
            Either,
            jpeg(&[
                tables(DC, AC),
                frame(0xC0, 640, 480, &[0x41, 0x13, 0x31]),
                scan(&[1, 2, 3], (0, 63), 0, &nothing(9_000)),
            ]),
        ),
        broken(
            "JPEG with a component twice",
            jpeg(&[
                tables(DC, AC),
                patched(frame(0xC0, 64, 64, &[0x11; 3]), [0xFF, 0xC0], 13, &[1]),
                scan(&[1, 2, 3], (0, 63), 0, &zeros(900)),
            ]),
        ),
        broken(
            "JPEG with a scan before its frame",
            jpeg(&[tables(DC, AC), scan(&[1], (0, 63), 0, &zeros(9)), frame(0xC0, 64, 64, &[0x11])]),
        ),
        broken(
            "JPEG with a scan of nobody",
            jpeg(&[tables(DC, AC), frame(0xC0, 64, 64, &[0x11]), scan(&[7], (0, 63), 0, &zeros(9))]),
        ),
        broken(
            "JPEG without tables",
            jpeg(&[frame(0xC0, 64, 64, &[0x11]), scan(&[1], (0, 63), 0, &zeros(900))]),
        ),
        broken(
            "JPEG with too many codes",
            jpeg(&[
                tables(&[(0, 1), (1, 1), (2, 1)], AC),
                frame(0xC0, 64, 64, &[0x11]),
                scan(&[1], (0, 63), 0, &zeros(900)),
            ]),
        ),
        broken(
            "JPEG of noise",
            jpeg(&[
                tables(DC, &[(0xFF, 1), (0x00, 2)]),
                frame(0xC0, 640, 640, &[0x11]),
                scan(&[1], (0, 63), 0, &random_bits(6_400, 8, &mut noise)),
            ]),
        ),
        (
            "JPEG without the restarts it names",
            Either,
            jpeg(&[
                tables(DC, AC),
                segment(0xDD, &[0, 1]),
                frame(0xC0, 64, 64, &[0x11]),
                scan(&[1], (0, 63), 0, &zeros(900)),
            ]),
        ),
        (
            "JPEG flooded with restarts",
            Either,
            jpeg(&[
                tables(DC, AC),
                segment(0xDD, &[0, 1]),
                frame(0xC0, 8_160, 6_120, &[0x11]),
                scan(&[1], (0, 63), 0, &restarts.repeat(97_537)),
            ]),
        ),
        ("JPEG of fill bytes", Refused("damaged"), padded(b"\xFF\xD8".to_vec(), LARGEST, 0xFF)),
        (
            "JPEG with forty megabytes of fill bytes",
            Clean,
            [&b"\xFF\xD8"[..], &vec![0xFF; LARGEST - 2_000], &small[2..]].concat(),
        ),
        good(
            "progressive JPEG with 10,000 hidden scans",
            progressive(8_160, 6_120, &[again(10_000, &hidden(&scan(&[1], (1, 63), 0x10, &nothing(all))))]),
        ),
        good("progressive JPEG with three hidden components", {
            let frame = large(0xC2, &[0x11]);
            // The true frame lies in what is a program's own segment once the one before it has been uncovered.
            let cover = [&b"\xFF\xE0"[..], &(2 + frame.len() as u16).to_be_bytes()].concat();
            jpeg(&[
                tables(DC, AC),
                hidden(&large(0xC2, &[0x11; 4])),
                hidden(&cover),
                frame,
                scan(&[1], (0, 0), 0, &zeros(all)),
                scan(&[1], (1, 63), 0, &nothing(all)),
            ])
        }),
        (
            "progressive JPEG without the restarts it names",
            Refused("damaged"),
            jpeg(&[
                tables(DC, AC),
                large(0xC2, &[0x11]),
                segment(0xDD, &[0xFF, 0xFF]),
                scan(&[1], (0, 0), 0, &zeros(all)),
                again(90, &scan(&[1], (1, 63), 0x10, &nothing(all))),
            ]),
        ),
        good(
            "JPEG with 500,000 hidden tables",
            // The Huffman table that stands behind the quantisation.
            [&small[..2], &hidden(&tables(DC, AC)[69..92]).repeat(500_000), &small[2..]].concat(),
        ),
        (
            "JPEG of tables",
            Refused("too_large"),
            [&small[..2], &tables(DC, AC).repeat(60_000), &small[2..]].concat(),
        ),
        good(
            "JPEG of profiles",
            [&small[..2], &segment(0xE2, b"ICC_PROFILE\0\x01\xFF").repeat(800_000), &small[2..]].concat(),
        ),
        good(
            "JPEG of comments",
            [&small[..2], &segment(0xFE, &[b'x'; 65_000]).repeat(230), &small[2..]].concat(),
        ),
        good(
            "EXIF that leads to itself",
            with_exif(b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0"),
        ),
        good(
            "EXIF with four billion values",
            with_exif(b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0\0\0\0"),
        ),
        good("EXIF of 65,535 fields", with_exif(&[b"MM\0*\0\0\0\x08\xFF\xFF", &[0x01; 65_000][..]].concat())),
        good(
            "JPEG with a ZIP behind it",
            [&*small, b"PK\x03\x04\x0A\0\0\0\0\0", &noise.bytes(9_000)].concat(),
        ),
        good(
            "JPEG with a page in its comment",
            [&small[..2], &segment(0xFE, b"--><script>alert(1)</script><!--"), &small[2..]].concat(),
        ),
        good("several JPEGs in one file", small.repeat(400)),
        good(
            "JPEG with an Adobe marker of nonsense",
            [&small[..2], &segment(0xEE, b"Adobe\0\x64\xFF\xFF\xFF\xFF\xFF"), &small[2..]].concat(),
        ),
        (
            "JPEG in five hundred pieces of other kinds",
            Either,
            [&small[..2], &segment(0xE0, b"JFXX\0\x10").repeat(500), &small[2..]].concat(),
        ),
        good(
            "dense JPEG of 49 megapixels",
            jpeg(&[
                tables(DC, AC),
                frame(0xC0, 7_000, 7_000, &[0x11]),
                scan(&[1], (0, 63), 0, &dense(blocks(7_000, 7_000), 63, true, &mut noise)),
            ]),
        ),
        good(
            "JPEG of 50 megapixels in colour",
            jpeg(&[
                tables(DC, AC),
                large(0xC0, &[0x11; 3]),
                scan(&[1, 2, 3], (0, 63), 0, &random_end(3 * all)),
            ]),
        ),
        good(
            "JPEG of 50 megapixels in inks",
            jpeg(&[
                tables(DC, AC),
                large(0xC0, &[0x11; 4]),
                scan(&[1, 2, 3, 4], (0, 63), 0, &random_end(4 * all)),
            ]),
        ),
        good("progressive JPEG of 50 megapixels", progressive(8_160, 6_120, &[])),
        good(
            "progressive JPEG with empty scans",
            progressive(8_160, 6_120, &[again(3, &scan(&[1], (1, 63), 0x10, &nothing(all)))]),
        ),
        (
            "progressive JPEG with too many empty scans",
            Refused("too_large"),
            progressive(8_160, 6_120, &[again(150, &scan(&[1], (1, 63), 0x10, &nothing(all)))]),
        ),
        (
            "progressive JPEG with 10,000 scans",
            Refused("too_large"),
            progressive(
                1_600,
                1_200,
                &[again(10_000, &scan(&[1], (1, 63), 0x10, &nothing(blocks(1_600, 1_200))))],
            ),
        ),
        ("progressive JPEG, refined", Clean, refined),
        ("progressive JPEG of 200 megapixels, full chroma, empty", Clean, empty(16_320, 12_240)),
        (
            "progressive JPEG of 200 megapixels in inks",
            Refused("too_large"),
            jpeg(&[
                tables(DC, AC),
                frame(0xC2, 16_320, 12_240, &[0x11; 4]),
                scan(&[1, 2, 3, 4], (0, 0), 0, &[]),
            ]),
        ),
        good("JPEG of 200 megapixels, each component in a scan", {
            let (width, height) = (16_320, 12_240);
            let count = blocks(width, height);
            let mut parts = vec![tables(DC, AC), frame(0xC0, width, height, &[0x11; 3])];
            parts.extend((1..=3).map(|id| scan(&[id], (0, 63), 0, &random_end(count))));
            jpeg(&parts)
        }),
        good("long JPEG of 40 megapixels", {
            let (width, height) = (1_430, 27_900);
            jpeg(&[
                tables(DC, AC),
                frame(0xC0, width, height, &[0x11; 3]),
                scan(&[1, 2, 3], (0, 63), 0, &random_end(3 * blocks(width, height))),
            ])
        }),
        good("long progressive JPEG of 40 megapixels", empty(1_430, 27_900)),
        good("JPEG with a profile whose table is huge", {
            // A table of 255 steps a side would have 50 million colours; there are four megabytes of them.
            let table = [&b"mft1\0\0\0\0\x03\x03\xFF\0"[..], &[0x11; 3_900_000]].concat();
            let count = |number: usize| u32::try_from(number).unwrap().to_be_bytes();
            let mut profile = vec![0; 128];
            profile[..4].copy_from_slice(&count(144 + table.len()));
            profile[8..24].copy_from_slice(b"\x02\x40\0\0mntrRGB Lab ");
            profile[36..40].copy_from_slice(b"acsp");
            profile.extend([count(1), *b"A2B0", count(144), count(table.len())].concat());
            profile.extend(table);
            let parts = profile.chunks(65_000);
            let of = parts.len() as u8;
            let parts = (1..)
                .zip(parts)
                .map(|(number, part)| segment(0xE2, &[b"ICC_PROFILE\0", &[number, of][..], part].concat()));
            [&small[..2], &parts.collect::<Vec<_>>().concat(), &small[2..]].concat()
        }),
        good("JPEG of a row of 65,535", {
            jpeg(&[
                tables(DC, AC),
                frame(0xC0, 65_535, 1, &[0x11; 3]),
                scan(&[1, 2, 3], (0, 63), 0, &random_end(3 * blocks(65_535, 1))),
            ])
        }),
        (
            "JPEG flooded with lost restarts",
            Either,
            jpeg(&[
                tables(DC, AC),
                segment(0xDD, &[0, 7]),
                frame(0xC0, 16_320, 12_240, &[0x11; 3]),
                scan(&[1, 2, 3], (0, 63), 0, &dense(3 * blocks(16_320, 12_240) / 12, 63, true, &mut noise)),
            ]),
        ),
        cut(
            "progressive JPEG that stays coarse",
            jpeg(&[tables(DC, AC), large(0xC2, &[0x11]), scan(&[1], (0, 0), 0, &zeros(all))]),
        ),
        good("progressive JPEG at the limit of inks", {
            let (width, height) = (5_000, 3_992);
            let count = blocks(width, height);
            let mut parts = vec![
                tables(DC, AC),
                frame(0xC2, width, height, &[0x11; 4]),
                scan(&[1, 2, 3, 4], (0, 0), 0, &zeros(4 * count)),
            ];
            parts.extend((1..=4).map(|id| scan(&[id], (1, 63), 0, &nothing(count))));
            parts.extend((1..=2).map(|id| scan(&[id], (1, 63), 0x10, &nothing(count))));
            jpeg(&parts)
        }),
    ]
}

/// What JPEG programs write for a progressive photo: the component or all, the band, the precision before and after.
const USUAL_SCANS: [(&[u8], (u8, u8), u8); 10] = [
    (&[1, 2, 3], (0, 0), 0x01),
    (&[1], (1, 5), 0x02),
    (&[3], (1, 63), 0x01),
    (&[2], (1, 63), 0x01),
    (&[1], (6, 63), 0x02),
    (&[1], (1, 63), 0x21),
    (&[1, 2, 3], (0, 0), 0x10),
    (&[3], (1, 63), 0x10),
    (&[2], (1, 63), 0x10),
    (&[1], (1, 63), 0x10),
];

/// Photos of the sizes that telephones make, with so much detail that they are as large as theirs.
fn photos() -> Vec<Kind> {
    let mut noise = Noise(6);
    let halved: &[u8] = &[0x22, 0x11, 0x11];
    let mut of = |width: u16, height: u16, sampling: &[u8], detail: u64| {
        let blocks = blocks_of(width, height, sampling).iter().sum();
        let ids: Vec<u8> = (1..=sampling.len() as u8).collect();
        let data = detailed(blocks, detail, &mut noise);
        jpeg(&[tables(DC, AC), frame(0xC0, width, height, sampling), scan(&ids, (0, 63), 0, &data)])
    };
    let mut kinds = vec![
        ("telephone JPEG of 12 megapixels", Clean, of(4_080, 3_060, halved, 36)),
        ("telephone JPEG of 24 megapixels", Clean, of(5_712, 4_284, halved, 36)),
        ("telephone JPEG of 50 megapixels", Clean, of(8_160, 6_120, halved, 36)),
        ("telephone JPEG of 108 megapixels", Clean, of(12_000, 9_000, halved, 40)),
        ("telephone JPEG of 200 megapixels", Clean, of(16_320, 12_240, halved, 32)),
        ("telephone JPEG of 50 megapixels, full chroma", Clean, of(8_160, 6_120, &[0x11; 3], 18)),
        ("telephone JPEG of 50 megapixels in inks", Clean, of(8_160, 6_120, &[0x11; 4], 14)),
    ];
    let mut of = |width: u16, height: u16| {
        let blocks = blocks_of(width, height, halved);
        let of = |id: u8| blocks[usize::from(id) - 1];
        let mut parts = vec![tables(DC, AC), frame(0xC2, width, height, halved)];
        for (ids, band, precision) in USUAL_SCANS {
            let all: u64 = ids.iter().map(|id| of(*id)).sum();
            // Eight coefficients in each block of brightness, five in the others, two in the first band.
            let data = match (band, precision) {
                ((0, 0), _) => zeros(all),
                ((1, 5), _) => coefficients(all, 2, &mut noise),
                ((6, 63), _) => coefficients(all, 6, &mut noise),
                (_, 0x01) => coefficients(all, 5, &mut noise),
                _ => refinement(all, if ids == [1] { 8 } else { 5 }, &mut noise),
            };
            parts.push(scan(ids, band, precision, &data));
        }
        jpeg(&parts)
    };
    kinds.push(("progressive telephone JPEG of 108 megapixels", Clean, of(12_000, 9_000)));
    kinds.push(("progressive telephone JPEG of 200 megapixels", Clean, of(16_320, 12_240)));
    kinds.push(("progressive telephone JPEG of 12 megapixels", Clean, of(4_080, 3_060)));
    kinds.push(("progressive telephone JPEG of 50 megapixels", Clean, of(8_160, 6_120)));
    kinds
}

/// How many blocks each component has, those included that only fill up.
fn blocks_of(width: u16, height: u16, sampling: &[u8]) -> Vec<u64> {
    let most = |side: fn(u8) -> u8| sampling.iter().map(|factors| u16::from(side(*factors))).max().unwrap();
    let units = u64::from(width.div_ceil(8 * most(|factors| factors >> 4)))
        * u64::from(height.div_ceil(8 * most(|factors| factors & 15)));
    sampling.iter().map(|factors| units * u64::from(factors >> 4) * u64::from(factors & 15)).collect()
}

/// Blocks of a baseline scan with so many coefficients.
fn detailed(blocks: u64, coefficients: u64, noise: &mut Noise) -> Vec<u8> {
    let mut bits = Bits::default();
    for _ in 0..blocks {
        bits.put(0, 1);
        let signs = noise.next();
        for place in 0..coefficients {
            bits.put(signs >> place & 1, 2);
        }
        bits.put(0b10, 2);
    }
    bits.done()
}

/// Blocks of a first scan of a band with so many coefficients at its start.
fn coefficients(blocks: u64, count: u64, noise: &mut Noise) -> Vec<u8> {
    let mut bits = Bits::default();
    for _ in 0..blocks {
        let signs = noise.next();
        for place in 0..count {
            bits.put(signs >> place & 1, 2);
        }
        bits.put(0b10, 2);
    }
    bits.done()
}

/// A bit more for each of so many coefficients of every block.
fn refinement(blocks: u64, count: u32, noise: &mut Noise) -> Vec<u8> {
    let mut bits = Bits::default();
    for _ in 0..blocks {
        bits.put(0b10, 2);
        bits.put(noise.next() >> (64 - count), count);
    }
    bits.done()
}

fn no_image() -> Expected {
    Refused("not_an_image")
}

/// Blocks that end at once: a zero difference and the end of the block.
fn random_end(blocks: u64) -> Vec<u8> {
    let mut bits = Bits::default();
    for _ in 0..blocks {
        bits.put(0b010, 3);
    }
    bits.done()
}

fn pngs() -> Vec<Kind> {
    let small = small_png();
    let broken = |name, bytes| (name, Refused("damaged"), bytes);
    let cut = |name, bytes| (name, Refused("damaged"), bytes);
    let of = |width: u32, height: u32, depth: u8, color: u8, interlaced: u8, channels: u64| {
        let row = (u64::from(width) * channels * u64::from(depth)).div_ceil(8) + 1;
        // Seven passes have filter bytes of their own: some more than the rows of one.
        let length = row * u64::from(height) + u64::from(interlaced) * 4 * u64::from(height);
        png(&[header(width, height, depth, color, interlaced), chunk(b"IDAT", &deflated_zeros(length))])
    };
    let bomb = deflated_zeros(1 << 30);
    // As much beside the pixels as an upload can hold.
    let full = |each: &[u8]| {
        let pixels = chunk(b"IDAT", &deflated_zeros(6_120 * (3 * 8_160 + 1)));
        let profile = chunk(b"iCCP", &[b"p\0\0", &*deflated_zeros(4 << 20)].concat());
        let beside = each.repeat((LARGEST - pixels.len() - profile.len() - 100) / each.len());
        png(&[header(8_160, 6_120, 8, 2, 0), profile, beside, pixels])
    };
    vec![
        ("PNG of 50 megapixels, full of empty chunks", Clean, full(&chunk(b"prVt", b""))),
        (
            "PNG of 50 megapixels, full of empty pieces",
            Clean,
            full(&[chunk(b"IDAT", b""), chunk(b"prVt", b"")].concat()),
        ),
        (
            "PNG of 50 megapixels, full of pieces",
            Refused("too_large"),
            full(&[chunk(b"IDAT", b"\0"), chunk(b"prVt", b"")].concat()),
        ),
        (
            "PNG of four billion by four billion",
            Refused("too_large"),
            png(&[header(u32::MAX, u32::MAX, 8, 2, 0)]),
        ),
        ("PNG of 16,384 by 16,384", Refused("too_large"), png(&[header(16_384, 16_384, 1, 0, 0)])),
        ("PNG of no pixels", Refused("damaged"), png(&[header(0, 9, 8, 2, 0)])),
        cut("PNG that only starts", b"\x89PNG\r\n\x1a\n".to_vec()),
        ("PNG cut in its pixels", Either, small[..small.len() - 20].to_vec()),
        broken("PNG without pixels", png(&[header(64, 64, 8, 2, 0)])),
        broken("PNG with wrong sums", patched(small.clone(), *b"ID", 8, &[9, 9])),
        broken("PNG of noise", png(&[header(640, 640, 8, 6, 0), chunk(b"IDAT", &Noise(8).bytes(100_000))])),
        broken("PNG of 3 bits", png(&[header(64, 64, 3, 0, 0), chunk(b"IDAT", &deflated_zeros(9_000))])),
        broken("PNG with its header twice", [&small[..33], &small[8..]].concat()),
        broken(
            "PNG with a palette of nothing",
            png(&[header(64, 64, 8, 3, 0), chunk(b"IDAT", &deflated_zeros(9_000))]),
        ),
        cut(
            "PNG chunk of four gigabytes",
            patched(small.clone(), *b"ID", 0, b"ID")[..33].iter().chain(&[0xFF; 900]).copied().collect(),
        ),
        ("PNG of a million empty chunks", Clean, png_with(&[chunk(b"prVt", b"").repeat(1_000_000)])),
        (
            "PNG of a million pieces",
            Either,
            png(&[
                header(64, 64, 8, 2, 0),
                chunk(b"IDAT", b"").repeat(1_000_000),
                chunk(b"IDAT", &deflated_zeros(64 * 193)),
            ]),
        ),
        ("PNG with a text bomb", Clean, png_with(&[chunk(b"zTXt", &[b"Comment\0\0", &*bomb].concat())])),
        (
            "PNG with EXIF of forty megabytes in its text",
            Clean,
            png_with(&[chunk(
                b"tEXt",
                &[b"Raw profile type exif\0\nexif\n9\n", &vec![b'4'; LARGEST - 1_000][..]].concat(),
            )]),
        ),
        (
            "PNG with an EXIF bomb in its text",
            Clean,
            png_with(&[chunk(b"zTXt", &[b"Raw profile type exif\0\0", &*bomb].concat()).repeat(5)]),
        ),
        (
            "PNG with an international text bomb",
            Clean,
            png_with(&[chunk(b"iTXt", &[b"Comment\0\x01\0\0\0", &*bomb].concat())]),
        ),
        ("PNG with a profile bomb", Clean, png_with(&[chunk(b"iCCP", &[b"p\0\0", &*bomb].concat())])),
        (
            "PNG with two gigabytes behind its pixels",
            Either,
            png(&[header(64, 64, 8, 2, 0), chunk(b"IDAT", &deflated_zeros(2_400_000_000))]),
        ),
        (
            "PNG with two gigabytes behind its pixels, in pieces",
            Either,
            png(&[
                header(64, 64, 8, 2, 0),
                deflated_zeros(2_400_000_000).chunks(1 << 16).flat_map(|part| chunk(b"IDAT", part)).collect(),
            ]),
        ),
        ("animated PNG", Refused("animation"), png_with(&[chunk(b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0])])),
        (
            "PNG with a page in its text",
            Clean,
            png_with(&[chunk(b"tEXt", b"Comment\0<script>alert(1)</script>")]),
        ),
        ("PNG with a page behind it", Clean, [&*small, b"<html><script>alert(1)</script>"].concat()),
        ("PNG of 50 megapixels", Clean, of(8_160, 6_120, 8, 2, 0, 3)),
        ("PNG of 50 megapixels, interlaced", Refused("too_large"), of(8_160, 6_120, 8, 2, 1, 3)),
        ("PNG of 50 megapixels, black and white, interlaced", Clean, of(8_160, 6_120, 1, 0, 1, 1)),
        ("PNG of 37 megapixels with transparency", Clean, of(6_100, 6_100, 8, 6, 0, 4)),
        ("PNG of 24 megapixels, interlaced", Clean, of(5_656, 4_242, 8, 2, 1, 3)),
        ("PNG of 9 megapixels in 16 bits, interlaced", Clean, of(3_000, 3_000, 16, 6, 1, 4)),
        ("PNG of 50 megapixels with transparency", Clean, of(8_160, 6_120, 8, 6, 0, 4)),
        ("PNG of 50 megapixels in 16 bits", Clean, of(8_160, 6_120, 16, 6, 0, 4)),
        ("PNG of 50 megapixels in a column", Clean, of(800, 62_500, 8, 2, 0, 3)),
    ]
}

fn webps() -> Vec<Kind> {
    let broken = |name, bytes| (name, Refused("damaged"), bytes);
    let mut noise = Noise(4);
    let zeros = vec![0; 1_000_000];
    let small = lossless(64, 64, &Noise(5).bytes(64 * 64 * 4));
    let plain = lossless(4_096, 3_072, &vec![77; 4_096 * 3_072 * 4]);
    let packed = [&[1], &plain[25..]].concat();
    let whole = |flags, more: &[(&'static [u8; 4], Vec<u8>)]| {
        let mut chunks = vec![(b"VP8X", canvas(flags, 64, 64))];
        chunks.extend(more.iter().cloned());
        chunks.push((b"VP8L", small[20..].to_vec()));
        riff(&chunks)
    };
    vec![
        broken("WebP of nothing", riff(&[])),
        ("WebP cut short", Refused("damaged"), small[..small.len() - 9].to_vec()),
        ("animated WebP", Refused("animation"), whole(0b10, &[])),
        ("WebP with hidden frames", Refused("animation"), whole(0, &[(b"ANMF", vec![0; 90])])),
        ("WebP of 16,383 by 16,383", Refused("too_large"), riff(&[(b"VP8 ", vp8(16_383, 16_383, &[0; 90]))])),
        ("WebP canvas of 16,777,216", Refused("too_large"), riff(&[(b"VP8X", canvas(0, 1 << 24, 1 << 24))])),
        broken(
            "WebP frame larger than its canvas",
            riff(&[(b"VP8X", canvas(0, 8, 8)), (b"VP8 ", vp8(3_000, 3_000, &[0; 90]))]),
        ),
        broken(
            "WebP of two frames",
            riff(&[(b"VP8L", small[20..].to_vec()), (b"VP8L", small[20..].to_vec())]),
        ),
        ("WebP with a profile", Clean, whole(0b10_0000, &[(b"ICCP", noise.bytes(1 << 20))])),
        broken(
            "WebP chunk of four gigabytes",
            patched(whole(0, &[(b"EXIF", vec![0; 90])]), *b"EX", 4, &[0xFF; 4]),
        ),
        ("WebP of a million empty chunks", Clean, whole(0, &vec![(b"junk", Vec::new()); 1_000_000])),
        broken(
            "lossless WebP of noise",
            riff(&[(b"VP8L", [b"\x2f\xFF\xC7\xFF\x01", &*noise.bytes(900_000)].concat())]),
        ),
        ("lossless WebP of 12 megapixels", Clean, plain),
        (
            "lossless WebP of 3 megapixels of noise",
            Clean,
            lossless(1_900, 1_900, &noise.bytes(1_900 * 1_900 * 4)),
        ),
        ("lossy WebP of 12 megapixels", Clean, riff(&[(b"VP8 ", vp8(4_096, 3_072, &zeros))])),
        (
            "lossy WebP of 12 megapixels of noise",
            Either,
            riff(&[(b"VP8 ", vp8(4_096, 3_072, &noise.bytes(14_000_000)))]),
        ),
        (
            "lossy WebP with 12 megabytes of transparency",
            Clean,
            riff(&[
                (b"VP8X", canvas(0x10, 3_500, 3_500)),
                (b"ALPH", [&[0b1100][..], &noise.bytes(3_500 * 3_500)].concat()),
                (b"VP8 ", vp8(3_500, 3_500, &zeros)),
            ]),
        ),
        (
            "lossy WebP of 12 megapixels with packed transparency",
            Clean,
            riff(&[
                (b"VP8X", canvas(0x10, 4_096, 3_072)),
                (b"ALPH", packed.clone()),
                (b"VP8 ", vp8(4_096, 3_072, &zeros)),
            ]),
        ),
        (
            "lossy WebP of noise with packed transparency",
            Either,
            riff(&[
                (b"VP8X", canvas(0x10, 4_096, 3_072)),
                (b"ALPH", packed),
                (b"VP8 ", vp8(4_096, 3_072, &noise.bytes(13_000_000))),
            ]),
        ),
        ("WebP of 50 megapixels", Refused("too_large"), riff(&[(b"VP8 ", vp8(8_160, 6_120, &[0; 90]))])),
    ]
}

/// What the test below does in the processes that it starts, each for one file.
fn clean_one_file(photo: &OsStr) {
    std::panic::set_hook(Box::new(|panic| {
        eprintln!("{panic}");
        std::process::exit(PANICKED);
    }));
    let bytes = fs::read(photo).unwrap();
    let worked = match std::env::var_os("WHOLE") {
        None => media::clean(&bytes).map(|cleaned| format!("clean {} {}", cleaned.width, cleaned.height)),
        Some(_) => {
            let mut length = 0;
            media::canonical_pixels(&bytes, |part| length += part.len()).map(|()| format!("clean {length}"))
        }
    };
    let outcome = worked.unwrap_or_else(|why| why.word().to_owned());
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    // Behind the name in parentheses: the 12th and 13th field are hundredths of seconds of the whole process.
    let times = fs::read_to_string("/proc/self/stat").unwrap();
    let times: Vec<u64> = times
        .rsplit(')')
        .next()
        .unwrap()
        .split(' ')
        .skip(12)
        .take(2)
        .map(|time| time.parse().unwrap())
        .collect();
    println!("\nOUTCOME|{outcome}|{}|{}", peak.trim().trim_end_matches(" kB"), times[0] + times[1]);
}

/// What came of a file, the peak in kilobytes, and the time in hundredths of a second.
struct Measured {
    outcome: String,
    peak: u64,
    time: u64,
}

fn in_a_process_of_its_own(file: &Path, whole: bool) -> Result<Measured, String> {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("ulimit -v {} && ulimit -t 20 && exec \"$0\" \"$@\"", MEMORY * 3 / 2 / 1024)])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "no_file_breaks_the_limits_of_memory_and_time", "--nocapture", "--test-threads=1"])
        .env("PHOTO", file)
        // What a thread's own heap reserves and never touches would count as address space.
        .env("MALLOC_ARENA_MAX", "1");
    if whole {
        shell.env("WHOLE", "1");
    }
    let output = shell.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    if output.status.code() == Some(PANICKED) {
        return Err(format!("a panic: {complaint}"));
    }
    let printed = String::from_utf8_lossy(&output.stdout);
    let Some(line) = printed.lines().find_map(|line| line.strip_prefix("OUTCOME|")) else {
        return Err(format!("{}: {complaint}", output.status));
    };
    let parts: Vec<&str> = line.split('|').collect();
    Ok(Measured {
        outcome: parts[0].to_owned(),
        peak: parts[1].parse().unwrap(),
        time: parts[2].parse().unwrap(),
    })
}

#[test]
fn no_file_breaks_the_limits_of_memory_and_time() {
    if let Some(photo) = std::env::var_os("PHOTO") {
        return clean_one_file(&photo);
    }
    let kinds: Vec<Kind> = [other_files(), jpegs(), photos(), pngs(), webps()].concat();
    let names: BTreeSet<&str> = kinds.iter().map(|kind| kind.0).collect();
    assert_eq!(names.len(), kinds.len(), "every kind has its own name");
    assert!(kinds.len() >= 40);
    let file = std::env::temp_dir().join(format!("tuntas-hostile-{}", std::process::id()));
    let (_, _, photo) = kinds.iter().find(|kind| kind.0 == ORDINARY).unwrap();
    fs::write(&file, photo).unwrap();
    let ordinary = (0..RUNS).map(|_| in_a_process_of_its_own(&file, false).unwrap().time).min().unwrap();
    let mut faults = Vec::new();
    for (name, fate, bytes) in kinds {
        assert!(bytes.len() <= LARGEST + 1, "{name}: {} bytes", bytes.len());
        fs::write(&file, &bytes).unwrap();
        let most = ordinary * if bytes.len() > LARGE { TIME_OF_LARGE } else { TIME };
        let best = |whole: bool| {
            let mut runs = 1;
            let mut measured = in_a_process_of_its_own(&file, whole);
            while runs < RUNS && measured.as_ref().is_ok_and(|measured| measured.time > most) {
                measured = in_a_process_of_its_own(&file, whole);
                runs += 1;
            }
            measured
        };
        let cleaned = best(false);
        match best(true) {
            Ok(Measured { outcome, peak, time }) => {
                let was_clean = cleaned.as_ref().is_ok_and(|cleaned| cleaned.outcome.starts_with("clean"));
                if (was_clean && !outcome.starts_with("clean")) || peak * 1024 > MEMORY || time > most {
                    faults.push(format!("{name}, whole: {outcome}, {peak} kB, {time}0 ms"));
                }
            }
            Err(why) => faults.push(format!("{name}, whole: {why}")),
        }
        match cleaned {
            Ok(Measured { outcome, peak, time }) => {
                println!(
                    "| {name} | {outcome} | {} kB | {} MB | {time}0 ms |",
                    bytes.len() / 1000,
                    peak / 1000
                );
                let expected = match fate {
                    Clean => outcome.starts_with("clean"),
                    Refused(why) => outcome == why,
                    Either => true,
                };
                if !expected || peak * 1024 > MEMORY || time > most {
                    faults.push(format!("{name}: {outcome}, {peak} kB, {time}0 ms, expected {fate:?}"));
                }
            }
            Err(why) => faults.push(format!("{name}: {why}")),
        }
    }
    fs::remove_file(&file).unwrap();
    assert!(faults.is_empty(), "{faults:#?}");
}
