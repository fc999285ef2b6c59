// One person's way through one lesson: the step, and what was answered at each. Pure: an action gives the next run.
// Knows no stage, no browser and no words; what a step shows is decided here and drawn elsewhere.

import { judge } from "./answers.js";

/** @import { Ask, Hides, Inline, Lesson } from "../types/lesson.js" */

/**
 * The answers at a step. Right and shown are settled: neither is taken back.
 * @typedef {object} Answer
 * @property {string} draft what stands in the field; of a choice the id of the option, of a cell `row, col`
 * @property {number} tries @property {"open" | "unreadable" | "wrong" | "right" | "shown"} state
 */
/**
 * @typedef {object} Run
 * @property {number} at the lesson step on view @property {Record<string, Answer>} answers by lesson step
 * @property {boolean} done whether the last step was left behind
 */
/**
 * @typedef {{ type: "next" } | { type: "back" } | { type: "go", step: number } | { type: "draft", draft: string }
 *   | { type: "answer", draft?: string } | { type: "reveal" }} RunAction
 */

/** @type {Run} */
export const START = { at: 0, answers: {}, done: false };
/** @type {Answer} */
const UNASKED = { draft: "", tries: 0, state: "open" };

/** The question of the step on view. @returns {Ask | null} */
export function askOf(/** @type {Lesson} */ lesson, /** @type {Run} */ { at }) {
  return lesson.steps[at]?.ask ?? null;
}

/** @returns {Answer} */
export function answerAt(/** @type {Run} */ { answers, at }) {
  return answers[at] ?? UNASKED;
}

/** The state of the stage that belongs to the step on view: after the answer it can be another. */
export function fragmentOf(/** @type {Lesson} */ lesson, /** @type {Run} */ run) {
  const { stage, ask } = /** @type {import("../types/lesson.js").LessonStep} */ (lesson.steps[run.at]);
  return (isSettled(answerAt(run)) && ask?.then) || stage.fragment;
}

export function isSettled(/** @type {Answer} */ { state }) {
  return state === "right" || state === "shown";
}

/** @param {Lesson} lesson @param {Run} run @param {RunAction} action @returns {Run} */
export function walked(lesson, run, action) {
  const last = lesson.steps.length - 1;
  switch (action.type) {
    case "next":
      return run.at < last ? { ...run, at: run.at + 1 } : { ...run, done: true };
    case "back":
      return run.at > 0 ? { ...run, at: run.at - 1 } : run;
    case "go": {
      const at = Math.min(last, Math.max(0, Math.trunc(action.step) || 0));
      return at === run.at ? run : { ...run, at };
    }
    default:
      return answered(lesson, run, action);
  }
}

/** @param {Lesson} lesson @param {Run} run @param {Extract<RunAction, { type: "draft" | "answer" | "reveal" }>} action @returns {Run} */
function answered(lesson, run, action) {
  const ask = askOf(lesson, run);
  const before = answerAt(run);
  if (!ask || isSettled(before)) return run;
  /** @type {Answer} */
  let next = before;
  if (action.type === "reveal") next = { ...before, state: "shown" };
  else if (action.type === "draft") {
    // The words about another answer stay until there is another answer.
    const state = action.draft === before.draft ? before.state : "open";
    next = { ...before, draft: action.draft, state };
  } else {
    const draft = action.draft ?? before.draft;
    const { verdict } = judge(ask, draft);
    const again = before.state === verdict && before.draft === draft;
    const tries = before.tries + (verdict === "unreadable" || again ? 0 : 1);
    next = { draft, tries, state: verdict };
  }
  return { ...run, answers: { ...run.answers, [run.at]: next } };
}

/** How many questions there are, and how many were answered without being shown. */
export function scoreOf(/** @type {Lesson} */ lesson, /** @type {Run} */ { answers }) {
  const asked = lesson.steps.flatMap(({ ask }, step) => (ask ? [answers[step]?.state] : []));
  return { of: asked.length, right: asked.filter((state) => state === "right").length };
}

/**
 * The question of the step on view, as it is shown.
 * @param {Lesson} lesson @param {Run} run
 * @returns {{ state: Answer["state"], words: Inline | null, hides: Hides | null } | null}
 */
export function metBy(lesson, run) {
  const ask = askOf(lesson, run);
  if (!ask) return null;
  const { state, draft } = answerAt(run);
  const words = state === "shown" ? ask.explanation : state === "open" ? null : judge(ask, draft).words;
  const settled = state === "right" || state === "shown";
  const hides = ask.hides ?? HIDES[ask.kind];
  return { state, words, hides: settled || hides === "nothing" ? null : hides };
}

/** The part that the stage would give away of each kind of question. @type {Record<Ask["kind"], Hides | null>} */
const HIDES = { number: "value", shape: "shape", choice: "output", cell: null };
