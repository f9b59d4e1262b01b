import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPosition, readPosition } from "../src/position";

test("a place is read with a point or a comma", () => {
  assert.deepEqual(readPosition("-6.1753", " 106.8272"), { lat: -6.1753, lon: 106.8272 });
  assert.deepEqual(readPosition("-6,1753", "106,8272"), { lat: -6.1753, lon: 106.8272 });
});

test("what is no place is none", () => {
  for (const wrong of [undefined, "", " ", "x", "-6.1.2", "91", "Infinity"]) assert.equal(readPosition(wrong, "1"), undefined);
  assert.equal(readPosition("1", "180.5"), undefined);
});

test("a place is written with five decimals", () => {
  assert.deepEqual(formatPosition({ lat: -6.17530449, lon: 106.8 }), { lat: "-6.17530", lon: "106.80000" });
});
