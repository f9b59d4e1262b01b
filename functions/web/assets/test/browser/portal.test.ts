import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { Chromium } from "./chromium";
import { Portal } from "./server";

let portal: Portal;
let chromium: Chromium;

before(async () => {
  portal = await Portal.start();
});
after(() => portal.stop());
// A browser for each test: with a storage and tabs of its own.
beforeEach(async () => {
  chromium = await Chromium.start();
  portal.pages.clear();
  portal.requests.length = 0;
  portal.pages.set("/other", { content: "<h1>Other</h1>" });
});
afterEach(() => chromium.stop());

const open = (path: string): Promise<void> => chromium.open(portal.at(path));
const drafts = (): Promise<string[]> => chromium.value("Object.keys(localStorage).sort()");

const FORM = (attributes: string, note: string): string => `<details><summary>Act</summary>
<form id="form" data-draft="a1" ${attributes} method="post" action="/sent">
  <div data-draft-restored hidden><button type="button" id="discard" data-draft-discard>Discard</button></div>
  <input type="hidden" name="token" value="hidden">
  <textarea id="note" name="note">${note}</textarea>
  <input id="none" name="none" data-no-draft>
  <input type="radio" id="yes" name="answer" value="yes"><input type="radio" id="no" name="answer" value="no">
  <select id="unit" name="unit"><option value="">-</option><option value="roads">Roads</option></select>
  <button id="send" name="act" value="send">Send</button>
</form></details>`;
const TYPE = `(() => {
  document.querySelector("details").open = true;
  for (const [id, text] of [["note", "A hole in the street"], ["none", "not kept"]]) {
    const field = document.getElementById(id);
    field.focus();
    document.execCommand("insertText", false, text);
  }
  document.getElementById("no").click();
  unit.value = "roads";
  unit.dispatchEvent(new Event("change", { bubbles: true }));
})()`;
const FIELDS = `[note.value, none.value, yes.checked, no.checked, unit.value]`;

test("what was typed comes back, until its officer discards it", async () => {
  portal.pages.set("/report", { content: FORM("", "") });
  await open("/report");
  await chromium.value(TYPE);
  await open("/other");
  assert.deepEqual(await drafts(), ["draft:a1"]);
  assert.ok(!(await chromium.value<string>("localStorage['draft:a1']")).includes("hole"));
  await open("/report");
  await chromium.until("!document.querySelector('[data-draft-restored]').hidden");
  assert.deepEqual(await chromium.value(FIELDS), ["A hole in the street", "", false, true, "roads"]);
  assert.equal(await chromium.value("document.querySelector('details').open"), true);
  await chromium.value("discard.click()");
  assert.deepEqual(await chromium.value(FIELDS), ["", "", false, false, ""]);
  assert.deepEqual(await drafts(), []);
});

test("what was typed a moment before the page goes is kept", async () => {
  portal.pages.set("/report", { content: FORM("", "") });
  await open("/report");
  await chromium.value(`${TYPE}, note.focus(), document.execCommand("insertText", false, ", and deep"), location.assign("/other")`);
  await chromium.until("document.querySelector('h1')");
  await open("/report");
  await chromium.until("note.value !== ''");
  assert.equal(await chromium.value("note.value"), "A hole in the street, and deep");
});

test("what the server gives back after an error wins over the draft", async () => {
  portal.pages.set("/report", { content: FORM("", "") });
  portal.pages.set("/again", { content: FORM("data-resent", "as sent") });
  await open("/report");
  await chromium.value(TYPE);
  await open("/again");
  assert.equal(await chromium.value("note.value"), "as sent");
  await open("/report");
  await chromium.until("note.value !== ''");
  assert.equal(await chromium.value("note.value"), "as sent");
});

test("a field that nobody touched is as the server gives it now", async () => {
  portal.pages.set("/report", { content: FORM("", "old summary") });
  await open("/report");
  await chromium.value("yes.click()");
  portal.pages.set("/report", { content: FORM("", "new summary") });
  await open("/report");
  await chromium.until("yes.checked");
  assert.equal(await chromium.value("note.value"), "new summary");
});

test("a draft is gone when its act is done", async () => {
  portal.pages.set("/report", { content: FORM("", "") });
  portal.pages.set("/done", { content: `<p data-draft-done="a1">Done</p>` });
  await open("/report");
  await chromium.value(TYPE);
  await chromium.until("localStorage.length === 1");
  await open("/done");
  await chromium.until("localStorage.length === 0");
});

test("signing out in one tab empties the others, and removes all drafts", async () => {
  const templates = `<template id="signed-out-elsewhere" data-title="Signed out"><h1>Signed out</h1></template>`;
  portal.pages.set("/report", { content: FORM("", "") + templates });
  portal.pages.set("/out", { attributes: "data-signed-out", content: "<h1>Goodbye</h1>" });
  await open("/report");
  await chromium.value(TYPE);
  await chromium.until("localStorage.length === 1");
  const tab = await chromium.currentTab();
  await chromium.toTab(await chromium.newTab());
  await open("/out");
  await chromium.toTab(tab);
  await chromium.until("document.title === 'Signed out'");
  assert.equal(await chromium.value("document.body.innerText.trim()"), "Signed out");
  assert.equal(await chromium.value("document.activeElement.localName"), "h1");
  assert.deepEqual(await drafts(), []);
});

const SESSION = `<section id="session-warning" role="alert" hidden><form method="post" action="/petugas/sesi">
<input type="hidden" name="token" value="a b&amp;c"><button id="stay">Stay</button></form>
<p data-session-final hidden>Ends</p><p data-session-failed hidden>Failed</p></section>
<template id="session-ended" data-title="Ended"><h1>Ended</h1></template>`;
const WARNING = `[document.querySelector("#session-warning").hidden,
  ...["form", "[data-session-final]", "[data-session-failed]"].map((part) => document.querySelector("#session-warning " + part).hidden)]`;

test("a session that ends soon can be extended, in all tabs at once", async () => {
  portal.pages.set("/report", { attributes: `data-session-idle-s="100" data-session-left-s="9000"`, content: SESSION });
  await open("/report");
  const first = await chromium.currentTab();
  await chromium.toTab(await chromium.newTab());
  await open("/report");
  await chromium.until("!document.querySelector('#session-warning').hidden");
  assert.deepEqual(await chromium.value(WARNING), [false, false, true, true]);
  portal.extension = { status: 503, body: {} };
  await chromium.value("stay.click()");
  await chromium.until("!document.querySelector('[data-session-failed]').hidden");
  portal.extension = { status: 200, body: { idle_s: 1800, left_s: 9000 } };
  await chromium.value("stay.click()");
  await chromium.until("document.querySelector('#session-warning').hidden");
  assert.ok(portal.requests.includes("POST /petugas/sesi token=a+b%26c"));
  await chromium.toTab(first);
  await chromium.until("document.querySelector('#session-warning').hidden");
});

test("a session that has ended leaves nothing on the page but the drafts in the storage", async () => {
  portal.pages.set("/report", { attributes: `data-session-idle-s="1800" data-session-left-s="3"`, content: FORM("", "") + SESSION });
  await open("/report");
  await chromium.until("!document.querySelector('#session-warning').hidden");
  assert.deepEqual(await chromium.value(WARNING), [false, true, false, true]);
  await chromium.value(TYPE);
  await chromium.until("document.title === 'Ended'");
  assert.equal(await chromium.value("document.body.innerText.trim()"), "Ended");
  assert.deepEqual(await drafts(), ["draft:a1"]);
});

test("a form is sent once, with its button's value", async () => {
  portal.pages.set("/report", { content: FORM("data-once", "").replace("/sent", "/held") });
  await open("/report");
  // The second click comes when the first request has come, and its answer has not: before, browsers send only one in any case.
  await chromium.value(`(send.click(), disabled = send.getAttribute("aria-disabled"), (async () => {
    while (!(await (await fetch("/requests")).text()).includes("POST /held")) { }
    send.click();
    await fetch("/go");
    location.hash = "done";
  })(), 0)`);
  await chromium.until("location.hash === '#done'");
  assert.equal(await chromium.value("disabled"), "true");
  const sent = portal.requests.filter((request) => request.startsWith("POST"));
  assert.equal(sent.length, 1);
  assert.match(sent[0] ?? "", /act=send/);
});

test("a sentence is inserted where the cursor is, and can be undone", async () => {
  portal.pages.set("/report", {
    content: `<button type="button" id="insert" data-insert="Work at [street]." data-into="note">Work</button>
<textarea id="note">Now.</textarea>`,
  });
  await open("/report");
  await chromium.value("insert.click()");
  assert.equal(await chromium.value("note.value"), "Now. Work at [street].");
  assert.equal(await chromium.value("note.value.slice(note.selectionStart, note.selectionEnd)"), "[street]");
  await chromium.value(`document.execCommand("undo")`);
  assert.equal(await chromium.value("note.value"), "Now.");
});

test("a filter leaves the options that fit, and what is chosen", async () => {
  portal.pages.set("/report", {
    content: `<div hidden><label for="search" hidden>Find</label><input type="search" id="search" data-filters="unit" hidden></div>
<p id="count" data-filter-count="unit" data-text="{n} fit"></p><form id="form"><select id="unit" name="unit" size="5">
<optgroup label="Centre"><option value="a">Dinas Bina Marga</option></optgroup><option value="b" data-words="lampu">Dinas Perhubungan</option>
<option value="c">Dinas Kesehatan</option></select></form>`,
  });
  await open("/report");
  await chromium.until("search.offsetParent");
  const left = (): Promise<string> =>
    chromium.value(`[Array.from(unit.options, (option) => option.value).join(""), unit.value, count.textContent].join("/")`);
  await chromium.type("#search", "dbm");
  assert.equal(await left(), "a//1 fit");
  await chromium.type("#search", "\uE007");
  assert.equal(await left(), "a/a/1 fit", "Enter chooses the first, and sends nothing");
  await chromium.value("search.select()");
  await chromium.type("#search", "lamp");
  assert.equal(await left(), "ab/a/1 fit");
  await chromium.value("form.reset()");
  assert.equal(await left(), "abc//3 fit");
});

test("a photo is loaded on a click, and its link comes back where it cannot be", async () => {
  portal.pages.set("/report", {
    content: `<button type="button" id="all" data-photos-show="g" hidden>All</button><ul data-photos="g">
<li><a data-photo href="/photo" data-alt="A hole">Show</a></li>
<li><a data-photo href="/no-photo">Show</a><p id="failed" data-photo-failed hidden>Failed</p></li></ul>`,
  });
  await open("/report");
  await chromium.until("!document.getElementById('all').hidden");
  assert.ok(!portal.requests.some((request) => request.includes("photo")));
  await chromium.value("document.getElementById('all').click()");
  await chromium.until("!failed.hidden && !document.querySelector('figure[aria-busy]')");
  assert.equal(await chromium.value("document.querySelector('figure img').alt"), "A hole");
  assert.equal(await chromium.value("document.querySelectorAll('a[data-photo]').length"), 1);
});

test("a map is drawn without HTML from strings, and without anything that the policy refuses", async () => {
  portal.pages.set("/report", {
    content: `<div class="map" data-map hidden data-lat="-6.1753" data-lon="106.8272" data-accuracy-m="60" data-outlines="/outlines"
data-tiles="/tile/{z}/{x}/{y}" data-attribution="City" data-label="Place" data-zoom-in="In"
data-zoom-out="Out"><span data-point data-lat="-6.176" data-lon="106.828" data-name="<b>Other</b>"></span></div>`,
  });
  await open("/report");
  await chromium.until("document.querySelector('.map-outline') && document.querySelector('.leaflet-tile-loaded')");
  for (const part of ["outline", "other"]) {
    await chromium.value(`document.querySelector(".map-${part}").dispatchEvent(new MouseEvent("mouseover", { bubbles: true }))`);
  }
  assert.deepEqual(await chromium.value("Array.from(document.querySelectorAll('.leaflet-tooltip'), (t) => t.textContent).sort()"), [
    "<b>Gambir</b>",
    "<b>Other</b>",
  ]);
  for (const name of ["Out", "Out", "In"]) {
    await chromium.value(`document.querySelector("[aria-label=${name}]").click()`);
    await chromium.until("!document.querySelector('.leaflet-zoom-anim')");
  }
  await chromium.type(".map-canvas", "\uE012\uE013+-");
  assert.deepEqual(await chromium.complaints(), []);
});

test("a place is chosen on a map with the keyboard, and follows what is typed", async () => {
  portal.pages.set("/report", {
    content: `<form data-draft="place"><div class="map" data-map data-map-pick hidden data-lat="-6.1753" data-lon="106.8272"
data-lat-input="lat" data-lon-input="lon" data-picked-text="{lat} {lon}"></div><input id="lat" name="lat"><input id="lon" name="lon"></form>`,
  });
  await open("/report");
  await chromium.until("document.querySelector('.map-canvas')");
  assert.equal(await chromium.value("document.querySelectorAll('.map-point').length"), 0);
  await chromium.type(".map-canvas", "\uE007");
  assert.deepEqual(await chromium.value("[lat.value, lon.value]"), ["-6.17530", "106.82720"]);
  assert.equal(await chromium.value("document.querySelector('[role=status]').textContent"), "-6.17530 106.82720");
  assert.equal(await chromium.value("document.querySelectorAll('.map-point').length"), 1);
  await chromium.until("localStorage.length === 1");
  await chromium.value(`(lat.value = "", lat.dispatchEvent(new Event("input", { bubbles: true })))`);
  assert.equal(await chromium.value("document.querySelectorAll('.map-point').length"), 0);
});

test("a page that comes back from the browser's memory is emptied and loaded anew", async () => {
  portal.pages.set("/report", { content: "<h1>Report</h1>" });
  await open("/report");
  await chromium.until("document.querySelector('h1')");
  const shown = await chromium.value(
    `(dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })), document.body.children.length)`,
  );
  assert.equal(shown, 0);
  await chromium.until("document.querySelector('h1')");
  assert.equal(portal.requests.filter((request) => request === "GET /report").length, 2);
});
