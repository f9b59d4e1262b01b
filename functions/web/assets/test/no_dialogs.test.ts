import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

test("no script opens a dialog, which hides the page and is gone with one touch", () => {
  const names = readdirSync("src");
  assert.ok(names.length > 20);
  for (const name of names) {
    const text = readFileSync(`src/${name}`, "utf8");
    for (const call of [/\balert\(/, /\bconfirm\(/, /\bprompt\(/, /\bshowModal\(/, /beforeunload/]) assert.doesNotMatch(text, call, name);
  }
});
