// Layers added, removed, moved, renamed and joined: what reads what afterwards, what is told where it does not fit.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linkOf } from "../../../static/js/link/address.js";
import { decode, encode } from "../../../static/js/link/fragment.js";
import { editLayers, nameFault, said } from "../../../static/js/network/editing.js";
import { asked, isStale } from "../../../static/js/state/resolve.js";
import { faultyLayer } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";
import { draws } from "../support.js";

/** @import { LayerEdit } from "../../../static/js/network/editing.js" */
/** @import { Setting } from "../../../static/js/state/setting.js" */
/** @import { State } from "../../../static/js/state/state.js" */

const conv = (/** @type {object} */ more = {}, /** @type {object} */ rest = {}) => ({
  operation: "convolution",
  spec: { filters: 2, kernel: 3, padding: 1, ...more },
  weights: null,
  ...rest,
});

/** A state of a network. @returns {State} */
function network(/** @type {any[]} */ ...layers) {
  const setting = /** @type {Setting} */ ({ layers, source: { kind: "noise", shape: [2, 8, 8] } });
  return stateAfter({ type: "open_setting", setting, step: 0 });
}
const reads = (/** @type {State} */ state) =>
  Object.fromEntries(said(state).map(({ name, inputs }) => [name, inputs]));
const edit = (/** @type {State} */ state, /** @type {LayerEdit[]} */ ...edits) => edits.reduce(reduce, state);

test("from one layer a person begins a network, and undo leads back to the one layer", () => {
  const one = network(conv());
  const two = edit(one, { type: "add_layer", at: 1, operation: "max_pooling" });
  assert.deepEqual(reads(two), { conv1: ["input"], max_pooling1: ["conv1"] });
  assert.equal(two.chosen, 1);
  assert.deepEqual(two.shown?.geometry.input_shape, [2, 8, 8]);
  assert.equal(two.shown?.from, "from conv1");
  const back = reduce(two, { type: "undo" });
  assert.deepEqual(back.setting, one.setting);
  assert.deepEqual([back.chosen, back.shown?.from], [0, null]);
});

test("a layer that is added reads what the next one read, and the next one reads it", () => {
  const before = network(conv(), conv(), conv({}, { inputs: ["conv2", "conv1"], name: "join" }));
  const after = edit(before, { type: "add_layer", at: 1, operation: "max_pooling", spec: { kernel: 1 } });
  assert.deepEqual(reads(after), {
    conv1: ["input"],
    max_pooling1: ["conv1"],
    conv2: ["max_pooling1"],
    join: ["conv2", "conv1"],
  });
  assert.equal(after.problem, null);
  assert.deepEqual(reads(edit(after, { type: "remove_layer", at: 1 })), reads(before));
});

test("what read a removed layer reads what it read, and a network has one layer at least", () => {
  const before = network(conv(), conv(), conv({}, { inputs: ["conv2", "conv1"], name: "join" }));
  assert.deepEqual(reads(edit(before, { type: "remove_layer", at: 1 })), {
    conv1: ["input"],
    join: ["conv1", "conv1"],
  });
  assert.deepEqual(reads(edit(before, { type: "remove_layer", at: 0 })), {
    conv2: ["input"],
    join: ["conv2", "input"],
  });
  const one = network(conv());
  assert.equal(edit(one, { type: "remove_layer", at: 0 }), one);
});

test("a layer that is moved keeps its settings, weights and name", () => {
  const random = /** @type {const} */ ({ kind: "preset", name: "random", seed: 3 });
  const before = network(
    conv({}, { weights: random }),
    { operation: "max_pooling", spec: { kernel: 2 } },
    conv(),
  );
  const after = edit(before, { type: "move_layer", from: 0, to: 1 });
  assert.deepEqual(reads(after), { max_pooling1: ["input"], conv1: ["max_pooling1"], conv2: ["conv1"] });
  assert.deepEqual(after.setting.layers[1]?.weights, random);
  assert.equal(after.chosen, 1);
  assert.deepEqual(reads(edit(after, { type: "move_layer", from: 1, to: 0 })), reads(before));
});

test("a renamed layer keeps the weights that a bundle has under its name, and those of an array as they are", () => {
  const id = "a".repeat(64);
  const weights = { kind: "stored", id };
  const twice = [
    { type: /** @type {const} */ ("rename_layer"), at: 0, name: "edges" },
    { type: /** @type {const} */ ("rename_layer"), at: 0, name: "lines" },
  ];
  const before = network(conv({}, { weights }), conv());
  assert.deepEqual(edit(before, ...twice).setting.layers[0]?.weights, { ...weights, layer: "conv1" });
  const uploads = /** @type {State["uploads"]} */ (
    /** @type {unknown} */ ({ [id]: { id, kind: "array", shape: [2, 2, 3, 3] } })
  );
  assert.deepEqual(edit({ ...before, uploads }, ...twice).setting.layers[0]?.weights, weights);
});

test("a renamed layer is read by its new name, and no name that cannot be is taken", () => {
  const before = network(conv(), conv());
  const after = edit(before, { type: "rename_layer", at: 0, name: "edges" });
  assert.deepEqual(reads(after), { edges: ["input"], conv2: ["edges"] });
  for (const [name, why] of [
    ["conv2", "taken"],
    ["input", "reserved"],
    ["kind", "reserved"],
    ["2nd", "pattern"],
    ["a".repeat(65), "pattern"],
    ["", "pattern"],
  ]) {
    assert.equal(nameFault(before, 0, String(name)), why);
    assert.equal(edit(before, { type: "rename_layer", at: 0, name: String(name) }), before);
  }
});

test("a skip is read beside the layer before, and its channels stand behind", () => {
  const before = network(conv(), conv({ filters: 3 }));
  const after = edit(before, { type: "read_layer", at: 1, inputs: ["conv1", "input"] });
  assert.deepEqual(after.shown?.geometry.input_shape, [4, 8, 8]);
  assert.equal(after.shown?.from, "from conv1 + input");
  assert.equal(
    edit(before, { type: "read_layer", at: 0, inputs: ["conv2"] }),
    before,
    "no cycle comes about",
  );
});

test("where shapes do not allow an edit, the layer is named and the last network stays on view", () => {
  const before = network(conv({ padding: 0, stride: 2 }), conv(), conv({ kernel: 3, padding: 0 }));
  const wrong = edit(before, { type: "add_layer", at: 2, operation: "max_pooling", spec: { kernel: 5 } });
  assert.equal(faultyLayer(wrong), 2);
  assert.match(String(wrong.problem?.detail), /max_pooling1 reads conv2 \(2×3×3\)/);
  assert.equal(wrong.shown?.key, before.shown?.key);
  assert.ok(isStale(wrong));
  const unread = edit(network(conv(), conv(), conv()), { type: "read_layer", at: 2, inputs: ["conv1"] });
  assert.match(String(unread.problem?.detail), /no layer reads conv2, and it is not the last/);
});

test("weights that were edited stay with their layer when others come before it", () => {
  const before = network(conv(), conv());
  const edited = edit(reduce(before, { type: "edit_weight", index: 5, value: 7 }), {
    type: "add_layer",
    at: 0,
    operation: "max_pooling",
    spec: { kernel: 2 },
  });
  const weights = edited.setting.layers[2]?.weights;
  assert.deepEqual(weights?.kind === "preset" && weights.edits, [[5, 7]]);
});

test("whatever is done to layers, the link opens as the same network", () => {
  const { whole, one, chance } = draws(7);
  let state = network(conv(), conv());
  for (let turn = 0; turn < 120; turn++) {
    const count = state.setting.layers.length;
    const at = whole(0, count - 1);
    const earlier = [
      "input",
      ...said(state)
        .slice(0, at)
        .map(({ name }) => name),
    ];
    /** @type {LayerEdit[]} */
    const edits = [
      {
        type: "add_layer",
        at: whole(0, count),
        operation: one(["convolution", "max_pooling"]),
        spec: { kernel: 1 },
      },
      { type: "remove_layer", at },
      { type: "move_layer", from: at, to: whole(0, count - 1) },
      { type: "rename_layer", at, name: `layer_${turn}` },
      { type: "read_layer", at, inputs: chance(0.5) ? [one(earlier), one(earlier)] : [one(earlier)] },
    ];
    const next = editLayers(state, one(count > 7 ? edits.slice(1) : edits));
    const names = said(next).map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    for (const [place, { inputs }] of said(next).entries())
      for (const name of inputs)
        assert.ok(
          name === "input" || names.indexOf(name) < place,
          "each layer comes after those that it reads",
        );
    const made = encode(linkOf(next));
    assert.ok(made.ok);
    const read = decode(made.fragment, next.catalog.operations);
    assert.ok(read.ok && read.problems.length === 0);
    const opened = stateAfter({ type: "open", link: read.state });
    assert.deepEqual(asked({ ...opened, inputShape: [1] }), asked({ ...next, inputShape: [1] }));
    if (!next.problem) state = next;
  }
});

test("a link whose layers stand in another order opens so that each comes after those that it reads", () => {
  const link =
    "v1&op=convolution&name=last&inputs=first&layer=op%3Dconvolution%26name%3Dfirst%26inputs%3Dinput%26padding%3D1&source=noise:2x8x8";
  const { catalog } = network(conv());
  const read = decode(link, catalog.operations);
  assert.ok(read.ok);
  const state = stateAfter({ type: "open", link: read.state });
  assert.deepEqual(reads(state), { first: ["input"], last: ["first"] });
});
