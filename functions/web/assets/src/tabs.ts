// What the portal's tabs in one browser say to each other.

/** A message from one tab to all others. */
export type TabMessage =
  | { readonly type: "signed-out" }
  /** The session was used, and ends in so many seconds: by idleness, and at the latest. */
  | { readonly type: "session"; readonly idle_s: number; readonly left_s: number };

const NAME = "tuntas";

/** Sends a message to the other tabs. */
export function post(message: TabMessage): void {
  if (typeof BroadcastChannel === "function") {
    const channel = new BroadcastChannel(NAME);
    channel.postMessage(message);
    channel.close();
    return;
  }
  try {
    // Other tabs hear of a change of the storage. The moment makes each message a change.
    localStorage.setItem(NAME, JSON.stringify({ ...message, at: Date.now() }));
    localStorage.removeItem(NAME);
  } catch {
    // A browser without storage has no drafts to remove either, and each tab counts for itself.
  }
}

/** Calls `heard` with each message of another tab. */
export function listen(window: Window, heard: (message: TabMessage) => void): void {
  if (typeof BroadcastChannel === "function") {
    new BroadcastChannel(NAME).addEventListener("message", (event) => pass(event.data, heard));
    return;
  }
  window.addEventListener("storage", (event) => {
    if (event.key !== NAME || event.newValue === null) return;
    try {
      pass(JSON.parse(event.newValue), heard);
    } catch {
      // Not a message of this version of the portal.
    }
  });
}

function pass(data: unknown, heard: (message: TabMessage) => void): void {
  if (typeof data !== "object" || data === null) return;
  const { type, idle_s, left_s } = data as Record<string, unknown>;
  if (type === "signed-out") heard({ type });
  else if (type === "session" && typeof idle_s === "number" && typeof left_s === "number") heard({ type, idle_s, left_s });
}
