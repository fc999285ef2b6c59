// Answers are read as people type them, in any country's way, and wrong ones are met with their reason.

import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, numbersIn, sizesIn, textOf } from "../../../static/js/lessons/answers.js";
import { number } from "../../../static/js/words/format.js";
import { draws } from "../support.js";
import { asking } from "./asking.js";

/** @import { Ask } from "../../../static/js/types/lesson.js" */

const numbered = (/** @type {number} */ key, tolerance = 0) => asking("number", key, [], tolerance);
const verdict = (/** @type {Ask} */ ask, /** @type {string} */ text) => judge(ask, text).verdict;

test("decimal commas, minus signs, fractions and grouped thousands are read", () => {
  assert.deepEqual(numbersIn("0,5"), [0.5]);
  assert.deepEqual(numbersIn(" −4 "), [-4]);
  assert.deepEqual(numbersIn("1/4"), [0.25]);
  assert.deepEqual(numbersIn("1,792"), [1.792, 1792]);
  assert.deepEqual(numbersIn("1 792"), [1792]);
  assert.deepEqual(numbersIn("112.640"), [112.64, 112640]);
  for (const text of ["", "  ", "four", "3×3", "Infinity"]) assert.deepEqual(numbersIn(text), [], text);
});

test("a shape and a place are read with whatever stands between their numbers", () => {
  for (const text of ["64×3×3", "64x3x3", "64, 3, 3", "(64, 3, 3)", "64 3 3", "[64,3,3]", "64 * 3 * 3"])
    assert.deepEqual(sizesIn(text), [64, 3, 3], text);
  assert.deepEqual(sizesIn("row 2, col 5"), [2, 5]);
  assert.deepEqual(sizesIn("Row 0 column 1"), [0, 1]);
  for (const text of ["", "a×b", "3.5×2", "one"]) assert.equal(sizesIn(text), null, text);
});

test("every key is right as the page prints it, with a point or a comma, and its negative is wrong", () => {
  const { random, whole } = draws(17);
  for (let round = 0; round < 2000; round++) {
    const key = round % 2 ? whole(-5000, 5000) : (random() - 0.5) * 10 ** whole(-2, 3);
    if (Math.abs(key) < 0.01 || Math.abs(key) >= 1e6) continue;
    const typedNumber = number(key, 4);
    assert.equal(verdict(numbered(key), typedNumber), "right", `${key} as ${typedNumber}`);
    if (!typedNumber.includes(","))
      assert.equal(verdict(numbered(key), typedNumber.replace(".", ",")), "right", typedNumber);
    assert.equal(verdict(numbered(-key), typedNumber), "wrong", `${-key} as ${typedNumber}`);
  }
});

test("a rounded number is right with two digits, and with one it is too rough", () => {
  assert.equal(verdict(numbered(0.4583), "0.46"), "right");
  assert.equal(verdict(numbered(0.4583), ".458"), "right");
  assert.equal(verdict(numbered(0.4583), "0.5"), "wrong");
  assert.equal(verdict(numbered(0.4583), "0.45"), "wrong");
  assert.equal(verdict(numbered(1 / 3), "1/3"), "right");
  assert.equal(verdict(numbered(4), "4.1"), "wrong");
  assert.equal(verdict(numbered(1792), "1.792"), "right");
  assert.equal(verdict(numbered(2.5, 0.5), "3"), "right");
});

test("a wrong answer is met with the arithmetic that leads to it, and a right one with its own", () => {
  const ask = asking("shape", [64, 3, 3], [[64, 2, 2]]);
  assert.deepEqual(judge(ask, "64×3×3"), { verdict: "right", words: ask.explanation });
  assert.deepEqual(judge(ask, "64, 2, 2"), { verdict: "wrong", words: ask.wrong[0]?.explanation });
  assert.deepEqual(judge(ask, "64×4×4"), { verdict: "wrong", words: null });
  assert.deepEqual(judge(ask, "six"), { verdict: "unreadable", words: null });
});

test("a choice is answered by its option, and a cell by any that is meant", () => {
  const choice = asking("choice", null, [null, null]);
  assert.deepEqual(judge(choice, "wrong1"), { verdict: "wrong", words: choice.wrong[1]?.explanation });
  assert.equal(verdict(choice, "0"), "unreadable");
  const cell = asking(
    "cell",
    [
      [2, 5],
      [0, 0],
    ],
    [[[1, 1]]],
  );
  for (const text of ["row 2, col 5", "0 0"]) assert.equal(verdict(cell, text), "right", text);
  assert.equal(verdict(cell, "5, 2"), "wrong");
  assert.deepEqual(judge(cell, "1,1").words, cell.wrong[0]?.explanation);
});

test("every option, given as its text, is judged as what it is", () => {
  const all = [
    asking("number", -4.25, [4.25, 0]),
    asking("shape", [2, 3], [[3, 2]]),
    asking("choice", null, [null]),
    asking("cell", [[4]], [[[3], [2]]]),
  ];
  for (const ask of all) {
    assert.equal(verdict(ask, textOf(ask.kind, ask.key)), "right", ask.kind);
    for (const wrong of ask.wrong)
      assert.deepEqual(
        judge(ask, textOf(ask.kind, wrong)),
        { verdict: "wrong", words: wrong.explanation },
        ask.kind,
      );
  }
});
