// Pinned steps: which are kept, where they stay when the setting changes, and what differs between two.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stepPosition } from "../../../static/js/layer/walk.js";
import { linkOf } from "../../../static/js/link/address.js";
import { keyAction } from "../../../static/js/panels/keys.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { scene } from "../../../static/js/picture/scene.js";
import { differingTerms } from "../../../static/js/stage/pinned.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { sumOf } from "../../../static/js/step/sum.js";
import { linkOfOne, numbersFor, stateAfter } from "../page.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */

const pin = (/** @type {number} */ step) => /** @type {Action} */ ({ type: "pin", step });
const steps = (/** @type {State} */ state) => state.pins.map(({ step }) => step);

test("a step is pinned and let go, and a third takes the place of the second", () => {
  assert.deepEqual(steps(stateAfter(pin(4), pin(40))), [4, 40]);
  assert.deepEqual(steps(stateAfter(pin(4), pin(40), pin(4))), [40]);
  assert.deepEqual(steps(stateAfter(pin(4), pin(40), pin(7))), [4, 7]);
  assert.deepEqual(steps(stateAfter(pin(4), pin(1e9))), [4, 80]);
  assert.deepEqual(steps(stateAfter(pin(4), pin(40), { type: "unpin" })), []);
});

test("pins are the same after a way through JSON, and keys set and remove them", () => {
  const actions = [pin(4), { type: "parameter", name: "stride", value: 2 }, pin(9)];
  assert.deepEqual(
    stateAfter(...JSON.parse(JSON.stringify(actions))).pins,
    stateAfter(.../** @type {Action[]} */ (actions)).pins,
  );
  const state = stateAfter({ type: "step", step: 11 });
  const pinned = reduce(state, keyAction("p", state) ?? pin(0));
  assert.deepEqual(steps(pinned), [11]);
  assert.deepEqual(keyAction("Escape", pinned), { type: "unpin" });
  assert.equal(keyAction("Escape", state), null);
});

test("pins keep their place on the input when the setting or the walk changes", () => {
  const state = stateAfter(pin(20), pin(60));
  const strided = reduce(state, { type: "parameter", name: "stride", value: 2 });
  const layer = viewOf(strided);
  assert.ok(layer);
  assert.deepEqual(
    strided.pins.map(({ step }) => stepPosition(layer, step)),
    [
      [1, 1],
      [3, 3],
    ],
  );
  assert.deepEqual(steps(reduce(strided, { type: "parameter", name: "stride", value: 1 })), [20, 60]);
  const one = reduce(state, { type: "operation", name: "global_average_pooling" });
  assert.deepEqual(steps(one), [0, 0], "two may come to one step");
  assert.deepEqual(linkOf(one).pins, [0]);
  assert.deepEqual(
    steps(reduce(one, { type: "operation", name: "convolution" })),
    [20, 60],
    "and part again",
  );
});

test("a link brings its pins", () => {
  const link = linkOfOne({ operation: "convolution", spec: { stride: 2 }, step: 3, pins: [2, 6] });
  const state = stateAfter(pin(40), { type: "open", link });
  assert.deepEqual([state.step, steps(state)], [3, [2, 6]]);
});

test("both pins are marked on both grids", () => {
  for (const operation of ["convolution", "transposed_convolution", "unfold"]) {
    const bare = stateAfter(
      { type: "operation", name: operation },
      { type: "walk", walk: "stamp" },
      pin(3),
      pin(30),
    );
    const state = reduce(bare, { type: "numbers", numbers: numbersFor(bare) });
    const at = layout(state, { width: 1040, height: 560 });
    assert.ok(at);
    const { live } = scene(state, at, "light", { gliding: false });
    const names = live.flatMap((mark) =>
      mark.kind === "text" && mark.bold && /^[AB]$/.test(mark.text) ? [mark.text] : [],
    );
    assert.deepEqual(names, ["A", "A", "B", "B"], operation);
  }
});

test("the terms that differ are those with another value or weight", () => {
  const bare = stateAfter({ type: "parameter", name: "padding", value: 1 });
  const state = reduce(bare, { type: "numbers", numbers: numbersFor(bare) });
  const at = (/** @type {number} */ step) => sumOf({ ...state, step })?.terms ?? [];
  assert.deepEqual([...differingTerms([at(20), at(20)])], []);
  assert.equal(differingTerms([at(20), at(21)]).size, 9);
  const corner = differingTerms([at(1), at(2)]);
  assert.equal(corner.size, 6, "the padding above is the same");
  assert.equal(differingTerms([at(0), []]).size, 9);
});
