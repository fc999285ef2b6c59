// Remedies that let a network take any size, where a dense layer's weights were made for one: a convolution, the mean of each map,
// or the size that it expects. Pure: knows states and edits, no DOM.

import { shape as shapeText } from "../words/format.js";
import { networkWords } from "../words/network.js";
import { said } from "./editing.js";
import { SOURCE } from "./graph.js";
import { joinedOf } from "./joining.js";
import { product } from "./shapes.js";
import { missized } from "./sizing.js";

/** @import { NestedNumbers } from "../types/numbers.js" */
/** @import { Source } from "../types/source.js" */
/** @import { Fix } from "../state/fixes.js" */
/** @import { LayerSetting } from "../state/setting.js" */
/** @import { State } from "../state/state.js" */
/** @import { Said } from "./editing.js" */
/** @import { Missized } from "./sizing.js" */

/** A remedy: other layers, or another source. @typedef {{ words: string, layers?: LayerSetting[], source?: Source }} Remedy */

const MOST_SIDE = 512;

/** The remedies as buttons, with the size that each gives. @returns {Fix[]} */
export function sizeFixes(/** @type {State} */ state) {
  const { shapes, names, fault } = joinedOf(state);
  const found = shapes && !fault && missized(state.setting.layers, names, shapes);
  if (!found) return [];
  const layers = said(state);
  return [convolved(state, layers, found), pooled(state, layers, found), resized(state, found)]
    .flatMap((fix) => fix ?? [])
    .map(({ layers: next, words, source = state.setting.source }) => {
      const setting = { layers: next ?? state.setting.layers, source };
      const { inputShape } = state;
      const shown =
        source === state.setting.source ? joinedOf({ ...state, setting, inputShape }).shapes : null;
      const last = shown?.placed.get(shown.network.last.name)?.geometry.output_shape;
      return {
        words,
        ...(last ? { gives: shapeText(last) } : {}),
        action: /** @type {const} */ ({ type: "open_setting", setting, step: state.step }),
      };
    });
}

/** The same layer as a convolution of what it expects: it slides over a larger input with the weights that it has. @returns {Remedy | null} */
function convolved(
  /** @type {State} */ state,
  /** @type {Said[]} */ layers,
  /** @type {Missized} */ { at, expected },
) {
  const layer = /** @type {Said} */ (layers[at]);
  const { weights } = layer;
  if (weights?.kind !== "values") return null;
  const flat = flattenAt(state, layers, at);
  const shape = flat ? unflattened(expected, flat.channels) : expected;
  if (!shape || shape.length < 3) return null;
  const [, ...kernel] = shape;
  const { filters = 1, bias, activation } = layer.spec;
  const spec = {
    kernel: kernel.every((side) => side === kernel[0]) ? Number(kernel[0]) : kernel,
    filters,
    ...(bias === undefined ? {} : { bias }),
    ...(activation === undefined ? {} : { activation }),
  };
  const values = /** @type {NestedNumbers} */ (nestedAs([Number(filters), ...shape], flatOf(weights.values)));
  const made = { ...layer, operation: "convolution", spec, weights: { ...weights, values } };
  const all = layers.map((one, place) => (place === at ? made : one));
  return { words: networkWords.asConvolution(kernel), layers: flat ? bypassed(all, flat.at) : all };
}

/** Each map as its mean, which any size has; other weights belong to so many numbers. @returns {Remedy | null} */
function pooled(/** @type {State} */ state, /** @type {Said[]} */ layers, /** @type {Missized} */ { at }) {
  const layer = /** @type {Said} */ (layers[at]);
  const flat = flattenAt(state, layers, at)?.at ?? null;
  const name = networkWords.pooledName(layer.name);
  const inputs = flat === null ? layer.inputs : (layers[flat]?.inputs ?? []);
  const mean = { operation: "global_average_pooling", spec: {}, weights: null, name, inputs };
  const dense = {
    ...layer,
    inputs: [name],
    weights: /** @type {const} */ ({ kind: "preset", name: "random", seed: 1 }),
  };
  const all = [...layers.slice(0, at), mean, dense, ...layers.slice(at + 1)];
  return { words: networkWords.asMeans, layers: flat === null ? all : bypassed(all, flat) };
}

/** The size that it expects, where the source has a size and one leads to it. @returns {Remedy | null} */
function resized(/** @type {State} */ state, /** @type {Missized} */ { at, expected }) {
  const { setting, inputShape, catalog } = state;
  const { source } = setting;
  if ((source.kind !== "sample" && source.kind !== "image" && source.kind !== "noise") || !inputShape)
    return null;
  const name = String(joinedOf(state).names[at]);
  // The size that the last network had comes first.
  const reading = said(state).findIndex(({ inputs }) => String(inputs) === SOURCE);
  const before = state.shown?.geometries[reading]?.input_shape.at(-1) ?? 1;
  for (const side of [before, ...Array.from({ length: MOST_SIDE }, (_, one) => one + 1)]) {
    const tried = [Number(inputShape[0]), ...inputShape.slice(1).map(() => side)];
    const layers = [...setting.layers];
    const { shapes } = joinedOf({ catalog, setting: { layers, source }, inputShape: tried });
    const built = shapes?.placed.get(name)?.geometry;
    if (!built?.weight_shape || product(built.weight_shape.slice(1)) !== product(expected)) continue;
    const next = source.kind === "noise" ? { ...source, shape: tried } : { ...source, size: side };
    return { words: networkWords.asSize(side), source: next };
  }
  return null;
}

/** A layer that flattens in front of another, which alone reads it. */
function flattenAt(/** @type {State} */ state, /** @type {Said[]} */ layers, /** @type {number} */ at) {
  const before = layers.findIndex(({ name }) => name === layers[at]?.inputs[0]);
  const flat = layers[before];
  const built = flat && joinedOf(state).shapes?.placed.get(flat.name)?.geometry;
  if (
    !flat ||
    built?.result !== "shape" ||
    layers.filter(({ inputs }) => inputs.includes(flat.name)).length > 1
  )
    return null;
  return { at: before, channels: Number(built.input_shape[0]) };
}

/** So many numbers as channels of squares. @returns {number[] | null} */
function unflattened(/** @type {number[]} */ expected, /** @type {number} */ channels) {
  const side = Math.sqrt(product(expected) / channels);
  return Number.isInteger(side) ? [channels, side, side] : null;
}

/** The layers without one, which passes on what it read. */
function bypassed(/** @type {Said[]} */ layers, /** @type {number} */ at) {
  const gone = layers[at];
  const [from = SOURCE] = gone?.inputs ?? [];
  return layers
    .filter((_, place) => place !== at)
    .map((layer) => ({
      ...layer,
      inputs: layer.inputs.map((name) => (name === gone?.name ? from : name)),
    }));
}

/** @returns {unknown[]} */
const flatOf = (/** @type {unknown} */ values) =>
  Array.isArray(values) ? values.flat(Number.POSITIVE_INFINITY) : [values];

/** @returns {unknown} */
function nestedAs(/** @type {number[]} */ [length = 1, ...inner], /** @type {unknown[]} */ flat) {
  const each = product(inner);
  return Array.from({ length }, (_, at) =>
    inner.length > 0 ? nestedAs(inner, flat.slice(at * each, (at + 1) * each)) : flat[at],
  );
}
