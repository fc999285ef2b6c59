// Painting the input: which input can be painted, what a stroke makes of it, and which outputs no longer hold. A part of
// the reducer; knows no DOM and no network.

import { eachStep, stepsReading } from "../layer/readers.js";
import { middleOf, stepPosition } from "../layer/walk.js";
import { shortestNumber, toJson } from "../words/written.js";
import { choose } from "./choosing.js";
import { settle } from "./resolve.js";
import { currentNumbers, sourceOf, viewOf } from "./selectors.js";
import { clamp, replaced } from "./setting.js";

/** @import { JsonNumber, NestedNumbers } from "../types/numbers.js" */
/** @import { Source } from "../types/source.js" */
/** @import { Numbers } from "../types/stream.js" */
/** @import { State } from "./state.js" */

/**
 * @typedef {object} Paint
 * @property {JsonNumber} value what is painted @property {number[] | null} cursor the cell of the keys, per axis
 */
/**
 * A stroke is painted in parts that are undone as one; without cells it is the cell of the keys. The cursor moves by
 * rows and columns.
 * @typedef {{ type: "painting", on: boolean } | { type: "ink", value: JsonNumber }
 *   | { type: "paint", stroke: number, cells: number[][] | null, value?: JsonNumber }
 *   | { type: "cursor", row: number, col: number }} Painting
 */

/** Typed values travel with each setting: more than this would make each stroke wait. */
export const MOST_PAINTED = 16_384;

/** @returns {State} */
export function painting(/** @type {State} */ state, /** @type {Painting} */ action) {
  if (action.type === "painting") {
    const on = { value: 1, cursor: null };
    return { ...state, paint: action.on ? on : null, playing: false, fraction: 0, pointed: null };
  }
  const paint = state.paint ?? { value: 1, cursor: null };
  if (action.type === "ink") return { ...state, paint: { ...paint, value: action.value } };
  const cursor = cursorOf(state);
  if (action.type === "cursor") {
    const by = [action.row, action.col].slice(-cursor.length);
    const moved = cursor.map((at, axis) => at + (by[axis - cursor.length + by.length] ?? 0));
    const next = { ...state, paint: { ...paint, cursor: moved } };
    return { ...next, paint: { ...paint, cursor: cursorOf(next) } };
  }
  const made = painted(state, action.cells ?? [cursor], action.value ?? paint.value);
  if (!made) return state;
  const next = settle(choose(state, { ...state.setting, source: made.source }));
  return next.shown ? { ...next, numbers: { ...made.numbers, key: next.shown.key } } : next;
}

/** Why the input cannot be painted; null: it can. @returns {"large" | "computed" | null} */
export function unpaintable(/** @type {State} */ state) {
  if (!sourceOf(state)) return "computed";
  const shape = state.shown?.geometry.input_shape ?? [];
  return shape.reduce((cells, side) => cells * side, 1) > MOST_PAINTED ? "large" : null;
}

/** The cell that the keys paint: where they moved to, or the middle of the window. @returns {number[]} */
export function cursorOf(/** @type {State} */ state) {
  const layer = viewOf(state);
  if (!layer) return [];
  const position = stepPosition(layer, state.step);
  return layer.axes.map((axis, at) => {
    const window = middleOf(axis.reads, Number(position[at])) / axis.spread;
    return clamp(Math.round(state.paint?.cursor?.[at] ?? window), 0, axis.size - 1);
  });
}

/** The value of a cell in the first channel on view; null while it has not come. */
export function valueUnder(/** @type {State} */ state, /** @type {number[]} */ cell) {
  const numbers = currentNumbers(state);
  const index = indicesOf(state, cell)[0];
  return numbers?.input && index !== undefined && index < numbers.inputs
    ? Number(numbers.input[index])
    : null;
}

/** Where a cell lies in the input, in each channel on view. */
function indicesOf(/** @type {State} */ state, /** @type {number[]} */ cell) {
  const [channels = 1, ...sides] = state.shown?.geometry.input_shape ?? [];
  const inside = sides.every((side, at) => Number(cell[at]) >= 0 && Number(cell[at]) < side);
  if (!inside || cell.length !== sides.length) return [];
  const each = sides.reduce((cells, side) => cells * side, 1);
  const at = sides.reduce((index, side, axis) => index * side + Number(cell[axis]), 0);
  const { channel } = state;
  const shown = channel === "rgb" ? Array.from({ length: channels }, (_, one) => one) : [channel];
  return shown.map((one) => one * each + at);
}

/**
 * The input after a part of a stroke, as typed values, and the numbers that are known at once: the input itself, the
 * weights, and each output that reads nothing of what was painted. Null when nothing changes.
 * @param {State} state @param {number[][]} cells @param {JsonNumber} value
 * @returns {{ source: Source, numbers: Omit<Numbers, "key"> } | null}
 */
function painted(state, cells, value) {
  const layer = state.shown?.geometry;
  const numbers = currentNumbers(state);
  if (!layer || !numbers?.input || numbers.inputs < numbers.input.length || unpaintable(state)) return null;
  const ink = Math.fround(Number(value));
  const indices = cells.flatMap((cell) => indicesOf(state, cell));
  if (indices.every((index) => Object.is(numbers.input?.[index], ink))) return null;
  const input = numbers.input.slice();
  for (const index of indices) input[index] = ink;
  const stale = numbers.stale?.slice() ?? new Int8Array(numbers.output?.length ?? 0);
  const lanes = numbers.lanes ?? Array.from({ length: layer.lanes }, (_, lane) => lane);
  for (const cell of cells)
    for (const step of eachStep(layer, stepsReading(layer, cell)))
      for (const held of lanes.keys()) stale[held * layer.steps + step] = UNKNOWN;
  const { source } = state.setting;
  const before = source.kind === "values" ? source.values : null;
  const series = layer.input_shape.length === 2;
  const alone = series && layer.input_shape[0] === 1;
  const shape = alone ? layer.input_shape.slice(1) : layer.input_shape;
  /** @type {NestedNumbers} */
  let values = before && isNested(before, shape) ? before : nested(numbers.input, shape);
  for (const index of indices) values = replaced(values, shape, index, value);
  const finite = Number.isFinite(ink) ? [ink] : [];
  const range = /** @type {[number, number]} */ ([
    Math.min(numbers.inputRange[0], ...finite),
    Math.max(numbers.inputRange[1], ...finite),
  ]);
  const known = { input, inputRange: range, stale, windows: [], version: numbers.version + 1 };
  const axes = series && !alone ? { axes: 1 } : {};
  return { source: { kind: "values", values, ...axes }, numbers: { ...numbers, ...known } };
}

/** As planes.js and geometry.js mark what a grid does not show. */
const UNKNOWN = -2;

/** Whether typed values have a level for each axis of the input, channels included. */
function isNested(/** @type {NestedNumbers} */ values, /** @type {number[]} */ shape) {
  let levels = 0;
  for (let level = values; Array.isArray(level); level = /** @type {NestedNumbers} */ (level[0])) levels++;
  return levels === shape.length;
}

/** Flat numbers as typed values. @returns {NestedNumbers} */
export function nested(/** @type {Float32Array} */ flat, /** @type {number[]} */ shape, from = 0) {
  const [length = 0, ...inner] = shape;
  const each = inner.reduce((cells, side) => cells * side, 1);
  return Array.from({ length }, (_, at) =>
    inner.length > 0
      ? nested(flat, inner, from + at * each)
      : toJson(shortestNumber(Number(flat[from + at]))),
  );
}

/** The cells on the way from one to another, without the first: a fast hand leaves no gaps. @returns {number[][]} */
export function between(/** @type {number[]} */ from, /** @type {number[]} */ to) {
  const steps = Math.max(1, ...from.map((at, axis) => Math.abs(Number(to[axis]) - at)));
  return Array.from({ length: steps }, (_, step) =>
    from.map((at, axis) => Math.round(at + ((Number(to[axis]) - at) * (step + 1)) / steps)),
  );
}
