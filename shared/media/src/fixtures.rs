//! Made-up photographs that carry everything a photo must lose.
//!
//! For tests and for the demonstration: no real photo, and so no real place or person, lies in the repository. The
//! same arguments always give the same bytes.

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Where the made-up photographs were taken: latitude and longitude in degrees, as their EXIF says.
pub const PLACE: (f64, f64) = (-6.2088, 106.8456);

/// The camera's make, as the EXIF says.
pub const MAKE: &str = "Kamera Contoh";

/// The camera's model, as the EXIF says.
pub const MODEL: &str = "KC-2025 Uji";

/// When the made-up photographs were taken, as the EXIF says.
pub const TAKEN_AT: &str = "2025:11:03 08:15:27";

/// A JPEG of a street with a hole in it.
///
/// Sides are brought into 1–16384 pixels. With `with_exif` the file carries EXIF ([`PLACE`], [`MAKE`], [`MODEL`],
/// [`TAKEN_AT`], a thumbnail), an XMP packet, a comment, and bytes behind its end; `planted` stands in each of them, so
/// that a test can look for it wherever it must not be. Without, it is pixels alone.
pub fn photograph(width: u32, height: u32, seed: u64, with_exif: bool, planted: &str) -> Vec<u8> {
    let (width, height) = (width.clamp(1, 16_384), height.clamp(1, 16_384));
    let plain = encode(&street(width, height, seed), width, height, 88);
    if !with_exif {
        return plain;
    }
    let thumbnail = encode(&street(160, 120, seed), 160, 120, 60);
    let mut jpeg = with_segments(
        &plain,
        &[
            (0xE1, [b"Exif\0\0", &*exif(1, planted, &thumbnail)].concat()),
            (0xE1, xmp(planted)),
            (0xFE, planted.as_bytes().to_vec()),
        ],
    );
    jpeg.extend_from_slice(planted.as_bytes());
    jpeg
}

/// The same photograph with slightly other pixels, for each number others, in a moment: a picture proves once only, and drawing
/// a large one takes long.
///
/// The low 32 bits of `number` change the quantisers of the coarsest detail (JPEG, B.2.4.1), which every photograph has, so size and
/// work stay the same.
pub fn retouched(photograph: &[u8], number: u64) -> Vec<u8> {
    let mut jpeg = photograph.to_vec();
    // The marker, the length, the table's number, then 64 values; also those of a thumbnail, which comes before the picture.
    let tables: Vec<usize> =
        (0..jpeg.len()).filter(|at| jpeg[*at..].starts_with(&[0xFF, 0xDB, 0, 67, 0])).collect();
    for start in tables {
        let values = jpeg.get_mut(start + 6..start + 38).unwrap_or_default();
        for (bit, value) in values.iter_mut().enumerate() {
            *value ^= (number >> bit & 1) as u8;
        }
    }
    jpeg
}

/// The same photograph with the profile of Display P3, which telephones give theirs.
pub fn in_display_p3(photograph: &[u8]) -> Vec<u8> {
    let profile = icc(Some(DISPLAY_P3), Curve::Srgb);
    with_segments(photograph, &[(0xE2, [b"ICC_PROFILE\0\x01\x01", &*profile].concat())])
}

/// With halved chroma, as cameras do.
fn encode(rgb: &[u8], width: u32, height: u32, quality: u8) -> Vec<u8> {
    let mut jpeg = Vec::new();
    let mut encoder = Encoder::new(&mut jpeg, quality);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    // Cannot fail: writing goes to memory, and the sides are within the format's.
    let side = |length: u32| u16::try_from(length).unwrap_or_default();
    if encoder.encode(rgb, side(width), side(height), ColorType::Rgb).is_err() {
        jpeg.clear();
    }
    jpeg
}

/// Puts segments between a JPEG's first marker and the rest. What no segment can hold is cut off.
pub(crate) fn with_segments(jpeg: &[u8], segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let (start, rest) = jpeg.split_at(jpeg.len().min(2));
    let mut out = start.to_vec();
    for (marker, body) in segments {
        let length = u16::try_from(body.len() + 2).unwrap_or(u16::MAX);
        out.extend_from_slice(&[0xFF, *marker]);
        out.extend_from_slice(&length.to_be_bytes());
        out.extend(body.iter().take(usize::from(length) - 2));
    }
    out.extend_from_slice(rest);
    out
}

/// The body of an APP1 segment with an XMP packet that holds the planted words.
pub(crate) fn xmp(planted: &str) -> Vec<u8> {
    format!(
        "http://ns.adobe.com/xap/1.0/\0<?xpacket begin=\"\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\
         <x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\
         <rdf:Description xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:creator>{planted}</dc:creator>\
         </rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end=\"w\"?>"
    )
    .into_bytes()
}

/// A TIFF block as EXIF defines it (CIPA DC-008, section 4.6), little-endian, with a thumbnail in its second directory.
pub(crate) fn exif(orientation: u16, planted: &str, thumbnail: &[u8]) -> Vec<u8> {
    let mut tiff = Tiff::new();
    let taken = tiff.directory(
        &[
            Field::text(0x9003, TAKEN_AT),
            Field::text(0x9004, TAKEN_AT),
            // UserComment begins with its character code.
            Field::bytes(0x9286, 7, format!("ASCII\0\0\0{planted}").into_bytes()),
        ],
        false,
    );
    let place = tiff.directory(
        &[
            Field::text(0x0001, if PLACE.0 < 0.0 { "S" } else { "N" }),
            Field::degrees(0x0002, PLACE.0),
            Field::text(0x0003, if PLACE.1 < 0.0 { "W" } else { "E" }),
            Field::degrees(0x0004, PLACE.1),
        ],
        false,
    );
    let small = tiff.put(thumbnail);
    let second = tiff.directory(
        &[
            Field::short(0x0103, 6),
            Field::long(0x0201, small),
            Field::long(0x0202, u32::try_from(thumbnail.len()).unwrap_or(0)),
        ],
        false,
    );
    let first = tiff.directory(
        &[
            Field::text(0x010E, planted),
            Field::text(0x010F, MAKE),
            Field::text(0x0110, MODEL),
            Field::short(0x0112, orientation),
            Field::text(0x0132, TAKEN_AT),
            Field::text(0x013B, planted),
            Field::long(0x8769, taken),
            Field::long(0x8825, place),
        ],
        true,
    );
    tiff.finish(first, second)
}

/// What EXIF says of a camera's colours in Adobe RGB, in either order of bytes: three directories, one behind the other.
#[cfg(test)]
pub(crate) fn in_adobe_rgb(big: bool) -> Vec<u8> {
    let short = |value: u16| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let long = |value: u32| if big { value.to_be_bytes() } else { value.to_le_bytes() };
    let field = |tag, kind, value: [u8; 4]| [&short(tag)[..], &short(kind), &long(1), &value].concat();
    let directory =
        |fields: &[Vec<u8>]| [&short(fields.len() as u16)[..], &fields.concat(), &long(0)].concat();
    [
        if big { b"MM".to_vec() } else { b"II".to_vec() },
        [&short(42)[..], &long(8)].concat(),
        directory(&[field(0x8769, 4, long(26))]),
        directory(&[field(0xA001, 3, [0xFF, 0xFF, 0, 0]), field(0xA005, 4, long(56))]),
        directory(&[field(0x0001, 2, *b"R03\0")]),
    ]
    .concat()
}

struct Field {
    tag: u16,
    kind: u16,
    count: u32,
    value: Vec<u8>,
}

impl Field {
    fn bytes(tag: u16, kind: u16, value: Vec<u8>) -> Self {
        let count = u32::try_from(value.len()).unwrap_or(0);
        Self { tag, kind, count, value }
    }

    fn text(tag: u16, text: &str) -> Self {
        Self::bytes(tag, 2, [text.as_bytes(), b"\0"].concat())
    }

    fn short(tag: u16, value: u16) -> Self {
        Self { tag, kind: 3, count: 1, value: value.to_le_bytes().to_vec() }
    }

    fn long(tag: u16, value: u32) -> Self {
        Self { tag, kind: 4, count: 1, value: value.to_le_bytes().to_vec() }
    }

    /// Degrees, minutes and hundredths of seconds, each a fraction.
    fn degrees(tag: u16, degrees: f64) -> Self {
        let hundredths = (degrees.abs() * 360_000.0).round() as u32;
        let parts = [(hundredths / 360_000, 1), (hundredths / 6_000 % 60, 1), (hundredths % 6_000, 100)];
        let value = parts
            .iter()
            .flat_map(|(over, under): &(u32, u32)| [over.to_le_bytes(), under.to_le_bytes()])
            .flatten()
            .collect();
        Self { tag, kind: 5, count: 3, value }
    }
}

struct Tiff {
    bytes: Vec<u8>,
    /// Where the first directory names the second one.
    link: usize,
}

impl Tiff {
    fn new() -> Self {
        Self { bytes: b"II*\0\0\0\0\0".to_vec(), link: 0 }
    }

    fn put(&mut self, bytes: &[u8]) -> u32 {
        // Values begin at even places.
        if self.bytes.len() % 2 == 1 {
            self.bytes.push(0);
        }
        let at = u32::try_from(self.bytes.len()).unwrap_or(0);
        self.bytes.extend_from_slice(bytes);
        at
    }

    fn directory(&mut self, fields: &[Field], linked: bool) -> u32 {
        let mut body = u16::try_from(fields.len()).unwrap_or(0).to_le_bytes().to_vec();
        for field in fields {
            body.extend_from_slice(&field.tag.to_le_bytes());
            body.extend_from_slice(&field.kind.to_le_bytes());
            body.extend_from_slice(&field.count.to_le_bytes());
            if field.value.len() <= 4 {
                body.extend_from_slice(&field.value);
                body.resize(body.len() + 4 - field.value.len(), 0);
            } else {
                let at = self.put(&field.value);
                body.extend_from_slice(&at.to_le_bytes());
            }
        }
        body.extend_from_slice(&[0; 4]);
        let at = self.put(&body);
        if linked {
            self.link = self.bytes.len() - 4;
        }
        at
    }

    fn finish(mut self, first: u32, second: u32) -> Vec<u8> {
        self.bytes[4..8].copy_from_slice(&first.to_le_bytes());
        let link = self.link;
        self.bytes[link..link + 4].copy_from_slice(&second.to_le_bytes());
        self.bytes
    }
}

/// SplitMix64: enough for noise, and the same everywhere.
fn scramble(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// A number in 0–1 for a cell of a grid.
fn chance(seed: u64, x: i32, y: i32) -> f32 {
    let cell = u64::from(x.cast_unsigned()) << 32 | u64::from(y.cast_unsigned());
    (scramble(seed ^ scramble(cell)) >> 40) as f32 / 16_777_216.0
}

/// Smooth noise in 0–1: the corners of a cell, blended.
fn cloud(seed: u64, x: f32, y: f32) -> f32 {
    let (left, top) = (x.floor(), y.floor());
    let (column, row) = (left as i32, top as i32);
    let ease = |t: f32| t * t * (3.0 - 2.0 * t);
    let (across, down) = (ease(x - left), ease(y - top));
    let blend = |a: f32, b: f32, t: f32| a + (b - a) * t;
    blend(
        blend(chance(seed, column, row), chance(seed, column + 1, row), across),
        blend(chance(seed, column, row + 1), chance(seed, column + 1, row + 1), across),
        down,
    )
}

type Color = [f32; 3];

fn mix(a: Color, b: Color, t: f32) -> Color {
    [0, 1, 2].map(|channel| a[channel] + (b[channel] - a[channel]) * t)
}

/// Sky, a row of houses, a road towards the horizon with a hole in it, and the noise of a sensor.
fn street(width: u32, height: u32, seed: u64) -> Vec<u8> {
    let horizon = 0.36 + 0.08 * chance(seed, 1, 1);
    let vanish = 0.4 + 0.2 * chance(seed, 2, 1);
    let hole = (vanish + 0.2 * (chance(seed, 3, 1) - 0.5), 0.68 + 0.16 * chance(seed, 4, 1));
    let mut rgb = Vec::with_capacity(width as usize * height as usize * 3);
    for row in 0..height {
        let v = row as f32 / height as f32;
        for column in 0..width {
            let u = column as f32 / width as f32;
            let color = if v < horizon {
                above(seed, u, v, horizon)
            } else {
                below(seed, u, v, (v - horizon) / (1.0 - horizon), vanish, hole)
            };
            let noise = (scramble(seed ^ (u64::from(row) << 32 | u64::from(column))) & 15) as f32;
            rgb.extend(color.map(|channel| (channel * 255.0 + noise - 7.5) as u8));
        }
    }
    rgb
}

fn above(seed: u64, u: f32, v: f32, horizon: f32) -> Color {
    let house = (u * 9.0) as i32;
    let inside = u * 9.0 - house as f32;
    let roof = horizon * (0.35 + 0.5 * chance(seed, house, 2));
    if v > roof && inside > 0.04 {
        let wall = mix([0.78, 0.72, 0.62], [0.62, 0.42, 0.34], chance(seed, house, 3));
        let (across, down) = (inside * 4.0, (v - roof) / horizon * 9.0);
        let window = across.fract() > 0.3 && across.fract() < 0.75 && down.fract() > 0.35;
        if window { mix(wall, [0.15, 0.2, 0.28], 0.8) } else { wall }
    } else {
        let sky = mix([0.35, 0.55, 0.85], [0.8, 0.87, 0.93], v / horizon);
        let cover = cloud(seed ^ 5, u * 5.0, v * 12.0) * 0.7 + cloud(seed ^ 6, u * 17.0, v * 40.0) * 0.3;
        mix(sky, [0.97, 0.97, 0.98], (cover - 0.45).clamp(0.0, 0.4) * 2.2)
    }
}

fn below(seed: u64, u: f32, v: f32, near: f32, vanish: f32, hole: (f32, f32)) -> Color {
    // What grass and asphalt have in common up close.
    let grain = cloud(seed ^ 7, u * 160.0, v * 160.0);
    let half = 0.03 + 0.5 * near;
    let off = (u - vanish).abs() / half;
    if off > 1.0 {
        let grass = mix([0.24, 0.38, 0.16], [0.45, 0.42, 0.27], cloud(seed ^ 8, u * 7.0, v * 9.0));
        return mix(grass, [0.14, 0.2, 0.1], grain * 0.5);
    }
    let asphalt = mix([0.33, 0.33, 0.35], [0.45, 0.44, 0.43], grain);
    let (dx, dy) = ((u - hole.0) / 0.13, (v - hole.1) / 0.055);
    let edge = (dx * dx + dy * dy).sqrt() + 0.3 * cloud(seed ^ 9, u * 24.0, v * 24.0);
    if edge < 0.9 {
        return mix([0.16, 0.13, 0.1], [0.34, 0.27, 0.2], grain);
    }
    if edge < 1.1 {
        return mix(asphalt, [0.2, 0.19, 0.18], 0.7);
    }
    let dash = (1.0 / (near + 0.08) * 3.0).fract() < 0.5;
    if off < 0.05 && dash || (0.9..0.94).contains(&off) {
        return mix(asphalt, [0.92, 0.91, 0.86], 0.85);
    }
    asphalt
}

/// Red, green and blue of a profile's colours, in XYZ at D50.
pub(crate) type Primaries = [[f64; 3]; 3];

pub(crate) const DISPLAY_P3: Primaries =
    [[0.51512, 0.24120, -0.00105], [0.29198, 0.69225, 0.04189], [0.15710, 0.06657, 0.78407]];
#[cfg(test)]
pub(crate) const ADOBE_RGB: Primaries =
    [[0.60974, 0.31111, 0.01947], [0.20528, 0.62567, 0.06087], [0.14919, 0.06322, 0.74457]];
#[cfg(test)]
pub(crate) const SRGB: Primaries =
    [[0.43607, 0.22249, 0.01392], [0.38515, 0.71687, 0.09708], [0.14307, 0.06061, 0.71410]];

/// How light follows the samples of a profile.
#[derive(Clone, Copy)]
pub(crate) enum Curve {
    /// A power function with this exponent.
    #[cfg(test)]
    Gamma(f64),
    /// The curve of sRGB.
    Srgb,
}

/// A profile of a screen (ICC.1:2022, sections 7 and 8.4.3), or of a grey one where there are no primaries.
pub(crate) fn icc(primaries: Option<Primaries>, curve: Curve) -> Vec<u8> {
    let fixed = |number: f64| ((number * 65_536.0).round() as i32).to_be_bytes();
    let xyz = |color: [f64; 3]| [&b"XYZ \0\0\0\0"[..], color.map(fixed).as_flattened()].concat();
    const WHITE: [f64; 3] = [0.9642, 1.0, 0.8249];
    let curve = match curve {
        #[cfg(test)]
        Curve::Gamma(power) => {
            let power = ((power * 256.0).round() as u16).to_be_bytes();
            [b"curv\0\0\0\0\0\0\0\x01", &power[..], &[0; 2]].concat()
        }
        Curve::Srgb => {
            let numbers = [2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045].map(fixed);
            [b"para\0\0\0\0\0\x03\0\0", numbers.as_flattened()].concat()
        }
    };
    let mut tags = vec![(*b"wtpt", xyz(WHITE))];
    match primaries {
        Some(primaries) => {
            tags.extend([*b"rXYZ", *b"gXYZ", *b"bXYZ"].into_iter().zip(primaries.map(xyz)));
            tags.extend([*b"rTRC", *b"gTRC", *b"bTRC"].map(|name| (name, curve.clone())));
        }
        None => tags.push((*b"kTRC", curve)),
    }
    let count = |number: usize| u32::try_from(number).unwrap_or(0).to_be_bytes();
    let (mut table, mut body) = (count(tags.len()).to_vec(), Vec::new());
    for (name, value) in &tags {
        let at = 128 + 4 + 12 * tags.len() + body.len();
        table.extend([*name, count(at), count(value.len())].concat());
        body.extend_from_slice(value);
    }
    let mut header = vec![0; 128];
    header[..4].copy_from_slice(&count(128 + table.len() + body.len()));
    header[8..12].copy_from_slice(&[4, 0x30, 0, 0]);
    header[12..16].copy_from_slice(b"mntr");
    header[16..20].copy_from_slice(if primaries.is_some() { b"RGB " } else { b"GRAY" });
    header[20..24].copy_from_slice(b"XYZ ");
    header[36..40].copy_from_slice(b"acsp");
    header[68..80].copy_from_slice(WHITE.map(fixed).as_flattened());
    [header, table, body].concat()
}
