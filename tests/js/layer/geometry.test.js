// Sizes, formulas, refusals and what would fit, on examples that can be checked by hand.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problemOf } from "../../../static/js/layer/errors.js";
import { allowed, allowedValues, geometry } from "../../../static/js/layer/geometry.js";
import { defaults } from "../../../static/js/layer/rule.js";
import { operationInfo } from "../support.js";

/** @import { LayerGeometry } from "../../../static/js/types/geometry.js" */
/** @import { OperationInfo } from "../../../static/js/types/registry.js" */
/** @import { Spec } from "../../../static/js/types/layer.js" */

const convolution = operationInfo("convolution");
const maxPooling = operationInfo("max_pooling");

/** @param {OperationInfo} operation @param {Record<string, unknown>} values @param {number[]} shape @returns {LayerGeometry} */
function fitting(operation, values, shape) {
  const result = geometry(operation, /** @type {Spec} */ ({ operation: operation.name, ...values }), shape);
  assert.ok(result.ok, `${JSON.stringify(values)} should fit`);
  return result.geometry;
}

/** @param {OperationInfo} operation @param {Record<string, unknown>} values @param {number[]} shape */
function refused(operation, values, shape) {
  const result = geometry(operation, /** @type {Spec} */ ({ operation: operation.name, ...values }), shape);
  assert.ok(!result.ok, `${JSON.stringify(values)} should not fit`);
  return problemOf(result.problem).detail;
}

/** @param {LayerGeometry} layer */
const formulas = (layer) => layer.axes.map((axis) => axis.formula.map((token) => token.text).join(""));

test("what an operation fixes of its combine stands in the geometry, and settings say the rest", () => {
  const norm = operationInfo("lp_pooling");
  const constants = { divisor: null, p: 1 };
  assert.equal(fitting({ ...norm, constants }, { kernel: 2, p: 3 }, [1, 4, 4]).p, 1);
  assert.equal(fitting(norm, { kernel: 2, p: 3 }, [1, 4, 4]).p, 3);
  const mean = operationInfo("average_pooling");
  assert.equal(fitting({ ...mean, constants: { divisor: 7, p: null } }, { kernel: 2 }, [1, 4, 4]).divisor, 7);
  assert.equal(fitting(mean, { kernel: 2 }, [1, 4, 4]).divisor, "elements");
});

test("a layer of 64 filters with stride 2 on 6 by 6 by 3 gives 3 by 3 by 64", () => {
  const layer = fitting(convolution, { kernel: 3, stride: 2, padding: 1, filters: 64 }, [3, 6, 6]);
  assert.deepEqual(layer.output_shape, [64, 3, 3]);
  assert.deepEqual(layer.weight_shape, [64, 3, 3, 3]);
  assert.equal(layer.parameters.total, 64 * 27);
  assert.equal(layer.multiply_adds, 64 * 9 * 27);
});

test("the formula carries its numbers and says where each is from", () => {
  const layer = fitting(convolution, { kernel: 3, stride: 2, padding: 1 }, [1, 28, 28]);
  assert.deepEqual(layer.axes[0]?.formula, [
    { text: "⌊(" },
    { text: "28", from: "input" },
    { text: " + 2·" },
    { text: "1", from: "padding" },
    { text: " − " },
    { text: "3", from: "kernel" },
    { text: ") / " },
    { text: "2", from: "stride" },
    { text: "⌋ + 1 = " },
    { text: "14", from: "output" },
  ]);
});

test("the formula shows uneven padding, dilation and the dropped window of ceil_mode", () => {
  const uneven = fitting(convolution, { kernel: 3, dilation: 2, padding: [[1, 2]] }, [1, 9]);
  assert.deepEqual(formulas(uneven), ["⌊(9 + 1 + 2 − 2·(3 − 1) − 1) / 1⌋ + 1 = 8"]);
  const dropped = fitting(maxPooling, { kernel: 2, stride: 3, padding: 1, ceil_mode: true }, [1, 5]);
  assert.deepEqual(formulas(dropped), ["⌈(5 + 2·1 − 2) / 3⌉ + 1 − 1 = 2"]);
});

test("settings that are left out are the operation's defaults", () => {
  assert.equal(defaults(maxPooling).stride, null);
  assert.deepEqual(fitting(maxPooling, { kernel: 3 }, [2, 9, 9]).output_shape, [2, 3, 3]);
});

test("a dilated dilation-2 photograph with padding same keeps half of its size", () => {
  const layer = fitting(
    convolution,
    { kernel: 3, stride: 2, dilation: 2, padding: "same", filters: 8 },
    [3, 512, 512],
  );
  assert.deepEqual(layer.output_shape, [8, 256, 256]);
  assert.deepEqual(
    layer.axes.map((axis) => [axis.begin, axis.end]),
    [
      [1, 2],
      [1, 2],
    ],
  );
});

test("cells that a stride leaves out are counted over all axes and channels", () => {
  const layer = fitting(convolution, { kernel: 3, stride: 2 }, [3, 28, 28]);
  assert.deepEqual(layer.axes[0]?.unread, [[27, 27]]);
  assert.equal(layer.unread_cells, 55 * 3);
});

test("unread cells are at most 64 ranges and all counted", () => {
  const layer = fitting(convolution, { kernel: 1, stride: 2 }, [1, 400]);
  assert.equal(layer.axes[0]?.unread.length, 64);
  assert.equal(layer.axes[0]?.unread_count, 200);
});

test("unread cells of an axis of millions are told as ranges, not one by one", () => {
  const layer = fitting(convolution, { kernel: 1, stride: 2 }, [1, 1 << 22]);
  assert.deepEqual(layer.axes[0]?.unread.slice(0, 2), [
    [1, 1],
    [3, 3],
  ]);
  assert.equal(layer.axes[0]?.unread_count, 1 << 21);
});

test("a refusal lists the dozen divisors that come nearest, of however many channels", () => {
  assert.equal(
    refused(convolution, { groups: 17 }, [720_720, 9, 9]),
    "groups = 17: 720,720 input channels do not split into 17 equal groups. " +
      "Use 10, 11, 12, 13, 14, 15, 16, 18, 20, 21, 22, 24 or another divisor of 720720.",
  );
  assert.ok(refused(convolution, { groups: 7 }, [2 ** 24, 9, 9]).includes("or another divisor of 16777216."));
});

test("no number of a geometry is minus zero", () => {
  const layer = fitting(convolution, {}, [1, 8, 8]);
  assert.deepStrictEqual(JSON.parse(JSON.stringify(layer)), layer);
});

test("each refusal names field, value, reason and remedy", () => {
  assert.equal(
    refused(convolution, { stride: 0 }, [1, 9, 9]),
    "stride = 0: a window must move. Use 1 or more.",
  );
  assert.equal(
    refused(convolution, { kernel: [3, 5] }, [1, 9, 9, 9]),
    "kernel = [3, 5]: 2 values for 3 axes. Give one value, or 3.",
  );
  assert.equal(
    refused(convolution, { kernel: 7 }, [1, 5, 9]),
    "kernel = 7: it spans 7 cells, and axis row has 5 with its padding. " +
      "Use a kernel of at most 5, or more padding.",
  );
  assert.equal(
    refused(convolution, { kernel: 4, dilation: 2 }, [1, 9, 5]),
    "kernel = 4: it spans 7 cells, and axis col has 5 with its padding. " +
      "Use a kernel of at most 3, a smaller dilation, or more padding.",
  );
  assert.equal(
    refused(convolution, { padding: 1, padding_mode: "reflect" }, [1, 1]),
    "padding = 1: reflect mirrors axis col without its edge cell, and it has 1 cell. " +
      "Use at most 0, or another padding_mode.",
  );
  assert.equal(
    refused(
      maxPooling,
      {
        kernel: 2,
        padding: [
          [0, 0],
          [2, 0],
        ],
      },
      [1, 9, 9],
    ),
    "padding = [[0, 0], [2, 0]]: a window on axis col could lie in the padding alone. " +
      "Use less than the kernel, at most 1.",
  );
  assert.equal(
    refused(convolution, { groups: 2, filters: 2 }, [3, 9, 9]),
    "groups = 2: 3 input channels do not split into 2 equal groups. Use 1 or 3.",
  );
  assert.equal(
    refused(convolution, { groups: 3, filters: 16 }, [12, 9, 9]),
    "filters = 16: 16 filters do not split into 3 equal groups. Use a multiple of 3.",
  );
});

test("a size rule that the page does not know is refused and named", () => {
  const unknown = { ...convolution, geometry: "spiral" };
  assert.match(refused(unknown, {}, [1, 9, 9]), /does not know its size rule spiral/);
});

test("the values that fit are found with the same check", () => {
  const spec = { operation: "convolution", kernel: 3, stride: 2 };
  assert.deepEqual(allowed(convolution, spec, [1, 9, 5], "kernel", null, [0, 20]), [[1, 5]]);
  assert.deepEqual(allowed(convolution, spec, [1, 9, 5], "kernel", 0, [0, 20]), [[1, 9]]);
  assert.deepEqual(allowed(convolution, spec, [6, 9, 9], "groups", null, [0, 8]), [[1, 1]]);
  const split = { operation: "convolution", filters: 12 };
  assert.deepEqual(allowed(convolution, split, [12, 9, 9], "groups", null, [0, 12]), [
    [1, 4],
    [6, 6],
    [12, 12],
  ]);
  const pool = { operation: "max_pooling", kernel: [2, 4] };
  assert.deepEqual(allowed(maxPooling, pool, [1, 9, 9], "padding", 0, [0, 8]), [[0, 1]]);
  assert.deepEqual(allowed(maxPooling, pool, [1, 9, 9], "padding", 1, [0, 8]), [[0, 3]]);
  assert.deepEqual(allowed(maxPooling, pool, [1, 9, 9], "stride", 1, [0, 3]), [[1, 3]]);
});

test("one side of a named rule is replaced, and the other axes keep what the rule came to", () => {
  const spec = { operation: "convolution", kernel: 3, padding: /** @type {const} */ ("same") };
  const reflected = { ...spec, padding_mode: /** @type {const} */ ("reflect") };
  assert.deepEqual(allowed(convolution, reflected, [1, 4, 9], "padding", 0, [0, 9]), [[0, 3]]);
});

test("names of rules and modes that fit are found too", () => {
  const spec = { operation: "convolution", kernel: 5, padding: /** @type {const} */ ("full") };
  assert.deepEqual(
    allowedValues(convolution, spec, [1, 4, 4], "padding_mode", ["zeros", "reflect", "circular"]),
    ["zeros", "circular"],
  );
  assert.deepEqual(allowedValues(convolution, spec, [1, 4, 4], "padding", ["valid", "same"]), ["same"]);
});

test("a geometry of 1024 by 1024 takes far less than a frame of the screen", () => {
  const spec = {
    operation: "convolution",
    kernel: 7,
    stride: 2,
    padding: /** @type {const} */ ("same"),
    dilation: 3,
  };
  const times_ms = [];
  for (let run = 0; run < 400; run++) {
    const started_ms = performance.now();
    geometry(convolution, spec, [3, 1024, 1024]);
    times_ms.push(performance.now() - started_ms);
  }
  assert.ok(Math.min(...times_ms) < 1, "1 ms, where 0.07 ms is usual");
});
