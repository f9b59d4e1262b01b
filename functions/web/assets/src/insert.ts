// Buttons that put a sentence with blanks, such as `[street]`, into a text, where the cursor is.
import { insertion } from "./insertion";

export function start(document: Document): void {
  // Until somebody was in it, a text's cursor is wherever the browser has put it, which is no place that anybody chose.
  const visited = new WeakSet<EventTarget>();
  document.addEventListener("focusin", (event) => {
    if (event.target !== null) visited.add(event.target);
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button[data-insert]") : null;
    const into = button === null ? null : document.getElementById(button.dataset["into"] ?? "");
    if (button === null || !(into instanceof HTMLTextAreaElement)) return;
    const end = into.value.length;
    const [from, to] = visited.has(into) ? [into.selectionStart, into.selectionEnd] : [end, end];
    const { text, select } = insertion(into.value.slice(0, from), button.dataset["insert"] ?? "", into.value.slice(to));
    into.focus();
    into.setSelectionRange(from, to);
    put(document, into, text);
    into.setSelectionRange(from + select[0], from + select[1]);
  });
}

/** Puts a text in the place of the selection, so that it can be undone where the browser has a way for it, and in any case whole. */
function put(document: Document, into: HTMLTextAreaElement, text: string): void {
  const from = into.selectionStart;
  const to = into.selectionEnd;
  const fits = into.maxLength < 0 || into.value.length - (to - from) + text.length <= into.maxLength;
  // Deprecated, and the only way to change a text that browsers can undo. It fires `input` itself.
  if (fits && document.execCommand("insertText", false, text)) return;
  into.setRangeText(text, from, to, "end");
  into.dispatchEvent(new Event("input", { bubbles: true }));
}
