// Two settings in lock-step: where the other one stands, and which parameters of the two differ. Pure: states in, states
// out; comes by import with a comparison. Knows no DOM, no network and no canvas.

import { comparedSetting } from "./comparing.js";
import { stepIndex, stepPosition } from "./geometry.js";
import { emptyHistory } from "./history.js";
import { clamp, fittingChannel, same } from "./setting.js";
import { operationOf, parameterOf, settle, withSetting } from "./settling.js";
import { outputCellAt, outputIndex } from "./sum.js";
import { lastStep, viewOf } from "./viewed.js";
import { fitted } from "./zoom.js";

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
