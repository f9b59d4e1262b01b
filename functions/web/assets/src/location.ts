// The position of a form, measured by the device once its officer presses the button for it, and not before.
import { type Measurement, measure } from "./measuring";

export function start(document: Document): void {
  for (const choice of document.querySelectorAll<HTMLElement>("[data-measure]")) startChoice(choice);
}

function startChoice(choice: HTMLElement): void {
  const radio = choice.querySelector<HTMLInputElement>("input[type=radio]");
  const button = choice.querySelector<HTMLButtonElement>("[data-measure-button]");
  const said = choice.querySelector<HTMLElement>("[data-measure-said]");
  const field = choice.querySelector<HTMLInputElement>("input[name=measured]");
  const form = choice.closest("form");
  if (radio === null || button === null || said === null || field === null || form === null) return;
  choice.hidden = false;
  const startText = button.textContent;
  const say = (what: string, metres?: number): void => {
    said.textContent = (choice.dataset[what] ?? "").replace("{metres}", String(Math.ceil(metres ?? 0)));
  };
  const write = (text: string): void => {
    field.value = text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  let running: AbortController | undefined;
  button.addEventListener("click", () => {
    if (running !== undefined) return running.abort();
    running = new AbortController();
    button.textContent = button.dataset["stop"] ?? "";
    write("");
    say("searching");
    const { limitS, goodM, usableM } = choice.dataset;
    const limits = { limitMs: Number(limitS) * 1000, goodM: Number(goodM) };
    void measure(navigator.geolocation as Geolocation | undefined, limits, running.signal, ({ accuracyM }) => say("measuring", accuracyM)).then((found) => {
      running = undefined;
      button.textContent = startText;
      if (typeof found === "string") return say(found);
      if (found.accuracyM > Number(usableM)) return say("rough", found.accuracyM);
      write(written(found));
      say("measured", found.accuracyM);
    });
  });

  // In the street nobody learns later that it was missing: where it is sent from then is another place.
  form.addEventListener(
    "submit",
    (event) => {
      if (!radio.checked || field.value !== "") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      say("missing");
      button.focus();
    },
    { capture: true },
  );
}

/** As the server reads it: seven decimals, which is a centimetre, and the accuracy in metres. */
function written({ lat, lon, accuracyM }: Measurement): string {
  return `${lat.toFixed(7)}, ${lon.toFixed(7)} ± ${Math.ceil(accuracyM)} m`;
}
