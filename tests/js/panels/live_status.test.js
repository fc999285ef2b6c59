// The status line: what is said of a step, and of what a key changed beside it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { newsOf, spokenStatus } from "../../../static/js/panels/live_status.js";
import { reduce } from "../../../static/js/state/state.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */

function numbered(/** @type {Action[]} */ ...actions) {
  const state = stateAfter(...actions);
  return reduce(state, { type: "numbers", numbers: numbersFor(state) });
}

/** The words of a status line at last, when it is shown some states one after the other. */
async function said(/** @type {State[]} */ ...states) {
  const element = { textContent: "" };
  const spoken = spokenStatus(/** @type {any} */ (element), 0);
  for (const state of states) {
    spoken.update(state);
    spoken.update(state);
  }
  await new Promise((resolve) => setTimeout(resolve, 2));
  return element.textContent;
}

test("a step is said with its place, its filter where there are several, and its value", async () => {
  const state = numbered({ type: "parameter", name: "filters", value: 1 }, { type: "step", step: 10 });
  assert.equal(await said(state), "Step 11 of 81, row 1, col 1: 10");
  const several = numbered({ type: "step", step: 10 }, { type: "lane", lane: 2 });
  assert.equal(await said(several), "Step 11 of 81, row 1, col 1, filter 3 of 3: 172");
});

test("while a question is open, neither a number nor the number of steps that would tell a size is said", async () => {
  const step = numbered({ type: "step", step: 10 });
  /** @type {Action[]} */
  const turned = [
    { type: "operation", name: "transposed_convolution" },
    { type: "parameter", name: "stride", value: 2 },
    { type: "walk", walk: "stamp" },
    { type: "step", step: 10 },
  ];
  const stamp = numbered(...turned);
  assert.match(await said(stamp), /: \d[\d,. ]* stamped onto/);
  for (const veil of /** @type {const} */ (["value", "output", "shape"])) {
    const of = veil === "shape" ? "" : " of 81";
    assert.match(
      await said({ ...step, veil }),
      new RegExp(`^Step 11${of}, row 1, col 1, filter 1 of 3: \\?$`),
    );
    assert.match(
      await said({ ...stamp, veil }),
      new RegExp(`^Step 11${of}, input row 1, col 1.*: \\?(?:, \\?)* stamped`),
    );
  }
});

test("what a key changed beside the step is said, and before the step where both changed", async () => {
  const state = numbered({ type: "step", step: 4 });
  /** @type {[Action, RegExp][]} */
  const wanted = [
    [{ type: "pin" }, /^Pinned: row 0, col 4$/],
    [{ type: "loop_end", end: "in" }, /^Loop from step 5 to 81$/],
    [{ type: "magnify", steps: 2 }, /^Magnified 2 times$/],
    [{ type: "speed", steps_per_s: 8 }, /^8 steps\/s$/],
    [{ type: "building", on: true }, /^The output builds up$/],
    [{ type: "theme", theme: "dark" }, /^Step 5 of 81/],
  ];
  for (const [action, words] of wanted) assert.match(await said(state, reduce(state, action)), words);
  const pinned = reduce(state, { type: "pin" });
  const two = reduce(reduce(pinned, { type: "step", step: 5 }), { type: "pin" });
  assert.match(await said(pinned, two), /^Pinned: row 0, col 5; 2 steps are pinned\. Step 6 of 81/);
  assert.equal(await said(pinned, reduce(pinned, { type: "unpin" })), "Nothing is pinned");
  assert.equal(newsOf(state, reduce(state, { type: "parameter", name: "stride", value: 2 })), "");
});

test("nothing is said while it plays or is painted", async () => {
  const state = numbered({ type: "step", step: 4 });
  assert.equal(await said({ ...state, playing: true }), "");
  assert.equal(await said({ ...state, paint: { value: 1, cursor: null } }), "");
});

test("a step is not said over what a key was answered meanwhile, and the next one is", async () => {
  const element = { textContent: "" };
  const spoken = spokenStatus(/** @type {any} */ (element), 0);
  const state = numbered({ type: "step", step: 10 });
  spoken.update(state);
  element.textContent = "weight 1 × 2 = 2";
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(element.textContent, "weight 1 × 2 = 2");
  spoken.update(reduce(state, { type: "step", step: 11 }));
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert.match(element.textContent, /^Step 12 of 81/);
});
