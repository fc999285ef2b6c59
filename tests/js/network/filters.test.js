// Filters as pictures: which layer's they are, and how a weight becomes a colour.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../static/js/features.js";
import { pastedSetting } from "../../../static/js/network/chain/pasted.js";
import { filteredBy, pixelsOf } from "../../../static/js/network/model/filters.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";

/** @import { ReadReply } from "../../../static/js/types/api.js" */

const opened = (/** @type {object[]} */ ...layers) => {
  const state = stateAfter({ type: "source", source: { kind: "noise", shape: [3, 12, 12] } });
  const reply = { layers, framework: "pytorch", notes: [], input_channels: 3, input_features: null, axes: 2 };
  const setting = pastedSetting(state, /** @type {ReadReply} */ (/** @type {unknown} */ (reply)));
  return reduce(state, { type: "open_setting", setting, step: 0 });
};

test("three channels are the colours of a filter, 0 is the middle and the largest weight an end", () => {
  const weight = [9, 9, 9, 9, 9, 9, 0, 1, -1, 0.5, 0, 1]; // two filters of three channels and two taps
  assert.deepEqual(
    [...pixelsOf(weight, { lane: 1, channels: 3, taps: 2, most: 1 })],
    [128, 0, 128, 255, 255, 191, 255, 255],
  );
  assert.deepEqual(
    [...pixelsOf([0, 2, -2], { lane: 0, channels: 1, taps: 3, most: 2 })],
    [128, 128, 128, 255, 255, 255, 255, 255, 0, 0, 0, 255],
  );
  assert.deepEqual([...pixelsOf([0], { lane: 0, channels: 1, taps: 1, most: 0 })], [128, 128, 128, 255]);
});

test("the layer on the stage shows its filters, else the first that reads colours", () => {
  const state = opened(
    { operation: "convolution", kernel: 3, filters: 2, name: "first" },
    { operation: "max_pooling", kernel: 2, name: "pool" },
    { operation: "convolution", kernel: 3, filters: 4, name: "second" },
  );
  const on = (/** @type {number} */ chosen) => filteredBy({ ...state, chosen })?.one.node.name;
  assert.deepEqual([on(0), on(1), on(2)], ["first", "first", "second"]);
  assert.equal(
    filteredBy(opened({ operation: "max_pooling", kernel: 2 }, { operation: "max_pooling", kernel: 2 })),
    null,
  );
});
