// Grids as text: the very numbers, in forms that others read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gridText } from "../../static/js/gridtext.js";
import { draws } from "./support.js";

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
