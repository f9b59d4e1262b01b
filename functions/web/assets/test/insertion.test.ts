import assert from "node:assert/strict";
import { test } from "node:test";
import { insertion } from "../src/insertion";

test("the first blank of a sentence is selected", () => {
  const { text, select } = insertion("", "Work at [street] from [day].", "");
  assert.equal(text, "Work at [street] from [day].");
  assert.equal(text.slice(...select), "[street]");
});

test("of a sentence without a blank the cursor is behind it", () => {
  assert.deepEqual(insertion("Done. ", "The place is safe.", "\nMore"), { text: "The place is safe.", select: [18, 18] });
});

test("a sentence does not run into the text around it", () => {
  const { text, select } = insertion("Done.", "See [what]", "and more");
  assert.equal(text, " See [what] ");
  assert.equal(text.slice(...select), "[what]");
  assert.equal(insertion("Done at", "[place]", ".").text, " [place]");
});
