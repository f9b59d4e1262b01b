// Draws the map of a report's place, or one on which an officer chooses a place.
import {
  type FitBoundsOptions,
  GeoJSON,
  type LatLngTuple,
  type LayerGroup,
  Map as LeafletMap,
  TileLayer,
  circle,
  circleMarker,
  featureGroup,
} from "leaflet";
import { type Position, formatPosition, readPosition } from "./position";

const LAST_ZOOM = 19;
const FIRST_ZOOM = 17;

export function draw(element: HTMLElement): void {
  const document = element.ownerDocument;
  const { lat, lon, accuracyM, zoom, label, outlines, outlinesAt, tiles, mapPick, mapLines } = element.dataset;
  const middle = readPosition(lat, lon);
  if (middle === undefined) throw new Error("a map without a middle");
  const points = readPoints(element);

  const canvas = document.createElement("div");
  canvas.className = "map-canvas";
  // The arrow keys are the map's, not the screen reader's.
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-label", label ?? "");
  // The buttons come first: whoever passes by with the keyboard does not have to go through the map to them.
  element.append(buttons(element, () => map), canvas);

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map: LeafletMap = new LeafletMap(canvas, {
    // Both would need HTML from strings; what they do is done below.
    attributionControl: false,
    zoomControl: false,
    boxZoom: false,
    scrollWheelZoom: false,
    // On a telephone a finger that scrolls the page is not to be caught by the map.
    dragging: !matchMedia("(pointer: coarse)").matches,
    zoomAnimation: !still,
    fadeAnimation: !still,
    markerZoomAnimation: !still,
    inertia: !still,
    maxZoom: LAST_ZOOM,
    center: tuple(middle),
    zoom: Number(zoom ?? FIRST_ZOOM),
  });
  giveInWhileFocused(map, canvas);
  if (tiles !== undefined && tiles !== "") {
    new TileLayer(tiles, { maxZoom: LAST_ZOOM, updateWhenIdle: true, keepBuffer: 1 }).addTo(map);
  }
  const attribution = attributionOf(element);
  if (attribution !== undefined) element.append(attribution);

  for (const { position, name } of points) {
    const point = circleMarker(tuple(position), { className: "map-other", radius: 7, weight: 3 }).addTo(map);
    if (name !== "") point.bindTooltip(words(document, name));
  }
  if (mapPick !== undefined) {
    startPicking(element, canvas, map);
  } else if (mapLines !== undefined) {
    showLines(document, map);
  } else {
    const accuracy = Number(accuracyM ?? 0);
    const shown = featureGroup().addTo(map);
    if (accuracy > 0) {
      circle(tuple(middle), { radius: accuracy, className: "map-accuracy", weight: 2, interactive: false }).addTo(shown);
    }
    circleMarker(tuple(middle), { className: "map-point", radius: 9, weight: 4, interactive: false }).addTo(shown);
    showAll(map, shown, points.map(({ position }) => position));
  }
  if (outlines !== undefined && outlines !== "") void drawOutlines(document, map, outlines);
  if (outlinesAt !== undefined) followWithOutlines(document, map, outlinesAt, outlines);
}

/** From so near on one sees what the outlines around one place cover. */
const OUTLINES_FROM_ZOOM = 12;

/** Asks for outlines wherever the map is moved to, by a place of two decimals, for each once. */
function followWithOutlines(document: Document, map: LeafletMap, template: string, first: string | undefined): void {
  const asked = new Set([first]);
  map.on("moveend", () => {
    const { lat, lng } = map.getCenter().wrap();
    const address = template.replace("{lat}", lat.toFixed(2)).replace("{lon}", lng.toFixed(2));
    if (map.getZoom() < OUTLINES_FROM_ZOOM || asked.has(address)) return;
    asked.add(address);
    void drawOutlines(document, map, address);
  });
}

function tuple({ lat, lon }: Position): LatLngTuple {
  return [lat, lon];
}

/** How wide the link of a line is, as wide as a finger needs, and how many stand side by side where lines have the same place. */
const LINK = 44;
const LINKS_IN_ROW = 4;

/** The lines of the desk's page, each as a link with its number that leads to it. */
function showLines(document: Document, map: LeafletMap): void {
  const placed: { position: Position; link: HTMLAnchorElement; shift: [number, number] }[] = [];
  const here = new Map<string, number>();
  for (const line of document.querySelectorAll<HTMLElement>("table.desk tr[data-lat]")) {
    const position = readPosition(line.dataset["lat"], line.dataset["lon"]);
    const ticket = line.querySelector<HTMLElement>(".ticket");
    if (position === undefined || ticket === null) continue;
    const place = tuple(position).join();
    const before = here.get(place) ?? 0;
    here.set(place, before + 1);
    const link = document.createElement("a");
    link.className = "map-line";
    link.href = `#${ticket.id}`;
    link.textContent = ticket.id.replace("line-", "");
    link.setAttribute("aria-label", `${link.textContent} ${ticket.textContent ?? ""}`);
    // The map would take the focus.
    for (const name of ["click", "dblclick", "keydown"]) link.addEventListener(name, (event) => event.stopPropagation());
    placed.push({ position, link, shift: [(before % LINKS_IN_ROW) * LINK, Math.floor(before / LINKS_IN_ROW) * LINK] });
    map.getPanes().markerPane.append(link);
  }
  const put = (): void => {
    for (const { position, link, shift } of placed) {
      const { x, y } = map.latLngToLayerPoint(tuple(position));
      link.style.transform = `translate(${x + shift[0] - LINK / 2}px, ${y + shift[1] - LINK / 2}px)`;
    }
  };
  const all = placed.map(({ position }) => tuple(position));
  if (all.length > 0) map.fitBounds(all, { maxZoom: map.getZoom(), padding: [LINK, LINK], animate: false });
  put();
  map.on("zoomend viewreset", put);
}

/** Text as an element: Leaflet would read a string as HTML. */
function words(document: Document, text: string): HTMLElement {
  const element = document.createElement("span");
  element.textContent = text;
  return element;
}

function readPoints(element: HTMLElement): { position: Position; name: string }[] {
  const found: { position: Position; name: string }[] = [];
  for (const { dataset } of element.querySelectorAll<HTMLElement>("[data-point]")) {
    const position = readPosition(dataset["lat"], dataset["lon"]);
    if (position !== undefined) found.push({ position, name: dataset["name"] ?? "" });
  }
  return found;
}

/** Goes as far out as it takes to see the accuracy and all points, and no nearer than the map already is. */
function showAll(map: LeafletMap, shown: LayerGroup & { getBounds(): ReturnType<LeafletMap["getBounds"]> }, others: Position[]): void {
  const bounds = shown.getBounds();
  for (const other of others) bounds.extend(tuple(other));
  const options: FitBoundsOptions = { maxZoom: map.getZoom(), padding: [24, 24], animate: false };
  if (!map.getBounds().contains(bounds)) map.fitBounds(bounds, options);
}

/** The mouse wheel and the finger move the map while it has the focus, and the page otherwise. */
function giveInWhileFocused(map: LeafletMap, canvas: HTMLElement): void {
  const draggedAlways = map.dragging.enabled();
  canvas.addEventListener("focus", () => {
    map.scrollWheelZoom.enable();
    map.dragging.enable();
  });
  canvas.addEventListener("blur", () => {
    map.scrollWheelZoom.disable();
    if (!draggedAlways) map.dragging.disable();
  });
  // A tap does not focus an element in every browser.
  map.on("click", () => canvas.focus({ preventScroll: true }));
}

function buttons(element: HTMLElement, map: () => LeafletMap): HTMLElement {
  const document = element.ownerDocument;
  const box = document.createElement("div");
  box.className = "map-buttons";
  const add = (sign: string, name: string | undefined, act: () => void): void => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = sign;
    button.setAttribute("aria-label", name ?? sign);
    button.title = name ?? "";
    button.addEventListener("click", act);
    box.append(button);
  };
  add("+", element.dataset["zoomIn"], () => map().zoomIn());
  add("−", element.dataset["zoomOut"], () => map().zoomOut());
  return box;
}

function attributionOf({ dataset, ownerDocument }: HTMLElement): HTMLElement | undefined {
  const { attribution, attributionHref } = dataset;
  if (attribution === undefined || attribution === "") return undefined;
  const box = ownerDocument.createElement("p");
  box.className = "map-attribution";
  if (attributionHref === undefined) {
    box.textContent = attribution;
  } else {
    const link = ownerDocument.createElement("a");
    link.href = attributionHref;
    link.rel = "noreferrer";
    link.textContent = attribution;
    box.append(link);
  }
  return box;
}

/** Outlines are a help: without them the map stays as it is. */
async function drawOutlines(document: Document, map: LeafletMap, address: string): Promise<void> {
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" }, credentials: "omit" });
    if (!response.ok) return;
    const outlines = new GeoJSON((await response.json()) as GeoJSON.GeoJsonObject, {
      style: { className: "map-outline", fill: false, weight: 3 },
      // Points are no outlines.
      filter: ({ geometry }) => geometry.type.includes("Polygon") || geometry.type.includes("LineString"),
      onEachFeature: ({ properties }, layer) => {
        const name: unknown = properties?.name;
        if (typeof name === "string") layer.bindTooltip(words(document, name), { sticky: true });
      },
    });
    outlines.addTo(map).bringToBack();
  } catch {
    // Not GeoJSON, or no network.
  }
}

function startPicking(element: HTMLElement, canvas: HTMLElement, map: LeafletMap): void {
  const document = element.ownerDocument;
  const input = (id: string | undefined): HTMLInputElement | undefined => {
    const found = document.getElementById(id ?? "");
    return found instanceof HTMLInputElement ? found : undefined;
  };
  const latInput = input(element.dataset["latInput"]);
  const lonInput = input(element.dataset["lonInput"]);
  if (latInput === undefined || lonInput === undefined) return;
  const point = circleMarker([0, 0], { className: "map-point", radius: 9, weight: 4, interactive: false });
  const said = document.createElement("p");
  said.className = "visually-hidden";
  said.setAttribute("role", "status");
  const cross = document.createElement("div");
  cross.className = "map-cross";
  element.append(cross, said);

  const show = (): Position | undefined => {
    const position = readPosition(latInput.value, lonInput.value);
    if (position === undefined) point.remove();
    else point.setLatLng(tuple(position)).addTo(map);
    return position;
  };
  const pick = (lat: number, lon: number): void => {
    const written = formatPosition({ lat, lon });
    latInput.value = written.lat;
    lonInput.value = written.lon;
    for (const changed of [latInput, lonInput]) {
      changed.dispatchEvent(new Event("input", { bubbles: true }));
      changed.dispatchEvent(new Event("change", { bubbles: true }));
    }
    said.textContent = (element.dataset["pickedText"] ?? "").replace("{lat}", written.lat).replace("{lon}", written.lon);
  };
  const follow = (): void => {
    const position = show();
    if (position !== undefined && !map.getBounds().contains(tuple(position))) map.panTo(tuple(position));
  };

  map.on("click", ({ latlng }) => pick(latlng.lat, latlng.wrap().lng));
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    const { lat, lng } = map.getCenter().wrap();
    pick(lat, lng);
  });
  for (const changed of [latInput, lonInput]) changed.addEventListener("input", follow);
  const given = show();
  if (given !== undefined) map.setView(tuple(given), map.getZoom(), { animate: false });
}
