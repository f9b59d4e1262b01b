import assert from "node:assert/strict";
import { test } from "node:test";
import { kindOf, tooLarge } from "../src/picture_kind";
import { keptSize } from "../src/picture_size";

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string, "latin1"))));

test("a file is what its bytes say", () => {
  for (const [head, kind] of [
    [bytes([0xff, 0xd8, 0xff, 0xe1]), "image/jpeg"],
    [bytes([0x89], "PNG\r\n", [0x1a], "\n"), "image/png"],
    [bytes("RIFF", [1, 2, 3, 4], "WEBPVP8 "), "image/webp"],
    [bytes("RIFF", [1, 2, 3, 4], "WAVEfmt "), "not-an-image"],
    [bytes([0, 0, 0, 24], "ftypheic", [0, 0, 0, 0], "mif1heic"), "heic"],
    [bytes([0, 0, 0, 24], "ftypmif2", [0, 0, 0, 0], "mif1avif"), "heic"],
    // A brand that stands behind the box is of something else.
    [bytes([0, 0, 0, 20], "ftypisom", [0, 0, 0, 0], "mp42heic"), "not-an-image"],
    [bytes("<svg>"), "not-an-image"],
    [bytes([0xff, 0xd8]), "not-an-image"],
    [bytes(), "empty"],
  ] as const) {
    assert.equal(kindOf(head), kind);
  }
});

test("a WebP is too large sooner than others", () => {
  const mebi = 1024 * 1024;
  assert.equal(tooLarge("image/webp", 15 * mebi), undefined);
  assert.equal(tooLarge("image/webp", 15 * mebi + 1), "too-large");
  assert.equal(tooLarge("image/jpeg", 40 * mebi), undefined);
  assert.equal(tooLarge("image/png", 40 * mebi + 1), "too-large");
});

// The examples of shared/media/src/size.rs.
test("a picture is made as small as the server keeps it", () => {
  for (const [from, to] of [
    [[1, 1], [1, 1]],
    [[1600, 1600], [1600, 1600]],
    [[1601, 1200], [1600, 1199]],
    [[1200, 1601], [1199, 1600]],
    [[4000, 3000], [1600, 1200]],
    [[3840, 1728], [1600, 720]],
    [[1080, 20_000], [720, 13_333]],
    [[16_382, 3_866], [3_051, 720]],
    [[65_535, 3], [65_535, 3]],
    [[3_000, 65_535], [677, 14_771]],
  ] as const) {
    assert.deepEqual(keptSize(from[0], from[1]), to, String(from));
  }
});
