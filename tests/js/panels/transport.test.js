// Playing: loops, the output that builds up, speeds beyond numbers, and a key for each of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { keyAction } from "../../../static/js/panels/keys.js";
import { cellRect } from "../../../static/js/picture/grid/cells.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import { unbuiltMarks } from "../../../static/js/picture/marks/unbuilt.js";
import { rangeWith } from "../../../static/js/state/pacing.js";
import { viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { createPlayer } from "../../../static/js/step/player.js";
import { later } from "../../../static/js/words/dialogs.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */
/** @import { Mark } from "../../../static/js/picture/scene.js" */

/** Play frame by frame; what is shown at each, by a screen of sixty frames a second. */
function played(/** @type {State} */ first, /** @type {number} */ frames, running = null) {
  Object.assign(globalThis, { matchMedia: () => ({ matches: false }) });
  let state = reduce(first, { type: "play" });
  const session = /** @type {any} */ ({ running: () => running, followWindows: () => {}, grant: () => {} });
  const player = createPlayer(
    (action) => {
      state = reduce(state, action);
    },
    () => state,
    session,
  );
  const steps = [];
  for (let frame = 0; frame < frames; frame++) {
    player.frame((1000 * frame) / 60);
    steps.push(state.step);
  }
  return { steps, state };
}

function whole(/** @type {Action[]} */ ...actions) {
  const state = stateAfter(...actions);
  return reduce(state, { type: "numbers", numbers: numbersFor(state) });
}

test("an end of a loop is put at the playhead, and the other stays where it can", () => {
  assert.deepEqual(rangeWith(null, "in", 20, 80), [20, 80]);
  assert.deepEqual(rangeWith(null, "out", 20, 80), [0, 20]);
  const loop = { from: 10, to: 30, ends: /** @type {[number[], number[]]} */ ([[0], [1]]) };
  assert.deepEqual(rangeWith(loop, "in", 20, 80), [20, 30]);
  assert.deepEqual(rangeWith(loop, "in", 40, 80), [40, 80]);
  assert.deepEqual(rangeWith(loop, "out", 20, 80), [10, 20]);
  assert.deepEqual(rangeWith(loop, "out", 5, 80), [0, 5]);
});

test("what waits for a server asks for no frames, and goes on from where it stood", () => {
  Object.assign(globalThis, { matchMedia: () => ({ matches: false }) });
  let state = reduce(whole({ type: "step", step: 4 }), { type: "play" });
  const { numbers } = state;
  const session = /** @type {any} */ ({ running: () => null, followWindows: () => {}, grant: () => {} });
  const player = createPlayer(
    (action) => {
      state = reduce(state, action);
    },
    () => state,
    session,
  );
  assert.equal(player.frame(0), true);
  const problem = /** @type {any} */ ({ code: "unreachable", detail: "" });
  const lost = numbers && { ...numbers, received: 0 };
  state = reduce({ ...state, numbers: lost }, { type: "refused", key: state.shown?.key ?? "", problem });
  assert.equal(player.frame(60_000), false);
  assert.equal(state.playing, true);
  state = { ...state, problem: null };
  assert.equal(player.frame(90_000), true, "the server is there again");
  assert.equal(player.frame(119_000), true);
  assert.equal(state.step, 4, "the walk waits where it stands for what comes from the first step on");
  state = { ...state, numbers };
  assert.equal(player.frame(119_100), true);
  assert.ok(state.step <= 5, "the time without numbers is no time of the walk");
});

test("a loop plays its steps and no other, again and again", () => {
  const { steps, state } = played(
    whole({ type: "loop", range: [30, 34] }, { type: "step", step: 3 }, { type: "speed", steps_per_s: 30 }),
    60,
  );
  assert.equal(steps[0], 30, "a walk outside its loop begins at the loop's first step");
  assert.deepEqual([...new Set(steps)], [30, 31, 32, 33, 34]);
  assert.ok(steps.filter((step, at) => step === 30 && steps[at - 1] === 34).length >= 3);
  assert.ok(state.playing);
});

test("a loop stays on its part of the input when the setting changes, and comes back exactly", () => {
  const state = whole({ type: "loop", range: [20, 40] });
  const strided = reduce(state, { type: "parameter", name: "stride", value: 2 });
  assert.ok(strided.loop);
  const steps = Number(viewOf(strided)?.steps);
  assert.ok(strided.loop.from < strided.loop.to && strided.loop.to < steps);
  const back = reduce(strided, { type: "parameter", name: "stride", value: 1 });
  assert.deepEqual([back.loop?.from, back.loop?.to], [20, 40]);
  assert.equal(reduce(back, { type: "loop", range: null }).loop, null);
});

test("changing a setting never starts a paused animation and keeps its place", () => {
  const state = whole({ type: "step", step: 40 });
  for (const value of [1, 2, 3, 4, 3, 2, 1]) {
    const moved = reduce(state, { type: "parameter", name: "stride", value });
    assert.equal(moved.playing, false);
    assert.deepEqual(reduce(moved, { type: "parameter", name: "stride", value: 1 }).step, 40);
  }
});

test("as fast as it streams is a whole walk in two seconds, and waits for what has not come", () => {
  const large = /** @type {Action[]} */ ([
    { type: "source", source: { kind: "noise", shape: [1, 60, 60] } },
    { type: "step", step: 0 },
    { type: "speed", steps_per_s: "Infinity" },
  ]);
  const { steps, state } = played(whole(...large), 130);
  assert.equal(state.speed, Number.POSITIVE_INFINITY);
  assert.equal(steps.at(-1), 3599);
  assert.ok(Math.abs(Number(steps[60]) - 1800) < 40, String(steps[60]));
  const waiting = stateAfter(...large);
  const partly = reduce(waiting, { type: "numbers", numbers: numbersFor(waiting, 500) });
  assert.equal(played(partly, 130).steps.at(-1), 499);
  const windows = /** @type {any} */ ({ kind: "windows", received: 300, inflight: 0 });
  assert.equal(played(whole(...large), 130, windows).steps.at(-1), 299);
});

test("the output that builds up hides exactly what later steps write", () => {
  for (const actions of /** @type {Action[][]} */ ([
    [],
    [{ type: "source", source: { kind: "sample", name: "series" } }],
    [
      { type: "operation", name: "unfold" },
      { type: "parameter", name: "padding", value: 0 },
    ],
  ])) {
    const state = stateAfter(...actions);
    const layer = viewOf(state);
    const at = layout(state, { width: 1080, height: 560 });
    assert.ok(layer && at);
    for (const step of [0, 1, layer.steps >> 1, layer.steps - 2, layer.steps - 1]) {
      /** @type {Mark[]} */
      const marks = [];
      unbuiltMarks(marks, at, layer, step, state.lane);
      const rects = marks.flatMap((mark) => (mark.kind === "rects" ? mark.rects : []));
      for (let other = 0; other < layer.steps; other++) {
        const cols = Number(layer.step_shape.at(-1));
        const [row, col] = layer.result === "columns" ? [0, other] : [Math.floor(other / cols), other % cols];
        const [x, y, width, tall] = cellRect(at.output, row, col);
        const [middle, centre] = [x + width / 2, y + tall / 2];
        const hidden = rects.some(
          ([left, top, w, h]) => middle > left && middle < left + w && centre > top && centre < top + h,
        );
        assert.equal(hidden, other > step, `step ${step}, cell ${other}`);
      }
    }
  }
});

test("every key of the help sheet does something", () => {
  const state = whole({ type: "operation", name: "transposed_convolution" }, { type: "pin" });
  const named = {
    Esc: "Escape",
    "←": "ArrowLeft",
    "→": "ArrowRight",
    "↑": "ArrowUp",
    "↓": "ArrowDown",
    "−": "-",
    Space: " ",
  };
  // Handled by the page itself, by projector.js and by the chain of layers.
  const handled = new Set(["?", "f", "t", "v", "n", "PageUp", "PageDown", "b"]);
  for (const [shown = ""] of later.keys) {
    if (/^(pointer|wheel|drag)/.test(shown)) continue;
    for (const sign of shown.replace("Shift ", "").split(/,? /)) {
      const key = /** @type {Record<string, string>} */ (named)[sign] ?? sign;
      assert.ok(handled.has(key) || keyAction(key, state), `${sign} does nothing`);
    }
  }
});
