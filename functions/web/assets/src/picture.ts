// A picture as the browser draws it: made small before it is sent, and shown in its card.
import { keptSize } from "./picture_size";

/** Better than what is kept (85), as it is compressed twice. */
const QUALITY = 0.9;

/**
 * The picture in the size that is kept, as JPEG, upright; the very bytes where it has that size already, where it would not become smaller,
 * or where this browser cannot draw it.
 */
export async function shrunk(file: Blob): Promise<Blob> {
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    try {
      const [width, height] = keptSize(bitmap.width, bitmap.height);
      if (width === bitmap.width && height === bitmap.height) return file;
      const drawn = await drawnJpeg(bitmap, [width, height]);
      return drawn && drawn.type === "image/jpeg" && drawn.size < file.size ? drawn : file;
    } finally {
      bitmap.close();
    }
  } catch {
    return file;
  }
}

/** A picture drawn in this size, as JPEG; nothing where this browser cannot draw it. */
export async function drawnJpeg(picture: CanvasImageSource, [width, height]: readonly [number, number]): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  return draw(canvas, picture) ? new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY)) : null;
}

/** Draws a picture into the middle of a canvas; one that cannot be drawn leaves it empty. */
export async function preview(canvas: HTMLCanvasElement, picture: Blob): Promise<void> {
  try {
    const bitmap = await createImageBitmap(picture, { imageOrientation: "from-image" });
    const factor = Math.min(canvas.width / bitmap.width, canvas.height / bitmap.height);
    const [width, height] = [bitmap.width * factor, bitmap.height * factor];
    canvas.getContext("2d")?.drawImage(bitmap, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
    bitmap.close();
  } catch {
    // Its card has a name too.
  }
}

function draw(canvas: HTMLCanvasElement, picture: CanvasImageSource): boolean {
  const context = canvas.getContext("2d");
  if (context === null) return false;
  // Transparent parts are white where they are kept.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return true;
}
