// A pad of cells that is drawn on with a finger, a pointer or keys: ink where a stroke passes, softer at its edge. Turns
// strokes into values from 0 to 1; knows no network.

import { el } from "../ui/dom.js";
import { inkBetween, paint, picture, pixelsOf } from "./pictures.js";

/** @import { Theme } from "../types/page.js" */

/** Half the width of the ink, in cells. */
const HALF = 0.75;

/** How dark a stroke from one point to another makes each cell of a grid: 1 on it, less at its edge. @param {Float32Array} values of side × side @param {number} side @param {[x: number, y: number]} from in cells @param {[x: number, y: number]} to */
export function inkStroke(values, side, from, to) {
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  for (let row = 0; row < side; row++)
    for (let col = 0; col < side; col++) {
      const [x, y] = [col + 0.5, row + 0.5];
      const along =
        length > 0 ? Math.min(1, Math.max(0, ((x - from[0]) * dx + (y - from[1]) * dy) / length)) : 0;
      const away = Math.hypot(x - from[0] - along * dx, y - from[1] - along * dy);
      const ink = Math.min(1, Math.max(0, HALF + 0.5 - away));
      const at = row * side + col;
      values[at] = Math.max(Number(values[at]), ink);
    }
}

/** Pixels of a picture (RGBA) as ink: the darker the more, or where its edge is dark the lighter the more. @param {ArrayLike<number>} pixels @param {number} side @returns {Float32Array} */
export function inkOf(pixels, side) {
  const light = Float32Array.from({ length: side * side }, (_, at) => {
    const [red, green, blue] = [0, 1, 2].map((one) => Number(pixels[4 * at + one]));
    return (0.299 * Number(red) + 0.587 * Number(green) + 0.114 * Number(blue)) / 255;
  });
  const edge = [...light].filter((_, at) => {
    const [row, col] = [Math.floor(at / side), at % side];
    return row === 0 || col === 0 || row === side - 1 || col === side - 1;
  });
  const dark = edge.reduce((sum, value) => sum + value, 0) < edge.length / 2;
  return light.map((value) => (dark ? value : 1 - value));
}

/** The middle square of a picture file as a drawing; null for a file that is no picture. @param {Blob} file @param {number} side */
export async function drawingOf(file, side) {
  try {
    const { width, height } = await createImageBitmap(file);
    const edge = Math.min(width, height);
    const [left, top] = [(width - edge) / 2, (height - edge) / 2].map(Math.floor);
    const how = /** @type {const} */ ({
      resizeWidth: side,
      resizeHeight: side,
      resizeQuality: "high",
    });
    const small = await createImageBitmap(file, Number(left), Number(top), edge, edge, how);
    const pixels = pixelsOf(small);
    return pixels && inkOf(pixels, side);
  } catch {
    return null;
  }
}

/**
 * @param {string} label @param {number} side cells @param {number} cell pixels of one @param {() => Theme} theme
 * @param {(values: Float32Array, lifted: boolean) => void} drawn after each stroke, and while one is drawn
 */
export function drawingPad(label, side, cell, theme, drawn) {
  let values = new Float32Array(side * side);
  /** @type {[number, number] | null} */
  let last = null;
  let cursor = [Math.floor(side / 2), Math.floor(side / 2)];
  const canvas = picture("tr-pad-picture");
  const element = el(
    "div",
    { class: "tr-pad-box", tabindex: 0, role: "application", "aria-label": label },
    canvas,
  );

  function show() {
    paint(canvas, values, { rows: side, cols: side, cell, scale: inkBetween(theme(), 0, 1) }, label);
  }

  /** @returns {[number, number]} */
  function placeOf(/** @type {PointerEvent} */ event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * side, ((event.clientY - box.top) / box.height) * side];
  }
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = placeOf(event);
    inkStroke(values, side, last, last);
    show();
    drawn(values, false);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const next = placeOf(event);
    inkStroke(values, side, last, next);
    last = next;
    show();
    drawn(values, false);
  });
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"]))
    canvas.addEventListener(name, () => {
      if (!last) return;
      last = null;
      drawn(values, true);
    });
  element.addEventListener("keydown", (event) => {
    const [dx, dy] = /** @type {Record<string, [number, number]>} */ ({
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
      " ": [0, 0],
    })[event.key] ?? [null, null];
    if (dx === null || dy === null) return;
    event.preventDefault();
    event.stopPropagation();
    const from = /** @type {[number, number]} */ (cursor.map((at) => at + 0.5));
    cursor = [dx, dy].map((by, axis) => Math.min(side - 1, Math.max(0, Number(cursor[axis]) + by)));
    if (!event.shiftKey)
      inkStroke(values, side, from, /** @type {[number, number]} */ (cursor.map((at) => at + 0.5)));
    show();
    drawn(values, true);
  });
  show();
  return {
    element,
    show,
    get empty() {
      return values.every((value) => value === 0);
    },
    values: () => Float32Array.from(values),
    /** The drawing, and an empty pad again. */
    take() {
      const taken = values;
      values = new Float32Array(side * side);
      show();
      return taken;
    },
  };
}
