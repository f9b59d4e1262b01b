// Loads what draws maps when a map comes near the part of the page that is seen: it is ten times as large as all else.

export function start(document: Document): void {
  const maps = document.querySelectorAll<HTMLElement>("[data-map]");
  if (maps.length === 0) return;
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || !(target instanceof HTMLElement)) continue;
        seen.unobserve(target);
        Promise.all([import("./map"), styled(target)]).then(([{ draw }]) => draw(target)).catch((error: unknown) => {
          fail(target);
          throw error;
        });
      }
    },
    { rootMargin: "200px" },
  );
  for (const map of maps) {
    map.hidden = false;
    seen.observe(map);
  }
}

/** Loads the style of a map that few open: a page whose head named it would wait for it. */
function styled({ dataset, ownerDocument }: HTMLElement): Promise<void> {
  const { mapStyle } = dataset;
  if (mapStyle === undefined) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const link = ownerDocument.createElement("link");
    link.rel = "stylesheet";
    link.href = mapStyle;
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => reject(new Error("no style for the map")));
    ownerDocument.head.append(link);
  });
}

/** The page says the place in words too; what does not work is not left as an empty box. */
function fail(map: HTMLElement): void {
  map.hidden = true;
  const text = map.parentElement?.querySelector<HTMLElement>("[data-map-failed]");
  if (text) text.hidden = false;
}
