// Numbers that fly into the sum: which, from where, where to and when.

import assert from "node:assert/strict";
import { test } from "node:test";
import { cellRect } from "../../../static/js/picture/grid/cells.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { flightsOf } from "../../../static/js/picture/marks/flying.js";
import { scene } from "../../../static/js/picture/scene.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { stampOf, sumOf } from "../../../static/js/step/sum.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */
/** @import { Layout } from "../../../static/js/picture/layout/layout.js" */
/** @import { LayerGeometry } from "../../../static/js/types/geometry.js" */

/** A state that plays slowly, with its numbers, layout and layer. */
function slow(/** @type {Action[]} */ ...actions) {
  const chosen = stateAfter(...actions, { type: "step", step: 5 }, { type: "speed", steps_per_s: 0.5 });
  const state = reduce(reduce(chosen, { type: "numbers", numbers: numbersFor(chosen) }), { type: "play" });
  const at = /** @type {Layout} */ (layout(state, { width: 1100, height: 640, filled: true }));
  return { state, at, layer: /** @type {LayerGeometry} */ (viewOf(state)) };
}

/** The words that are in the air at a fraction of the step. */
function flying(
  /** @type {{ state: State, at: Layout }} */ { state, at },
  /** @type {number} */ fraction,
  gliding = true,
) {
  const now = { ...state, fraction };
  const still = scene({ ...now, fraction: 0 }, at, "light", { gliding }).live;
  return scene(now, at, "light", { gliding }).live.slice(still.length);
}

test("every product of a step flies from its weight to the output cell, after its value has come to the weight", () => {
  const { state, at, layer } = slow();
  const sum = sumOf(state);
  const flights = flightsOf(state, at, layer);
  assert.equal(flights.length, sum?.terms.length);
  const [row, col] = sum?.position ?? [];
  const [x, y, width, tall] = cellRect(at.output, Number(row), Number(col));
  for (const [nth, { stops, legs }] of flights.entries()) {
    assert.equal(stops.length, 3);
    assert.deepEqual(stops[2], [x + width / 2, y + tall / 2]);
    const [value, product] = legs.map(({ words }) => Number(words.replace("−", "-")));
    assert.ok(Math.abs(Number(value) - Number(sum?.terms[nth]?.value)) <= 0.006 * Math.abs(Number(value)));
    assert.ok(
      Math.abs(Number(product) - Number(sum?.terms[nth]?.product)) <= 0.006 * Math.abs(Number(product)),
    );
  }
});

test("numbers fly while the window rests, slowly played, and never otherwise", () => {
  const all = slow();
  const words = new Set();
  for (let fraction = 0.01; fraction < 0.55; fraction += 0.01)
    for (const mark of flying(all, fraction)) if (mark.kind === "text") words.add(mark.text);
  assert.ok(words.size > 0);
  for (const fraction of [0, 0.56, 0.9]) assert.deepEqual(flying(all, fraction), []);
  assert.deepEqual(flying(all, 0.3, false), [], "where motion is reduced");
  const fast = reduce(all.state, { type: "speed", steps_per_s: 4 });
  assert.deepEqual(flying({ ...all, state: fast }, 0.3), []);
});

test("of a maximum the winner flies, of a mean every value, of a copy the one cell", () => {
  const max = slow({ type: "operation", name: "max_pooling" });
  const [winner, ...others] = flightsOf(max.state, max.at, max.layer);
  assert.equal(others.length, 0);
  assert.equal(winner?.legs.length, 1);
  const mean = slow({ type: "operation", name: "average_pooling" });
  const inside = sumOf(mean.state)?.terms.filter(({ outside }) => !outside);
  assert.equal(flightsOf(mean.state, mean.at, mean.layer).length, inside?.length);
  const copy = slow({ type: "operation", name: "unfold" });
  assert.equal(flightsOf(copy.state, copy.at, copy.layer).length, 1);
});

test("a stamp's products fly each to the cell that it is added to, and what is cropped does not", () => {
  const { state, at, layer } = slow(
    { type: "operation", name: "transposed_convolution" },
    { type: "parameter", name: "padding", value: 1 },
    { type: "walk", walk: "stamp" },
    { type: "step", step: 0 },
  );
  const first = { ...state, step: 0 };
  const stamp = stampOf(first);
  const flights = flightsOf(first, at, layer);
  assert.ok(Number(stamp?.written) < Number(stamp?.landings.length));
  assert.equal(flights.length, stamp?.written);
  assert.equal(new Set(flights.map(({ stops }) => String(stops.at(-1)))).size, stamp?.written);
});

test("more numbers than an eye can follow do not fly", () => {
  const { state, at, layer } = slow(
    { type: "parameter", name: "kernel", value: 7 },
    { type: "parameter", name: "padding", value: 3 },
  );
  assert.deepEqual(flightsOf(state, at, layer), []);
});
