// Time in, step out. Pure: it is told the time and never asks for it, and knows no timer, DOM or connection.

/** @import { Clock, LookAhead, StepAt } from "../types/page.js" */

/** Under reduced motion the picture changes at most this often. */
const REDUCED_INTERVAL_MS = 500;
const STEPS_PER_FRAME = 1024;
const MOST_INFLIGHT = 8;

/**
 * The step on screen after some time; `fraction` is the way to the next one. The last step stays for its full
 * time before `done`. A negative speed plays backwards.
 * @param {number} elapsed_ms @param {number} steps_per_s @param {number} steps how many there are
 * @param {number} from the step at time 0 @param {boolean} [loop]
 * @returns {StepAt}
 */
export function stepAt(elapsed_ms, steps_per_s, steps, from, loop = false) {
  if (steps < 1) return { step: 0, fraction: 0, done: true };
  const start = clamp(from, 0, steps - 1);
  const position = start + (Math.max(0, elapsed_ms) * steps_per_s) / 1000;
  if (loop) {
    const round = ((position % steps) + steps) % steps;
    const step = Math.min(Math.floor(round), steps - 1);
    return { step, fraction: step === steps - 1 ? 0 : round - step, done: false };
  }
  if (position <= 0 && steps_per_s < 0) return { step: 0, fraction: 0, done: true };
  const step = clamp(Math.floor(position), 0, steps - 1);
  const fraction = step === steps - 1 ? 0 : position - step;
  return { step, fraction, done: position >= steps };
}

/**
 * A clock that runs from a step on.
 * @param {number} now_ms @param {number} from @param {number} steps_per_s
 * @param {{ loop?: boolean, reducedMotion?: boolean }} [options]
 * @returns {Clock}
 */
export function playing(now_ms, from, steps_per_s, { loop = false, reducedMotion = false } = {}) {
  return { kind: reducedMotion ? "reduced" : "play", started_ms: now_ms, from, steps_per_s, loop };
}

/**
 * A clock that stands at a step.
 * @param {number} at
 * @returns {Clock}
 */
export function scrubbing(at) {
  return { kind: "scrub", at };
}

/**
 * The position of a clock now.
 * @param {Clock} clock @param {number} now_ms @param {number} steps
 * @returns {StepAt}
 */
export function stepOf(clock, now_ms, steps) {
  switch (clock.kind) {
    case "scrub":
      return stepAt(0, 0, steps, clock.at);
    case "play":
      return stepAt(now_ms - clock.started_ms, clock.steps_per_s, steps, clock.from, clock.loop);
    case "reduced": {
      const elapsed_ms = now_ms - clock.started_ms;
      const seen_ms = Math.floor(elapsed_ms / REDUCED_INTERVAL_MS) * REDUCED_INTERVAL_MS;
      return { ...stepAt(seen_ms, clock.steps_per_s, steps, clock.from, clock.loop), fraction: 0 };
    }
  }
}

/**
 * The same clock with another speed from now on; what it shows does not jump.
 * @param {Clock} clock @param {number} now_ms @param {number} steps @param {number} steps_per_s
 * @returns {Clock}
 */
export function withSpeed(clock, now_ms, steps, steps_per_s) {
  if (clock.kind === "scrub") return clock;
  const { step, fraction } = stepOf(clock, now_ms, steps);
  return { ...clock, started_ms: now_ms, from: step + fraction, steps_per_s };
}

/**
 * The same clock held back to a step whose numbers have come: it goes on from there instead of running away.
 * @param {Clock} clock @param {number} now_ms @param {number} steps
 * @param {number} received first step not yet there
 * @returns {Clock}
 */
export function heldTo(clock, now_ms, steps, received) {
  if (clock.kind === "scrub" || received >= steps) return clock;
  if (stepOf(clock, now_ms, steps).step < received) return clock;
  return { ...clock, started_ms: now_ms, from: Math.max(0, received - 1) };
}

/**
 * Milliseconds until the picture changes: 0 for every animation frame, Infinity when nothing will.
 * @param {Clock} clock @param {number} now_ms @param {number} steps
 */
export function nextChangeMs(clock, now_ms, steps) {
  if (clock.kind === "scrub" || clock.steps_per_s === 0) return Number.POSITIVE_INFINITY;
  if (stepOf(clock, now_ms, steps).done) return Number.POSITIVE_INFINITY;
  if (clock.kind === "play") return 0;
  return REDUCED_INTERVAL_MS - (Math.max(0, now_ms - clock.started_ms) % REDUCED_INTERVAL_MS);
}

/**
 * How many more frames to allow, so that about `capacity` steps lie ahead of the playhead and no more.
 * @param {LookAhead} lookAhead
 */
export function creditsToGrant({
  playhead,
  received,
  inflight,
  capacity,
  steps_per_frame = STEPS_PER_FRAME,
  most_inflight = MOST_INFLIGHT,
  steps = Number.POSITIVE_INFINITY,
}) {
  const missing = Math.min(playhead + capacity, steps) - received;
  const frames = Math.min(Math.ceil(missing / Math.max(1, steps_per_frame)), most_inflight);
  return Math.max(0, frames - inflight);
}

function clamp(/** @type {number} */ value, /** @type {number} */ low, /** @type {number} */ high) {
  return Math.min(Math.max(value, low), high);
}
