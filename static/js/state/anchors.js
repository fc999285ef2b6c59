// Where a step stands and which step stands where: what a change of setting keeps; and which channel and lane are
// shown together. Pure arithmetic on a geometry.

import {
  channelOfGroup,
  groupOfChannel,
  lengthOf,
  middleOf,
  stepIndex,
  stepPosition,
} from "../layer/walk.js";
import { clamp } from "./setting.js";

/** @import { AxisGeometry, LayerGeometry } from "../types/geometry.js" */
/** @import { Range } from "../types/numbers.js" */
/** @import { Loop } from "./pacing.js" */

/** Where a step stands on an axis: the middle of its window, 0–1 of the input. @returns {number[]} */
export function anchorOf(/** @type {LayerGeometry} */ layer, /** @type {number} */ step) {
  const position = stepPosition(layer, step);
  return layer.axes.map(
    (axis, at) => (middleOf(axis.reads, /** @type {number} */ (position[at])) + 0.5) / lengthOf(axis),
  );
}

/** The step whose window lies nearest to an anchor. */
export function stepNear(/** @type {LayerGeometry} */ layer, /** @type {number[]} */ anchor) {
  const spare = anchor.length - layer.axes.length;
  const position = layer.axes.map((axis, at) => {
    const wanted = (anchor[at + Math.max(0, spare)] ?? 0.5) * lengthOf(axis) - 0.5;
    return nearestPosition(axis, wanted, [[0, Number(layer.step_shape[at]) - 1]]);
  });
  return stepIndex(layer, position);
}

/** The same part of the input in another walk. @param {LayerGeometry} layer @param {Loop} loop @returns {Loop} */
export function loopIn(layer, { ends }) {
  const [from, to] = [stepNear(layer, ends[0]), stepNear(layer, ends[1])];
  return { from: Math.min(from, to), to: Math.max(from, to), ends };
}

/** The position, out of some ranges, whose window's middle lies nearest to a coordinate. */
export function nearestPosition(
  /** @type {AxisGeometry} */ { reads },
  /** @type {number} */ wanted,
  /** @type {Range[]} */ ranges,
) {
  // Middles grow with the position, evenly or nearly so: look around the place where an even walk would be.
  const last = /** @type {Range} */ (ranges.at(-1))[1];
  const [first, end] = [middleOf(reads, 0), middleOf(reads, last)];
  const even = last > 0 && end > first ? ((wanted - first) / (end - first)) * last : 0;
  const tries = ranges.flatMap(([from, to]) =>
    [-1, 0, 1].map((by) => clamp(Math.round(even) + by, from, to)),
  );
  const away = (/** @type {number} */ at) => Math.abs(middleOf(reads, at) - wanted);
  return tries.reduce((best, at) => (away(at) < away(best) ? at : best));
}

/**
 * The channel to show beside a lane: one that its group reads, where the layer has groups.
 * @param {LayerGeometry | undefined} layer @param {number} lane @param {number | "rgb"} channel
 */
export function channelBeside(layer, lane, channel) {
  if (!layer || channel === "rgb") return channel;
  const group = Math.floor(lane / layer.lanes_per_group);
  return groupOfChannel(layer, channel) === group ? channel : channelOfGroup(layer, group, 0);
}

/**
 * The lane to show beside a channel: one whose group reads it.
 * @param {LayerGeometry | undefined} layer @param {number} lane @param {number | "rgb"} channel
 */
export function laneBeside(layer, lane, channel) {
  if (!layer || channel === "rgb") return lane;
  const group = groupOfChannel(layer, channel);
  return Math.floor(lane / layer.lanes_per_group) === group ? lane : group * layer.lanes_per_group;
}
