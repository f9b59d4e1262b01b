//! Codes to scan.

use qrcode::{EcLevel, QrCode, render::svg};

/// A text as an image in SVG; empty where it is too long for one.
pub(crate) fn svg(text: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return String::new() };
    let image = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    // The declaration of XML has no place within HTML.
    image.split_once("?>").map_or(image.clone(), |(_, svg)| svg.to_owned())
}
