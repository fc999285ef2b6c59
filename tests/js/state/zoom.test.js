// Magnified grids: what is on view, what stays under the pointer, and what follows the window; without a canvas.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyAction } from "../../../static/js/panels/keys.js";
import { tallOf } from "../../../static/js/picture/grid/grids.js";
import { placeUnder } from "../../../static/js/picture/grid/magnified.js";
import { hit } from "../../../static/js/picture/layout/hit.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { scene } from "../../../static/js/picture/scene.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { isOnView, panned, zoomedAbout } from "../../../static/js/state/zoom.js";
import { shortest } from "../../../static/js/words/written.js";
import { numbersFor, stateAfter } from "../page.js";
import { draws } from "../support.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */
/** @import { Grid } from "../../../static/js/state/zoom.js" */

const SIZE = { width: 1040, height: 560 };
/** @type {Record<string, Action[]>} */
const SETTINGS = {
  first: [],
  photograph: [{ type: "source", source: { kind: "noise", shape: [3, 512, 512] } }],
  "large windows": [
    { type: "source", source: { kind: "noise", shape: [1, 64, 64] } },
    { type: "settings", values: { kernel: 15, padding: 0, stride: 3, dilation: 2 } },
  ],
  series: [{ type: "source", source: { kind: "sample", name: "series" } }],
  stamped: [
    { type: "source", source: { kind: "noise", shape: [1, 40, 40] } },
    { type: "operation", name: "transposed_convolution" },
    { type: "settings", values: { stride: 2, padding: 1 } },
    { type: "walk", walk: "stamp" },
  ],
  matrix: [
    { type: "source", source: { kind: "noise", shape: [1, 28, 28] } },
    { type: "operation", name: "unfold" },
  ],
};

function seen(/** @type {State} */ state) {
  const layer = viewOf(state);
  const at = layout(state, SIZE);
  assert.ok(layer && at);
  return { layer, at };
}

/** @param {State} state @param {Grid} grid @param {number} factor @param {{ row: number, col: number }} about */
function zoomed(state, grid, factor, about) {
  const zoom = zoomedAbout(seen(state).layer, state.zoom, grid, factor, about);
  return reduce(state, { type: "zoom", zoom });
}

for (const [name, actions] of Object.entries(SETTINGS)) {
  test(`${name}: a magnified grid fills its frame, which stays where the whole was`, () => {
    const draw = draws(5);
    let state = stateAfter(...actions);
    const whole = seen(state).at;
    for (let round = 0; round < 40; round++) {
      const grid = draw.one(/** @type {Grid[]} */ (["input", "output"]));
      const about = { row: draw.random(), col: draw.random() };
      state = zoomed(state, grid, draw.one([0.5, 0.8, 1.25, 2, 4]), about);
      const { at } = seen(state);
      for (const one of /** @type {const} */ (["input", "output"])) {
        const box = at[one];
        const fit = whole[one];
        if (!box.frame) continue;
        assert.deepEqual(box.frame, [fit.x, fit.y, fit.cols * fit.cell, fit.rows * tallOf(fit)]);
        const [x, y, width, height] = box.frame;
        assert.ok(box.x <= x && box.y <= y, `${box.x}, ${box.y}`);
        assert.ok(box.x + box.cols * box.cell >= x + width - 1);
        assert.ok(box.y + box.rows * tallOf(box) >= y + height - 1);
        const small = at.overviews[one];
        if (!small) continue;
        assert.ok(small.x >= x && small.x + small.cols * small.cell <= x + width);
        const bottom = small.y + small.rows * tallOf(small);
        if (box.rows === 1) assert.ok(small.y > y + height && bottom < at.height, "below the frame");
        else assert.ok(small.y >= y && bottom <= y + height, "within the frame");
      }
    }
  });

  test(`${name}: the window is followed, and an action that zooms is the same after a way through JSON`, () => {
    let state = zoomed(stateAfter(...actions), "input", 6, { row: 0.5, col: 0.5 });
    const { layer } = seen(state);
    for (let step = 0; step < layer.steps; step += Math.ceil(layer.steps / 60)) {
      state = reduce(state, { type: "step", step });
      if (!state.zoom) continue;
      assert.ok(isOnView(layer, state.zoom, state.step), `step ${step}`);
      const { at } = seen(state);
      const [x, y, width, height] = at.output.frame ?? [0, 0, SIZE.width, 1e6];
      const { live } = scene(state, at, "light", { gliding: false });
      const cells = live.filter((mark) => mark.kind === "outline" && mark.stroke === "output");
      assert.ok(
        cells.some(
          (mark) =>
            mark.kind === "outline" &&
            mark.rects.some(([a, b, w, h]) => a + w > x && b + h > y && a < x + width && b < y + height),
        ),
        `the cell of step ${step} is on view`,
      );
    }
    const copy = JSON.parse(JSON.stringify({ type: "zoom", zoom: state.zoom }));
    assert.deepEqual(reduce(state, copy).zoom, state.zoom);
  });
}

test("what is under the pointer stays under it", () => {
  const state = stateAfter(...(SETTINGS.photograph ?? []));
  const about = { row: 0.4, col: 0.7 };
  const before = seen(state).at.input;
  const [x, y] = [
    before.x + about.col * before.cols * before.cell,
    before.y + about.row * before.rows * before.cell,
  ];
  const after = seen(zoomed(state, "input", 9, about)).at.input;
  const place = placeUnder(after, x, y);
  assert.ok(place);
  assert.ok(Math.abs(place.row - about.row) < 1e-9 && Math.abs(place.col - about.col) < 1e-9);
});

test("only what is on view of a large picture is printed, and its numbers are where they stand", () => {
  const bare = stateAfter(...(SETTINGS.photograph ?? []), { type: "channel", channel: 0 });
  const state = reduce(bare, { type: "numbers", numbers: numbersFor(bare) });
  const { at } = seen(zoomed(state, "input", 60, { row: 0.25, col: 0.75 }));
  const { base } = scene(zoomed(state, "input", 60, { row: 0.25, col: 0.75 }), at, "light", {
    gliding: false,
  });
  const printed = base.find((mark) => mark.kind === "numbers");
  assert.ok(printed?.kind === "numbers" && printed.clip);
  const { box, plane } = printed;
  assert.ok(box.rows < 20 && box.cols < 20, "not the 260,000 cells beside it");
  assert.equal(plane.rows.length, box.rows);
  assert.equal(plane.rows[0], box.top, "its first row is the row of the input that stands there");
  assert.equal(at.lens, null, "numbers in the grid need no lens");
  assert.ok(at.overviews.input);
});

test("a magnified series has its overview below it, along its whole length", () => {
  const state = zoomed(stateAfter(...(SETTINGS.series ?? [])), "input", 6, { row: 0.5, col: 0.7 });
  const { at } = seen(state);
  for (const grid of /** @type {const} */ (["input", "output"])) {
    const [overview, box] = [at.overviews[grid], at[grid]];
    assert.ok(overview && box.frame);
    const [x, y, width, tall] = box.frame;
    assert.deepEqual([overview.x, overview.cols * overview.cell], [x, width]);
    assert.ok(overview.y > y + tall && overview.y + tallOf(overview) < y + tall + 12);
    const found = hit(at, x + width * 0.25, overview.y + 2);
    assert.ok(found?.part === "overview" && found.grid === grid);
    assert.ok(Math.abs(found.place.col - 0.25) < 1e-9);
  }
});

test("a point outside the frame is not on the magnified grid", () => {
  const state = zoomed(stateAfter(...(SETTINGS.photograph ?? [])), "input", 20, { row: 0.5, col: 0.5 });
  const { at } = seen(state);
  const [x, y, width, height] = at.input.frame ?? [0, 0, 0, 0];
  assert.notEqual(hit(at, x + width + 6, y + height / 2)?.part, "input");
  assert.equal(hit(at, x + width / 2, y + height / 2)?.part, "input");
  const corner = at.overviews.input;
  assert.ok(corner);
  assert.equal(hit(at, corner.x + 3, corner.y + 3)?.part, "overview");
});

test("playing moves the view along, unless a person looks elsewhere", () => {
  const state = reduce(stateAfter(...(SETTINGS.photograph ?? []), { type: "step", step: 0 }), {
    type: "play",
  });
  const near = zoomed(state, "input", 30, { row: 0, col: 0 });
  const followed = reduce(near, { type: "tick", step: 20, fraction: 0, done: false });
  assert.notDeepEqual(followed.zoom, near.zoom);
  const { layer } = seen(near);
  const away = reduce(near, {
    type: "zoom",
    zoom: panned(layer, near.zoom, "input", { row: 0.6, col: 0.6 }),
  });
  const left = reduce(away, { type: "tick", step: 20, fraction: 0, done: false });
  assert.equal(left.zoom, away.zoom);
  const stepped = reduce(left, { type: "move", by: "step", n: 1 });
  assert.ok(
    stepped.zoom && isOnView(layer, stepped.zoom, stepped.step),
    "a step of their own comes into view",
  );
});

test("keys magnify, move what is on view and show all; a slider keeps the zoom", () => {
  const plus = keyAction("+", stateAfter());
  assert.ok(plus);
  const near = reduce(stateAfter(), plus);
  assert.ok(near.zoom && near.zoom.scale > 1);
  const right = keyAction("ArrowRight", near, true);
  assert.ok(right);
  assert.ok(Number(reduce(near, right).zoom?.col) > near.zoom.col);
  assert.equal(reduce(stateAfter(), right).zoom, null, "what is on view as a whole stays");
  const slid = reduce(near, { type: "parameter", name: "stride", value: 2 });
  assert.ok(slid.zoom);
  assert.equal(reduce(near, keyAction("0", near) ?? { type: "pause" }).zoom, null);
  let state = near;
  for (let times = 0; times < 20; times++) state = reduce(state, keyAction("+", state) ?? { type: "pause" });
  assert.ok(Number(state.zoom?.scale) < 4, "four cells stay on view");
  for (let times = 0; times < 20; times++) state = reduce(state, keyAction("-", state) ?? { type: "pause" });
  assert.equal(state.zoom, null);
});

test("a float32 is said with the digits that tell it apart", () => {
  assert.equal(shortest(Math.fround(0.1)), "0.1");
  assert.equal(shortest(Math.fround(-1 / 3)), "−0.33333334");
  const draw = draws(11);
  for (let round = 0; round < 500; round++) {
    const value = Math.fround((draw.random() - 0.5) * 10 ** draw.whole(-6, 6));
    assert.equal(Math.fround(Number(shortest(value).replace("−", "-"))), value);
  }
});
