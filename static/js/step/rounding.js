// The rounding of float32 sums: a number below is nothing but rounding, and printed as about zero. Comes with the features.
// Pure: knows terms and numbers; no DOM and no network.

import { combined, isCopied, isSelected } from "../layer/combine.js";
import { reachOf } from "../picture/grid/planes.js";
import { awaited, isNoise } from "../words/format.js";
import { stampOf, summed, sumOf } from "./sum.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Numbers } from "../types/stream.js" */
/** @import { State } from "../state/state.js" */
/** @import { Term } from "./sum.js" */

/**
 * Sums whose results are the numbers of a plane: whether the one at an index is only rounding. The numbers behind this are held
 * as data, so that equal planes are equal.
 * @typedef {{ isNoise: (sums: any, value: number, index: number) => boolean } & Record<string, unknown>} Sums
 */
/**
 * @typedef {object} Roundings
 * @property {(terms: (Term | undefined)[]) => number} ofTerms of a sum of products
 * @property {(terms: Term[], layer: LayerGeometry, bias: number, lane: number, total: number) => number} ofResult of a window that has been combined; 0 where its total is no rounding, whatever an activation makes of it
 * @property {(layer: LayerGeometry, numbers: Numbers, lane: number, first: number) => Sums | undefined} sumsOf of a lane whose numbers begin at `first`
 */

/** Half a unit in the last place of a float32, as a share of the number. */
const HALF_UNIT = 2 ** -24;

/** The rounding of a float32 sum: each term by its own rounding, and the additions by that of the sum so far. */
export function roundingOf(/** @type {number} */ terms, /** @type {number} */ sizes) {
  const rounding = Math.max(2, Math.sqrt(terms)) * HALF_UNIT * sizes;
  return Number.isFinite(rounding) ? rounding : 0;
}

/** @type {Roundings["ofTerms"]} */
function ofTerms(terms) {
  return roundingOf(
    terms.length,
    terms.reduce((sizes, term) => sizes + Math.abs(Number(term?.product)), 0),
  );
}

/**
 * The same combine over numbers without their signs adds up their sizes; what is selected is copied and rounds nothing.
 * @type {Roundings["ofResult"]}
 */
function ofResult(terms, layer, bias, lane, total) {
  if (isSelected(layer) || isCopied(layer)) return 0;
  const sizes = terms.map((term) => ({
    ...term,
    value: Math.abs(term.value),
    weight: Math.abs(term.weight),
    product: Math.abs(term.product),
  }));
  const rounding = roundingOf(terms.length, combined(sizes, layer, Math.abs(bias), lane).total);
  return Math.abs(total) <= rounding ? rounding : 0;
}

/** The rounding of the output cell of a gathering step; 0 while the numbers that say so have not come. */
export function roundingAt(
  /** @type {LayerGeometry} */ layer,
  /** @type {Numbers} */ numbers,
  /** @type {number} */ step,
  /** @type {number} */ lane,
) {
  return summed(layer, numbers, step, lane, [])?.rounding ?? 0;
}

/** @type {Roundings["sumsOf"]} */
function sumsOf(layer, numbers, lane, first) {
  const gathers = layer.axes.every(({ writes }) => writes.taps === 1);
  const faint = faintest(layer, numbers, lane);
  return gathers ? { isNoise: gathered, layer, numbers, lane, first, faint } : undefined;
}

/** A bound for the rounding of any sum of a lane: numbers above need no closer look. An infinite fill takes part in none. */
export function faintest(
  /** @type {LayerGeometry} */ layer,
  /** @type {Numbers} */ numbers,
  /** @type {number} */ lane,
) {
  const terms = layer.taps * layer.channels_per_group;
  const [low, high] = numbers.inputRange;
  const fill = Number.isFinite(Number(layer.fill)) ? Math.abs(Number(layer.fill)) : 0;
  const product = Math.max(-low, high, fill) * (numbers.weight ? reachOf(numbers) : 1);
  return roundingOf(terms, terms * product + Math.abs(Number(numbers.bias?.[lane] ?? 0)));
}

/**
 * @param {{ layer: LayerGeometry, numbers: Numbers, lane: number, first: number, faint: number }} sums
 * @param {number} value @param {number} index
 */
function gathered({ layer, numbers, lane, first, faint }, value, index) {
  return isNoise(value, faint) && isNoise(value, roundingAt(layer, numbers, index - first, lane));
}

/** @type {Roundings} */
export const rounded = { ofTerms, ofResult, sumsOf };

/** The result of the step on view, whatever the walk, and what it may be off by; null while it has not come. */
export function resultOf(/** @type {State} */ state) {
  const sum = sumOf(state);
  if (sum) return { value: sum.served ?? sum.result, rounding: sum.rounding };
  const stamp = stampOf(state);
  return stamp && { value: stamp.served ?? stamp.result, rounding: stamp.rounding };
}

/** The same as people read it. */
export function resultText(/** @type {State} */ state) {
  const result = resultOf(state);
  return result && awaited(result.value, 4, result.rounding);
}
