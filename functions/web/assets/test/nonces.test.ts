import assert from "node:assert/strict";
import { test } from "node:test";
import { type Given, type NonceHands, Nonces } from "../src/nonces";

/** A server that answers when it is told to. */
class Server implements NonceHands {
  asked = 0;
  clock = 0;
  isDown = false;
  private answer: (() => void) | undefined;
  /** Lets whoever waits go on. */
  lose: (() => void) | undefined;
  isSlow = false;

  async ask(): Promise<Given | undefined> {
    this.asked += 1;
    const nonce = `n${this.asked}`;
    if (this.isSlow) await new Promise<void>((done) => (this.answer = done));
    if (this.isDown) throw new Error("no answer");
    return { nonce, expires_in: 300 };
  }
  isAsked(): boolean {
    return this.answer !== undefined;
  }
  reply(): void {
    this.answer?.();
    this.answer = undefined;
  }
  now(): number {
    return this.clock;
  }
  wait(): Promise<void> {
    return new Promise((done) => (this.lose = done));
  }
}

test("each picture has a nonce of its own, one ahead", async () => {
  const server = new Server();
  const nonces = new Nonces(server);
  assert.ok(await nonces.isReady());
  assert.deepEqual([await nonces.take(), await nonces.isReady(), server.asked], ["n1", true, 2]);
  assert.deepEqual(await Promise.all([nonces.take(), nonces.take(), nonces.take()]), ["n2", "n3", "n4"]);
});

test("one that has half of its time left is still used, an older one is asked for anew", async () => {
  const server = new Server();
  const nonces = new Nonces(server);
  await nonces.isReady();
  server.clock = 149_999;
  assert.ok(await nonces.isReady());
  assert.equal(server.asked, 1);
  server.clock = 150_000;
  assert.equal(await nonces.take(), "n2");
  // A clock that was put back says nothing about a nonce.
  server.clock = -900_000;
  assert.equal(await nonces.take(), "n3");
});

test("without a connection a picture is a file, and the next one is not once there is one again", async () => {
  const server = new Server();
  server.isDown = true;
  const nonces = new Nonces(server);
  assert.ok(!(await nonces.isReady()));
  assert.equal(await nonces.take(), "");
  server.isDown = false;
  assert.ok(await nonces.isReady());
  assert.notEqual(await nonces.take(), "");
});

test("a picture waits for a nonce that is on its way, but not for ever, and takes none of another's", async () => {
  const server = new Server();
  server.isSlow = true;
  const nonces = new Nonces(server);
  const waits = nonces.take();
  await until(() => server.isAsked());
  server.reply();
  assert.equal(await waits, "n1");
  const late = nonces.take();
  await until(() => server.isAsked());
  server.lose?.();
  assert.equal(await late, "");
  server.isSlow = false;
  server.reply();
  assert.equal(await nonces.take(), "n3");
});

async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((done) => setTimeout(done, 1));
}
