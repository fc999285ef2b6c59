// Undo and redo: every change of the setting can be taken back, a drag of one slider as one change.

import assert from "node:assert/strict";
import { test } from "node:test";
import { chosenOf } from "../../../static/js/state/selectors.js";
import { initial, reduce } from "../../../static/js/state/state.js";
import { catalog } from "../page.js";
import { draws } from "../support.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */

const UNDO = /** @type {Action} */ ({ type: "undo" });
const REDO = /** @type {Action} */ ({ type: "redo" });

/** @returns {Action} */
function parameter(/** @type {string} */ name, /** @type {number} */ value) {
  return { type: "parameter", name, value };
}

/** @returns {State} */
function after(/** @type {Action[]} */ ...actions) {
  return actions.reduce(reduce, initial(catalog()));
}

test("a slider that is dragged is one change, another slider a second one", () => {
  const state = after(
    parameter("stride", 2),
    parameter("stride", 3),
    parameter("stride", 4),
    parameter("kernel", 5),
  );
  const once = reduce(state, UNDO);
  assert.deepEqual([chosenOf(once).spec.stride, chosenOf(once).spec.kernel], [4, undefined]);
  const twice = reduce(once, UNDO);
  assert.equal(chosenOf(twice).spec.stride, undefined);
  assert.equal(reduce(twice, UNDO), twice);
  assert.equal(chosenOf(reduce(reduce(twice, REDO), REDO)).spec.kernel, 5);
});

test("a slider that was let go of and is dragged again makes a second change", () => {
  const state = after(
    parameter("kernel", 4),
    parameter("kernel", 5),
    { type: "end_edit" },
    parameter("kernel", 7),
  );
  assert.equal(chosenOf(reduce(state, UNDO)).spec.kernel, 5);
  assert.equal(chosenOf(reduce(reduce(state, UNDO), UNDO)).spec.kernel, undefined);
});

test("a new change forgets what was undone", () => {
  const state = reduce(after(parameter("stride", 2), UNDO), parameter("kernel", 2));
  assert.equal(state.history.future.length, 0);
  assert.equal(reduce(state, REDO), state);
});

test("what is undone is shown, the input's shape included", () => {
  const source = /** @type {Action} */ ({ type: "source", source: { kind: "noise", shape: [3, 8, 8] } });
  const state = after(source, UNDO);
  assert.deepEqual(state.inputShape, [1, 9, 9]);
  assert.deepEqual(state.shown?.geometry.input_shape, [1, 9, 9]);
});

test("moving about is no change", () => {
  const state = after({ type: "step", step: 5 }, { type: "lane", lane: 1 }, { type: "play" });
  assert.equal(state.history.past.length, 0);
});

test("undoing everything leads back to the beginning, redoing everything to the end", () => {
  const draw = draws(11);
  for (let round = 0; round < 30; round++) {
    const actions = Array.from({ length: 12 }, () =>
      draw.chance(0.3)
        ? /** @type {Action} */ ({ type: "edit_weight", index: draw.whole(0, 8), value: draw.whole(-3, 3) })
        : parameter(draw.one(["kernel", "stride", "dilation", "padding"]), draw.whole(1, 3)),
    );
    const end = after(...actions);
    let state = end;
    while (state.history.past.length > 0) state = reduce(state, UNDO);
    assert.deepEqual(state.setting, after().setting);
    while (state.history.future.length > 0) state = reduce(state, REDO);
    assert.deepEqual(state.setting, end.setting);
    assert.deepEqual(state.shown, end.shown);
  }
});

test("an intent sets the layer, keeps what it says, and can be undone", () => {
  const before = after(parameter("filters", 5), parameter("kernel", 7));
  const state = reduce(before, { type: "intent", index: 0 });
  assert.deepEqual(state.shown?.geometry.output_shape, [5, 5, 5]);
  assert.equal(chosenOf(state).weights, chosenOf(before).weights);
  assert.deepEqual(reduce(state, UNDO).setting, before.setting);
});
