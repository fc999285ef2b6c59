// Examples and intents that the registry offers, taken up: what they make of the setting. A part of the reducer; knows no
// DOM and no network.

import { chooseLayer, replacedBy } from "./choosing.js";
import { settle } from "./resolve.js";
import { chosenOf } from "./selectors.js";
import { layersFrom } from "./setting.js";

/** @import { ParameterValue } from "../types/layer.js" */
/** @import { IntentInfo, OperationInfo } from "../types/registry.js" */
/** @import { LayerSetting, Setting } from "./setting.js" */
/** @import { State } from "./state.js" */

/** @typedef {{ type: "example", operation: string, index: number } | { type: "intent", index: number }} Offer */

/** @param {State} state @param {Offer} action @returns {State} */
export function offered(state, action) {
  if (action.type === "intent") {
    const intent = state.catalog.intents[action.index];
    return intent ? settle(chooseLayer(state, intendedOf(chosenOf(state), intent))) : state;
  }
  const setting = exampleOf(state.catalog.operations, action.operation, action.index);
  return setting ? replacedBy(state, setting) : state;
}

/**
 * The whole setting of an example in the registry; null when there is none.
 * @param {OperationInfo[]} operations @param {string} name @param {number} index
 * @returns {Setting | null}
 */
function exampleOf(operations, name, index) {
  const example = operations.find((one) => one.name === name)?.examples[index];
  return example ? { layers: layersFrom(example.layers, example.weights), source: example.source } : null;
}

/**
 * The layer that an intent makes of another: its own settings, what it keeps, and the weights unless it brings its own.
 * @param {LayerSetting} layer @param {IntentInfo} intent
 * @returns {LayerSetting}
 */
function intendedOf(layer, intent) {
  const { operation, ...spec } = intent.layer;
  const kept = intent.keeps.flatMap((name) => {
    const value = layer.spec[name];
    return value === undefined ? [] : [[name, value]];
  });
  const values = /** @type {Record<string, ParameterValue>} */ ({ ...Object.fromEntries(kept), ...spec });
  return { ...layer, operation, spec: values, weights: intent.weights ?? layer.weights };
}
