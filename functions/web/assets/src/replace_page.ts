// Takes what a page shows away, because its reader may no longer be the officer that it was made for.

/** Told to the document when the page has lost its key: whatever it is doing for its officer ends. */
export const KEY_FORGOTTEN = "tuntas-key-forgotten";

/**
 * Puts the content of `<template id=…>` in the place of all that the page shows, and the focus on its heading, so that it is read out. Of a
 * page without that template nothing is left.
 */
export function replacePage(document: Document, templateId: string): void {
  const template = document.getElementById(templateId);
  if (!(template instanceof HTMLTemplateElement)) {
    clearPage(document);
    return;
  }
  forgetKey(document);
  document.body.replaceChildren(template.content.cloneNode(true));
  // The title can name a report.
  document.title = template.dataset["title"] ?? "";
  const heading = document.body.querySelector<HTMLElement>("h1, h2");
  if (heading !== null) {
    heading.tabIndex = -1;
    heading.focus();
  }
}

/** Takes all that the page shows away. */
export function clearPage(document: Document): void {
  forgetKey(document);
  document.body.replaceChildren();
}

/** Whoever comes next must not find the key that opens the drafts. */
function forgetKey(document: Document): void {
  document.querySelector('meta[name="draft-key"]')?.remove();
  document.dispatchEvent(new Event(KEY_FORGOTTEN));
}
