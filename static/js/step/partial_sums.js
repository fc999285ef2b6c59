// The sums that a stamping walk has added to the cells of an output plane up to a step. Goes on from where it was asked last: a
// step forward adds one stamp, a step back begins at its line, another line goes on from what is kept. Sums in the order of the steps, so that every way to a
// step ends in the same bits. Pure arithmetic on a geometry and tensors; knows no DOM and no operation's name.

import { coordinate, weightIndex } from "../layer/walk.js";

/** @import { AxisGeometry, LayerGeometry } from "../types/geometry.js" */
/** @import { Tensors } from "./stamps.js" */

/** The rows of a plane in which something grows, and the products added up in each of their cells. @typedef {{ top: number, end: number, values: Float64Array }} Sums */
/**
 * A line of steps is a row of input cells: `begun` is as the line of `line` begins, `sums` after `taken` of its steps. `rows`
 * holds each row that grows there after none, one, two … of the lines that write it, so that a line up or down adds to few.
 * @typedef {{ of: unknown[], line: number, begun: Sums, sums: Sums, taken: number, rows: Map<number, Float64Array[]> }} Kept
 */

/** Planes that are kept: both sides of a comparison, and one more. */
const MOST_KEPT = 3;
/** @type {Kept[]} */
let kept = [];

/** @type {WeakMap<AxisGeometry, Int32Array>} */
const landing = new WeakMap();

/** Per place and tap of an axis, the output coordinate; −1: outside. */
function landingOn(/** @type {AxisGeometry} */ axis) {
  let found = landing.get(axis);
  if (!found) {
    const { writes, output, size } = axis;
    found = Int32Array.from({ length: size * writes.taps }, (_, at) => {
      const onto = coordinate(writes, Math.floor(at / writes.taps), at % writes.taps);
      return onto >= 0 && onto < output ? onto : -1;
    });
    landing.set(axis, found);
  }
  return found;
}

/**
 * @param {LayerGeometry} layer stamping @param {Tensors} tensors @param {number} lane @param {number} step
 * @param {number[]} before coordinates on the axes before the plane's (the depth of a volume)
 * @param {(step: number) => { first: number, end: number }} growing the rows in which something grows
 * @param {(row: number) => number[]} linesOf the lines of steps that write a row, ascending
 * @returns {Sums}
 */
export function sumsAfter(layer, tensors, lane, step, before, growing, linesOf) {
  const { input, weight } = tensors;
  const steps = Number(layer.step_shape.at(-1));
  const line = Math.floor(step / steps);
  const taken = (step % steps) + 1;
  const of = [layer, input, weight, lane, before[0]];
  const known = kept.find((one) => one.of.every((part, at) => part === of[at]));
  const one = known ?? { of, line: -1, begun: none(), sums: none(), taken: 0, rows: new Map() };
  if (kept[0] !== one) kept = [one, ...kept.filter((other) => other !== known)].slice(0, MOST_KEPT);
  const add = (
    /** @type {Sums} */ to,
    /** @type {number} */ at,
    /** @type {number} */ from,
    /** @type {number} */ end,
  ) => addLine(layer, tensors, lane, before, to, at, from, end);
  if (line !== one.line) {
    const cols = /** @type {AxisGeometry} */ (layer.axes.at(-1)).output;
    const { first, end } = growing(line * steps);
    const values = new Float64Array((end - first) * cols);
    /** @type {Kept["rows"]} */
    const rows = new Map();
    for (let row = first; row < end; row++) {
      const lines = linesOf(row);
      const after = one.rows.get(row) ?? [new Float64Array(cols)];
      const past = lines.findIndex((own) => own >= line);
      const wanted = past < 0 ? lines.length : past;
      for (let done = after.length - 1; done < wanted; done++) {
        const next = /** @type {Float64Array} */ (after[done]).slice();
        add({ top: row, end: row + 1, values: next }, /** @type {number} */ (lines[done]), 0, steps);
        after.push(next);
      }
      values.set(/** @type {Float64Array} */ (after[wanted]), (row - first) * cols);
      rows.set(row, after);
    }
    one.rows = rows;
    one.begun = { top: first, end, values };
    one.line = line;
    one.sums = { ...one.begun, values: values.slice() };
    one.taken = 0;
  } else if (taken < one.taken) {
    one.sums.values.set(one.begun.values);
    one.taken = 0;
  }
  add(one.sums, line, one.taken, taken);
  one.taken = taken;
  return one.sums;
}

/** @returns {Sums} */
const none = () => ({ top: 0, end: 0, values: new Float64Array(0) });

/**
 * Adds what some steps of a line stamp onto a plane.
 * @param {LayerGeometry} layer @param {Tensors} tensors @param {number} lane @param {number[]} before
 * @param {Sums} sums @param {number} line @param {number} from @param {number} end
 */
function addLine(layer, { input, weight }, lane, before, sums, line, from, end) {
  const { axes, channels_per_group: channels } = layer;
  const [row, col] = axes.length === 1 ? [null, axes[0]] : axes.slice(-2);
  if (!col) return;
  const [rows, taps] = [row?.size ?? 1, col.writes.taps];
  const down = row ? landingOn(row) : Int32Array.of(0);
  const across = landingOn(col);
  const rowTaps = row?.writes.taps ?? 1;
  const own = line % rows;
  const outer =
    axes.length === 3 ? outerTap(/** @type {AxisGeometry} */ (axes[0]), Math.floor(line / rows), before) : 0;
  if (outer < 0) return;
  /** The taps down whose row is one of these, and where that row begins. @type {[number, number][]} */
  const onto = [];
  for (let tap = 0; tap < rowTaps; tap++) {
    const at = /** @type {number} */ (down[own * rowTaps + tap]);
    if (at >= sums.top && at < sums.end)
      onto.push([(outer * rowTaps + tap) * taps, (at - sums.top) * col.output]);
  }
  if (onto.length === 0) return;
  const start = weightIndex(layer, lane, 0, 0);
  const apart = weightIndex(layer, lane, 1, 0) - start;
  const cells = axes.reduce((total, { size }) => total * size, 1);
  const first = Math.floor(lane / layer.lanes_per_group) * channels;
  const { values } = sums;
  for (let at = from; at < end; at++) {
    for (let channel = 0; channel < channels; channel++) {
      const value = /** @type {number} */ (input[(first + channel) * cells + line * col.size + at]);
      for (const [tapsBefore, cellsBefore] of onto) {
        const weights = start + channel * apart + tapsBefore;
        for (let tap = 0, place = at * taps; tap < taps; tap++, place++) {
          const cell = /** @type {number} */ (across[place]);
          if (cell >= 0)
            values[cellsBefore + cell] =
              /** @type {number} */ (values[cellsBefore + cell]) +
              value * /** @type {number} */ (weight[weights + tap]);
        }
      }
    }
  }
}

/** The tap by which a place on the first axis of a volume writes the plane; −1: by none. */
function outerTap(
  /** @type {AxisGeometry} */ axis,
  /** @type {number} */ place,
  /** @type {number[]} */ before,
) {
  const { taps } = axis.writes;
  return landingOn(axis)
    .subarray(place * taps, (place + 1) * taps)
    .indexOf(Number(before[0]));
}
