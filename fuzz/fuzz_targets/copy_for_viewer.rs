//! Drawing a viewer's copy: pictures of every shape, any code and label, and stored objects that are no pictures.
//!
//! More than 200 MiB for one input end the process, and more seconds than `-timeout` gives.
#![no_main]

use jpeg_encoder::{ColorType, Encoder};
use libfuzzer_sys::{
    arbitrary::{Result, Unstructured},
    fuzz_target,
};

#[global_allocator]
static MEMORY: fuzz::Limited = fuzz::Limited::new();

fuzz_target!(|data: &[u8]| {
    MEMORY.begin();
    if data.starts_with(b"\xFF\xD8") {
        let _ = media::copy_for_viewer(data, "0123ABCD", "Jangan berikan informasi");
    } else {
        let _ = drawn(&mut Unstructured::new(data));
    }
});

fn drawn(u: &mut Unstructured<'_>) -> Result<()> {
    let side = |u: &mut Unstructured<'_>| {
        // Large pictures take long, and small ones are the odd ones.
        let most = if u.ratio(1, 16)? { 1_600 } else { 64 };
        u.int_in_range(1..=most)
    };
    let (width, height) = media::kept(side(u)?, side(u)?);
    let pattern: [u8; 7] = u.arbitrary()?;
    let samples: Vec<u8> = pattern.into_iter().cycle().take(width as usize * height as usize * 3).collect();
    let mut picture = Vec::new();
    Encoder::new(&mut picture, 85)
        .encode(&samples, width as u16, height as u16, ColorType::Rgb)
        .expect("a picture");
    let (code, label): (&str, &str) = (u.arbitrary()?, u.arbitrary()?);
    let copy = media::copy_for_viewer(&picture, code, label).expect("a copy");
    assert!(copy.starts_with(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0") && copy.ends_with(b"\xFF\xD9"));
    Ok(())
}
