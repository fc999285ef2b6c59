// Ink of strokes that are drawn on a pad.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inkOf, inkStroke } from "../../../static/js/train/drawing_pad.js";
import { draws } from "../support.js";

test("a stroke is ink where it passes, and paper away from it", () => {
  const values = new Float32Array(81);
  inkStroke(values, 9, [4.5, 1.5], [4.5, 7.5]);
  for (let row = 1; row < 8; row++) assert.equal(values[row * 9 + 4], 1);
  for (let row = 0; row < 9; row++) assert.equal(values[row * 9 + 1], 0);
});

test("ink stays from 0 to 1 and no stroke takes any away, wherever it is drawn", () => {
  const draw = draws(2);
  for (let turn = 0; turn < 50; turn++) {
    const side = draw.whole(3, 16);
    const values = new Float32Array(side * side);
    for (let stroke = 0; stroke < 4; stroke++) {
      const before = Float32Array.from(values);
      const point = () => /** @type {[number, number]} */ ([draw.random() * side, draw.random() * side]);
      inkStroke(values, side, point(), point());
      assert.ok(values.every((value, at) => value >= Number(before[at]) && value <= 1));
    }
    assert.ok(values.some((value) => value > 0));
  }
});

test("a picture is ink where it is dark on light paper, and where it is light on dark paper", () => {
  const drawn = Array.from({ length: 25 }, (_, at) => (at % 5 === 2 && at > 4 && at < 20 ? 255 : 0));
  const light = drawn.flatMap((value) => [value, value, value, 255]);
  const dark = drawn.flatMap((value) => [255 - value, 255 - value, 255 - value, 255]);
  const ink = Float32Array.from(drawn, (value) => value / 255);
  for (const pixels of [light, dark])
    for (const [at, value] of inkOf(pixels, 5).entries()) assert.ok(Math.abs(value - Number(ink[at])) < 1e-6);
});
