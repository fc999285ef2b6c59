// The canvas: numbers in cells, as they are printed on a context that keeps a record of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { stage } from "../../../static/js/picture/canvas.js";

/** @import { Palette } from "../../../static/js/picture/canvas.js" */

/** Of a letter, as a share of its size: a minus and a digit as wide as Source Sans has them, a point narrower. */
const wide = (/** @type {string} */ text) =>
  [...text].reduce((total, one) => total + (one === "." ? 0.25 : 0.5), 0);

/** A canvas whose context records what is written, with its size and place. */
function recorder() {
  /** @type {{ text: string, x: number, size: number }[]} */
  const written = [];
  const context = {
    font: "",
    canvas: { width: 0, height: 0 },
    setTransform() {},
    clearRect() {},
    measureText: (/** @type {string} */ text) => ({ width: wide(text) * Number.parseFloat(context.font) }),
    fillText(/** @type {string} */ text, /** @type {number} */ x) {
      written.push({ text, x, size: Number.parseFloat(context.font) });
    },
  };
  const canvas = /** @type {HTMLCanvasElement} */ (/** @type {unknown} */ ({ getContext: () => context }));
  return { written, canvas };
}

/** The texts that are printed of values in one row of cells. */
function printed(/** @type {number[]} */ values, /** @type {number} */ cell, tall = cell) {
  const { written, canvas } = recorder();
  const box = { x: 0, y: 0, cell, tall, rows: 1, cols: values.length, top: 0, left: 0 };
  const plane = {
    ...{ data: values, offset: 0, stride: values.length, limit: values.length, version: 0 },
    ...{ rows: Int32Array.of(0), cols: Int32Array.from(values.keys()), scale: null, rgb: null },
  };
  const marks = [{ kind: /** @type {const} */ ("numbers"), box, plane, digits: 3, padding: null }];
  const palette = /** @type {Palette} */ ({ font: "sans" });
  stage(recorder().canvas, canvas)({ base: [], live: marks }, palette, { width: 9, height: 9, ratio: 1 });
  return written;
}

test("a printed number stays clear of the edges of its cell, the more the larger the cell", () => {
  const values = [-0.0029, -2.27, -1.87, 0.264, -0.15, 1234, -98765, 7e-9];
  for (let cell = 19; cell <= 76; cell++) {
    for (const { text, x, size } of printed(values, cell)) {
      const free = cell / 2 - (wide(text) * size) / 2 - Math.abs((x % cell) - cell / 2);
      assert.ok(free >= (cell < 40 ? 1.2 : cell < 60 ? 3 : 5), `${text} in ${cell} leaves ${free}`);
      assert.ok(size >= 10.5, `${size}`);
    }
  }
});

test("equal numbers are printed alike, wherever they stand", () => {
  const written = printed([1, -1, 1, -1, 1], 34);
  assert.deepEqual(
    written.map(({ text }) => text),
    ["1", "−1", "1", "−1", "1"],
  );
  assert.equal(new Set(written.map(({ size }) => size)).size, 1);
});

test("cells too flat for letters that can be read keep their colour only", () => {
  assert.equal(printed([1, 2, 3], 57, 8).length, 0);
  assert.equal(printed([1, 2, 3], 57, 16).length, 3);
});

test("a canvas in a room keeps its pixels while a slider changes the height of the picture", () => {
  const { canvas } = recorder();
  let allocated = 0;
  const pixels = new Proxy(canvas, {
    set(of, name, value) {
      if (name === "height") allocated += 1;
      return Reflect.set(of, name, value);
    },
  });
  const context = canvas.getContext("2d");
  assert.ok(context);
  Object.assign(context, { canvas: pixels, clearRect() {} });
  const draw = stage(recorder().canvas, canvas);
  const palette = /** @type {Palette} */ ({ font: "sans" });
  const drawn = (/** @type {number} */ height, /** @type {number | undefined} */ room) => {
    draw({ base: [], live: [] }, palette, { width: 90, height, ratio: 2, ...(room ? { room } : {}) });
    return canvas.height;
  };
  assert.deepEqual([drawn(50, 60), drawn(41, 60), drawn(60, 60)], [120, 120, 120]);
  assert.equal(allocated, 1);
  assert.equal(drawn(70, 60), 140, "a picture that is higher than its room has all of its pixels");
  assert.equal(drawn(50, undefined), 100, "and one on a page that scrolls has no others");
});
