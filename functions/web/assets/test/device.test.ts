import assert from "node:assert/strict";
import { test } from "node:test";
import { LIFE_MS, Memory, PLACES, WithMemory, removeOld } from "../src/device";
import { OwnDevice } from "../src/own_device";
import { type Sealed, readKey, seal, sealJson, unseal, unsealJson } from "../src/sealing";

const NOW = 1_700_000_000_000;
const VALUES = [["note#0", "Lubang di depan Jl. Melati 3, sudah diukur – 40 cm"], ["unit#0", ["dbm"]]];

/** A key of 32 such bytes, as a page holds it under such a mask. */
function page(byte: number, mask: number): string {
  return Buffer.concat([Buffer.alloc(32, mask), Buffer.alloc(32, byte ^ mask)]).toString("base64");
}

async function keyOf(byte: number, mask = 9): Promise<CryptoKey> {
  const key = await readKey(page(byte, mask));
  assert.ok(key !== undefined);
  return key;
}

const at = (ms: number): Sealed => ({ at: ms, iv: new Uint8Array(12), data: new ArrayBuffer(0) });

test("what is kept comes back as it was, on a page with another mask too", async () => {
  const sealed = await sealJson(await keyOf(1), "drafts a1", VALUES, NOW);
  assert.deepEqual(await unsealJson(await keyOf(1, 77), "drafts a1", sealed), VALUES);
});

test("what is kept shows nothing, and is never the same twice", async () => {
  const key = await keyOf(1);
  const [one, other] = [await sealJson(key, "a1", VALUES, NOW), await sealJson(key, "a1", VALUES, NOW)];
  assert.notDeepEqual(Buffer.from(one.data), Buffer.from(other.data));
  for (const word of ["Melati", "note", "dbm"]) assert.ok(!Buffer.from(one.data).toString("latin1").includes(word), word);
  assert.deepEqual(Object.keys(one), ["at", "iv", "data"]);
});

test("neither another officer's key nor another place opens it, nor does it open once changed", async () => {
  const key = await keyOf(1);
  const sealed = await seal(key, "photos a1/x", Buffer.from("bytes"), NOW);
  assert.equal(await unseal(await keyOf(2), "photos a1/x", sealed), undefined);
  assert.equal(await unseal(key, "photos b2/x", sealed), undefined);
  const changed = new Uint8Array(sealed.data.slice(0));
  changed[0] = (changed[0] ?? 0) ^ 1;
  assert.equal(await unseal(key, "photos a1/x", { ...sealed, data: changed.buffer }), undefined);
  assert.equal(Buffer.from((await unseal(key, "photos a1/x", sealed)) ?? new ArrayBuffer(0)).toString(), "bytes");
});

test("of what others keep an officer learns not even that it is there", async () => {
  const device = new Memory();
  const [own, other] = [new OwnDevice(device, await keyOf(1)), new OwnDevice(device, await keyOf(2))];
  await other.write("outbox", "b2", { title: "theirs" });
  await own.write("outbox", "a1", { title: "mine" });
  assert.deepEqual(await own.all("outbox"), [{ title: "mine" }]);
  assert.equal(await own.read("outbox", "b2"), undefined);
});

test("a key of another length is none", async () => {
  for (const base64 of ["", "AAAA", "not base64!"]) assert.equal(await readKey(base64), undefined);
});

test("what is old, or from a wrong clock, is removed, a photo with its bytes", async () => {
  const device = new Memory();
  for (const place of ["outbox", "photos"] as const) {
    await device.put([
      [place, "new", at(NOW - LIFE_MS)],
      [place, "old", at(NOW - LIFE_MS - 1)],
      [place, "future", at(NOW + 2 * 24 * 60 * 60 * 1000)],
    ]);
  }
  for (const name of ["new", "old"]) await device.put([["pictures", name, at(0)]]);
  await removeOld(device, NOW);
  for (const place of PLACES) assert.deepEqual((await device.all(place)).map(([name]) => name), ["new"], place);
});

test("a form goes with all that belongs to it, and nothing else", async () => {
  const device = new Memory();
  const own = new OwnDevice(device, await keyOf(1));
  for (const form of ["a", "ab"]) {
    await own.write("outbox", form, "form");
    await own.write("photos", `${form}/1`, "photo", ["pictures", new ArrayBuffer(3)]);
  }
  assert.deepEqual(await own.all("photos", "a"), ["photo"]);
  await own.removeForm("a");
  for (const place of PLACES) assert.deepEqual((await device.all(place)).map(([name]) => name[0] + name.slice(1, 2)), ["ab"], place);
});

test("what the database does not take is there all the same, newer than what it has, and goes like all else", async () => {
  const disk = new Memory();
  const device = new WithMemory(disk);
  await device.put([["photos", "a/1", at(1)], ["photos", "a/2", at(1)]]);
  const full = Promise.reject(new Error("full"));
  full.catch(() => undefined);
  disk.put = () => full;
  await device.put([["photos", "a/1", at(2)], ["photos", "a/3", at(2)]]);
  assert.equal((await device.get("photos", "a/1"))?.at, 2);
  const kept = await device.all("photos", "a");
  assert.deepEqual(kept.map(([name, { at }]) => [name, at]), [["a/1", 2], ["a/2", 1], ["a/3", 2]]);
  // There is room again: what is in memory is not to hide it.
  disk.put = Memory.prototype.put;
  await device.put([["photos", "a/1", at(3)]]);
  assert.equal((await device.get("photos", "a/1"))?.at, 3);
  await device.removeForm("a");
  assert.deepEqual(await device.all("photos"), []);
  // A private window, where none can be opened.
  for (const call of ["get", "all", "put", "remove", "removeForm"] as const) disk[call] = () => full;
  await device.put([["outbox", "a", at(4)]]);
  assert.deepEqual((await device.all("outbox")).map(([name]) => name), ["a"]);
  await device.remove("outbox", "a");
  assert.equal(await device.get("outbox", "a"), undefined);
});
