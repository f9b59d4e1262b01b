import assert from "node:assert/strict";
import { test } from "node:test";
import { ASKED_AFTER_MS, Changed, type Declared, type Hands, type Photo, Refused, check, declareFirst, deliver, isAskedAgain, resumed, versionAfter } from "../src/photo";
import { NoAnswer, NotTaken, type Target } from "../src/upload";

const PHOTO: Photo = {
  id: "1", form: "a", place: 0, kind: "before", name: "a.jpg", type: "image/jpeg", size: 3, sha256: "x", source: "x", isWhole: false, key: "k",
  state: "waiting", why: "", photo: "", version: "", led: "", target: undefined, until: 0, isBegun: false, asked: 0, nonce: "", isLive: false,
};
const target = (url: string): Target => ({ url, method: "PUT", headers: {} });

/** The server and the device, which do what is told and note it. */
class World implements Hands {
  readonly done: string[] = [];
  /** The photo as the device has it. */
  kept: Photo = PHOTO;
  form = "v1";
  clock = 0;
  /** What another tab, or another part of this page, has made of the photo. */
  latest: Photo | undefined;
  /** What becomes of each call, one after the other; what is not told succeeds. */
  declares: (Error | Partial<Declared>)[] = [];
  puts: (Error | undefined)[] = [];
  private addresses = 0;

  async declare(_: Photo, version: string): Promise<Declared> {
    this.done.push(`declare ${version}`);
    const told = this.declares.shift();
    if (told instanceof Error) throw told;
    this.addresses += 1;
    return { photo: "p", state: "pending", why: "", isLive: false, target: target(`u${this.addresses}`), targetS: 900, version: "v2", ...told };
  }
  alone(photo: Photo, act: (latest: Photo) => Promise<Photo>): Promise<Photo> {
    return act(this.latest ?? photo);
  }
  async put(_: Photo, { url }: Target): Promise<void> {
    this.done.push(`put ${url}`);
    const told = this.puts.shift();
    if (told !== undefined) throw told;
  }
  async keep(photo: Photo): Promise<void> {
    this.kept = photo;
  }
  version(): string {
    return this.form;
  }
  moved(before: string, after: string): void {
    if (this.form === before) this.form = after;
  }
  now(): number {
    return this.clock;
  }
  async wait(ms: number): Promise<void> {
    this.clock += ms;
  }
}

test("a photo is declared, sent and looked at, and the form is of the version that this made", async () => {
  const world = new World();
  world.declares = [{}, {}, { state: "ready" }];
  const sent = await deliver(PHOTO, world);
  assert.equal(sent.state, "checking");
  assert.equal((await check(sent, world)).state, "ready");
  assert.deepEqual(world.done, ["declare v1", "put u1", "declare v1", "declare v1"]);
  assert.equal(world.form, "v2");
  assert.equal(world.kept.state, "ready");
});

test("an address that is known is used without declaring again, and asked for anew once it ends", async () => {
  const world = new World();
  const known: Photo = { ...PHOTO, photo: "p", version: "v1", target: target("old"), until: 1_000_000 };
  await deliver(known, world);
  assert.deepEqual(world.done, ["put old"]);
  const later = new World();
  later.clock = 1_000_000;
  await deliver(known, later);
  assert.deepEqual(later.done, ["declare v1", "put u1"]);
});

test("after a page was killed an upload that had begun is asked about, and not sent twice", async () => {
  const world = new World();
  world.puts = [new NoAnswer()];
  await assert.rejects(deliver(PHOTO, world), NoAnswer);
  world.declares = [{ state: "ready", target: undefined }];
  assert.equal((await deliver(resumed(world.kept), world)).state, "ready");
  assert.deepEqual(world.done, ["declare v1", "put u1", "declare v1"]);
});

test("a declaration whose answer was lost is the same declaration again, and moves the form all the same", async () => {
  const world = new World();
  world.declares = [new NoAnswer()];
  await assert.rejects(deliver(PHOTO, world), NoAnswer);
  assert.equal(world.kept.version, "v1");
  await deliver(resumed(world.kept), world);
  assert.equal(world.form, "v2");
  // A page that was opened since is of a newer version, and stays so.
  const other = new World();
  other.form = "v7";
  await deliver(resumed({ ...PHOTO, version: "v1" }), other);
  assert.equal(other.form, "v7");
});

test("a photo of a report that somebody has changed is sent, and leaves its form to say so", async () => {
  const world = new World();
  world.declares = [new Changed()];
  assert.equal((await deliver(PHOTO, world)).state, "checking");
  assert.deepEqual(world.done, ["declare v1", "declare ", "put u1"]);
  assert.equal(world.form, "v1");
});

test("an address that is not taken is replaced, and a photo that is not taken three times is refused", async () => {
  const world = new World();
  world.puts = Array.from({ length: 9 }, () => new NotTaken());
  assert.equal((await deliver(PHOTO, world)).state, "refused");
  assert.equal(world.kept.state, "refused");
  assert.deepEqual(world.done.filter((call) => call.startsWith("put")), ["put u1", "put u2", "put u3"]);
});

test("what the server refuses is said in its words, at once or when it has looked", async () => {
  const world = new World();
  world.declares = [new Refused("no room")];
  const refused = await deliver(PHOTO, world);
  assert.deepEqual([refused.state, refused.why], ["refused", "no room"]);
  world.declares = [{}, { state: "rejected", why: "damaged" }];
  const looked = await check(await deliver(PHOTO, world), world);
  assert.deepEqual([looked.state, looked.why], ["refused", "damaged"]);
});

test("the server is asked a few times and no more", async () => {
  const world = new World();
  const sent = await deliver(PHOTO, world);
  world.done.length = 0;
  await assert.rejects(check(sent, world), NoAnswer);
  assert.equal(world.done.length, ASKED_AFTER_MS.length);
  // In no tab anew within a minute.
  assert.ok(!isAskedAgain(world.kept, world.clock + 59_999));
  assert.ok(isAskedAgain(world.kept, world.clock + 60_000));
  // An upload that never came is sent again.
  world.declares = [{ state: "missing" }];
  assert.equal((await check(sent, world)).state, "waiting");
});

test("a form that was kept is of the version that its own photos led to, and of no other", () => {
  const led = (version: string, after: string): Photo => ({ ...PHOTO, version, led: after });
  assert.equal(versionAfter("v1", [led("v2", "v3"), led("v1", "v2"), PHOTO]), "v3");
  assert.equal(versionAfter("v1", [led("-", "v2"), led("v4", "v5")]), "v1");
});

test("what was declared beside the sending is sent to the address that it got then", async () => {
  const world = new World();
  world.latest = { ...PHOTO, photo: "p", version: "v1", led: "v2", target: target("u9"), until: 900_000, isLive: true };
  const sent = await deliver(PHOTO, world);
  assert.deepEqual([world.done, sent.state, sent.isLive], [["put u9"], "checking", true]);
});

test("a picture is declared with the nonce that it has by then, once", async () => {
  const world = new World();
  world.latest = { ...PHOTO, nonce: "n", isLive: undefined };
  world.declares = [{ isLive: true }];
  const declared = await declareFirst(PHOTO, world);
  assert.deepEqual([declared.nonce, declared.isLive, declared.state], ["n", true, "waiting"]);
  await declareFirst(declared, world);
  assert.deepEqual(world.done, ["declare v1"]);
});
