// Grids as text: the very numbers, in forms that others read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gridText } from "../../../static/js/dialogs/grid_text.js";
import { gridsOf } from "../../../static/js/dialogs/tools.js";
import { reduce } from "../../../static/js/state/state.js";
import { numbersFor, stateAfter } from "../page.js";
import { draws } from "../support.js";

const GRID = {
  name: "x",
  shape: [1, 2, 3],
  values: Float32Array.of(0.1, -2, 3, 1e-7, Number.NaN, -Infinity),
};

test("NumPy text evaluates to the array", () => {
  const text = gridText(GRID, "numpy");
  assert.equal(
    text,
    "x = np.array([[[0.1, -2, 3],\n               [1e-7, np.nan, -np.inf]]], dtype=np.float32)\n",
  );
});

test("CSV has a line per row and an empty one between planes", () => {
  const grid = { name: "w", shape: [2, 1, 2], values: Float32Array.of(1, 2, 3, 4) };
  assert.equal(gridText(grid, "csv"), "1,2\n\n3,4\n");
});

test("Markdown has a table per plane with numbered columns", () => {
  const grid = { name: "y", shape: [1, 2, 2], values: Float32Array.of(1, 2, 3, 4) };
  assert.equal(
    gridText(grid, "markdown"),
    "| y 0 | 0 | 1 |\n| --- | ---: | ---: |\n| **0** | 1 | 2 |\n| **1** | 3 | 4 |\n",
  );
});

test("a table of a weight says its filter and its channel of the input, in either layout and in groups", () => {
  const titles = (/** @type {import("../../../static/js/state/state.js").Action[]} */ ...actions) => {
    const state = stateAfter({ type: "source", source: { kind: "noise", shape: [4, 5, 5] } }, ...actions, {
      type: "settings",
      values: { filters: 2, groups: 2, kernel: 2, padding: 0 },
    });
    const grids = gridsOf(reduce(state, { type: "numbers", numbers: numbersFor(state) }));
    const named = grids.map((grid) => gridText(grid, "markdown").matchAll(/^\| (\D[^|]*) \|.*\n\| ---/gm));
    return Object.fromEntries(
      grids.map(({ name }, at) => [name, [...(named[at] ?? [])].map(([, one]) => one)]),
    );
  };
  const dense = titles();
  assert.deepEqual(dense.x?.at(-1), "x, channel 3");
  assert.deepEqual(dense.weight, [
    "weight, filter 0, channel 0",
    "weight, filter 0, channel 1",
    "weight, filter 1, channel 2",
    "weight, filter 1, channel 3",
  ]);
  assert.deepEqual(dense.y, ["y, filter 0", "y, filter 1"]);
  assert.deepEqual(titles({ type: "operation", name: "transposed_convolution" }).weight, [
    "weight, channel 0, filter 0",
    "weight, channel 1, filter 0",
    "weight, channel 2, filter 1",
    "weight, channel 3, filter 1",
  ]);
  assert.deepEqual(titles({ type: "operation", name: "max_pooling" }).y?.at(-1), "y, channel 3");
});

test("a table of any other tensor says the place on each axis before its rows", () => {
  const grid = { name: "w", shape: [2, 3, 1, 1], values: [1, 2, 3, 4, 5, 6] };
  assert.deepEqual([...gridText(grid, "markdown").matchAll(/w[ \d]*\d/g)].map(String), [
    "w 0 0",
    "w 0 1",
    "w 0 2",
    "w 1 0",
    "w 1 1",
    "w 1 2",
  ]);
});

test("every float32 survives the way through text", () => {
  const draw = draws(7);
  for (let round = 0; round < 500; round++) {
    const value = Math.fround((draw.random() - 0.5) * 10 ** draw.whole(-20, 20));
    const text = gridText({ name: "x", shape: [1], values: [value] }, "csv");
    assert.equal(Math.fround(Number(text)), value);
  }
});

test("a vector and a matrix are one plane", () => {
  assert.equal(gridText({ name: "b", shape: [3], values: [1, 2, 3] }, "csv"), "1,2,3\n");
  assert.equal(gridText({ name: "m", shape: [2, 2], values: [1, 2, 3, 4] }, "csv"), "1,2\n3,4\n");
});
