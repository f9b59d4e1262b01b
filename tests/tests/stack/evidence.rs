//! A picture is evidence once: not twice in one TL, not in a second round, not on another report, and not in another file.

use domain::status::Status;
use image::{DynamicImage, ImageFormat, RgbImage, codecs::png};
use serde_json::{Value, json};
use std::io::Cursor;
use tests::{
    http::Answer,
    life::{self, Report, declared, fresh_photo, upload},
    officers,
    operator::items_of,
    threads::at_once,
};

/// A picture without loss, that nobody has uploaded before.
fn fresh_picture() -> RgbImage {
    media::reading::picture_of(&fresh_photo()).expect("a photograph")
}

/// The picture in a file; `Best` and `Fast` differ in their bytes and not in a pixel.
fn png(picture: &RgbImage, compression: png::CompressionType) -> Vec<u8> {
    let mut out = Vec::new();
    let encoder = png::PngEncoder::new_with_quality(&mut out, compression, png::FilterType::Adaptive);
    picture.write_with_encoder(encoder).expect("a file");
    out
}

fn webp(picture: &RgbImage) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageRgb8(picture.clone()).write_to(&mut out, ImageFormat::WebP).expect("a file");
    out.into_inner()
}

/// Declares and uploads files, each as one kind of photo, and waits until they are clean. Their ids.
fn add(report: &Report, officer: &str, files: &[(&str, &[u8])]) -> Vec<String> {
    let entries: Vec<Value> = files
        .iter()
        .map(|(kind, bytes)| {
            let mut entry = declared(bytes);
            entry["kind"] = json!(kind);
            entry["content_type"] = json!(match &bytes[..4] {
                [0x89, b'P', ..] => "image/png",
                [b'R', b'I', ..] => "image/webp",
                _ => "image/jpeg",
            });
            entry
        })
        .collect();
    let answer = report.command(officer, "photos", &json!({"photos": entries})).expect(201).json();
    let uploads = answer["uploads"].as_array().expect("uploads");
    let mut ids = Vec::new();
    for (entry, (_, bytes)) in uploads.iter().zip(files) {
        upload(entry, bytes).expect(200);
        ids.push(entry["photo"].as_str().expect("an id").to_owned());
    }
    for id in &ids {
        assert_eq!(report.await_cleaning(officer, id), "ready");
    }
    ids
}

fn tl(report: &Report, files: &[(&str, &[u8])]) -> Answer {
    let photos = add(report, officers::UNIT, files);
    report.command(officers::UNIT, "tl", &json!({"narrative": "Lubang sudah ditambal", "photos": photos}))
}

/// A TL with these files is refused for the photos at these places, and leaves nothing.
#[track_caller]
fn refused(report: &Report, files: &[(&str, &[u8])], places: &[usize]) {
    let photos = add(report, officers::UNIT, files);
    let before = items_of(&report.ticket);
    let body = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
    let answer = report.command(officers::UNIT, "tl", &body).expect(422);
    let errors: Vec<String> = places.iter().map(|place| format!("photos[{place}] already_used")).collect();
    assert_eq!(answer.errors(), errors);
    assert!(items_of(&report.ticket) == before, "something was stored");
}

fn in_work() -> Report {
    life::in_status(Status::Proses, &life::body())
}

#[test]
fn in_one_tl_a_picture_does_not_show_both_before_and_after() {
    let report = in_work();
    let (hole, work) = (fresh_photo(), fresh_photo());
    refused(&report, &[("before", &hole), ("after", &hole)], &[1]);
    let picture = fresh_picture();
    let (small, large) =
        (png(&picture, png::CompressionType::Best), png(&picture, png::CompressionType::Fast));
    assert_ne!(small, large);
    refused(&report, &[("before", &small), ("after", &large)], &[1]);
    refused(&report, &[("before", &hole), ("after", &work), ("after", &work)], &[2]);
    let photos = add(&report, officers::UNIT, &[("before", &hole), ("after", &work)]);
    let twice = json!({"narrative": "Lubang sudah ditambal", "photos": [photos[0], photos[1], photos[1]]});
    assert_eq!(report.command(officers::UNIT, "tl", &twice).expect(422).errors(), ["photos[2] repeated"]);
    let once = json!({"narrative": "Lubang sudah ditambal", "photos": photos});
    report.command(officers::UNIT, "tl", &once).expect(200);
}

#[test]
fn in_the_next_round_the_after_picture_is_new_and_the_before_picture_may_repeat() {
    let report = in_work();
    let (hole, work) = (fresh_photo(), fresh_picture());
    let work_file = png(&work, png::CompressionType::Best);
    tl(&report, &[("before", &hole), ("after", &work_file)]).expect(200);
    report.validate("reject");
    refused(&report, &[("before", &hole), ("after", &work_file)], &[1]);
    refused(&report, &[("before", &hole), ("after", &webp(&work))], &[1]);
    refused(&report, &[("before", &work_file), ("after", &fresh_photo())], &[0]);
    refused(&report, &[("before", &fresh_photo()), ("after", &hole)], &[1]);
    tl(&report, &[("before", &hole), ("after", &fresh_photo())]).expect(200);
}

#[test]
fn a_picture_is_evidence_of_one_report_only() {
    let (hole, work) = (fresh_photo(), fresh_photo());
    tl(&in_work(), &[("before", &hole), ("after", &work)]).expect(200);
    let other = in_work();
    refused(&other, &[("before", &hole), ("after", &fresh_photo())], &[0]);
    refused(&other, &[("before", &fresh_photo()), ("after", &work)], &[1]);
    // Nor in the field.
    tl(&other, &[("before", &fresh_photo()), ("after", &fresh_photo())]).expect(200);
    other.validate("field_check");
    let place = json!({"lat": -6.0588, "lon": 106.8456});
    let verify = |photos: Vec<String>| {
        let body = json!({"conforms": true, "finding": "Sesuai", "photos": photos, "location": place});
        other.command(officers::VERIFIKASI, "verification", &body)
    };
    let field = add(&other, officers::VERIFIKASI, &[("field", &work), ("field", &hole)]);
    assert_eq!(verify(field).expect(422).errors(), ["photos[0] already_used", "photos[1] already_used"]);
    verify(add(&other, officers::VERIFIKASI, &[("field", &fresh_photo())])).expect(200);
}

#[test]
fn of_two_tls_at_once_with_one_picture_one_is_stored() {
    let work = fresh_photo();
    let tls: Vec<(Report, Value)> = [in_work(), in_work()]
        .into_iter()
        .map(|report| {
            let photos = add(&report, officers::UNIT, &[("before", &fresh_photo()), ("after", &work)]);
            (report, json!({"narrative": "Lubang sudah ditambal", "photos": photos}))
        })
        .collect();
    let answers = at_once(tls.iter().collect(), |(report, body)| report.command(officers::UNIT, "tl", body));
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let mut stand: Vec<String> = tls.iter().map(|(report, _)| report.status()).collect();
    stand.sort_unstable();
    assert_eq!(stand, ["menunggu_validasi", "proses"]);
}

#[test]
fn what_was_declared_and_never_put_forward_hinders_nobody() {
    let picture = fresh_photo();
    add(&in_work(), officers::UNIT, &[("after", &picture)]);
    tl(&in_work(), &[("before", &fresh_photo()), ("after", &picture)]).expect(200);
}
