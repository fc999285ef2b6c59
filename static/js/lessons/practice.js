// Practice as lessons without end: ten exercises of a kind that a seed draws, played as the steps of a lesson. Their names
// hold kind, seed and difficulty, so that a link opens the same exercises for a class. Knows the API and no exercise.

import { playerText, sayPlayer } from "../words/player.js";
import { isSettled } from "./run.js";

/** @import { Exercise, Lesson, PracticeReply, PracticeRequest } from "../types/lesson.js" */
/** @import { Result } from "../types/plan.js" */
/** @import { createProgress, Kept } from "./progress.js" */

const NAME = /^practice-([a-z0-9_-]+)-(\d{1,9})-([123])$/;
/** Exercises of one round. */
const EACH = 10;
/** Seeds are drawn up to here. */
const SEEDS = 100_000;

/** @typedef {{ kind: string, seed: number, difficulty: 1 | 2 | 3 }} Round */

/** The round of exercises that a name stands for; null: it is the name of a lesson. @returns {Round | null} */
export function roundOf(/** @type {string} */ name) {
  const [, kind = "", seed, difficulty] = NAME.exec(name) ?? [];
  if (!kind) return null;
  return { kind, seed: Number(seed), difficulty: /** @type {1 | 2 | 3} */ (Number(difficulty)) };
}

export function nameOf(/** @type {Round} */ { kind, seed, difficulty }) {
  return `practice-${kind}-${seed}-${difficulty}`;
}

/** The round after one: other exercises of the same kind. @returns {Round} */
export function roundAfter(/** @type {Round} */ round) {
  return { ...round, seed: (round.seed + 1) % SEEDS };
}

/** A round that nobody knows yet. @returns {Round} */
export function drawnRound(
  /** @type {string} */ kind,
  /** @type {1 | 2 | 3} */ difficulty,
  random = Math.random,
) {
  return { kind, seed: Math.floor(random() * SEEDS), difficulty };
}

/** The request of a round. @returns {PracticeRequest} */
export function requestOf(/** @type {Round} */ { kind, seed, difficulty }) {
  return { kind, seed, difficulty, count: EACH, solutions: true };
}

/** Where a round is printed as a sheet, the same that the page asks. */
export function sheetOf(/** @type {Round} */ { kind, seed, difficulty }) {
  return `api/v1/practice/sheet?kind=${kind}&seed=${seed}&count=${EACH}&difficulty=${difficulty}&solutions=true`;
}

/** Exercises as the steps of a lesson. @returns {Lesson} */
export function lessonOf(/** @type {Round} */ round, /** @type {Exercise[]} */ exercises) {
  return {
    name: nameOf(round),
    title: playerText.practice,
    steps: exercises.map((exercise) => ({
      title: exercise.title,
      stage: exercise.stage,
      prose: [],
      ask: exercise.ask,
    })),
  };
}

/**
 * A round as a lesson.
 * @param {Round} round @param {{ practice: (request: PracticeRequest) => Promise<Result<PracticeReply>> }} api
 * @returns {Promise<Result<Lesson>>}
 */
export async function broughtRound(round, api) {
  const found = await api.practice(requestOf(round));
  return found.ok ? { ok: true, value: lessonOf(round, found.value.exercises) } : found;
}

/**
 * Progress that keeps the score of a kind and no place: each answer counts once, when it is settled.
 * @param {ReturnType<typeof createProgress>} progress @param {string} kind @returns {ReturnType<typeof createProgress>}
 */
export function scoring(progress, kind) {
  /** @type {Set<string>} */
  const counted = new Set();
  return {
    ...progress,
    keep(/** @type {string} */ _, /** @type {Kept} */ record) {
      for (const [step, answer] of Object.entries(record.answers)) {
        if (!isSettled(answer) || counted.has(step)) continue;
        counted.add(step);
        progress.count(kind, answer.state === "right" && answer.tries === 1);
      }
      return record;
    },
  };
}

/** The words about all kinds together. */
export function scoreWords(/** @type {Record<string, { right: number, of: number }>} */ practice) {
  const all = Object.values(practice);
  const of = all.reduce((sum, one) => sum + one.of, 0);
  const right = all.reduce((sum, one) => sum + one.right, 0);
  return of === 0 ? playerText.noScore : sayPlayer.practiceScore(right, of);
}
