// The reducer: what a person does and what it leaves alone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinate, stepPosition } from "../../static/js/geometry.js";
import { currentNumbers, reduce, stepShowing, viewedStep } from "../../static/js/state.js";
import { numbersFor, stateAfter } from "./page.js";

/** @import { Action, State } from "../../static/js/state.js" */

/** @returns {Action} */
const parameter = (/** @type {string} */ name, /** @type {any} */ value) => ({
  type: "parameter",
  name,
  value,
});

function layerOf(/** @type {State} */ state) {
  assert.ok(state.shown);
  return state.shown.geometry;
}

test("the first state fits, shows a picture and stands still", () => {
  const state = stateAfter();
  assert.deepEqual(layerOf(state).output_shape, [3, 9, 9]);
  assert.equal(state.playing, false);
  assert.equal(state.problem, null);
});

test("every action of a person is the same after a way through JSON", () => {
  /** @type {Action[]} */
  const actions = [
    parameter("kernel", [3, 5]),
    parameter("padding", "same"),
    { type: "source", source: { kind: "noise", shape: [3, 8, 8], seed: 4 } },
    { type: "weights", weights: { kind: "preset", name: "random", seed: 3 } },
    { type: "edit_weight", index: 4, value: 0.5 },
    { type: "lane", lane: 2 },
    { type: "step", step: 11 },
    { type: "play" },
  ];
  const replayed = JSON.parse(JSON.stringify(actions));
  assert.deepEqual(stateAfter(...replayed), stateAfter(...actions));
});

test("reduce leaves the state it was given as it was", () => {
  const before = stateAfter({ type: "play" });
  const copy = structuredClone(before);
  reduce(before, parameter("stride", 2));
  reduce(before, { type: "tick", step: 40, fraction: 0.5, done: false });
  assert.deepEqual(before, copy);
});

test("a setting that does not fit keeps the last picture and names the field", () => {
  const before = stateAfter();
  const state = reduce(before, parameter("kernel", 15));
  assert.equal(state.shown, before.shown);
  assert.equal(state.problem?.field, "kernel");
  assert.equal(state.setting.spec.kernel, 15);
  const mended = reduce(state, parameter("kernel", 5));
  assert.equal(mended.problem, null);
  assert.deepEqual(layerOf(mended).kernel_shape, [5, 5]);
});

test("a slider keeps the place of the window and never starts to play", () => {
  let state = stateAfter({ type: "step", step: 40 });
  for (const stride of [2, 3, 4, 1]) {
    state = reduce(state, parameter("stride", stride));
    assert.equal(state.playing, false);
  }
  assert.deepEqual(stepPosition(layerOf(state), state.step), [4, 4]);
});

test("a slider does not stop what plays", () => {
  const state = stateAfter({ type: "play" }, parameter("stride", 2));
  assert.equal(state.playing, true);
});

test("numbers of another setting are not current", () => {
  const state = stateAfter();
  const numbered = reduce(state, { type: "numbers", numbers: numbersFor(state) });
  assert.ok(currentNumbers(numbered));
  assert.equal(currentNumbers(reduce(numbered, parameter("stride", 2))), null);
  assert.equal(currentNumbers(reduce(numbered, { type: "weights", weights: null })), null);
});

test("edits keep their tap when the kernel changes", () => {
  const edited = stateAfter({ type: "edit_weight", index: 4, value: 7 });
  const state = reduce(edited, parameter("kernel", 5));
  const { weights } = state.setting;
  assert.deepEqual(weights?.kind === "preset" ? weights.edits : null, [[6, 7]]);
});

test("the arrow keys stop at the edges", () => {
  const first = stateAfter({ type: "step", step: 0 });
  assert.equal(reduce(first, { type: "move", by: "step", n: -1 }).step, 0);
  assert.equal(reduce(first, { type: "move", by: "row", n: -1 }).step, 0);
  assert.equal(reduce(first, { type: "move", by: "row", n: 1 }).step, 9);
});

test("a pointer shows another step and leaves the played one", () => {
  const state = stateAfter({ type: "step", step: 5 }, { type: "point", at: { grid: "output", step: 60 } });
  assert.equal(viewedStep(state), 60);
  assert.equal(state.step, 5);
});

test("the step that shows a cell reads it", () => {
  const state = stateAfter(parameter("stride", 3), parameter("dilation", 2));
  const layer = layerOf(state);
  for (let row = 0; row < 9; row++) {
    const step = stepShowing(state, [row, 4]);
    if (step === null) continue;
    const [at = 0] = stepPosition(layer, step);
    const reads = layer.axes[0]?.reads;
    assert.ok(reads);
    const taps = Array.from({ length: reads.taps }, (_, tap) => coordinate(reads, at, tap));
    assert.ok(taps.includes(row));
  }
});

test("the plan corrects a shape that the page could only guess", () => {
  const state = stateAfter({ type: "source", source: { kind: "image", id: "unknown" } });
  assert.equal(state.inputShape, null);
  const key = JSON.stringify([
    [{ operation: "convolution", padding: 1, filters: 3 }],
    { kind: "image", id: "unknown" },
    state.setting.weights,
  ]);
  const plan = /** @type {any} */ ({ version: 1, layers: [{ input_shape: [3, 20, 30] }] });
  const planned = reduce(state, { type: "planned", key, plan });
  assert.deepEqual(layerOf(planned).output_shape, [3, 20, 30]);
  assert.equal(planned.channel, "rgb");
});
