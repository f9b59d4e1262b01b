// Puts one file to the address that the server gave for it: type, size and SHA-256 are part of the address.

/** Where a file goes. */
export interface Target {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The bucket took the request and said no: this address is of no use. Anything else that fails may be tried again as it is. */
export class NotTaken extends Error {}
/** There was no answer. */
export class NoAnswer extends Error {}

/** How long an upload may stand still, in milliseconds. However slow it is, it may go on as long as it moves. */
const STANDSTILL_MS = 60_000;

/**
 * Sends the bytes; `progress` hears how much of a hundred is sent. `fetch` does not tell that.
 * Fails with `NotTaken` or `NoAnswer`.
 */
export function put(target: Target, bytes: Blob, progress: (percent: number) => void, signal?: AbortSignal): Promise<void> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    let timer = 0;
    const moves = (): void => {
      clearTimeout(timer);
      timer = window.setTimeout(() => request.abort(), STANDSTILL_MS);
    };
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      moves();
      if (total > 0) progress(Math.floor((loaded * 100) / total));
    });
    request.addEventListener("loadend", () => {
      clearTimeout(timer);
      const { status } = request;
      if (status >= 200 && status < 300) done();
      else failed(status >= 400 && status < 500 ? new NotTaken() : new NoAnswer());
    });
    signal?.addEventListener("abort", () => request.abort());
    request.open(target.method, target.url);
    for (const [name, value] of Object.entries(target.headers)) {
      // The browser sets the length itself.
      if (name.toLowerCase() !== "content-length") request.setRequestHeader(name, value);
    }
    moves();
    request.send(bytes);
  });
}

/** SHA-256 in base64, as declarations name it. */
export async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest));
}
