// The formula of a setting that leaves no output ends in the number that it comes to.

import assert from "node:assert/strict";
import { test } from "node:test";
import { geometry } from "../../../static/js/layer/geometry.js";
import { impossible, onLonger } from "../../../static/js/layer/impossible.js";
import { operationInfo as named } from "../support.js";

/** @typedef {import("../../../static/js/types/layer.js").Spec} Spec */
const worked = (/** @type {Spec} */ spec, /** @type {number[]} */ shape) =>
  impossible(named(spec.operation), spec, shape).map(({ formula }) =>
    formula.map(({ text }) => text).join(""),
  );

test("a window that does not fit ends its formula below 1", () => {
  assert.deepEqual(worked({ operation: "convolution", kernel: 7 }, [1, 5, 5]), [
    "⌊(5 + 2·0 − 7) / 1⌋ + 1 = -1",
    "⌊(5 + 2·0 − 7) / 1⌋ + 1 = -1",
  ]);
  assert.deepEqual(worked({ operation: "transposed_convolution", kernel: 3, padding: 4 }, [1, 3]), [
    "(3 − 1)·1 + 3 − 2·4 = -3",
  ]);
});

test("exactly the sliding windows that leave no output have an impossible number", () => {
  for (let size = 1; size <= 6; size++)
    for (let kernel = 1; kernel <= 8; kernel++)
      for (let stride = 1; stride <= 3; stride++)
        for (const ceil_mode of [false, true]) {
          const spec = { operation: "max_pooling", kernel, stride, ceil_mode };
          const fits = geometry(named("max_pooling"), spec, [1, size]).ok;
          assert.equal(
            impossible(named("max_pooling"), spec, [1, size]).length === 0,
            fits,
            JSON.stringify(spec),
          );
        }
});

test("a longer input gives the layer itself, and none helps where channels are at fault", () => {
  const spec = { operation: "convolution", kernel: 7, filters: 2 };
  assert.equal(onLonger(named("convolution"), spec, [3, 5, 5])?.parameters.weight, 2 * 3 * 7 * 7);
  assert.equal(onLonger(named("convolution"), { ...spec, groups: 2 }, [3, 5, 5]), null);
});
