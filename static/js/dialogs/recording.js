// An animation as a video that this browser records: the server's frames, shown one after the other on a canvas of
// its own. Offers only what the browser can; draws by way of the one module that does.

import { paintFrame } from "../picture/canvas.js";

/** Name of the form to what a browser calls it, best first. @type {[name: string, types: string[]][]} */
const FORMS = [
  ["webm", ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"]],
  ["mp4", ["video/mp4;codecs=avc1.42E01E", "video/mp4;codecs=vp9", "video/mp4"]],
];
const BITS_PER_PIXEL_S = 3;
const MOST_BITS = 16_000_000;
/** The last frame must have been seen before a recorder stops. */
const TAIL_MS = 120;
/** Microseconds that a frame stays when the file does not say. */
const USUAL_US = 500_000;

/** The video forms that this browser records, by name: none where it cannot take an animation apart. */
export function videoForms() {
  const able =
    typeof ImageDecoder !== "undefined" &&
    typeof MediaRecorder !== "undefined" &&
    typeof HTMLCanvasElement.prototype.captureStream === "function";
  if (!able) return [];
  return FORMS.flatMap(([name, types]) => {
    const type = types.find((one) => MediaRecorder.isTypeSupported(one));
    return type ? [{ name, type }] : [];
  });
}

/** Some time later, or at once when it is cancelled. @returns {Promise<void>} */
function after(/** @type {number} */ time_ms, /** @type {AbortSignal} */ signal) {
  return new Promise((done) => {
    const timer = setTimeout(done, signal.aborted ? 0 : time_ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      done();
    });
  });
}

/**
 * Record an animated WebP, in the time that it takes to watch it; null when it was cancelled.
 * @param {Blob} animation @param {string} type
 * @param {(done: number, of: number) => void} progress @param {AbortSignal} signal
 * @returns {Promise<Blob | null>}
 */
export async function record(animation, type, progress, signal) {
  const decoder = new ImageDecoder({ data: await animation.arrayBuffer(), type: "image/webp" });
  await decoder.tracks.ready;
  await decoder.completed;
  const frames = decoder.tracks.selectedTrack?.frameCount ?? 0;
  const canvas = document.createElement("canvas");
  const first = (await decoder.decode({ frameIndex: 0 })).image;
  // Video wants even sides.
  canvas.width = first.displayWidth + (first.displayWidth % 2);
  canvas.height = first.displayHeight + (first.displayHeight % 2);
  first.close();
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks();
  const videoBitsPerSecond = Math.min(MOST_BITS, canvas.width * canvas.height * BITS_PER_PIXEL_S);
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond });
  /** @type {Blob[]} */
  const parts = [];
  recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
  const stopped = new Promise((done) => recorder.addEventListener("stop", done, { once: true }));
  recorder.start();
  /** Show a frame and have it recorded; how long it stays. A frame is only taken from what was just painted. */
  const show = async (/** @type {number} */ at) => {
    const { image } = await decoder.decode({ frameIndex: at });
    paintFrame(canvas, image);
    /** @type {CanvasCaptureMediaStreamTrack} */ (track).requestFrame();
    const { duration } = image;
    image.close();
    return (duration ?? USUAL_US) / 1000;
  };
  for (let at = 0; at < frames && !signal.aborted; at++) {
    await after(await show(at), signal);
    progress(at + 1, frames);
  }
  // Once more, or the video would end when its last frame begins.
  await show(frames - 1);
  await after(TAIL_MS, signal);
  recorder.stop();
  await stopped;
  track?.stop();
  decoder.close();
  return signal.aborted ? null : new Blob(parts, { type });
}
