// Where the sum of a step stands: at the kernel, row by row, its result below on the side of the output. Pure arithmetic on
// the state and what is laid out; knows no canvas, no DOM and no numbers of the layer.

import { isWeighted } from "../../layer/combine.js";
import { walkOf } from "../../state/selectors.js";
import { dimensions } from "../grid/grids.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Slice } from "./fitted.js" */
/** @import { State } from "../../state/state.js" */

/**
 * `rows`: each row of the kernel has a line of terms and its subtotal; `subtotals`: its subtotal only; `total`: window and
 * kernel stand beside each other and say the terms; `lines`: the sum has no rows. (x, y) is where the first row begins,
 * `foot` where the result stands.
 * @typedef {object} SumSpot
 * @property {"rows" | "subtotals" | "total" | "lines"} kind
 * @property {number} x @property {number} y @property {number} width @property {number} row height of one
 * @property {number} rows
 * @property {{ x: number, y: number, width: number }} foot
 */

/** Over so many columns only subtotals are said. */
const MOST_COLUMNS = 5;
/** A term with its sign; the equals sign and the subtotal; a subtotal alone; and before them. */
const TERM = 54;
const SUBTOTAL = 62;
const ALONE = 84;
const APART = 14;
const WIDEST = 300;
/** The line of the result, with what is above it. */
export const FOOT = 64;
const LINES_FOOT = 104;
/** Of the foot, however narrow the kernel: a word and a number of seven digits. */
const LEAST_FOOT = 230;
/** Rows that are lower hold no terms. */
const LEAST_ROW = 20;

/** Whether the sum of the step can stand at its kernel at all. */
export function hasSum(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  return walkOf(state) === "gather" && layer.result === "grid" && layer.axes.length < 3;
}

/** The height that the result takes, with the sum itself where no kernel stands beside its window. */
export function footOf(/** @type {LayerGeometry} */ layer) {
  return isWeighted(layer) ? FOOT : LINES_FOOT;
}

/** The width of the terms beside a kernel, with the gap before them; 0 where they stand elsewhere. */
export function termsWidth(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {boolean} */ patched,
) {
  const one = layer.channels_per_group === 1 && isWeighted(layer) && layer.combination.term === "product";
  if (patched || !one || layer.taps === 1 || !hasSum(state, layer)) return 0;
  const cols = dimensions(layer).taps[1];
  return APART + (cols > MOST_COLUMNS ? ALONE : Math.min(WIDEST, cols * TERM + SUBTOTAL));
}

/**
 * @param {LayerGeometry} layer @param {Slice[]} slices where they stand @param {number} terms width beside the kernel
 * @param {number} y of the foot @param {number} width of slices and terms together @returns {SumSpot | null}
 */
export function sumSpot(layer, slices, terms, y, width) {
  const [first] = slices;
  const box = first?.kernel ?? first?.patch;
  if (!first || !box) return null;
  const left = (first.patch ?? box).x;
  const right = box.x + box.cols * box.cell;
  const foot = { x: left, y, width: Math.max(width, LEAST_FOOT) };
  const rows = { x: right + APART, y: box.y, width: terms - APART, row: box.cell, rows: box.rows, foot };
  if (terms > 0) {
    const whole = box.cols <= MOST_COLUMNS && box.cell >= LEAST_ROW;
    if (box.cell >= LEAST_ROW) return { kind: whole ? "rows" : "subtotals", ...rows };
  }
  return { kind: isWeighted(layer) && first.patch ? "total" : "lines", ...rows, width: foot.width };
}
