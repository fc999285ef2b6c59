// Names of classes from a text file: lines become names, and they belong to the last layer with those that it passes on.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import "../../../static/js/features.js";
import { pastedSetting } from "../../../static/js/network/chain/pasted.js";
import { classesOf } from "../../../static/js/network/chain/votes.js";
import {
  keepLabels,
  labelledBy,
  labels,
  labelsOf,
  linesOf,
  onLabels,
} from "../../../static/js/network/model/labels.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";

/** @import { ReadReply } from "../../../static/js/types/api.js" */

beforeEach(() => keepLabels(null));

const opened = (/** @type {object[]} */ ...layers) => {
  const state = stateAfter({ type: "source", source: { kind: "noise", shape: [1, 8, 8] } });
  const reply = { layers, framework: "pytorch", notes: [], input_channels: 1, input_features: null, axes: 2 };
  return reduce(state, {
    type: "open_setting",
    setting: pastedSetting(state, /** @type {ReadReply} */ (/** @type {unknown} */ (reply))),
    step: 0,
  });
};

test("lines are names, however they end, and empty ones at the end are none", () => {
  assert.deepEqual(linesOf("\uFEFFcat\r\ndog \nlarge  bird\r\n\n"), ["cat", "dog", "large  bird"]);
  assert.deepEqual(linesOf("a\n\nb"), ["a", "", "b"]);
  assert.deepEqual(linesOf(""), []);
  assert.equal(linesOf("x".repeat(500))[0]?.length, 64);
});

test("names belong to the last layer and to those whose numbers it passes on one by one", () => {
  const state = opened(
    { operation: "convolution", kernel: 3, filters: 5, name: "conv" },
    { operation: "global_average_pooling", name: "pool" },
  );
  assert.deepEqual(labelledBy(state), { layers: ["pool", "conv"], lanes: 5 });
  const convolutions = opened(
    { operation: "convolution", kernel: 3, filters: 5, name: "first" },
    { operation: "convolution", kernel: 3, filters: 5, name: "last" },
  );
  assert.deepEqual(labelledBy(convolutions), { layers: ["last"], lanes: 5 });
  assert.equal(labelledBy(opened({ operation: "convolution", kernel: 3 })), null);
});

test("names are those of a layer with as many outputs, and a layer called X_or_O has its own", () => {
  keepLabels({ layers: ["last", "X_or_O"], names: ["cat", "dog"] });
  assert.deepEqual(labelsOf("last", 2), ["cat", "dog"]);
  assert.equal(labelsOf("last", 3), null);
  assert.equal(labelsOf("other", 2), null);
  assert.deepEqual(classesOf("last", 2), ["cat", "dog"]);
  assert.deepEqual(classesOf("X_or_O", 2), ["X", "O"]);
  assert.equal(labels(), labels(), "the same object, so that nothing is drawn anew");
  let calls = 0;
  onLabels(() => calls++);
  keepLabels(null);
  assert.equal(calls, 1);
  assert.equal(classesOf("last", 2), null);
});
