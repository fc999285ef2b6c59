// Two settings in lock-step: where the other one stands, and which parameters of the two differ. Pure: states in, states
// out; comes by import with a comparison. Knows no DOM, no network and no canvas.

import { stepIndex, stepPosition } from "../layer/walk.js";
import { dimensions } from "../picture/grid/grids.js";
import { withSetting } from "../state/choosing.js";
import { comparedSetting } from "../state/comparing.js";
import { inputOf, operationOf, parameterOf, settle } from "../state/resolve.js";
import { chosenOf, lastStep, sourceOf, viewOf } from "../state/selectors.js";
import { clamp, fittingChannel, same } from "../state/setting.js";
import { emptyHistory } from "../state/state.js";
import { fitted } from "../state/zoom.js";
import { outputCellAt, outputIndex } from "../step/sum.js";

/** @import { Axes } from "../picture/layout/layout.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Setting } from "../state/setting.js" */
/** @import { Pointed, State } from "../state/state.js" */

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
  const channel = fittingChannel(state.channel, inputOf(other), sourceOf(other));
  const own = viewOf(at) ?? layer;
  const placed = { ...at, channel, step: sharedStep(state, at), zoom: fitted(own, state.zoom) };
  return { ...placed, pointed: pointedBeside(state.pointed, state, placed) };
}

/**
 * The place pointed at in one of the two, in the other: the same cell, tap or output, as far as it has one.
 * @param {Pointed} pointed @param {State} one @param {State} other @returns {Pointed}
 */
export function pointedBeside(pointed, one, other) {
  const [layer, own] = [viewOf(one), viewOf(other)];
  if (!pointed || !layer || !own) return null;
  if (pointed.grid === "input") {
    const sides = own.input_shape.slice(1);
    return isWithin(pointed.cell, sides) ? pointed : null;
  }
  if (pointed.grid === "kernel") {
    const cell = stepPosition({ step_shape: layer.kernel_shape }, pointed.tap);
    const tap = stepIndex({ step_shape: own.kernel_shape }, cell);
    const has = isWithin(cell, own.kernel_shape) && pointed.channel < Number(own.input_shape[0]);
    return has ? { ...pointed, tap } : null;
  }
  if (layer.result !== own.result) return null;
  if (own.result === "columns") {
    const step = stepBeside(pointed.step, one, other);
    return step === null || Number(pointed.lane) >= own.lanes ? null : { ...pointed, step };
  }
  const cell = outputCellAt(layer, pointed.step);
  const sides = own.axes.map(({ output }) => output);
  return isWithin(cell, sides) ? { grid: "output", step: outputIndex(own, cell) } : null;
}

/** The step of one of the two in the other; null where that has none at the same position. */
export function stepBeside(/** @type {number} */ step, /** @type {State} */ one, /** @type {State} */ other) {
  const [layer, own] = [viewOf(one), viewOf(other)];
  if (!layer || !own) return null;
  const position = stepPosition(layer, step);
  return isWithin(position, own.step_shape) ? stepIndex(own, position) : null;
}

function isWithin(/** @type {number[]} */ cell, /** @type {number[]} */ sides) {
  return cell.length === sides.length && cell.every((at, axis) => at < Number(sides[axis]));
}

/** A's own setting, settled anew; what does not fit is shown by its words alone. @returns {State} */
export function settled(
  /** @type {State} */ state,
  /** @type {State | null} */ before,
  /** @type {Setting} */ setting,
) {
  const bare = { ...state, pins: [], paint: null, compare: null, history: emptyHistory(), planNotes: null };
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

/**
 * The parameters in which two settings differ, by name, with the value that each stands for; undefined where an
 * operation has none of that name.
 * @returns {[name: string, a: unknown, b: unknown][]}
 */
export function differingParameters(/** @type {State} */ a, /** @type {State} */ b) {
  const names = [a, b].map(
    (state) =>
      new Map(
        operationOf(state.catalog, chosenOf(state).operation).parameters.map((one) => [one.name, one.title]),
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

/**
 * The axes that the grids of two layers have in common: equal coordinates of input and output lie in the same place of
 * both pictures. None where one is a matrix, a vector or a volume and the other is not.
 * @param {LayerGeometry | null} one @param {LayerGeometry | null} other @returns {Axes | null}
 */
export function sharedAxes(one, other) {
  if (!one || !other || one.result !== other.result || one.axes.length !== other.axes.length) return null;
  if (one.result !== "grid" || one.axes.length > 2) return null;
  const [left, right] = [one, other].map((layer) => {
    const { row, col, rows, cols, outRows, outCols, outTop, outLeft, taps } = dimensions(layer);
    const [top, first] = [row ? -row.begin : 0, -col.begin];
    return {
      ...{ top, left: first, bottom: top + rows, right: first + cols },
      ...{ outTop, outLeft, outBottom: outTop + outRows, outRight: outLeft + outCols },
      taps: Number(taps[0]),
    };
  });
  if (!left || !right) return null;
  const [top, first] = [Math.min(left.top, right.top), Math.min(left.left, right.left)];
  const [outTop, outLeft] = [Math.min(left.outTop, right.outTop), Math.min(left.outLeft, right.outLeft)];
  return {
    ...{ top, left: first, outTop, outLeft },
    rows: Math.max(left.bottom, right.bottom) - top,
    cols: Math.max(left.right, right.right) - first,
    outRows: Math.max(left.outBottom, right.outBottom) - outTop,
    outCols: Math.max(left.outRight, right.outRight) - outLeft,
    taps: Math.max(left.taps, right.taps),
  };
}
