// A person's choice, turned into requests of the server and the geometry: specs, shapes, weights' edits.
// Pure functions of the setting; knows no DOM, no network and no history.

import { defaults } from "../layer/rule.js";

/** @import { OperationInfo, SampleInfo } from "../types/registry.js" */
/** @import { JsonNumber } from "../types/numbers.js" */
/** @import { ParameterValue, Spec } from "../types/layer.js" */
/** @import { AskedWeights, Source, Weights } from "../types/source.js" */
/** @import { StoredInfo } from "../types/plan.js" */

/**
 * A person's choice of one layer.
 * @typedef {object} LayerSetting
 * @property {string} operation
 * @property {Record<string, ParameterValue>} spec values of every operation's parameters; each takes its own
 * @property {Weights | null} weights
 * @property {string} [name]
 * @property {string[]} [inputs] the layers that it reads, by name; left out, the one before
 */

/**
 * Everything a person chose that decides the numbers: layers, and what the first reads.
 * @typedef {{ layers: LayerSetting[], source: Source }} Setting
 */

/**
 * The request of a setting to the server; of several layers, the weights by name, and which one is computed.
 * @typedef {{ layers: Spec[], source: Source, weights: AskedWeights, layer?: string }} Asked
 */

/**
 * The layer as it travels: the operation's own parameters, defaults left out.
 * @param {OperationInfo} operation @param {Record<string, ParameterValue>} values
 * @returns {Spec}
 */
export function layerOf(operation, values) {
  /** @type {Spec} */
  const layer = { operation: operation.name };
  const standing = defaults(operation, values.rules);
  for (const { name } of operation.parameters) {
    const value = values[name];
    if (value === undefined || same(value, standing[name])) continue;
    layer[name] = value;
  }
  return layer;
}

/** Layers as they travel, as a person's choices. @returns {LayerSetting[]} */
export function layersFrom(/** @type {Spec[]} */ layers, /** @type {Weights | null} */ weights = null) {
  return layers.map(({ operation, ...spec }) => ({
    operation,
    spec: /** @type {Record<string, ParameterValue>} */ (spec),
    weights,
  }));
}

/** A setting with a change of one of its layers. @returns {Setting} */
export function withLayer(
  /** @type {Setting} */ setting,
  /** @type {number} */ at,
  /** @type {Partial<LayerSetting>} */ change,
) {
  const layers = setting.layers.map((layer, place) => (place === at ? { ...layer, ...change } : layer));
  return { ...setting, layers };
}

/** Equal settings have equal keys: numbers carry the key of the setting they belong to. */
export function keyOf(/** @type {Asked} */ asked) {
  const { layers, source, weights, layer } = asked;
  return JSON.stringify([layers, source, weights, ...(layer === undefined ? [] : [layer])]);
}

/** Equal inputs of the layer that is computed have equal keys: what is held of one serves another setting. */
export function inputKeyOf(/** @type {Asked} */ { layers, source, weights, layer }) {
  const at = layers.findIndex(({ name }) => name === layer);
  const inputs = layers[at]?.inputs ?? null;
  if (at === 0 || String(inputs) === "input") return JSON.stringify(source);
  const before = layers.slice(0, at);
  const named = /** @type {Record<string, Weights>} */ (weights ?? {});
  return JSON.stringify([source, before, before.map(({ name }) => named[String(name)] ?? null), inputs]);
}

/** @param {number} value @param {number} low @param {number} high */
export function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}

/** @param {unknown} one @param {unknown} other */
export function same(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/**
 * The shape of an input before the server has said it; null when only the server can know. The plan corrects it.
 * @param {Source} source @param {SampleInfo[]} samples @param {Record<string, StoredInfo>} uploads
 * @returns {number[] | null}
 */
export function shapeOf(source, samples, uploads) {
  switch (source.kind) {
    case "noise":
      return source.shape;
    case "values":
      return shapeOfValues(source.values, source.axes ?? null);
    case "sample": {
      const sample = samples.find((one) => one.name === source.name);
      if (!sample) return null;
      return channelsOf(resized(sample.shape, source.size ?? null, sample.scalable), source.channels);
    }
    case "image": {
      const stored = uploads[source.id];
      if (!stored) return null;
      if (stored.kind === "array") return channelled(stored.shape, source.axes ?? null);
      return channelsOf(resized(stored.shape, source.size ?? null, false), source.channels);
    }
  }
}

/** @returns {number[] | null} */
export function shapeOfValues(/** @type {unknown} */ values, /** @type {number | null} */ axes) {
  const shape = [];
  for (let level = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  if (shape.length === 0 || shape.includes(0)) return null;
  return channelled(shape, axes);
}

/** One or two axes are one channel, unless it is said how many come after the channels. */
function channelled(/** @type {number[]} */ shape, /** @type {number | null} */ axes) {
  return (axes === null ? shape.length < 3 : shape.length === axes) ? [1, ...shape] : shape;
}

/** @param {number[]} shape @param {string | undefined} channels */
function channelsOf(shape, channels) {
  if (channels === "grey") return [1, ...shape.slice(1)];
  if (channels === "rgb") return [3, ...shape.slice(1)];
  return shape;
}

/** The longest side becomes `size`; a picture is never enlarged, a drawing is drawn at any size. */
function resized(
  /** @type {number[]} */ shape,
  /** @type {number | null} */ size,
  /** @type {boolean} */ enlarge,
) {
  const sides = shape.slice(1);
  const longest = Math.max(...sides);
  if (size === null || (!enlarge && size >= longest)) return shape;
  return [
    /** @type {number} */ (shape[0]),
    ...sides.map((side) => Math.max(1, Math.floor((2 * side * size + longest) / (2 * longest)))),
  ];
}

// ------------------------------------------------------------------------------------- weights

/** The preset a weightless choice stands for. */
export const PRESET = "mixed";

/**
 * Nested numbers with one in the place of another; what is beside it is shared.
 * @param {any} nested @param {number[]} shape @param {number} index flattened @param {JsonNumber} value
 * @returns {any}
 */
export function replaced(nested, shape, index, value) {
  if (shape.length === 0) return value;
  const inner = shape.slice(1).reduce((cells, side) => cells * side, 1);
  const at = Math.floor(index / inner);
  const copy = [...nested];
  copy[at] = replaced(nested[at], shape.slice(1), index % inner, value);
  return copy;
}

/**
 * Edits keep their filter, channel and tap when the weight changes its shape; those outside it go.
 * @param {Weights | null} weights @param {number[] | null} before @param {number[] | null} after shapes of the weight
 * @param {number} filters which a transposed layer does not count on the weight's first axis
 * @returns {Weights | null}
 */
export function refitted(weights, before, after, filters) {
  if (!weights || !before || !after) return weights;
  let fitted = weights;
  if (weights.kind === "preset" && weights.edits?.length && !same(before, after)) {
    /** @type {[number, JsonNumber][]} */
    const edits = [];
    for (const [index, value] of weights.edits) {
      const moved = before.length === after.length ? moveIndex(index, before, after) : null;
      if (moved !== null) edits.push([moved, value]);
    }
    fitted = { ...weights, edits };
  }
  if (fitted.bias && fitted.bias.length !== filters) {
    fitted = { ...fitted, bias: Array.from({ length: filters }, (_, at) => fitted.bias?.[at] ?? 0) };
  }
  return fitted;
}

/** @returns {number | null} */
function moveIndex(
  /** @type {number} */ index,
  /** @type {number[]} */ before,
  /** @type {number[]} */ after,
) {
  let rest = index;
  let moved = 0;
  let scale = 1;
  for (let axis = before.length - 1; axis >= 0; axis--) {
    const length = /** @type {number} */ (before[axis]);
    const room = /** @type {number} */ (after[axis]);
    const at = rest % length;
    rest = Math.floor(rest / length);
    if (at >= room) return null;
    moved += at * scale;
    scale *= room;
  }
  return moved;
}

// ------------------------------------------------------------------------------------- channels

/** The channel that a picture is first seen by. @returns {number | "rgb"} */
export function naturalChannel(/** @type {number[] | null} */ shape) {
  return shape && shape.length === 3 && shape[0] === 3 ? "rgb" : 0;
}

/**
 * The nearest channel that an input has; only a source has colours of its own.
 * @param {number | "rgb"} channel @param {number[] | null} shape @param {Source | null} source
 */
export function fittingChannel(channel, shape, source) {
  const channels = shape?.[0] ?? 1;
  if (channel === "rgb") return source ? naturalChannel(shape) : 0;
  return clamp(Math.round(channel), 0, channels - 1);
}
