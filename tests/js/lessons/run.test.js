// A lesson survives whatever is done in it: ten thousand drawn actions, and leaving it anywhere and coming back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { textOf } from "../../../static/js/lessons/answers.js";
import { recordOf, resumed } from "../../../static/js/lessons/progress.js";
import {
  answerAt,
  askOf,
  fragmentOf,
  isSettled,
  metBy,
  START,
  scoreOf,
  walked,
} from "../../../static/js/lessons/run.js";
import { draws } from "../support.js";
import { asking, stepAsking } from "./asking.js";

/** @import { Ask, Lesson } from "../../../static/js/types/lesson.js" */
/** @import { Run, RunAction } from "../../../static/js/lessons/run.js" */

const AFTER = "#v1&op=convolution&padding=1";

/** @returns {Ask} */
function drawnAsk(/** @type {ReturnType<typeof draws>} */ { one, whole }) {
  return one([
    () => asking("number", whole(-9, 9), [11]),
    () => asking("number", 0.4583, [], 0, AFTER),
    () => asking("shape", [whole(1, 9), whole(1, 9)], [[10, 10]]),
    () => asking("choice", null, [null, null]),
    () =>
      asking(
        "cell",
        [
          [whole(0, 4), whole(0, 4)],
          [5, 5],
        ],
        [[[6, 6]]],
      ),
  ])();
}

/** @returns {Lesson} */
function drawnLesson(/** @type {ReturnType<typeof draws>} */ drawn) {
  const steps = Array.from({ length: drawn.whole(1, 10) }, () =>
    stepAsking(drawn.chance(0.6) ? drawnAsk(drawn) : null),
  );
  return { name: "drawn", title: "Drawn", steps };
}

/** @returns {RunAction} */
function drawnAction(
  /** @type {ReturnType<typeof draws>} */ { one, whole, chance },
  /** @type {Lesson} */ lesson,
  /** @type {Run} */ run,
) {
  const ask = askOf(lesson, run);
  const right = ask ? textOf(ask.kind, ask.key) : "1";
  const text = () =>
    chance(0.3)
      ? right
      : one(["", "four", "3", "−4", "0,46", "2×3", "1, 1", "0", "11", "\u0000", "9".repeat(400)]);
  return one([
    () => /** @type {RunAction} */ ({ type: "next" }),
    () => /** @type {RunAction} */ ({ type: "back" }),
    () => /** @type {RunAction} */ ({ type: "go", step: one([whole(-3, 12), 1.5, Number.NaN]) }),
    () => /** @type {RunAction} */ ({ type: "draft", draft: text() }),
    () => /** @type {RunAction} */ ({ type: "answer" }),
    () => /** @type {RunAction} */ ({ type: "answer", draft: text() }),
    () => /** @type {RunAction} */ (chance(0.2) ? { type: "reveal" } : { type: "back" }),
  ])();
}

const frozen = (/** @type {Run} */ run) => {
  for (const answer of Object.values(run.answers)) Object.freeze(answer);
  Object.freeze(run.answers);
  return Object.freeze(run);
};

test("ten thousand drawn actions break no lesson, and one left at any moment goes on as it was", () => {
  const drawn = draws(1017);
  let lesson = drawnLesson(drawn);
  let run = frozen(START);
  let record = recordOf(run, lesson.steps.length, 0, null);
  for (let turn = 1; turn <= 10_000; turn++) {
    if (drawn.chance(0.01)) {
      lesson = drawnLesson(drawn);
      run = frozen(START);
      record = recordOf(run, lesson.steps.length, turn, null);
    }
    const action = drawnAction(drawn, lesson, run);
    const next = frozen(walked(lesson, run, action));
    assert.ok(
      Number.isInteger(next.at) && next.at >= 0 && next.at < lesson.steps.length,
      JSON.stringify(action),
    );
    for (const [step, answer] of Object.entries(run.answers))
      if (isSettled(answer)) assert.equal(next.answers[step], answer, "what is settled stays");
    for (const step of Object.keys(next.answers))
      assert.ok(lesson.steps[Number(step)]?.ask, "only questions are answered");
    assert.ok(next.done || !run.done, "a lesson that was done stays done");
    const { right, of } = scoreOf(lesson, next);
    assert.ok(right >= scoreOf(lesson, run).right && right <= of);
    const met = metBy(lesson, next);
    assert.equal(met === null, !lesson.steps[next.at]?.ask);
    if (met && isSettled(answerAt(next))) assert.equal(met.hides, null);
    record = recordOf(next, lesson.steps.length, turn, record);
    assert.deepEqual(resumed(JSON.parse(JSON.stringify(record)), lesson.steps.length), next);
    run = next;
  }
});

test("a question hides what would give it away until it is answered or shown", () => {
  const number = asking("number", 4, [5], 0, AFTER);
  const steps = [number, asking("shape", [3, 3]), null].map(stepAsking);
  /** @type {Lesson} */
  const lesson = { name: "one", title: "One", steps };
  const after = (/** @type {RunAction[]} */ ...actions) =>
    actions.reduce((run, action) => walked(lesson, run, action), START);
  const given = (/** @type {string} */ draft) => after({ type: "answer", draft });
  const { explanation: why } = number;
  assert.deepEqual(metBy(lesson, START), { state: "open", words: null, hides: "value" });
  assert.deepEqual(metBy(lesson, given("5")), {
    state: "wrong",
    words: number.wrong[0]?.explanation,
    hides: "value",
  });
  assert.deepEqual(metBy(lesson, given("4")), { state: "right", words: why, hides: null });
  assert.deepEqual(metBy(lesson, after({ type: "reveal" })), {
    state: "shown",
    words: why,
    hides: null,
  });
  assert.equal(metBy(lesson, after({ type: "next" }))?.hides, "shape");
  assert.equal(metBy(lesson, after({ type: "go", step: 2 })), null);
  assert.deepEqual(
    scoreOf(lesson, after({ type: "answer", draft: "4" }, { type: "next" }, { type: "reveal" })),
    {
      right: 1,
      of: 2,
    },
  );
  // The stage shows what comes of it once it is settled, and not before.
  assert.equal(fragmentOf(lesson, given("5")), "#v1&op=convolution");
  assert.equal(fragmentOf(lesson, given("4")), AFTER);
  // Typing after a wrong answer takes back what was said of it; the same text leaves it.
  assert.equal(
    metBy(lesson, after({ type: "answer", draft: "5" }, { type: "draft", draft: "5" }))?.state,
    "wrong",
  );
  assert.equal(
    metBy(lesson, after({ type: "answer", draft: "5" }, { type: "draft", draft: "" }))?.state,
    "open",
  );
  assert.equal(after({ type: "answer", draft: "5" }, { type: "answer" }).answers[0]?.tries, 1);
});
