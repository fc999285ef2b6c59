// Two settings in lock-step: which the other is, where it stands, and which cells are counted as differing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { comparedSetting } from "../../static/js/comparing.js";
import { differenceMarks } from "../../static/js/differing.js";
import { stepPosition } from "../../static/js/geometry.js";
import { keyAction } from "../../static/js/keys.js";
import { layout } from "../../static/js/layout.js";
import { beside, differences, differingParameters } from "../../static/js/lockstep.js";
import { reduce, viewOf } from "../../static/js/state.js";
import { numbersFor, stateAfter } from "./page.js";

/** @import { Action, State } from "../../static/js/state.js" */

const KEEP = /** @type {Action} */ ({ type: "compare", against: "kept" });
const parameter = (/** @type {string} */ name, /** @type {any} */ value) =>
  /** @type {Action} */ ({ type: "parameter", name, value });

function whole(/** @type {State} */ state) {
  return reduce(state, { type: "numbers", numbers: numbersFor(state) });
}

/** B after some actions and A beside it, both with numbers. */
function both(/** @type {Action[]} */ ...actions) {
  const b = whole(stateAfter(...actions));
  return { a: whole(beside(b, null, true)), b };
}

test("the kept setting stays as it was whatever is chosen, and both change places", () => {
  const state = stateAfter(parameter("stride", 2), KEEP, parameter("stride", 3), parameter("kernel", 5));
  const kept = comparedSetting(state);
  assert.deepEqual([kept?.spec.stride, kept?.spec.kernel], [2, undefined]);
  const swapped = reduce(state, { type: "swap" });
  assert.equal(swapped.setting.spec.stride, 2);
  assert.equal(comparedSetting(swapped)?.spec.stride, 3);
  assert.deepEqual(reduce(swapped, { type: "swap" }).setting, state.setting);
  assert.deepEqual(reduce(swapped, { type: "undo" }).setting, state.setting, "a swap can be undone");
  assert.equal(comparedSetting(reduce(state, { type: "compare", against: null })), null);
});

test("the rules of a framework are those of the layer as it is chosen now", () => {
  const state = stateAfter({ type: "compare", against: "keras" }, parameter("stride", 3));
  assert.deepEqual(comparedSetting(state)?.spec, { ...state.setting.spec, rules: "keras" });
  const other = beside(state, null, true);
  assert.match(String(other.problem?.detail), /Keras says/);
  assert.equal(other.shown, null, "a refused side shows its words alone");
  const fits = beside(reduce(state, parameter("padding", "same")), other, true);
  assert.equal(fits.problem, null);
  assert.ok(fits.shown);
});

test("a comparison is the same after a way through JSON, and a key begins and ends it", () => {
  const actions = [KEEP, parameter("dilation", 2), { type: "swap" }];
  const replayed = stateAfter(...JSON.parse(JSON.stringify(actions)));
  assert.deepEqual(replayed, stateAfter(.../** @type {Action[]} */ (actions)));
  const begun = reduce(stateAfter(), keyAction("c", stateAfter()) ?? KEEP);
  assert.equal(begun.compare?.with, "kept");
  assert.deepEqual(keyAction("c", begun), { type: "compare", against: null });
});

test("a setting that does not fit is not kept", () => {
  const unfit = stateAfter(parameter("kernel", 15), KEEP);
  assert.equal(unfit.compare, null);
  const later = stateAfter(parameter("stride", 2), KEEP, parameter("kernel", 15), KEEP);
  assert.equal(comparedSetting(later)?.spec.stride, 2);
});

test("A stands at B's position, as far as it has it", () => {
  let b = stateAfter(parameter("stride", 3), KEEP, parameter("stride", 1));
  /** @type {State | null} */
  let a = null;
  for (const step of [0, 10, 22, 80]) {
    b = reduce(b, { type: "step", step });
    a = beside(b, a, a === null);
    const [own, layer] = [viewOf(a), viewOf(b)];
    assert.ok(own && layer);
    const wanted = stepPosition(layer, step).map((at) => Math.min(at, 2));
    assert.deepEqual(stepPosition(own, a.step), wanted);
    assert.equal(a.lane, b.lane);
  }
  const pointed = reduce(b, { type: "point", at: { grid: "output", step: 10 } });
  assert.deepEqual(beside(pointed, a, false).pointed, { grid: "output", step: 4 });
});

test("the same setting has no difference, and numbers that have not come none that is known", () => {
  const { a, b } = both(KEEP);
  const same = differences(a, b);
  assert.deepEqual([same?.differing, same?.cells, same?.shapes, same?.largest], [0, 81, false, 0]);
  assert.equal(differences(beside(b, null, true), stateAfter(KEEP)), null);
});

test("cells differ by value, by more than rounding, and where only one side has them", () => {
  const { a, b } = both(parameter("stride", 2), KEEP, parameter("stride", 1));
  const found = differences(a, b);
  assert.ok(found?.shapes);
  assert.equal(found.cells, 81);
  // numbersFor counts up: (row, col) holds 5·row + col in A and 9·row + col in B, the same in the first row alone.
  assert.equal(found.differing, 81 - 5);
  assert.equal(found.largest, 16);
  assert.equal(
    found.marks[0].reduce((sum, one) => sum + one, 0),
    20,
  );
  assert.equal(
    found.marks[1].reduce((sum, one) => sum + one, 0),
    76,
  );

  const rounded = both(KEEP);
  const output = rounded.a.numbers?.output;
  assert.ok(output && rounded.a.numbers);
  output[10] = Number(output[10]) + 1e-5;
  output[40] = Number(output[40]) + 0.5;
  output[50] = Number.NaN;
  const near = differences(rounded.a, rounded.b);
  assert.deepEqual([near?.differing, near?.largest], [2, 0.5]);
});

test("what differs is marked on cells of every size, and nowhere else", () => {
  const { a, b } = both(parameter("stride", 2), KEEP, parameter("stride", 1));
  const found = differences(a, b);
  const layer = viewOf(b);
  assert.ok(found && layer);
  for (const size of [
    { width: 1040, height: 560 },
    { width: 300, height: 260 },
  ]) {
    const at = layout(b, size);
    assert.ok(at);
    for (const cell of [at.output.cell, 5, 0.8]) {
      /** @type {import("../../static/js/grids.js").Box} */
      const box = { ...at.output, cell };
      const marks = differenceMarks(layer, box, found.marks[1], 0);
      const rects = marks.flatMap((mark) => (mark.kind === "rects" && mark.fill === "ink" ? mark.rects : []));
      assert.ok(rects.length > 0);
      /** @type {(row: number, col: number) => boolean} */
      const covered = (row, col) => {
        const [x, y] = [box.x + (col + 0.1) * cell + 0.5, box.y + (row + 0.1) * cell + 0.5];
        return rects.some(
          ([left, top, width, tall]) => x >= left && y >= top && x < left + width && y < top + tall,
        );
      };
      if (cell >= 5)
        for (let row = 0; row < 9; row++)
          for (let col = 0; col < 9; col++)
            assert.equal(covered(row, col), found.marks[1][row * 9 + col] === 1, `${cell}: ${row}, ${col}`);
    }
  }
  assert.deepEqual(
    differenceMarks(
      layer,
      { x: 0, y: 0, cell: 20, rows: 9, cols: 9, top: 0, left: 0 },
      new Uint8Array(81),
      0,
    ),
    [],
  );
});

test("what is set otherwise is named", () => {
  const { a, b } = both(KEEP, parameter("stride", 2), parameter("padding", "same"));
  assert.deepEqual(differingParameters(a, b), [
    ["Stride", 1, 2],
    ["Padding", 1, "same"],
  ]);
});
