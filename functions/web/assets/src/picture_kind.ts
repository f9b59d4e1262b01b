// What a file is, by its bytes and whatever its name, as the server will judge it (docs/adr/0006-photo-cleaning.md).

export type PictureKind = "image/jpeg" | "image/png" | "image/webp";
/** Why a file is not sent. The words stand in the page, each under its name. */
export type Unfit = "heic" | "not-an-image" | "empty" | "too-large";

/** The most bytes that are taken, and of a WebP. */
const LARGEST = 40 * 1024 * 1024;
const LARGEST_WEBP = 15 * 1024 * 1024;
/** How much of a file says what it is. */
export const HEAD_BYTES = 512;

/** The brands of pictures in HEIF (ISO/IEC 23008-12, annex B) and of AVIF. */
const HEIF_BRANDS = ["heic", "heix", "heim", "heis", "hevc", "hevx", "hevm", "hevs", "mif1", "msf1", "avif", "avis"];

/** What a file is that begins so. */
export function kindOf(head: Uint8Array): PictureKind | Unfit {
  if (head.length === 0) return "empty";
  if (startsWith(head, [0xff, 0xd8, 0xff])) return "image/jpeg";
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return "image/png";
  if (word(head, 0) === "RIFF" && word(head, 8) === "WEBP") return "image/webp";
  return isHeif(head) ? "heic" : "not-an-image";
}

/** Why what is to be sent is too large, if it is. */
export function tooLarge(kind: PictureKind, bytes: number): Unfit | undefined {
  return bytes > (kind === "image/webp" ? LARGEST_WEBP : LARGEST) ? "too-large" : undefined;
}

export function isUnfit(kind: PictureKind | Unfit): kind is Unfit {
  return !kind.startsWith("image/");
}

function isHeif(head: Uint8Array): boolean {
  if (word(head, 4) !== "ftyp") return false;
  const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
  if (HEIF_BRANDS.includes(word(head, 8))) return true;
  // The version stands between the major brand and the compatible ones.
  for (let at = 16; at + 4 <= Math.min(length, head.length); at += 4) {
    if (HEIF_BRANDS.includes(word(head, at))) return true;
  }
  return false;
}

function startsWith(head: Uint8Array, bytes: readonly number[]): boolean {
  return bytes.every((byte, i) => head[i] === byte);
}

function word(head: Uint8Array, at: number): string {
  return String.fromCharCode(...head.subarray(at, at + 4));
}
