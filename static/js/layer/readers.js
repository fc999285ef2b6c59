// The walk seen from its cells: which steps read a cell of the input, and these steps one after the other. Comes with the
// features; pure arithmetic.

import { coordinate, ranges, resolve, tapsAt } from "./walk.js";

/** @import { AxisGeometry, LayerGeometry, StepRanges } from "../types/geometry.js" */
/** @import { Range } from "../types/numbers.js" */

/**
 * The output steps whose window reads one input cell, copies of it in the padding included.
 * @param {LayerGeometry} layer @param {number[]} cell index per axis
 * @returns {StepRanges} positions per axis; the steps are their product
 */
export function stepsReading(layer, cell) {
  const axes = layer.axes.map((axis, number) => positionsReading(axis, /** @type {number} */ (cell[number])));
  const count = axes.reduce((total, ranges) => total * cellsOf(ranges), 1);
  return { axes, count };
}

/** How many numbers lie in some ranges. */
export function cellsOf(/** @type {Range[]} */ some) {
  return some.reduce((total, [first, last]) => total + last - first + 1, 0);
}

/**
 * The steps of a product of ranges, ascending, one after the other.
 * @param {LayerGeometry} layer @param {StepRanges} steps
 * @returns {Generator<number, void>}
 */
export function* eachStep(layer, steps) {
  yield* along(0, 0);
  /** @returns {Generator<number, void>} */
  function* along(/** @type {number} */ axis, /** @type {number} */ before) {
    if (axis === steps.axes.length) {
      yield before;
      return;
    }
    for (const [first, last] of /** @type {Range[]} */ (steps.axes[axis])) {
      for (let at = first; at <= last; at++) {
        yield* along(axis + 1, before * /** @type {number} */ (layer.step_shape[axis]) + at);
      }
    }
  }
}

/** @returns {Range[]} */
function positionsReading(/** @type {AxisGeometry} */ axis, /** @type {number} */ index) {
  const { reads } = axis;
  const reading = new Set();
  if (reads.kind === "table") {
    for (const [step, start] of reads.starts.entries())
      if (index >= start && index < start + tapsAt(reads, step)) reading.add(step);
    return ranges(reading);
  }
  for (const at of coordinatesOf(axis, index)) {
    for (let tap = 0; tap < reads.taps; tap++) {
      const moved = at - coordinate(reads, 0, tap);
      const step = moved / reads.stride;
      if (moved >= 0 && moved % reads.stride === 0 && step < axis.output) reading.add(step);
    }
  }
  return ranges([...reading].sort((one, other) => one - other));
}

/** The coordinates that show an input cell: its own and its copies in the padding. */
function coordinatesOf(/** @type {AxisGeometry} */ axis, /** @type {number} */ index) {
  const shown = [index * axis.spread];
  if (axis.mode === "zeros" || axis.mode === "constant") return shown;
  for (let at = -axis.begin; at < 0; at++) if (resolve(axis, at) === index) shown.push(at);
  for (let at = axis.size; at < axis.size + axis.end; at++) if (resolve(axis, at) === index) shown.push(at);
  return shown;
}
