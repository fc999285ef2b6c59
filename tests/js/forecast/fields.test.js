// The cells that one output of a stack reads: as many, and as far, as the core's memory tells (test_sequences.py).

import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldOf } from "../../../static/js/forecast/fields.js";

const stack = (/** @type {number[]} */ dilations, kernel = 2) =>
  dilations.map((dilation) => ({ kernel, dilation }));
const SIX = [1, 2, 4, 8, 16, 32];

/** @type {[import("../../../static/js/forecast/fields.js").Layer[], "causal" | "same", number, number, number][]} */
const FIELDS = [
  [stack(SIX), "causal", 64, 63, 0],
  [stack(SIX), "same", 64, 31, 32],
  [stack([1, 2], 3), "same", 7, 3, 3],
  [stack([1, 2], 3), "causal", 7, 6, 0],
  [stack([4]), "causal", 2, 4, 0],
];

for (const [layers, padding, size, past, future] of FIELDS) {
  test(`${layers.length} layers of ${layers[0]?.kernel} taps with ${padding} padding read ${past} steps back and ${future} on`, () => {
    const { rows, lines, future: cells } = fieldOf(layers, padding);
    const bottom = rows[0] ?? [];
    assert.equal(bottom.length, size);
    assert.equal(bottom[0], -past + 0);
    assert.equal(bottom.at(-1), future);
    assert.equal(cells, future);
    assert.equal(rows.length, layers.length + 1);
    assert.deepEqual(rows.at(-1), [0]);
    for (const [row, between] of lines.entries())
      assert.deepEqual(new Set(between.map(([from]) => from)), new Set(rows[row]));
  });
}
