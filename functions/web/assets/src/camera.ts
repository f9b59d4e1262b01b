// The cameras of a form: each picture goes the way of a file that is chosen, with a nonce that shows where it is from. Loaded by pages with a
// camera alone, so that it shares no code with what every page loads.
import { type Given, Nonces } from "./nonces";

/** What the cameras of a form need of it. */
export interface CameraHands {
  /** Ends when nothing of the page is to go on. */
  readonly end: AbortSignal;
  /** Asks for a nonce for a picture of the form's report. */
  ask(): Promise<Given | undefined>;
  /** What is seen now, as it is kept. */
  drawn(video: HTMLVideoElement): Promise<Blob | null>;
  /** Takes a picture of this kind; its nonce may come later. */
  taken(picture: Blob, kind: string, nonce: Promise<string>): void;
  /** A text of the page by its name. */
  text(name: string): string;
}

/** Starts the cameras in a form. None stays on once nobody looks at the page, or the form is closed, sent, or another officer's. */
export function startCameras(form: HTMLFormElement, by: CameraHands): void {
  const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
  const nonces = new Nonces({ ask: () => by.ask(), now: () => Date.now(), wait });
  for (const box of form.querySelectorAll<HTMLElement>("[data-camera]")) {
    new Camera(box, nonces, by);
    box.hidden = false;
  }
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") closeCamera();
  });
  window.addEventListener("pagehide", closeCamera);
  by.end.addEventListener("abort", closeCamera);
  form.addEventListener("submit", closeCamera);
  form.closest("details")?.addEventListener("toggle", closeCamera);
}

/** The one that is open: two at once would be in each other's way. */
let open: Camera | undefined;

/** Closes whichever camera is open. */
function closeCamera(): void {
  open?.close();
}

class Camera {
  private readonly opener: HTMLButtonElement | null;
  private readonly panel: HTMLElement | null;
  private readonly video: HTMLVideoElement | null;
  private readonly shutter: HTMLButtonElement | null;
  private stream: MediaStream | undefined;
  /** Counts openings: a camera may be closed before the browser gives it. */
  private opening = 0;

  constructor(
    private readonly box: HTMLElement,
    private readonly nonces: Nonces,
    private readonly by: CameraHands,
  ) {
    this.opener = box.querySelector("[data-camera-open]");
    this.panel = box.querySelector("[data-camera-panel]");
    this.video = box.querySelector("video");
    this.shutter = box.querySelector("[data-camera-shutter]");
    this.opener?.addEventListener("click", () => void (open === this ? this.close() : this.open()));
    box.querySelector("[data-camera-close]")?.addEventListener("click", () => {
      this.close();
      this.opener?.focus();
    });
    this.shutter?.addEventListener("click", () => void this.shoot());
    window.addEventListener("online", () => void this.foretell());
  }

  close(): void {
    if (open !== this) return;
    open = undefined;
    this.opening += 1;
    this.stop();
    this.show(false);
  }

  private async open(): Promise<void> {
    closeCamera();
    open = this;
    this.opening += 1;
    const { opening } = this;
    this.show(true);
    this.say("starts");
    void this.nonces.isReady();
    let stream: MediaStream;
    try {
      // Where the page may have none, and in old browsers, there is no such thing.
      const devices = navigator.mediaDevices as MediaDevices | undefined;
      if (devices === undefined) throw new Error("no camera");
      stream = await devices.getUserMedia({ audio: false, video: { facingMode: "environment", width: { ideal: 1600 }, height: { ideal: 1200 } } });
    } catch (error) {
      if (opening === this.opening) this.say(error instanceof DOMException && error.name === "NotAllowedError" ? "not-allowed" : "none");
      return;
    }
    if (opening !== this.opening) {
      stop(stream);
      return;
    }
    this.stream = stream;
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.lost(stream));
    if (this.video !== null) {
      this.video.srcObject = stream;
      this.video.hidden = false;
      await this.video.play().catch(() => undefined);
    }
    if (this.stream !== stream) return;
    if (this.shutter !== null) this.shutter.hidden = false;
    await this.foretell();
  }

  private async shoot(): Promise<void> {
    const { video } = this;
    if (video === null || this.stream === undefined || video.videoWidth === 0) return;
    const nonce = this.nonces.take();
    const picture = await this.by.drawn(video);
    if (picture === null) return this.say("none");
    this.by.taken(picture, this.box.dataset["camera"] ?? "", nonce);
    await nonce;
    await this.foretell();
  }

  /** Says what the next picture will be. */
  private async foretell(): Promise<void> {
    const { stream } = this;
    if (stream === undefined) return;
    const isLive = await this.nonces.isReady();
    if (this.stream === stream) this.say(isLive ? "live" : "file");
  }

  /** The browser, or somebody with its settings, has taken the camera away. */
  private lost(stream: MediaStream): void {
    if (this.stream !== stream) return;
    this.stop();
    this.say("none");
  }

  private stop(): void {
    if (this.stream !== undefined) stop(this.stream);
    this.stream = undefined;
    if (this.video !== null) {
      this.video.srcObject = null;
      this.video.hidden = true;
    }
    if (this.shutter !== null) this.shutter.hidden = true;
  }

  private show(isOpen: boolean): void {
    if (this.panel !== null) this.panel.hidden = !isOpen;
    this.opener?.setAttribute("aria-expanded", String(isOpen));
  }

  private say(name: string): void {
    const said = this.panel?.querySelector("[data-camera-said]");
    if (said) said.textContent = this.by.text(`camera-${name}`);
  }
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
