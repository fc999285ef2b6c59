// Progress of two tabs merges in whatever order it comes, and a browser that keeps nothing costs nothing but that.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createProgress,
  merged,
  nothing,
  parsed,
  recordOf,
  resumed,
} from "../../../static/js/lessons/progress.js";
import { START } from "../../../static/js/lessons/run.js";
import { draws } from "../support.js";

/** @import { Kept, KeptAnswer } from "../../../static/js/lessons/progress.js" */

/** @returns {Kept} */
function drawnRecord(/** @type {ReturnType<typeof draws>} */ { one, whole, chance }) {
  /** @type {Record<string, KeptAnswer>} */
  const answers = {};
  for (const step of [0, 2, 3])
    if (chance(0.6))
      answers[step] = {
        draft: one(["", "4", "5"]),
        tries: whole(0, 2),
        state: one(["open", "wrong", "right", "shown"]),
        changed: whole(0, 3),
      };
  return {
    begun: whole(0, 1),
    of: one([4, 4, 5]),
    at: whole(0, 3),
    changed: whole(0, 3),
    done: chance(0.3),
    answers,
  };
}

test("records merge the same in any order, in any grouping, and however often", () => {
  const drawn = draws(71);
  for (let round = 0; round < 3000; round++) {
    const [a, b, c] = [drawnRecord(drawn), drawnRecord(drawn), drawnRecord(drawn)];
    assert.deepEqual(merged(a, b), merged(b, a));
    assert.deepEqual(merged(merged(a, b), c), merged(a, merged(b, c)));
    assert.deepEqual(merged(a, a), a);
  }
});

test("two tabs in one lesson add up their answers, and each keeps its place", () => {
  const kept = new Map();
  const store = {
    getItem: (/** @type {string} */ name) => kept.get(name) ?? null,
    setItem: (/** @type {string} */ name, /** @type {string} */ text) => void kept.set(name, text),
  };
  const [one, other] = [createProgress("here", () => store), createProgress("here", () => store)];
  const right = { draft: "4", tries: 1, state: /** @type {const} */ ("right") };
  const mine = recordOf({ at: 1, answers: { 0: right }, done: false }, 5, 10, null);
  one.keep("shapes", mine);
  const theirs = recordOf({ at: 3, answers: { 2: { ...right, draft: "7" } }, done: false }, 5, 20, {
    ...mine,
    answers: {},
  });
  other.keep("shapes", theirs);
  one.keep("shapes", recordOf({ at: 2, answers: { 0: right }, done: false }, 5, 30, mine));
  const run = resumed(other.read().lessons.shapes, 5);
  assert.deepEqual(run, { at: 2, answers: { 0: right, 2: { ...right, draft: "7" } }, done: false });
  one.count("sizes", true);
  other.count("sizes", false);
  assert.deepEqual(one.read().practice.sizes, { right: 1, of: 2 });
  assert.ok(one.keeps() && other.keeps());
  one.forget();
  assert.deepEqual(other.read(), nothing());
});

test("without a store everything works until the page goes, and says so", () => {
  const progress = createProgress("here", () => {
    throw new Error("denied");
  });
  const record = recordOf({ ...START, at: 2 }, 5, 1, null);
  progress.keep("shapes", record);
  progress.count("sizes", true);
  assert.equal(progress.keeps(), false);
  assert.deepEqual(progress.read().lessons.shapes, record);
  assert.deepEqual(progress.read().practice.sizes, { right: 1, of: 1 });
  const full = createProgress("here", () => ({
    getItem: () => null,
    setItem() {
      throw new Error("quota");
    },
  }));
  full.keep("shapes", record);
  assert.equal(full.keeps(), false);
  assert.deepEqual(full.read().lessons.shapes, record);
});

test("what somebody else put there is nothing, and other lessons beside it stay", () => {
  const good = recordOf({ ...START, at: 2 }, 5, 1, null);
  const text = JSON.stringify({
    version: 1,
    lessons: {
      good,
      far: { ...good, at: 9 },
      odd: { ...good, answers: { 0: { draft: 4 } } },
      none: null,
      list: { ...good, answers: null },
    },
    practice: { sizes: { right: 1, of: 2 }, odd: { right: "many" } },
  });
  const { lessons, practice } = parsed(text);
  assert.deepEqual(lessons.good, good);
  assert.deepEqual(practice, { sizes: { right: 1, of: 2 } });
  assert.ok(!("far" in lessons) && !("odd" in lessons) && !("none" in lessons));
  for (const other of [null, "", "{", "7", '{"version":2}']) assert.deepEqual(parsed(other), nothing());
});

test("a lesson that has other steps by now begins afresh", () => {
  const record = recordOf({ ...START, at: 4 }, 5, 1, null);
  assert.equal(resumed(record, 5).at, 4);
  assert.deepEqual(resumed(record, 6), START);
  assert.deepEqual(resumed(undefined, 6), START);
});
