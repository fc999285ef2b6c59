// Numbers, sizes and shapes as people read them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  aligned,
  bytes,
  count,
  equalSign,
  inRoom,
  many,
  number,
  shape,
  tuple,
} from "../../../static/js/words/format.js";
import { fromJson, reading, toJson } from "../../../static/js/words/written.js";
import { draws } from "../support.js";

test("numbers are shown in a few significant digits, with a real minus", () => {
  for (const [value, text] of /** @type {const} */ ([
    [0, "0"],
    [-0, "0"],
    [7, "7"],
    [-1.5, "−1.5"],
    [0.25, "0.25"],
    [Math.fround(0.2), "0.2"],
    [1 / 3, "0.3333"],
    [2 / 3, "0.6667"],
    [12.3456, "12.35"],
    [1234.56, "1,235"],
    [255, "255"],
    [84_672, "84,672"],
    [0.99999, "1"],
    [9.99996, "10"],
    [99_999.5, "100,000"],
    [999_999.9, "1·10⁶"],
    [0.001, "0.001"],
    [0.00012347, "1.235·10⁻⁴"],
    [-1.5e9, "−1.5·10⁹"],
    [3e38, "3·10³⁸"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "∞"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])) {
    assert.equal(number(value), text);
  }
  assert.equal(number(0.123456, 2), "0.12");
});

test("fixed numbers keep their width", () => {
  const shown = (/** @type {number} */ value) => number(value, 3, { fixed: true });
  assert.deepEqual([0, 1, 0.5, 12, 255, 1.25].map(shown), ["0.00", "1.00", "0.500", "12.0", "255", "1.25"]);
  assert.equal(number(1.5e9, 3, { fixed: true }), "1.50·10⁹");
});

test("a shown number is never further off than its digits", () => {
  const { random, whole } = draws(2);
  const digit = (/** @type {string} */ mark) => String("⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(mark));
  for (let round = 0; round < 20_000; round++) {
    const value = (random() - 0.5) * 10 ** whole(-12, 20);
    const digits = whole(1, 6);
    const plain = number(value, digits)
      .replaceAll(",", "")
      .replace("−", "-")
      .replace("·10", "e")
      .replace("⁻", "-")
      .replace(/[⁰¹²³⁴-⁹]/g, digit);
    assert.ok(
      Math.abs(Number(plain) - value) <= Math.abs(value) * 0.51 * 10 ** (1 - digits),
      `${value} ${plain}`,
    );
  }
});

test("the equals sign says whether the text is the number", () => {
  assert.equal(equalSign(Math.fround(0.2)), "=");
  assert.equal(equalSign(1 / 3), "≈");
  assert.equal(equalSign(123_456), "=");
  assert.equal(equalSign(Number.NaN), "=");
});

test("counts, shapes and sizes", () => {
  assert.equal(count(84_672), "84,672");
  assert.equal(count(-1234), "−1,234");
  assert.equal(many(1, "step"), "1 step");
  assert.equal(many(0, "axis", "axes"), "0 axes");
  assert.equal(many(1960, "step"), "1,960 steps");
  assert.equal(shape([3, 28, 28]), "3×28×28");
  assert.equal(tuple([3, 28]), "(3, 28)");
  assert.equal(tuple([5]), "(5,)");
  assert.equal(bytes(1), "1 byte");
  assert.equal(bytes(812), "812 bytes");
  assert.equal(bytes(3140), "3.1 kB");
  assert.equal(bytes(999_999), "1 MB");
  assert.equal(bytes(57_000_000), "57 MB");
  assert.equal(aligned("5", 3), "\u2007\u20075");
});

test("a pixel can be read on either scale", () => {
  assert.equal(reading(0.5, "0-1", "0-255"), 127.5);
  assert.equal(reading(255, "0-255", "0-1"), 1);
  assert.equal(reading(0.5, "0-1", "0-1"), 0.5);
});

test("numbers that JSON cannot hold travel by name", () => {
  for (const value of [1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    assert.ok(Object.is(fromJson(toJson(value)), value));
  }
});

test("a number in a cell keeps to its room and never claims to be zero", () => {
  for (const [value, room, text] of /** @type {const} */ ([
    [0, 2, "0"],
    [0.333, 5, "0.333"],
    [-0.333, 4, "−.33"],
    [0.00138, 4, ".001"],
    [0.000913, 4, ".001"],
    [0.0000913, 4, "≈0"],
    [-0.0000913, 4, "≈0"],
    [123_456, 4, "1e5"],
    [-2.5e9, 4, "−3e9"],
    [Number.NEGATIVE_INFINITY, 3, "−∞"],
  ]))
    assert.equal(inRoom(value, 3, room), text);
  const { random, whole } = draws(5);
  for (let round = 0; round < 2000; round++) {
    const value = (random() - 0.5) * 10 ** whole(-10, 10);
    assert.ok(inRoom(value, 4, 4).length <= 4, `${value}: ${inRoom(value, 4, 4)}`);
  }
});
