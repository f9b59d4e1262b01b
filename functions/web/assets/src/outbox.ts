// Forms that are not sent yet: kept on the device under their own keys, sent when there is a connection, gone only after an answer of success.
import { removeDraft, storedDraft } from "./drafts";
import { type FormPhotos, photosOf } from "./form_photos";
import { type OwnDevice, ownDevice, removeOldOfAll } from "./own_device";
import { versionAfter } from "./photo";
import { SignedOut, alone, post, token } from "./portal_calls";

/** A form that is to be sent. */
export interface Entry {
  /** The name of its draft. */
  readonly form: string;
  /**
   * When it was sent, in milliseconds: what was written first goes first, as one act can end what the next one needs. A text that was
   * corrected has another.
   */
  readonly at: number;
  /** What it is, in the words of its page: the act, and the report's ticket. */
  readonly title: string;
  /** Path of the page of its report, and where on it the form is. */
  readonly page: string;
  readonly anchor: string;
  /** Where it is sent to. */
  readonly action: string;
  /** Its fields but for the token; photos that are on their way are not among them yet. */
  readonly fields: readonly (readonly [string, string])[];
  /** The report's version that it was filled in for. */
  version: string;
  /** Its draft as it was stored then: another one is a text that is not sent. */
  readonly draft: string | undefined;
  /** Why the server refused it, as far as it gave a reason; it is not sent by itself then. */
  readonly refused: string | undefined;
}

/** What became of an attempt to send. */
export type Outcome =
  /** Where to go, and whether its draft is still the text that was sent. */
  | { readonly state: "done"; readonly to: string; readonly isUnchanged: boolean }
  | { readonly state: "refused"; readonly isOfPhoto: boolean }
  | { readonly state: "signed-out" }
  /** Not sent: there is no connection, or photos are not ready. */
  | { readonly state: "waits" }
  /** It is not there any more: another tab has sent it. */
  | { readonly state: "gone" };

/** How often a page that stays open tries again. */
const AGAIN_MS = 60_000;

export class Outbox {
  /** Those on their way in this tab. */
  private readonly sending = new Map<string, Promise<Outcome>>();

  constructor(
    private readonly own: OwnDevice,
    private readonly drafts = { stored: storedDraft, remove: removeDraft },
  ) {}

  async entries(): Promise<Entry[]> {
    const entries = (await this.own.all("outbox").catch(() => [])) as Entry[];
    return entries.sort((one, other) => one.at - other.at);
  }

  async find(form: string): Promise<Entry | undefined> {
    // Without its key a page knows nothing of what is there: that is not to be taken for deleted.
    if (this.own.end.aborted) throw new SignedOut();
    return (await this.own.read("outbox", form)) as Entry | undefined;
  }

  async put(entry: Entry): Promise<void> {
    await this.oneByOne(entry, () => this.own.write("outbox", entry.form, entry));
  }

  /** Removes a form that is not to be sent, with its draft and its photos. */
  async discard(entry: Entry): Promise<void> {
    await this.oneByOne(entry, () => this.own.removeForm(entry.form));
    this.drafts.remove(entry.form);
    await this.photos(entry).forget();
  }

  photos({ form, page }: Pick<Entry, "form" | "page">): FormPhotos {
    return photosOf(this.own, form, page);
  }

  /** Sends a form that is kept: photos first. Once at a time, whoever asks. */
  send(form: string): Promise<Outcome> {
    const running = this.sending.get(form);
    if (running !== undefined) return running;
    const started = alone(`form ${form}`, () => this.attempt(form))
      .catch((error: unknown): Outcome => ({ state: error instanceof SignedOut ? "signed-out" : "waits" }))
      .finally(() => this.sending.delete(form));
    this.sending.set(form, started);
    return started;
  }

  private async attempt(form: string): Promise<Outcome> {
    const entry = await this.find(form);
    if (entry === undefined) return { state: "gone" };
    const photos = this.photos(entry);
    // A page may have been killed between a declaration and this.
    entry.version = versionAfter(entry.version, await photos.list());
    photos.versioned.push(entry);
    await photos.carryOn();
    photos.versioned.splice(photos.versioned.indexOf(entry), 1);

    // Its officer may have deleted it while photos were on their way, in this tab or another.
    if ((await this.find(form)) === undefined) {
      await photos.forget();
      return { state: "gone" };
    }
    const known = await photos.list();
    // Another tab may have declared some.
    entry.version = versionAfter(entry.version, known);
    const all = known.filter(({ state }) => state !== "removed");
    const refused = all.find(({ state }) => state === "refused");
    if (refused !== undefined) return this.refuse(entry, refused.why === "" ? refused.name : `${refused.name}: ${refused.why}`, true);
    // Or corrected it: that is sent in its place.
    if (!(await this.replace(entry, entry))) return this.attempt(form);
    if (all.some(({ state }) => state !== "ready")) return { state: photos.isSignedOut ? "signed-out" : "waits" };
    const fields = entry.fields.map(([name, value]): [string, string] => [name, name === "version" ? entry.version : value]);
    for (const { photo } of all) fields.push(["photos", photo]);
    const { status, body } = await post(entry.action, [["token", token(document)], ...fields]);
    if (body["state"] === "signed-out") return { state: "signed-out" };
    if (status >= 400) return this.refuse(entry, String(body["detail"] ?? ""), false);

    const isUnchanged = (await this.drafts.stored(form)) === entry.draft;
    // What was corrected while the old text was on its way is not taken away unsent: the server says what becomes of it.
    if (!(await this.replace(entry, undefined))) return this.attempt(form);
    if (isUnchanged) this.drafts.remove(form);
    await photos.forget();
    return { state: "done", to: String(body["to"] ?? entry.page), isUnchanged };
  }

  private async refuse(entry: Entry, refused: string, isOfPhoto: boolean): Promise<Outcome> {
    if (!(await this.replace(entry, { ...entry, refused }))) return this.attempt(entry.form);
    return { state: "refused", isOfPhoto };
  }

  /** Puts another in the place of an entry, or removes it, unless it is not the same any more. */
  private replace(entry: Entry, next: Entry | undefined): Promise<boolean> {
    return this.oneByOne(entry, async () => {
      if ((await this.find(entry.form))?.at !== entry.at) return false;
      await (next === undefined ? this.own.removeForm(entry.form) : this.own.write("outbox", entry.form, next));
      return true;
    });
  }

  /** Of all tabs. Sending holds another lock, so that a corrected text is kept at once. */
  private oneByOne<T>({ form }: Entry, act: () => Promise<T>): Promise<T> {
    return alone(`entry ${form}`, act);
  }
}

export function start(document: Document): void {
  void begin(document);
}

async function begin(document: Document): Promise<void> {
  void removeOldOfAll();
  const own = await ownDevice(document);
  if (own === undefined) return;
  const outbox = new Outbox(own);
  const list = new List(document, outbox);
  // Sent by the browser itself, after the script had met a refusal: the same again under its key is not done twice, and takes it from here.
  const sent = Array.from(document.querySelectorAll<HTMLElement>("[data-draft-done]"), ({ dataset }) => dataset["draftDone"] ?? "");
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-outbox][data-draft]")) {
    startForm(form, form.dataset["draft"] ?? "", outbox, list);
  }
  await list.show();
  void list.sendAll(sent);
  window.addEventListener("online", () => void list.sendAll());
  setInterval(() => void list.sendAll(), AGAIN_MS);
}

function startForm(form: HTMLFormElement, name: string, outbox: Outbox, list: List): void {
  let ready: Promise<void> = Promise.resolve();
  form.querySelector("[data-draft-discard]")?.addEventListener("click", () => void discardOf(name, outbox, list));
  // What came back stands on this page, to be mended here.
  if (form.hasAttribute("data-resent")) list.leaveOut(name);
  else ready = takeOverKey(form, name, outbox);
  form.addEventListener("submit", (event) => {
    if (!form.hasAttribute("data-outbox")) return;
    event.preventDefault();
    void ready.then(() => submit(form, name, outbox, list));
  });
}

/** Whoever discards the text of a form that waits does not want it sent. */
async function discardOf(name: string, outbox: Outbox, list: List): Promise<void> {
  const entry = await outbox.find(name).catch(() => undefined);
  if (entry === undefined) return;
  await outbox.discard(entry);
  await list.show();
}

/** The same form that is not sent yet: under its own key it is not done twice. */
async function takeOverKey(form: HTMLFormElement, name: string, outbox: Outbox): Promise<void> {
  const kept = await outbox.find(name).catch(() => undefined);
  const key = kept?.fields.find(([field]) => field === "key")?.[1];
  const field = form.elements.namedItem("key");
  if (field instanceof HTMLInputElement && key !== undefined) field.value = key;
}

async function submit(form: HTMLFormElement, name: string, outbox: Outbox, list: List): Promise<void> {
  const buttons = [...form.querySelectorAll<HTMLButtonElement>(":scope > .actions button")];
  if (buttons.some((button) => button.hasAttribute("aria-disabled"))) return;
  for (const button of buttons) button.setAttribute("aria-disabled", "true");
  say(form, "sending");
  const entry = entryOf(form, name, await storedDraft(name));
  await outbox.put(entry);
  const outcome = await outbox.send(name);
  switch (outcome.state) {
    case "done":
      window.location.assign(outcome.to);
      return;
    case "gone":
      window.location.reload();
      return;
    case "refused":
    case "signed-out":
      if (outcome.state === "refused" && outcome.isOfPhoto) {
        say(form, "photos");
        break;
      }
      if (!(await outbox.photos(entry).isSettled())) {
        // The browser would send it without them.
        say(form, "kept");
        break;
      }
      // The page that the server makes of it says what is wrong, where it is wrong. Nothing was stored, so that sending it again asks for
      // the same.
      form.submit();
      return;
    case "waits":
      say(form, "kept");
      break;
  }
  for (const button of buttons) button.removeAttribute("aria-disabled");
  await list.show();
}

function entryOf(form: HTMLFormElement, name: string, draft: string | undefined): Entry {
  const onTheirWay = new Set(Array.from(form.querySelectorAll<HTMLInputElement>("[data-photo-cards] input[name=photos]"), (input) => input.value));
  const fields: [string, string][] = [];
  new FormData(form).forEach((value, field) => {
    if (typeof value !== "string" || field === "token" || (field === "photos" && onTheirWay.has(value))) return;
    fields.push([field, value]);
  });
  const { pathname: action, hash: anchor } = new URL(form.action);
  const page = action.replace(/\/[^/]*$/, "");
  const act = form.closest("details")?.querySelector("summary")?.textContent ?? "";
  const version = fields.find(([field]) => field === "version")?.[1] ?? "";
  return { form: name, at: Date.now(), title: `${act.trim()} – ${page.split("/").pop() ?? ""}`, page, anchor, action, fields, version, draft, refused: undefined };
}

/** Says what becomes of a form, in words that stand on it. */
function say(form: HTMLFormElement, what: string): void {
  const state = form.querySelector<HTMLElement>("[data-send-state]");
  if (state !== null) state.textContent = state.dataset[what] ?? "";
}

/** The forms that are not sent yet, as the page lists them. */
class List {
  private readonly section: HTMLElement | null;
  private readonly leftOut = new Set<string>();

  constructor(
    private readonly document: Document,
    private readonly outbox: Outbox,
  ) {
    this.section = this.document.querySelector<HTMLElement>("[data-not-sent]");
  }

  /** Of a form that the page itself says something about nothing is listed, and it is not sent by itself. */
  leaveOut(form: string): void {
    this.leftOut.add(form);
  }

  async show(): Promise<void> {
    const { section } = this;
    const list = section?.querySelector("ul");
    const template = section?.querySelector("template");
    if (!section || !list || !template) return;
    const entries = (await this.outbox.entries()).filter(({ form }) => !this.leftOut.has(form));
    section.hidden = entries.length === 0;
    list.replaceChildren(...entries.map((entry) => this.line(entry, template)));
  }

  /** Sends what waits, one after the other; these also if they were refused. */
  async sendAll(also: readonly string[] = []): Promise<void> {
    for (const entry of await this.outbox.entries()) {
      const waits = entry.refused === undefined || also.includes(entry.form);
      if (waits && !this.leftOut.has(entry.form)) await this.sendOne(entry);
    }
  }

  private async sendOne({ form, title }: Entry): Promise<void> {
    const outcome = await this.outbox.send(form);
    // The page may have been emptied meanwhile, because its officer has signed out.
    if (!this.section?.isConnected) return;
    if (outcome.state === "done") {
      const said = this.section.querySelector<HTMLElement>("[data-sent]");
      if (said !== null) said.textContent = `${title}: ${said.dataset["text"] ?? ""}`;
      const done = this.document.querySelector(`form[data-draft="${CSS.escape(form)}"]`)?.closest("details");
      // What was typed since stays.
      if (done && outcome.isUnchanged) done.hidden = true;
    }
    await this.show();
    if (outcome.state === "done") this.section.hidden = false;
  }

  private line(entry: Entry, template: HTMLTemplateElement): Node {
    const line = template.content.cloneNode(true) as DocumentFragment;
    const link = line.querySelector("a");
    if (link !== null) {
      link.href = `${entry.page}${entry.anchor}`;
      link.textContent = entry.title;
    }
    const why = line.querySelector<HTMLElement>("[data-why]");
    if (why !== null && entry.refused !== undefined) {
      why.textContent = (why.dataset["text"] ?? "").replace("{reason}", entry.refused || (why.dataset["noReason"] ?? ""));
    }
    const [send, discard] = [line.querySelector<HTMLElement>("[data-send-now]"), line.querySelector<HTMLElement>("[data-discard]")];
    for (const button of [send, discard]) button?.setAttribute("aria-label", `${button.textContent ?? ""}: ${entry.title}`);
    send?.addEventListener("click", () => {
      send.setAttribute("aria-disabled", "true");
      void this.sendOne(entry);
    });
    discard?.addEventListener("click", () => void this.outbox.discard(entry).then(() => this.show()));
    return line;
  }
}
