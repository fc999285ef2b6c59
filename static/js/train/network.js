// The network of an experiment on its examples: shapes, where its tensors lie in a row, and a way to ask it. Pure; knows no
// DOM.

import { Misjoined, networkOf } from "../network/graph.js";
import { product, shapesOf } from "../network/shapes.js";
import { operationOf } from "../state/resolve.js";
import { createForward, placesIn } from "./forward.js";

/** @import { Shapes } from "../types/network.js" */
/** @import { Catalog } from "../types/stream.js" */
/** @import { Begin, ExampleSet, Experiment } from "../types/training.js" */
/** @import { NamedSpec } from "../types/network.js" */
/** @import { Tensors } from "./forward.js" */

/** @typedef {{ shapes: Shapes, parameters: number, tensors: Map<string, Tensors>, forward: ReturnType<typeof createForward> }} Trained */

/** @type {{ key: string, of: ExampleSet, made: Trained | null } | null} */
let last = null;

/**
 * `begin` says in which order parameters come; null for layers that make no network on these examples.
 * @param {Experiment} experiment @param {ExampleSet | null} examples @param {Catalog} catalog @param {Begin} [begin]
 * @returns {Trained | null}
 */
export function networkFor({ layers }, examples, catalog, begin) {
  if (!examples) return null;
  const key = JSON.stringify([layers, begin?.parameters]);
  if (last && last.key === key && last.of === examples) return last.made;
  const made = networkOn(layers, examples, catalog, begin);
  last = { key, of: examples, made };
  return made;
}

/** @param {NamedSpec[]} layers @param {ExampleSet} examples @param {Catalog} catalog @param {Begin} [begin] @returns {Trained | null} */
function networkOn(layers, examples, catalog, begin) {
  const info = (/** @type {string} */ name) => operationOf(catalog, name);
  try {
    const shapes = shapesOf(networkOf(layers, info), examples.shape);
    const parameters = [...shapes.placed.values()].reduce((total, { geometry }) => {
      if (geometry.tensors) return total + 2 * geometry.lanes;
      return total + product(geometry.weight_shape ?? [0]) + product(geometry.bias_shape ?? [0]);
    }, 0);
    const tensors = placesIn([...(begin?.parameters ?? []), ...(begin?.statistics ?? [])]);
    return { shapes, parameters, tensors, forward: createForward(shapes, tensors, catalog.activations) };
  } catch (fault) {
    if (fault instanceof Misjoined) return null;
    throw fault;
  }
}
