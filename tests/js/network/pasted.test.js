// Layers from pasted code as a setting: they make a network, on the source at hand where it fits and else on one that does.

import assert from "node:assert/strict";
import { test } from "node:test";
import "../../../static/js/features.js";
import { pastedSetting, sizeNotes } from "../../../static/js/network/chain/pasted.js";
import { joinedOf } from "../../../static/js/network/joining.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";

/** @import { ReadReply } from "../../../static/js/types/api.js" */
/** @import { Source } from "../../../static/js/types/source.js" */

/** @returns {ReadReply} */
const reply = (/** @type {object[]} */ layers, /** @type {Partial<ReadReply>} */ rest) => ({
  layers: /** @type {ReadReply["layers"]} */ (layers),
  framework: "pytorch",
  notes: [],
  input_channels: null,
  input_features: null,
  axes: 2,
  ...rest,
});
const CONV = { operation: "convolution", kernel: 3, filters: 4 };
const opened = (/** @type {Source} */ source) => stateAfter({ type: "source", source });

test("pasted layers are a network whose names and inputs are kept and whose weights differ", () => {
  const state = opened({ kind: "noise", shape: [1, 20, 20] });
  const layers = [{ ...CONV, name: "features.0" }, CONV, { operation: "max_pooling", kernel: 2 }];
  const setting = pastedSetting(state, reply(layers, { input_channels: 1 }));
  const after = reduce(state, { type: "open_setting", setting, step: 0 });
  assert.equal(after.problem, null);
  assert.deepEqual(joinedOf(after).names, ["features.0", "conv1", "max_pooling1"]);
  assert.deepEqual(after.shown?.geometry.output_shape, [4, 8, 8]);
  assert.deepEqual(setting.source, state.setting.source);
  const [one, other] = setting.layers;
  assert.notDeepEqual(one?.weights, other?.weights);
});

test("a source that the layers do not take gives way to one that they do", () => {
  const pool = { operation: "max_pooling", kernel: 4 };
  const cases = /** @type {const} */ ([
    [[1, 9, 9], 3, [3, 64, 64]],
    [[1, 9, 9], 1, [1, 64, 64]],
    [[1, 9, 9], 8, [8, 64, 64]],
    [[3, 80, 80], 3, [3, 80, 80]],
  ]);
  for (const [shape, channels, wanted] of cases) {
    const state = opened({ kind: "noise", shape: [...shape] });
    const layers = [CONV, pool, CONV, pool, { ...CONV, kernel: 2 }];
    const setting = pastedSetting(state, reply(layers, { input_channels: channels }));
    const after = reduce(state, { type: "open_setting", setting, step: 0 });
    assert.deepEqual(joinedOf(after).shapes?.input_shape, wanted, String(shape));
    assert.equal(after.problem, null);
  }
});

test("layers that fit no source are on the page with what is wrong with them", () => {
  const state = opened({ kind: "noise", shape: [1, 9, 9] });
  const setting = pastedSetting(state, reply([{ ...CONV, groups: 5 }, CONV], { input_channels: 3 }));
  const after = reduce(state, { type: "open_setting", setting, step: 0 });
  assert.equal(after.problem?.pointer?.startsWith("/layers/0"), true);
});

const LENET = [
  { operation: "convolution", name: "conv1", kernel: 5, filters: 6 },
  { operation: "max_pooling", kernel: 2 },
  { operation: "convolution", name: "conv2", kernel: 5, filters: 16 },
  { operation: "max_pooling", kernel: 2 },
  { operation: "dense", name: "fc1", filters: 120 },
  { operation: "dense", name: "fc2", filters: 10 },
];
const reads = (/** @type {number} */ count) => [null, null, null, null, count, 120];

test("a dense layer whose numbers the code tells says how large the input is: LeNet's is 32×32", () => {
  for (const [count, side] of /** @type {const} */ ([
    [400, 32],
    [256, 28],
    [784, 40],
    [16, 16],
  ])) {
    const state = opened({ kind: "noise", shape: [1, 20, 20] });
    const read = reply(LENET, { input_channels: 1, features: reads(count) });
    const setting = pastedSetting(state, read);
    const after = reduce(state, { type: "open_setting", setting, step: 0 });
    assert.deepEqual(after.inputShape, [1, side, side], String(count));
    assert.deepEqual(sizeNotes(after, read), [
      `fc1 takes ${count} numbers, as an input of ${side}×${side} gives: the input has this size.`,
    ]);
  }
});

test("numbers that no square gives are told, and a picture of one's own is made as large as it takes", () => {
  const id = "c".repeat(64);
  const info = { id, kind: "picture", shape: [3, 90, 90] };
  const own = stateAfter(
    /** @type {any} */ ({ type: "stored", uploads: { [id]: info } }),
    /** @type {any} */ ({ type: "source", source: { kind: "image", id } }),
  );
  const read = reply(LENET, { input_channels: 1, features: reads(400) });
  const setting = pastedSetting(own, read);
  assert.deepEqual(setting.source, { kind: "image", id, channels: "grey", size: 32 });

  const odd = reply(LENET, { input_channels: 1, features: reads(401) });
  const state = opened({ kind: "noise", shape: [1, 20, 20] });
  const after = reduce(state, { type: "open_setting", setting: pastedSetting(state, odd), step: 0 });
  assert.match(String(sizeNotes(after, odd)), /fc1 takes 401 numbers, and no square input gives so many/);
});
