// From a chosen setting to what is shown of it: its geometry, or why it has none. A part of the reducer; knows no action,
// no DOM and no network.

import { problemOf } from "../layer/errors.js";
import { geometry } from "../layer/geometry.js";
import { defaults } from "../layer/rule.js";
import { channelBeside, loopIn, stepNear } from "./anchors.js";
import { repinned } from "./pins.js";
import { chosenOf, sourceOf, viewOf } from "./selectors.js";
import { fittingChannel, keyOf, layerOf, refitted, withLayer } from "./setting.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { Source } from "../types/source.js" */
/** @import { Asked, LayerSetting, Setting } from "./setting.js" */
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
  // Only the first layer's plan says the shape of the source, where it is not known.
  return askedOf(state.catalog, state.setting, state.inputShape ? state.chosen : 0);
}

/**
 * How settings of several layers are resolved.
 * @typedef {object} Joining
 * @property {(catalog: Catalog, setting: Setting, chosen: number) => Asked} asked
 * @property {(state: State) => Chained} chained
 * @property {(state: State) => number[] | null} inputOf
 * @property {(state: State, source: Source) => Source} fitted
 */
/** Geometries by the places of the layers, and what the chosen one reads where that is no source. */
/** @typedef {{ ok: true, geometries: LayerGeometry[], from?: string | null } | { ok: false, problem: Problem }} Chained */
/** @type {Joining | null} */
let joining = null;

export function useNetworks(/** @type {Joining} */ found) {
  joining = found;
}

/**
 * The request of a setting to the server, for one of its layers.
 * @param {Catalog} catalog @param {Setting} setting @param {number} chosen
 * @returns {Asked}
 */
export function askedOf(catalog, setting, chosen) {
  if (joining && setting.layers.length > 1) return joining.asked(catalog, setting, chosen);
  const { operation: name, spec, weights } = chosenOf({ setting, chosen: 0 });
  const operation = operationOf(catalog, name);
  const weighted = operation.combination.term === "product";
  return { layers: [layerOf(operation, spec)], source: setting.source, weights: weighted ? weights : null };
}

/** The geometry of all layers, or why one of them has none. @returns {Chained} */
function chained(/** @type {State} */ state) {
  const { catalog, inputShape, setting } = state;
  if (joining && setting.layers.length > 1) return joining.chained(state);
  const { operation: name, spec } = chosenOf(state);
  const operation = operationOf(catalog, name);
  const result = geometry(operation, layerOf(operation, spec), inputShape ?? []);
  if (result.ok) return { ok: true, geometries: [result.geometry] };
  const problem = problemOf(result.problem);
  return { ok: false, problem: { ...problem, pointer: `/layers/0/${problem.field}` } };
}

/** The shape that the chosen layer reads; null when it is not known. @returns {number[] | null} */
export function inputOf(/** @type {State} */ state) {
  return joining && state.setting.layers.length > 1 ? joining.inputOf(state) : state.inputShape;
}

/** A picture at the size that the layers take. @returns {Source} */
export function fitted(/** @type {State} */ state, /** @type {Source} */ source) {
  return joining && state.setting.layers.length > 1 ? joining.fitted(state, source) : source;
}

/** Whether what is shown is the last setting that fitted and not the chosen one. @param {State} state */
export function isStale(state) {
  return state.problem !== null && state.shown !== null && state.shown.key !== keyOf(asked(state));
}

/** The value of a parameter as chosen, its default filled in. @param {State} state @param {string} name */
export function parameterOf(state, name) {
  const layer = chosenOf(state);
  const own = layer.spec[name];
  return own === undefined
    ? defaults(operationOf(state.catalog, layer.operation), layer.spec.rules)[name]
    : own;
}

/**
 * Geometry of the chosen setting: it becomes the shown one if it fits, and says why if it does not. Weights edited
 * by hand are refitted to a new shape, unless they come with the setting.
 */
export function settle(/** @type {State} */ state, refits = true) {
  const { catalog, chosen, inputShape } = state;
  if (!inputShape) return state;
  const result = chained(state);
  // The last setting that fitted plays on: a slider on its way past this one does not stop it.
  if (!result.ok) return { ...state, problem: result.problem, pointed: null };
  const { geometries, from = null } = result;
  let { setting } = state;
  for (const [at, { weight_shape, lanes: filters }] of geometries.entries()) {
    const own = /** @type {LayerSetting} */ (setting.layers[at]).weights;
    const before = refits ? (state.shown?.geometries[at]?.weight_shape ?? null) : null;
    const weights = refitted(own, before, weight_shape, filters);
    if (weights !== own) setting = withLayer(setting, at, { weights });
  }
  const { operation: name, spec } = chosenOf({ setting, chosen });
  const operation = operationOf(catalog, name);
  const found = /** @type {LayerGeometry} */ (geometries[chosen]);
  const fitting = askedOf(catalog, setting, chosen);
  const layer = layerOf(operation, spec);
  const shown = { layer, asked: fitting, key: keyOf(fitting), operation, geometry: found, geometries, from };
  const lane = Math.min(state.chosenLane, found.lanes - 1);
  const channel = channelBeside(
    found,
    lane,
    fittingChannel(state.channel, found.input_shape, sourceOf(state)),
  );
  const problem = state.problem?.code === "unfit" ? null : state.problem;
  return placed({ ...state, setting, shown, lane, channel, problem, pointed: null });
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
