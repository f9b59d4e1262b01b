// Puts the lines of a desk's page in the order of their distance, worked out here: where the officer is no request carries, and nothing keeps.
import { distance, writeDistance } from "./distance";
import { measure } from "./measuring";
import type { Position } from "./position";

export function start(document: Document): void {
  const section = document.querySelector<HTMLElement>("[data-lines]");
  if (section === null) return;
  section.hidden = false;
  const button = section.querySelector<HTMLButtonElement>("[data-nearest]");
  const said = section.querySelector<HTMLElement>("[data-nearest-said]");
  const body = document.querySelector<HTMLElement>("table.desk tbody");
  if (button !== null && said !== null && body !== null) startButton(button, said, body);
}

function startButton(button: HTMLButtonElement, said: HTMLElement, body: HTMLElement): void {
  const text = button.textContent;
  const inDesksOrder = [...body.querySelectorAll<HTMLElement>("tr")];
  const say = (what: string, metres?: number): void => {
    said.textContent = (button.dataset[what] ?? "").replace("{metres}", String(Math.ceil(metres ?? 0)));
  };
  let isSorted = false;
  let running: AbortController | undefined;
  button.addEventListener("click", () => {
    if (running !== undefined) return running.abort();
    if (isSorted) {
      isSorted = false;
      button.textContent = text;
      for (const shown of body.querySelectorAll("[data-distance]")) shown.remove();
      body.append(...inDesksOrder);
      return say("sortedBack");
    }
    running = new AbortController();
    say("searching");
    const { limitS, goodM, back } = button.dataset;
    const limits = { limitMs: Number(limitS) * 1000, goodM: Number(goodM) };
    void measure(navigator.geolocation as Geolocation | undefined, limits, running.signal, () => {}).then((here) => {
      running = undefined;
      if (typeof here === "string") return say(here);
      isSorted = true;
      button.textContent = back ?? "";
      sort(body, inDesksOrder, here);
      say("sorted", here.accuracyM);
    });
  });
}

/** The nearest first, each with its distance; lines without a place keep their order behind them. */
function sort(body: HTMLElement, lines: readonly HTMLElement[], here: Position): void {
  const placed: { line: HTMLElement; metres: number }[] = [];
  const others: HTMLElement[] = [];
  for (const line of lines) {
    const { lat, lon } = line.dataset;
    if (lat === undefined) others.push(line);
    else placed.push({ line, metres: distance(here, { lat: Number(lat), lon: Number(lon) }) });
  }
  placed.sort((one, other) => one.metres - other.metres);
  const document = body.ownerDocument;
  for (const { line, metres } of placed) {
    const shown = document.createElement("strong");
    shown.dataset["distance"] = "";
    shown.textContent = ` ${writeDistance(metres, document.documentElement.lang)}`;
    line.querySelector(".ticket")?.after(shown);
  }
  body.append(...placed.map(({ line }) => line), ...others);
}
