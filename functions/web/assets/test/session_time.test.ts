import assert from "node:assert/strict";
import { test } from "node:test";
import { readLimits, stateAfter } from "../src/session_time";

const DAY = { idleS: 1800, leftS: 43_000 };

test("a session is open until two minutes before it ends by idleness", () => {
  assert.deepEqual(stateAfter(DAY, 0), { kind: "open", nextInS: 1680 });
  assert.deepEqual(stateAfter(DAY, 1679), { kind: "open", nextInS: 1 });
  assert.deepEqual(stateAfter(DAY, 1680), { kind: "warning", nextInS: 120 });
  assert.deepEqual(stateAfter(DAY, 1799), { kind: "warning", nextInS: 1 });
  assert.deepEqual(stateAfter(DAY, 1800), { kind: "ended" });
});

test("the end that comes first counts", () => {
  const evening = { idleS: 1800, leftS: 600 };
  assert.deepEqual(stateAfter(evening, 0), { kind: "open", nextInS: 480 });
  assert.deepEqual(stateAfter(evening, 480), { kind: "final", nextInS: 120 });
  assert.deepEqual(stateAfter(evening, 600), { kind: "ended" });
});

test("a session that can be extended no more says so, even if idleness ends it first", () => {
  assert.deepEqual(stateAfter({ idleS: 200, leftS: 230 }, 90), { kind: "warning", nextInS: 20 });
  assert.deepEqual(stateAfter({ idleS: 200, leftS: 230 }, 110), { kind: "final", nextInS: 90 });
});

test("a computer that slept through the end wakes up to an ended session", () => {
  assert.deepEqual(stateAfter(DAY, 100_000), { kind: "ended" });
});

test("the next look is never late for a change", () => {
  for (const limits of [DAY, { idleS: 130, leftS: 250 }, { idleS: 60, leftS: 60 }, { idleS: 300, leftS: 310 }]) {
    for (let elapsed = 0; elapsed < 2000; elapsed += 1) {
      const state = stateAfter(limits, elapsed);
      if (state.kind === "ended") break;
      assert.ok(state.nextInS > 0);
      assert.equal(stateAfter(limits, elapsed + state.nextInS * 0.99).kind, state.kind);
      assert.notEqual(stateAfter(limits, elapsed + state.nextInS).kind, state.kind);
    }
  }
});

test("limits are numbers of seconds, or none", () => {
  assert.deepEqual(readLimits("1800", "43000"), DAY);
  assert.deepEqual(readLimits(1800, 43_000), DAY);
  for (const wrong of [undefined, null, "", "soon", "-1", -1, NaN, {}]) {
    assert.equal(readLimits(wrong, 1), undefined);
    assert.equal(readLimits(1, wrong), undefined);
  }
});
