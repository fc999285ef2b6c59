// The pictures of lesson cards: small drawings by name, and the mark of a lesson that has none. Knows no progress.

import { drawing } from "../ui/dom.js";

/** @typedef {(put: (kind: string, x: number, y: number, width: number, height?: number) => void) => void} Draw */

/** @type {Record<string, Draw>} */
const DRAWINGS = {};

/** A drawing of 240 × 108. */
export function pictureOf(/** @type {string} */ name) {
  const sign = drawing("svg", { viewBox: "0 0 240 108" });
  const put = (
    /** @type {string} */ kind,
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {number} */ width,
    height = width,
  ) => sign.append(drawing("rect", { x, y, width, height, class: kind }));
  (DRAWINGS[name] ?? plain)(put);
  return sign;
}

/** A window on a grid, and the cell that it writes. @type {Draw} */
function plain(put) {
  for (let row = 0; row < 5; row++)
    for (let col = 0; col < 5; col++) put(row === col ? "above" : "zero", 50 + 14 * col, 19 + 14 * row, 14);
  put("grid input", 50, 19, 70);
  put("grid kernel", 64, 33, 42);
  put("above", 160, 44, 20);
  put("grid output", 160, 44, 20);
}
