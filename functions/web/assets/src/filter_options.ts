// A field above a long list of options, such as the city's units, that leaves those which fit what is typed.
import { type Searchable, matches, searchable } from "./option_match";

export function start(document: Document): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("input[data-filters]")) {
    const select = document.getElementById(input.dataset["filters"] ?? "");
    if (select instanceof HTMLSelectElement) startFilter(document, input, select);
  }
}

function startFilter(document: Document, input: HTMLInputElement, select: HTMLSelectElement): void {
  const found = new Map<HTMLOptionElement, Searchable>();
  for (const option of select.options) found.set(option, searchable(option.text, option.dataset["words"] ?? ""));
  const whole = Array.from(select.children, (child) => ({ child, options: Array.from(child.children) }));
  const count = document.querySelector<HTMLElement>(`[data-filter-count="${CSS.escape(select.id)}"]`);
  let first: HTMLOptionElement | undefined;

  const filter = (): void => {
    first = undefined;
    let number = 0;
    const chosen = select.selectedIndex < 0 ? undefined : select.options[select.selectedIndex];
    // Options leave the list: hidden ones stay visible in some browsers. What is chosen stays, so that nothing else is sent unseen.
    const stays = (option: Element): boolean => {
      if (!(option instanceof HTMLOptionElement)) return true;
      const words = found.get(option);
      if (option.value === "" || words === undefined) return true;
      if (!matches(words, input.value)) return option === chosen;
      number += 1;
      if (!option.disabled) first ??= option;
      return true;
    };
    const rest: Element[] = [];
    for (const { child, options } of whole) {
      if (child instanceof HTMLOptGroupElement) {
        child.replaceChildren(...options.filter(stays));
        if (child.children.length > 0) rest.push(child);
      } else if (stays(child)) rest.push(child);
    }
    select.replaceChildren(...rest);
    if (chosen !== undefined) chosen.selected = true;
    if (count !== null) count.textContent = (count.dataset["text"] ?? "").replace("{n}", String(number));
  };
  const choose = (option: HTMLOptionElement): void => {
    option.selected = true;
    select.dispatchEvent(new Event("input", { bubbles: true }));
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };

  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      // The form is not sent: it is not complete while somebody still looks for an option.
      event.preventDefault();
      if (input.value.trim() !== "" && first !== undefined) choose(first);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      select.focus();
      if (select.selectedIndex < 0 && first !== undefined) choose(first);
    }
  });
  // A form that is put back, or a draft that is restored, has to find all options.
  select.form?.addEventListener("reset", () => {
    input.value = "";
    filter();
  });

  for (const label of input.labels ?? []) label.hidden = false;
  const hiddenAround = input.parentElement?.closest<HTMLElement>("[hidden]");
  if (hiddenAround) hiddenAround.hidden = false;
  input.hidden = false;
}
