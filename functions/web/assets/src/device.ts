// What the portal keeps on the device beside drafts: in IndexedDB, which takes pictures, and takes a form and all that belongs to it away
// in one step.
import type { Sealed } from "./sealing";

/** The outbox has an entry for each form, under its draft's name; photos and their bytes one for each picture, under `form/picture`. */
export type Place = "outbox" | "photos" | "pictures";

export const PLACES: readonly Place[] = ["outbox", "photos", "pictures"];

export interface Device {
  get(place: Place, name: string): Promise<Sealed | undefined>;
  /** All entries, or those whose names begin with `form/`. */
  all(place: Place, form?: string): Promise<[string, Sealed][]>;
  /** Writes entries in one step: all of them or, where there is no room, none and an error. */
  put(entries: readonly (readonly [Place, string, Sealed])[]): Promise<void>;
  remove(place: Place, name: string): Promise<void>;
  /** Removes all that belongs to a form. */
  removeForm(form: string): Promise<void>;
  /** Removes everything, whoever's it is. */
  clear(): Promise<void>;
}

const DATABASE = "tuntas";
const DAY_MS = 24 * 60 * 60 * 1000;

/** How long what is left lies there. What waits to be sent goes after an answer; this is for whoever never comes back. */
export const LIFE_MS = 30 * DAY_MS;

/** Removes what is old, whoever's it is. A clock that was wrong when something was written is not to keep it for ever. */
export async function removeOld(device: Device, now: number): Promise<void> {
  for (const place of ["outbox", "photos"] as const) {
    for (const [name, { at }] of await device.all(place)) {
      if (now - at <= LIFE_MS && at - now <= DAY_MS) continue;
      await device.remove(place, name);
      // Not looked at themselves, as they are large.
      if (place === "photos") await device.remove("pictures", name);
    }
  }
}

/** The device's database; what the browser does not take there lives as long as the page. */
export function openDevice(): Device {
  return typeof indexedDB === "undefined" ? new Memory() : new WithMemory(new Database());
}

class Database implements Device {
  private opened: Promise<IDBDatabase> | undefined;

  private open(): Promise<IDBDatabase> {
    this.opened ??= new Promise((done, failed) => {
      const request = indexedDB.open(DATABASE, 1);
      request.addEventListener("upgradeneeded", () => {
        for (const place of PLACES) request.result.createObjectStore(place);
      });
      request.addEventListener("success", () => done(request.result));
      request.addEventListener("error", () => failed(request.error ?? new Error("no database")));
    });
    return this.opened;
  }

  /** Runs requests in one transaction, and gives what `ask` gave once all is done. */
  private async run<T>(places: readonly Place[], mode: IDBTransactionMode, ask: (of: IDBTransaction) => T): Promise<T> {
    const database = await this.open();
    return new Promise((done, failed) => {
      // Strict: written to the disk before it counts as kept, as a browser can be killed at any moment.
      const transaction = database.transaction([...places], mode, { durability: "strict" });
      const asked = ask(transaction);
      transaction.addEventListener("complete", () => done(asked));
      transaction.addEventListener("abort", () => failed(transaction.error ?? new Error("not kept")));
    });
  }

  async get(place: Place, name: string): Promise<Sealed | undefined> {
    const found = await this.run([place], "readonly", (of) => of.objectStore(place).get(name) as IDBRequest<Sealed | undefined>);
    return found.result;
  }

  async all(place: Place, form?: string): Promise<[string, Sealed][]> {
    const range = form === undefined ? null : below(form);
    const [names, found] = await this.run([place], "readonly", (of) => {
      const store = of.objectStore(place);
      return [store.getAllKeys(range), store.getAll(range) as IDBRequest<Sealed[]>] as const;
    });
    return found.result.map((sealed, i) => [String(names.result[i]), sealed]);
  }

  async put(entries: readonly (readonly [Place, string, Sealed])[]): Promise<void> {
    const places = [...new Set(entries.map(([place]) => place))];
    await this.run(places, "readwrite", (of) => {
      for (const [place, name, sealed] of entries) of.objectStore(place).put(sealed, name);
    });
  }

  async remove(place: Place, name: string): Promise<void> {
    await this.run([place], "readwrite", (of) => void of.objectStore(place).delete(name));
  }

  async removeForm(form: string): Promise<void> {
    await this.run(PLACES, "readwrite", (of) => {
      for (const place of ["photos", "pictures"]) of.objectStore(place).delete(below(form));
      of.objectStore("outbox").delete(form);
    });
  }

  async clear(): Promise<void> {
    await this.run(PLACES, "readwrite", (of) => {
      for (const place of PLACES) of.objectStore(place).clear();
    });
  }
}

function below(form: string): IDBKeyRange {
  return IDBKeyRange.bound(`${form}/`, `${form}/\uffff`);
}

/** A database, and in memory what it does not take: it is full, or the browser opens none in a private window. */
export class WithMemory implements Device {
  private readonly memory = new Memory();

  constructor(private readonly disk: Device) {}

  async get(place: Place, name: string): Promise<Sealed | undefined> {
    return (await this.memory.get(place, name)) ?? this.disk.get(place, name).catch(() => undefined);
  }

  async all(place: Place, form?: string): Promise<[string, Sealed][]> {
    const onDisk = await this.disk.all(place, form).catch(() => []);
    return [...new Map([...onDisk, ...(await this.memory.all(place, form))])];
  }

  async put(entries: readonly (readonly [Place, string, Sealed])[]): Promise<void> {
    try {
      await this.disk.put(entries);
    } catch {
      return this.memory.put(entries);
    }
    for (const [place, name] of entries) await this.memory.remove(place, name);
  }

  async remove(place: Place, name: string): Promise<void> {
    await this.memory.remove(place, name);
    await this.disk.remove(place, name).catch(() => undefined);
  }

  async removeForm(form: string): Promise<void> {
    await this.memory.removeForm(form);
    await this.disk.removeForm(form).catch(() => undefined);
  }

  async clear(): Promise<void> {
    await this.memory.clear();
    await this.disk.clear();
  }
}

/** The same without a database; also for tests. */
export class Memory implements Device {
  private readonly entries = new Map<Place, Map<string, Sealed>>(PLACES.map((place) => [place, new Map()]));

  private in(place: Place): Map<string, Sealed> {
    return this.entries.get(place) ?? new Map();
  }

  async get(place: Place, name: string): Promise<Sealed | undefined> {
    return this.in(place).get(name);
  }

  async all(place: Place, form?: string): Promise<[string, Sealed][]> {
    return [...this.in(place)].filter(([name]) => form === undefined || name.startsWith(`${form}/`));
  }

  async put(entries: readonly (readonly [Place, string, Sealed])[]): Promise<void> {
    for (const [place, name, sealed] of entries) this.in(place).set(name, sealed);
  }

  async remove(place: Place, name: string): Promise<void> {
    this.in(place).delete(name);
  }

  async removeForm(form: string): Promise<void> {
    for (const place of PLACES) {
      for (const name of [...this.in(place).keys()]) {
        if (name === form || name.startsWith(`${form}/`)) this.in(place).delete(name);
      }
    }
  }

  async clear(): Promise<void> {
    for (const place of PLACES) this.in(place).clear();
  }
}
