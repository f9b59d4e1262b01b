// The part of what lies on the device that this page's officer can read: everything else is as if it were not there.
import { type Device, type Place, openDevice, removeOld } from "./device";
import { KEY_FORGOTTEN } from "./replace_page";
import { readKey, seal, sealJson, unseal, unsealJson } from "./sealing";

/** Whether somebody has signed out: from then on this page keeps nothing, even what it was encrypting at that moment. */
let forgotten = false;

const device: Device = openDevice();

/** Removes all that lies there, and keeps this page from storing more. */
export function forgetDevice(): void {
  forgotten = true;
  void device.clear().catch(() => undefined);
}

/** What the officer of this page keeps; nothing on a page without an officer, or where the browser has no cryptography for it. */
export async function ownDevice(document: Document): Promise<OwnDevice | undefined> {
  const key = await readKey(document.querySelector<HTMLMetaElement>('meta[name="draft-key"]')?.content ?? "");
  if (key === undefined || forgotten) return undefined;
  const end = new AbortController();
  document.addEventListener(KEY_FORGOTTEN, () => end.abort());
  return new OwnDevice(device, key, end.signal);
}

/** Removes what is old, of whoever. */
export function removeOldOfAll(): Promise<void> {
  return removeOld(device, Date.now()).catch(() => undefined);
}

export class OwnDevice {
  private key: CryptoKey | undefined;

  /** `end` is when the page was emptied: from then on there is nothing here for it, and nothing more of it is sent. */
  constructor(
    private readonly on: Device,
    key: CryptoKey,
    readonly end: AbortSignal = new AbortController().signal,
  ) {
    this.key = key;
    end.addEventListener("abort", () => {
      this.key = undefined;
    });
  }

  async read(place: Place, name: string): Promise<unknown> {
    const { key } = this;
    const sealed = await this.on.get(place, name);
    return sealed && key && unsealJson(key, bound(place, name), sealed);
  }

  /** All of a place, or what belongs to a form there; what this officer's key does not open is left out. */
  async all(place: Place, form?: string): Promise<unknown[]> {
    const { key } = this;
    if (key === undefined) return [];
    const found = await this.on.all(place, form);
    const values = await Promise.all(found.map(([name, sealed]) => unsealJson(key, bound(place, name), sealed)));
    return values.filter((value) => value !== undefined);
  }

  async bytes(place: Place, name: string): Promise<ArrayBuffer | undefined> {
    const { key } = this;
    const sealed = await this.on.get(place, name);
    return sealed && key && unseal(key, bound(place, name), sealed);
  }

  /** Writes a value and, in the same step, bytes that belong to it. `isLatest` is asked at the last moment. */
  async write(place: Place, name: string, value: unknown, bytes?: readonly [Place, BufferSource] | undefined, isLatest = () => true): Promise<void> {
    const { key } = this;
    if (key === undefined) return;
    const now = Date.now();
    const entries: [Place, string, Awaited<ReturnType<typeof seal>>][] = [
      [place, name, await sealJson(key, bound(place, name), value, now)],
    ];
    if (bytes !== undefined) entries.push([bytes[0], name, await seal(key, bound(bytes[0], name), bytes[1], now)]);
    if (!forgotten && isLatest()) await this.on.put(entries);
  }

  remove(place: Place, name: string): Promise<void> {
    return this.on.remove(place, name);
  }

  /** Removes a form with its photos. */
  removeForm(form: string): Promise<void> {
    return this.on.removeForm(form);
  }
}

/** What an entry is encrypted for: its place, and the name that only its officer, report and act have. */
function bound(place: Place, name: string): string {
  return `${place} ${name}`;
}
