// How many ways lead from cells to cells: sums of products of axes, and one layer's step on them. The mirror of ways
// in the Python core for channels that count as one, held by tests/golden. Knows no network.  A term counts ways as
// a product: a factor and one array per spatial axis. Where ways join, terms add up. A plain field has 1 where at
// least one way leads. Where a sum of products grows long, it is written out as an array of all cells.

import { coordinate, resolve } from "../layer/walk.js";
import { product } from "./shapes.js";

/** @import { AxisGeometry, LayerGeometry } from "../types/geometry.js" */

/** A factor, and an array per axis. @typedef {Float64Array[]} Term */
/**
 * Ways to the cells of one tensor on its spatial axes: a sum of terms, or an array with all cells.
 * @typedef {{ sizes: number[], counts: boolean, terms: Term[], written: Float64Array | null }} Ways
 */

const MOST_TERMS = 24; // a longer sum is written out
const MOST_WAYS = 1e300; // more are counted as so many, since 0 times infinity is no number

/** The ways to one cell alone. @returns {Ways} */
export function waysTo(
  /** @type {number[]} */ sizes,
  /** @type {number[]} */ place,
  /** @type {boolean} */ counts,
) {
  const axes = sizes.map((size, axis) => {
    const array = new Float64Array(size);
    array[/** @type {number} */ (place[axis])] = 1;
    return array;
  });
  return { sizes, counts, terms: [[Float64Array.of(1), ...axes]], written: null };
}

export function isNone(/** @type {Ways} */ { terms, written }) {
  return written === null && terms.length === 0;
}

/** All cells. */
export function arrayOf(/** @type {Ways} */ ways) {
  if (ways.written) return ways.written;
  const total = new Float64Array(product(ways.sizes));
  for (const term of ways.terms) {
    const out = productOf(term);
    for (let at = 0; at < total.length; at++) total[at] = Number(total[at]) + Number(out[at]);
  }
  return bounded(total, ways.counts);
}

/** All ways of both. @param {Ways} one @param {Ways} other @returns {Ways} */
export function plus(one, other) {
  if (isNone(other)) return one;
  if (isNone(one)) return other;
  if (!one.written && !other.written) return made(one.sizes, [...one.terms, ...other.terms], one.counts);
  const array = arrayOf(one).slice();
  for (const [at, ways] of arrayOf(other).entries()) array[at] = Number(array[at]) + ways;
  return filled(one.sizes, array, one.counts);
}

/** Ways to the cells that one cell stands for, as ways to that cell. @param {Ways} ways @returns {Ways} */
export function shrunk({ sizes, counts, terms, written }) {
  const ones = sizes.map(() => 1);
  if (written) return filled(ones, Float64Array.of(sumOf(written)), counts);
  const found = terms.map(([factor, ...axes]) => {
    const ways = axes.reduce((total, array) => total * sumOf(array), Number(factor?.[0]));
    return [Float64Array.of(ways), ...sizes.map(() => Float64Array.of(1))];
  });
  return made(ones, found, counts);
}

/** Ways to one cell a channel, as ways to all that it stands for. @param {Ways} ways @param {number[]} sizes @returns {Ways} */
export function stretched(ways, sizes) {
  return made(sizes, [[arrayOf(ways), ...sizes.map((size) => new Float64Array(size).fill(1))]], ways.counts);
}

/** The ways as they are kept: 1 where there is one, unless they are counted. */
function bounded(/** @type {Float64Array} */ array, /** @type {boolean} */ counts) {
  const most = counts ? MOST_WAYS : 1;
  return array.some((ways) => ways > most) ? array.map((ways) => Math.min(ways, most)) : array;
}

/** Terms kept; empty ones are left out, and a long sum is written out. @returns {Ways} */
function made(/** @type {number[]} */ sizes, /** @type {Term[]} */ terms, /** @type {boolean} */ counts) {
  const kept = terms
    .map((term) => term.map((array) => bounded(array, counts)))
    .filter((term) => term.every((array) => array.some((ways) => ways !== 0)));
  const ways = { sizes, counts, terms: merged(kept, counts), written: null };
  return ways.terms.length <= MOST_TERMS ? ways : filled(sizes, arrayOf(ways), counts);
}

/** @returns {Ways} */
function filled(
  /** @type {number[]} */ sizes,
  /** @type {Float64Array} */ array,
  /** @type {boolean} */ counts,
) {
  const any = array.some((ways) => ways !== 0);
  return { sizes, counts, terms: [], written: any ? bounded(array, counts) : null };
}

/** A term written out. */
function productOf(/** @type {Term} */ term) {
  let [out = Float64Array.of(1)] = term;
  for (const array of term.slice(1)) {
    const next = new Float64Array(out.length * array.length);
    for (let one = 0, at = 0; one < out.length; one++) {
      const factor = /** @type {number} */ (out[one]);
      if (factor === 0) at += array.length;
      else
        for (let other = 0; other < array.length; other++)
          next[at++] = Math.min(factor * /** @type {number} */ (array[other]), MOST_WAYS);
    }
    out = next;
  }
  return out;
}

/** Terms that differ on one axis at most are one term. @returns {Term[]} */
function merged(/** @type {Term[]} */ terms, /** @type {boolean} */ counts) {
  /** @type {Term[]} */
  const found = [];
  each: for (const term of terms) {
    for (const [at, known] of found.entries()) {
      const apart = term.flatMap((array, place) => (equal(array, known[place]) ? [] : [place]));
      if (apart.length === 0 && !counts) continue each;
      if (apart.length <= 1) {
        const place = apart[0] ?? 0;
        const both = summed(
          /** @type {Float64Array} */ (term[place]),
          /** @type {Float64Array} */ (known[place]),
        );
        found[at] = known.with(place, bounded(both, counts));
        continue each;
      }
      const larger = counts ? null : largerOf(term, known);
      if (larger) {
        found[at] = larger;
        continue each;
      }
    }
    found.push(term);
  }
  return found;
}

/** The one of two boxes that holds the other, where there is one. */
function largerOf(/** @type {Term} */ one, /** @type {Term} */ other) {
  if (one.every((array, place) => holds(array, other[place]))) return one;
  return other.every((array, place) => holds(array, one[place])) ? other : null;
}

function holds(/** @type {Float64Array} */ one, /** @type {Float64Array | undefined} */ other) {
  return one.every((ways, at) => ways >= Number(other?.[at]));
}

function equal(/** @type {Float64Array} */ one, /** @type {Float64Array | undefined} */ other) {
  return one === other || one.every((ways, at) => ways === other?.[at]);
}

function summed(/** @type {Float64Array} */ one, /** @type {Float64Array} */ other) {
  return one.map((ways, at) => ways + Number(other[at]));
}

function sumOf(/** @type {Float64Array} */ array) {
  return array.reduce((total, ways) => total + ways, 0);
}

// ------------------------------------------------------------------------------------- one layer

/** Ways from the output of a layer to its input. @param {LayerGeometry} built @param {Ways} ways @returns {Ways} */
export function backward(built, ways) {
  if (built.result === "shape") return reshaped(ways, between(built), built.input_shape);
  let found = asSteps(built, ways);
  for (const [place, axis] of built.axes.entries()) {
    const sources = sourcesOf(axis);
    found = along(found, place, axis.size, (from, to, others) => readInto(sources, axis, from, to, others));
  }
  return found;
}

/** Ways from the input of a layer to its output. @param {LayerGeometry} built @param {Ways} ways @returns {Ways} */
export function forward(built, ways) {
  if (built.result === "shape") return reshaped(ways, built.input_shape, between(built));
  let found = ways;
  for (const [place, axis] of built.axes.entries()) {
    const sources = sourcesOf(axis);
    found = along(found, place, axis.output, (from, to, others) =>
      writeInto(sources, axis, from, to, others),
    );
  }
  return asOutput(built, found);
}

/** @type {WeakMap<AxisGeometry, Int32Array>} */
const tables = new WeakMap();

/** The cells that each step of an axis reads, as source indices (steps · taps), below 0 for no cell. */
function sourcesOf(/** @type {AxisGeometry} */ axis) {
  let table = tables.get(axis);
  if (!table) {
    const { taps } = axis.reads;
    table = new Int32Array(axis.output * taps);
    for (let step = 0, at = 0; step < axis.output; step++)
      for (let tap = 0; tap < taps; tap++) table[at++] = resolve(axis, coordinate(axis.reads, step, tap));
    tables.set(axis, table);
  }
  return table;
}

/** @typedef {(from: Float64Array, to: Float64Array, others: number) => void} Step of (cells, others) */

/** Ways to cells from ways to the steps that read them. */
function readInto(
  /** @type {Int32Array} */ sources,
  /** @type {AxisGeometry} */ { output, reads: { taps } },
  /** @type {Float64Array} */ from,
  /** @type {Float64Array} */ to,
  /** @type {number} */ others,
) {
  for (let step = 0; step < output; step++)
    for (let other = 0; other < others; other++) {
      const ways = /** @type {number} */ (from[step * others + other]);
      if (ways === 0) continue;
      for (let tap = 0; tap < taps; tap++) {
        const cell = /** @type {number} */ (sources[step * taps + tap]);
        if (cell < 0) continue;
        const at = cell * others + other;
        to[at] = Math.min(/** @type {number} */ (to[at]) + ways, MOST_WAYS);
      }
    }
}

/** Ways to steps from ways to the cells that they read. */
function writeInto(
  /** @type {Int32Array} */ sources,
  /** @type {AxisGeometry} */ { output, reads: { taps } },
  /** @type {Float64Array} */ from,
  /** @type {Float64Array} */ to,
  /** @type {number} */ others,
) {
  for (let step = 0; step < output; step++)
    for (let tap = 0; tap < taps; tap++) {
      const cell = /** @type {number} */ (sources[step * taps + tap]);
      if (cell < 0) continue;
      for (let other = 0; other < others; other++) {
        const at = step * others + other;
        to[at] = Math.min(
          /** @type {number} */ (to[at]) + /** @type {number} */ (from[cell * others + other]),
          MOST_WAYS,
        );
      }
    }
}

/** One axis replaced. @returns {Ways} */
function along(
  /** @type {Ways} */ ways,
  /** @type {number} */ place,
  /** @type {number} */ size,
  /** @type {Step} */ step,
) {
  const sizes = ways.sizes.with(place, size);
  if (!ways.written) {
    const terms = ways.terms.map((term) => {
      const to = new Float64Array(size);
      step(/** @type {Float64Array} */ (term[place + 1]), to, 1);
      return term.with(place + 1, to);
    });
    return made(sizes, terms, ways.counts);
  }
  const outer = product(sizes.slice(0, place));
  const inner = product(sizes.slice(place + 1));
  const [long, short] = [Number(ways.sizes[place]) * inner, size * inner];
  const array = new Float64Array(outer * short);
  for (let part = 0; part < outer; part++)
    step(
      ways.written.subarray(part * long, (part + 1) * long),
      array.subarray(part * short, (part + 1) * short),
      inner,
    );
  return filled(sizes, array, ways.counts);
}

/** Ways to an output as others read it, as ways to the steps. @returns {Ways} */
function asSteps(/** @type {LayerGeometry} */ built, /** @type {Ways} */ ways) {
  const { result, axes, step_shape: sizes } = built;
  if (result === "grid" || axes.length === 1) return ways;
  if (result === "columns" || ways.written)
    return isNone(ways) ? { ...ways, sizes } : filled(sizes, arrayOf(ways), ways.counts);
  const ones = sizes.slice(1).map(() => Float64Array.of(1));
  return made(
    sizes,
    ways.terms.map((term) => [...term, ...ones]),
    ways.counts,
  );
}

/** The way back. @returns {Ways} */
function asOutput(/** @type {LayerGeometry} */ { result, axes, steps }, /** @type {Ways} */ ways) {
  if (result === "grid" || axes.length === 1) return ways;
  return isNone(ways) ? { ...ways, sizes: [steps] } : filled([steps], arrayOf(ways), ways.counts);
}

/** A vector as others read it: (channels, 1). */
function between(/** @type {LayerGeometry} */ { output_shape: shape }) {
  return shape.length > 1 ? shape : [...shape, 1];
}

/**
 * Ways through a layer that keeps the order of all numbers: from a cell to each cell that any of its channels comes to.
 * @param {Ways} ways @param {number[]} before @param {number[]} after channels first
 * @returns {Ways}
 */
function reshaped(ways, before, after) {
  const sizes = after.slice(1);
  if (isNone(ways)) return { ...ways, sizes };
  const [one, other] = [product(before.slice(1)), product(sizes)];
  const from = arrayOf(ways);
  const array = new Float64Array(other);
  const common = (one * other) / divisorOf(one, other);
  for (let number = 0; number < Math.min(product(before), common); number++) {
    const at = number % other;
    array[at] = Math.min(Number(array[at]) + Number(from[number % one]), MOST_WAYS);
  }
  return filled(sizes, array, ways.counts);
}

/** The greatest common divisor. @returns {number} */
function divisorOf(/** @type {number} */ one, /** @type {number} */ other) {
  return other === 0 ? one : divisorOf(other, one % other);
}
