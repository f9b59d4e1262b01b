// Sends a form once, however often its button is pressed while the answer is on its way.

/** After this time without another page the request has failed: the officer may try again. */
const GIVE_UP_MS = 30_000;

export function start(document: Document): void {
  const window = document.defaultView;
  if (window === null) return;
  /** The forms on their way, and the timers that give them up. */
  const pending = new Map<HTMLFormElement, number>();

  const release = (form: HTMLFormElement): void => {
    window.clearTimeout(pending.get(form));
    pending.delete(form);
    for (const button of buttons(form)) button.removeAttribute("aria-disabled");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    // Passes over forms that another part sends itself.
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || !form.hasAttribute("data-once")) return;
    if (pending.has(form)) {
      event.preventDefault();
      return;
    }
    pending.set(form, window.setTimeout(() => release(form), GIVE_UP_MS));
    // Not `disabled`: a disabled button's name and value are not sent, and it loses the focus.
    for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
  });
  window.addEventListener("pageshow", () => [...pending.keys()].forEach(release));
}

function buttons(form: HTMLFormElement): Element[] {
  return Array.from(form.elements).filter((element) => element instanceof HTMLButtonElement && element.type === "submit");
}
