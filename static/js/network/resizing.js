// Remedies that let a network take any size, where a dense layer's weights were made for one: a convolution, the mean of each map,
// or the size that it expects. Pure: knows states and edits, no DOM.

import { mending } from "../state/fixes.js";
import { faultyLayer } from "../state/selectors.js";
import { PRESET, shapeOf } from "../state/setting.js";
import { shape as shapeText } from "../words/format.js";
import { networkWords } from "../words/network.js";
import { said } from "./editing.js";
import { misweighted, nearestFit, shapesOn, sized } from "./fitting.js";
import { SOURCE } from "./graph.js";
import { joinedOf } from "./joining.js";
import { product } from "./shapes.js";
import { missized } from "./sizing.js";

/** @import { NestedNumbers } from "../types/numbers.js" */
/** @import { Source, Weights } from "../types/source.js" */
/** @import { Fix } from "../state/fixes.js" */
/** @import { LayerSetting } from "../state/setting.js" */
/** @import { State } from "../state/state.js" */
/** @import { Said } from "./editing.js" */
/** @import { Missized } from "./sizing.js" */

/** A remedy: other layers, or another source. @typedef {{ words: string, layers?: LayerSetting[], source?: Source }} Remedy */

/** The remedies as buttons, with the size that each gives. @returns {Fix[]} */
export function sizeFixes(/** @type {State} */ state) {
  const { shapes, names, fault } = joinedOf(state);
  const found = shapes && !fault && missized(state.setting.layers, names, shapes);
  if (!found) return refitted(state);
  const layers = said(state);
  return [convolved(state, layers, found), pooled(state, layers, found), resized(state)]
    .flatMap((fix) => fix ?? [])
    .flatMap(({ layers: next, words, source = state.setting.source }) => {
      const setting = { layers: next ?? state.setting.layers, source };
      const shown = shapesOn({ ...state, setting }, source);
      if (!shown) return []; // as where a picture is smaller than the kernel
      const last = shown.placed.get(shown.network.last.name)?.geometry.output_shape;
      return {
        words,
        ...(last && source === state.setting.source ? { gives: shapeText(last) } : {}),
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

/** The size that it expects, where one leads to it. @returns {Remedy | null} */
function resized(/** @type {State} */ state) {
  const { source } = state.setting;
  // The size that the last network had comes first.
  const reading = said(state).findIndex(({ inputs }) => String(inputs) === SOURCE);
  const before = Math.max(...(state.shown?.geometries[reading]?.input_shape ?? [1, 1]).slice(1));
  const own = sized(state, source, before);
  const next = own && shapesOn(state, own) ? own : nearestFit(state);
  const shape = next && shapeOf(next, state.catalog.samples, state.uploads);
  return shape ? { words: inputWords(state, shape), source: next } : null;
}

/** A network whose layers do not meet, or whose cost is too much, on an input of another size. @returns {Fix[]} */
function refitted(/** @type {State} */ state) {
  const { names, shapes, fault } = joinedOf(state);
  const { problem, setting } = state;
  if (!problem || setting.layers.length < 2) return [];
  const wrong = shapes && !fault ? misweighted(setting.layers, names, shapes) : [];
  if (wrong.length > 0 && problem.field?.startsWith("weights")) {
    const layers = setting.layers.map((layer, at) =>
      wrong.includes(at)
        ? { ...layer, weights: /** @type {Weights} */ ({ kind: "preset", name: PRESET }) }
        : layer,
    );
    const words = networkWords.otherWeights(wrong.map((at) => String(names[at])));
    return [{ words, action: { type: "open_setting", setting: { ...setting, layers }, step: state.step } }];
  }
  if (!fault && problem.code !== "too_large") return [];
  const next = nearestFit(state);
  const size = next && shapeOf(next, state.catalog.samples, state.uploads);
  if (!size) return [];
  return [{ words: inputWords(state, size), action: { type: "source", source: next } }];
}

/** Buttons that mend the layer at fault where it is not the one on the stage. @returns {Fix[]} */
export function mendingElsewhere(/** @type {State} */ state) {
  const at = faultyLayer(state);
  const { layers } = state.setting;
  const layer = layers[at];
  if (!layer || at === state.chosen) return [];
  const name = String(joinedOf(state).names[at]);
  return mending({ ...state, chosen: at }).flatMap(({ words, gives, action }) =>
    inLayer(words, gives, action),
  );

  /** @returns {Fix[]} */
  function inLayer(
    /** @type {string} */ words,
    /** @type {string | undefined} */ gives,
    /** @type {Fix["action"]} */ action,
  ) {
    const fix = { words: networkWords.inLayer(name, words), ...(gives ? { gives } : {}) };
    if (action.type === "weights") return [{ ...fix, action: { ...action, layer: at } }];
    if (action.type === "source") return [{ words, action }];
    if (action.type !== "parameter" && action.type !== "settings") return [];
    const values = action.type === "settings" ? action.values : { [action.name]: action.value };
    const next = { ...layer, spec: { ...layer.spec, ...values } };
    const setting = { ...state.setting, layers: layers.map((one, place) => (place === at ? next : one)) };
    return [{ ...fix, action: { type: "open_setting", setting, step: state.step } }];
  }
}

/** `An input of 95×128`, with its channels where they change. */
function inputWords(/** @type {State} */ { inputShape }, /** @type {number[]} */ shape) {
  return networkWords.asSize(shape[0] === inputShape?.[0] ? shape.slice(1) : shape);
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
