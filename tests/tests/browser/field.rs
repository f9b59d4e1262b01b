//! Work in the street: a line that breaks at any step, a browser that is killed, a telephone that somebody else takes into the hand.
//! Nothing is lost, nothing is stored twice, and no photo comes to another report.

use crate::{
    browser::Browser,
    line::{Cut, Line, Sent},
    officer::{page_of, times},
};
use domain::status::Status;
use rstest::rstest;
use serde_json::{Value, json};
use tests::{
    accounts::{Account, OwnUnit},
    canary,
    http::{eventually, fresh_key},
    life::{self, Report},
    officers,
};

const NARRATIVE: &str = "Lubang sudah ditutup dengan aspal panas";
const NOTE: &str = "Kunci gerbang ada pada penjaga kiosk";

/// A unit's officer, and reports that are in their hands.
pub(crate) fn in_hand(count: usize) -> (Account, Vec<Report>) {
    let unit = OwnUnit::new(None);
    let officer = unit.officer();
    let reports = (0..count)
        .map(|_| {
            let (report, _) = life::submit(&life::body());
            let assign = json!({"action": "assign", "unit": unit.code});
            report.command(officers::TIKET, "assignment", &assign).expect(200);
            let accept = json!({"action": "accept"});
            report.command(&officer.username, "assignment", &accept).expect(200);
            report
        })
        .collect();
    (officer, reports)
}

/// A browser on a line that can be cut, with an officer signed in.
fn on_line(officer: &str) -> (Line, Browser) {
    let line = Line::lay();
    let browser = Browser::on_line("id", &line);
    browser.go("/petugas");
    browser.sign_in(officer);
    (line, browser)
}

/// Fills in the TL on the page that is shown.
fn fill_tl(browser: &Browser, pictures: &[Vec<u8>; 2]) {
    browser.unfold("post_tl");
    browser.fill("#post_tl-narrative", NARRATIVE);
    for (kind, picture) in ["before", "after"].iter().zip(pictures) {
        browser.choose_photo("post_tl", kind, picture);
    }
}

fn two_photos() -> [Vec<u8>; 2] {
    [life::fresh_photo(), life::fresh_photo()]
}

/// Sends a TL on a line that breaks at this step.
fn send_tl_on(line: &Line, browser: &Browser, step: Cut, report: &Report) {
    browser.go(&page_of(report));
    line.cut(step);
    fill_tl(browser, &two_photos());
    press_send(browser, "post_tl");
}

fn press_send(browser: &Browser, act: &str) {
    browser.click(&format!("#act-{act} form > .actions button"));
}

/// Waits until all photos of the form have been looked at.
pub(crate) fn see_ready(browser: &Browser, act: &str, count: usize) {
    browser.await_it("photos that are ready", || {
        let ready = format!(
            "return document.querySelectorAll('#act-{act} .photo-card[data-photo-state=ready]').length"
        );
        (browser.run(&ready) == json!(count)).then_some(())
    });
}

/// The report has one TL, with a photo of each kind and no photos beside.
#[track_caller]
fn assert_one_tl(report: &Report) {
    let seen = eventually("the TL", || {
        let seen = report.seen_by(officers::VALIDASI);
        (seen.status == 200 && times(&seen, "post_tl") > 0).then_some(seen)
    });
    assert_eq!(times(&seen, "post_tl"), 1);
    let seen = seen.json();
    let history = seen["history"].as_array().expect("a history");
    let tl = history.iter().find(|entry| entry["event"] == "post_tl").expect("a TL");
    assert_eq!(tl["narrative"], NARRATIVE);
    assert_eq!(tl["photos"].as_array().map(Vec::len), Some(2));
    let known = seen["photos"].as_array().expect("photos");
    let mut kinds: Vec<&str> = known.iter().filter_map(|photo| photo["kind"].as_str()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["after", "before"], "each photo was declared once");
}

const STEPS: [Cut; 7] = [
    Cut::Before("/unggah"),
    Cut::Answer("/unggah"),
    Cut::Before("PUT "),
    Cut::During("PUT ", 3000),
    Cut::Answer("PUT "),
    Cut::Before("/post_tl"),
    Cut::Answer("/post_tl"),
];

#[test]
fn wherever_the_line_breaks_a_tl_is_sent_once_it_is_mended() {
    let (officer, reports) = in_hand(STEPS.len());
    let (line, browser) = on_line(&officer.username);
    for (step, report) in STEPS.into_iter().zip(&reports) {
        send_tl_on(&line, &browser, step, report);
        browser.see(browser.t("not_sent.kept"));
        assert!(line.is_down(), "{step:?}");
        browser.see_kept("outbox", 1);
        // What is not sent yet is listed, and one press sends it.
        line.mend();
        browser.see(browser.t("not_sent.title"));
        browser.click("[data-not-sent] [data-send-now]");
        browser.see_kept("outbox", 0);
        assert_one_tl(report);
        browser.see_nothing_kept();
    }
}

#[test]
fn a_tl_outlives_a_page_that_is_killed_at_any_step_and_is_sent_by_the_next_page() {
    let (officer, reports) = in_hand(STEPS.len());
    let (line, browser) = on_line(&officer.username);
    for (step, report) in STEPS.into_iter().zip(&reports) {
        send_tl_on(&line, &browser, step, report);
        browser.see_kept("outbox", 1);
        browser.await_it("a broken line", || line.is_down().then_some(()));
        browser.kill_tab();
        line.mend();
        browser.go("/petugas/meja");
        browser.see_kept("outbox", 0);
        assert_one_tl(report);
        browser.see_kept("pictures", 0);
    }
}

#[test]
fn photos_that_were_chosen_outlive_a_page_that_is_killed_during_the_upload() {
    let (officer, reports) = in_hand(1);
    let report = &reports[0];
    let (line, browser) = on_line(&officer.username);
    browser.go(&page_of(report));
    for step in [Cut::During("PUT ", 3000), Cut::Answer("PUT ")] {
        let kind = if step == STEPS[3] { "before" } else { "after" };
        browser.unfold("post_tl");
        if kind == "before" {
            browser.fill("#post_tl-narrative", NARRATIVE);
        }
        line.cut(step);
        browser.choose_photo("post_tl", kind, &life::fresh_photo());
        browser.await_it("a broken line", || line.is_down().then_some(()));
        browser.kill_tab();
        line.mend();
        line.sent();
        browser.go(&page_of(report));
        // The page opens the form, shows the same cards and goes on by itself.
        browser.see(browser.t("draft.restored"));
        see_ready(&browser, "post_tl", if kind == "before" { 1 } else { 2 });
        let puts = line.sent().iter().filter(|sent| sent.is_upload()).count();
        // What had come through before the page was killed is not sent again.
        assert_eq!(puts, usize::from(kind == "before"), "{step:?}");
    }
    assert_eq!(browser.value("#post_tl-narrative"), NARRATIVE);
    browser.send("post_tl");
    browser.see_done("event.post_tl");
    assert_one_tl(report);
}

#[test]
fn what_was_written_without_a_connection_is_sent_by_itself_when_there_is_one() {
    let (officer, reports) = in_hand(1);
    let report = &reports[0];
    let browser = Browser::of("id", &officer.username);
    browser.go(&page_of(report));
    browser.set_offline(true);
    fill_tl(&browser, &two_photos());
    browser.see(browser.t("card.stopped"));
    press_send(&browser, "post_tl");
    browser.see(browser.t("not_sent.kept"));
    assert_eq!(times(&report.seen_by(&officer.username), "post_tl"), 0);
    browser.set_offline(false);
    browser.see(browser.t("not_sent.sent"));
    browser.see_kept("outbox", 0);
    assert_one_tl(report);
}

#[test]
fn two_reports_in_two_tabs_on_a_line_of_50_kbit_s_get_their_own_photos() {
    let (officer, reports) = in_hand(2);
    let (line, browser) = on_line(&officer.username);
    let pictures: Vec<[Vec<u8>; 2]> = reports.iter().map(|_| two_photos()).collect();
    let first = browser.tab();
    for (n, (report, pictures)) in reports.iter().zip(&pictures).enumerate() {
        if n > 0 {
            browser.new_tab();
        }
        browser.go(&page_of(report));
        browser.slow_down(400, 6250);
        fill_tl(&browser, pictures);
        press_send(&browser, "post_tl");
    }
    eventually("both are sent", || {
        let is_sent = |report: &Report| times(&report.seen_by(officers::VALIDASI), "post_tl") > 0;
        let seen = |report: &Report| report.seen_by(officers::VALIDASI).status == 200;
        reports.iter().all(|report| seen(report) && is_sent(report)).then_some(())
    });
    browser.to_tab(&first);
    browser.see_kept("outbox", 0);
    let uploads: Vec<Sent> = line.sent().into_iter().filter(Sent::is_upload).collect();
    assert_eq!(uploads.len(), 4, "each picture is sent once");
    for (report, pictures) in reports.iter().zip(&pictures) {
        assert_one_tl(report);
        let ticket = report.ticket.replace('-', "");
        let here = uploads.iter().filter(|sent| sent.head.contains(&ticket));
        let mut here: Vec<Value> = here.map(|sent| json!(sent.header("x-amz-checksum-sha256"))).collect();
        let mut own: Vec<Value> =
            pictures.iter().map(|picture| life::declared(picture)["sha256"].clone()).collect();
        for digests in [&mut here, &mut own] {
            digests.sort_by_key(Value::to_string);
        }
        assert_eq!(here, own);
    }
}

#[test]
fn a_note_and_a_finding_that_are_not_sent_yet_stand_on_the_desk_with_a_way_to_their_form() {
    let report = life::in_status(Status::MenungguVerifikasi, &life::body());
    let verifier = Account::new(&["petugas-verifikasi"], None);
    let (line, browser) = on_line(&verifier.username);
    browser.go(&page_of(&report));
    line.down();
    browser.run("document.querySelectorAll('details').forEach((details) => { details.open = true; })");
    browser.fill("#note-text", NOTE);
    press_send(&browser, "note");
    browser.see(browser.t("not_sent.kept"));
    browser.run("document.querySelector('#verify-conforms-yes').click()");
    browser.fill("#verify-finding", "Sudah rata dengan jalan");
    browser.choose_photo("verify", "field", &life::fresh_photo());
    browser.locate_by_hand("verify");
    press_send(&browser, "verify");
    browser.see_kept("outbox", 2);
    browser.await_it("both in the list", || {
        (browser.run("return document.querySelectorAll('[data-not-sent] li').length") == 2).then_some(())
    });
    browser.kill_tab();
    line.mend();
    line.cut(Cut::Before("/verify"));
    browser.go("/petugas/meja");
    browser.await_it("a broken line", || line.is_down().then_some(()));
    // What was written first has gone, as the finding ends what can be noted; the finding is still listed, with a way to its form.
    let listed = browser.await_it("the finding in the list", || {
        browser.words_of("[data-not-sent]").filter(|words| words.contains(browser.t("act.verify")))
    });
    assert!(listed.contains(&report.ticket), "{listed}");
    browser.see_kept("outbox", 1);
    line.mend();
    browser.press_named(&format!("{} – {}", browser.t("act.verify"), report.ticket));
    // The note has changed the report since. The form has everything, and one press goes on.
    browser.see(browser.t("act.changed"));
    browser.see(browser.t("draft.restored"));
    see_ready(&browser, "verify", 1);
    assert_eq!(browser.value("#verify-finding"), "Sudah rata dengan jalan");
    browser.send("verify");
    browser.see_done("event.verify");
    browser.see_kept("outbox", 0);
    let seen = report.seen_by(officers::VALIDASI);
    assert_eq!((times(&seen, "verify"), times(&seen, "note")), (1, 1));
}

#[test]
fn a_form_that_is_refused_later_stays_with_the_reason_until_its_officer_deletes_it() {
    let (officer, reports) = in_hand(1);
    let report = &reports[0];
    let (line, browser) = on_line(&officer.username);
    browser.go(&page_of(report));
    line.down();
    fill_tl(&browser, &two_photos());
    press_send(&browser, "post_tl");
    browser.see(browser.t("not_sent.kept"));
    // A colleague was faster.
    let photos = report.add_photos(&officer.username, &["before", "after"]);
    let tl = json!({"narrative": "Sudah beres sejak kemarin sore", "photos": photos});
    report.command(&officer.username, "tl", &tl).expect(200);
    line.mend();
    browser.go("/petugas/meja");
    let (before, after) = browser.t("not_sent.refused").split_once("{reason}").expect("a reason");
    let said = browser.await_it("the reason", || {
        browser
            .words_of("[data-not-sent] [data-why]")
            .filter(|words| words.len() > before.len() + after.len())
    });
    assert!(said.starts_with(before), "{said}");
    // It is not sent by itself again, and stays on the next page.
    browser.reload();
    browser.see(&said);
    browser.click("[data-not-sent] [data-discard]");
    browser.see_nothing_kept();
    assert_eq!(times(&report.seen_by(officers::VALIDASI), "post_tl"), 1);
}

#[test]
fn what_is_not_sent_waits_for_its_officer_and_shows_nothing_to_another() {
    let (officer, reports) = in_hand(1);
    let report = &reports[0];
    let (line, browser) = on_line(&officer.username);
    browser.go(&page_of(report));
    line.down();
    let picture = life::fresh_photo();
    browser.unfold("post_tl");
    browser.fill("#post_tl-narrative", NARRATIVE);
    browser.choose_photo("post_tl", "before", &picture);
    browser.unfold("note");
    browser.fill("#note-text", &format!("{NOTE} {}", canary::DESCRIPTION));
    press_send(&browser, "note");
    browser.see(browser.t("not_sent.kept"));
    browser.see_kept("pictures", 1);
    let is_readable = |kept: &str| {
        // A sign for each byte, as `kept` has it.
        let signs: Vec<char> = picture.iter().map(|byte| char::from(*byte)).collect();
        let pieces = signs.chunks_exact(12).map(|piece| json!(piece.iter().collect::<String>()).to_string());
        let words = [NARRATIVE, NOTE, canary::DESCRIPTION, canary::PHOTO, report.ticket.as_str()];
        words.iter().any(|word| kept.contains(word))
            || pieces.into_iter().any(|piece| kept.contains(piece.trim_matches('"')))
    };
    let kept = browser.kept();
    assert!(kept.contains("outbox") && kept.contains("pictures"), "the look at the device finds nothing");
    assert!(!is_readable(&kept));

    // The session is over, and somebody else signs in.
    line.mend();
    browser.forget_cookies();
    let other = Account::new(&["admin-tiket"], None);
    browser.go("/petugas");
    browser.sign_in(&other.username);
    browser.go(&page_of(report));
    browser.unfold("note");
    browser.see_not(browser.t("not_sent.title"));
    assert_eq!(browser.value("#note-text"), "");
    browser.see_kept("outbox", 1);
    assert_eq!(times(&report.seen_by(officers::TIKET), "note"), 0);

    // Its own officer comes back: it goes with the first page.
    browser.forget_cookies();
    browser.go("/petugas");
    browser.sign_in(&officer.username);
    browser.see_kept("outbox", 0);
    assert_eq!(times(&report.seen_by(officers::TIKET), "note"), 1);
    browser.go(&page_of(report));
    see_ready(&browser, "post_tl", 1);

    // Signing out in one tab leaves nothing, whatever another tab holds.
    let first = browser.tab();
    browser.new_tab();
    browser.go("/petugas/meja");
    browser.sign_out();
    browser.see_nothing_kept();
    browser.to_tab(&first);
    browser.see(browser.t("signed_out.title"));
    browser.see_nothing_kept();
}

/// The outline of a file as a telephone writes HEIC.
fn heic() -> Vec<u8> {
    [&[0, 0, 0, 24], b"ftypheic".as_slice(), &[0; 4], b"mif1heic", &[0; 200]].concat()
}

#[rstest]
fn a_file_that_is_no_photo_is_told_before_anything_is_sent(#[values("id", "en")] language: &'static str) {
    let (officer, reports) = in_hand(1);
    let line = Line::lay();
    let browser = Browser::on_line(language, &line);
    browser.go("/petugas");
    browser.sign_in(&officer.username);
    browser.go(&page_of(&reports[0]));
    browser.unfold("post_tl");
    line.sent();
    let picture = life::fresh_photo();
    // Named like a photo: the bytes count.
    browser.choose_file("post_tl", "before", "jpg", &heic());
    browser.see(browser.t("card.heic"));
    browser.choose_file("post_tl", "before", "png", b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    browser.see(browser.t("card.not_an_image"));
    browser.choose_file("post_tl", "before", "webp", b"");
    browser.see(browser.t("card.empty"));
    let sent = line.sent();
    assert!(!sent.iter().any(|sent| sent.head.contains("/unggah")), "{sent:?}");
    browser.choose_photo("post_tl", "before", &picture);
    browser.choose_photo("post_tl", "after", &picture);
    browser.see(browser.t("card.repeated"));
    see_ready(&browser, "post_tl", 1);
    assert_eq!(line.sent().iter().filter(|sent| sent.is_upload()).count(), 1);
}

#[test]
fn a_photo_that_the_server_refuses_says_why_and_keeps_the_form_until_it_is_removed() {
    let (officer, reports) = in_hand(1);
    let report = &reports[0];
    let browser = Browser::of("id", &officer.username);
    browser.go(&page_of(report));
    fill_tl(&browser, &two_photos());
    // The beginning of a photo alone.
    let half = life::fresh_photo();
    browser.choose_photo("post_tl", "after", &half[..half.len() / 3]);
    press_send(&browser, "post_tl");
    browser.see(browser.t("not_sent.photos"));
    browser.see(browser.t("card.refused"));
    browser.click("#act-post_tl .photo-card[data-photo-state=refused] [data-photo-remove]");
    browser.send("post_tl");
    browser.see_done("event.post_tl");
    assert_eq!(times(&report.seen_by(officers::VALIDASI), "post_tl"), 1);
    browser.see_kept("photos", 0);
}

#[test]
fn two_photos_of_4_mb_cost_what_they_weigh_once_they_are_small_and_a_tenth_at_most() {
    let (officer, reports) = in_hand(1);
    let report = &reports[0];
    let (line, browser) = on_line(&officer.username);
    let number = |digits: &str| digits.bytes().fold(0, |number: u64, digit| number * 31 + u64::from(digit));
    let large = |seed| {
        let picture = media::fixtures::photograph(5200, 3900, seed, true, canary::PHOTO);
        media::fixtures::retouched(&picture, number(&fresh_key()[..6]))
    };
    let pictures = [large(1), large(2)];
    assert!(pictures.iter().all(|picture| picture.len() > 3_500_000), "{}", pictures[0].len());
    browser.go(&page_of(report));
    line.sent();
    // 400 kbit/s: what takes half a minute is neither given up nor sent again.
    browser.slow_down(400, 50_000);
    fill_tl(&browser, &pictures);
    see_ready(&browser, "post_tl", 2);
    browser.send("post_tl");
    browser.see_done("event.post_tl");
    let sent = line.sent();
    let uploads: Vec<&Sent> = sent.iter().filter(|sent| sent.is_upload()).collect();
    assert_eq!(uploads.len(), 2, "each picture is sent once");
    let small: usize = uploads.iter().map(|sent| sent.body_bytes).sum();
    let all: usize = sent.iter().map(|sent| sent.head.len() + sent.body_bytes).sum();
    assert!(small < 2_500_000, "{small}");
    assert!(all <= small + small / 10, "{all} for {small}");
    assert_one_tl(report);
}

/// Width and height of a JPEG, by its frame.
fn sides(jpeg: &[u8]) -> (u16, u16) {
    let mut at = 2;
    loop {
        let length = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        if matches!(jpeg[at + 1], 0xC0..=0xC2) {
            let side = |from: usize| u16::from_be_bytes([jpeg[at + from], jpeg[at + from + 1]]);
            return (side(7), side(5));
        }
        at += 2 + length;
    }
}

#[test]
fn a_large_photo_of_a_telephone_held_upright_stays_upright() {
    let (officer, reports) = in_hand(1);
    let report = &reports[0];
    let (line, browser) = on_line(&officer.username);
    let mut picture = media::fixtures::photograph(2400, 1800, 7, true, canary::PHOTO);
    // What EXIF says of the orientation (tag 274, a short): turned by a quarter.
    let tags = [[0x12, 0x01, 0x03, 0x00, 1, 0, 0, 0, 1, 0], [0x01, 0x12, 0x00, 0x03, 0, 0, 0, 1, 0, 1]];
    let tag = tags.iter().find_map(|tag| {
        let at = picture.windows(tag.len()).position(|bytes| bytes == tag)?;
        Some(at + tag.iter().rposition(|byte| *byte == 1).expect("a value"))
    });
    picture[tag.expect("an orientation")] = 6;
    browser.go(&page_of(report));
    browser.unfold("post_tl");
    browser.choose_photo("post_tl", "before", &picture);
    see_ready(&browser, "post_tl", 1);
    let upload = line.sent().into_iter().find(Sent::is_upload).expect("an upload");
    assert!(upload.body_bytes < picture.len() / 2);
    let seen = report.seen_by(&officer.username).expect(200).json();
    let photo = seen["photos"][0]["photo"].as_str().expect("a photo").to_owned();
    let copy = report.view(&officer.username, &photo).expect(200).json();
    let copy = tests::http::Call::url("GET", copy["url"].as_str().expect("a URL")).send().expect(200);
    assert_eq!(sides(&copy.bytes), (1200, 1600));
}
