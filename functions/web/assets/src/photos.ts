// Loads a photo when an officer asks for it, and not before: each look is on record, and photos are what is slow in a slow network.

export function start(document: Document): void {
  for (const button of document.querySelectorAll<HTMLElement>("button[data-photos-show]")) button.hidden = false;
  document.addEventListener("click", (event) => {
    if (!(event.target instanceof Element)) return;
    const link = event.target.closest<HTMLAnchorElement>("a[data-photo]");
    if (link !== null) {
      // With a key held the link opens as links do: in another tab.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      show(link).focus();
      return;
    }
    const button = event.target.closest<HTMLElement>("button[data-photos-show]");
    if (button === null) return;
    const group = button.dataset["photosShow"] ?? "";
    const links = document.querySelectorAll<HTMLAnchorElement>(`[data-photos="${CSS.escape(group)}"] a[data-photo]`);
    const figures = Array.from(links, show);
    button.hidden = true;
    figures[0]?.focus();
  });
}

/** Puts the photo in the place of its link; where it cannot be loaded, the link comes back. */
function show(link: HTMLAnchorElement): HTMLElement {
  const document = link.ownerDocument;
  const failed = link.parentElement?.querySelector<HTMLElement>("[data-photo-failed]") ?? null;
  if (failed !== null) failed.hidden = true;
  const figure = document.createElement("figure");
  figure.tabIndex = -1;
  figure.setAttribute("aria-busy", "true");
  const image = document.createElement("img");
  image.alt = link.dataset["alt"] ?? "";
  image.addEventListener("load", () => figure.removeAttribute("aria-busy"));
  image.addEventListener("error", () => {
    const hadFocus = document.activeElement === figure;
    figure.replaceWith(link);
    if (failed !== null) failed.hidden = false;
    if (hadFocus) link.focus();
  });
  figure.append(image);
  link.replaceWith(figure);
  image.src = link.href;
  return figure;
}
