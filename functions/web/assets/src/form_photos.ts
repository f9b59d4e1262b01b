// The photos of one form: kept on the device, sent one after the other, and told to whoever shows them.
import type { OwnDevice } from "./own_device";
import { type Declared, type Hands, type Photo, Changed, Refused, check, declareFirst, deliver, isAskedAgain, resumed } from "./photo";
import { shrunk } from "./picture";
import { HEAD_BYTES, type Unfit, isUnfit, kindOf, tooLarge } from "./picture_kind";
import { SignedOut, alone, post, token } from "./portal_calls";
import { NoAnswer, type Target, put, sha256 } from "./upload";

/** Something that is of a version of the report: a form of this page, or one that waits to be sent. */
export interface Versioned {
  version: string;
}

/** What is to be said of a photo beside what is kept of it. */
export interface News {
  /** How much of a hundred is sent. */
  readonly percent?: number;
  /** It could not be sent now, and will be tried again. */
  readonly isStopped?: boolean;
}

const all = new Map<string, FormPhotos>();

/** The photos of the form of this name, whose acts are below `report`. */
export function photosOf(own: OwnDevice, form: string, report: string): FormPhotos {
  const found = all.get(form) ?? new FormPhotos(own, form, report);
  all.set(form, found);
  return found;
}

export class FormPhotos {
  /** Hears of each change. */
  heard: (photo: Photo, news: News) => void = () => undefined;
  /** What is of a version: the first one's counts. */
  readonly versioned: Versioned[] = [];
  /** Nobody is signed in any more, as far as this page knows. */
  isSignedOut = false;
  private photos: Photo[] = [];
  private loading: Promise<void> | undefined;
  private sending: Promise<void> | undefined;
  /** Ends when the files that were chosen are kept. */
  private taking: Promise<void> = Promise.resolve();
  /** Those that are being declared beside what is sent. */
  private readonly declaring = new Set<string>();
  private readonly checks = new Map<string, Promise<void>>();
  private readonly onTheirWay = new Map<string, AbortController>();

  constructor(
    private readonly own: OwnDevice,
    private readonly form: string,
    private readonly report: string,
  ) {
    own.end.addEventListener("abort", () => this.stopUploads());
  }

  /** All that are kept, once they have been read. */
  async list(): Promise<readonly Photo[]> {
    this.loading ??= this.load();
    await this.loading;
    return this.photos;
  }

  async bytes({ id, type }: Photo): Promise<Blob | undefined> {
    const bytes = await this.own.bytes("pictures", this.place(id));
    return bytes === undefined ? undefined : new Blob([bytes], { type });
  }

  /** Lets files be taken after those that are being taken; nothing is sent until they are kept. */
  take(act: () => Promise<void>): Promise<void> {
    this.taking = this.taking.then(act).catch(() => undefined);
    return this.taking;
  }

  /** Keeps a file, or a picture that was taken in the page, as a photo of this kind; or says why it is none. */
  async add(file: File, kind: string, isFile = true): Promise<Photo | Unfit | "repeated"> {
    await this.list();
    const type = kindOf(new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer()));
    if (isUnfit(type)) return type;
    const bytes = await file.arrayBuffer();
    const source = await sha256(bytes);
    if (this.photos.some((photo) => photo.state !== "removed" && photo.source === source)) return "repeated";
    let picture = new Blob([bytes], { type });
    if (tooLarge(type, picture.size) !== undefined) {
      picture = await shrunk(picture);
      if (tooLarge("image/jpeg", picture.size) !== undefined || picture.type !== "image/jpeg") return "too-large";
    }
    const photo: Photo = {
      id: random(),
      form: this.form,
      place: Math.max(Date.now(), ...this.photos.map(({ place }) => place + 1)),
      kind,
      name: file.name,
      type: picture.type,
      size: picture.size,
      sha256: picture.size === bytes.byteLength ? source : await sha256(await picture.arrayBuffer()),
      source,
      // A picture is drawn in the size that is kept.
      isWhole: isFile,
      key: random(),
      nonce: "",
      isLive: isFile ? false : undefined,
      state: "waiting",
      why: "",
      photo: "",
      version: "",
      led: "",
      target: undefined,
      until: 0,
      isBegun: false,
      asked: 0,
    };
    await this.own.write("photos", this.place(photo.id), photo, ["pictures", await picture.arrayBuffer()]);
    // Not before it is kept: whatever reads it finds its bytes. It may have been found there already.
    if (!this.photos.some(({ id }) => id === photo.id)) this.photos = [...this.photos, photo];
    return photo;
  }

  /** Declares a picture that was taken in the page, with its nonce, whatever is being sent: a nonce lives for minutes. */
  async declare(id: string, nonce: string): Promise<void> {
    const photo = this.photos.find((photo) => photo.id === id);
    if (photo === undefined) return;
    this.declaring.add(id);
    try {
      const hands = this.hands();
      // Another tab may have declared it, as a file.
      const named = await hands.alone(photo, async (latest) => {
        const named = latest.version === "" ? { ...latest, nonce, isLive: nonce === "" ? false : undefined } : latest;
        await this.keep(named);
        return named;
      });
      await declareFirst(named, hands);
    } catch {
      // It goes on with the others.
    } finally {
      this.declaring.delete(id);
    }
  }

  /** Takes a photo away. One that the server may know of is kept in mind, without its bytes. */
  async remove(id: string): Promise<void> {
    const photo = this.photos.find((photo) => photo.id === id);
    if (photo === undefined) return;
    const removed: Photo = { ...photo, state: "removed" };
    this.photos = this.photos.map((other) => (other.id === id ? removed : other));
    this.onTheirWay.get(id)?.abort();
    await this.own.remove("pictures", this.place(id)).catch(() => undefined);
    if (photo.version !== "") await this.own.write("photos", this.place(id), removed).catch(() => undefined);
    else await this.own.remove("photos", this.place(id)).catch(() => undefined);
  }

  /** Whether nothing more becomes of any of them by itself. */
  async isSettled(): Promise<boolean> {
    await this.taking;
    return (await this.list()).every(({ state }) => state !== "waiting" && state !== "checking");
  }

  /** Takes all away, without a trace: their form was sent, or deleted. */
  async forget(): Promise<void> {
    if (this.own.end.aborted) return;
    this.stopUploads();
    this.photos = this.photos.map((photo) => ({ ...photo, state: "removed" }));
    for (const photo of this.photos) {
      this.heard(photo, {});
      for (const place of ["photos", "pictures"] as const) await this.own.remove(place, this.place(photo.id)).catch(() => undefined);
    }
  }

  /** Sends what waits, and waits until all that was sent is looked at. Fails at nothing: what has become of each says `list`. */
  async carryOn(): Promise<void> {
    await this.taking;
    await this.list();
    this.sending ??= alone(`photos ${this.form}`, () => this.send()).finally(() => {
      this.sending = undefined;
    });
    await this.sending;
    await Promise.all(this.checks.values());
  }

  /** Reads what is kept: another tab may have gone on with it. */
  private async load(): Promise<void> {
    const before = new Set(this.photos);
    const found = (await this.own.all("photos", this.form).catch(() => [])) as Photo[];
    // What has changed here while it was read is newer than what was found.
    const newer = this.photos.filter((photo) => !before.has(photo) || photo.state === "removed" || this.checks.has(photo.id) || this.declaring.has(photo.id));
    const ids = new Set(newer.map(({ id }) => id));
    const others = found.filter(({ id }) => !ids.has(id)).map(resumed);
    this.photos = [...others, ...newer].sort((one, other) => one.place - other.place);
  }

  private async send(): Promise<void> {
    await this.load();
    const tried = new Set<string>();
    for (;;) {
      const photo = this.photos.find(({ id, state }) => (state === "waiting" || state === "checking") && !tried.has(id));
      if (photo === undefined) return;
      tried.add(photo.id);
      try {
        const delivered = await deliver(photo.isWhole ? await this.made(photo) : photo, this.hands());
        if (delivered.state === "checking") this.lookAfter(delivered);
      } catch (error) {
        this.stopped(photo.id);
        this.isSignedOut = error instanceof SignedOut;
        // The others would meet the same.
        if (error instanceof NoAnswer && !this.isRemoved(photo.id)) return this.stopAll();
      }
    }
  }

  /** Makes a file as small as it is kept, once and before it is declared. */
  private async made(photo: Photo): Promise<Photo> {
    const whole = await this.bytes(photo);
    if (whole === undefined) throw new Error("its bytes are gone");
    const picture = await shrunk(whole);
    const bytes = await picture.arrayBuffer();
    const made = { ...photo, type: picture.type, size: picture.size, sha256: await sha256(bytes), isWhole: false };
    this.replace(made);
    await this.own.write("photos", this.place(photo.id), made, ["pictures", bytes], () => !this.isRemoved(photo.id));
    return made;
  }

  private lookAfter(photo: Photo): void {
    if (this.checks.has(photo.id)) return;
    const looking = alone(`check ${this.place(photo.id)}`, () => this.look(photo))
      .catch(() => this.stopped(photo.id))
      .finally(() => this.checks.delete(photo.id));
    this.checks.set(photo.id, looking);
  }

  /** Asks what has become of an upload, unless another tab has the answer. */
  private async look({ id }: Photo): Promise<void> {
    const photo = (await this.own.read("photos", this.place(id))) as Photo | undefined;
    if (photo === undefined || this.isRemoved(id)) return;
    if (photo.state === "checking") {
      if (!isAskedAgain(photo, Date.now())) throw new NoAnswer();
      await check(photo, this.hands());
      return;
    }
    this.replace(photo);
    this.tell(photo, {});
  }

  private hands(): Hands {
    return {
      declare: (photo, version) => this.ask(photo, version),
      alone: (photo, act) =>
        alone(`declare ${this.form}`, async () => act(((await this.own.read("photos", this.place(photo.id))) as Photo | undefined) ?? photo)),
      put: (photo, target) => this.put(photo, target),
      keep: (photo) => this.keep(photo),
      version: () => this.versioned[0]?.version ?? "",
      moved: (before, after) => {
        if (after === "") return;
        for (const form of this.versioned) if (form.version === before) form.version = after;
        moveForms(document, this.report, before, after);
      },
      now: () => Date.now(),
      wait: (ms) => new Promise((done) => setTimeout(done, ms)),
    };
  }

  private async put(photo: Photo, target: Target): Promise<void> {
    const bytes = await this.bytes(photo);
    if (bytes === undefined) throw new Error("its bytes are gone");
    if (this.own.end.aborted) throw new SignedOut();
    const stop = new AbortController();
    this.onTheirWay.set(photo.id, stop);
    try {
      await put(target, bytes, (percent) => this.tell(photo, { percent }), stop.signal);
    } finally {
      this.onTheirWay.delete(photo.id);
    }
  }

  private async ask(photo: Photo, version: string): Promise<Declared> {
    const { kind, type, size, sha256, key, nonce } = photo;
    const fields: [string, string][] = [
      ["token", token(document)],
      ["key", key],
      ["version", version],
      ["kind", kind],
      ["content_type", type],
      ["size", String(size)],
      ["sha256", sha256],
    ];
    if (nonce !== "") fields.push(["camera", nonce]);
    const { status, body } = await post(`${this.report}/unggah`, fields);
    if (status === 412) throw new Changed();
    if (status === 403 && body["state"] === "signed-out") throw new SignedOut();
    if (status >= 400) throw new Refused(text(body["detail"]));
    const [entry] = body["photos"] as { photo: string; state: Declared["state"]; reason_text?: string; live?: boolean }[];
    // It was declared once, and whoever asks could not declare it now.
    if (entry === undefined) throw new Refused(text(body["gone"]));
    const [upload] = body["uploads"] as (Target & { expires_in: number })[];
    return {
      photo: entry.photo,
      state: entry.state,
      why: entry.reason_text ?? "",
      isLive: entry.live === true,
      target: upload && { url: upload.url, method: upload.method, headers: upload.headers },
      targetS: upload?.expires_in ?? 0,
      version: text(body["version"]),
    };
  }

  private async keep(photo: Photo): Promise<void> {
    this.replace(photo);
    await this.own.write("photos", this.place(photo.id), photo, undefined, () => !this.isRemoved(photo.id));
    this.tell(photo, {});
  }

  private replace(photo: Photo): void {
    if (this.isRemoved(photo.id)) throw new Error("removed");
    this.photos = this.photos.map((other) => (other.id === photo.id ? photo : other));
  }

  private stopUploads(): void {
    for (const upload of this.onTheirWay.values()) upload.abort();
  }

  private isRemoved(id: string): boolean {
    return !this.photos.some((photo) => photo.id === id && photo.state !== "removed");
  }

  private stopped(id: string): void {
    const photo = this.photos.find((photo) => photo.id === id);
    if (photo?.state === "waiting" || photo?.state === "checking") this.tell(photo, { isStopped: true });
  }

  private stopAll(): void {
    for (const { id } of this.photos) if (!this.checks.has(id)) this.stopped(id);
  }

  private tell(photo: Photo, news: News): void {
    if (photo.state !== "removed") this.heard(photo, news);
  }

  private place(id: string): string {
    return `${this.form}/${id}`;
  }
}

/** The other forms of the page of a report know its version too: a photo of their own officer is no change by somebody else. */
export function moveForms(document: Document, report: string, before: string, after: string): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("form input[name=version]")) {
    const action = new URL(input.form?.action ?? "", "https://none.invalid").pathname;
    if (input.value === before && action.startsWith(`${report}/`)) input.value = after;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Unguessable, as idempotency keys are. */
function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_");
}
