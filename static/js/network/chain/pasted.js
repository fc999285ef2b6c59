// Layers that were read from pasted code, as a setting: the layers, and a source that they can take. Comes by import with
// the dialog; pure.

import { operationOf } from "../../state/resolve.js";
import { shapeOf } from "../../state/setting.js";
import { networkWords } from "../../words/network.js";
import { joinedOf } from "../joining.js";
import { product } from "../shapes.js";

/** @import { ReadReply } from "../../types/api.js" */
/** @import { ParameterValue } from "../../types/layer.js" */
/** @import { NamedSpec } from "../../types/network.js" */
/** @import { Source } from "../../types/source.js" */
/** @import { LayerSetting, Setting } from "../../state/setting.js" */
/** @import { State } from "../../state/state.js" */

const MOST_SIDE = 512;
/** Sides of pictures that networks are written for, the small ones first. */
const SIDES = [28, 32, 64, 128, 224];

/** @returns {Setting} */
export function pastedSetting(/** @type {State} */ state, /** @type {ReadReply} */ reply) {
  const layers = reply.layers.map((layer, at) => layerOf(state, layer, at));
  // A picture of the person's own stays where it fits; otherwise the sizes that the text or the file tells come first.
  const given = reply.input_shape ? [sourceOf(reply.input_shape)] : [];
  const own = state.setting.source;
  const grey = reply.input_channels === 1 ? { channels: /** @type {const} */ ("grey") } : {};
  const resized = own.kind === "image" ? SIDES.map((size) => ({ ...own, ...grey, size })) : [];
  const first = own.kind === "image" ? [own, ...resized, ...given] : [...given, own];
  const sources = [...first, ...sourcesFor(reply)];
  const fits = (/** @type {Source} */ source) => suits(state, layers, source, reply);
  // A dense layer whose numbers the text tells takes one size alone.
  const sized = tells(reply) && !sources.some(fits) ? sidesFor(reply) : [];
  const source = [...sources, ...sized].find(fits);
  return { layers, source: source ?? /** @type {Source} */ (sources.at(1) ?? sources[0]) };
}

/** The words of a dense layer about the input's size; empty where none has any. @param {State} state after the setting @param {ReadReply} reply */
export function sizeNotes(state, { features = [] }) {
  const { shapes, names } = joinedOf(state);
  const at = features.findIndex((count) => count !== null);
  const count = features[at];
  const built = shapes?.placed.get(String(names[at]))?.geometry;
  if (!shapes || !count || !built?.weight_shape || at === 0) return [];
  const read = product(built.weight_shape.slice(1));
  const size = shapes.input_shape.slice(1);
  const given = networkWords.sizeTold(String(names[at]), count, size, read);
  return [given];
}

function tells(/** @type {ReadReply} */ { features = [] }) {
  return features.some((count) => count !== null);
}

/** Whether the layers take a source, each dense layer with as many numbers as the text says. */
function suits(
  /** @type {State} */ state,
  /** @type {LayerSetting[]} */ layers,
  /** @type {Source} */ source,
  /** @type {ReadReply} */ { input_channels: channels, features = [] },
) {
  const own = state.setting.source;
  const inputShape =
    source === own ? state.inputShape : shapeOf(source, state.catalog.samples, state.uploads);
  const setting = { layers: [...layers], source };
  const { shapes, fault, names } = joinedOf({ catalog: state.catalog, setting, inputShape });
  if (fault || !shapes || (channels !== null && shapes.input_shape[0] !== channels)) return false;
  return features.every((count, at) => {
    const weight = shapes.placed.get(String(names[at]))?.geometry.weight_shape;
    return count === null || !weight || product(weight.slice(1)) === count;
  });
}

/** Squares of each size, for a network that tells by its dense layer which it takes. @returns {Source[]} */
function sidesFor(/** @type {ReadReply} */ { input_channels: channels, axes }) {
  if (axes === 1 || axes === 3) return [];
  return Array.from({ length: MOST_SIDE }, (_, at) => sourceOf([channels ?? 3, at + 1, at + 1]));
}

/** @returns {LayerSetting} */
function layerOf(/** @type {State} */ { catalog }, /** @type {NamedSpec} */ layer, /** @type {number} */ at) {
  const { operation, name, inputs, ...spec } = layer;
  const weighted = operationOf(catalog, operation).combination.term === "product";
  return {
    operation,
    spec: /** @type {Record<string, ParameterValue>} */ (/** @type {unknown} */ (spec)),
    weights: weighted ? { kind: "preset", name: "random", seed: at } : null,
    ...(name ? { name } : {}),
    ...(inputs ? { inputs } : {}),
  };
}

/** The usual inputs of such layers: a picture in colour or grey, a series, a volume, noise of any other depth. @returns {Source[]} */
function sourcesFor(/** @type {ReadReply} */ { input_channels: channels, input_features: features, axes }) {
  if (features !== null) {
    const side = Math.sqrt(features);
    const square = features > 64 && Number.isInteger(side);
    return [{ kind: "noise", shape: square ? [1, side, side] : [1, features] }];
  }
  if (axes === 1) return [64, 256, 1024].map((size) => noise([channels ?? 1, size]));
  if (axes === 3) return [8, 16, 32].map((size) => noise([channels ?? 1, size, size, size]));
  if (channels === 3 || channels === null)
    return SIDES.map((size) => ({ kind: "sample", name: "scene", size }));
  if (channels === 1) return SIDES.map((size) => ({ kind: "sample", name: "scene", size, channels: "grey" }));
  return [8, 16, ...SIDES].map((size) => noise([channels, size, size]));
}

/** An input of just that shape: a picture where it can be one. @returns {Source} */
function sourceOf(/** @type {number[]} */ shape) {
  const [channels, rows, cols] = shape;
  if (
    shape.length !== 3 ||
    rows !== cols ||
    rows === undefined ||
    rows < 8 ||
    (channels !== 1 && channels !== 3)
  )
    return noise(shape);
  const scene = { kind: /** @type {const} */ ("sample"), name: "scene", size: rows };
  return channels === 1 ? { ...scene, channels: "grey" } : scene;
}

/** @returns {Source} */
function noise(/** @type {number[]} */ shape) {
  return { kind: "noise", shape };
}
