// Plays: turns time into steps and keeps the windows of the steps ahead coming, and no more. Knows no
// DOM but the one question of reduced motion.

import { isStale } from "../state/resolve.js";
import { currentNumbers, isWhole, lastStep, walkOf } from "../state/selectors.js";
import { FASTEST } from "../state/speeds.js";
import { creditsToGrant, heldTo, playing, stepOf, withSpeed } from "./playback.js";

/** @import { Clock } from "../types/page.js" */
/** @import { Action, State } from "../state/state.js" */

/** Steps kept ahead of the playhead. */
const LOOK_AHEAD = 2048;
const FIRST_CREDITS = 2;
/** As fast as it streams, but no faster than can be seen. */
const WHOLE_WALK_S = 2;

/**
 * @param {(action: Action) => void} dispatch @param {() => State} current
 * @param {ReturnType<typeof import("../server/session.js").createSession>} session
 */
export function createPlayer(dispatch, current, session) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {Clock | null} */
  let clock = null;
  let shown = -1;
  let speed = 0;
  /** @type {State["loop"]} */
  let looped = null;
  let followed = "";
  let stepsPerFrame = 1024;

  /** @returns {boolean} whether time moves something: what was refused waits, and needs no frames, until numbers come */
  function frame(/** @type {number} */ now_ms) {
    const state = current();
    if (!state.playing || isStale(state) || (state.problem && !currentNumbers(state)?.received)) {
      clock = null;
      return false;
    }
    const whole = lastStep(state) + 1;
    const { loop } = state;
    // A loop is a walk of its own: the clock counts from its first step.
    const first = loop?.from ?? 0;
    const steps = loop ? loop.to - loop.from + 1 : whole;
    const rate = Number.isFinite(state.speed) ? state.speed : Math.max(FASTEST, whole / WHOLE_WALK_S);
    if (!clock || state.step !== shown || loop !== looped) {
      const options = { loop: loop !== null, reducedMotion: still.matches };
      clock = playing(now_ms, state.step - first, rate, options);
    } else if (rate !== speed) clock = withSpeed(clock, now_ms, steps, rate);
    speed = rate;
    looped = loop;
    clock = heldTo(clock, now_ms, steps, arrived(state) - first);
    const at = stepOf(clock, now_ms, steps);
    shown = first + at.step;
    dispatch({ type: "tick", ...at, step: shown });
    follow(current());
    return true;
  }

  /** Steps of the walk on view that can be shown. A stamping step needs the input whole, and the output behind it. */
  function arrived(/** @type {State} */ state) {
    if (walkOf(state) === "stamp") return isWhole(state) ? lastStep(state) + 1 : state.step + 1;
    // Numbers that are asked for anew come from the first step on; the walk waits for them where it stands.
    const received = Math.max(state.step + 1, currentNumbers(state)?.received ?? 0);
    const running = session.running();
    if (Number.isFinite(state.speed) || running?.kind !== "windows") return received;
    // As fast as it streams: the windows of the steps are waited for as well.
    return running.received < state.step ? received : Math.max(state.step + 1, running.received);
  }

  /**
   * The windows around the playhead: asked for once the output is there, then granted frame by frame. A stamping
   * step is worked out from the input and the weights.
   */
  function follow(/** @type {State} */ state) {
    if (walkOf(state) === "stamp") return;
    const numbers = currentNumbers(state);
    const steps = lastStep(state) + 1;
    const running = session.running();
    if (!numbers || numbers.received < steps || running?.kind === "fill") return;
    const key = `${numbers.key} ${state.lane}`;
    const covered = numbers.windows.some(
      (run) => state.step >= run.first && state.step < run.first + run.count,
    );
    const near =
      running && state.step >= running.received - 2 * stepsPerFrame && state.step <= running.received;
    if (key !== followed || (!covered && !near)) {
      followed = key;
      session.followWindows(state.step, FIRST_CREDITS);
      return;
    }
    if (!running) return;
    stepsPerFrame = numbers.windows.at(-1)?.count ?? stepsPerFrame;
    const { received, inflight } = running;
    const ahead = { playhead: state.step, received, inflight, capacity: LOOK_AHEAD, steps };
    session.grant(creditsToGrant({ ...ahead, steps_per_frame: stepsPerFrame, most_inflight: 3 }));
  }

  return { frame };
}
