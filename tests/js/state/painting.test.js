// Painting: what a stroke makes of the input, what holds at once and what waits, and how it is undone.

import assert from "node:assert/strict";
import { test } from "node:test";
import { coordinate, resolve, stepPosition } from "../../../static/js/layer/walk.js";
import { keyAction } from "../../../static/js/panels/keys.js";
import { outputPlane, valueAt } from "../../../static/js/picture/grid/planes.js";
import { paintKey } from "../../../static/js/stage/painter.js";
import { between, cursorOf, unpaintable, valueUnder } from "../../../static/js/state/painting.js";
import { currentNumbers, isWhole } from "../../../static/js/state/selectors.js";
import { shapeOf } from "../../../static/js/state/setting.js";
import { reduce } from "../../../static/js/state/state.js";
import { servedAt } from "../../../static/js/step/sum.js";
import { numbersFor, stateAfter } from "../page.js";
import { draws } from "../support.js";

/** @import { Action, State } from "../../../static/js/state/state.js" */

const noise = (/** @type {number[]} */ shape) =>
  /** @type {Action} */ ({ type: "source", source: { kind: "noise", shape } });
const paint = (/** @type {number[][]} */ cells, /** @type {any} */ value = 7, stroke = 1) =>
  /** @type {Action} */ ({ type: "paint", stroke, cells, value });

function numbered(/** @type {Action[]} */ ...actions) {
  const state = stateAfter(...actions);
  return reduce(state, { type: "numbers", numbers: numbersFor(state) });
}

/** The input that a state shows, and the values it asks the server for. */
function input(/** @type {State} */ state) {
  const { source } = state.setting;
  assert.equal(source.kind, "values");
  const flat = source.kind === "values" ? /** @type {any[]} */ (source.values).flat(9) : [];
  return { held: Array.from(currentNumbers(state)?.input ?? []), asked: flat.map(Number) };
}

for (const shape of [
  [1, 9, 9],
  [3, 6, 5],
  [1, 12],
  [3, 8],
  [2, 4, 4, 4],
]) {
  test(`a stroke on ${shape.join("×")} changes its cells, in the channel on view, and no others`, () => {
    const draw = draws(3);
    const state = numbered(noise(shape), { type: "channel", channel: Number(shape[0]) - 1 });
    const cells = [0, 1].map(() => shape.slice(1).map((side) => draw.whole(0, side - 1)));
    const after = reduce(state, paint(cells));
    const before = currentNumbers(state)?.input ?? [];
    const { held, asked } = input(after);
    assert.deepEqual(held, asked, "what is shown is what is asked for");
    const each = shape.slice(1).reduce((all, side) => all * side, 1);
    const own = cells.map((cell) =>
      cell.reduce((at, index, axis) => at * Number(shape[axis + 1]) + index, 0),
    );
    for (const [index, value] of held.entries()) {
      const hit = own.includes(index % each) && Math.floor(index / each) === Number(shape[0]) - 1;
      assert.equal(value, hit ? 7 : before[index]);
    }
    assert.deepEqual(after.inputShape, shape);
    assert.deepEqual(shapeOf(after.setting.source, [], {}), shape, "its link is read as the same shape");
    assert.deepEqual(after.channel, state.channel);
    assert.deepEqual(
      currentNumbers(state)?.input,
      numbersFor(state).input,
      "the state before stays as it was",
    );
  });
}

test("in its own colours all three channels are painted", () => {
  const state = numbered(noise([3, 5, 5]), { type: "channel", channel: "rgb" });
  const { held } = input(reduce(state, paint([[2, 2]])));
  assert.deepEqual([held[12], held[37], held[62]], [7, 7, 7]);
});

test("only outputs that read what was painted wait for their numbers", () => {
  for (const actions of /** @type {Action[][]} */ ([
    [],
    [
      {
        type: "settings",
        values: { kernel: 3, stride: 2, dilation: 2, padding: 2, padding_mode: "circular" },
      },
    ],
    [{ type: "operation", name: "max_pooling" }],
    [{ type: "operation", name: "unfold" }],
  ])) {
    const state = numbered(...actions);
    const after = reduce(state, paint([[4, 3]]));
    const layer = after.shown?.geometry;
    const numbers = currentNumbers(after);
    assert.ok(layer && numbers);
    assert.equal(isWhole(after), false);
    for (let step = 0; step < layer.steps; step++) {
      const position = stepPosition(layer, step);
      /** @type {boolean} */
      const reads = layer.axes.every((axis, at) =>
        Array.from({ length: axis.reads.taps }, (_, tap) =>
          resolve(axis, coordinate(axis.reads, Number(position[at]), tap)),
        ).includes([4, 3][at] ?? -1),
      );
      assert.equal(servedAt(layer, numbers, 0, step) === null, reads, `step ${step}`);
      if (layer.result === "columns") continue;
      const plane = outputPlane(layer, numbers, 0, "light", 0);
      const [row = 0, col = 0] = position;
      assert.equal(plane && valueAt(plane, row, col).value === null, reads);
    }
    const whole = reduce(after, { type: "numbers", numbers: numbersFor(after) });
    assert.equal(isWhole(whole), true);
  }
});

test("the parts of a stroke are undone as one, and a second stroke by itself", () => {
  const first = reduce(reduce(numbered(), paint([[0, 0]], 2, 5)), paint([[0, 1]], 2, 5));
  const second = reduce(first, paint([[8, 8]], 3, 6));
  const back = reduce(second, { type: "undo" });
  assert.deepEqual(back.setting.source, first.setting.source);
  const all = reduce(back, { type: "undo" });
  assert.deepEqual(all.setting.source, { kind: "sample", name: "cross" });
  assert.deepEqual(reduce(reduce(all, { type: "redo" }), { type: "redo" }).setting, second.setting);
});

test("what cannot be painted stays as it is and says why", () => {
  const large = numbered(noise([3, 128, 128]));
  assert.equal(unpaintable(large), "large");
  assert.equal(reduce(large, paint([[0, 0]])), large);
  const waiting = stateAfter();
  assert.equal(reduce(waiting, paint([[0, 0]])), waiting, "numbers that have not come cannot be kept");
  const state = numbered();
  assert.equal(reduce(state, paint([[9, 0]])), state, "no cell lies there");
  const once = reduce(state, paint([[3, 3]]));
  assert.equal(reduce(once, paint([[3, 3]])), once, "the same value again is no change");
});

test("typed values keep their digits, names of numbers travel, and values are float32 as the server's", () => {
  const typed = stateAfter({
    type: "source",
    source: {
      kind: "values",
      values: [
        [
          [0.1234567890123, 2],
          [3, 4],
        ],
      ],
    },
  });
  const state = reduce(typed, { type: "numbers", numbers: numbersFor(typed) });
  const after = reduce(state, paint([[1, 1]], "-Infinity"));
  assert.deepEqual(after.setting.source, {
    kind: "values",
    values: [
      [
        [0.1234567890123, 2],
        [3, "-Infinity"],
      ],
    ],
  });
  assert.equal(valueUnder(after, [1, 1]), Number.NEGATIVE_INFINITY);
  assert.equal(valueUnder(reduce(state, paint([[0, 1]], 0.1)), [0, 1]), Math.fround(0.1));
});

test("keys move the cell and paint it, and are the same after a way through JSON", () => {
  const bare = numbered({ type: "step", step: 0 });
  const on = reduce(bare, keyAction("e", bare) ?? paint([]));
  assert.ok(on.paint);
  const keys = ["ArrowRight", "ArrowDown", "ArrowDown", "5", "ArrowLeft", "Enter"].map(paintKey);
  const actions = /** @type {Action[]} */ (JSON.parse(JSON.stringify(keys)));
  const state = actions.reduce(reduce, on);
  assert.deepEqual(cursorOf(state), [2, 0]);
  assert.equal(valueUnder(state, [2, 1]), 5);
  assert.equal(valueUnder(state, [2, 0]), 1, "Enter paints the chosen value");
  const edge = ["ArrowLeft", "ArrowLeft"].reduce(
    (one, key) => reduce(one, paintKey(key) ?? paint([])),
    state,
  );
  assert.deepEqual(cursorOf(edge), [2, 0]);
  assert.equal(paintKey("x"), null);
  assert.equal(reduce(edge, keyAction("e", edge) ?? paint([])).paint, null);
});

test("a fast hand leaves no gaps", () => {
  assert.deepEqual(between([0, 0], [0, 3]), [
    [0, 1],
    [0, 2],
    [0, 3],
  ]);
  const way = between([5, 1], [0, 9]);
  for (const [at, cell] of way.entries()) {
    const [row = 0, col = 0] = at === 0 ? [5, 1] : (way[at - 1] ?? []);
    assert.ok(Math.abs(Number(cell[0]) - row) <= 1 && Math.abs(Number(cell[1]) - col) <= 1);
  }
  assert.deepEqual(way.at(-1), [0, 9]);
});
