// The arithmetic of a window, in double precision: the pieces that a combine's record in the registry names, defined here
// as in app/core/combines/combine.py. Knows terms and the rules of the geometry that bear on them; no combine by name.

/** @import { Combination } from "../types/registry.js" */
/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Term } from "../step/sum.js" */

/**
 * The result of a window: the total before the activation, and what it takes to show how.
 * @typedef {object} Combined
 * @property {number} total
 * @property {number | null} winner index of the term that is the value (largest and smallest only)
 * @property {number | null} divisor what a mean, or the mean in a norm, divides by
 */

/** The contribution of one tap. @type {Record<Combination["term"], (term: Term, layer: LayerGeometry) => number>} */
const TERMS = {
  product: (term) => term.product,
  factor: (term) => (term.outside ? 0 : term.product),
  value: (term) => term.value,
  power: (term, layer) => Math.abs(term.value) ** (layer.p ?? 2),
};

/** Which of two values goes on. @type {Partial<Record<Combination["reduce"], (one: number, other: number) => boolean>>} */
const WINS = {
  largest: (one, other) => one > other,
  smallest: (one, other) => one < other,
};

/**
 * Combine the terms of one window.
 * @param {Term[]} terms @param {LayerGeometry} layer @param {number} bias
 * @param {number} taken index of the term that a copy takes
 * @returns {Combined}
 */
export function combined(terms, layer, bias, taken) {
  const { term, reduce, finish } = layer.combination;
  const values = terms.map((one) => TERMS[term](one, layer));
  const wins = WINS[reduce];
  if (wins) {
    const winner = winnerOf(values, wins);
    return { total: (values[winner] ?? 0) + bias, winner, divisor: null };
  }
  if (reduce === "pick") return bare((values[taken] ?? 0) + bias);
  if (reduce === "product") return bare(values.reduce((total, value) => total * value, 1) + bias);
  const sum = values.reduce((total, value) => total + value, 0);
  if (finish === "none") return bare(sum + bias);
  const divisor = layer.divisor === null ? null : divisorOf(terms, layer);
  if (finish === "root") {
    const total = (divisor === null ? sum : sum * (terms.length / divisor)) ** (1 / (layer.p ?? 2)) + bias;
    return { total, winner: null, divisor };
  }
  return { total: sum / Number(divisor) + bias, winner: null, divisor };
}

/** Whether a weight stands beside each cell that is read: the kernel's, or the footprint's own. */
export function isWeighted(/** @type {LayerGeometry} */ { combination }) {
  return combination.term === "product" || combination.term === "factor";
}

/** Whether one cell alone goes on, and is marked: the winner of a comparison. */
export function isSelected(/** @type {LayerGeometry} */ { combination }) {
  return WINS[combination.reduce] !== undefined;
}

/** Whether each lane takes a cell as it is. */
export function isCopied(/** @type {LayerGeometry} */ { combination }) {
  return combination.reduce === "pick";
}

/** @returns {Combined} */
function bare(/** @type {number} */ total) {
  return { total, winner: null, divisor: null };
}

/** The first of equals; a NaN wins, as it does in every framework measured. */
function winnerOf(
  /** @type {number[]} */ values,
  /** @type {(one: number, other: number) => boolean} */ wins,
) {
  let best = 0;
  for (const [at, value] of values.entries()) {
    if (Number.isNaN(value)) return at;
    if (wins(value, values[best] ?? 0)) best = at;
  }
  return best;
}

/** A number given, or a count: of input cells, or with the padding but without what lies beyond it. */
function divisorOf(/** @type {Term[]} */ terms, /** @type {LayerGeometry} */ layer) {
  if (typeof layer.divisor === "number") return layer.divisor;
  const padding = layer.divisor === "padded";
  return terms.filter((term) => !term.outside && (padding || !term.padded)).length;
}

/**
 * The rounding of sums, and the sums that made the numbers of an output. The opening picture has whole numbers and does
 * without; step/rounding.js brings it.
 * @type {import("../step/rounding.js").Roundings}
 */
export const roundings = { ofTerms: () => 0, ofResult: () => 0, sumsOf: () => undefined };
