// Several layers with one chosen: what is shown and asked of the chosen one, what an action changes, whose fault it is.

import assert from "node:assert/strict";
import { test } from "node:test";
import { linkOf } from "../../../static/js/link/address.js";
import { decode, encode } from "../../../static/js/link/fragment.js";
import { jobFields } from "../../../static/js/server/protocol.js";
import { mending } from "../../../static/js/state/fixes.js";
import { unpaintable } from "../../../static/js/state/painting.js";
import { asked, inputOf, parameterOf } from "../../../static/js/state/resolve.js";
import { chosenOf, chosenProblem, faultyLayer, viewOf } from "../../../static/js/state/selectors.js";
import { inputKeyOf } from "../../../static/js/state/setting.js";
import { reduce } from "../../../static/js/state/state.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action } from "../../../static/js/state/state.js" */
/** @import { Setting } from "../../../static/js/state/setting.js" */

const RANDOM = /** @type {const} */ ({ kind: "preset", name: "random", seed: 1 });
/** @type {Setting} */
const THREE = {
  layers: [
    { operation: "convolution", spec: { filters: 4, kernel: 3 }, weights: null, name: "edges" },
    { operation: "max_pooling", spec: { kernel: 2 }, weights: null },
    { operation: "convolution", spec: { filters: 2, kernel: 2 }, weights: RANDOM },
  ],
  source: { kind: "noise", shape: [3, 12, 10] },
};
const SHAPES = [
  [3, 12, 10],
  [4, 10, 8],
  [4, 5, 4],
  [2, 4, 3],
];

/** Three layers, with one of them on view. */
function threeWith(/** @type {number} */ layer, /** @type {Action[]} */ ...actions) {
  return stateAfter({ type: "open_setting", setting: THREE, step: 0 }, { type: "choose", layer }, ...actions);
}

const parameter = (/** @type {string} */ name, /** @type {any} */ value) =>
  /** @type {const} */ ({ type: "parameter", name, value });

test("each layer reads the output of the one before, and the chosen one is shown", () => {
  assert.equal(stateAfter({ type: "open_setting", setting: THREE, step: 0 }).chosen, 2, "at first the last");
  for (const at of [0, 1, 2]) {
    const state = threeWith(at);
    assert.equal(state.problem, null);
    assert.deepEqual(inputOf(state), SHAPES[at]);
    assert.deepEqual(viewOf(state)?.input_shape, SHAPES[at]);
    assert.deepEqual(viewOf(state)?.output_shape, SHAPES[at + 1]);
    assert.equal(state.shown?.operation.name, THREE.layers[at]?.operation);
    assert.deepEqual(
      state.shown?.geometries.map(({ output_shape }) => output_shape),
      SHAPES.slice(1),
    );
    assert.equal(parameterOf(state, "kernel"), THREE.layers[at]?.spec.kernel);
  }
  assert.equal(threeWith(99).chosen, 2);
});

test("all layers are asked for by name, with the name of the chosen one, and so are kept apart", () => {
  const keys = [0, 1, 2].map((at) => {
    const state = threeWith(at);
    const wanted = asked(state);
    assert.deepEqual(wanted.layers, [
      { operation: "convolution", filters: 4, name: "edges" },
      { operation: "max_pooling", name: "max_pooling1" },
      { operation: "convolution", filters: 2, kernel: 2, name: "conv1" },
    ]);
    assert.deepEqual(wanted.weights, { conv1: RANDOM });
    assert.equal(jobFields(wanted).layer, ["edges", "max_pooling1", "conv1"][at]);
    return state.shown?.key;
  });
  assert.equal(new Set(keys).size, 3);
  const one = asked(stateAfter());
  assert.ok(!("layer" in one) && !("layer" in jobFields(one)), "one layer travels as it always did");
  assert.ok(one.layers.every((layer) => !("name" in layer)));
});

test("what is done to a layer is done to the chosen one, and can be undone", () => {
  /** @type {Action[]} */
  const actions = [
    parameter("stride", 2),
    { type: "settings", values: { stride: 3 } },
    { type: "operation", name: "average_pooling" },
    { type: "layer", operation: "lp_pooling", values: {} },
    { type: "weights", weights: { kind: "preset", name: "box" } },
    { type: "edit_weight", index: 0, value: 7 },
    { type: "edit_bias", lane: 1, value: 7 },
    { type: "intent", index: 0 },
  ];
  for (const action of actions)
    for (const at of [0, 2]) {
      const before = threeWith(at);
      const after = reduce(before, action);
      const others = [0, 1, 2].filter((other) => other !== at);
      assert.notEqual(after.setting, before.setting, action.type);
      assert.notDeepEqual(chosenOf(after), chosenOf(before), action.type);
      for (const other of others)
        assert.deepEqual(after.setting.layers[other], before.setting.layers[other], action.type);
      const back = reduce(after, { type: "undo" });
      assert.deepEqual([back.setting, back.chosen], [before.setting, at], action.type);
    }
  const changed = threeWith(0, { type: "weights", weights: null, layer: 2 });
  assert.deepEqual([changed.setting.layers[2]?.weights, changed.chosen], [null, 0]);
});

test("a slider that goes on in another layer is another change", () => {
  const state = threeWith(0, parameter("stride", 2), { type: "choose", layer: 1 }, parameter("stride", 1));
  const [first, second] = reduce(state, { type: "undo" }).setting.layers;
  assert.deepEqual([first?.spec.stride, second?.spec.stride], [2, undefined]);
});

test("edited weights of a later layer are refitted when what it reads changes", () => {
  const edited = threeWith(2, { type: "edit_weight", index: 0, value: 7 }, { type: "choose", layer: 0 });
  const state = reduce(edited, parameter("filters", 1));
  assert.deepEqual(state.shown?.geometries[2]?.weight_shape, [2, 1, 2, 2]);
  const weights = state.setting.layers[2]?.weights;
  assert.deepEqual(weights?.kind === "preset" && weights.edits, [[0, 7]]);
});

test("a layer that does not fit is pointed at, and only it shows the fault and what mends it", () => {
  for (const [at, kernel] of [
    [0, 40],
    [1, 9],
    [2, 6],
  ]) {
    const state = threeWith(Number(at), parameter("kernel", kernel));
    assert.equal(state.problem?.pointer, `/layers/${at}/kernel`);
    assert.equal(chosenProblem(state)?.field, "kernel");
    const fixes = mending(state);
    assert.ok(fixes.length > 0);
    for (const { action, words } of fixes) {
      const mended = reduce(state, action);
      assert.ok(!mended.problem || faultyLayer(mended) > Number(at), `${words}: the layer itself fits`);
    }
    const elsewhere = reduce(state, { type: "choose", layer: Number(at) === 0 ? 2 : 0 });
    assert.equal(elsewhere.problem?.pointer, `/layers/${at}/kernel`);
    assert.equal(chosenProblem(elsewhere), null);
    assert.deepEqual(mending(elsewhere), []);
  }
});

test("layers, their names and the chosen one are in the link, and open as they were", () => {
  for (const at of [0, 1, 2]) {
    const kept = threeWith(at, { type: "compare", against: "kept" }, parameter("stride", 1));
    for (const state of [threeWith(at), kept]) {
      const made = encode(linkOf(state));
      assert.ok(made.ok && !made.without);
      const read = decode(made.fragment, state.catalog.operations);
      assert.ok(read.ok && read.problems.length === 0);
      const again = stateAfter({ type: "open", link: read.state });
      assert.equal(again.chosen, at);
      assert.deepEqual(asked(again), asked(state));
      assert.deepEqual(viewOf(again), viewOf(state));
      assert.deepEqual(again.compare, state.compare && { with: "kept", setting: linkedSetting() });
    }
  }
});

/** The setting as a link opens it: values that are defaults left out. */
function linkedSetting() {
  const defaults = new Set(["kernel 3", "kernel 2 max_pooling"]);
  const layers = THREE.layers.map((layer) => {
    const spec = Object.entries(layer.spec).filter(
      ([name, value]) =>
        !defaults.has(`${name} ${value}`) && !defaults.has(`${name} ${value} ${layer.operation}`),
    );
    return { ...layer, spec: Object.fromEntries(spec) };
  });
  return { layers, source: THREE.source };
}

test("a link whose layer does not fit shows all layers without the values at fault", () => {
  const link = linkOf(threeWith(2, parameter("kernel", 6)));
  const state = stateAfter({ type: "open", link });
  assert.equal(state.problem?.pointer, "/layers/2/kernel");
  assert.equal(chosenOf(state).spec.kernel, 6);
  assert.deepEqual(state.shown?.layer, { operation: "convolution", filters: 2 });
});

test("a layer that reads another has no picture's colours, and its input is not painted", () => {
  const paint = /** @type {any} */ ({ type: "paint", stroke: 1, cells: [[0, 0]], value: 9 });
  const coloured = {
    ...THREE,
    layers: THREE.layers.with(0, { ...chosenOf(threeWith(0)), spec: { filters: 3 } }),
  };
  for (const at of [0, 1]) {
    const state = stateAfter(
      { type: "open_setting", setting: coloured, step: 0 },
      { type: "choose", layer: at },
      { type: "channel", channel: "rgb" },
    );
    assert.equal(state.shown?.geometry.input_shape[0], 3);
    assert.equal(state.channel, at === 0 ? "rgb" : 0);
    assert.equal(unpaintable(state), at === 0 ? null : "computed");
    const held = { ...state, paint: reduce(state, paint).paint, numbers: numbersFor(state) };
    assert.equal(reduce(held, paint).setting.source === state.setting.source, at === 1);
  }
});

test("a held input serves until the source or a layer before changes", () => {
  const key = (/** @type {Action[]} */ ...actions) => inputKeyOf(asked(threeWith(2, ...actions)));
  const back = /** @type {Action} */ ({ type: "choose", layer: 2 });
  const first = /** @type {Action} */ ({ type: "choose", layer: 0 });
  assert.equal(key(parameter("filters", 5)), key());
  assert.equal(key({ type: "weights", weights: null }), key());
  assert.notEqual(key(first, parameter("filters", 5), back), key());
  assert.notEqual(key(first, { type: "weights", weights: RANDOM }, back), key());
  assert.notEqual(key({ type: "source", source: { kind: "noise", shape: [3, 12, 11] } }), key());
  assert.notEqual(key(first), key());
  assert.equal(inputKeyOf(asked(stateAfter())), JSON.stringify(stateAfter().setting.source));
});
