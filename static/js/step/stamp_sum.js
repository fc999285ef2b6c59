// The arithmetic of one step of a stamping walk, in double precision: what it stamps, and the sum so far of the cell on view.
// Pure: reads the numbers that have come; knows no DOM and no network.

import { activated, activationOf, isActive } from "../layer/activations.js";
import { stepIndex, stepPosition, weightIndex } from "../layer/walk.js";
import { planeTaps } from "../picture/grid/grids.js";
import { depthOn, tensorsOf } from "../picture/grid/planes.js";
import { currentNumbers, viewedStep, viewOf } from "../state/selectors.js";
import { roundingOf } from "./rounding.js";
import { COMPLETE, landings, stageOf, sumAfter, writersOfCell } from "./stamps.js";
import { once, outputCellAt, outputIndex, servedAt } from "./sum.js";

/** @import { ActivationInfo } from "../types/layer.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Landing, Tensors } from "./stamps.js" */
/** @import { Numbers } from "../types/stream.js" */
/** @import { State } from "../state/state.js" */
/** @import { Term } from "./sum.js" */

/**
 * The effect of one step of a stamping walk, and on the output cell on view in particular.
 * @typedef {object} StampSum
 * @property {number} step @property {number[]} position the input cell, per axis
 * @property {Landing[]} landings one per tap @property {number} written how many of them the output keeps
 * @property {{ channel: number, value: number }[]} values the cell in each channel of the group
 * @property {number[]} products per tap, added up over the channels
 * @property {number[] | null} target the output cell pointed at, or the first that is written; null: all is cropped
 * @property {number | null} tap that lands on it; null: none of this step
 * @property {Term[]} terms that land on it, one per channel
 * @property {number} before the target before this step @property {number} after
 * @property {number} rounding what both may be off by
 * @property {boolean} complete no later step writes it
 * @property {string | null} activation its title; null: there is none
 * @property {number | null} result after it; null where it takes the values of other channels too
 * @property {number | null} served the server's value, once complete
 */

/**
 * The stamp of the step on view, in a stamping walk; null while the numbers it needs have not come.
 * @param {State} state
 * @returns {StampSum | null}
 */
export function stampOn(state) {
  const layer = viewOf(state);
  const numbers = currentNumbers(state);
  if (!layer || !numbers || !tensorsOf(numbers)) return null;
  const pointed = state.pointed?.grid === "output" ? state.pointed : null;
  return lastStamp(
    [layer, numbers, state.lane, viewedStep(state), pointed, state.catalog.activations],
    stampMade,
  );
}
const lastStamp = once();

/** @returns {StampSum} */
function stampMade(
  /** @type {LayerGeometry} */ layer,
  /** @type {Numbers} */ numbers,
  /** @type {number} */ lane,
  /** @type {number} */ step,
  /** @type {State["pointed"]} */ pointed,
  /** @type {ActivationInfo[]} */ activations,
) {
  const tensors = /** @type {Tensors} */ (tensorsOf(numbers));
  const position = stepPosition(layer, step);
  const landed = landings(layer, step);
  const start = Math.floor(lane / layer.lanes_per_group) * layer.channels_per_group;
  const values = Array.from({ length: layer.channels_per_group }, (_, channel) => ({
    channel: start + channel,
    value: Number(tensors.input[(start + channel) * layer.steps + step]),
  }));
  const weightOf = (/** @type {number} */ channel, /** @type {number} */ tap) =>
    Number(tensors.weight[weightIndex(layer, lane, channel, tap)]);
  const products = landed.map(({ tap }) =>
    values.reduce((sum, { value }, channel) => sum + value * weightOf(channel, tap), 0),
  );
  const kept = landed.filter(({ outside }) => !outside);
  const plane = planeTaps(layer);
  const shown = layer.axes.length === 3 ? depthOn(layer, step).tap : 0;
  const first = kept.find(({ tap }) => Math.floor(tap / plane) === shown) ?? kept[0];
  const target = pointed?.grid === "output" ? outputCellAt(layer, pointed.step) : (first?.cell ?? null);
  const hit = target && kept.find(({ cell }) => cell.every((at, axis) => at === target[axis]));
  const tap = hit ? hit.tap : null;
  /** @type {Term[]} */
  const terms = values.flatMap(({ channel, value }, within) => {
    if (tap === null) return [];
    const weight = weightOf(within, tap);
    const index = weightIndex(layer, lane, within, tap);
    return [{ channel, tap, value, weight, product: value * weight, index, padded: false, outside: false }];
  });
  const sum = (/** @type {number} */ at) => (target ? sumAfter(layer, tensors, lane, target, at) : 0);
  const after = sum(step);
  const activation = activationOf(activations, layer.activation);
  const complete = target !== null && stageOf(writersOfCell(layer, target), position) === COMPLETE;
  return {
    step,
    position,
    landings: landed,
    written: kept.length,
    values,
    products,
    target,
    tap,
    terms,
    before: sum(step - 1),
    after,
    rounding: target ? roundingAfter(layer, tensors, lane, target, step) : 0,
    complete,
    activation: isActive(activation) ? activation.title : null,
    result: complete ? activated(activation, after) : after,
    served: complete && target ? servedAt(layer, numbers, lane, outputIndex(layer, target)) : null,
  };
}

/**
 * The rounding of the sum of an output cell after a step of a stamping walk.
 * @param {LayerGeometry} layer @param {Tensors} tensors @param {number} lane @param {number[]} cell @param {number} step
 */
export function roundingAfter(layer, tensors, lane, cell, step) {
  const sizes = lastSizes([tensors.input, tensors.weight, tensors.bias], sizesOf);
  return roundingOf(layer.taps * layer.channels_per_group, sumAfter(layer, sizes, lane, cell, step));
}

const lastSizes = once();

/** @returns {Tensors} numbers without their signs */
function sizesOf(
  /** @type {Tensors["input"]} */ input,
  /** @type {Tensors["weight"]} */ weight,
  /** @type {Tensors["bias"]} */ bias,
) {
  const sized = (/** @type {ArrayLike<number>} */ values) => Float64Array.from(values, Math.abs);
  return { input: sized(input), weight: sized(weight), bias: bias && sized(bias) };
}

/** The first step of a stamping walk that writes an output cell; null when none does. */
export function stepWriting(/** @type {State} */ state, /** @type {number[]} */ cell) {
  const layer = viewOf(state);
  const first = layer ? writersOfCell(layer, cell).map((axis) => axis[0]?.place ?? -1) : [-1];
  return layer && first.every((place) => place >= 0) ? stepIndex(layer, first) : null;
}
