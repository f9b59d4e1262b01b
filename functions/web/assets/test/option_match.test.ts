import assert from "node:assert/strict";
import { test } from "node:test";
import { matches, searchable } from "../src/option_match";

const ROADS = searchable("Suku Dinas Bina Marga – Jakarta Pusat", "jalan trotoar");
const found = (typed: string): boolean => matches(ROADS, typed);

test("an option is found by the start of its words, in any order", () => {
  for (const typed of ["bina", "marga bina", "BINA mar", "pus jak", "  "]) assert.ok(found(typed), typed);
});

test("an option is found by the words that its author added", () => {
  assert.ok(found("trot"));
  assert.ok(found("trot pusat"));
});

test("an option is found by the first letters of its name", () => {
  for (const typed of ["sd", "sdbm", "dbm", "SDBM pusat"]) assert.ok(found(typed), typed);
});

test("each word typed has to fit", () => {
  for (const typed of ["bina karya", "arga", "dinas selatan", "bm"]) assert.ok(!found(typed), typed);
});

test("accents and case do not count", () => {
  assert.ok(matches(searchable("Café Élan", ""), "cafe elan"));
  assert.ok(matches(searchable("Cafe", ""), "CAFÉ"));
});
