// Windows and what reads a cell, against enumerating every window of the golden cases and of drawn ones.

import assert from "node:assert/strict";
import { test } from "node:test";
import { geometry } from "../../../static/js/layer/geometry.js";
import { cellsOf, eachStep, stepsReading } from "../../../static/js/layer/readers.js";
import {
  BEYOND,
  coordinate,
  PADDING,
  resolve,
  stepIndex,
  stepPosition,
  windowAt,
  windowRange,
  windowValues,
} from "../../../static/js/layer/walk.js";
import { draws, goldens, operationInfo } from "../support.js";

/** @import { AxisGeometry, LayerGeometry } from "../../../static/js/types/geometry.js" */
/** @import { Spec } from "../../../static/js/types/layer.js" */

const convolution = operationInfo("convolution");
const maxPooling = operationInfo("max_pooling");

/** @param {Record<string, unknown>} values @param {number[]} shape @param {typeof convolution} [operation] @returns {LayerGeometry} */
function layerOf(values, shape, operation = convolution) {
  const result = geometry(operation, /** @type {Spec} */ ({ operation: operation.name, ...values }), shape);
  assert.ok(result.ok, JSON.stringify(result));
  return result.geometry;
}

/** The layers of all golden cases that are small enough to enumerate. */
function smallLayers() {
  return goldens()
    .flatMap(({ cases }) => cases.flatMap((one) => (one.geometry ? [one.geometry] : [])))
    .filter((layer) => layer.steps * layer.taps < 60_000 && layer.steps > 0);
}

/** @param {LayerGeometry} layer @returns {AxisGeometry} */
const firstAxis = (layer) => /** @type {AxisGeometry} */ (layer.axes[0]);

test("each padding mode shows what it says", () => {
  /** @param {string} mode */
  const shown = (mode) => {
    const axis = firstAxis(layerOf({ padding: [[2, 3]], padding_mode: mode, kernel: 1 }, [1, 4]));
    return Array.from({ length: 11 }, (_, at) => resolve(axis, at - 3));
  };
  const [out, pad] = [BEYOND, PADDING];
  assert.deepEqual(shown("zeros"), [out, pad, pad, 0, 1, 2, 3, pad, pad, pad, out]);
  assert.deepEqual(shown("reflect"), [out, 2, 1, 0, 1, 2, 3, 2, 1, 0, out]);
  assert.deepEqual(shown("replicate"), [out, 0, 0, 0, 1, 2, 3, 3, 3, 3, out]);
  assert.deepEqual(shown("circular"), [out, 2, 3, 0, 1, 2, 3, 0, 1, 2, out]);
});

test("the overhang of ceil_mode lies beyond the edge", () => {
  const layer = layerOf({ kernel: 3, stride: 2, ceil_mode: true }, [1, 6], maxPooling);
  assert.equal(firstAxis(layer).overhang, 1);
  assert.deepEqual(
    windowAt(layer, 2)[0]?.map((cell) => cell.index),
    [4, 5, BEYOND],
  );
  assert.deepEqual([...windowValues(layer, [1, 2, 3, 4, 5, 6], 2, 0)], [5, 6, Number.NEGATIVE_INFINITY]);
});

test("a step and its position are each other's inverse, in row-major order", () => {
  const layer = layerOf({ kernel: 2 }, [1, 3, 4, 5]);
  assert.deepEqual(stepPosition(layer, 5), [0, 1, 1]);
  for (let step = 0; step < layer.steps; step++)
    assert.equal(stepIndex(layer, stepPosition(layer, step)), step);
});

test("a window's cells are start + step · stride + tap · gap", () => {
  const layer = layerOf({ kernel: 3, stride: 2, dilation: 2, padding: 1 }, [1, 9, 9]);
  const window = windowAt(layer, stepIndex(layer, [1, 0]));
  assert.deepEqual(
    window.map((cells) => cells.map((cell) => cell.coordinate)),
    [
      [1, 3, 5],
      [-1, 1, 3],
    ],
  );
  assert.deepEqual(windowRange(layer, stepIndex(layer, [1, 0])), [
    [1, 5],
    [-1, 3],
  ]);
  assert.equal(coordinate(firstAxis(layer).reads, 1, 2), 5);
});

test("the steps that read a cell are those whose window holds it, copies in the padding included", () => {
  const layers = smallLayers();
  assert.ok(layers.length > 50);
  let compared = 0;
  for (const layer of layers) {
    // Axis by axis: a window is a product, and so are the steps that read a cell.
    for (const [number, axis] of layer.axes.entries()) {
      for (let index = 0; index < axis.size; index++) {
        const expected = [];
        for (let step = 0; step < axis.output; step++) {
          const taps = Array.from({ length: axis.reads.taps }, (_, tap) => coordinate(axis.reads, step, tap));
          if (taps.some((at) => resolve(axis, at) === index)) expected.push(step);
        }
        const cell = layer.axes.map(() => 0);
        cell[number] = index;
        const ranges = stepsReading(layer, cell).axes[number] ?? [];
        const found = ranges.flatMap(([first, last]) =>
          Array.from({ length: last - first + 1 }, (_, at) => first + at),
        );
        assert.deepEqual(found, expected);
        compared++;
      }
    }
  }
  assert.ok(compared > 1000);
});

test("each step of a product of ranges is named once, ascending", () => {
  const { whole, one } = draws(3);
  for (let round = 0; round < 60; round++) {
    const shape = [1, whole(1, 9), whole(1, 9)];
    const mode = one(["zeros", "replicate"]);
    const layer = layerOf(
      { kernel: [1, 1], stride: [whole(1, 2), 1], padding: whole(0, 2), padding_mode: mode },
      shape,
    );
    const cell = layer.axes.map((axis) => whole(0, axis.size - 1));
    const reading = stepsReading(layer, cell);
    const expected = [];
    for (let step = 0; step < layer.steps; step++) {
      const window = windowAt(layer, step);
      if (window.every((cells, axis) => cells.some((tap) => tap.index === cell[axis]))) expected.push(step);
    }
    assert.deepEqual([...eachStep(layer, reading)], expected);
    assert.equal(reading.count, expected.length);
  }
});

test("the unread cells are those that no window reads", () => {
  for (const layer of smallLayers()) {
    for (const axis of layer.axes) {
      const seen = new Set();
      for (let step = 0; step < axis.output; step++) {
        for (let tap = 0; tap < axis.reads.taps; tap++)
          seen.add(resolve(axis, coordinate(axis.reads, step, tap)));
      }
      const unread = Array.from({ length: axis.size }, (_, cell) => cell).filter((cell) => !seen.has(cell));
      assert.equal(axis.unread_count, unread.length);
      if (axis.unread.length < 64) assert.equal(cellsOf(axis.unread), unread.length);
      for (const [first, last] of axis.unread) assert.ok(unread.includes(first) && unread.includes(last));
    }
  }
});

test("window values are those of the group, channel by channel, taps row-major", () => {
  const layer = layerOf({ kernel: [2, 2], groups: 2, filters: 2, padding: [[1, 0], 0] }, [4, 2, 3]);
  const input = Float32Array.from({ length: 24 }, (_, at) => at);
  // Step 0 reads the padding row and row 0; group 1 holds channels 2 and 3.
  assert.deepEqual([...windowValues(layer, input, 0, 1)], [0, 0, 12, 13, 0, 0, 18, 19]);
  assert.deepEqual([...windowValues(layer, input, 3, 0)], [1, 2, 4, 5, 7, 8, 10, 11]);
});

test("window values equal reading the padded array cell by cell, on one to three axes", () => {
  const { whole, one } = draws(9);
  for (let round = 0; round < 120; round++) {
    const shape = [whole(1, 3), ...Array.from({ length: whole(1, 3) }, () => whole(3, 6))];
    const values = {
      kernel: whole(1, 3),
      padding: whole(0, 2),
      stride: whole(1, 3),
      padding_mode: one(["zeros", "reflect", "replicate", "circular"]),
    };
    const layer = layerOf(values, shape);
    const input = Float32Array.from({ length: shape.reduce((cells, size) => cells * size, 1) }, () =>
      whole(1, 99),
    );
    const step = whole(0, layer.steps - 1);
    const position = stepPosition(layer, step);
    /** @type {number[]} */
    const expected = [];
    for (let channel = 0; channel < layer.channels_per_group; channel++) {
      for (let tap = 0; tap < layer.taps; tap++) {
        let offset = channel;
        let rest = tap;
        const taps = layer.kernel_shape
          .map((size) => size)
          .reverse()
          .map((size) => {
            const at = rest % size;
            rest = Math.floor(rest / size);
            return at;
          })
          .reverse();
        let inside = true;
        for (const [number, axis] of layer.axes.entries()) {
          const at = coordinate(axis.reads, position[number] ?? 0, taps[number] ?? 0);
          const index = resolve(axis, at);
          inside &&= index >= 0;
          offset = offset * axis.size + index;
        }
        expected.push(inside ? (input[offset] ?? Number.NaN) : 0);
      }
    }
    assert.deepEqual([...windowValues(layer, input, step, 0)], expected);
  }
});
