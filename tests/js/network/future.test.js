// The future that a cell of a network on a series reads, as the sum of what its layers look ahead.

import assert from "node:assert/strict";
import { test } from "node:test";
import { fieldOf } from "../../../static/js/forecast/fields.js";
import { networkOf } from "../../../static/js/network/graph.js";
import { receptiveFields, toNumbers } from "../../../static/js/network/receptive.js";
import { fieldsAround, futureRead, timeOf } from "../../../static/js/network/seen.js";
import { shapesOf } from "../../../static/js/network/shapes.js";
import { draws, operationInfo } from "../support.js";

/** @import { Fields } from "../../../static/js/network/seen.js" */
/** @import { NamedSpec } from "../../../static/js/types/network.js" */

/** The future that a step of the last layer reads. @param {object[]} layers @param {number} steps @param {number} at */
function futureOf(layers, steps, at) {
  const shapes = shapesOf(networkOf(/** @type {NamedSpec[]} */ (layers), operationInfo), [1, steps]);
  const jumps = new Map([...receptiveFields(shapes)].map(([name, one]) => [name, toNumbers(one)]));
  const { name } = shapes.network.last;
  const fields = /** @type {Fields} */ (fieldsAround(shapes, { layer: name, place: [at] }));
  return { future: futureRead(fields, { shapes, jumps }), time: timeOf(fields.cell, { shapes, jumps }) };
}

test("a stack reads as much of the future as its layers look ahead together, and with causal padding none", () => {
  const { whole } = draws(5);
  for (let round = 0; round < 30; round++) {
    const stack = Array.from({ length: whole(1, 4) }, () => ({ kernel: whole(1, 4), dilation: whole(1, 4) }));
    for (const padding of /** @type {const} */ (["same", "causal"])) {
      const layers = stack.map((one) => ({ operation: "convolution", padding, ...one }));
      const { future, time } = futureOf(layers, 120, 60);
      assert.equal(time, 60);
      assert.equal(future, fieldOf(stack, padding).future, JSON.stringify([padding, stack]));
      assert.ok(padding === "same" || future === 0);
    }
  }
});

test("the end of a series has no future, and a cell behind strides has the time that it stands over", () => {
  const same = { operation: "convolution", padding: "same", kernel: 3 };
  assert.equal(futureOf([same, same], 20, 19).future, 0);
  assert.equal(futureOf([same, same], 20, 18).future, 1);
  const pooled = futureOf([same, { operation: "max_pooling", kernel: 2, stride: 2 }, same], 20, 4);
  assert.deepEqual(pooled, { future: 4, time: 8 });
});

test("a vote has no time, so nothing is called the future", () => {
  const votes = [
    { operation: "convolution", kernel: 3, padding: "same" },
    { operation: "dense", filters: 2 },
  ];
  assert.equal(futureOf(votes, 12, 0).future, 0);
});
