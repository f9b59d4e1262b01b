//! What a JPEG file carries beside its pixels.

use std::fmt;

/// The metadata and sizes that were found in a JPEG.
#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Contents {
    length: usize,
    width: u16,
    height: u16,
    /// Names of what tells more than the picture: `EXIF`, `XMP`, `comment`, `APP2`, `12 bytes behind the end`.
    pub(super) metadata: Vec<String>,
    /// Latitude and longitude in degrees, if the EXIF has them.
    gps: Option<(f64, f64)>,
    camera: Option<String>,
}

impl Contents {
    /// Reads a file; `None` if it is no JPEG.
    pub(super) fn of(file: &[u8]) -> Option<Self> {
        let mut contents = Self { length: file.len(), ..Self::default() };
        let mut rest = file.strip_prefix(&[0xFF, 0xD8])?;
        loop {
            let (&[0xFF, marker, high, low], _) = rest.split_first_chunk::<4>()? else { return None };
            let length = usize::from(u16::from_be_bytes([high, low]));
            let body = rest.get(4..2 + length)?;
            match marker {
                // Frame headers; C4, C8 and CC among them are something else.
                0xC0..=0xCF if ![0xC4, 0xC8, 0xCC].contains(&marker) => {
                    let (&[_, h1, h2, w1, w2], _) = body.split_first_chunk::<5>()?;
                    contents.height = u16::from_be_bytes([h1, h2]);
                    contents.width = u16::from_be_bytes([w1, w2]);
                }
                0xE0 if body.starts_with(b"JFIF\0") => {}
                0xE1 if body.starts_with(b"Exif\0") => contents.metadata.push("EXIF".to_owned()),
                0xE1 if body.starts_with(b"http://ns.adobe.com/xap/") => {
                    contents.metadata.push("XMP".to_owned());
                }
                0xE0..=0xEF => contents.metadata.push(format!("APP{}", marker - 0xE0)),
                0xFE => contents.metadata.push("comment".to_owned()),
                _ => {}
            }
            rest = rest.get(2 + length..)?;
            if marker == 0xDA {
                break;
            }
        }
        // Within the pixels FF D9 cannot stand, so the first one ends them.
        let end = rest.windows(2).position(|pair| pair == [0xFF, 0xD9])?;
        let behind = rest.len() - end - 2;
        if behind > 0 {
            contents.metadata.push(format!("{behind} bytes behind the end"));
        }
        contents.read_exif(file);
        Some(contents)
    }

    fn read_exif(&mut self, file: &[u8]) {
        let Ok(exif) = exif::Reader::new().read_from_container(&mut std::io::Cursor::new(file)) else {
            return;
        };
        let field = |tag| exif.get_field(tag, exif::In::PRIMARY);
        let degrees = |tag, sign, negative: &str| {
            let exif::Value::Rational(parts) = &field(tag)?.value else { return None };
            let [degrees, minutes, seconds] = parts.as_slice() else { return None };
            let value = degrees.to_f64() + minutes.to_f64() / 60.0 + seconds.to_f64() / 3600.0;
            let is_negative = field(sign)?.display_value().to_string() == negative;
            Some(if is_negative { -value } else { value })
        };
        self.gps = degrees(exif::Tag::GPSLatitude, exif::Tag::GPSLatitudeRef, "S").zip(degrees(
            exif::Tag::GPSLongitude,
            exif::Tag::GPSLongitudeRef,
            "W",
        ));
        self.camera = field(exif::Tag::Model)
            .map(|field| field.display_value().to_string().trim_matches('"').to_owned());
    }
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}x{}, {} KB: ", self.width, self.height, self.length.div_ceil(1024))?;
        if self.metadata.is_empty() {
            return write!(f, "no EXIF, no GPS, no other metadata");
        }
        write!(f, "{}", self.metadata.join(", "))?;
        if let Some(camera) = &self.camera {
            write!(f, "; camera {camera}")?;
        }
        if let Some((latitude, longitude)) = self.gps {
            write!(f, "; GPS {latitude:.4}, {longitude:.4}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::fixtures::{PLACE, photograph};

    #[test]
    fn what_a_photograph_carries_is_found() {
        let contents = Contents::of(&photograph(64, 48, 1, true, "planted")).unwrap();
        assert_eq!((contents.width, contents.height), (64, 48));
        assert_eq!(contents.metadata, ["EXIF", "XMP", "comment", "7 bytes behind the end"]);
        let (latitude, longitude) = contents.gps.unwrap();
        assert!((latitude - PLACE.0).abs() < 1e-4 && (longitude - PLACE.1).abs() < 1e-4);
    }

    #[test]
    fn pixels_alone_carry_nothing() {
        let contents = Contents::of(&photograph(64, 48, 1, false, "planted")).unwrap();
        assert_eq!((contents.metadata.as_slice(), contents.gps), (&[][..], None));
    }

    #[test]
    fn what_is_no_jpeg_is_not_read() {
        for bytes in [
            &b""[..],
            b"PNG",
            &[0xFF, 0xD8],
            &[0xFF, 0xD8, 0xFF, 0xE0, 0, 0],
            &[0xFF, 0xD8, 0xFF, 0xE0, 0xFF, 0xFF],
        ] {
            assert_eq!(Contents::of(bytes), None);
        }
    }
}
