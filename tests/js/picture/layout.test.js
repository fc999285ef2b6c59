// The layout in special rooms: between the words of the opening, in a low room, and beside another picture.

import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedAxes } from "../../../static/js/compare/lockstep.js";
import { tallOf } from "../../../static/js/picture/grid/grids.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import "../../../static/js/picture/layout/narrow_rooms.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { stateAfter } from "../page.js";

/** @import { Action } from "../../../static/js/state/state.js" */

/** @returns {Action} */
const operation = (/** @type {string} */ name) => ({ type: "operation", name });
/** @returns {Action} */
const parameter = (/** @type {string} */ name, /** @type {any} */ value) => ({
  ...{ type: "parameter", name, value },
});

test("between the words of the opening no lens repeats the window", () => {
  const state = stateAfter({ type: "source", source: { kind: "noise", shape: [3, 84, 84] } });
  const size = { width: 1350, height: 640, filled: true };
  assert.ok(layout(state, size)?.lens);
  assert.equal(layout(state, { ...size, introduced: true })?.lens, null);
});

test("a matrix whose numbers cannot be read in a low room has square cells beside the input", () => {
  const state = stateAfter(operation("unfold"), parameter("padding", 0), parameter("stride", 2));
  const at = layout(state, { width: 920, height: 212, filled: true });
  assert.ok(at && at.output.y < at.input.y + 5, "beside and not below");
  assert.ok(tallOf(at.output) >= 14);
});

test("two pictures that are compared are arranged alike, also where the page scrolls", () => {
  const state = stateAfter(parameter("padding", 1));
  const shared = sharedAxes(viewOf(state), viewOf(state));
  assert.ok(shared);
  for (const width of [358, 736, 1000]) {
    const a = layout(state, { width, shared, height: 665, plain: true });
    const b = layout(state, { width, shared, height: 860, plain: true });
    assert.ok(a && b);
    assert.deepEqual([a.input, a.output], [b.input, b.output], `${width}`);
  }
});
