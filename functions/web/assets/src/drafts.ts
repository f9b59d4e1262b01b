// Keeps what an officer types until it has been sent: through a session that ends, a network that fails, a telephone that is put away.
import { allValues, changedValues, restore } from "./draft_fields";
import { type DraftStorage, type DraftValues, decrypt, encrypt, read, remove, removeAll, removeOld, write } from "./draft_store";
import { readKey } from "./sealing";

/** Whether somebody has signed out: from then on this page stores nothing, even what it was encrypting at that moment. */
let forgotten = false;

export function start(document: Document): void {
  const storage = findStorage();
  if (storage === undefined || forgotten) return;
  removeOld(storage, Date.now());
  for (const done of document.querySelectorAll<HTMLElement>("[data-draft-done]")) {
    remove(storage, done.dataset["draftDone"] ?? "");
    sayOnce(document.defaultView);
  }

  const key = readKey(document.querySelector<HTMLMetaElement>('meta[name="draft-key"]')?.content ?? "");
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-draft]")) {
    if (form.dataset["draft"]) startForm(form, form.dataset["draft"], storage, key);
  }
}

/** Removes all drafts, and keeps this page from storing others. */
export function forgetDrafts(): void {
  forgotten = true;
  const storage = findStorage();
  if (storage !== undefined) removeAll(storage);
}

/** Removes the draft of a form that was sent. */
export function removeDraft(name: string): void {
  const storage = findStorage();
  if (storage !== undefined) remove(storage, name);
}

/** Takes out of the address what was done: the same page again would remove what was typed since. */
function sayOnce(view: Window | null): void {
  if (view === null) return;
  const address = new URL(view.location.href);
  for (const name of ["act", "replay"]) address.searchParams.delete(name);
  view.history.replaceState(view.history.state, "", address);
}

/** The draft of a form as it is stored, once what is being encrypted is there too: another one is another text. */
export async function storedDraft(name: string): Promise<string | undefined> {
  await savers.get(name)?.settled;
  const storage = findStorage();
  return storage === undefined ? undefined : read(storage, name);
}

const savers = new Map<string, Saver>();

function startForm(form: HTMLFormElement, name: string, storage: DraftStorage, key: Promise<CryptoKey | undefined>): void {
  const saver = new Saver(form, name, storage, key);
  savers.set(name, saver);
  const restored = form.querySelector<HTMLElement>("[data-draft-restored]");
  form.addEventListener("input", () => saver.save());
  form.addEventListener("change", () => saver.save());
  const document = form.ownerDocument;
  document.addEventListener("visibilitychange", () => saver.finish());
  document.defaultView?.addEventListener("pagehide", () => saver.finish());

  form.querySelector("[data-draft-discard]")?.addEventListener("click", () => {
    saver.discard();
    form.reset();
    if (restored !== null) restored.hidden = true;
    // The button is gone, and the focus would be nowhere.
    form.querySelector<HTMLElement>("textarea, select, input:not([type=hidden])")?.focus();
  });

  if (form.hasAttribute("data-resent")) {
    // The server gave back what was sent, with what is wrong in it: that is newer than any draft.
    saver.save();
    return;
  }
  const stored = read(storage, name);
  if (stored === undefined) return;
  void key.then(async (key) => {
    const values = key === undefined ? undefined : await decrypt(key, name, stored, Date.now());
    if (values === undefined || forgotten || !restore(form, values)) return;
    if (restored !== null) restored.hidden = false;
    // What was restored is to be seen.
    const details = form.closest("details");
    if (details !== null) details.open = true;
    // Somebody has typed since, and saved a form without what was restored.
    if (saver.wasUsed) saver.save();
    else saver.isSaved();
  });
}

/** Saves one form: at each change at once, as a page can be gone a moment later, but one encryption after the other. */
class Saver {
  wasUsed = false;
  /** Ends when all that was to be saved is. */
  settled: Promise<void> = Promise.resolve();
  /** The values that were saved last: the same are not saved again, as a photo that is chosen changes none of them. */
  private saved: string | undefined;
  /** Counts what is to be stored, so that an older text never takes the place of a newer one. */
  private last = 0;
  private stored = 0;
  private busy = false;
  private waiting = false;

  constructor(
    private readonly form: HTMLFormElement,
    private readonly name: string,
    private readonly storage: DraftStorage,
    private readonly key: Promise<CryptoKey | undefined>,
  ) {}

  save(): void {
    this.wasUsed = true;
    this.waiting = true;
    if (!this.busy) this.settled = this.run();
  }

  /** Saves what waits without waiting for what is being encrypted. */
  finish(): void {
    if (this.waiting) void this.saveNow();
  }

  /** What the form holds is what lies there. */
  isSaved(): void {
    this.saved = JSON.stringify([...this.values()]);
  }

  private values(): DraftValues {
    return this.form.hasAttribute("data-resent") ? allValues(this.form) : changedValues(this.form);
  }

  discard(): void {
    this.waiting = false;
    this.last += 1;
    this.stored = this.last;
    this.saved = undefined;
    remove(this.storage, this.name);
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting) await this.saveNow();
    this.busy = false;
  }

  private async saveNow(): Promise<void> {
    this.waiting = false;
    this.last += 1;
    const number = this.last;
    const values = this.values();
    const saved = JSON.stringify([...values]);
    if (saved === this.saved) return;
    const key = await this.key;
    if (key === undefined) return;
    const text = values.size === 0 ? undefined : await encrypt(key, this.name, values, Date.now());
    if (forgotten || number < this.stored) return;
    this.stored = number;
    this.saved = saved;
    if (text === undefined) remove(this.storage, this.name);
    else write(this.storage, this.name, text);
  }
}

/** Nothing where the browser keeps nothing: merely to name the storage can be an error. */
function findStorage(): DraftStorage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
