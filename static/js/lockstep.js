// Two settings in lock-step: where the other one stands, and which output cells of the two differ. Pure: states in,
// states and counts out; comes by import with a comparison. Knows no DOM, no network and no canvas.

import { comparedSetting } from "./comparing.js";
import { stepIndex, stepPosition } from "./geometry.js";
import { emptyHistory } from "./history.js";
import { clamp, fittingChannel, same } from "./setting.js";
import { operationOf, parameterOf, settle, withSetting } from "./settling.js";
import { outputCellAt, outputIndex } from "./sum.js";
import { currentNumbers, isWhole, lastStep, viewOf } from "./viewed.js";
import { fitted } from "./zoom.js";

/** @import { LayerGeometry } from "./types.js" */
/** @import { Setting } from "./setting.js" */
/** @import { State } from "./state.js" */

/**
 * The state of A beside that of B: the same place, filter, channel and magnification, as far as its own shape has them.
 * @param {State} state B @param {State | null} before A as it was, with the numbers that have come for it
 * @param {boolean} anew A's setting is another than before
 * @returns {State}
 */
export function beside(state, before, anew) {
  const setting = comparedSetting(state) ?? state.setting;
  const other = before && !anew ? before : settled(state, before, setting);
  const layer = viewOf(other);
  const mirrored = {
    ...other,
    theme: state.theme,
    walk: state.walk,
    playing: state.playing,
    speed: state.speed,
    fraction: state.fraction,
    lit: state.lit,
  };
  if (!layer || !other.shown) return mirrored;
  const lanes = other.shown.geometry.lanes;
  const at = { ...mirrored, lane: clamp(state.lane, 0, lanes - 1), pointed: null };
  const channel = fittingChannel(state.channel, other.inputShape);
  const own = viewOf(at) ?? layer;
  const { pointed } = state;
  const shown = viewOf(state);
  const placed = { ...at, channel, step: sharedStep(state, at), zoom: fitted(own, state.zoom) };
  if (pointed?.grid !== "output" || !shown || own.result === "columns") return placed;
  const cell = outputCellAt(shown, pointed.step);
  const inside =
    cell.length === own.axes.length && own.axes.every((axis, one) => Number(cell[one]) < axis.output);
  return inside ? { ...placed, pointed: { grid: "output", step: outputIndex(own, cell) } } : placed;
}

/** A's own setting, settled anew; what does not fit is shown by its words alone. @returns {State} */
function settled(
  /** @type {State} */ state,
  /** @type {State | null} */ before,
  /** @type {Setting} */ setting,
) {
  const bare = { ...state, pins: [], paint: null, compare: null, history: emptyHistory(), told: null };
  const fresh = {
    ...bare,
    shown: null,
    problem: null,
    notice: null,
    overdue: null,
    numbers: before?.numbers ?? null,
  };
  const other = withSetting(fresh, setting);
  // Only the server knows the shape of some pictures; B has been told it.
  if (!other.inputShape && same(setting.source, state.setting.source))
    return settle({ ...other, inputShape: state.inputShape });
  return other;
}

/** The step of A at B's place: the same position, or the last that there is. */
function sharedStep(/** @type {State} */ state, /** @type {State} */ other) {
  const [layer, own] = [viewOf(state), viewOf(other)];
  if (!layer || !own) return 0;
  if (layer.step_shape.length !== own.step_shape.length) return Math.min(state.step, lastStep(other));
  const position = stepPosition(layer, state.step);
  return stepIndex(
    own,
    position.map((at, axis) => Math.min(at, Number(own.step_shape[axis]) - 1)),
  );
}

// ------------------------------------------------------------------------------------- what differs

/**
 * Cells of the filter on view that are not the same in both, by value or because only one has them.
 * @typedef {object} Differences
 * @property {number} differing @property {number} cells of both together @property {boolean} shapes are not the same
 * @property {number} largest difference of two numbers
 * @property {[Uint8Array, Uint8Array]} marks per cell of A and of B: 1 where it differs
 */

/** Numbers that are this near, as a share of the largest, came of another order of summation. */
const NEAR = 2e-6;

/** @returns {Differences | null} null while numbers of either are missing */
export function differences(/** @type {State} */ a, /** @type {State} */ b) {
  const sides = [a, b].map((state) => ({
    state,
    numbers: currentNumbers(state),
    layer: state.shown?.geometry,
  }));
  const [one, other] = sides;
  if (!one?.layer || !other?.layer || a.problem || b.problem || !isWhole(a) || !isWhole(b)) return null;
  const [first, second] = [planeOf(a, one.layer), planeOf(b, other.layer)];
  if (!first || !second) return null;
  const shapes = !same(first.shape, second.shape);
  const marks = /** @type {[Uint8Array, Uint8Array]} */ ([
    new Uint8Array(first.values.length).fill(1),
    new Uint8Array(second.values.length).fill(1),
  ]);
  const near = NEAR * Math.max(reach(first.values), reach(second.values));
  let largest = 0;
  let equal = 0;
  let both = 0;
  if (first.shape.length === second.shape.length) {
    for (const [index, at] of overlap(first.shape, second.shape)) {
      const [x, y] = [Number(first.values[index]), Number(second.values[at])];
      both++;
      const apart = Math.abs(x - y);
      if (Number.isFinite(apart)) largest = Math.max(largest, apart);
      if (!Object.is(x, y) && x !== y && !(apart <= near)) continue;
      equal++;
      marks[0][index] = 0;
      marks[1][at] = 0;
    }
  }
  const cells = first.values.length + second.values.length - both;
  return { differing: cells - equal, cells, shapes, largest, marks };
}

/** The output that is compared: the map of the filter on view, or the whole matrix of columns. */
function planeOf(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const numbers = currentNumbers(state);
  if (!numbers?.output) return null;
  if (layer.result === "columns")
    return numbers.lanes ? null : { shape: [layer.lanes, layer.steps], values: numbers.output };
  const held = numbers.lanes ? numbers.lanes.indexOf(state.lane) : state.lane;
  if (held < 0) return null;
  const shape = layer.axes.map((axis) => axis.output);
  const cells = shape.reduce((all, side) => all * side, 1);
  return { shape, values: numbers.output.subarray(held * cells, (held + 1) * cells) };
}

function reach(/** @type {Float32Array} */ values) {
  let most = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (size > most && size !== Number.POSITIVE_INFINITY) most = size;
  }
  return most;
}

/** The cells that both shapes have, by their number in each. @returns {Generator<[number, number]>} */
function* overlap(/** @type {number[]} */ first, /** @type {number[]} */ second, from = 0, at = 0) {
  const length = Math.min(Number(first[0]), Number(second[0]));
  const inner = first.slice(1);
  const steps = [inner, second.slice(1)].map((sides) => sides.reduce((all, side) => all * side, 1));
  for (let index = 0; index < length; index++) {
    const next = /** @type {[number, number]} */ ([
      from + index * Number(steps[0]),
      at + index * Number(steps[1]),
    ]);
    if (inner.length === 0) yield next;
    else yield* overlap(inner, second.slice(1), ...next);
  }
}

/**
 * The parameters in which two settings differ, by name, with the value that each stands for; undefined where an
 * operation has none of that name.
 * @returns {[name: string, a: unknown, b: unknown][]}
 */
export function differingParameters(/** @type {State} */ a, /** @type {State} */ b) {
  const names = [a, b].map(
    (state) =>
      new Map(
        operationOf(state.catalog, state.setting.operation).parameters.map((one) => [one.name, one.title]),
      ),
  );
  const all = [...new Set(names.flatMap((own) => [...own.keys()]))];
  return all.flatMap((name) => {
    const [one, other] = [a, b].map((state, at) =>
      names[at]?.has(name) ? parameterOf(state, name) : undefined,
    );
    const title = names[0]?.get(name) ?? names[1]?.get(name) ?? name;
    return same(one, other) ? [] : [/** @type {[string, unknown, unknown]} */ ([title, one, other])];
  });
}
