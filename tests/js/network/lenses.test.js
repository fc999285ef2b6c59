// The lenses of the network view: overlap is the sum of the ways from all cells, its unevenness is that of the
// formula, and the effective field says where the gradient lies.

import assert from "node:assert/strict";
import { test } from "node:test";
import { partOf } from "../../../static/js/network/apart.js";
import { effectiveOf } from "../../../static/js/network/chain/effective.js";
import {
  apartMarks,
  insideOf,
  overlapMarks,
  phaseSums,
  spreadOf,
} from "../../../static/js/network/chain/lenses.js";
import { panelsOf } from "../../../static/js/network/chain/view_layout.js";
import { fieldsOf, overlapOf } from "../../../static/js/network/fields.js";
import { networkOf } from "../../../static/js/network/graph.js";
import { shapesOf } from "../../../static/js/network/shapes.js";
import { arrayOf } from "../../../static/js/network/ways.js";
import { draws, operationInfo } from "../support.js";

/** @import { NamedSpec } from "../../../static/js/types/network.js" */
/** @import { Ways } from "../../../static/js/network/ways.js" */

const shapesFor = (/** @type {object[]} */ layers, /** @type {number[]} */ input) =>
  shapesOf(networkOf(/** @type {NamedSpec[]} */ (layers), operationInfo), input);
const transposed = (/** @type {number} */ kernel, /** @type {number} */ stride, more = {}) => ({
  operation: "transposed_convolution",
  kernel,
  stride,
  ...more,
});
const conv = (more = {}) => ({ operation: "convolution", kernel: 3, ...more });
const last = (/** @type {Map<string, Ways>} */ found) => /** @type {Ways} */ ([...found.values()].at(-1));

test("the overlap of every layer is the sum of the ways from each cell of the source", () => {
  const { whole } = draws(11);
  for (let round = 0; round < 12; round++) {
    const layers = [
      conv({ padding: whole(0, 1), dilation: whole(1, 2) }),
      transposed(whole(1, 4), whole(1, 3)),
      { operation: "average_pooling", kernel: whole(1, 3) },
      conv({ kernel: 1, inputs: ["average_pooling1"], name: "one" }),
      { operation: "add", inputs: ["average_pooling1", "one"] },
    ];
    const shapes = shapesFor(layers, [1, whole(8, 10), whole(8, 10)]);
    const found = overlapOf(shapes);
    /** @type {Map<string, Float64Array>} */
    const sums = new Map();
    const [, rows = 0, cols = 0] = shapes.input_shape;
    for (let row = 0; row < rows; row++)
      for (let col = 0; col < cols; col++)
        for (const [name, ways] of fieldsOf(shapes, { layer: "input", place: [row, col] }, "forward", true)) {
          const sum = sums.get(name) ?? new Float64Array(arrayOf(ways).length);
          for (const [at, count] of arrayOf(ways).entries()) sum[at] = Number(sum[at]) + count;
          sums.set(name, sum);
        }
    assert.ok(sums.size >= 4);
    for (const [name, sum] of sums)
      assert.deepEqual(arrayOf(/** @type {Ways} */ (found.get(name))), sum, name);
  }
});

test("a kernel that the stride divides overlaps evenly inside; of 3 by 2 cells get one, two or four", () => {
  const inside = (/** @type {number} */ kernel, /** @type {number} */ stride) =>
    insideOf(last(overlapOf(shapesFor([transposed(kernel, stride)], [1, 8, 8]))));
  for (const [kernel, stride] of [
    [4, 2],
    [2, 2],
    [6, 3],
    [3, 1],
  ])
    assert.equal(inside(Number(kernel), Number(stride)).uneven, 0, `${kernel} by ${stride}`);
  assert.deepEqual(inside(3, 2), { least: 1, most: 4, uneven: 1 });
  assert.equal(inside(5, 3).uneven, 1);
  const empty = insideOf(last(overlapOf(shapesFor([transposed(3, 2, { dilation: 2 })], [1, 8, 8]))));
  assert.equal(empty.uneven, Number.POSITIVE_INFINITY);
});

test("phase sums say whether a plain input comes out plain, whatever the overlap", () => {
  const sums = (/** @type {object} */ layer, /** @type {number[]} */ weight) => {
    const built = shapesFor([layer], [1, 6, 6]).placed.get("transposed_conv1")?.geometry;
    return built && phaseSums(built, weight, 0);
  };
  const ones = (/** @type {number} */ count) => new Array(count).fill(1);
  assert.deepEqual(sums(transposed(3, 2), ones(9)), [4, 2, 2, 1]);
  assert.deepEqual(sums(transposed(4, 2), ones(16)), [4, 4, 4, 4]);
  // The kernel of bilinear upsampling overlaps unevenly, and its weights make up for it.
  const tent = [0.5, 1, 0.5].flatMap((row) => [0.5, 1, 0.5].map((col) => row * col));
  assert.deepEqual(sums(transposed(3, 2), tent), [1, 1, 1, 1]);
  // An even overlap is not enough.
  assert.deepEqual(new Set(sums(transposed(2, 2), [1, 2, 3, 4])).size, 4);
  assert.deepEqual(sums(transposed(3, 2, { dilation: 2 }), ones(9)), [9, 0, 0, 0]);
  assert.equal(sums(transposed(3, 1), ones(9)), null);
});

test("counts multiply over layers, and their spread is told", () => {
  const shapes = shapesFor([conv(), conv()], [1, 9, 9]);
  const field = fieldsOf(shapes, { layer: "conv2", place: [2, 2] }, "backward", true).get("input");
  assert.deepEqual(field && spreadOf(field), { least: 1, most: 9, kinds: [1, 2, 3, 4, 6, 9] });
});

test("each cell of each map that is reached is tinted, and its count printed where there is room", () => {
  const shapes = shapesFor([transposed(3, 2, { filters: 2 })], [1, 3, 3]);
  const panels = panelsOf(shapes, ["input", "transposed_conv1"], 400, new Map(), false);
  const marks = overlapMarks(panels, shapes);
  const printed = marks.flatMap((mark) => (mark.kind === "text" ? [mark.text] : []));
  assert.equal(printed.length, 2 * 49);
  assert.equal(printed.filter((text) => text === "4").length, 2 * 4);
});

test("the effective field is the mean size of the gradient over channels, and where most of it lies", () => {
  const row = [0, 0.1, -4, 0.1, 0];
  const found = effectiveOf([[row], [row.map((value) => -value)]], [2, 1, 5]);
  assert.deepEqual(
    [...found.data].map((value) => Number(value.toFixed(4))),
    [0, 0.1, 4, 0.1, 0],
  );
  assert.deepEqual([found.most, found.within], [4, [1, 1]]);
  assert.deepEqual(effectiveOf([[[0, 1, 1, 0, 0]]], [1, 1, 5]).within, [1, 2]);
  const flat = effectiveOf([[[1, 1, 1, 1, 1]]], [1, 1, 5]);
  assert.deepEqual(flat.within, [1, 5]);
  assert.equal(effectiveOf([[[0, 0]]], [1, 1, 2]).within, null);
});

test("a field with channels apart says how many channels it has cells in, and which cells", () => {
  const { cells, channels, of, back } = partOf(
    {
      shape: [3, 2, 2],
      cells: [
        [1, 2],
        [9, 3],
      ],
    },
    true,
  );
  assert.deepEqual([...cells], [0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1]);
  assert.deepEqual([channels, of, back], [2, 3, true]);
});

test("the cells of each channel are drawn on its own map, and a picture in colour has those of all", () => {
  const shapes = shapesFor([conv({ filters: 2 })], [3, 6, 6]);
  const part = partOf({ shape: [3, 6, 6], cells: [[40, 3]] }, true);
  const drawnOn = (/** @type {boolean} */ coloured) =>
    panelsOf(shapes, ["input", "conv1"], 400, new Map(), coloured)
      .filter(({ name }) => name === "input")
      .flatMap((panel) => {
        const marks = apartMarks([panel], new Map([["input", part]]));
        return marks.flatMap((mark) =>
          mark.kind === "rects" && mark.fill === "kernel" ? [mark.rects.length] : [],
        );
      });
  assert.deepEqual(drawnOn(true), [3]);
  assert.deepEqual(drawnOn(false), [3]);
});
