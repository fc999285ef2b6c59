// A dense layer whose weights were made for one size: refused with what it expected, and mended in one click, with the
// same numbers where the weights stay.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../static/js/features.js";
import { sizeFixes } from "../../../static/js/network/resizing.js";
import { faultyLayer } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";

/** @import { Setting } from "../../../static/js/state/setting.js" */
/** @import { State } from "../../../static/js/state/state.js" */

const conv = { operation: "convolution", spec: { filters: 2, padding: 1 }, weights: null };
const pool = { operation: "max_pooling", spec: { kernel: 3 }, weights: null };
const flatten = { operation: "reshape", spec: {}, weights: null };
/** Weights 0, 1, 2, … of two outputs. @returns {any} */
const weights = (/** @type {number[]} */ ...shape) => {
  let next = 0;
  /** @returns {unknown} */
  const made = (/** @type {number[]} */ [length = 1, ...inner]) =>
    Array.from({ length }, () => (inner.length > 0 ? made(inner) : next++));
  return { kind: "values", values: made([2, ...shape]) };
};
const network = (/** @type {number} */ side, /** @type {any[]} */ ...layers) =>
  stateAfter({
    type: "open_setting",
    setting: /** @type {Setting} */ ({ layers, source: { kind: "noise", shape: [1, side, side] } }),
    step: 0,
  });
const sized = (/** @type {State} */ state, /** @type {number} */ side) =>
  reduce(state, { type: "source", source: { kind: "noise", shape: [1, side, side] } });
const dense = (/** @type {number[]} */ ...shape) => ({
  operation: "dense",
  spec: { filters: 2 },
  weights: weights(...shape),
});

test("another size is refused with what the layer expected, and the last network stays on view", () => {
  const before = network(9, conv, pool, dense(2, 3, 3));
  assert.equal(before.problem, null);
  const after = sized(before, 12);
  assert.match(
    String(after.problem?.detail),
    /dense1 expects 2×3×3 = 18 numbers and reads 2×4×4 = 32 numbers/,
  );
  assert.equal(faultyLayer(after), 2);
  assert.equal(after.shown, before.shown);
});

test("each remedy makes a network, and says the size that it gives", () => {
  for (const before of [
    network(9, conv, pool, dense(2, 3, 3)),
    network(9, conv, pool, flatten, dense(18, 1)),
  ]) {
    assert.equal(before.problem, null);
    const after = sized(before, 15);
    const fixes = sizeFixes(after);
    assert.deepEqual(
      fixes.map(({ words, gives }) => [words, gives]),
      [
        ["A convolution of 3×3", "2×3×3"],
        ["The mean of each map first, other weights", "2"],
        ["An input of 9×9", undefined],
      ],
    );
    for (const { action, gives } of fixes) {
      const mended = reduce(after, action);
      assert.equal(mended.problem, null);
      if (gives) assert.equal(mended.shown?.geometries.at(-1)?.output_shape.join("×"), gives);
      assert.deepEqual(sizeFixes(mended), []);
    }
  }
});

test("the convolution has the weights of the dense layer, cell by cell", () => {
  const after = sized(network(9, conv, pool, flatten, dense(18, 1)), 15);
  const [fix] = sizeFixes(after);
  assert.ok(fix);
  const { setting } = reduce(after, fix.action);
  assert.deepEqual(setting.layers.at(-1)?.weights, weights(2, 3, 3));
  assert.equal(setting.layers.length, 3);
});

test("weights of the right size, and drawn ones, are never refused for a size", () => {
  const drawn = { operation: "dense", spec: { filters: 2 }, weights: null };
  for (const side of [6, 9, 30]) assert.equal(sized(network(9, conv, pool, drawn), side).problem, null);
});
