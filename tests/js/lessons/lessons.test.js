// The opening's scene and the states of the two-minute start: what the captions say of them holds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SCENE } from "../../../static/js/lessons/opening.js";
import { plain } from "../../../static/js/lessons/prose.js";
import { TWO_MINUTES } from "../../../static/js/lessons/two_minutes.js";
import { decode } from "../../../static/js/link/fragment.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { openingText } from "../../../static/js/words/opening.js";
import { catalog, stateAfter } from "../page.js";

/** The state of a step of the two-minute start. */
function stateOf(/** @type {string} */ title) {
  const step = TWO_MINUTES.steps.find((one) => one.title === title);
  assert.ok(step, title);
  const link = decode(step.stage.fragment, catalog().operations);
  assert.ok(link.ok && link.problems.length === 0 && link.notes.length === 0, title);
  return { step, state: stateAfter({ type: "open", link: link.state }) };
}

test("the scene is the layer of six filters on 84 by 84 that keeps the size, in whole numbers", () => {
  const state = stateAfter({ type: "open", link: SCENE });
  const layer = viewOf(state);
  assert.equal(state.problem, null);
  assert.deepEqual(layer?.output_shape, [6, 84, 84]);
  const { weights } = state.setting.layers[0] ?? {};
  assert.equal(weights?.kind, "values");
  const numbers = JSON.stringify(weights?.kind === "values" ? weights.values : null)
    .replaceAll(/[[\]]/g, "")
    .split(",")
    .map(Number);
  assert.equal(numbers.length, 6 * 27);
  assert.ok(numbers.every(Number.isInteger));
});

test("every step of the two-minute start opens without a fault, in the order that its card names", () => {
  const named = openingText.start.about.toLowerCase();
  const order = TWO_MINUTES.steps.map(({ title }) => named.indexOf(title.toLowerCase()));
  assert.deepEqual(
    order,
    [...order].sort((one, other) => one - other),
  );
  assert.ok(order.every((at) => at >= 0));
  for (const { title } of TWO_MINUTES.steps) assert.equal(stateOf(title).state.problem, null, title);
});

test("sizes that a caption names are those of its state", () => {
  const claims = /** @type {const} */ ([
    ["Stride", /(\d+)×(\d+) cells/],
    ["Padding", /(\d+)×(\d+) cells again/],
  ]);
  for (const [title, claim] of claims) {
    const { step, state } = stateOf(title);
    const [, rows, cols] =
      claim.exec(step.prose.map((block) => ("content" in block ? plain(block.content) : "")).join(" ")) ?? [];
    assert.deepEqual(viewOf(state)?.output_shape.slice(1), [Number(rows), Number(cols)], title);
  }
});
