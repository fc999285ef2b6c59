// Sums that are only rounding are printed as about zero, and no others.

import assert from "node:assert/strict";
import { test } from "node:test";
import { combined } from "../../../static/js/layer/combine.js";
import { rounded } from "../../../static/js/step/rounding.js";
import { addedNumber, awaited, equalTo, isNoise } from "../../../static/js/words/format.js";
import { draws } from "../support.js";

/** @import { Term } from "../../../static/js/step/sum.js" */

/** @returns {Term[]} */
function termsOf(/** @type {number[]} */ values, /** @type {number[]} */ weights) {
  return values.map((value, tap) => {
    const weight = weights[tap] ?? 1;
    const product = value * weight;
    return { channel: 0, tap, value, weight, product, index: tap, padded: false, outside: false };
  });
}

/** @type {Record<string, Partial<import("../../../static/js/types/registry.js").Combination>>} */
const COMBINATIONS = {
  sum_of_products: { term: "product", reduce: "sum", finish: "none" },
  weighted_sum: { term: "factor", reduce: "sum", finish: "none" },
  mean: { term: "value", reduce: "sum", finish: "divide" },
  p_norm: { term: "power", reduce: "sum", finish: "root" },
  max: { term: "value", reduce: "largest", finish: "none" },
};
const layerOf = (/** @type {string} */ combine) =>
  /** @type {any} */ ({
    combination: COMBINATIONS[combine],
    lanes_per_group: 1,
    divisor: "elements",
    p: 2,
  });
const roundingIn = (/** @type {Term[]} */ terms, /** @type {any} */ layer, /** @type {number} */ bias) =>
  rounded.ofResult(terms, layer, bias, 0, combined(terms, layer, bias, 0).total);

/** Added up as a float32 kernel adds. */
function added(/** @type {Term[]} */ terms) {
  return terms.reduce((sum, { product }) => Math.fround(sum + Math.fround(product)), 0);
}

test("a float32 sum whose terms cancel is about zero, however many and however large they are", () => {
  const { random, whole } = draws(5);
  for (let round = 0; round < 400; round++) {
    const scale = 10 ** whole(-6, 6);
    const half = Array.from({ length: whole(1, 300) }, () => Math.fround((random() - 0.5) * scale));
    const weights = half.map(() => Math.fround(random()));
    const shuffled = [...half.keys()].sort(() => random() - 0.5);
    // The same products with the other sign, in another order.
    const values = [...half, ...shuffled.map((at) => -Number(half[at]))];
    const factors = [...weights, ...shuffled.map((at) => Number(weights[at]))];
    const terms = termsOf(values, factors);
    const rounding = roundingIn(terms, layerOf("sum_of_products"), 0);
    const sum = added(terms);
    assert.ok(Math.abs(sum) <= rounding, `${sum} of ${values.length} terms, rounding ${rounding}`);
    const words = awaited(sum, 4, rounding);
    assert.equal(words, sum === 0 ? "0" : "≈ 0");
  }
});

test("a sum that is small and no rounding keeps its number", () => {
  const { random, whole } = draws(6);
  for (let round = 0; round < 400; round++) {
    const scale = 10 ** whole(-30, 3);
    const values = Array.from({ length: whole(1, 200) }, () => Math.fround((random() + 0.01) * scale));
    const terms = termsOf(values, []);
    for (const combine of ["sum_of_products", "mean", "weighted_sum", "p_norm"]) {
      const layer = layerOf(combine);
      const { total } = combined(terms, layer, 0, 0);
      assert.equal(isNoise(total, roundingIn(terms, layer, 0)), false, `${combine} of ${values}`);
    }
  }
});

test("a maximum copies a value and rounds nothing, whatever stands beside it", () => {
  const terms = termsOf([-1e6, 1e-7, -3], []);
  assert.equal(roundingIn(terms, layerOf("max"), 0), 0);
  assert.equal(awaited(1e-7, 4, 0), "1·10⁻⁷");
});

test("a bias is one of the terms", () => {
  const terms = termsOf([Math.fround(0.1)], [1]);
  const layer = layerOf("sum_of_products");
  const sum = Math.fround(0.1) - Math.fround(0.10000001);
  assert.equal(awaited(sum, 4, roundingIn(terms, layer, -Math.fround(0.10000001))), "≈ 0");
});

test("values without an end have no rounding, so that nothing passes for it", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])
    assert.equal(roundingIn(termsOf([value, 1], []), layerOf("sum_of_products"), 0), 0);
});

test("the sign before a number that is only rounding says about", () => {
  assert.deepEqual(equalTo(1.77e-7, 4, 1e-6), ["≈", "0"]);
  assert.deepEqual(equalTo(0, 4, 1e-6), ["=", "0"]);
  assert.deepEqual(equalTo(0.5, 4, 1e-6), ["=", "0.5"]);
  assert.equal(addedNumber(-1.77e-7, 4, 1e-6), "+ ≈ 0");
  assert.equal(addedNumber(-0.5, 4, 1e-6), "− 0.5");
});
