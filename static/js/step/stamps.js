// The second walk of a layer: a step per input cell, which stamps the kernel, times the cell, onto the output. Pure
// arithmetic on a geometry and the numbers that the page holds; knows no DOM, no network, and no operation's name.

import { coordinate, stepPosition, weightIndex } from "../layer/walk.js";
import { sumsAfter } from "./partial_sums.js";

/** @import { AxisGeometry, LayerGeometry } from "../types/geometry.js" */

/** One step that writes an output coordinate on an axis, and the tap it does so with. @typedef {{ place: number, tap: number }} Writer */
/** The tensors as flat arrays. @typedef {{ input: ArrayLike<number>, weight: ArrayLike<number>, bias: ArrayLike<number> | null }} Tensors */

const ONE_CELL = /** @type {const} */ ({ kind: "affine", start: 0, stride: 1, taps: 1, gap: 1 });

/** The state of an output cell at a step. */
export const UNTOUCHED = 0;
export const GROWING = 1;
export const COMPLETE = 2;

/** @type {WeakMap<LayerGeometry, LayerGeometry>} */
const views = new WeakMap();

/**
 * The layer as its second walk goes: a step reads one bare input cell and writes what the kernel, unturned, reaches.
 * The same object for the same geometry; null where there is no second walk.
 * @param {LayerGeometry} layer
 */
export function stampingOf(layer) {
  const { scatter } = layer;
  if (!scatter) return null;
  const known = views.get(layer);
  if (known) return known;
  const bare = { spread: 1, begin: 0, end: 0, overhang: 0, reads: ONE_CELL, unread: [], unread_count: 0 };
  /** @type {LayerGeometry} */
  const view = {
    ...layer,
    steps: scatter.steps,
    step_shape: scatter.step_shape,
    flipped: false,
    unread_cells: 0,
    axes: layer.axes.map((axis, at) => ({ ...axis, ...bare, writes: scatter.writes[at] ?? ONE_CELL })),
  };
  views.set(layer, view);
  return view;
}

// ------------------------------------------------------------------------------------- who writes what

/** @type {WeakMap<AxisGeometry, Writer[][]>} */
const writersOf = new WeakMap();

/**
 * Per output coordinate of an axis, the steps that write it, ascending.
 * @param {AxisGeometry} axis of a stamping layer
 */
export function writersOn(axis) {
  const known = writersOf.get(axis);
  if (known) return known;
  /** @type {Writer[][]} */
  const writers = Array.from({ length: axis.output }, () => []);
  for (let place = 0; place < axis.size; place++) {
    for (let tap = 0; tap < axis.writes.taps; tap++)
      writers[coordinate(axis.writes, place, tap)]?.push({ place, tap });
  }
  writersOf.set(axis, writers);
  return writers;
}

/** The steps on each axis that write an output cell; their product writes it. */
export function writersOfCell(/** @type {LayerGeometry} */ layer, /** @type {number[]} */ cell) {
  return layer.axes.map((axis, at) => writersOn(axis)[Number(cell[at])] ?? []);
}

/**
 * Whether an output cell still waits for stamps after a step. Steps are row-major, so the first and the last writer
 * are those of each axis together. A cell that nothing reaches is complete from the start: it holds the bias.
 * @param {Writer[][]} writers of the cell, per axis @param {number[]} position of the step
 */
export function stageOf(writers, position) {
  if (writers.some((axis) => axis.length === 0)) return COMPLETE;
  if (order(writers, position, lastOf) <= 0) return COMPLETE;
  return order(writers, position, firstOf) <= 0 ? GROWING : UNTOUCHED;
}

/** The first step on an axis that writes; −1: none does. */
function firstOf(/** @type {Writer[]} */ axis) {
  return axis[0]?.place ?? -1;
}

/** The last step on an axis that writes; −1: none does. */
function lastOf(/** @type {Writer[]} */ axis) {
  return axis.at(-1)?.place ?? -1;
}

/** Below, at or above zero: a writer comes before, with or after a position. */
function order(
  /** @type {Writer[][]} */ writers,
  /** @type {number[]} */ position,
  /** @type {(axis: Writer[]) => number} */ pick,
) {
  for (const [at, axis] of writers.entries()) {
    const apart = pick(axis) - Number(position[at]);
    if (apart !== 0) return apart;
  }
  return 0;
}

// ------------------------------------------------------------------------------------- sums

/**
 * An output cell after all the stamps up to a step, in double precision and before the activation.
 * @param {LayerGeometry} layer stamping @param {Tensors} tensors @param {number} lane @param {number[]} cell
 * @param {number} step −1: before the first
 */
export function sumAfter(layer, tensors, lane, cell, step) {
  const bias = Number(tensors.bias?.[lane] ?? 0);
  if (step < 0) return bias;
  return bias + stamped(layer, tensors, lane, writersOfCell(layer, cell), stepPosition(layer, step));
}

/**
 * The products that the steps up to a position have stamped onto one cell.
 * @param {LayerGeometry} layer @param {Tensors} tensors @param {number} lane @param {Writer[][]} writers
 * @param {number[]} position
 */
function stamped(layer, tensors, lane, writers, position) {
  const { axes, channels_per_group: channels } = layer;
  const first = Math.floor(lane / layer.lanes_per_group) * channels;
  const cells = axes.reduce((total, { size }) => total * size, 1);
  // Unturned taps follow each other in the weight, and channels are evenly apart.
  const start = weightIndex(layer, lane, 0, 0);
  const apart = weightIndex(layer, lane, 1, 0) - start;
  const { input, weight } = tensors;
  let total = 0;
  /** `edge`: the axes before stand at the position itself, so this one ends there. */
  const along = (
    /** @type {number} */ at,
    /** @type {number} */ cell,
    /** @type {number} */ tap,
    /** @type {boolean} */ edge,
  ) => {
    const axis = axes[at];
    if (!axis) {
      for (let channel = 0; channel < channels; channel++)
        total +=
          Number(input[(first + channel) * cells + cell]) * Number(weight[start + channel * apart + tap]);
      return;
    }
    const end = edge ? Number(position[at]) : axis.size;
    for (const writer of /** @type {Writer[]} */ (writers[at])) {
      if (writer.place > end) break;
      const last = edge && writer.place === end;
      along(at + 1, cell * axis.size + writer.place, tap * axis.writes.taps + writer.tap, last);
    }
  };
  along(0, 0, 0, true);
  return total;
}

/** A part of an output plane. @typedef {{ top: number, left: number, rows: number, cols: number }} Region */

/**
 * A part of one plane of the output after a step: what the server made of the cells that are complete, the sum so far
 * of those that grow, the bias in the others; NaN where a number has not come.
 * @param {LayerGeometry} layer stamping @param {Tensors} tensors @param {number} lane @param {number} step
 * @param {number[]} before coordinates on the axes before the plane's (the depth of a volume)
 * @param {ArrayLike<number>} served the server's values of the whole plane, row-major, as far as they have come
 * @param {Region} region
 * @returns {{ values: Float64Array, stages: Uint8Array }}
 */
export function regionAfter(layer, tensors, lane, step, before, served, region) {
  const position = stepPosition(layer, step);
  const { outer, down, across } = planeWriters(layer, before);
  const firsts = Int32Array.from(across, firstOf);
  const lasts = Int32Array.from(across, lastOf);
  const values = new Float64Array(region.rows * region.cols);
  const stages = new Uint8Array(values.length);
  const bias = Number(tensors.bias?.[lane] ?? 0);
  const growing = (/** @type {number} */ at) => growingRows(layer, at, before);
  const lines = (/** @type {number} */ row) => linesWriting(layer, leadingOf(outer, down[row] ?? null));
  const sums = sumsAfter(layer, tensors, lane, step, before, growing, lines);
  const col = Number(position.at(-1));
  const right = region.left + region.cols;
  let at = 0;
  for (let row = region.top; row < region.top + region.rows; row++) {
    const leading = leadingOf(outer, down[row] ?? null);
    const { late, early } = rowOrder(leading, position);
    for (let own = region.left; own < right; own++, at++) {
      const last = /** @type {number} */ (lasts[own]);
      const first = /** @type {number} */ (firsts[own]);
      if (last < 0 || late < 0 || (late === 0 && last <= col)) {
        stages[at] = COMPLETE;
        values[at] = served[row * across.length + own] ?? Number.NaN;
      } else if (early > 0 || (early === 0 && first > col)) {
        stages[at] = UNTOUCHED;
        values[at] = bias;
      } else {
        stages[at] = GROWING;
        values[at] = bias + /** @type {number} */ (sums.values[(row - sums.top) * across.length + own]);
      }
    }
  }
  return { values, stages };
}

/**
 * The rows of a plane in which something grows, from the first that is not all complete to the last that is touched:
 * before them all is complete, after them nothing is touched.
 * @param {LayerGeometry} layer stamping @param {number} step @param {number[]} before
 * @returns {{ first: number, end: number }}
 */
export function growingRows(layer, step, before) {
  const position = stepPosition(layer, step);
  const { outer, down } = planeWriters(layer, before);
  let first = down.length;
  let end = 0;
  for (const [row, writers] of down.entries()) {
    const { late, early } = rowOrder(leadingOf(outer, writers), position);
    if (late < 0) continue;
    first = Math.min(first, row);
    if (early <= 0) end = row + 1;
  }
  return { first, end: Math.max(first, end) };
}

/** The lines of steps (rows of input cells) by which the axes before the last write a row, ascending. */
function linesWriting(/** @type {LayerGeometry} */ { axes }, /** @type {Writer[][]} */ leading) {
  return leading.reduce(
    (lines, writers, at) =>
      lines.flatMap((line) => writers.map(({ place }) => line * Number(axes[at]?.size) + place)),
    [0],
  );
}

/** Who writes a plane: on the axes before it, down its rows (null for a series) and across its columns. */
function planeWriters(/** @type {LayerGeometry} */ layer, /** @type {number[]} */ before) {
  const outer = before.map((at, axis) => writersOn(/** @type {AxisGeometry} */ (layer.axes[axis]))[at] ?? []);
  const [rows, cols] = layer.axes.length === 1 ? [null, layer.axes[0]] : layer.axes.slice(-2);
  return {
    outer,
    down: rows ? writersOn(rows) : [null],
    across: writersOn(/** @type {AxisGeometry} */ (cols)),
  };
}

function leadingOf(/** @type {Writer[][]} */ outer, /** @type {Writer[] | null} */ row) {
  return row ? [...outer, row] : outer;
}

/** The order that the axes before the last decide for a whole row of cells; a row that nothing reaches is complete. */
function rowOrder(/** @type {Writer[][]} */ leading, /** @type {number[]} */ position) {
  if (leading.some((axis) => axis.length === 0)) return { late: -1, early: -1 };
  return { late: order(leading, position, lastOf), early: order(leading, position, firstOf) };
}

// ------------------------------------------------------------------------------------- what a step stamps

/**
 * Where a step writes: a tap of the kernel, row-major, and the output cell it lands on; outside: it is cropped.
 * @typedef {{ tap: number, cell: number[], outside: boolean }} Landing
 */

/** @returns {Landing[]} one per tap, row-major */
export function landings(/** @type {LayerGeometry} */ layer, /** @type {number} */ step) {
  const position = stepPosition(layer, step);
  /** @type {Landing[]} */
  let found = [{ tap: 0, cell: [], outside: false }];
  for (const [at, { writes, output }] of layer.axes.entries()) {
    const places = Array.from({ length: writes.taps }, (_, tap) =>
      coordinate(writes, Number(position[at]), tap),
    );
    found = found.flatMap(({ tap, cell, outside }) =>
      places.map((place, own) => ({
        tap: tap * writes.taps + own,
        cell: [...cell, place],
        outside: outside || place < 0 || place >= output,
      })),
    );
  }
  return found;
}
