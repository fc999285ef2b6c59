// The stamping walk: what it writes, what its sums come to, and that it ends where the gathering walk does.

import assert from "node:assert/strict";
import { test } from "node:test";
import { geometry } from "../../../static/js/layer/geometry.js";
import { stepIndex, stepPosition, weightIndex, windowValues } from "../../../static/js/layer/walk.js";
import {
  COMPLETE,
  GROWING,
  growingRows,
  landings,
  regionAfter,
  stageOf,
  stampingOf,
  sumAfter,
  UNTOUCHED,
  writersOfCell,
} from "../../../static/js/step/stamps.js";
import { draws, operationInfo } from "../support.js";

/** @import { LayerGeometry } from "../../../static/js/types/geometry.js" */
/** @import { PaddingValue, Spec } from "../../../static/js/types/layer.js" */
/** @import { Tensors } from "../../../static/js/step/stamps.js" */

const OPERATION = operationInfo("transposed_convolution");

/** A layer with two walks and numbers for it, by a seed; sizes small enough to try every step. */
function drawn(/** @type {number} */ seed) {
  const { whole, one, chance, random } = draws(seed);
  for (;;) {
    const axes = one([1, 2, 2, 3]);
    const groups = one([1, 1, 2]);
    /** @type {Spec} */
    const spec = {
      operation: OPERATION.name,
      kernel: Array.from({ length: axes }, () => whole(1, 4)),
      stride: Array.from({ length: axes }, () => whole(1, 3)),
      dilation: Array.from({ length: axes }, () => whole(1, 2)),
      padding: one(/** @type {PaddingValue[]} */ (["valid", "same", whole(0, 2), whole(0, 2)])),
      output_padding: chance(0.3) ? whole(0, 1) : null,
      filters: groups * whole(1, 2),
      groups,
      bias: chance(0.5),
    };
    const sizes = Array.from({ length: axes }, () => whole(1, axes === 3 ? 3 : 4));
    const result = geometry(OPERATION, spec, [groups * whole(1, 2), ...sizes]);
    if (!result.ok) continue;
    const layer = result.geometry;
    const filled = (/** @type {number[]} */ shape) =>
      Float32Array.from({ length: shape.reduce((cells, side) => cells * side, 1) }, () => random() * 4 - 2);
    /** @type {Tensors} */
    const tensors = {
      input: filled(layer.input_shape),
      weight: filled(/** @type {number[]} */ (layer.weight_shape)),
      bias: layer.bias_shape && filled(layer.bias_shape),
    };
    const view = /** @type {LayerGeometry} */ (stampingOf(layer));
    return { layer, view, tensors, lane: whole(0, layer.lanes - 1) };
  }
}

/** The value of an output cell by the gathering walk, in double precision. */
function gathered(
  /** @type {LayerGeometry} */ layer,
  /** @type {Tensors} */ tensors,
  /** @type {number} */ lane,
  /** @type {number} */ step,
) {
  const values = windowValues(layer, tensors.input, step, Math.floor(lane / layer.lanes_per_group));
  let total = Number(tensors.bias?.[lane] ?? 0);
  for (const [at, value] of values.entries()) {
    const index = weightIndex(layer, lane, Math.floor(at / layer.taps), at % layer.taps);
    total += value * Number(tensors.weight[index]);
  }
  return total;
}

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed + 1);

test("the last step's sums are the gathered values, within rounding", () => {
  for (const seed of SEEDS) {
    const { layer, view, tensors, lane } = drawn(seed);
    for (let cell = 0; cell < layer.steps; cell++) {
      const sum = sumAfter(view, tensors, lane, stepPosition(layer, cell), view.steps - 1);
      const wanted = gathered(layer, tensors, lane, cell);
      assert.ok(Math.abs(sum - wanted) < 1e-9, `seed ${seed}, cell ${cell}: ${sum} and ${wanted}`);
    }
  }
});

test("each step adds what it stamps, where it lands, and nothing else", () => {
  for (const seed of SEEDS.slice(0, 25)) {
    const { layer, view, tensors, lane } = drawn(seed);
    const bias = Number(tensors.bias?.[lane] ?? 0);
    const sums = new Float64Array(layer.steps).fill(bias);
    const first = Math.floor(lane / layer.lanes_per_group) * layer.channels_per_group;
    for (let step = 0; step < view.steps; step++) {
      for (const { tap, cell, outside } of landings(view, step)) {
        if (outside) continue;
        for (let channel = 0; channel < layer.channels_per_group; channel++) {
          const value = Number(tensors.input[(first + channel) * view.steps + step]);
          const weight = Number(tensors.weight[weightIndex(view, lane, channel, tap)]);
          const at = stepIndex(layer, cell);
          sums[at] = Number(sums[at]) + value * weight;
        }
      }
      for (let at = 0; at < layer.steps; at++) {
        const sum = sumAfter(view, tensors, lane, stepPosition(layer, at), step);
        assert.ok(Math.abs(sum - Number(sums[at])) < 1e-9, `seed ${seed}, step ${step}, cell ${at}`);
      }
    }
  }
});

test("a cell is untouched before its first stamp, complete from its last one on, and grows between", () => {
  for (const seed of SEEDS) {
    const { layer, view } = drawn(seed);
    /** @type {number[][]} steps that write each cell */
    const writing = Array.from({ length: layer.steps }, () => []);
    for (let step = 0; step < view.steps; step++)
      for (const { cell, outside } of landings(view, step))
        if (!outside) writing[stepIndex(layer, cell)]?.push(step);
    for (let step = 0; step < view.steps; step++) {
      for (const [at, steps] of writing.entries()) {
        const stage = stageOf(writersOfCell(view, stepPosition(layer, at)), stepPosition(view, step));
        const wanted =
          steps.length === 0 || step >= Math.max(...steps)
            ? COMPLETE
            : step >= Math.min(...steps)
              ? GROWING
              : UNTOUCHED;
        assert.equal(stage, wanted, `seed ${seed}, step ${step}, cell ${at}`);
      }
    }
  }
});

test("the plane so far holds served numbers, sums and the bias, and at the end served numbers only", () => {
  for (const seed of SEEDS.slice(0, 30)) {
    const { layer, view, tensors, lane } = drawn(seed);
    const sizes = view.axes.map((axis) => axis.output);
    const [rows, cols] = [sizes.length > 1 ? Number(sizes.at(-2)) : 1, Number(sizes.at(-1))];
    const plane = rows * cols;
    const before = sizes.length === 3 ? [Math.floor(Number(sizes[0]) / 2)] : [];
    const offset = Number(before[0] ?? 0) * plane;
    const bias = Number(tensors.bias?.[lane] ?? 0);
    const served = Array.from({ length: plane }, (_, at) => 1000 + at);
    for (const step of new Set([0, Math.floor(view.steps / 2), view.steps - 1])) {
      const { values, stages } = regionAfter(view, tensors, lane, step, before, served, {
        top: 0,
        left: 0,
        rows,
        cols,
      });
      assert.equal(values.length, plane);
      for (const [at, value] of values.entries()) {
        const writers = writersOfCell(view, stepPosition(layer, offset + at));
        assert.equal(stages[at], stageOf(writers, stepPosition(view, step)), `seed ${seed}, cell ${at}`);
        if (stages[at] === COMPLETE) assert.equal(value, 1000 + at);
        else if (stages[at] === UNTOUCHED) assert.equal(value, bias);
        else assert.equal(value, sumAfter(view, tensors, lane, stepPosition(layer, offset + at), step));
        if (step === view.steps - 1) assert.equal(stages[at], COMPLETE);
      }
      const { first, end } = growingRows(view, step, before);
      const reached = (/** @type {number} */ at) =>
        writersOfCell(view, stepPosition(layer, offset + at)).every((axis) => axis.length > 0);
      for (const [at, stage] of stages.entries()) {
        if (at < first * cols) assert.equal(stage, COMPLETE);
        if (at >= end * cols && reached(at)) assert.equal(stage, UNTOUCHED);
      }
      const part = { top: Math.floor(rows / 2), left: cols - 1, rows: rows - Math.floor(rows / 2), cols: 1 };
      const cut = regionAfter(view, tensors, lane, step, before, served, part);
      for (const [at, value] of cut.values.entries())
        assert.equal(value, values[(part.top + at) * cols + part.left]);
    }
  }
});

test("the unturned kernel lies on the output as the turned one lies on the input", () => {
  const { layer, view } = drawn(7);
  assert.equal(layer.flipped, true);
  assert.equal(view.flipped, false);
  assert.equal(stampingOf(layer), view, "the same view for the same layer");
});

test("a layer of one walk has no second", () => {
  const result = geometry(operationInfo("convolution"), { operation: "convolution" }, [1, 5, 5]);
  assert.ok(result.ok);
  assert.equal(stampingOf(result.geometry), null);
});

test("whatever way leads to a step, its plane so far is that of all stamps summed anew, to the bit", () => {
  for (const seed of SEEDS) {
    const { layer, view, tensors, lane } = drawn(seed);
    const { whole, one } = draws(seed + 1000);
    const sizes = view.axes.map((axis) => axis.output);
    const [rows, cols] = [sizes.length > 1 ? Number(sizes.at(-2)) : 1, Number(sizes.at(-1))];
    const region = { top: 0, left: 0, rows, cols };
    const row = Number(view.step_shape.at(-1));
    let step = 0;
    for (let visit = 0; visit < 24; visit++) {
      // Forwards, backwards, along the rows, anywhere; other planes and filters in between.
      step = one([step + 1, step + 2, step - 1, step + row, step - row, whole(0, view.steps - 1)]);
      step = Math.min(view.steps - 1, Math.max(0, step));
      const before = sizes.length === 3 ? [whole(0, Number(sizes[0]) - 1)] : [];
      const other = one([lane, lane, lane, whole(0, layer.lanes - 1)]);
      const { values, stages } = regionAfter(view, tensors, other, step, before, [], region);
      const offset = Number(before[0] ?? 0) * rows * cols;
      for (const [at, value] of values.entries())
        if (stages[at] === GROWING) {
          const wanted = sumAfter(view, tensors, other, stepPosition(layer, offset + at), step);
          assert.ok(Object.is(value, wanted), `seed ${seed}, step ${step}, cell ${at}: ${value}, ${wanted}`);
        }
    }
  }
});

test("a step forward reads what it stamps and no more; a step back no more than its row; a row up or down, a line per row", () => {
  const size = 40;
  const result = geometry(OPERATION, { operation: OPERATION.name, kernel: 9, filters: 1 }, [2, size, size]);
  assert.ok(result.ok);
  const view = /** @type {LayerGeometry} */ (stampingOf(result.geometry));
  let reads = 0;
  const input = new Proxy(new Float32Array(2 * size * size).fill(1), {
    get(values, name) {
      reads += /^\d+$/.test(String(name)) ? 1 : 0;
      return Reflect.get(values, name);
    },
  });
  const tensors = { input, weight: new Float32Array(2 * 81).fill(1), bias: null };
  const region = { top: 0, left: 0, rows: size + 8, cols: size + 8 };
  const counted = (/** @type {number} */ step) => {
    reads = 0;
    regionAfter(view, tensors, 0, step, [], [], region);
    return reads;
  };
  const middle = 20 * size + 12;
  // Nine rows grow, written by one to nine lines so far.
  assert.ok(
    counted(middle) <= 2 * 45 * size,
    "a first look reads what has grown in the rows that still grow",
  );
  assert.equal(counted(middle + 1), 2);
  assert.equal(counted(middle + 1), 0);
  assert.equal(counted(middle), 2 * 13);
  assert.ok(counted(middle + size) <= 2 * size * 10);
  for (let up = 0; up < 12; up++) assert.ok(counted(middle - up * size) <= 2 * size * 10, `${up} rows up`);
});
