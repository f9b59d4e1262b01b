// Declares photos to the server and uploads them to the addresses that it gives: type, size and SHA-256 are part of each address.

export const TAKEN = new Set(["image/jpeg", "image/png", "image/webp"]);
/** The least time that an upload gets, in milliseconds; larger files get one more for each four bytes. */
const LEAST_TIME = 60_000;

/** What has been uploaded, so that sending again sends the rest. */
const sent = new WeakSet<File>();

export interface Upload {
  url: string;
  method: string;
  headers: Record<string, string>;
}

export function start(page: Document): void {
  for (const form of page.querySelectorAll<HTMLFormElement>("form[data-upload]")) {
    if (!("subtle" in crypto)) continue;
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void send(form);
    });
  }
}

async function send(form: HTMLFormElement): Promise<void> {
  const input = form.querySelector<HTMLInputElement>("input[type=file]");
  const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
  const files = [...(input?.files ?? [])].filter((file) => !sent.has(file));
  if (files.length === 0 || button?.getAttribute("aria-disabled") === "true") return;
  const refused = files.filter((file) => !TAKEN.has(file.type));
  if (refused.length > 0) {
    say(form, `${refused.map((file) => file.name).join(", ")}: ${form.dataset["wrongType"] ?? ""}`);
    return;
  }
  button?.setAttribute("aria-disabled", "true");
  say(form, form.dataset["sending"] ?? "");
  try {
    await upload(form, files);
    say(form, form.dataset["done"] ?? "");
    if (input) input.value = "";
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    say(form, `${form.dataset["failed"] ?? ""} ${why}`);
  } finally {
    button?.removeAttribute("aria-disabled");
  }
}

async function upload(form: HTMLFormElement, files: File[]): Promise<void> {
  const body = new URLSearchParams();
  body.set("token", form.querySelector<HTMLInputElement>("input[name=token]")?.value ?? "");
  const kind = form.querySelector<HTMLInputElement>("input[name=kind]:checked")?.value ?? "";
  for (const file of files) {
    body.append("kind", kind);
    body.append("content_type", file.type);
    body.append("size", String(file.size));
    body.append("sha256", await sha256(file));
  }
  const declared = await fetch(form.dataset["upload"] ?? "", { method: "POST", body, redirect: "error" });
  // An ended session answers with a page.
  const isJson = (declared.headers.get("content-type") ?? "").startsWith("application/json");
  if (!isJson) throw new Error(form.dataset["signIn"] ?? "");
  const answer: unknown = await declared.json();
  if (!declared.ok) throw new Error(text(answer, "detail"));
  const uploads = (answer as { uploads: Upload[] }).uploads;
  for (const [n, file] of files.entries()) {
    const target = uploads[n];
    if (!target) throw new Error(file.name);
    await put(target, file);
    sent.add(file);
  }
}

export async function put(target: Upload, file: File): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), LEAST_TIME + file.size / 4);
  // The browser sets the length itself.
  const headers = Object.entries(target.headers).filter(([name]) => name.toLowerCase() !== "content-length");
  try {
    const answer = await fetch(target.url, {
      method: target.method,
      body: file,
      headers: Object.fromEntries(headers),
      signal: limit.signal,
      credentials: "omit",
    });
    if (!answer.ok) throw new Error(file.name);
  } catch {
    throw new Error(file.name);
  } finally {
    clearTimeout(timer);
  }
}

export async function sha256(file: File): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return btoa(String.fromCharCode(...digest));
}

function text(answer: unknown, name: string): string {
  const value = (answer as Record<string, unknown> | null)?.[name];
  return typeof value === "string" ? value : "";
}

function say(form: HTMLFormElement, words: string): void {
  const state = form.querySelector("[data-upload-state]");
  if (state) state.textContent = words;
}
