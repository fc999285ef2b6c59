// A state of the page for tests: the registry of the golden files, a few samples, and numbers made up by a rule.

import { readFileSync } from "node:fs";
import { initial, reduce } from "../../static/js/state/state.js";
import { operationInfo } from "./support.js";

/** @import { ActivationInfo } from "../../static/js/types/layer.js" */
/** @import { Action, State } from "../../static/js/state/state.js" */
/** @import { LinkedLayer, LinkState } from "../../static/js/types/page.js" */
/** @import { Catalog, Numbers } from "../../static/js/types/stream.js" */

/** Operations of every kind of walk, combine and result. */
const OPERATIONS = [
  "convolution",
  "transposed_convolution",
  "dense",
  "max_pooling",
  "average_pooling",
  "adaptive_max_pooling",
  "global_average_pooling",
  "bilinear_upsampling",
  "zero_insertion",
  "unfold",
  "reshape",
].map(operationInfo);

/** Facts of the registry that the tests here need. */
const ACTIVATIONS = JSON.parse(
  readFileSync(new URL("../golden/arithmetic.json", import.meta.url), "utf8"),
).activations.map((/** @type {{ activation: ActivationInfo }} */ { activation }) => activation);

/** @returns {Catalog} */
export function catalog() {
  const sample = { description: "", scalable: false, axes: 2 };
  return {
    operations: OPERATIONS,
    samples: [
      { ...sample, name: "cross", title: "X", shape: [1, 9, 9] },
      { ...sample, name: "scene", title: "Scene", shape: [3, 128, 128], scalable: true },
      { ...sample, name: "series", title: "Series", shape: [1, 64], axes: 1 },
    ],
    intents: [
      {
        title: "Halve the size",
        layer: { operation: "convolution", kernel: 3, padding: 1, stride: 2 },
        weights: null,
        keeps: ["filters"],
      },
    ],
    activations: ACTIVATIONS,
    limits: { upload_bytes: 1_000_000, working_size: 1024, filters: 64 },
  };
}

/** The first state, with actions applied. @returns {State} */
export function stateAfter(/** @type {Action[]} */ ...actions) {
  return actions.reduce(reduce, initial(catalog()));
}

/** Numbers for what a state shows: input cells count up, weights and outputs too. @returns {Numbers} */
export function numbersFor(/** @type {State} */ state, received = Number.POSITIVE_INFINITY) {
  const shown = state.shown;
  if (!shown) throw new Error("nothing is shown");
  const { geometry } = shown;
  const count = (/** @type {number[]} */ shape) => shape.reduce((cells, side) => cells * side, 1);
  const rising = (/** @type {number[]} */ shape) =>
    Float32Array.from({ length: count(shape) }, (_, at) => at);
  const input = rising(geometry.input_shape);
  const output = rising(geometry.output_shape);
  return {
    key: shown.key,
    input,
    inputs: input.length,
    inputRange: [0, input.length - 1],
    weight: geometry.weight_shape ? rising(geometry.weight_shape) : null,
    bias: geometry.bias_shape ? rising(geometry.bias_shape) : null,
    output,
    lanes: null,
    received: Math.min(received, geometry.steps),
    outputRange: Array.from({ length: geometry.lanes }, () => [0, output.length]),
    windows: [],
    version: 1,
  };
}

/** A link of one layer: what is of the layer beside what is of the page. @returns {LinkState} */
export function linkOfOne(/** @type {Omit<LinkState, "layers"> & LinkedLayer} */ link) {
  const { operation, spec, weights, against, ...others } = link;
  const layer = { operation, spec, ...(weights ? { weights } : {}) };
  const other = typeof against === "object" ? linkOfOne(/** @type {any} */ (against)) : against;
  return { layers: [layer], ...others, ...(other ? { against: other } : {}) };
}
