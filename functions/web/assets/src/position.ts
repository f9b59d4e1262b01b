// A place in degrees, as attributes and inputs write it.

export interface Position {
  readonly lat: number;
  readonly lon: number;
}

/** The place, if both are numbers that a place can have. A comma is what Indonesian keyboards write for the decimal point. */
export function readPosition(lat: string | undefined, lon: string | undefined): Position | undefined {
  const position = { lat: degrees(lat), lon: degrees(lon) };
  return Math.abs(position.lat) <= 90 && Math.abs(position.lon) <= 180 ? position : undefined;
}

/** Five decimals, which is a metre. */
export function formatPosition({ lat, lon }: Position): { lat: string; lon: string } {
  return { lat: lat.toFixed(5), lon: lon.toFixed(5) };
}

function degrees(text: string | undefined): number {
  const trimmed = (text ?? "").trim().replace(",", ".");
  return trimmed === "" ? NaN : Number(trimmed);
}
