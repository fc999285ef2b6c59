// The column: what becomes of an input whose size is typed, and which rows of a layer stand in sight.

import assert from "node:assert/strict";
import { test } from "node:test";
import { resized } from "../../../static/js/panels/more_inputs.js";
import { shapeOf } from "../../../static/js/state/setting.js";
import { foldedOf } from "../../../static/js/ui/rows.js";
import { catalog, stateAfter } from "../page.js";
import { draws } from "../support.js";

/** The shape of an input after one of its numbers was typed. */
function shapeAfter(
  /** @type {import("../../../static/js/state/state.js").State} */ state,
  /** @type {number} */ at,
  /** @type {number} */ value,
) {
  return shapeOf(resized(state, at, value), state.catalog.samples, state.uploads);
}

const scene = () => stateAfter({ type: "source", source: { kind: "sample", name: "scene", size: 64 } });

test("a picture keeps its proportions and its own colours or one plane", () => {
  for (const value of [1, 7, 28, 100]) {
    assert.deepEqual(shapeAfter(scene(), 1, value), [3, value, value]);
    assert.deepEqual(shapeAfter(scene(), 2, value), [3, value, value]);
  }
  assert.deepEqual(shapeAfter(scene(), 0, 1), [1, 64, 64]);
  assert.deepEqual(resized(scene(), 0, 3), { kind: "sample", name: "scene", size: 64, channels: "own" });
});

test("an input of one size gives way to noise of the size that was typed, and noise takes any", () => {
  const cross = stateAfter();
  assert.equal(resized(cross, 1, 12).kind, "noise");
  assert.deepEqual(shapeAfter(cross, 1, 12), [1, 12, 9]);
  const draw = draws(3);
  const noise = stateAfter({ type: "source", source: { kind: "noise", shape: [2, 5, 6], seed: 7 } });
  for (let turn = 0; turn < 20; turn++) {
    const at = draw.whole(0, 2);
    const value = draw.whole(1, 60);
    const source = resized(noise, at, value);
    assert.deepEqual(source, { kind: "noise", shape: [2, 5, 6].with(at, value), seed: 7 });
  }
});

test("a series keeps its one axis", () => {
  const series = stateAfter({ type: "source", source: { kind: "sample", name: "series" } });
  assert.deepEqual(shapeAfter(series, 1, 20), [1, 20]);
  assert.deepEqual(shapeAfter(series, 0, 3), [3, 64]);
});

test("at most seven rows of a layer stand in sight, and none of its parameters is lost", () => {
  for (const { parameters } of catalog().operations) {
    const folded = foldedOf(parameters);
    const inSight = parameters.filter((one) => !folded.includes(one));
    // The operation's own row and the line of words beside them.
    assert.ok(inSight.length + 1 <= 7, parameters.map(({ name }) => name).join());
    assert.equal(inSight.length + folded.length, parameters.length);
    for (const name of ["kernel", "stride", "padding", "filters"])
      if (parameters.some((one) => one.name === name)) assert.ok(inSight.some((one) => one.name === name));
  }
});
