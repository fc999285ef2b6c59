// From a chosen setting to what is shown of it: its geometry, or why it has none. A part of the reducer; knows no action,
// no DOM and no network.

import { problemOf } from "../layer/errors.js";
import { geometry } from "../layer/geometry.js";
import { defaults } from "../layer/rule.js";
import { channelBeside, stepNear } from "./anchors.js";
import { loopIn } from "./pacing.js";
import { repinned } from "./pins.js";
import { viewOf } from "./selectors.js";
import { askedOf, fittingChannel, keyOf, naturalChannel, refitted, same, shapeOf } from "./setting.js";

/** @import { Spec } from "../types/layer.js" */
/** @import { Setting } from "./setting.js" */
/** @import { Catalog } from "../types/stream.js" */
/** @import { State } from "./state.js" */

/** @param {Catalog} catalog @param {string} name */
export function operationOf(catalog, name) {
  const found = catalog.operations.find((one) => one.name === name) ?? catalog.operations[0];
  if (!found) throw new Error("the registry holds no operation");
  return found;
}

/** @param {State} state */
export function asked(state) {
  return askedOf(operationOf(state.catalog, state.setting.operation), state.setting);
}

/** Whether what is shown is the last setting that fitted and not the chosen one. @param {State} state */
export function isStale(state) {
  return state.problem !== null && state.shown !== null && state.shown.key !== keyOf(asked(state));
}

/** The value of a parameter as chosen, its default filled in. @param {State} state @param {string} name */
export function parameterOf(state, name) {
  const own = state.setting.spec[name];
  const operation = operationOf(state.catalog, state.setting.operation);
  return own === undefined ? defaults(operation, state.setting.spec.rules)[name] : own;
}

/** @param {State} state @param {Partial<Setting>} change @returns {State} */
export function choose(state, change) {
  return { ...state, setting: { ...state.setting, ...change }, problem: null, notice: null, opening: null };
}

/**
 * Geometry of the chosen setting: it becomes the shown one if it fits, and says why if it does not. Weights edited
 * by hand are refitted to a new shape, unless they come with the setting.
 */
export function settle(/** @type {State} */ state, refits = true) {
  const operation = operationOf(state.catalog, state.setting.operation);
  const wanted = askedOf(operation, state.setting);
  const layer = /** @type {Spec} */ (wanted.layers[0]);
  if (!state.inputShape) return state;
  const result = geometry(operation, layer, state.inputShape);
  // What plays is the last setting that fitted, and goes on: a slider on its way past this one does not stop it.
  if (!result.ok) return { ...state, problem: problemOf(result.problem), pointed: null };
  const before = refits ? (state.shown?.geometry.weight_shape ?? null) : null;
  const { weight_shape, lanes: filters } = result.geometry;
  const weights = refitted(state.setting.weights, before, weight_shape, filters);
  const setting = weights === state.setting.weights ? state.setting : { ...state.setting, weights };
  const fitting = askedOf(operation, setting);
  const shown = { layer, asked: fitting, key: keyOf(fitting), operation, geometry: result.geometry };
  const lane = Math.min(state.chosenLane, result.geometry.lanes - 1);
  const channel = channelBeside(result.geometry, lane, fittingChannel(state.channel, state.inputShape));
  const problem = state.problem?.code === "unfit" ? null : state.problem;
  return placed({ ...state, setting, shown, lane, channel, problem, pointed: null });
}

/**
 * A setting that does not fit, beside its layer without the values that are at fault: what is shown of a link until they are
 * mended. The same where nothing of it fits.
 * @param {State} state @returns {State}
 */
export function standIn(state) {
  const { setting, problem } = state;
  let { spec } = setting;
  let field = problem?.field ?? "";
  for (;;) {
    // A value that was left out is at fault beside others: the layer as it is by default remains.
    spec = field in spec ? Object.fromEntries(Object.entries(spec).filter(([name]) => name !== field)) : {};
    const tried = settle({ ...state, setting: { ...setting, spec, weights: null } }, false);
    if (tried.shown !== state.shown) return { ...tried, setting, problem };
    if (Object.keys(spec).length === 0) return state;
    field = tried.problem?.field ?? "";
  }
}

/** The step of the walk on view that is nearest to where the window stood, and the loop where it was. @returns {State} */
export function placed(/** @type {State} */ state) {
  const layer = viewOf(state);
  if (!layer) return state;
  const pins = state.pins.length > 0 ? repinned(layer, state.pins) : state.pins;
  return {
    ...state,
    step: stepNear(layer, state.anchor),
    loop: state.loop && loopIn(layer, state.loop),
    pins,
  };
}

/** Another setting as a whole. @returns {State} */
export function withSetting(/** @type {State} */ state, /** @type {Setting} */ setting) {
  const inputShape = shapeOf(setting.source, state.catalog.samples, state.uploads);
  const channel = same(inputShape, state.inputShape) ? state.channel : naturalChannel(inputShape);
  const still = { channel, playing: false, fraction: 0, pointed: null };
  return settle(choose({ ...state, inputShape, ...still }, setting), false);
}
