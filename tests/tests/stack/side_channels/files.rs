//! What lies in a file beside its pixels does not come out through the deployed stack, whatever the format.

use serde_json::json;
use tests::{
    canary,
    http::Call,
    life::{self, declared, photo, upload},
    officers,
    operator::{config, wait},
    stack::stack,
};

const PLANTED: &str = canary::PHOTO;

/// Makes a segment of a JPEG.
fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len() + 2).expect("it fits").to_be_bytes();
    [&[0xFF, marker][..], &length, body].concat()
}

/// A JPEG with everything that a telephone, an editor or somebody with a plan may put into one: profiles, IPTC, XMP, C2PA,
/// a second picture, comments, unknown segments, bytes behind the end.
fn laden() -> Vec<u8> {
    let plain = photo(80);
    let word = PLANTED.as_bytes();
    let with = |head: &[u8]| [head, word].concat();
    let segments = [
        segment(0xE2, &[b"ICC_PROFILE\0\x01\x01", &[0; 128][..], b"desc", word].concat()),
        segment(0xE2, &with(b"MPF\0II*\0")),
        segment(0xED, &[b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\x40\x1c\x02\x78", word].concat()),
        // Extended XMP: a digest of all of it, its length, and where this part begins.
        segment(
            0xE1,
            &[b"http://ns.adobe.com/xmp/extension/\0", &[b'A'; 32][..], &[0, 0, 0, 16], &[0; 4], word]
                .concat(),
        ),
        segment(
            0xEB,
            &[
                b"JP\0\x01\0\0\0\x01\0\0\0\x60jumb\0\0\0\x1ejumdc2pa\0\x11\0\x10\x80\0\0\xaa\0\x38\x9b\x71",
                word,
            ]
            .concat(),
        ),
        segment(0xEC, &with(b"Ducky\0")),
        segment(0xEF, &with(b"tidak dikenal\0")),
        segment(0xFE, word),
    ]
    .concat();
    let (start, rest) = plain.split_at(2);
    let mut file = [start, &segments, rest].concat();
    // A whole second picture, and a container's end, behind the first.
    file.extend_from_slice(&plain);
    file.extend_from_slice(&with(b"PK\x05\x06"));
    file
}

/// The markers of a JPEG up to its pixels, and how many bytes lie behind its end.
fn outline(jpeg: &[u8]) -> (Vec<u8>, usize) {
    assert_eq!(&jpeg[..2], [0xFF, 0xD8]);
    let (mut at, mut markers) = (2, Vec::new());
    while jpeg[at + 1] != 0xDA {
        assert_eq!(jpeg[at], 0xFF, "a marker");
        markers.push(jpeg[at + 1]);
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
    let end = jpeg[at..].windows(2).position(|pair| pair == [0xFF, 0xD9]).expect("an end") + at + 2;
    (markers, jpeg.len() - end)
}

#[test]
fn no_profile_no_comment_no_provenance_no_name_and_nothing_behind_the_end_comes_out() {
    let file = laden();
    for segment in [0xE1, 0xE2, 0xEB, 0xEC, 0xED, 0xEF, 0xFE] {
        assert!(outline(&file).0.contains(&segment), "the file has what is looked for");
    }
    assert!(outline(&file).1 > 1000);
    let mut body = life::body();
    body["privacy"] = json!("public");
    body["photos"] = json!([declared(&file)]);
    let (report, told) = life::submit(&body);
    let entry = told.json()["uploads"][0].clone();
    // A name that the sender's program may add goes no further than S3.
    let mut named = entry.clone();
    named["headers"]["x-amz-meta-name"] = json!(format!("{PLANTED}.jpg"));
    named["headers"]["content-disposition"] = json!(format!("attachment; filename={PLANTED}.jpg"));
    if upload(&named, &file).status != 200 {
        upload(&entry, &file).expect(200);
    }
    report.assign();
    let picture = entry["photo"].as_str().expect("an id");
    assert_eq!(report.await_cleaning(officers::UNIT, picture), "ready");

    let url =
        report.view(officers::UNIT, picture).expect(200).json()["url"].as_str().expect("a URL").to_owned();
    let shown = Call::url("GET", &url).send().expect(200);
    let said = format!("{url} {:?}", shown.headers);
    assert!(!said.contains(PLANTED), "{said}");
    let beside: Vec<&String> = shown
        .headers
        .keys()
        .filter(|name| name.starts_with("x-amz-meta") || *name == "content-disposition")
        .collect();
    assert!(beside.is_empty(), "{beside:?}");

    let s3 = aws_sdk_s3::Client::new(&config());
    let key = format!("clean/shown/{}/{picture}.jpg", report.ticket.replace('-', ""));
    let stored = wait(async {
        let found =
            s3.get_object().bucket(stack().output("PhotosBucket")).key(key).send().await.expect("the photo");
        assert!(found.metadata().is_none_or(std::collections::HashMap::is_empty));
        assert_eq!(found.content_disposition(), None);
        found.body.collect().await.expect("its bytes").to_vec()
    });
    for (what, bytes) in [("the copy", &shown.bytes), ("the stored photo", &stored)] {
        let (markers, behind) = outline(bytes);
        // JFIF's header, quantisation, frame, Huffman tables: what a picture is made of, and nothing else.
        let needed = |marker: &u8| matches!(marker, 0xE0 | 0xDB | 0xC0 | 0xC2 | 0xC4 | 0xDD);
        assert!(markers.iter().all(needed), "{what}: {markers:x?}");
        assert_eq!(behind, 0, "{what}");
        assert!(!bytes.windows(PLANTED.len()).any(|window| window == PLANTED.as_bytes()), "{what}");
    }
}
