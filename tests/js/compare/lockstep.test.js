// Two settings in lock-step: which the other is, and where it stands.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  beside,
  differingParameters,
  pointedBeside,
  sharedAxes,
  stepBeside,
} from "../../../static/js/compare/lockstep.js";
import { stepPosition } from "../../../static/js/layer/walk.js";
import { keyAction } from "../../../static/js/panels/keys.js";
import { cellRect } from "../../../static/js/picture/grid/cells.js";
import { layout } from "../../../static/js/picture/layout/layout.js";
import "../../../static/js/picture/layout/narrow_rooms.js";
import { comparedSetting } from "../../../static/js/state/comparing.js";
import { chosenOf, viewOf } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { numbersFor, stateAfter } from "../page.js";

/** @import { Action, Pointed, State } from "../../../static/js/state/state.js" */

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
  const kept = comparedSetting(state)?.layers[0];
  assert.deepEqual([kept?.spec.stride, kept?.spec.kernel], [2, undefined]);
  const swapped = reduce(state, { type: "swap" });
  assert.equal(chosenOf(swapped).spec.stride, 2);
  assert.equal(comparedSetting(swapped)?.layers[0]?.spec.stride, 3);
  assert.deepEqual(reduce(swapped, { type: "swap" }).setting, state.setting);
  assert.deepEqual(reduce(swapped, { type: "undo" }).setting, state.setting, "a swap can be undone");
  assert.equal(comparedSetting(reduce(state, { type: "compare", against: null })), null);
});

test("the rules of a framework are those of the layer as it is chosen now", () => {
  const state = stateAfter({ type: "compare", against: "keras" }, parameter("stride", 3));
  assert.deepEqual(comparedSetting(state)?.layers[0]?.spec, { ...chosenOf(state).spec, rules: "keras" });
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
  assert.equal(comparedSetting(later)?.layers[0]?.spec.stride, 2);
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

test("what is pointed at in one is the same in the other, and back, as far as both have it", () => {
  const wide = /** @type {Action} */ ({ type: "source", source: { kind: "noise", shape: [2, 9, 9] } });
  const pairs = [
    both(wide, parameter("kernel", 5), parameter("padding", 2), KEEP, parameter("kernel", 3)),
    both(wide, KEEP, parameter("stride", 2), parameter("dilation", 2)),
    both(wide, KEEP, { type: "source", source: { kind: "noise", shape: [1, 6, 12] } }),
    both({ type: "operation", name: "unfold" }, KEEP, parameter("stride", 2)),
  ];
  for (const { a, b } of pairs) {
    for (const [one, other] of /** @type {const} */ ([
      [a, b],
      [b, a],
    ])) {
      const layer = viewOf(one);
      const own = viewOf(other);
      assert.ok(layer && own);
      const common = (/** @type {number[]} */ sides, /** @type {number[]} */ others) =>
        sides.reduce((all, side, at) => all * Math.min(side, Number(others[at])), 1);
      const columns = layer.result === "columns";
      const points = /** @type {NonNullable<Pointed>[]} */ ([
        ...Array.from({ length: layer.steps }, (_, step) => ({
          grid: "output",
          step,
          ...(columns && { lane: step % layer.lanes }),
        })),
        ...Array.from(
          { length: common(layer.input_shape.slice(1), layer.input_shape.slice(1)) },
          (_, cell) => ({
            grid: "input",
            cell: stepPosition({ step_shape: layer.input_shape.slice(1) }, cell),
          }),
        ),
        ...Array.from({ length: layer.taps }, (_, tap) => ({ grid: "kernel", channel: 0, tap })),
      ]);
      let shared = 0;
      for (const point of points) {
        const carried = pointedBeside(point, one, other);
        if (!carried) continue;
        shared += 1;
        assert.equal(carried.grid, point.grid);
        assert.deepEqual(pointedBeside(carried, other, one), point);
        if (carried.grid === "kernel" && point.grid === "kernel")
          assert.deepEqual(
            stepPosition({ step_shape: own.kernel_shape }, carried.tap),
            stepPosition({ step_shape: layer.kernel_shape }, point.tap),
          );
      }
      const all =
        common(layer.step_shape, own.step_shape) +
        common(layer.kernel_shape, own.kernel_shape) +
        common(layer.input_shape.slice(1), own.input_shape.slice(1));
      assert.equal(shared, all, "everything that both have, and nothing else");
    }
  }
  const { a, b } = both(wide, KEEP, parameter("stride", 2));
  for (const at of /** @type {Pointed[]} */ ([
    { grid: "input", cell: [8, 3] },
    { grid: "kernel", channel: 1, tap: 7 },
  ]))
    assert.deepEqual(beside(reduce(b, { type: "point", at }), a, false).pointed, at);
  const outside = reduce(a, { type: "point", at: { grid: "output", step: 80 } });
  assert.equal(pointedBeside(outside.pointed, a, b), null);
  assert.equal(stepBeside(8, a, b), null);
  assert.equal(stepBeside(9, a, b), 5, "row 1 of nine and of five");
});

test("what is set otherwise is named", () => {
  const { a, b } = both(KEEP, parameter("stride", 2), parameter("padding", "same"));
  assert.deepEqual(differingParameters(a, b), [
    ["Stride", 1, 2],
    ["Padding", 1, "same"],
  ]);
});

const SERIES = /** @type {Action} */ ({
  type: "source",
  source: { kind: "sample", name: "series", size: 32 },
});

test("both pictures are drawn on the same axes: equal coordinates lie in the same place", () => {
  const pairs = [
    [[parameter("padding", 1)], [parameter("padding", "same"), parameter("stride", 2)]],
    [[parameter("padding", 1)], [parameter("padding", 0), parameter("kernel", 2)]],
  ];
  for (const pair of pairs) {
    const [a, b] = pair.map((actions) => stateAfter(...actions));
    assert.ok(a && b);
    const shared = sharedAxes(viewOf(a), viewOf(b));
    assert.ok(shared);
    for (const size of [
      { width: 450, height: 430, filled: true, plain: true, shared },
      { width: 930, height: 260, filled: true, plain: true, shared },
    ]) {
      const [left, right] = [layout(a, size), layout(b, size)];
      assert.ok(left && right);
      for (const grid of /** @type {const} */ (["input", "output"])) {
        assert.equal(left[grid].cell, right[grid].cell);
        assert.deepEqual(cellRect(left[grid], 1, 1), cellRect(right[grid], 1, 1));
      }
    }
  }
});

test("series share their axis of time, whatever their padding", () => {
  const [a, b] = ["same", "causal"].map((padding) =>
    stateAfter(SERIES, parameter("dilation", 4), parameter("padding", padding)),
  );
  assert.ok(a && b);
  const shared = sharedAxes(viewOf(a), viewOf(b));
  const size = { width: 1000, height: 300, filled: true, plain: true, shared };
  const [left, right] = [layout(a, size), layout(b, size)];
  assert.ok(left && right);
  assert.deepEqual(cellRect(left.input, 0, 5), cellRect(right.input, 0, 5));
  assert.deepEqual(cellRect(left.output, 0, 5), cellRect(right.output, 0, 5));
});

test("a matrix and a grid, or a picture and a series, share no axes", () => {
  const grid = viewOf(stateAfter());
  assert.equal(sharedAxes(grid, viewOf(stateAfter({ type: "operation", name: "unfold" }))), null);
  assert.equal(sharedAxes(grid, viewOf(stateAfter(SERIES))), null);
  assert.equal(sharedAxes(grid, null), null);
});
