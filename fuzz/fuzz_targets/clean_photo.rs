//! The way of an upload: its outline, its decoder, shrinking, turning, writing.
//!
//! Panics of a decoder are caught by `media::clean`, and found here all the same: libFuzzer's hook ends the process at the
//! first. More than 256 MiB for one input end it too, and more seconds than `-timeout` gives.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[global_allocator]
static MEMORY: fuzz::Limited = fuzz::Limited::new();

fuzz_target!(|data: &[u8]| {
    MEMORY.begin();
    if let Ok(cleaned) = media::clean(data) {
        assert!((1..=media::LONGEST_SIDE).contains(&cleaned.width));
        assert!((1..=media::LONGEST_SIDE).contains(&cleaned.height));
        assert!(
            cleaned.jpeg.starts_with(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0") && cleaned.jpeg.ends_with(b"\xFF\xD9")
        );
        // What was cleaned once is a photo.
        let again = media::clean(&cleaned.jpeg).expect("a clean photo");
        assert_eq!((again.width, again.height), (cleaned.width, cleaned.height));
    }
});
