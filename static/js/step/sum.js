// The arithmetic of one step, term by term, in double precision beside the value that the server computed.
// Pure: reads the numbers that have come; knows no DOM and no network.

import { activated, activationOf, isActive } from "../layer/activations.js";
import { combined, isCopied, roundings } from "../layer/combine.js";
import {
  channelOfGroup,
  stepIndex,
  stepPosition,
  takenAt,
  weightIndex,
  windowAt,
  windowFactors,
  windowValues,
} from "../layer/walk.js";
import { currentNumbers, otherWalk, viewedLane, viewedStep } from "../state/selectors.js";

/** @import { ActivationInfo } from "../types/layer.js" */
/** @import { Combination } from "../types/registry.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { StampSum } from "./stamp_sum.js" */
/** @import { Numbers } from "../types/stream.js" */
/** @import { State } from "../state/state.js" */

/**
 * @typedef {object} Term
 * @property {number} channel input channel @property {number} tap row-major
 * @property {number} value what the window reads there @property {number} weight 1 where there is none
 * @property {number} product @property {number} index flattened index of the weight
 * @property {boolean} padded no input cell lies there: a fill value @property {boolean} outside beyond the padding
 */
/**
 * @typedef {object} StepSum
 * @property {number} step @property {number[]} position per axis
 * @property {Combination} combination
 * @property {Term[]} terms (channel of the group, tap)
 * @property {number[]} subtotals per channel of the group
 * @property {number[]} roundings what each of them may be off by, and of the result: @property {number} rounding
 * @property {number | null} bias null: the layer has none
 * @property {number} total before the activation
 * @property {number | null} result after it; null where it takes the values of other channels too
 * @property {number | null} served the server's value, null while it has not come
 * @property {number | null} winner index of the term that is the value, where one wins
 * @property {number | null} divisor what a mean divides by @property {number | null} p of a norm
 * @property {number | null} copied index of the term that is taken over (copy only)
 * @property {number[] | null} source the input cell that is copied, per axis; null: none, or a fill value
 * @property {string | null} activation its title; null: there is none
 */

/**
 * The sum of the step on view; null while the numbers it needs have not come, and for a stamping walk.
 * @param {State} state
 * @returns {StepSum | null}
 */
export function sumOf(state) {
  const layer = state.shown?.geometry;
  const numbers = currentNumbers(state);
  if (!layer || !numbers || otherWalk(state)) return null;
  return lastSum([layer, numbers, viewedStep(state), viewedLane(state), state.catalog.activations], summed);
}

/** The sum that was computed last, for as long as it is of the same things: stage, words and table ask in turn. */
export function once() {
  /** @type {readonly unknown[]} */
  let of = [];
  /** @type {any} */
  let made = null;
  /** @template {any[]} Parts @template Made @param {Parts} parts @param {(...parts: Parts) => Made} make @returns {Made} */
  return (parts, make) => {
    if (parts.some((part, at) => part !== of[at])) {
      made = make(...parts);
      of = parts;
    }
    return made;
  };
}
const lastSum = once();

/** @returns {StepSum | null} */
export function summed(
  /** @type {LayerGeometry} */ layer,
  /** @type {Numbers} */ numbers,
  /** @type {number} */ step,
  /** @type {number} */ lane,
  /** @type {ActivationInfo[]} */ activations,
) {
  const group = Math.floor(lane / layer.lanes_per_group);
  const values = streamed(numbers, step, group) ?? held(layer, numbers, step, group);
  const weighted = layer.combination.term === "product";
  if (!values || (weighted && !numbers.weight)) return null;
  const each = layer.taps * layer.channels_per_group;
  const places = placesOf(layer, step);
  const factors = windowFactors(layer, step);
  /** @type {Term[]} */
  const terms = [];
  const subtotals = new Array(layer.channels_per_group).fill(0);
  for (let at = 0; at < each; at++) {
    const channel = Math.floor(at / layer.taps);
    const tap = at % layer.taps;
    const index = weightIndex(layer, lane, channel, tap);
    const value = Number(values[at]);
    const weight = weighted ? Number(numbers.weight?.[index]) : (factors?.[tap] ?? 1);
    const product = value * weight;
    const place = places[tap] ?? 0;
    const source = channelOfGroup(layer, group, channel);
    terms.push({
      channel: source,
      tap,
      value,
      weight,
      product,
      index,
      padded: place === -1,
      outside: place === -2,
    });
    subtotals[channel] += product;
  }
  const biased = layer.bias_shape !== null;
  const bias = biased ? Number(numbers.bias?.[lane] ?? 0) : null;
  const { total, winner, divisor } = combined(terms, layer, bias ?? 0, takenAt(layer, step, lane));
  const activation = activationOf(activations, layer.activation);
  return {
    step,
    position: stepPosition(layer, step),
    combination: layer.combination,
    terms,
    subtotals,
    roundings: subtotals.map((_, at) =>
      roundings.ofTerms(terms.slice(at * layer.taps, (at + 1) * layer.taps)),
    ),
    rounding: roundings.ofResult(terms, layer, bias ?? 0, lane, total),
    bias,
    total,
    result: activated(activation, total),
    served: servedAt(layer, numbers, lane, step),
    winner,
    divisor,
    ...copyOf(layer, step, lane),
    p: layer.p,
    activation: isActive(activation) ? activation.title : null,
  };
}

/** Which tap a copy takes, and which input cell that is. */
function copyOf(/** @type {LayerGeometry} */ layer, /** @type {number} */ step, /** @type {number} */ lane) {
  if (!isCopied(layer)) return { copied: null, source: null };
  const copied = takenAt(layer, step, lane);
  const window = windowAt(layer, step);
  const source = [];
  let rest = copied;
  for (const cells of window.reverse()) {
    source.unshift(cells[rest % cells.length]?.index ?? -1);
    rest = Math.floor(rest / cells.length);
  }
  return { copied, source: source.every((index) => index >= 0) ? source : null };
}

/** Per tap: a source index ≥ 0, −1 in the padding, −2 beyond it. */
export function placesOf(/** @type {LayerGeometry} */ layer, /** @type {number} */ step) {
  let places = [0];
  for (const cells of windowAt(layer, step)) {
    places = places.flatMap((place) =>
      cells.map(({ index }) => (place < 0 || index < 0 ? Math.min(place, index) : 0)),
    );
  }
  return places;
}

/** @returns {Float32Array | null} */
function held(
  /** @type {LayerGeometry} */ layer,
  /** @type {Numbers} */ numbers,
  /** @type {number} */ step,
  /** @type {number} */ group,
) {
  if (!numbers.input || numbers.inputs < numbers.input.length) return null;
  return windowValues(layer, numbers.input, step, group);
}

/** @returns {number[] | null} */
function streamed(/** @type {Numbers} */ numbers, /** @type {number} */ step, /** @type {number} */ group) {
  const run = numbers.windows.find(
    (one) => one.group === group && step >= one.first && step < one.first + one.count,
  );
  return run ? run.planes.map((plane) => Number(plane[step - run.first])) : null;
}

/**
 * The server's value of one output cell; null while it has not come.
 * @param {LayerGeometry} layer @param {Numbers} numbers @param {number} lane @param {number} step gathering it
 */
export function servedAt(layer, numbers, lane, step) {
  const plane = numbers.lanes ? numbers.lanes.indexOf(lane) : lane;
  if (!numbers.output || plane < 0 || step >= numbers.received) return null;
  const cells = layer.axes.reduce((total, axis) => total * axis.output, 1);
  const index = plane * cells + step;
  return Number(numbers.stale?.[index] ?? 0) < 0 ? null : Number(numbers.output[index]);
}

// ------------------------------------------------------------------------------------- a stamping walk

/** The stamp of the step on view; null in a gathering walk and while the numbers it needs have not come. @returns {StampSum | null} */
export function stampOf(/** @type {State} */ state) {
  return otherWalk(state)?.sum(state) ?? null;
}

/** The position of an output cell by its row-major number, whatever the walk. */
export function outputCellAt(/** @type {LayerGeometry} */ layer, /** @type {number} */ index) {
  return stepPosition({ step_shape: layer.axes.map((axis) => axis.output) }, index);
}

/** The row-major number of an output cell. */
export function outputIndex(/** @type {LayerGeometry} */ layer, /** @type {number[]} */ cell) {
  return stepIndex({ step_shape: layer.axes.map((axis) => axis.output) }, cell);
}
