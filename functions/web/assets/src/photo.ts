// A photo from being chosen until the server has checked it: declared, put, asked about, under one idempotency key and so never twice.
import { NoAnswer, NotTaken, type Target } from "./upload";

/** What is kept of a photo beside its bytes. */
export interface Photo {
  readonly id: string;
  readonly form: string;
  /** Its place in the order in which they were chosen: whichever was declared first is asked about first. */
  readonly place: number;
  /** Such as `before`. */
  readonly kind: string;
  /** The name of the file. */
  readonly name: string;
  /** Type, size and SHA-256 of the bytes that are sent. */
  readonly type: string;
  readonly size: number;
  readonly sha256: string;
  /** SHA-256 of the file as it was chosen: by it a repeat is known. */
  readonly source: string;
  /** Still the file as it was chosen; it is made smaller before it is declared. */
  readonly isWhole: boolean;
  readonly key: string;
  /** The nonce of a picture that was taken in a page; empty of a file. */
  readonly nonce: string;
  /** Whether it counts as taken in the page, or as a file; of a picture nobody knows until the server has said it. */
  readonly isLive: boolean | undefined;
  /** `removed` is one that the server may know of, so that it is not offered as evidence again. */
  readonly state: "waiting" | "checking" | "ready" | "refused" | "removed";
  /** Why it was refused, in the server's words as far as it gave any. */
  readonly why: string;
  /** The id that the server gave. */
  readonly photo: string;
  /** The report's version when it was declared first, and the one that this led to. */
  readonly version: string;
  readonly led: string;
  readonly target: Target | undefined;
  /** When the address ends, in milliseconds. */
  readonly until: number;
  /** Its bytes have been on their way to that address. */
  readonly isBegun: boolean;
  /** When the server had said for the last time that it has not looked yet, in milliseconds. */
  readonly asked: number;
}

/** What the server says of a declaration. */
export interface Declared {
  readonly photo: string;
  readonly state: "pending" | "missing" | "ready" | "rejected";
  readonly why: string;
  readonly isLive: boolean;
  readonly target: Target | undefined;
  /** For how long, in seconds. */
  readonly targetS: number;
  /** The report's version after it. */
  readonly version: string;
}

/** The server refused what it was asked, in these words. */
export class Refused extends Error {}
/** The report is not as the page knows it. */
export class Changed extends Error {}

/** What a photo's way needs of the world. */
export interface Hands {
  /** Declares it, or asks what has become of it: the same request. Fails with `Refused`, `Changed` or `NoAnswer`. */
  declare(photo: Photo, version: string): Promise<Declared>;
  /** Does something with a photo as it is by then, while nothing else is declared for its form. */
  alone(photo: Photo, act: (latest: Photo) => Promise<Photo>): Promise<Photo>;
  put(photo: Photo, target: Target): Promise<void>;
  /** Keeps what has become of it on the device before anything else happens. */
  keep(photo: Photo): Promise<void>;
  /** The version of the form that it is for. */
  version(): string;
  /** It was declared: a form of the version before is now of the version after. */
  moved(before: string, after: string): void;
  now(): number;
  wait(ms: number): Promise<void>;
}

/** Uploads that were not taken, after which one stops: something is wrong that another address does not mend. */
const MOST_UPLOADS = 3;
/** An address that ends within this time is not begun with. */
const MARGIN_MS = 30_000;
/** The version of a photo that was declared after somebody else had changed the report: no form's. */
const CHANGED = "-";
/** When the server is asked what has become of an upload. Cleaning takes a second; each question costs as much as a page's headers. */
export const ASKED_AFTER_MS: readonly number[] = [1500, 2500, 4000, 8000, 16_000, 30_000];
/** When it is asked as often once more, if it had not looked then. */
const ASKED_AGAIN_MS = 60_000;

/** Whether the server may be asked anew what has become of an upload: not by each tab and each time that a line is back. */
export function isAskedAgain({ asked }: Photo, now: number): boolean {
  return Math.abs(now - asked) >= ASKED_AGAIN_MS;
}

/** The version that a form is of once its photos were declared, if nobody else has changed the report. */
export function versionAfter(version: string, photos: readonly Photo[]): string {
  const left = new Set(photos.filter(({ led }) => led !== ""));
  for (;;) {
    const next = [...left].find((photo) => photo.version === version);
    if (next === undefined) return version;
    left.delete(next);
    version = next.led;
  }
}

/** As it is after its page was opened again: whether an upload that had begun came through is asked before it is sent once more. */
export function resumed(photo: Photo): Photo {
  return photo.state === "waiting" && photo.isBegun ? { ...photo, target: undefined } : photo;
}

/** Declares a photo, unless that is done. */
export async function declareFirst(photo: Photo, by: Hands): Promise<Photo> {
  return photo.state === "waiting" && photo.photo === "" ? ask(photo, by) : photo;
}

/** Declares and sends a photo, unless that is done. */
export async function deliver(photo: Photo, by: Hands): Promise<Photo> {
  let asked = 0;
  let notTaken = 0;
  while (photo.state === "waiting") {
    const { target } = photo;
    if (target === undefined || photo.until - MARGIN_MS <= by.now()) {
      if (asked === MOST_UPLOADS) throw new NoAnswer();
      asked += 1;
      photo = await ask(photo, by);
      if (photo.state === "waiting" && photo.target === undefined) throw new NoAnswer();
      continue;
    }
    if (!photo.isBegun) photo = await kept({ ...photo, isBegun: true }, by);
    try {
      await by.put(photo, target);
    } catch (error) {
      if (!(error instanceof NotTaken)) throw error;
      notTaken += 1;
      // Of this photo alone: the others are not to wait behind it.
      const state = notTaken === MOST_UPLOADS ? "refused" : "waiting";
      photo = await kept({ ...photo, state, target: undefined }, by);
      continue;
    }
    photo = await kept({ ...photo, state: "checking", target: undefined }, by);
  }
  return photo;
}

/** Waits until the server has looked at an upload. */
export async function check(photo: Photo, by: Hands): Promise<Photo> {
  for (const ms of ASKED_AFTER_MS) {
    if (photo.state !== "checking") return photo;
    await by.wait(ms);
    photo = await ask(photo, by);
  }
  if (photo.state !== "checking") return photo;
  await kept({ ...photo, asked: by.now() }, by);
  throw new NoAnswer();
}

async function ask(photo: Photo, by: Hands): Promise<Photo> {
  // Where it has been declared since, its address is there.
  return by.alone(photo, async (latest) => (photo.photo === "" && latest.photo !== "" ? latest : askNow(latest, by)));
}

async function askNow(photo: Photo, by: Hands): Promise<Photo> {
  const isFirst = photo.photo === "";
  // Kept before it is asked: the answer may be lost, and the next one is told from a change by somebody else.
  if (isFirst && photo.version === "") photo = await kept({ ...photo, version: by.version() }, by);
  let declared: Declared;
  try {
    try {
      declared = await by.declare(photo, photo.version);
    } catch (error) {
      if (!(error instanceof Changed)) throw error;
      // A photo decides nothing, so it goes on. The form itself will say what has changed.
      photo = await kept({ ...photo, version: CHANGED }, by);
      declared = await by.declare(photo, "");
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return kept({ ...photo, state: "refused", why: error.message, target: undefined }, by);
  }
  if (isFirst) by.moved(photo.version, declared.version);
  return kept(after(photo, declared, by.now()), by);
}

function after(photo: Photo, declared: Declared, now: number): Photo {
  const known = { ...photo, photo: declared.photo, isLive: declared.isLive, led: photo.photo === "" ? declared.version : photo.led };
  switch (declared.state) {
    case "ready":
      return { ...known, state: "ready", target: undefined };
    case "rejected":
      return { ...known, state: "refused", why: declared.why, target: undefined };
    case "missing":
      return { ...known, state: "waiting", target: declared.target, until: now + declared.targetS * 1000 };
    case "pending":
      return { ...known, target: declared.target, until: now + declared.targetS * 1000 };
  }
}

async function kept(photo: Photo, by: Hands): Promise<Photo> {
  await by.keep(photo);
  return photo;
}
