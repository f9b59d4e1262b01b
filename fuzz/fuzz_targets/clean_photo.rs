//! The way of an upload: its outline, its decoder, shrinking, its colours, turning, writing.
//!
//! Panics of a decoder are caught by `media::clean`, and found here all the same: libFuzzer's hook ends the process at the
//! first. More than 200 MiB for one input end it too, and more seconds than `-timeout` gives.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[global_allocator]
static MEMORY: fuzz::Limited = fuzz::Limited::new();

fuzz_target!(|data: &[u8]| {
    MEMORY.begin();
    if let Ok(cleaned) = media::clean(data) {
        assert!(cleaned.width > 0 && cleaned.height > 0);
        assert_eq!(media::kept(cleaned.width, cleaned.height), (cleaned.width, cleaned.height));
        assert!(
            cleaned.jpeg.starts_with(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0") && cleaned.jpeg.ends_with(b"\xFF\xD9")
        );
        // What was cleaned once is a photo.
        let again = media::clean(&cleaned.jpeg).expect("a clean photo");
        assert_eq!((again.width, again.height, again.damaged), (cleaned.width, cleaned.height, false));
    }
    // Whole, which is another scale of a JPEG, and without its profile.
    let _ = media::canonical_pixels(data, |_| ());
});
