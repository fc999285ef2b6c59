// Drawing into the source of a network: what the cells hold afterwards, in every channel, and that a stroke is one change.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../static/js/features.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";

/** @import { Setting } from "../../../static/js/state/setting.js" */
/** @import { Source } from "../../../static/js/types/source.js" */

const layers = [
  { operation: "convolution", spec: { kernel: 3, padding: 1 }, weights: null },
  { operation: "max_pooling", spec: { kernel: 2 }, weights: null },
];
const network = (/** @type {Source} */ source) =>
  stateAfter({ type: "open_setting", setting: /** @type {Setting} */ ({ layers, source }), step: 0 });
const grid = (/** @type {number} */ side) => Array.from({ length: side }, () => new Array(side).fill(0));

test("the cells of a stroke take its value whichever layer is on view, and the output keeps its shape", () => {
  const before = network({ kind: "values", values: grid(4) });
  assert.equal(before.chosen, 1);
  const after = reduce(before, {
    type: "draw",
    stroke: 1,
    cells: [
      [0, 1],
      [3, 2],
      [4, 0],
    ],
    value: 1,
  });
  const { source } = after.setting;
  assert.deepEqual(source.kind === "values" && source.values, [
    [0, 1, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 1, 0],
  ]);
  assert.deepEqual(after.shown?.geometry.output_shape, before.shown?.geometry.output_shape);
  assert.equal(after.problem, null);
});

test("a sample becomes the typed values that come with the first part of a stroke", () => {
  const before = network({ kind: "sample", name: "cross" });
  const unknown = reduce(before, { type: "draw", stroke: 1, cells: [[0, 0]], value: 1 });
  assert.equal(unknown, before);
  const after = reduce(before, { type: "draw", stroke: 1, cells: [[0, 0]], value: 1, values: grid(9) });
  const { source } = after.setting;
  assert.equal(source.kind === "values" && /** @type {number[][]} */ (source.values)[0]?.[0], 1);
});

test("every channel of a colour picture is written", () => {
  const values = [grid(3), grid(3), grid(3)];
  const after = reduce(network({ kind: "values", values }), {
    type: "draw",
    stroke: 1,
    cells: [[1, 2]],
    value: 0.5,
  });
  const { source } = after.setting;
  const drawn = source.kind === "values" ? /** @type {number[][][]} */ (source.values) : [];
  assert.deepEqual(
    drawn.map((channel) => channel[1]?.[2]),
    [0.5, 0.5, 0.5],
  );
});

test("the parts of a stroke are undone as one", () => {
  const before = network({ kind: "values", values: grid(4) });
  const cells = [0, 1, 2].map((at) => [at, at]);
  const after = cells.reduce(
    (state, cell) => reduce(state, { type: "draw", stroke: 7, cells: [cell], value: 1 }),
    before,
  );
  assert.deepEqual(reduce(after, { type: "undo" }).setting, before.setting);
  const two = reduce(after, { type: "draw", stroke: 8, cells: [[0, 3]], value: 1 });
  assert.deepEqual(reduce(two, { type: "undo" }).setting, after.setting);
});
