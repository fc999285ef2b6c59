// Layers added, removed, moved, renamed and joined. A part of the reducer; knows no DOM, no server and no geometry.

import { choose } from "../state/choosing.js";
import { operationOf, settle } from "../state/resolve.js";
import { clamp } from "../state/setting.js";
import { NAME, namesOf, RESERVED, SOURCE } from "./graph.js";
import { joinedOf } from "./joining.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { ParameterValue } from "../types/layer.js" */
/** @import { FieldCell } from "../types/network.js" */
/** @import { Weights } from "../types/source.js" */
/** @import { LayerSetting } from "../state/setting.js" */
/** @import { State } from "../state/state.js" */

/**
 * A layer is added in front of the one at a place, or at the end. `inputs` of a layer are all that it reads from now on.
 * @typedef {{ type: "add_layer", at: number, operation: string, spec?: Record<string, ParameterValue>, weights?: Weights | null }
 *   | { type: "remove_layer", at: number } | { type: "move_layer", from: number, to: number }
 *   | { type: "rename_layer", at: number, name: string } | { type: "read_layer", at: number, inputs: string[] }} LayerEdit
 */
/** A cell whose fields are on view, and one that stays when the pointer goes. @typedef {{ type: "see", cell: FieldCell | null } | { type: "keep_seen", cell: FieldCell | null }} Seeing */

/** A layer whose name and inputs are said. @typedef {LayerSetting & { name: string, inputs: string[] }} Said */

/** @param {State} state @param {LayerEdit} action @returns {State} */
export function editLayers(state, action) {
  const layers = said(state);
  switch (action.type) {
    case "add_layer": {
      const { operation, spec = {}, weights = null } = action;
      const { name: known } = operationOf(state.catalog, operation);
      const [name = known] = namesOf([{ operation: known }, ...layers], (one) =>
        operationOf(state.catalog, one),
      );
      const at = clamp(action.at, 0, layers.length);
      return changed(state, inserted(layers, { operation: known, spec, weights, name, inputs: [] }, at), at);
    }
    case "remove_layer": {
      if (layers.length < 2 || !layers[action.at]) return state;
      const chosen =
        state.chosen > action.at || state.chosen === layers.length - 1 ? state.chosen - 1 : state.chosen;
      return changed(state, without(layers, action.at), Math.max(0, chosen));
    }
    case "move_layer": {
      const layer = layers[action.from];
      const to = clamp(action.to, 0, layers.length - 1);
      if (!layer || to === action.from) return state;
      return changed(state, inserted(without(layers, action.from), layer, to), to);
    }
    case "rename_layer": {
      const { at, name } = action;
      const before = layers[at]?.name;
      if (before === undefined || before === name || nameFault(state, at, name)) return state;
      const renamed = layers.map((layer, place) => ({
        ...layer,
        name: place === at ? name : layer.name,
        weights: place === at ? keptUnder(layer.weights, before, state) : layer.weights,
        inputs: layer.inputs.map((one) => (one === before ? name : one)),
      }));
      return changed(state, renamed, state.chosen);
    }
    case "read_layer": {
      const before = new Set([SOURCE, ...layers.slice(0, action.at).map(({ name }) => name)]);
      const inputs = action.inputs.filter((name) => before.has(name));
      if (inputs.length === 0) return state;
      return changed(
        state,
        layers.map((layer, place) => (place === action.at ? { ...layer, inputs } : layer)),
        state.chosen,
      );
    }
  }
}

/** Weights of a kept bundle, which go on under the name that the layer had. @returns {Weights | null} */
function keptUnder(
  /** @type {Weights | null} */ weights,
  /** @type {string} */ name,
  /** @type {State} */ { uploads },
) {
  if (weights?.kind !== "stored" || weights.layer || uploads[weights.id]?.kind === "array") return weights;
  return { ...weights, layer: name };
}

/** Why a layer cannot have a name; null when it can. @returns {"pattern" | "reserved" | "taken" | null} */
export function nameFault(/** @type {State} */ state, /** @type {number} */ at, /** @type {string} */ name) {
  if (!NAME.test(name)) return "pattern";
  if (RESERVED.includes(name)) return "reserved";
  return joinedOf(state).names.some((one, place) => one === name && place !== at) ? "taken" : null;
}

/** The layers with all names and inputs said, so that none changes when others come and go. @returns {Said[]} */
export function said(/** @type {State} */ state) {
  const { names } = joinedOf(state);
  return state.setting.layers.map((layer, at) => ({
    ...layer,
    name: String(names[at]),
    inputs: layer.inputs ?? [at > 0 ? String(names[at - 1]) : SOURCE],
  }));
}

/** A layer in front of the one at a place: it reads what that one reads first, and that one reads it. */
function inserted(/** @type {Said[]} */ layers, /** @type {Said} */ layer, /** @type {number} */ at) {
  const before = layers[at - 1]?.name ?? SOURCE;
  const next = layers[at];
  const place = Math.max(0, next?.inputs.indexOf(before) ?? 0);
  const first = next?.inputs[place] ?? before;
  const earlier = new Set([SOURCE, ...layers.slice(0, at).map(({ name }) => name)]);
  const others = layer.inputs.slice(1).filter((name) => earlier.has(name) && name !== first);
  const own = { ...layer, inputs: [first, ...others] };
  const behind = next && { ...next, inputs: next.inputs.with(place, layer.name) };
  return [...layers.slice(0, at), own, ...(behind ? [behind] : []), ...layers.slice(at + 1)];
}

/** The layers without one: what read it reads what it read. */
function without(/** @type {Said[]} */ layers, /** @type {number} */ at) {
  const { name: gone, inputs: read } = /** @type {Said} */ (layers[at]);
  return layers
    .filter((_, place) => place !== at)
    .map((layer) => ({
      ...layer,
      inputs: layer.inputs.flatMap((name) => (name === gone ? read : [name])),
    }));
}

/** The state with other layers, inputs left out where they say what goes without saying. */
function changed(/** @type {State} */ state, /** @type {Said[]} */ layers, /** @type {number} */ chosen) {
  const short = layers.map(({ inputs, ...layer }, at) =>
    String(inputs) === (at > 0 ? layers[at - 1]?.name : SOURCE) ? layer : { ...layer, inputs },
  );
  const still = { playing: false, fraction: 0, pointed: null, seen: null, kept: null };
  // Weights that were edited keep their places by what each layer was, wherever it stands now.
  const before = new Map(said(state).map(({ name }, at) => [name, state.shown?.geometries[at]]));
  const geometries = /** @type {LayerGeometry[]} */ (layers.map(({ name }) => before.get(name)));
  const shown = state.shown && { ...state.shown, geometries };
  return settle(choose({ ...state, shown, chosen, ...still }, { ...state.setting, layers: short }));
}

/** @param {State} state @param {Seeing} action @returns {State} */
export function seeing(state, action) {
  const { cell } = action;
  const equal = (/** @type {FieldCell | null} */ other) => JSON.stringify(other) === JSON.stringify(cell);
  if (action.type === "see") return equal(state.seen) ? state : { ...state, seen: cell };
  return { ...state, kept: equal(state.kept) ? null : cell };
}
