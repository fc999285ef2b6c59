// The network on the stage as that of a forecast: a series on one channel, with one value of a step.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ownOf } from "../../../static/js/forecast/own.js";
import { layersOf, stackOf, USUAL } from "../../../static/js/forecast/settings.js";
import { stateAfter } from "../page.js";

const conv = (/** @type {object} */ spec = {}) => ({
  operation: "convolution",
  spec: { filters: 1, kernel: 2, ...spec },
  weights: null,
});

/** Layers on noise of a shape as a forecast takes them. @param {any[]} layers @param {number[]} shape */
function ownOn(layers, ...shape) {
  const source = /** @type {any} */ ({ kind: "noise", shape, distribution: "normal" });
  return ownOf(stateAfter({ type: "open_setting", setting: { layers, source }, step: 0 }));
}

test("layers on a series are taken as they are, with the padding that they have", () => {
  for (const padding of /** @type {const} */ (["same", "causal"])) {
    const found = ownOn([conv({ padding, filters: 4 }), conv({ padding, dilation: 2 })], 1, 40);
    assert.ok(found.ok);
    assert.equal(found.changes.padding, padding);
    const settings = { ...USUAL, ...found.changes };
    assert.equal(layersOf(settings).length, 2);
    assert.deepEqual(
      stackOf(settings).map(({ dilation }) => dilation),
      [1, 2],
    );
  }
});

test("several maps at the end become one value of a step by one more layer", () => {
  const found = ownOn([conv({ padding: "causal", filters: 4 })], 1, 40);
  assert.ok(found.ok);
  const last = found.changes.own?.at(-1);
  assert.deepEqual([last?.operation, last?.filters, last?.inputs], ["convolution", 1, ["conv1"]]);
});

test("pictures, several channels and votes are refused with a remedy", () => {
  const votes = { operation: "dense", spec: { filters: 2 }, weights: null };
  for (const found of [ownOn([conv()], 1, 9, 9), ownOn([conv()], 2, 40), ownOn([conv(), votes], 1, 40)]) {
    assert.ok(!found.ok);
    assert.match(found.problem.detail, /not on a series .* Make its input a series/);
  }
});
