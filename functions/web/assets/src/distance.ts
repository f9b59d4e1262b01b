// How far it is from one place to another, and how that is written.
import type { Position } from "./position";

const EARTH_M = 6_371_000;

/** In metres, as the crow flies. */
export function distance(one: Position, other: Position): number {
  const [lat1, lat2] = [radians(one.lat), radians(other.lat)];
  const lon = radians(other.lon - one.lon);
  const half = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(lon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** Such as 350 m or 1.2 km: no closer than the places of lines are known, which is ten metres. */
export function writeDistance(metres: number, language: string): string {
  const isFar = metres >= 995;
  const unit = isFar ? "kilometer" : "meter";
  const number = isFar ? metres / 1000 : Math.max(10, Math.round(metres / 10) * 10);
  const digits = isFar && number < 10 ? 1 : 0;
  return new Intl.NumberFormat(language, { style: "unit", unit, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(number);
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
