// What asks the device where it is, each by a button of its own.
import { start as startLocation } from "./location";
import { start as startNearest } from "./nearest";

export function start(document: Document): void {
  startLocation(document);
  startNearest(document);
}
