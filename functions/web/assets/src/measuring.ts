// Watches where the device is until that is known closely enough, and no longer than it may take.
import type { Position } from "./position";

/** A position as a device gives it. */
export interface Measurement extends Position {
  readonly accuracyM: number;
}

/** Why there is no measurement at all. */
export type NoMeasurement = "forbidden" | "failed";

export interface Limits {
  readonly limitMs: number;
  /** So close that there is no need to go on. */
  readonly goodM: number;
}

const PERMISSION_DENIED = 1;

/** The best measurement there is when it is close enough, when the time is over, or when `stop` is aborted. */
export function measure(
  geolocation: Geolocation | undefined,
  { limitMs, goodM }: Limits,
  stop: AbortSignal,
  onBetter: (best: Measurement) => void,
): Promise<Measurement | NoMeasurement> {
  if (geolocation === undefined) return Promise.resolve("failed");
  return new Promise((resolve) => {
    let best: Measurement | undefined;
    let watch: number | undefined;
    let isOver = false;
    const end = (without: NoMeasurement): void => {
      isOver = true;
      clearTimeout(timer);
      if (watch !== undefined) geolocation.clearWatch(watch);
      resolve(best ?? without);
    };
    const timer = setTimeout(() => end("failed"), limitMs);
    stop.addEventListener("abort", () => end("failed"));
    const took = geolocation.watchPosition(
      ({ coords }) => {
        if (isOver || (best !== undefined && best.accuracyM <= coords.accuracy)) return;
        best = { lat: coords.latitude, lon: coords.longitude, accuracyM: coords.accuracy };
        onBetter(best);
        if (best.accuracyM <= goodM) end("failed");
      },
      ({ code }) => {
        // What a device does not know yet it may know a moment later.
        if (!isOver && code === PERMISSION_DENIED) end("forbidden");
      },
      { enableHighAccuracy: true, maximumAge: 0, timeout: limitMs },
    );
    if (isOver) geolocation.clearWatch(took);
    else watch = took;
  });
}
