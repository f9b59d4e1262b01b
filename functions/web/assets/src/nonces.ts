// Nonces, by which the server knows a picture that was taken in this page: each serves one picture, and for some minutes.

/** A nonce as the server gives it. */
export interface Given {
  readonly nonce: string;
  /** For how long from then on, in seconds. */
  readonly expires_in: number;
}

/** What nonces need of the world. */
export interface NonceHands {
  /** Asks for one; nothing where nobody answers, or no picture may be taken. */
  ask(): Promise<Given | undefined>;
  now(): number;
  wait(ms: number): Promise<void>;
}

/** How long a picture that is taken and kept waits for its nonce. */
const PATIENCE_MS = 8000;

/** One ahead of each picture, and another one when that has become old. */
export class Nonces {
  private held: (Given & { readonly asked: number }) | undefined;
  private asking: Promise<void> | undefined;
  /** Ends when the pictures before have theirs. */
  private before: Promise<unknown> = Promise.resolve();

  constructor(private readonly by: NonceHands) {}

  /** Asks for one unless it is there; says whether it is there then. */
  async isReady(): Promise<boolean> {
    if (this.isFresh()) return true;
    this.asking ??= this.ask().finally(() => {
      this.asking = undefined;
    });
    await this.asking;
    return this.isFresh();
  }

  /** The nonce of a picture that is taken now, and of no other; nothing where there is none in time: the picture is a file then. */
  take(): Promise<string> {
    const own = this.before.then(async () => {
      const nonce = (await this.isReady()) ? (this.held?.nonce ?? "") : "";
      this.held = undefined;
      return nonce;
    });
    this.before = own;
    return Promise.race([own, this.by.wait(PATIENCE_MS).then(() => "")]);
  }

  private async ask(): Promise<void> {
    // Its time is counted from before the question, as it is not known when it was answered.
    const asked = this.by.now();
    const given = await this.by.ask().catch(() => undefined);
    this.held = given && { ...given, asked };
  }

  /** It has half of its time left for the declaration. */
  private isFresh(): boolean {
    return this.held !== undefined && Math.abs(this.by.now() - this.held.asked) < this.held.expires_in * 500;
  }
}
