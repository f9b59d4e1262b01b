// Signing out in one tab empties all of them: an officer who leaves a shared computer leaves nothing on its screen.
import { forgetDrafts } from "./drafts";
import { forgetDevice } from "./own_device";
import { clearPage, replacePage } from "./replace_page";
import { listen, post } from "./tabs";

export function start(document: Document): void {
  const window = document.defaultView;
  if (window === null) return;
  if (document.body.hasAttribute("data-signed-out")) {
    forgetDrafts();
    forgetDevice();
    post({ type: "signed-out" });
  } else {
    listen(window, (message) => {
      if (message.type !== "signed-out") return;
      forgetDrafts();
      forgetDevice();
      replacePage(document, "signed-out-elsewhere");
    });
  }
  window.addEventListener("pageshow", (event) => {
    // A page that the browser kept in memory was made for whoever was signed in then, and has missed what tabs said since.
    if (!event.persisted) return;
    clearPage(document);
    window.location.reload();
  });
}
