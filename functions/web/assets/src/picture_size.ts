// How large a picture is kept, as shared/media/src/size.rs has it: more than that is not worth sending.

const LONG_SIDE = 1600;
/** The shorter side that a long picture keeps: the text of a scrolled screenshot stays readable. */
const SHORT_SIDE = 720;
const MOST_PIXELS = 10_000_000;

/** Width and height that are kept of a picture of that width and height. */
export function keptSize(width: number, height: number): readonly [number, number] {
  const short = Math.min(width, height);
  const long = Math.max(width, height);
  const fits = Math.max(LONG_SIDE / long, SHORT_SIDE / short);
  const factor = Math.min(fits, Math.sqrt(MOST_PIXELS / (long * short)), 1);
  if (factor >= 1) return [width, height];
  const scaled = (side: number): number => Math.min(Math.max(Math.round(side * factor), 1), side);
  const [wide, high] = [scaled(width), scaled(height)];
  if (wide * high <= MOST_PIXELS) return [wide, high];
  // Rounded, but never to more pixels than there may be.
  return width > height
    ? [Math.min(wide, Math.floor(MOST_PIXELS / high)), high]
    : [wide, Math.min(high, Math.floor(MOST_PIXELS / wide))];
}
