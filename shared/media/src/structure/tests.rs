use proptest::prelude::*;

use super::*;

const SEEDS: [&[u8]; 5] = [
    include_bytes!("../../testdata/baseline-420.jpg"),
    include_bytes!("../../testdata/progressive.jpg"),
    include_bytes!("../../testdata/grey.jpg"),
    include_bytes!("../../testdata/cmyk.jpg"),
    include_bytes!("../../testdata/two-pictures.jpg"),
];

/// What a file may hold between its segments without being another picture, and what it must not.
const PIECES: [&[u8]; 12] = [
    b"\xFF",
    b"\xFF\xFF\xFF",
    b"\xFF\xFE\0\x02",
    b"\xFF\xE1\0\x04ab",
    b"\xFF\xEE\0\x0EAdobe\0\x64\xFF\xFF\xFF\xFF\xFF",
    b"ab\0",
    b"\xFF\0\xFF\xD3",
    // Behind a fill byte and an empty comment: a scan, a table, a frame and a segment that covers what follows.
    b"\xFF\xFF\xFE\0\x02\xDA\0\x08\x01\x01\0\0\x3F\0",
    b"\xFF\xFF\xFE\0\x02\xC4\0\x14\0\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    b"\xFF\xFF\xFE\0\x02\xC2\0\x0B\x08\0\x20\0\x30\x01\x01\x11\0",
    b"\xFF\xFF\xFE\0\x02\xE0\0\x20",
    b"\xFF\xD9",
];

/// Every place where a marker may begin.
fn markers(bytes: &[u8]) -> Vec<usize> {
    (2..bytes.len()).filter(|at| bytes[*at] == 0xFF && bytes[*at - 1] != 0xFF).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4_096,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_decoders_file_reads_as_the_upload_was_read(
        seed in proptest::sample::select(SEEDS.to_vec()),
        inserts in proptest::collection::vec(
            (any::<proptest::sample::Index>(), proptest::sample::select(PIECES.to_vec())),
            0..6,
        ),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..2),
    ) {
        let mut bytes = seed.to_vec();
        for (at, byte) in changes {
            let at = 2 + at.index(bytes.len() - 2);
            bytes[at] = byte;
        }
        for (at, piece) in inserts {
            let at = *at.get(&markers(&bytes));
            bytes.splice(at..at, piece.iter().copied());
        }
        if let Ok(first) = outline(&bytes) {
            let again = outline(&first.image);
            prop_assert!(again.is_ok_and(|again| again.reads_as(&first)));
            // The plainest reader there is, which takes every marker for one, sees the same number of each.
            let seen = |marker| plain_markers(&first.image).into_iter().filter(|seen| *seen == marker).count();
            prop_assert_eq!(seen(0xC0) + seen(0xC1) + seen(0xC2), 1);
            prop_assert_eq!(seen(0xE1) + seen(0xFE), 0);
        }
    }
}

/// The markers of a file without bytes between its segments; what follows a scan is passed over until the next.
fn plain_markers(jpeg: &[u8]) -> Vec<u8> {
    let mut found = Vec::new();
    let mut at = 2;
    while let Some([0xFF, marker, high, low]) = jpeg.get(at..at + 4) {
        found.push(*marker);
        at += 2 + usize::from(u16::from_be_bytes([*high, *low]));
        while *marker == 0xDA
            && jpeg
                .get(at..at + 2)
                .is_some_and(|pair| pair[0] != 0xFF || matches!(pair[1], 0 | 0xD0..=0xD7 | 0xFF))
        {
            at += 1;
        }
    }
    assert_eq!(jpeg.get(at..), Some(&b"\xFF\xD9"[..]));
    found
}

#[test]
fn fill_bytes_and_strays_do_not_change_the_picture() {
    let plain = SEEDS[0];
    let bare = outline(plain).ok().map(|outline| outline.image);
    let at = markers(plain);
    for piece in &PIECES[..7] {
        let mut laden = plain.to_vec();
        // Before every segment. What stands before the end is the scan's, as are stuffed bytes.
        for at in at.iter().rev().filter(|at| !matches!(plain[**at + 1], 0 | 0xD9)) {
            laden.splice(at..at, piece.iter().copied());
        }
        assert_eq!(outline(&laden).ok().map(|outline| outline.image), bare, "{piece:x?}");
    }
}

#[test]
fn adobes_word_is_kept_when_it_means_something() {
    let said = |body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap_or(0).to_be_bytes();
        let laden = [&SEEDS[0][..2], b"\xFF\xEE", &length, body, &SEEDS[0][2..]].concat();
        outline(&laden).is_ok_and(|outline| outline.image.windows(5).any(|word| word == b"Adobe"))
    };
    for transform in 0..=2 {
        assert!(said(&[b"Adobe\0\x64\0\0\0\0", &[transform][..]].concat()));
    }
    assert!(!said(b"Adobe\0\x64\0\0\0\0\x03"));
    assert!(!said(b"Adobe\0\x64\0\0\0\0"));
    assert!(!said(b"Adobe Photoshop"));
}
