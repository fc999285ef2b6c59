// The arithmetic of one step, term by term, in double precision beside the value that the server computed.
// Pure: reads the numbers that have come; knows no DOM and no network.

import { combined } from "./combine.js";
import { stepPosition, weightIndex, windowAt, windowFactors, windowValues } from "./geometry.js";
import { currentNumbers, viewedStep } from "./state.js";

/** @import { Combine, FloatArray, LayerGeometry } from "./types.js" */
/** @import { Numbers, State } from "./state.js" */

/**
 * Windows as they came from the stream: plane (channel of the group, tap) holds `count` steps from `first` on.
 * @typedef {{ first: number, count: number, group: number, planes: FloatArray[] }} WindowRun
 */
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
 * @property {Combine} combine
 * @property {Term[]} terms (channel of the group, tap)
 * @property {number[]} subtotals per channel of the group
 * @property {number | null} bias null: the layer has none
 * @property {number} total before the activation
 * @property {number} result after it
 * @property {number | null} served the server's value, null while it has not come
 * @property {number | null} winner index of the term that is the largest (max only)
 * @property {number | null} divisor what a mean divides by @property {number | null} p of a norm
 * @property {boolean} rectified the activation is a ReLU
 */

/**
 * The sum of the step on view; null while the numbers it needs have not come.
 * @param {State} state
 * @returns {StepSum | null}
 */
export function sumOf(state) {
  const layer = state.shown?.geometry;
  const numbers = currentNumbers(state);
  if (!layer || !numbers) return null;
  const step = viewedStep(state);
  const { lane } = state;
  const group = Math.floor(lane / layer.lanes_per_group);
  const values = streamed(numbers, step, group) ?? held(layer, numbers, step, group);
  const weighted = layer.combine === "sum_of_products";
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
    const source = group * layer.channels_per_group + channel;
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
  const { total, winner, divisor } = combined(terms, layer, bias ?? 0, lane);
  const rectified = layer.activation === "relu";
  return {
    step,
    position: stepPosition(layer, step),
    combine: layer.combine,
    terms,
    subtotals,
    bias,
    total,
    result: rectified ? Math.max(0, total) : total,
    served: servedAt(layer, numbers, lane, step),
    winner,
    divisor,
    p: layer.p,
    rectified,
  };
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
 * @param {LayerGeometry} layer @param {Numbers} numbers @param {number} lane @param {number} step
 */
export function servedAt(layer, numbers, lane, step) {
  const plane = numbers.lanes ? numbers.lanes.indexOf(lane) : lane;
  if (!numbers.output || plane < 0 || step >= numbers.received) return null;
  return Number(numbers.output[plane * layer.steps + step]);
}
