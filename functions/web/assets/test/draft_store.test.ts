import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DRAFT_LIFE_MS,
  type DraftStorage,
  MOST_DRAFTS,
  decrypt,
  encrypt,
  read,
  remove,
  removeAll,
  removeOld,
  write,
} from "../src/draft_store";
import { readKey } from "../src/sealing";

const NOW = 1_700_000_000_000;
const VALUES = new Map<string, string | boolean | string[]>([
  ["note#0", "Lubang di depan Jl. Melati 3, sudah diukur – 40 cm"],
  ["reason=duplicate#0", true],
  ["unit#0", ["dbm"]],
]);

/** A storage with room for so many characters. */
function storage(room = Infinity): DraftStorage & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    setItem: (key, value) => {
      const used = [...entries].reduce((sum, [other, text]) => sum + (other === key ? 0 : text.length), 0);
      if (used + value.length > room) throw new Error("QuotaExceededError");
      entries.set(key, value);
    },
    removeItem: (key) => void entries.delete(key),
  };
}

/** A key of 32 such bytes, as a page holds it under such a mask. */
function page(byte: number, mask: number): string {
  return Buffer.concat([Buffer.alloc(32, mask), Buffer.alloc(32, byte ^ mask)]).toString("base64");
}

async function keyOf(byte: number): Promise<CryptoKey> {
  const key = await readKey(page(byte, 9));
  assert.ok(key !== undefined);
  return key;
}

const at = (ms: number): string => JSON.stringify({ at: ms, iv: "", values: "" });

test("a draft comes back as it was saved", async () => {
  const key = await keyOf(1);
  assert.deepEqual(await decrypt(key, "a1", await encrypt(key, "a1", VALUES, NOW), NOW + 1), VALUES);
});

test("what is stored shows nothing of the draft, and is never the same twice", async () => {
  const key = await keyOf(1);
  const [one, other] = [await encrypt(key, "a1", VALUES, NOW), await encrypt(key, "a1", VALUES, NOW)];
  assert.notEqual(one, other);
  for (const word of ["Melati", "note", "dbm"]) assert.ok(!atob(JSON.parse(one).values).includes(word), word);
  assert.deepEqual(Object.keys(JSON.parse(one)), ["at", "iv", "values"]);
});

test("another officer's key does not decrypt a draft", async () => {
  const text = await encrypt(await keyOf(1), "a1", VALUES, NOW);
  assert.equal(await decrypt(await keyOf(2), "a1", text, NOW), undefined);
});

test("a draft is not restored into another form", async () => {
  const key = await keyOf(1);
  assert.equal(await decrypt(key, "b2", await encrypt(key, "a1", VALUES, NOW), NOW), undefined);
});

test("a draft that was changed is not restored", async () => {
  const key = await keyOf(1);
  const stored = JSON.parse(await encrypt(key, "a1", VALUES, NOW));
  const bytes = Buffer.from(stored.values, "base64");
  bytes.writeUInt8(bytes.readUInt8(5) ^ 1, 5);
  assert.equal(await decrypt(key, "a1", JSON.stringify({ ...stored, values: bytes.toString("base64") }), NOW), undefined);
  for (const text of ["", "null", "{}", "[]", "7", '{"at":1}']) assert.equal(await decrypt(key, "a1", text, NOW), undefined);
});

test("a draft is restored for seven days", async () => {
  const key = await keyOf(1);
  const text = await encrypt(key, "a1", VALUES, NOW);
  assert.ok(await decrypt(key, "a1", text, NOW + DRAFT_LIFE_MS));
  assert.equal(await decrypt(key, "a1", text, NOW + DRAFT_LIFE_MS + 1), undefined);
});

test("drafts are removed when they are old, from a wrong clock, or none", () => {
  const kept = storage();
  kept.setItem("draft:new", at(NOW - DRAFT_LIFE_MS));
  kept.setItem("draft:old", at(NOW - DRAFT_LIFE_MS - 1));
  kept.setItem("draft:future", at(NOW + 2 * 24 * 60 * 60 * 1000));
  kept.setItem("draft:none", "{");
  kept.setItem("else", "{");
  removeOld(kept, NOW);
  assert.deepEqual([...kept.entries.keys()], ["draft:new", "else"]);
});

test("the oldest drafts make room for a new one", () => {
  const kept = storage();
  for (let i = 0; i < MOST_DRAFTS; i += 1) write(kept, `n${i}`, at(NOW + ((i + 30) % MOST_DRAFTS)));
  write(kept, "n3", at(NOW + 100));
  assert.equal(kept.length, MOST_DRAFTS, "one that is there takes no room");
  write(kept, "new", at(NOW + 101));
  assert.equal(kept.length, MOST_DRAFTS);
  assert.equal(read(kept, "n30"), undefined, "the oldest");
  assert.ok(read(kept, "n31"));
});

test("a full storage loses its oldest drafts, and nothing else", () => {
  const one = at(NOW).length;
  const kept = storage(3 * one);
  kept.setItem("else", "x".repeat(one));
  write(kept, "a", at(NOW + 1));
  write(kept, "b", at(NOW));
  write(kept, "c", at(NOW + 2));
  assert.deepEqual([...kept.entries.keys()], ["else", "draft:a", "draft:c"]);
  write(kept, "d", "x".repeat(9 * one));
  assert.deepEqual([...kept.entries.keys()], ["else"], "what has no room is not stored, and no error");
});

test("drafts are removed one by one and all at once", () => {
  const kept = storage();
  for (const name of ["a", "b", "c"]) write(kept, name, at(NOW));
  kept.setItem("else", "");
  remove(kept, "b");
  assert.deepEqual([...kept.entries.keys()], ["draft:a", "draft:c", "else"]);
  removeAll(kept);
  assert.deepEqual([...kept.entries.keys()], ["else"]);
});

test("a draft is read on a page with another mask", async () => {
  const text = await encrypt(await keyOf(1), "a1", VALUES, NOW);
  const key = await readKey(page(1, 77));
  assert.ok(key !== undefined);
  assert.deepEqual(await decrypt(key, "a1", text, NOW + 1), VALUES);
});

test("a key of another length is none", async () => {
  for (const base64 of ["", "AAAA", "not base64!"]) assert.equal(await readKey(base64), undefined);
});
