import assert from "node:assert/strict";
import { test } from "node:test";
import { distance, writeDistance } from "../src/distance";

const MONAS = { lat: -6.1754, lon: 106.8272 };

test("a distance is as the crow flies", () => {
  assert.equal(distance(MONAS, MONAS), 0);
  // A thousandth of a degree north is 111 metres.
  assert.equal(Math.round(distance(MONAS, { ...MONAS, lat: -6.1744 })), 111);
  // Degrees of longitude are narrower away from the equator, and meet at 180.
  assert.equal(Math.round(distance({ lat: 60, lon: 179.999 }, { lat: 60, lon: -179.999 })), 111);
  assert.equal(Math.round(distance(MONAS, { lat: -6.9147, lon: 107.6098 }) / 1000), 119);
});

test("a distance is written no closer than it is known, in the language of the page", () => {
  const written = (metres: number) => [writeDistance(metres, "id"), writeDistance(metres, "en")];
  assert.deepEqual(written(0), ["10 m", "10 m"]);
  assert.deepEqual(written(346), ["350 m", "350 m"]);
  assert.deepEqual(written(994), ["990 m", "990 m"]);
  assert.deepEqual(written(995), ["1,0 km", "1.0 km"]);
  assert.deepEqual(written(1234), ["1,2 km", "1.2 km"]);
  assert.deepEqual(written(15_400), ["15 km", "15 km"]);
});
