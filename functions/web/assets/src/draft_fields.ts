// Which fields of a form are drafts, what they hold, and how that comes back.
import type { DraftValues } from "./draft_store";

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const TEXT_TYPES = ["text", "search", "tel", "url", "email", "number", "date", "time", "datetime-local", "month", "week"];

/** What all fields of the form hold now. */
export function allValues(form: HTMLFormElement): DraftValues {
  return new Map(fields(form).map(([key, field]) => [key, valueOf(field)]));
}

/** What the fields hold that are not as the server gave them. The others may have a newer value when the server gives the form again. */
export function changedValues(form: HTMLFormElement): DraftValues {
  return new Map(
    fields(form)
      .filter(([, field]) => !isDefault(field))
      .map(([key, field]) => [key, valueOf(field)]),
  );
}

/** Puts values into fields that are still as the server gave them; says whether any field changed. */
export function restore(form: HTMLFormElement, values: DraftValues): boolean {
  let changed = false;
  // All are looked at before one is changed: to choose a radio button is to leave another.
  const untouched = fields(form).filter(([, field]) => isDefault(field));
  for (const [key, field] of untouched) {
    const value = values.get(key);
    if (value === undefined) continue;
    const before = JSON.stringify(valueOf(field));
    setValue(field, value);
    changed ||= JSON.stringify(valueOf(field)) !== before;
  }
  return changed;
}

/** The form's fields, each with a key that is the same when the server gives the form again. */
function fields(form: HTMLFormElement): [string, Field][] {
  const numbers = new Map<string, number>();
  const found: [string, Field][] = [];
  for (const element of form.elements) {
    if (!isField(element) || element.name === "" || element.closest("[data-no-draft]") !== null) continue;
    const name = isChoice(element) ? `${element.name}=${element.value}` : element.name;
    const number = numbers.get(name) ?? 0;
    numbers.set(name, number + 1);
    found.push([`${name}#${number}`, element]);
  }
  return found;
}

function isField(element: Element): element is Field {
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  return element instanceof HTMLInputElement && [...TEXT_TYPES, "radio", "checkbox"].includes(element.type);
}

function isChoice(field: Element): field is HTMLInputElement {
  return field instanceof HTMLInputElement && (field.type === "radio" || field.type === "checkbox");
}

function valueOf(field: Field): string | boolean | string[] {
  if (field instanceof HTMLSelectElement) return Array.from(field.selectedOptions, (option) => option.value);
  return isChoice(field) ? field.checked : field.value;
}

function setValue(field: Field, value: string | boolean | readonly string[]): void {
  if (field instanceof HTMLSelectElement) {
    if (!Array.isArray(value)) return;
    // An option that the server offers no more is not chosen, and then the server's own choice stays.
    const options = Array.from(field.options);
    if (!value.every((wanted) => options.some((option) => option.value === wanted))) return;
    for (const option of options) option.selected = value.includes(option.value);
  } else if (isChoice(field)) {
    if (typeof value === "boolean") field.checked = value;
  } else if (typeof value === "string") field.value = value;
}

function isDefault(field: Field): boolean {
  if (!(field instanceof HTMLSelectElement)) {
    return isChoice(field) ? field.checked === field.defaultChecked : field.value === field.defaultValue;
  }
  const options = Array.from(field.options);
  if (field.multiple || field.size > 1 || options.some((option) => option.defaultSelected)) {
    return options.every((option) => option.selected === option.defaultSelected);
  }
  // Of a list that folds up the first option is chosen where the server chose none.
  return field.selectedIndex === options.findIndex((option) => !option.disabled);
}
