//! What the components of a picture stand for.

use crate::frame::Frame;

/// The colours of the components, which libjpeg finds out in the same way (`default_decompress_parms` in `jdapimin.c`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Colours {
    Grey,
    Rgb,
    YCbCr,
    /// Cyan, magenta, yellow and black; `inverted` where 0 stands for all of the ink.
    Inks {
        inverted: bool,
    },
    /// The same, the first three as the light that they leave, in YCbCr.
    YCbCrInks {
        inverted: bool,
    },
}

impl Colours {
    pub(crate) fn of(frame: &Frame, programs: &[(u8, &[u8])]) -> Self {
        let jfif = programs.iter().any(|(marker, body)| *marker == 0xE0 && body.starts_with(b"JFIF\0"));
        // Adobe Technical Note 5116, section 18.
        let adobe = programs.iter().rev().find_map(|(marker, body)| {
            (*marker == 0xEE && body.starts_with(b"Adobe")).then(|| body.get(11).copied()).flatten()
        });
        let ids: Vec<u8> = frame.components.iter().map(|one| one.id).collect();
        match (ids.len(), adobe) {
            (1, _) => Self::Grey,
            (3, _) if jfif => Self::YCbCr,
            (3, Some(0)) => Self::Rgb,
            (3, None) if ids == *b"RGB" => Self::Rgb,
            (3, _) => Self::YCbCr,
            (_, None) => Self::Inks { inverted: false },
            (_, Some(0)) => Self::Inks { inverted: true },
            (_, Some(_)) => Self::YCbCrInks { inverted: true },
        }
    }

    /// The number of samples in a pixel.
    pub(crate) fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Inks { .. } | Self::YCbCrInks { .. } => 4,
        }
    }
}
