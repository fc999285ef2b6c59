// The outlines of a window and of the cell that it writes, and how it moves between two steps. Pure: makes marks; knows no
// state and no canvas.

import { grown, hasGaps } from "../grid/cells.js";
import { on } from "../grid/magnified.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Mark } from "../scene.js" */

/** @returns {Rect} what is written: the cell */
export function cellMarks(/** @type {Mark[]} */ marks, /** @type {Box} */ box, /** @type {Rect} */ cell) {
  marks.push(
    on(box, {
      kind: "outline",
      rects: [grown(cell, 6)],
      stroke: "output",
      line: box.cell >= 12 ? 3 : 2,
      halo: true,
    }),
  );
  return cell;
}

/** The part of a step for which the window rests before it moves to the next. */
export const RESTS = 0.55;

/** Quick at first and then calm, from 0 to 1: close to the ease of the style sheets. */
export function eased(/** @type {number} */ part) {
  return 1 - (1 - Math.min(1, Math.max(0, part))) ** 3;
}

/** How long a window takes to its next place, and of a step at most. */
const GLIDE_S = 0.24;
const MOST_OF_STEP = 0.48;

/** How far a window is on its way to its next place, at a speed in steps a second. */
export function glided(/** @type {number} */ fraction, /** @type {number} */ speed) {
  const part = Math.min(MOST_OF_STEP, GLIDE_S * speed);
  return eased((fraction - 1 + part) / part);
}

/** The window: its taps where they have gaps, and the frame around them. */
export function windowMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Box} */ box,
  /** @type {LayerGeometry} */ layer,
  /** @type {Rect[]} */ taps,
  /** @type {Rect} */ window,
) {
  const gaps = hasGaps(layer);
  const { cell } = box;
  const line = cell >= 12 ? 2 : 1;
  if (cell >= 5 && gaps)
    marks.push(on(box, { kind: "outline", rects: taps, stroke: "kernel", line, halo: true }));
  const dash = gaps ? [5, 4] : undefined;
  const outer = grown(window, 10);
  const frame = { rects: [outer], line: gaps ? 1.5 : cell >= 12 ? 3 : 2, ...(dash && { dash }) };
  marks.push(on(box, { kind: "outline", stroke: "kernel", halo: true, ...frame }));
}
