// How far a person came in each lesson, kept in the browser: records that two tabs write merge and never undo one another.
// Knows a store, which may be missing, and no lesson.

import { START } from "./run.js";

/** @import { Answer, Run } from "./run.js" */

/** @typedef {Answer & { changed: number }} KeptAnswer */
/**
 * The record of one lesson. `begun` is when it was begun afresh: of two beginnings the later holds.
 * @typedef {{ begun: number, of: number, at: number, changed: number, done: boolean, answers: Record<string, KeptAnswer> }} Kept
 */
/** @typedef {{ right: number, of: number }} Score */
/** @typedef {{ version: 1, lessons: Record<string, Kept>, practice: Record<string, Score> }} Progress */
/** @typedef {Pick<Storage, "getItem" | "setItem">} Store */

/** @returns {Progress} */
export function nothing() {
  return { version: 1, lessons: {}, practice: {} };
}

/** Of two the one that is greater, compared part by part. @template Part @param {Part} one @param {Part} other @param {(part: Part) => (number | string)[]} by */
function greater(one, other, by) {
  const [mine, theirs] = [by(one), by(other)];
  for (const [at, part] of mine.entries()) {
    const against = /** @type {number | string} */ (theirs[at]);
    if (part !== against) return part > against ? one : other;
  }
  return one;
}

/** @returns {KeptAnswer} */
function mergedAnswer(/** @type {KeptAnswer} */ one, /** @type {KeptAnswer} */ other) {
  const settled = (/** @type {KeptAnswer} */ { state }) => ({ right: 2, shown: 1 })[String(state)] ?? 0;
  return greater(one, other, (answer) => [
    settled(answer),
    answer.changed,
    answer.tries,
    answer.state,
    answer.draft,
  ]);
}

/** Two records of one lesson as one: whichever comes first, and however often. @param {Kept} one @param {Kept} other @returns {Kept} */
export function merged(one, other) {
  if (one.begun !== other.begun || one.of !== other.of)
    return greater(one, other, ({ begun, of }) => [begun, of]);
  const later = greater(one, other, ({ changed, at }) => [changed, at]);
  const answers = { ...one.answers };
  for (const [step, answer] of Object.entries(other.answers)) {
    const mine = answers[step];
    answers[step] = mine ? mergedAnswer(mine, answer) : answer;
  }
  return { ...later, done: one.done || other.done, answers };
}

/**
 * The record of a run; an answer that stayed as it was keeps the time of its change.
 * @param {Run} run @param {number} of steps of the lesson @param {number} now @param {Kept | null} before @returns {Kept}
 */
export function recordOf(run, of, now, before) {
  const answers = Object.fromEntries(
    Object.entries(run.answers).map(([step, answer]) => {
      const kept = before?.answers[step];
      const stays =
        kept && kept.draft === answer.draft && kept.state === answer.state && kept.tries === answer.tries;
      return [step, stays ? kept : { ...answer, changed: now }];
    }),
  );
  return { begun: before?.begun ?? now, of, at: run.at, changed: now, done: run.done, answers };
}

/** The run that goes on from a record; a lesson that has another number of steps by now is begun afresh. @returns {Run} */
export function resumed(/** @type {Kept | undefined} */ kept, /** @type {number} */ of) {
  if (!kept || kept.of !== of) return START;
  const answers = Object.fromEntries(
    Object.entries(kept.answers).map(([step, { changed: _, ...answer }]) => [step, answer]),
  );
  return { at: kept.at, answers, done: kept.done };
}

/** The progress that a text keeps; anything else than a record of this version is nothing. @returns {Progress} */
export function parsed(/** @type {string | null} */ text) {
  try {
    const found = JSON.parse(text ?? "null");
    if (found?.version !== 1) return nothing();
    const lessons = Object.entries(found.lessons ?? {}).filter(([, one]) => isKept(one));
    const practice = Object.entries(found.practice ?? {}).filter(([, one]) => isScore(one));
    return { version: 1, lessons: Object.fromEntries(lessons), practice: Object.fromEntries(practice) };
  } catch {
    return nothing();
  }
}

const isCount = (/** @type {unknown} */ one) => typeof one === "number" && one >= 0 && Number.isFinite(one);
const isScore = (/** @type {any} */ one) => isCount(one?.right) && isCount(one?.of);
const STATES = ["open", "unreadable", "wrong", "right", "shown"];

/** @returns {boolean} */
function isKept(/** @type {any} */ one) {
  const counts = [one?.begun, one?.of, one?.at, one?.changed].every(isCount);
  if (!counts || one.at >= one.of || typeof one.done !== "boolean" || typeof one.answers !== "object")
    return false;
  return Object.values(one.answers ?? {}).every(
    (/** @type {any} */ { draft, tries, state, changed } = {}) =>
      typeof draft === "string" && isCount(tries) && STATES.includes(state) && isCount(changed),
  );
}

/**
 * The progress kept under a name. Each change is made to what the store holds at that moment, so that tabs add up.
 * @param {string} name @param {() => Store} open throws where a browser keeps nothing
 */
export function createProgress(name, open) {
  let memory = nothing();
  let keeps = true;
  const read = () => {
    try {
      if (keeps) memory = parsed(open().getItem(name));
    } catch {
      keeps = false;
    }
    return memory;
  };
  const write = (/** @type {Progress} */ next) => {
    memory = next;
    try {
      if (keeps) open().setItem(name, JSON.stringify(next));
    } catch {
      keeps = false;
    }
    return next;
  };
  read();
  return {
    read,
    /** Whether the browser keeps it beyond this page. */
    keeps: () => keeps,
    keep(/** @type {string} */ lesson, /** @type {Kept} */ record) {
      const all = read();
      const before = all.lessons[lesson];
      const next = before ? merged(before, record) : record;
      write({ ...all, lessons: { ...all.lessons, [lesson]: next } });
      return next;
    },
    /** One more exercise of a kind. */
    count(/** @type {string} */ kind, /** @type {boolean} */ right) {
      const all = read();
      const { right: before, of } = all.practice[kind] ?? { right: 0, of: 0 };
      const score = { right: before + (right ? 1 : 0), of: of + 1 };
      return write({ ...all, practice: { ...all.practice, [kind]: score } });
    },
    forget: () => write(nothing()),
  };
}
