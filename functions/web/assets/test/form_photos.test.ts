import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory, type Place } from "../src/device";
import { FormPhotos, moveForms } from "../src/form_photos";
import { OwnDevice } from "../src/own_device";
import type { Sealed } from "../src/sealing";
import { sha256 } from "../src/upload";

// Node 20 has none; the page's has no locks in old browsers either.
Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true, writable: true });

const JPEG = [0xff, 0xd8, 0xff];

async function newKey(): Promise<CryptoKey> {
  return (await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"])) as CryptoKey;
}

function jpeg(byte: number): File {
  return new File([new Uint8Array([...JPEG, byte])], `${byte}.jpg`);
}

/** A device that writes, and gives what it has read, when it is told to. */
class Slow extends Memory {
  /** Gives what was read. */
  give: (() => void) | undefined;
  isSlowToRead = false;
  /** Does what is to be written. */
  write: (() => void) | undefined;
  isSlow = true;

  override async put(entries: readonly (readonly [Place, string, Sealed])[]): Promise<void> {
    if (this.isSlow) await new Promise<void>((done) => (this.write = done));
    await super.put(entries);
  }

  override async all(place: Place, form?: string): Promise<[string, Sealed][]> {
    const read = await super.all(place, form);
    if (this.isSlowToRead) await new Promise<void>((done) => (this.give = done));
    return read;
  }
}

test("a photo that is being kept while what is kept is read is not lost", async () => {
  const device = new Slow();
  const own = new OwnDevice(device, await newKey());
  const photos = new FormPhotos(own, "a", "/petugas/laporan/1");
  const adding = photos.add(jpeg(1), "before");
  await until(() => device.write !== undefined);
  // As each minute, and when the line is back.
  await photos.carryOn();
  device.write?.();
  const added = await adding;
  assert.ok(typeof added !== "string");
  assert.deepEqual((await photos.list()).map(({ id }) => id), [added.id]);
  assert.deepEqual(((await own.all("photos", "a")) as { id: string }[]).map(({ id }) => id), [added.id]);
  assert.equal((await photos.bytes(added))?.size, 4);
});

test("a photo that was kept after what is kept was read is not lost, nor does one come back that was removed", async () => {
  const device = new Slow();
  device.isSlow = false;
  const photos = new FormPhotos(new OwnDevice(device, await newKey()), "a", "/petugas/laporan/1");
  const first = await photos.add(jpeg(1), "before");
  assert.ok(typeof first !== "string");
  device.isSlowToRead = true;
  const carrying = photos.carryOn();
  await until(() => device.give !== undefined);
  const second = await photos.add(jpeg(2), "before");
  assert.ok(typeof second !== "string");
  await photos.remove(first.id);
  device.give?.();
  await carrying;
  assert.deepEqual((await photos.list()).map(({ id, state }) => [id === second.id, state]), [[false, "removed"], [true, "waiting"]]);
});

test("nothing is sent before all files that were chosen are kept", async () => {
  const device = new Slow();
  device.isSlow = false;
  const photos = new FormPhotos(new OwnDevice(device, await newKey()), "a", "/petugas/laporan/1");
  const kept: string[] = [];
  const taking = photos.take(async () => {
    for (const byte of [1, 2, 3]) {
      await photos.add(jpeg(byte), "before");
      kept.push(`${byte}`);
    }
  });
  let isCarriedOn = false;
  const carrying = photos.carryOn().then(() => (isCarriedOn = true));
  await taking;
  assert.ok(!isCarriedOn);
  assert.deepEqual(kept, ["1", "2", "3"]);
  await carrying;
  assert.equal((await photos.list()).length, 3);
});

test("a photo that was made small when it was chosen is declared by the bytes that are sent", async () => {
  const restore = drawingBrowser(new Uint8Array([...JPEG, 7]));
  try {
    const photos = new FormPhotos(new OwnDevice(new Memory(), await newKey()), "a", "/petugas/laporan/1");
    const large = new Uint8Array(40 * 1024 * 1024 + 1);
    large.set(JPEG);
    const added = await photos.add(new File([large], "large.jpg"), "before");
    assert.ok(typeof added !== "string");
    const bytes = await photos.bytes(added);
    assert.ok(bytes !== undefined);
    assert.deepEqual([added.size, added.sha256], [bytes.size, await sha256(await bytes.arrayBuffer())]);
    assert.equal(added.source, await sha256(large.buffer));
  } finally {
    restore();
  }
});

test("of one upload one tab asks, and the other has its answer", async (t) => {
  let questions = 0;
  t.mock.method(globalThis, "setTimeout", (act: () => void) => setImmediate(act));
  t.mock.method(globalThis, "fetch", async () => {
    questions += 1;
    return Response.json({ photos: [{ photo: "p", state: "ready" }], uploads: [], version: "v2" });
  });
  const page = { querySelector: () => ({ value: "token" }), querySelectorAll: () => [] };
  Object.assign(globalThis, { document: page, navigator: { locks: locks() } });
  t.after(() => {
    Reflect.deleteProperty(globalThis, "document");
    Object.assign(globalThis, { navigator: {} });
  });
  const own = new OwnDevice(new Memory(), await newKey());
  const chosen = await new FormPhotos(own, "a", "/petugas/laporan/1").add(jpeg(1), "before");
  assert.ok(typeof chosen !== "string");
  const sent = { ...chosen, isWhole: false, state: "checking", photo: "p", version: "v1", led: "v2" };
  const states = async (): Promise<string[]> => {
    const tabs = [1, 2].map(() => new FormPhotos(own, "a", "/petugas/laporan/1"));
    await Promise.all(tabs.map((tab) => tab.carryOn()));
    return (await Promise.all(tabs.map((tab) => tab.list()))).flat().map(({ state }) => state);
  };
  await own.write("photos", `a/${sent.id}`, { ...sent, asked: Date.now() });
  assert.deepEqual([await states(), questions], [["checking", "checking"], 0]);
  await own.write("photos", `a/${sent.id}`, sent);
  assert.deepEqual([await states(), questions], [["ready", "ready"], 1]);
});

test("a picture of the camera is declared with its nonce while another photo is being sent", async (t) => {
  const done: string[] = [];
  let version = 1;
  t.mock.method(globalThis, "fetch", async (_: string, { body }: { body: URLSearchParams }) => {
    done.push(`${body.get("kind")} ${body.get("camera")} ${body.get("version")}`);
    const target = { url: "u", method: "PUT", headers: {}, expires_in: 900 };
    return Response.json({ photos: [{ photo: "p", state: "pending", live: body.has("camera") }], uploads: [target], version: `v${(version += 1)}` });
  });
  // An upload that never ends.
  class Request extends EventTarget {
    readonly upload = new EventTarget();
    open(): void {}
    setRequestHeader(): void {}
    send(): void {
      done.push("sent");
    }
  }
  const page = { querySelector: () => ({ value: "token" }), querySelectorAll: () => [] };
  Object.assign(globalThis, { document: page, XMLHttpRequest: Request, window: { setTimeout: () => 0 }, navigator: { locks: locks() } });
  t.after(() => {
    ["document", "XMLHttpRequest", "window"].forEach((name) => Reflect.deleteProperty(globalThis, name));
    Object.assign(globalThis, { navigator: {} });
  });
  const own = new OwnDevice(new Memory(), await newKey());
  const photos = new FormPhotos(own, "a", "/petugas/laporan/1");
  const form = { version: "v1" };
  photos.versioned.push(form);
  await photos.add(jpeg(1), "before");
  void photos.carryOn();
  await until(() => done.includes("sent"));
  const picture = await photos.add(jpeg(2), "after", false);
  assert.ok(typeof picture !== "string" && picture.isLive === undefined);
  await photos.declare(picture.id, "n");
  // In the order in which they came, each for the version that the one before led to.
  assert.deepEqual([done, form.version], [["before null v1", "sent", "after n v2"], "v3"]);
  const kept = (await own.all("photos", "a")) as { kind: string; isLive: boolean }[];
  assert.deepEqual(new Map(kept.map(({ kind, isLive }) => [kind, isLive])), new Map([["before", false], ["after", true]]));
});

test("an upload ends with the page's session", async (t) => {
  const done: string[] = [];
  class Request extends EventTarget {
    readonly upload = new EventTarget();
    readonly status = 0;
    open(): void {}
    send(): void {
      done.push("sent");
    }
    abort(): void {
      done.push("aborted");
      this.dispatchEvent(new Event("loadend"));
    }
  }
  Object.assign(globalThis, { XMLHttpRequest: Request, window: { setTimeout: () => 0 } });
  t.after(() => ["XMLHttpRequest", "window"].forEach((name) => Reflect.deleteProperty(globalThis, name)));
  const [device, key, end] = [new Memory(), await newKey(), new AbortController()];
  const own = new OwnDevice(device, key, end.signal);
  const chosen = await new FormPhotos(own, "a", "/petugas/laporan/1").add(jpeg(1), "before");
  assert.ok(typeof chosen !== "string");
  const target = { url: "u", method: "PUT", headers: {} };
  const known = { ...chosen, isWhole: false, photo: "p", version: "v1", target, until: Date.now() + 900_000 };
  await own.write("photos", `a/${known.id}`, known);
  const photos = new FormPhotos(own, "a", "/petugas/laporan/1");
  const sending = photos.carryOn();
  await until(() => done.length > 0);
  end.abort();
  await sending;
  assert.deepEqual(done, ["sent", "aborted"]);
  // The page opens nothing more, and the next one goes on.
  assert.deepEqual(await own.all("photos"), []);
  assert.equal((await new OwnDevice(device, key).all("photos")).length, 1);
});

test("a form that was sent or deleted leaves none of its photos, and says so to their cards", async () => {
  const own = new OwnDevice(new Memory(), await newKey());
  const photos = new FormPhotos(own, "a", "/petugas/laporan/1");
  await photos.add(jpeg(1), "before");
  const heard: string[] = [];
  photos.heard = ({ state }) => heard.push(state);
  await photos.forget();
  assert.deepEqual(heard, ["removed"]);
  assert.deepEqual(await own.all("photos", "a"), []);
  // The same file can be chosen again.
  assert.ok(typeof (await photos.add(jpeg(1), "before")) !== "string");
});

test("the other forms of a report follow its version, and no other report's", () => {
  const input = (value: string, action: string) => ({ value, form: { action: `https://portal.test${action}` } });
  const inputs = [input("v1", "/petugas/laporan/1/return"), input("v0", "/petugas/laporan/1/plan"), input("v1", "/petugas/laporan/12/plan")];
  moveForms({ querySelectorAll: () => inputs } as unknown as Document, "/petugas/laporan/1", "v1", "v2");
  assert.deepEqual(inputs.map(({ value }) => value), ["v2", "v0", "v1"]);
});

/** As the browser's: whoever comes later waits for whoever has the same name. */
function locks(): { request: (name: string, act: () => Promise<unknown>) => Promise<unknown> } {
  const held = new Map<string, Promise<unknown>>();
  return {
    request: (name, act) => {
      const turn = (held.get(name) ?? Promise.resolve()).then(act);
      held.set(name, turn.catch(() => undefined));
      return turn;
    },
  };
}

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((done) => setTimeout(done, 1));
}

/** What of a browser draws a large picture in the size that is kept. */
function drawingBrowser(drawn: Uint8Array<ArrayBuffer>): () => void {
  const canvas = {
    getContext: () => ({ fillRect: () => undefined, drawImage: () => undefined }),
    toBlob: (done: (blob: Blob) => void) => done(new Blob([drawn], { type: "image/jpeg" })),
  };
  const bitmap = { width: 9000, height: 6000, close: () => undefined };
  Object.assign(globalThis, { createImageBitmap: async () => bitmap, document: { createElement: () => canvas } });
  return () => {
    Reflect.deleteProperty(globalThis, "createImageBitmap");
    Reflect.deleteProperty(globalThis, "document");
  };
}
