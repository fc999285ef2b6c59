// The size at which a network takes an input: of a picture that becomes its input, and of the nearest input to one that is
// refused. Pure: knows settings and shapes, no DOM.

import { shapeOf, shapeOfValues } from "../state/setting.js";
import { SOURCE } from "./graph.js";
import { joinedOf } from "./joining.js";
import { product } from "./shapes.js";

/** @import { Shapes } from "../types/network.js" */
/** @import { Source } from "../types/source.js" */
/** @import { LayerSetting } from "../state/setting.js" */
/** @import { State } from "../state/state.js" */

/** Sides that are tried, and the largest of a picture whose cells can be told apart. */
const MOST_SIDE = 512;
const CLEAR_SIDE = 128;

/** The shapes of the layers on another source, where each layer takes what it reads, with the weights it has. @returns {Shapes | null} */
export function shapesOn(
  /** @type {State} */ { catalog, uploads, setting: { layers } },
  /** @type {Source} */ source,
) {
  const inputShape = shapeOf(source, catalog.samples, uploads);
  if (!inputShape) return null;
  // Layers of their own, so that those on view keep what is known of them.
  const own = [...layers];
  const { names, shapes, fault } = joinedOf({ catalog, setting: { layers: own, source }, inputShape });
  return shapes && !fault && misweighted(own, names, shapes).length === 0 ? shapes : null;
}

/** A source of another size: the longest side of a picture, every side of noise; null where a source has one size. @returns {Source | null} */
export function sized(/** @type {State} */ { catalog, uploads }, /** @type {Source} */ source, side = 1) {
  if (source.kind === "noise")
    return { ...source, shape: source.shape.map((own, axis) => (axis > 0 ? side : own)) };
  if (source.kind !== "sample" && source.kind !== "image") return null;
  if (source.kind === "image" && uploads[source.id]?.kind === "array") return null;
  const next = { ...source, size: side };
  const shape = shapeOf(next, catalog.samples, uploads);
  return shape && Math.max(...shape.slice(1)) === side ? next : null;
}

/**
 * A picture that becomes the input of a network, at the size that it takes. Dense layers have a weight for each cell that
 * they read, so it gets as large as the input before it; all other layers take the largest that fits. Where weights were
 * typed for one channel it is grey, and where its own channels do not fit it is grey or has three. Where no size fits it
 * stays as it is, and is refused with remedies.
 * @returns {Source}
 */
export function fitted(/** @type {State} */ state, /** @type {Source} */ source) {
  if (source.kind !== "image") return source;
  const [channels = 1, ...sides] = shapeOf({ ...source, size: null }, [], state.uploads) ?? [];
  const longest = Math.max(...sides);
  const ways = inChannels(source);
  const own = (typedForOne(state) && channels > 1 ? ways[1] : null) ?? source;
  if (!sized(state, own, longest)) return own;
  const clear = Math.min(CLEAR_SIDE, longest);
  const before = readsAll(state) ? Math.max(...(state.inputShape ?? [clear]).slice(1)) : clear;
  for (const way of [own, ...ways])
    for (const side of sidesFrom(Math.min(before, clear), clear)) {
      const next = sized(state, way, side);
      if (next && shapesOn(state, next)) return next;
    }
  return own;
}

/** A picture or a sample as it is, in grey, and in three channels. @returns {Source[]} */
function inChannels(/** @type {Source} */ source) {
  if (source.kind !== "image" && source.kind !== "sample") return [source];
  return [source, { ...source, channels: "grey" }, { ...source, channels: "rgb" }];
}

/** The source at the nearest size that every layer takes, and that is small enough where it cost too much. @returns {Source | null} */
export function nearestFit(/** @type {State} */ state) {
  const { problem, inputShape, setting } = state;
  const now = Math.max(...(inputShape ?? [1]).slice(1));
  const excess = problem?.code === "too_large" ? (problem.excess ?? 1) : 1;
  const place = Number(/^\/layers\/(\d+)/.exec(problem?.pointer ?? "")?.[1] ?? -1);
  const costs = (/** @type {Shapes | null} */ shapes) =>
    shapes ? cost(state, shapes, place) : Number.POSITIVE_INFINITY;
  const most = Number.isFinite(excess) && excess > 1 ? costs(shapesOn(state, setting.source)) / excess : null;
  const sides = Array.from({ length: MOST_SIDE }, (_, at) => at + 1);
  if (most !== null) sides.reverse();
  else sides.sort((one, other) => Math.abs(one - now) - Math.abs(other - now));
  for (const way of inChannels(setting.source))
    for (const side of sides) {
      if (most !== null && side > now) continue;
      const next = sized(state, way, side);
      const shapes = next && shapesOn(state, next);
      if (shapes && (most === null || costs(shapes) <= most)) return next;
    }
  return null;
}

/** Weights of the layer at fault where it has too many, else cells of all layers. */
function cost(/** @type {State} */ state, /** @type {Shapes} */ shapes, /** @type {number} */ place) {
  const all = [...shapes.placed.values()];
  const built = all.find(({ node }) => node.index === place)?.geometry;
  if (state.problem?.field === "weights" && built?.weight_shape) return product(built.weight_shape);
  return all.reduce((cells, { geometry }) => cells + product(geometry.output_shape), 0);
}

/** A side, then larger ones, then smaller ones. */
function sidesFrom(/** @type {number} */ first, /** @type {number} */ most) {
  return [
    ...Array.from({ length: most - first + 1 }, (_, at) => first + at),
    ...Array.from({ length: first - 1 }, (_, at) => first - 1 - at),
  ];
}

/** Whether a layer with weights reads all cells at once. */
function readsAll(/** @type {State} */ state) {
  const placed = joinedOf(state).shapes?.placed.values() ?? [];
  return [...placed].some(({ geometry }) => geometry.result === "vector" && geometry.weight_shape !== null);
}

/** Whether a layer that reads the source has typed weights of one channel. */
function typedForOne(/** @type {State} */ state) {
  const { shapes, names } = joinedOf(state);
  return state.setting.layers.some(({ weights }, at) => {
    const inputs = shapes?.network.byName.get(String(names[at]))?.inputs ?? [];
    if (weights?.kind !== "values" || !inputs.includes(SOURCE)) return false;
    return shapeOfValues(weights.values, 0)?.[1] === 1;
  });
}

/** Places of layers whose typed weights have another shape than the layer has on this input. */
export function misweighted(
  /** @type {LayerSetting[]} */ layers,
  /** @type {string[]} */ names,
  /** @type {Shapes} */ shapes,
) {
  return layers.flatMap(({ weights }, at) => {
    const wanted = shapes.placed.get(String(names[at]))?.geometry.weight_shape;
    if (weights?.kind !== "values" || !wanted) return [];
    return String(shapeOfValues(weights.values, 0)) === String(wanted) ? [] : [at];
  });
}
