import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { type Measurement, measure } from "../src/measuring";

/** A device that says what the test has it say. */
class Device {
  watching = 0;
  asked = 0;
  private took: PositionCallback = () => {};
  private failed: PositionErrorCallback = () => {};

  readonly geolocation = {
    watchPosition: (took: PositionCallback, failed: PositionErrorCallback): number => {
      this.took = took;
      this.failed = failed;
      this.watching += 1;
      return ++this.asked;
    },
    clearWatch: () => {
      this.watching -= 1;
    },
  } as unknown as Geolocation;

  says(accuracy: number, latitude = -6.1): void {
    this.took({ coords: { latitude, longitude: 106.8, accuracy } } as GeolocationPosition);
  }

  refuses(code: number): void {
    this.failed({ code } as GeolocationPositionError);
  }
}

function begin(t: TestContext, stop = new AbortController()) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const device = new Device();
  const seen: Measurement[] = [];
  const found = measure(device.geolocation, { limitMs: 30_000, goodM: 10 }, stop.signal, (best) => seen.push(best));
  return { device, seen, found, tick: (ms: number) => t.mock.timers.tick(ms), stop };
}

test("it ends at once when it is close enough, and tells each better one", async (t) => {
  const { device, seen, found } = begin(t);
  device.says(80);
  device.says(90);
  device.says(40);
  device.says(10, -6.2);
  assert.deepEqual(await found, { lat: -6.2, lon: 106.8, accuracyM: 10 });
  assert.deepEqual(seen.map(({ accuracyM }) => accuracyM), [80, 40, 10]);
  assert.equal(device.watching, 0);
});

test("after the limit the best is taken, and the device is not watched any more", async (t) => {
  const { device, found, tick, seen } = begin(t);
  device.says(35, -6.3);
  device.says(60);
  tick(29_999);
  assert.equal(device.watching, 1);
  tick(1);
  assert.deepEqual(await found, { lat: -6.3, lon: 106.8, accuracyM: 35 });
  assert.equal(device.watching, 0);
  device.says(5);
  assert.equal(seen.length, 1);
});

test("whoever stops it gets the best so far", async (t) => {
  const { device, found, stop } = begin(t);
  device.says(20);
  stop.abort();
  assert.equal(((await found) as Measurement).accuracyM, 20);
  assert.equal(device.watching, 0);
});

test("without permission it ends at once, and what is not known yet is waited for", async (t) => {
  const refused = begin(t);
  refused.device.refuses(1);
  assert.equal(await refused.found, "forbidden");
  t.mock.timers.reset();

  const waiting = begin(t);
  waiting.device.refuses(2);
  waiting.device.refuses(3);
  assert.equal(waiting.device.watching, 1);
  waiting.tick(30_000);
  assert.equal(await waiting.found, "failed");
});

test("a browser without geolocation gives none", async () => {
  assert.equal(await measure(undefined, { limitMs: 1, goodM: 1 }, new AbortController().signal, () => {}), "failed");
});
