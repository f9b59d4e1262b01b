// What scripts ask the portal itself: forms of its pages, answered in JSON.
import { NoAnswer } from "./upload";

/** Nobody is signed in, or this page's token is another session's: what is to be sent waits for a page of a new session. */
export class SignedOut extends NoAnswer {}

/** The portal's answer: its status and what it says. */
export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const GIVE_UP_MS = 30_000;

/** The token that this page has for forms. */
export function token(document: Document): string {
  return document.querySelector<HTMLInputElement>('form[action="/keluar"] input[name=token]')?.value ?? "";
}

/** Sends a form. A page that was emptied, because its session has ended, sends nothing more: each request would prolong the session. Fails with `NoAnswer` where nobody answered, or nobody who can say what became of it. */
export async function post(address: string, fields: Iterable<readonly [string, string]>): Promise<Answer> {
  if (document.querySelector('meta[name="draft-key"]') === null) throw new SignedOut();
  const body = new URLSearchParams();
  for (const [name, value] of fields) body.append(name, value);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), GIVE_UP_MS);
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, {
      method: "POST",
      headers: { Accept: "application/json" },
      body,
      credentials: "same-origin",
      redirect: "error",
      signal: limit.signal,
    });
    text = await response.text();
  } catch {
    throw new NoAnswer();
  } finally {
    clearTimeout(timer);
  }
  if (response.status === 401) throw new SignedOut();
  if (response.status === 429 || response.status >= 500) throw new NoAnswer();
  try {
    return { status: response.status, body: JSON.parse(text) as Record<string, unknown> };
  } catch {
    throw new NoAnswer();
  }
}

/** Does something while no other tab does what has the same name. */
export async function alone<T>(name: string, act: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined;
  // Where a browser has none, two tabs may send the same under the same key, which is done once.
  return locks === undefined ? act() : ((await locks.request(`tuntas ${name}`, act)) as T);
}
