// Forms that are not sent yet: kept on the device under their own keys, sent when there is a connection, gone only after an answer of success.
import { type FormPhotos, photosOf } from "./form_photos";
import { type OwnDevice, ownDevice, removeOldOfAll } from "./own_device";
import { versionAfter } from "./photo";
import { SignedOut, alone, post, token } from "./portal_calls";

/** A form that is to be sent. */
export interface Entry {
  /** The name of its draft. */
  readonly form: string;
  /** When it was sent first, in milliseconds: what was written first goes first, as one act can end what the next one needs. */
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
  /** Why the server refused it; it is not sent by itself then. */
  readonly refused: string;
}

/** What became of an attempt to send. */
export type Outcome =
  | { readonly state: "done"; readonly to: string }
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

  constructor(private readonly own: OwnDevice) {}

  async entries(): Promise<Entry[]> {
    const entries = (await this.own.all("outbox").catch(() => [])) as Entry[];
    return entries.sort((one, other) => one.at - other.at);
  }

  async find(form: string): Promise<Entry | undefined> {
    return (await this.own.read("outbox", form)) as Entry | undefined;
  }

  async put(entry: Entry): Promise<void> {
    await this.own.write("outbox", entry.form, entry);
  }

  /** Removes a form with its draft and its photos. */
  async remove(form: string): Promise<void> {
    await this.own.removeForm(form);
  }

  photos(entry: Entry): FormPhotos {
    return photosOf(this.own, entry.form, entry.page);
  }

  /** Waits until what is on its way has its answer: what its officer has changed since is another text. */
  async answered(form: string): Promise<void> {
    await this.sending.get(form);
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
    const all = (await photos.list()).filter(({ state }) => state !== "removed");
    const refused = all.find(({ state }) => state === "refused");
    if (refused !== undefined) return this.refuse(entry, `${refused.name}: ${refused.why}`, true);
    await this.put(entry);
    if (all.some(({ state }) => state !== "ready")) return { state: photos.isSignedOut ? "signed-out" : "waits" };
    const fields = entry.fields.map(([name, value]): [string, string] => [name, name === "version" ? entry.version : value]);
    for (const { photo } of all) fields.push(["photos", photo]);
    const { status, body } = await post(entry.action, [["token", token(document)], ...fields]);
    if (body["state"] === "signed-out") return { state: "signed-out" };
    if (status >= 400) return this.refuse(entry, String(body["detail"] ?? ""), false);
    await this.remove(form);
    return { state: "done", to: String(body["to"] ?? entry.page) };
  }

  private async refuse(entry: Entry, refused: string, isOfPhoto: boolean): Promise<Outcome> {
    await this.put({ ...entry, refused });
    return { state: "refused", isOfPhoto };
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
  for (const { dataset } of document.querySelectorAll<HTMLElement>("[data-draft-done]")) {
    await outbox.remove(dataset["draftDone"] ?? "").catch(() => undefined);
  }
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-outbox][data-draft]")) {
    startForm(form, form.dataset["draft"] ?? "", outbox, list);
  }
  await list.show();
  void list.sendAll();
  window.addEventListener("online", () => void list.sendAll());
  setInterval(() => void list.sendAll(), AGAIN_MS);
}

function startForm(form: HTMLFormElement, name: string, outbox: Outbox, list: List): void {
  let ready: Promise<void> = Promise.resolve();
  // What came back stands on this page, to be mended here.
  if (form.hasAttribute("data-resent")) list.leaveOut(name);
  else ready = takeOverKey(form, name, outbox);
  form.addEventListener("submit", (event) => {
    if (!form.hasAttribute("data-outbox")) return;
    event.preventDefault();
    void ready.then(() => submit(form, name, outbox, list));
  });
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
  await outbox.answered(name);
  try {
    await outbox.put(entryOf(form, name));
  } catch {
    // The device keeps nothing: it is sent as any form.
    form.submit();
    return;
  }
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

function entryOf(form: HTMLFormElement, name: string): Entry {
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
  return { form: name, at: Date.now(), title: `${act.trim()} – ${page.split("/").pop() ?? ""}`, page, anchor, action, fields, version, refused: "" };
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

  /** Sends what waits, one after the other. */
  async sendAll(): Promise<void> {
    for (const entry of await this.outbox.entries()) {
      if (entry.refused === "" && !this.leftOut.has(entry.form)) await this.sendOne(entry);
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
      if (done) done.hidden = true;
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
    if (why !== null && entry.refused !== "") why.textContent = (why.dataset["text"] ?? "").replace("{reason}", entry.refused);
    const [send, discard] = [line.querySelector<HTMLElement>("[data-send-now]"), line.querySelector<HTMLElement>("[data-discard]")];
    for (const button of [send, discard]) button?.setAttribute("aria-label", `${button.textContent ?? ""}: ${entry.title}`);
    send?.addEventListener("click", () => {
      send.setAttribute("aria-disabled", "true");
      void this.sendOne(entry);
    });
    if (discard !== null) {
      discard.hidden = entry.refused === "";
      discard.addEventListener("click", () => void this.outbox.remove(entry.form).then(() => this.show()));
    }
    return line;
  }
}
