// From a chosen setting to what is shown of it: its geometry, or why it has none. A part of the reducer; knows no action,
// no DOM and no network.

import { problemOf } from "../layer/errors.js";
import { geometry } from "../layer/geometry.js";
import { defaults } from "../layer/rule.js";
import { channelBeside, stepNear } from "./anchors.js";
import { loopIn } from "./pacing.js";
import { repinned } from "./pins.js";
import { chosenOf, sourceOf, viewOf } from "./selectors.js";
import {
  fittingChannel,
  keyOf,
  layerOf,
  naturalChannel,
  refitted,
  same,
  shapeOf,
  withLayer,
} from "./setting.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { Spec } from "../types/layer.js" */
/** @import { Weights } from "../types/source.js" */
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
  return askedOf(state.catalog, state.setting, state.chosen);
}

/**
 * What a setting asks of the server, of one of its layers.
 * @param {Catalog} catalog @param {Setting} setting @param {number} chosen
 * @returns {Asked}
 */
export function askedOf(catalog, setting, chosen) {
  const { source } = setting;
  const layers = setting.layers.map((one) => layerOf(operationOf(catalog, one.operation), one.spec));
  const weights = setting.layers.map((one) =>
    operationOf(catalog, one.operation).combination.term === "product" ? one.weights : null,
  );
  if (layers.length < 2) return { layers, source, weights: weights[0] ?? null };
  const names = namesOf(setting.layers);
  const own = names.flatMap((name, at) => (weights[at] ? [[name, weights[at]]] : []));
  const named = layers.map((layer, at) => ({ ...layer, name: names[at] }));
  return {
    layers: /** @type {Spec[]} */ (named),
    source,
    weights: own.length > 0 ? /** @type {Record<string, Weights>} */ (Object.fromEntries(own)) : null,
    layer: chosen,
  };
}

/** The names of layers: their own, or that of the operation with the next free number. */
function namesOf(/** @type {LayerSetting[]} */ layers) {
  const taken = new Set(layers.map(({ name }) => name));
  return layers.map(({ name, operation }) => {
    if (name !== undefined) return name;
    let number = 1;
    while (taken.has(`${operation}${number}`)) number++;
    taken.add(`${operation}${number}`);
    return `${operation}${number}`;
  });
}

/**
 * The geometry of layers one after the other, or why one of them has none.
 * @param {State} state @param {LayerSetting[]} [layers]
 * @returns {{ ok: true, geometries: LayerGeometry[] } | { ok: false, problem: Problem }}
 */
function chained({ catalog, setting, inputShape }, layers = setting.layers) {
  /** @type {LayerGeometry[]} */
  const geometries = [];
  for (const [at, { operation: name, spec }] of layers.entries()) {
    const operation = operationOf(catalog, name);
    const input = geometries.at(-1)?.output_shape ?? inputShape ?? [];
    const result = geometry(operation, layerOf(operation, spec), input);
    if (!result.ok) {
      const problem = problemOf(result.problem);
      return { ok: false, problem: { ...problem, pointer: `/layers/${at}/${problem.field}` } };
    }
    geometries.push(result.geometry);
  }
  return { ok: true, geometries };
}

/** The shape that the chosen layer reads; null when it is not known. @returns {number[] | null} */
export function inputOf(/** @type {State} */ state) {
  const { chosen, inputShape, setting } = state;
  if (chosen === 0 || !inputShape) return inputShape;
  const before = chained(state, setting.layers.slice(0, chosen));
  return before.ok ? (before.geometries.at(-1)?.output_shape ?? null) : null;
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

/** The state with another setting, not yet settled. @returns {State} */
export function choose(/** @type {State} */ state, /** @type {Setting} */ setting) {
  return { ...state, setting, problem: null, notice: null, opening: null };
}

/**
 * The state with a change of one layer, the chosen one unless told, not yet settled.
 * @param {State} state @param {Partial<LayerSetting>} change @returns {State}
 */
export function chooseLayer(state, change, at = state.chosen) {
  return choose(state, withLayer(state.setting, at, change));
}

/**
 * Geometry of the chosen setting: it becomes the shown one if it fits, and says why if it does not. Weights edited
 * by hand are refitted to a new shape, unless they come with the setting.
 */
export function settle(/** @type {State} */ state, refits = true) {
  const { catalog, chosen, inputShape } = state;
  if (!inputShape) return state;
  const result = chained(state);
  // What plays is the last setting that fitted, and goes on: a slider on its way past this one does not stop it.
  if (!result.ok) return { ...state, problem: result.problem, pointed: null };
  const { geometries } = result;
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
  const shown = { layer, asked: fitting, key: keyOf(fitting), operation, geometry: found, geometries };
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

/** Another setting as a whole. @returns {State} */
export function withSetting(/** @type {State} */ state, /** @type {Setting} */ setting) {
  const inputShape = shapeOf(setting.source, state.catalog.samples, state.uploads);
  const channel = same(inputShape, state.inputShape) ? state.channel : naturalChannel(inputShape);
  const still = { channel, playing: false, fraction: 0, pointed: null };
  const chosen = Math.min(state.chosen, setting.layers.length - 1);
  return settle(choose({ ...state, inputShape, chosen, ...still }, setting), false);
}
