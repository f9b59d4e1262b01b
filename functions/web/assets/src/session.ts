// Warns two minutes before the session ends, extends it if the officer wants to, and empties the page when it has ended.
import { replacePage } from "./replace_page";
import { type SessionLimits, readLimits, stateAfter } from "./session_time";
import { listen, post } from "./tabs";

/** A computer that wakes up, or whose timers a browser slows down, is to notice within this time. */
const LONGEST_WAIT_MS = 15_000;

export function start(document: Document): void {
  const window = document.defaultView;
  const first = readLimits(document.body.dataset["sessionIdleS"], document.body.dataset["sessionLeftS"]);
  if (window === null || first === undefined) return;
  let count = new Count(first);
  let timer: number | undefined;
  let ended = false;

  const look = (): void => {
    window.clearTimeout(timer);
    if (ended) return;
    const state = stateAfter(count.limits, count.elapsedS());
    if (state.kind === "ended") {
      ended = true;
      replacePage(document, "session-ended");
      return;
    }
    showWarning(document, state.kind);
    timer = window.setTimeout(look, Math.min(state.nextInS * 1000, LONGEST_WAIT_MS));
  };
  const restart = (limits: SessionLimits): void => {
    count = new Count(limits);
    look();
  };

  // Loading this page was a use of the session, which other tabs have not seen.
  post({ type: "session", idle_s: first.idleS, left_s: first.leftS });
  listen(window, (message) => {
    if (message.type === "session") restart({ idleS: message.idle_s, leftS: message.left_s });
  });
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);

  const form = document.querySelector<HTMLFormElement>("#session-warning form");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    void extend(form).then((limits) => {
      if (ended) return;
      showFailed(document, limits === undefined);
      if (limits === undefined) return;
      post({ type: "session", idle_s: limits.idleS, left_s: limits.leftS });
      restart(limits);
    });
  });
  look();
}

/** The seconds since the session's limits were read. */
class Count {
  private readonly ticks = performance.now();
  private readonly clock = Date.now();

  constructor(readonly limits: SessionLimits) {}

  /** Some browsers stop `performance.now` while the computer sleeps, and the clock can be set back: the later of the two counts. */
  elapsedS(): number {
    return Math.max(performance.now() - this.ticks, Date.now() - this.clock) / 1000;
  }
}

function showWarning(document: Document, kind: "open" | "warning" | "final"): void {
  const warning = document.getElementById("session-warning");
  if (warning === null) return;
  const form = warning.querySelector<HTMLElement>("form");
  const final = warning.querySelector<HTMLElement>("[data-session-final]");
  if (form !== null) form.hidden = kind === "final";
  if (final !== null) final.hidden = kind !== "final";
  warning.hidden = kind === "open";
  if (kind === "open") showFailed(document, false);
}

function showFailed(document: Document, failed: boolean): void {
  const text = document.querySelector<HTMLElement>("#session-warning [data-session-failed]");
  if (text !== null) text.hidden = !failed;
}

/** Asks for more time. Nothing is given where the session has ended, or the network fails. */
async function extend(form: HTMLFormElement): Promise<SessionLimits | undefined> {
  const body = new URLSearchParams();
  new FormData(form).forEach((value, name) => {
    if (typeof value === "string") body.append(name, value);
  });
  try {
    const response = await fetch(form.action, {
      method: "POST",
      headers: { Accept: "application/json" },
      body,
      credentials: "same-origin",
      redirect: "error",
    });
    if (response.status !== 200) return undefined;
    const answer = (await response.json()) as { idle_s?: unknown; left_s?: unknown } | null;
    return readLimits(answer?.idle_s, answer?.left_s);
  } catch {
    return undefined;
  }
}
