// When a session ends, and what is to be shown before.

/** Seconds until the session ends, counted from one moment. */
export interface SessionLimits {
  /** Until it ends because nobody used it. */
  readonly idleS: number;
  /** Until it ends at the latest. */
  readonly leftS: number;
}

export type SessionState =
  | { readonly kind: "open"; readonly nextInS: number }
  /** It ends soon, and can be extended. */
  | { readonly kind: "warning"; readonly nextInS: number }
  /** It ends soon, and nothing extends it. */
  | { readonly kind: "final"; readonly nextInS: number }
  | { readonly kind: "ended" };

export const SESSION_WARNING_S = 120;

/** The state so many seconds after the limits were given; `nextInS` is when it changes next. */
export function stateAfter({ idleS, leftS }: SessionLimits, elapsedS: number): SessionState {
  const untilIdle = idleS - elapsedS;
  const untilLast = leftS - elapsedS;
  const untilEnd = Math.min(untilIdle, untilLast);
  if (untilEnd <= 0) return { kind: "ended" };
  if (untilLast <= SESSION_WARNING_S) return { kind: "final", nextInS: untilEnd };
  if (untilIdle <= SESSION_WARNING_S) {
    return { kind: "warning", nextInS: Math.min(untilIdle, untilLast - SESSION_WARNING_S) };
  }
  return { kind: "open", nextInS: untilEnd - SESSION_WARNING_S };
}

/** The limits from an attribute or an answer, if both are numbers of seconds. */
export function readLimits(idle: unknown, left: unknown): SessionLimits | undefined {
  const idleS = seconds(idle);
  const leftS = seconds(left);
  return idleS === undefined || leftS === undefined ? undefined : { idleS, leftS };
}

function seconds(value: unknown): number | undefined {
  if (typeof value === "string" && !/^\d+$/.test(value)) return undefined;
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const number = Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
