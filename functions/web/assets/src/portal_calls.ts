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

/** The server, or what stands before it, was too slow, too busy or out of order: another time it may take the same. */
function isForLater(status: number): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
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
  return answerOf(response.status, text);
}

/** What an answer says. One of success that is no JSON is not the portal's; a refusal may come from what stands before it, without words. */
export function answerOf(status: number, text: string): Answer {
  if (status === 401) throw new SignedOut();
  if (isForLater(status)) throw new NoAnswer();
  try {
    return { status, body: JSON.parse(text) as Record<string, unknown> };
  } catch {
    if (status < 400) throw new NoAnswer();
    return { status, body: {} };
  }
}

/** Does something while no other tab does what has the same name. */
export async function alone<T>(name: string, act: () => Promise<T>): Promise<T> {
  const locks = navigator.locks as LockManager | undefined;
  // Where a browser has none, two tabs may send the same under the same key, which is done once.
  return locks === undefined ? act() : ((await locks.request(`tuntas ${name}`, act)) as T);
}
