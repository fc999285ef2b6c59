// Numbers as people type them: what a box takes, and what it does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { numberIn } from "../../../static/js/ui/number_box.js";
import { typed } from "../../../static/js/words/format.js";
import { tell } from "../../../static/js/words/stage.js";
import { draws } from "../support.js";

test("a comma before the decimals is a point, whatever the number", () => {
  const { random, whole, chance } = draws(19);
  for (let round = 0; round < 2000; round++) {
    const value = Number(((random() - 0.5) * 10 ** whole(-3, 4)).toFixed(whole(0, 6)));
    const words = (chance(0.5) ? String(value) : value.toFixed(6)).replace("-", chance(0.5) ? "−" : "-");
    for (const one of [words, words.replace(".", ","), ` ${words} `])
      assert.equal(
        typed(one),
        Object.is(value, -0) ? Number(one.trim().replace("−", "-").replace(",", ".")) : value,
      );
  }
});

test("fractions are numbers, and nothing else is", () => {
  for (const [words, value] of /** @type {[string, number][]} */ ([
    ["1/2", 0.5],
    ["-3 / 4", -0.75],
    ["0,5/2", 0.25],
    [".5", 0.5],
    ["1e-3", 0.001],
    ["+2", 2],
  ]))
    assert.equal(typed(words), value, words);
  for (const words of ["", " ", "abc", "1/", "/2", "1/2/3", "1.2.3", "1,000.5", "1 2", "NaN", "0/0", "5 px"])
    assert.equal(typed(words), null, words);
});

test("a box takes the numbers that it says it takes", () => {
  const box = (/** @type {string} */ value, dataset = {}) =>
    numberIn(/** @type {any} */ ({ value, dataset }));
  const whole = { whole: "", low: "1", high: "64" };
  for (const [words, value] of /** @type {[string, number | null][]} */ ([
    ["3", 3],
    [" 64 ", 64],
    ["0", null],
    ["65", null],
    ["0,5", null],
    ["3.0", null],
    ["1,000", null],
    ["6/2", null],
    ["", null],
    ["three", null],
  ]))
    assert.equal(box(words, whole), value, words);
  assert.equal(box("−0,5"), -0.5);
  assert.equal(box("1e39", { low: "-3.4e38", high: "3.4e38" }), null);
});

test("rejected text gets a message with the number that is back", () => {
  assert.equal(tell.noNumber("abc", "3", true, null, null), "“abc” is not a whole number: 3 is back.");
  assert.equal(tell.noNumber("", "0.5", false, null, null), "Nothing was typed: 0.5 is back. Type a number.");
  assert.match(tell.noNumber("99", "3", true, "1", "64"), /not a whole number from 1 to 64: 3 is back/);
});
