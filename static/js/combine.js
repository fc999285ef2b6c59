// The combines: what is done with a window, in double precision; the twins of app/core/combine.py. Knows terms
// and the rules of the geometry that bear on them; no DOM, no network, and no operation's name.

/** @import { Combine, LayerGeometry } from "./types.js" */
/** @import { Term } from "./sum.js" */

/**
 * What came of a window: the total before the activation, and what it takes to show how.
 * @typedef {object} Combined
 * @property {number} total
 * @property {number | null} winner index of the term that is the largest (max only)
 * @property {number | null} divisor what a mean divides by
 */

/** @type {Record<Combine, (terms: Term[], layer: LayerGeometry, bias: number, lane: number) => Combined>} */
const COMBINES = {
  sum_of_products: (terms, _layer, bias) => bare(sumOver(terms, (term) => term.product) + bias),
  max(terms) {
    const winner = winnerOf(terms);
    return { ...bare(terms[winner]?.value ?? Number.NEGATIVE_INFINITY), winner };
  },
  mean(terms, layer) {
    const divisor = divisorOf(terms, layer);
    return { ...bare(sumOver(terms, (term) => term.value) / divisor), divisor };
  },
  p_norm(terms, layer) {
    const p = layer.p ?? 2;
    return bare(sumOver(terms, (term) => Math.abs(term.value) ** p) ** (1 / p));
  },
  // The lane of its group says which tap it takes.
  copy: (terms, layer, _bias, lane) => bare(terms[lane % layer.lanes_per_group]?.value ?? 0),
  weighted_sum: (terms) => bare(sumOver(terms, (term) => (term.outside ? 0 : term.value * term.weight))),
};

/**
 * Combine the terms of one window.
 * @param {Term[]} terms @param {LayerGeometry} layer @param {number} bias @param {number} lane
 */
export function combined(terms, layer, bias, lane) {
  return COMBINES[layer.combine](terms, layer, bias, lane);
}

/** @returns {Combined} */
function bare(/** @type {number} */ total) {
  return { total, winner: null, divisor: null };
}

function sumOver(/** @type {Term[]} */ terms, /** @type {(term: Term) => number} */ part) {
  return terms.reduce((sum, term) => sum + part(term), 0);
}

/** The first of the largest values; a NaN wins, as it does in every framework measured. */
function winnerOf(/** @type {Term[]} */ terms) {
  let best = 0;
  for (let at = 0; at < terms.length; at++) {
    const value = terms[at]?.value ?? 0;
    if (Number.isNaN(value)) return at;
    if (value > (terms[best]?.value ?? 0)) best = at;
  }
  return best;
}

/** A number given, or a count: of input cells, or with the padding but without what lies beyond it. */
function divisorOf(/** @type {Term[]} */ terms, /** @type {LayerGeometry} */ layer) {
  if (typeof layer.divisor === "number") return layer.divisor;
  const padding = layer.divisor === "padded";
  return terms.filter((term) => !term.outside && (padding || !term.padded)).length;
}
