import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Memory } from "../src/device";
import { type Entry, Outbox } from "../src/outbox";
import { OwnDevice } from "../src/own_device";
import { answerOf } from "../src/portal_calls";
import { NoAnswer } from "../src/upload";

Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });

/** The portal as a page has it: it notes the texts that were sent, and answers what it is told. */
class Portal {
  readonly texts: (string | null)[] = [];
  answers: [number, string][] = [];
  /** What happens while a form is on its way. */
  meanwhile: () => Promise<void> = async () => undefined;

  constructor(t: TestContext) {
    const answer = async (_: string, { body }: { body: URLSearchParams }): Promise<Response> => {
      this.texts.push(body.get("text"));
      const { meanwhile } = this;
      this.meanwhile = async () => undefined;
      await meanwhile();
      const [status, text] = this.answers.shift() ?? [200, '{"to":"/petugas/meja"}'];
      return new Response(text, { status });
    };
    t.mock.method(globalThis, "fetch", answer);
    Object.assign(globalThis, { document: { querySelector: () => ({ value: "token" }), querySelectorAll: () => [] } });
    t.after(() => Reflect.deleteProperty(globalThis, "document"));
  }
}

class Drafts {
  kept: string | undefined = "draft 1";
  stored = async (): Promise<string | undefined> => this.kept;
  remove = (): void => {
    this.kept = undefined;
  };
}

let forms = 0;

/** A form of another name each time, as the photos of one are the page's. */
function entry(text: string, at = 1, form = `form ${(forms += 1)}`): Entry {
  const page = "/petugas/laporan/1";
  const fields: [string, string][] = [["version", "v1"], ["text", text]];
  return { form, at, title: "TL", page, anchor: "", action: `${page}/post_tl`, fields, version: "v1", draft: "draft 1", refused: undefined };
}

async function newDevice(end?: AbortSignal): Promise<OwnDevice> {
  const key = (await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])) as CryptoKey;
  return new OwnDevice(new Memory(), key, end);
}

const jpeg = (): File => new File([new Uint8Array([0xff, 0xd8, 0xff, 1])], "a.jpg");

test("a form that was sent goes with its draft", async (t) => {
  const [portal, drafts] = [new Portal(t), new Drafts()];
  const outbox = new Outbox(await newDevice(), drafts);
  const sent = entry("text");
  await outbox.put(sent);
  assert.deepEqual(await outbox.send(sent.form), { state: "done", to: "/petugas/meja", isUnchanged: true });
  assert.deepEqual(portal.texts, ["text"]);
  assert.deepEqual([await outbox.entries(), drafts.kept], [[], undefined]);
});

test("a text that is corrected while photos are on their way is sent in the place of the old one", async (t) => {
  const portal = new Portal(t);
  const outbox = new Outbox(await newDevice(), new Drafts());
  const old = entry("old");
  await outbox.put(old);
  const upload = gate();
  void outbox.photos(old).take(() => upload.opened);
  const sending = outbox.send(old.form);
  await outbox.put(entry("corrected", 2, old.form));
  upload.open();
  assert.equal((await sending).state, "done");
  assert.deepEqual(portal.texts, ["corrected"]);
});

test("a text that is corrected while the old one is on its way is sent too, and stays until it is answered", async (t) => {
  const [portal, drafts] = [new Portal(t), new Drafts()];
  const outbox = new Outbox(await newDevice(), drafts);
  const old = entry("old");
  await outbox.put(old);
  portal.meanwhile = () => outbox.put(entry("corrected", 2, old.form));
  portal.answers = [[200, "{}"], [412, '{"detail":"changed"}']];
  assert.equal((await outbox.send(old.form)).state, "refused");
  assert.deepEqual(portal.texts, ["old", "corrected"]);
  assert.deepEqual((await outbox.entries()).map(({ at, refused }) => [at, refused]), [[2, "changed"]]);
  assert.equal(drafts.kept, "draft 1");
});

test("a refusal of the old text does not take the place of the corrected one", async (t) => {
  const portal = new Portal(t);
  const outbox = new Outbox(await newDevice(), new Drafts());
  const old = entry("old");
  await outbox.put(old);
  portal.meanwhile = () => outbox.put(entry("corrected", 2, old.form));
  portal.answers = [[422, '{"detail":"too short"}']];
  assert.equal((await outbox.send(old.form)).state, "done");
  assert.deepEqual(portal.texts, ["old", "corrected"]);
});

test("what was typed since a form was kept stays when it is sent", async (t) => {
  const [, drafts] = [new Portal(t), new Drafts()];
  const outbox = new Outbox(await newDevice(), drafts);
  const sent = entry("text");
  await outbox.put(sent);
  drafts.kept = "draft 2";
  const outcome = await outbox.send(sent.form);
  assert.ok(outcome.state === "done" && !outcome.isUnchanged);
  assert.deepEqual([await outbox.entries(), drafts.kept], [[], "draft 2"]);
});

test("a form that is deleted while its photos are on their way is not sent", async (t) => {
  const [portal, drafts] = [new Portal(t), new Drafts()];
  const own = await newDevice();
  const outbox = new Outbox(own, drafts);
  const deleted = entry("text");
  await outbox.put(deleted);
  const photos = outbox.photos(deleted);
  await photos.add(jpeg(), "before");
  const upload = gate();
  void photos.take(() => upload.opened);
  const sending = outbox.send(deleted.form);
  await outbox.discard(deleted);
  upload.open();
  assert.equal((await sending).state, "gone");
  assert.deepEqual(portal.texts, []);
  assert.deepEqual([await own.all("outbox"), await own.all("photos"), drafts.kept], [[], [], undefined]);
});

test("a refusal without words is a refusal, and no form waits behind it", async (t) => {
  const portal = new Portal(t);
  const outbox = new Outbox(await newDevice(), new Drafts());
  const refused = entry("text");
  await outbox.put(refused);
  portal.answers = [[413, "<html></html>"]];
  assert.deepEqual(await outbox.send(refused.form), { state: "refused", isOfPhoto: false });
  assert.deepEqual((await outbox.entries()).map((kept) => kept.refused), [""]);
  for (const [status, text] of [[200, "<html></html>"], [503, "{}"], [429, "{}"], [408, ""], [401, "{}"]] as const) {
    assert.throws(() => answerOf(status, text), NoAnswer);
  }
});

test("when the page loses its key what is kept stays, for the next page", async (t) => {
  const portal = new Portal(t);
  const end = new AbortController();
  const key = (await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])) as CryptoKey;
  const device = new Memory();
  const outbox = new Outbox(new OwnDevice(device, key, end.signal), new Drafts());
  const kept = entry("text");
  await outbox.put(kept);
  const photos = outbox.photos(kept);
  await photos.add(jpeg(), "before");
  const upload = gate();
  void photos.take(() => upload.opened);
  const sending = outbox.send(kept.form);
  await new Promise((done) => setTimeout(done, 5));
  end.abort();
  upload.open();
  assert.equal((await sending).state, "signed-out");
  assert.deepEqual(portal.texts, []);
  const next = new OwnDevice(device, key);
  assert.equal((await next.all("outbox")).length, 1);
  assert.equal((await next.all("photos", kept.form)).length, 1);
});

function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((done) => (open = done));
  return { opened, open: () => open() };
}
