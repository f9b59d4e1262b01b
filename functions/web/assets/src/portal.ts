// What every page of the portal loads. Each part looks for its elements in the page and does nothing where there are none.
import { start as startCounter } from "./counter";
import { start as startDrafts } from "./drafts";
import { start as startFilterOptions } from "./filter_options";
import { start as startInsert } from "./insert";
import { start as startMaps } from "./maps";
import { start as startOutbox } from "./outbox";
import { start as startPhotoCards } from "./photo_cards";
import { start as startPhotos } from "./photos";
import { start as startSession } from "./session";
import { start as startSignOut } from "./sign_out";
import { start as startSubmitOnce } from "./submit_once";

/** Loads what asks the device where it is, on the pages that have a button for that. */
function startWhere(document: Document): void {
  if (document.querySelector("[data-measure], [data-lines]") !== null) void import("./where").then(({ start }) => start(document));
}

// The signing out comes first: it removes the drafts that others would read.
const parts = [
  startSignOut,
  startSession,
  startDrafts,
  startCounter,
  startOutbox,
  startSubmitOnce,
  startInsert,
  startFilterOptions,
  startPhotos,
  startPhotoCards,
  startMaps,
  startWhere,
];

for (const start of parts) {
  // Each in a task of its own, so that an error in one does not keep the others from starting.
  queueMicrotask(() => start(document));
}
