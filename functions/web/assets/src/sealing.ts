// Encrypts what lies on the device, with a key that a page has only while its officer is signed in.

/** Something encrypted, when it was written, and the random bytes that it was encrypted with. */
export interface Sealed {
  readonly at: number;
  readonly iv: Uint8Array<ArrayBuffer>;
  readonly data: ArrayBuffer;
}

/** The key that a page holds under a mask, or nothing where the browser has no cryptography for this page. */
export async function readKey(base64: string): Promise<CryptoKey | undefined> {
  // Not there where the page came without TLS.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return undefined;
  try {
    return await subtle.importKey("raw", unmasked(fromBase64(base64)), "AES-GCM", false, ["encrypt", "decrypt"]);
  } catch {
    return undefined;
  }
}

/** Encrypts bytes for the place of this name, so that nobody can put one form's into another. */
export async function seal(key: CryptoKey, name: string, plain: BufferSource, now: number): Promise<Sealed> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: associated(name) }, key, plain);
  return { at: now, iv, data };
}

/** The bytes, or nothing where this key does not decrypt them, or they are another place's. */
export async function unseal(key: CryptoKey, name: string, sealed: Sealed): Promise<ArrayBuffer | undefined> {
  try {
    return await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv, additionalData: associated(name) }, key, sealed.data);
  } catch {
    return undefined;
  }
}

/** As `seal`, for anything that JSON knows. */
export function sealJson(key: CryptoKey, name: string, value: unknown, now: number): Promise<Sealed> {
  return seal(key, name, new TextEncoder().encode(JSON.stringify(value)), now);
}

export async function unsealJson(key: CryptoKey, name: string, sealed: Sealed): Promise<unknown> {
  const plain = await unseal(key, name, sealed);
  return plain === undefined ? undefined : JSON.parse(new TextDecoder().decode(plain));
}

/** The first half lies over the second: the page holds another text each time (see compression.rs). */
function unmasked(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const half = bytes.length / 2;
  return Uint8Array.from(bytes.subarray(half), (byte, i) => byte ^ (bytes[i] ?? 0));
}

function associated(name: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(name);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (symbol) => symbol.charCodeAt(0));
}
