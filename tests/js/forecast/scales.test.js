// Places of charts: round ticks, ranges, powers of ten.

import assert from "node:assert/strict";
import { test } from "node:test";
import { pointsOf, powersOf, rangeOf, scale, ticksOf } from "../../../static/js/forecast/scales.js";

test("ticks are round, lie within the range, and are no more than asked for", () => {
  for (const [low, high] of [
    [0, 1],
    [-1.3, 2.7],
    [0.001, 0.0042],
    [228, 295],
    [-1e6, 3e9],
  ]) {
    for (const count of [2, 5, 8]) {
      const ticks = ticksOf(Number(low), Number(high), count);
      assert.ok(ticks.length <= count + 1);
      for (const tick of ticks) {
        assert.ok(tick >= Number(low) - 1e-9 && tick <= Number(high) + 1e-9 * Number(high));
      }
      const apart = Number(ticks[1]) - Number(ticks[0]);
      if (ticks.length > 1)
        assert.ok([1, 2, 5].includes(Math.round(apart / 10 ** Math.floor(Math.log10(apart) + 1e-9))));
    }
  }
  assert.deepEqual(ticksOf(-1, 2, 5), [-1, 0, 1, 2]);
});

test("a range leaves out what is no number, and is never empty", () => {
  assert.deepEqual(rangeOf([3, Number.NaN, -1, Number.POSITIVE_INFINITY]), [-1, 3]);
  assert.deepEqual(rangeOf([5, 5]), [4, 6]);
  assert.deepEqual(rangeOf([]), [0, 1]);
});

test("a scale takes the ends of a range to its places, and a line leaves gaps out", () => {
  const x = scale([10, 20], [100, 0]);
  assert.deepEqual([x(10), x(15), x(20)], [100, 50, 0]);
  assert.equal(
    pointsOf([
      [0, 1],
      [Number.NaN, 2],
      [2, 3],
    ]),
    "0.0,1.0 2.0,3.0",
  );
});

test("powers of ten hold every number above 0, and one more below for 0", () => {
  assert.deepEqual(powersOf([0.5, 0.002, 0]), [-4, 0]);
  assert.deepEqual(powersOf([40, 3]), [-1, 2]);
  assert.deepEqual(powersOf([]), [-1, 1]);
});
