// Loads what draws maps when a map comes near the part of the page that is seen: it is ten times as large as all else.

export function start(document: Document): void {
  const maps = document.querySelectorAll<HTMLElement>("[data-map]");
  if (maps.length === 0) return;
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || !(target instanceof HTMLElement)) continue;
        seen.unobserve(target);
        import("./map").then(({ draw }) => draw(target)).catch((error: unknown) => {
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

/** The page says the place in words too; what does not work is not left as an empty box. */
function fail(map: HTMLElement): void {
  map.hidden = true;
  const text = map.parentElement?.querySelector<HTMLElement>("[data-map-failed]");
  if (text) text.hidden = false;
}
