// Drafts in the browser's storage, which outlives the session: encrypted with a key that a page has only while its officer is signed in.
//
// In `localStorage`, which has taken a text when the call is over. What is given to a database in the moment before a page goes is lost.
import { fromBase64, sealJson, unsealJson } from "./sealing";

/** What a form's fields hold, each under its key in the form. */
export type DraftValues = ReadonlyMap<string, string | boolean | readonly string[]>;

/** The part of `localStorage` that drafts use. */
export type DraftStorage = Pick<Storage, "length" | "key" | "getItem" | "setItem" | "removeItem">;

/** How a draft is stored: when it was saved, and its values, encrypted, in base64. */
interface StoredDraft {
  readonly at: number;
  readonly iv: string;
  readonly values: string;
}

export const DRAFT_LIFE_MS = 7 * 24 * 60 * 60 * 1000;
export const MOST_DRAFTS = 60;

const PREFIX = "draft:";
/** A clock that was wrong when a draft was saved is not to keep it for ever. */
const FUTURE_MS = 24 * 60 * 60 * 1000;

export async function encrypt(key: CryptoKey, name: string, values: DraftValues, now: number): Promise<string> {
  const { at, iv, data } = await sealJson(key, name, Array.from(values), now);
  const stored: StoredDraft = { at, iv: toBase64(iv), values: toBase64(new Uint8Array(data)) };
  return JSON.stringify(stored);
}

/** The values, or nothing where this key does not decrypt them, they are another form's, or their time is over. */
export async function decrypt(key: CryptoKey, name: string, text: string, now: number): Promise<DraftValues | undefined> {
  const stored = parse(text);
  if (stored === undefined || isOver(stored, now)) return undefined;
  try {
    const sealed = { at: stored.at, iv: fromBase64(stored.iv), data: fromBase64(stored.values).buffer };
    const values = await unsealJson(key, name, sealed);
    return Array.isArray(values) ? new Map(values as [string, string | boolean | string[]][]) : undefined;
  } catch {
    return undefined;
  }
}

export function read(storage: DraftStorage, name: string): string | undefined {
  return storage.getItem(PREFIX + name) ?? undefined;
}

/** Writes what `encrypt` gave. In the place of the oldest drafts where there are too many, or the storage is full. */
export function write(storage: DraftStorage, name: string, text: string): void {
  const others = oldestFirst(storage).filter((other) => other !== name);
  while (others.length >= MOST_DRAFTS) remove(storage, others.shift() ?? "");
  for (;;) {
    try {
      storage.setItem(PREFIX + name, text);
      return;
    } catch {
      const oldest = others.shift();
      if (oldest === undefined) return;
      remove(storage, oldest);
    }
  }
}

export function remove(storage: DraftStorage, name: string): void {
  storage.removeItem(PREFIX + name);
}

export function removeAll(storage: DraftStorage): void {
  for (const name of names(storage)) remove(storage, name);
}

/** Removes drafts whose time is over, whoever's they are. */
export function removeOld(storage: DraftStorage, now: number): void {
  for (const name of names(storage)) {
    const stored = parse(read(storage, name) ?? "");
    if (stored === undefined || isOver(stored, now)) remove(storage, name);
  }
}

function names(storage: DraftStorage): string[] {
  const found: string[] = [];
  for (let i = 0; i < storage.length; i += 1) {
    const key = storage.key(i);
    if (key !== null && key.startsWith(PREFIX)) found.push(key.slice(PREFIX.length));
  }
  return found;
}

function oldestFirst(storage: DraftStorage): string[] {
  const at = (name: string): number => parse(read(storage, name) ?? "")?.at ?? 0;
  return names(storage)
    .map((name) => ({ name, at: at(name) }))
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);
}

function isOver({ at }: StoredDraft, now: number): boolean {
  return now - at > DRAFT_LIFE_MS || at - now > FUTURE_MS;
}

function parse(text: string): StoredDraft | undefined {
  try {
    const { at, iv, values } = JSON.parse(text) as Record<string, unknown>;
    return typeof at === "number" && typeof iv === "string" && typeof values === "string" ? { at, iv, values } : undefined;
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
