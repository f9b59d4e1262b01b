// The photos of a form as cards: chosen or taken, shown small, with what has become of each.
import { type FormPhotos, type News, photosOf } from "./form_photos";
import { type OwnDevice, ownDevice } from "./own_device";
import type { Photo } from "./photo";
import { drawnJpeg, preview } from "./picture";
import { keptSize } from "./picture_size";
import { post, token } from "./portal_calls";

export function start(document: Document): void {
  void begin(document);
}

async function begin(document: Document): Promise<void> {
  const boxes = document.querySelectorAll<HTMLElement>("[data-photo-cards]");
  if (boxes.length === 0) return;
  const own = await ownDevice(document);
  if (own === undefined) return;
  for (const box of boxes) {
    const form = box.closest("form");
    if (form?.dataset["draft"]) await new Cards(box, form, form.dataset["draft"], own).start();
  }
}

class Cards {
  private readonly report: string;
  private readonly photos: FormPhotos;
  /** The cards by the photos' ids. */
  private readonly cards = new Map<string, HTMLElement>();

  constructor(
    private readonly box: HTMLElement,
    private readonly form: HTMLFormElement,
    name: string,
    private readonly own: OwnDevice,
  ) {
    this.report = new URL(form.action).pathname.replace(/\/[^/]*$/, "");
    this.photos = photosOf(own, name, this.report);
  }

  async start(): Promise<void> {
    const version = this.form.elements.namedItem("version");
    if (version instanceof HTMLInputElement) {
      this.photos.versioned.push({
        get version() {
          return version.value;
        },
        set version(value: string) {
          version.value = value;
        },
      });
    }
    this.photos.heard = (photo, news) => this.show(photo, news);
    for (const photo of await this.photos.list()) this.add(photo);
    this.box.hidden = false;
    const none = this.box.parentElement?.querySelector<HTMLElement>("[data-no-photos]");
    if (none) none.hidden = true;
    for (const input of this.box.querySelectorAll<HTMLInputElement>("input[type=file]")) {
      // A computer's camera is not the one that was at the place.
      if (input.hasAttribute("capture") && !matchMedia("(pointer: coarse)").matches) {
        const field = input.closest<HTMLElement>(".field");
        if (field !== null) field.hidden = true;
      }
      input.addEventListener("change", () => {
        const files = [...(input.files ?? [])];
        input.value = "";
        void this.take(files, input.dataset["kind"] ?? "");
      });
    }
    void this.startCameras().catch(() => undefined);
    window.addEventListener("online", () => void this.photos.carryOn());
    void this.photos.carryOn();
  }

  /** The script of cameras is loaded where there are some. Where it does not come, files stay. */
  private async startCameras(): Promise<void> {
    if (find(this.box, "[data-camera]") === null) return;
    const { startCameras } = await import("./camera");
    startCameras(this.form, {
      end: this.own.end,
      ask: async () => {
        const { status, body } = await post(`${this.report}/kamera`, [["token", token(document)]]);
        const { nonce, expires_in } = body;
        return status < 400 && typeof nonce === "string" && typeof expires_in === "number" ? { nonce, expires_in } : undefined;
      },
      drawn: (video) => drawnJpeg(video, keptSize(video.videoWidth, video.videoHeight)),
      taken: (picture, kind, nonce) => void this.takePicture(picture, kind, nonce),
      text: (name) => this.text(name),
    });
  }

  /** Takes a picture of the camera in the page: kept before it waits for its nonce, and sent after it. */
  private async takePicture(picture: Blob, kind: string, nonce: Promise<string>): Promise<void> {
    const number = this.box.querySelectorAll(".photo-card").length + 1;
    const file = new File([picture], this.text("picture").replace("{n}", String(number)));
    let id: string | undefined;
    await this.photos.take(async () => {
      const taken = await this.photos.add(file, kind, false).catch(() => "no-reason");
      if (typeof taken === "string") return this.refuse(file, kind, taken);
      this.add(taken);
      id = taken.id;
      await nonce;
    });
    if (id !== undefined) await this.photos.declare(id, await nonce);
    void this.photos.carryOn();
  }

  private async take(files: readonly File[], kind: string): Promise<void> {
    await this.photos.take(async () => {
      for (const file of files) {
        // A file that is gone, or that the browser may not read, is told too.
        const taken = await this.photos.add(file, kind).catch(() => "no-reason");
        if (typeof taken === "string") this.refuse(file, kind, taken);
        else this.add(taken);
      }
    });
    void this.photos.carryOn();
  }

  /** Shows a photo that is kept; one that the server knows is not offered once more among those that are ready. */
  private add(photo: Photo): void {
    const choice = photo.photo === "" ? null : this.form.querySelector<HTMLInputElement>(`input[name=photos][value="${CSS.escape(photo.photo)}"]`);
    if (photo.state === "removed") {
      if (choice !== null) choice.checked = false;
      return;
    }
    choice?.closest(".choice")?.remove();
    const card = this.card(photo.name, photo.kind);
    if (card === undefined) return;
    this.cards.set(photo.id, card);
    find(card, "[data-photo-remove]")?.addEventListener("click", () => {
      void this.photos.remove(photo.id);
      this.drop(card);
    });
    find(card, "[data-photo-retry]")?.addEventListener("click", () => void this.photos.carryOn());
    this.show(photo, {});
    const canvas = card.querySelector("canvas");
    void this.photos.bytes(photo).then((bytes) => (canvas && bytes ? preview(canvas, bytes) : undefined));
  }

  /** Shows why a file is not sent. It is not kept. */
  private refuse(file: File, kind: string, why: string): void {
    const card = this.card(file.name, kind);
    if (card === undefined) return;
    card.dataset["photoState"] = "refused";
    this.say(card, file.name, this.text(why));
    find(card, "[data-photo-remove]")?.addEventListener("click", () => this.drop(card));
  }

  private card(name: string, kind: string): HTMLElement | undefined {
    const template = this.box.querySelector<HTMLTemplateElement>("template");
    const list = this.box.querySelector<HTMLElement>(`[data-photo-list="${CSS.escape(kind)}"]`);
    const card = template?.content.cloneNode(true).firstChild;
    if (list === null || !(card instanceof HTMLElement)) return undefined;
    const title = find(card, "[data-photo-name]");
    if (title) title.textContent = name;
    for (const button of card.querySelectorAll("button")) button.setAttribute("aria-label", `${button.textContent ?? ""}: ${name}`);
    list.append(card);
    return card;
  }

  /** Takes a card away; the focus goes to where photos are chosen. */
  private drop(card: HTMLElement): void {
    const list = card.parentElement;
    card.remove();
    list?.parentElement?.querySelector<HTMLElement>("input[type=file]:not([capture])")?.focus();
  }

  private show(photo: Photo, { percent, isStopped }: News): void {
    const card = this.cards.get(photo.id);
    if (card === undefined) return;
    if (photo.state === "removed") {
      card.remove();
      this.cards.delete(photo.id);
      return;
    }
    const isSending = percent !== undefined;
    // One that is sent waits for the server's look alone.
    const state = isStopped === true && photo.state === "waiting" ? "stopped" : isSending ? "sending" : photo.state;
    card.dataset["photoState"] = state;
    const bar = card.querySelector("progress");
    if (bar !== null) {
      bar.hidden = !isSending;
      bar.value = percent ?? 0;
    }
    const words = photo.state === "refused" ? `${this.text("refused")} ${photo.why || this.text("no-reason")}` : this.text(state);
    this.say(card, photo.name, words.replace("{n}", String(percent ?? 0)), !isSending);
    const origin = find(card, "[data-photo-origin]");
    if (origin) origin.textContent = photo.isLive === undefined ? "" : this.text(photo.isLive ? "live" : "file");
    const retry = find(card, "[data-photo-retry]");
    if (retry) retry.hidden = isStopped !== true;
    // What is ready goes with the form, also where it is sent without this script.
    let field = card.querySelector<HTMLInputElement>("input[name=photos]");
    if (photo.state === "ready" && field === null) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "photos";
      field.value = photo.photo;
      card.append(field);
    }
  }

  private say(card: HTMLElement, name: string, words: string, isSaid = true): void {
    const state = find(card, "[data-photo-state]");
    if (state) state.textContent = words;
    // Of how far an upload is nobody wants to hear each step.
    const said = find(this.box, "[data-photo-said]");
    if (said && isSaid) said.textContent = `${name}: ${words}`;
  }

  private text(name: string): string {
    return this.box.dataset[`text${name.replace(/(^|-)(\w)/g, (_, __, letter: string) => letter.toUpperCase())}`] ?? "";
  }
}

function find(within: HTMLElement, selector: string): HTMLElement | null {
  return within.querySelector<HTMLElement>(selector);
}
