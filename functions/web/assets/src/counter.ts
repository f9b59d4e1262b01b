// The counter: sends a clerk's form and shows its answer on the same page. So the history has no entry that could be sent or looked at
// again, and the files of photos, which no page can hand on to another, stay at hand until they are uploaded. Nothing is stored.
import { start as startFilterOptions } from "./filter_options";
import { start as startMaps } from "./maps";
import { shrunk } from "./picture";
import { HEAD_BYTES, isUnfit, kindOf } from "./picture_kind";
import { type Target, put, sha256 } from "./upload";

/** The server answers within 15 seconds; a slow line needs time for both ways. */
const GIVE_UP_MS = 30_000;
const TOLD_AGAIN_MS = 3000;

export function start(document: Document): void {
  const main = document.querySelector<HTMLElement>("main[data-counter]");
  const window = document.defaultView;
  if (main === null || window === null || !("subtle" in crypto)) return;
  new Counter(document, window).begin(main);
  // Whoever leaves the page leaves nothing on it.
  window.addEventListener("pagehide", () => document.querySelector("main[data-counter]")?.replaceChildren());
}

class Counter {
  /** The field with the chosen files: it is moved from page to page, for a field cannot be filled with files. */
  private photos: HTMLElement | undefined;
  /** The pictures that were declared. */
  private pictures: Blob[] = [];
  private isBusy = false;

  constructor(
    private readonly document: Document,
    private readonly window: Window,
  ) {}

  /** Starts what is on a page that was loaded, or that was answered. */
  begin(main: HTMLElement): void {
    const photos = main.querySelector<HTMLElement>("[data-counter-photos]");
    if (photos !== null && this.photos !== undefined) photos.replaceWith(this.photos);
    else if (photos !== null) this.photos = photos;
    if (photos !== null && this.photos !== undefined) this.photos.hidden = false;
    for (const form of main.querySelectorAll<HTMLFormElement>("form[data-counter-form]")) this.startForm(form);
    this.startPrinting(main);
    const uploads = main.querySelector<HTMLElement>("[data-counter-uploads]");
    if (uploads !== null) this.startUploads(main, uploads);
  }

  private startForm(form: HTMLFormElement): void {
    /** What was sent without an answer: perhaps it was received, so that nothing else may be sent before it is settled. */
    let unanswered: URLSearchParams | undefined;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.isBusy) return;
      this.isBusy = true;
      const submitter = event.submitter;
      void (async () => {
        setBusy(form, true);
        say(form, words(form, "sending"));
        try {
          const body = unanswered ?? (await this.read(form, submitter));
          const answer = await send(form.action, body, words(form, "refused"));
          if (answer === undefined) {
            unanswered = body;
            const fields = form.querySelector<HTMLElement>("[data-counter-fields]");
            if (fields !== null) fields.inert = true;
            say(form, words(form, "noAnswer"));
          } else this.show(answer);
        } catch (error) {
          // It can be changed again: whether it has come in before, the server knows by its key.
          unanswered = undefined;
          const fields = form.querySelector<HTMLElement>("[data-counter-fields]");
          if (fields !== null) fields.inert = false;
          say(form, error instanceof Error ? error.message : "");
        } finally {
          setBusy(form, false);
          this.isBusy = false;
        }
      })();
    });
  }

  /** What the form would send by itself, with the photos declared. */
  private async read(form: HTMLFormElement, submitter: HTMLElement | null): Promise<URLSearchParams> {
    const body = new URLSearchParams();
    new FormData(form).forEach((value, name) => {
      if (typeof value === "string") body.append(name, value);
    });
    body.append("script", "1");
    if (submitter instanceof HTMLButtonElement && submitter.name !== "") body.append(submitter.name, submitter.value);
    const input = form.querySelector<HTMLInputElement>("[data-counter-photos] input");
    // A form that is given back to be sent as it was has declared them already.
    if (input === null) return body;
    const files = [...(input.files ?? [])];
    if (files.length > Number(input.dataset["most"])) throw new Error(input.dataset["tooMany"] ?? "");
    const pictures: Blob[] = [];
    const wrong: string[] = [];
    for (const file of files) {
      const picture = await pictureOf(file);
      if (picture === undefined) wrong.push(file.name);
      else pictures.push(picture);
    }
    if (wrong.length > 0) throw new Error(`${wrong.join(", ")}: ${input.dataset["wrongType"] ?? ""}`);
    for (const picture of pictures) {
      body.append("content_type", picture.type);
      body.append("size", String(picture.size));
      body.append("sha256", await sha256(await picture.arrayBuffer()));
    }
    this.pictures = pictures;
    return body;
  }

  /** Puts an answer in the place of the present page. */
  private show(answer: Document): void {
    const { document } = this;
    const main = answer.querySelector<HTMLElement>("main[data-counter]");
    const present = document.querySelector<HTMLElement>("main[data-counter]");
    if (main === null || present === null) return;
    document.title = answer.title;
    // After signing in anew the forms around it belong to the new session.
    const token = answer.querySelector<HTMLInputElement>("header input[name=token]")?.value;
    if (token !== undefined) {
      for (const input of document.querySelectorAll<HTMLInputElement>("header input[name=token], #session-warning input[name=token]")) {
        input.value = token;
      }
    }
    present.replaceWith(document.adoptNode(main));
    startFilterOptions(document);
    startMaps(document);
    this.begin(main);
    const given = main.querySelector<HTMLElement>("[data-counter-given]")?.dataset["counterGiven"];
    if (given !== undefined) void tellThatItIsGiven(given, token ?? "");
    this.window.scrollTo(0, 0);
    main.querySelector<HTMLElement>("[data-counter-focus]")?.focus();
  }

  private startPrinting(main: HTMLElement): void {
    const printed = main.querySelector<HTMLElement>("[data-counter-printed]");
    for (const button of main.querySelectorAll<HTMLElement>("[data-counter-print]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        this.window.print();
        if (printed === null) return;
        printed.hidden = false;
        // From then on it is asked whether it is printed, and the first button has done its work.
        if (!printed.contains(button)) {
          button.hidden = true;
          printed.querySelector<HTMLElement>("[data-counter-print]")?.focus();
        }
      });
    }
  }

  /** Uploads the photos of a receipt; the next person comes once that has ended, in whatever way. */
  private startUploads(main: HTMLElement, uploads: HTMLElement): void {
    const next = main.querySelector<HTMLElement>("[data-counter-next]");
    const again = uploads.querySelector<HTMLElement>("[data-counter-again]");
    const run = async (): Promise<void> => {
      if (next !== null) next.hidden = true;
      if (again !== null) again.hidden = true;
      const lines = [...uploads.querySelectorAll<HTMLElement>("[data-counter-upload]")];
      let failed = false;
      for (const line of lines) if (!(await this.upload(uploads, line))) failed = true;
      if (next !== null) next.hidden = false;
      if (again !== null) again.hidden = !failed;
      if (!failed) this.pictures = [];
    };
    again?.addEventListener("click", () => void run());
    void run();
  }

  /** Uploads one photo, unless that has been done; says whether it is there. */
  private async upload(uploads: HTMLElement, line: HTMLElement): Promise<boolean> {
    const { counterUpload: position, method, url, headers } = line.dataset;
    const state = line.querySelector("[data-state]");
    const tell = (words: string | undefined): void => {
      if (state !== null) state.textContent = words ?? "";
    };
    if (url === undefined || method === undefined) return true;
    const picture = this.pictures[Number(position)];
    try {
      if (picture === undefined) throw new Error("no picture");
      tell(uploads.dataset["sending"]);
      const target: Target = { url, method, headers: JSON.parse(headers ?? "{}") as Record<string, string> };
      await put(target, picture, () => undefined);
      for (const name of ["data-url", "data-headers"]) line.removeAttribute(name);
      tell(uploads.dataset["sent"]);
      return true;
    } catch {
      tell(uploads.dataset["failed"]);
      return false;
    }
  }
}

/**
 * Sends a form, and parses the page of the counter that it is answered with; nothing where there is no answer. What is refused without such
 * a page is an error with these words: it did not come in, and can be changed.
 */
function send(address: string, body: URLSearchParams, refused: string): Promise<Document | undefined> {
  return new Promise((resolve, reject) => {
    // Of all that parses a page, this alone needs no HTML from a string, which the policy of content forbids.
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.responseType = "document";
    request.timeout = GIVE_UP_MS;
    request.addEventListener("loadend", () => {
      const page = request.responseXML;
      if (page?.querySelector("main[data-counter]")) resolve(page);
      else if (request.status >= 400 && request.status < 500) reject(new Error(refused));
      else resolve(undefined);
    });
    request.send(body);
  });
}

/** The whole receipt is here: its form is of no use any more. Told until the server has heard it, for until then the form brings the receipt again. */
async function tellThatItIsGiven(form: string, token: string): Promise<void> {
  const body = new URLSearchParams({ token, form });
  for (;;) {
    try {
      const { status } = await fetch("/petugas/loket/selesai", { method: "POST", body, keepalive: true, redirect: "error" });
      if (status < 500 && status !== 429) return;
    } catch {
      // The line is down.
    }
    await new Promise((go) => setTimeout(go, TOLD_AGAIN_MS));
  }
}

/** A chosen file as it is sent, no larger than it is kept; nothing where it is no picture that is taken. */
async function pictureOf(file: File): Promise<Blob | undefined> {
  const type = kindOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
  if (isUnfit(type)) return undefined;
  return shrunk(new Blob([file], { type }));
}

function setBusy(form: HTMLFormElement, isBusy: boolean): void {
  for (const button of form.querySelectorAll("button:not([type=button])")) {
    if (isBusy) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

function words(form: HTMLFormElement, name: string): string {
  return form.querySelector<HTMLElement>("[data-counter-state]")?.dataset[name] ?? "";
}

function say(form: HTMLFormElement, words: string): void {
  const state = form.querySelector("[data-counter-state]");
  if (state !== null) state.textContent = words;
}
