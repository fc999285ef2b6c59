// Weights and biases edited one by one, and set back. A part of the reducer; knows no DOM and no network.

import { chooseLayer } from "./choosing.js";
import { settle } from "./resolve.js";
import { chosenOf } from "./selectors.js";
import { PRESET, replaced } from "./setting.js";

/** @import { JsonNumber } from "../types/numbers.js" */
/** @import { Weights } from "../types/source.js" */
/** @import { State } from "./state.js" */

/**
 * @typedef {{ type: "edit_weight", index: number, value: JsonNumber } | { type: "edit_weights", edits: [index: number, value: JsonNumber][] }
 *   | { type: "edit_bias", lane: number, value: JsonNumber } | { type: "reset_weights" }} Editing
 */

/** @param {State} state @param {Editing} action @returns {State} */
export function editing(state, action) {
  const weights = edited(state, action);
  return weights === undefined ? state : settle(chooseLayer(state, { weights }));
}

/** The weights after an edit; undefined where there is nothing to edit. @returns {Weights | null | undefined} */
function edited(/** @type {State} */ state, /** @type {Editing} */ action) {
  let { weights } = chosenOf(state);
  if (action.type === "edit_bias") return withBias(weights, heldBias(state), action);
  if (action.type === "reset_weights") {
    if (weights?.kind !== "preset") return null;
    return { kind: "preset", name: weights.name, seed: weights.seed ?? 0 };
  }
  const shape = state.shown?.geometry.weight_shape;
  if (!shape) return undefined;
  const edits = action.type === "edit_weights" ? action.edits : [[action.index, action.value]];
  for (const [index, value] of edits) weights = withEdit(weights, shape, Number(index), value ?? 0);
  return weights;
}

/** The biases that are shown, zeros where none have come. */
function heldBias(/** @type {State} */ state) {
  const filters = state.shown?.geometry.lanes ?? 1;
  return Array.from({ length: filters }, (_, at) => state.numbers?.bias?.[at] ?? 0);
}

/**
 * One weight replaced; what was chosen before stays under it.
 * @param {Weights | null} weights @param {number[]} shape of the weight @param {number} index flattened
 * @param {JsonNumber} value
 * @returns {Weights}
 */
function withEdit(weights, shape, index, value) {
  if (weights?.kind === "values")
    return { ...weights, values: replaced(weights.values, shape, index, value) };
  const preset =
    weights?.kind === "preset" ? weights : { kind: /** @type {const} */ ("preset"), name: PRESET };
  const edits = (weights?.kind === "preset" ? (weights.edits ?? []) : []).filter(([at]) => at !== index);
  return /** @type {Weights} */ ({ ...preset, edits: [...edits, [index, value]] });
}

/**
 * One bias replaced; the others as they were chosen, or as they are held.
 * @param {Weights | null} weights @param {number[]} held one per filter
 * @param {{ lane: number, value: JsonNumber }} edit
 * @returns {Weights}
 */
function withBias(weights, held, { lane, value }) {
  const base = weights ?? { kind: /** @type {const} */ ("preset"), name: PRESET };
  const bias = held.map((own, at) => (at === lane ? value : (base.bias?.[at] ?? own)));
  return /** @type {Weights} */ ({ ...base, bias });
}
