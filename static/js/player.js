// Plays: turns time into steps and keeps the windows of the steps ahead coming, and no more. Comes by import when
// something is played for the first time. Knows no DOM but the one question of reduced motion.

import { creditsToGrant, heldTo, playing, stepOf, withSpeed } from "./playback.js";
import { currentNumbers, isWhole, lastStep, walkOf } from "./state.js";

/** @import { Clock } from "./types.js" */
/** @import { Action, State } from "./state.js" */

/** Steps kept ahead of the playhead. */
const LOOK_AHEAD = 2048;
const FIRST_CREDITS = 2;

/**
 * @param {(action: Action) => void} dispatch @param {() => State} current
 * @param {ReturnType<typeof import("./session.js").createSession>} session
 */
export function createPlayer(dispatch, current, session) {
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {Clock | null} */
  let clock = null;
  let shown = -1;
  let speed = 0;
  let followed = "";
  let stepsPerFrame = 1024;

  function frame(/** @type {number} */ now_ms) {
    const state = current();
    if (!state.playing) {
      clock = null;
      return;
    }
    const steps = lastStep(state) + 1;
    if (!clock || state.step !== shown) {
      clock = playing(now_ms, state.step, state.speed, { reducedMotion: still.matches });
    } else if (state.speed !== speed) clock = withSpeed(clock, now_ms, steps, state.speed);
    speed = state.speed;
    clock = heldTo(clock, now_ms, steps, arrived(state));
    const at = stepOf(clock, now_ms, steps);
    shown = at.step;
    dispatch({ type: "tick", ...at });
    follow(current());
  }

  /** Steps of the walk on view that can be shown. A stamping step needs the input whole, and the output behind it. */
  function arrived(/** @type {State} */ state) {
    if (walkOf(state) === "stamp") return isWhole(state) ? lastStep(state) + 1 : state.step + 1;
    return currentNumbers(state)?.received ?? state.step + 1;
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
