// Practice: a name holds a round, each answer counts once, and the score says how many were right at once.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  drawnRound,
  lessonOf,
  nameOf,
  requestOf,
  roundAfter,
  roundOf,
  scoreWords,
  scoring,
} from "../../../static/js/lessons/practice.js";
import { createProgress, recordOf } from "../../../static/js/lessons/progress.js";
import { START, walked } from "../../../static/js/lessons/run.js";
import { asking } from "./asking.js";

/** @import { RunAction } from "../../../static/js/lessons/run.js" */

test("a name holds kind, seed and difficulty, and no name of a lesson is taken for one", () => {
  for (const kind of ["sizes", "receptive_fields", "sums-by-hand"])
    for (const difficulty of /** @type {const} */ ([1, 2, 3])) {
      const round = drawnRound(kind, difficulty, () => 0.123456);
      assert.deepEqual(roundOf(nameOf(round)), round);
      assert.match(nameOf(round), /^[a-z0-9][a-z0-9_-]{0,63}$/, "it stands in a link");
      const after = roundAfter(round);
      assert.deepEqual({ ...after, seed: 0 }, { ...round, seed: 0 });
      assert.notEqual(after.seed, round.seed);
      assert.deepEqual(requestOf(round), { ...round, count: 10, solutions: true });
    }
  for (const name of [
    "shapes",
    "practice",
    "practice-sizes",
    "practice-sizes-7-4",
    "practice--7-1",
    "practice-sizes-7",
  ])
    assert.equal(roundOf(name), null, name);
});

test("an exercise counts once, and as right when the first answer was", () => {
  const round = { kind: "sizes", seed: 7, difficulty: /** @type {const} */ (1) };
  const stage = { fragment: "#v1&op=convolution", controls: [] };
  const exercises = [3, 4, 5].map((key, number) => ({
    kind: "sizes",
    title: "Sizes",
    number,
    difficulty: 1,
    stage,
    ask: asking("number", key),
  }));
  const lesson = lessonOf(round, exercises);
  const progress = createProgress("here", () => {
    throw new Error("no store");
  });
  const counting = scoring(progress, round.kind);
  let run = START;
  /** @type {RunAction[]} */
  const actions = [
    { type: "answer", draft: "3" },
    { type: "next" },
    { type: "answer", draft: "9" },
    { type: "answer", draft: "4" },
    { type: "next" },
    { type: "reveal" },
    { type: "back" },
    { type: "answer", draft: "4" },
  ];
  for (const action of actions) {
    run = walked(lesson, run, action);
    counting.keep(lesson.name, recordOf(run, lesson.steps.length, 1, null));
  }
  assert.deepEqual(progress.read().practice, { sizes: { right: 1, of: 3 } });
  assert.deepEqual(progress.read().lessons, {});
  assert.match(scoreWords(progress.read().practice), /1 of 3/);
  assert.match(scoreWords({ sizes: { right: 1, of: 3 }, sums: { right: 4, of: 5 } }), /5 of 8/);
  assert.doesNotMatch(scoreWords({}), /\d/);
});
