// Sends a form once, however often its button is pressed while the answer is on its way.

/** After this time without another page the request has failed: the officer may try again. */
const GIVE_UP_MS = 30_000;

export function start(document: Document): void {
  const pending = new Set<HTMLFormElement>();

  const release = (form: HTMLFormElement): void => {
    pending.delete(form);
    for (const button of buttons(form)) button.removeAttribute("aria-disabled");
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || !form.hasAttribute("data-once")) return;
    if (pending.has(form)) {
      event.preventDefault();
      return;
    }
    pending.add(form);
    // Not `disabled`: a disabled button's name and value are not sent, and it loses the focus.
    for (const button of buttons(form)) button.setAttribute("aria-disabled", "true");
    setTimeout(() => release(form), GIVE_UP_MS);
  });
  document.defaultView?.addEventListener("pageshow", () => pending.forEach(release));
}

function buttons(form: HTMLFormElement): Element[] {
  return Array.from(form.elements).filter((element) => element instanceof HTMLButtonElement && element.type === "submit");
}
