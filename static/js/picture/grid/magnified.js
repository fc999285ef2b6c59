// Marks on a grid of which a part is on view, kept to that part, and the place under a point. Pure: boxes and marks in, boxes
// and marks out; knows no canvas and no state.

import { rectOf } from "./cells.js";
import { tallOf } from "./grids.js";

/** @import { Rect } from "./cells.js" */
/** @import { Box } from "./grids.js" */
/** @import { Mark } from "../scene.js" */
/** @import { Place } from "../../state/zoom.js" */

/** A place of a grid under a point, 0–1 on both axes; null when it is not on view there. @returns {Place | null} */
export function placeUnder(/** @type {Box} */ box, /** @type {number} */ x, /** @type {number} */ y) {
  const [left, top, width, height] = box.frame ?? rectOf(box);
  if (x < left || y < top || x >= left + width || y >= top + height) return null;
  return { row: (y - box.y) / (box.rows * tallOf(box)), col: (x - box.x) / (box.cols * box.cell) };
}

// ------------------------------------------------------------------------------------- marks on what is on view

/** The part of a rectangle within another; null when they do not meet. @returns {Rect | null} */
export function shared(
  /** @type {Rect} */ [x, y, width, height],
  /** @type {Rect} */ [left, top, wide, high],
) {
  const [from, to] = [Math.max(x, left), Math.min(x + width, left + wide)];
  const [above, below] = [Math.max(y, top), Math.min(y + height, top + high)];
  return to > from && below > above ? [from, above, to - from, below - above] : null;
}

/** A mark without what lies outside a frame. @typedef {(mark: Mark, frame: Rect) => Mark} Clip */
/** @type {Clip} */
let clip = (mark, frame) => ({ ...mark, clip: frame });

/** Grids are magnified by a hand: what clips their marks comes with it. */
export function useClip(/** @type {Clip} */ found) {
  clip = found;
}

/**
 * A mark on a grid, without what lies outside the frame of a magnified one.
 * @param {Box} box @param {Mark} mark @returns {Mark}
 */
export function on({ frame }, mark) {
  return frame ? clip(mark, frame) : mark;
}
