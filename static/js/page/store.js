// The one state of the page: an action becomes the next state, and who shows it is called at most once a frame. An action
// beyond the opening picture waits until the rest of the page has come. Knows no part of the page.

import { reduce } from "../state/state.js";

/** @import { Action, State } from "../state/state.js" */

/** Actions without a hand: the opening picture can take them. */
const UNAIDED = ["tick", "numbers", "planned", "refused", "overdue", "stored", "connection"];
/** Actions that leave the address as it is: nothing that a person chose to keep. */
const POINTING = ["point", "light"];
const PASSING = new Set([...UNAIDED, ...POINTING]);

/**
 * @typedef {object} Page
 * @property {() => boolean} isComplete whether all is there that the opening picture does without
 * @property {() => Promise<unknown>} bring brings that
 * @property {(state: State, action: Action) => boolean} permits
 * @property {(state: State, before: State, action: Action, chosen: boolean) => void} follow another state, and whether a person chose something
 * @property {(now_ms: number) => boolean} show whether it goes on with the next frame
 */

export function createStore(
  /** @type {State} */ first,
  /** @type {Page} */ { isComplete, bring, permits, follow, show },
) {
  let state = first;
  let scheduled = false;
  /** Whether the link has been read: until then nothing is asked for and nothing drawn. */
  let begun = false;

  /** @param {Action} action */
  function dispatch(action) {
    if (!isComplete() && !UNAIDED.includes(action.type)) return keepBack(action);
    if (!permits(state, action)) return;
    const before = state;
    state = reduce(state, action);
    if (state === before || !begun) return;
    schedule();
    follow(state, before, action, !PASSING.has(action.type));
  }

  /** A pointer has long moved on when the rest of the page is there. */
  function keepBack(/** @type {Action} */ action) {
    const waits = !POINTING.includes(action.type);
    bring().then(() => {
      if (isComplete() && waits) dispatch(action);
    });
  }

  function schedule() {
    if (scheduled || !begun) return;
    scheduled = true;
    requestAnimationFrame((now_ms) => {
      scheduled = false;
      if (show(now_ms)) schedule();
    });
  }

  return {
    current: () => state,
    dispatch,
    schedule,
    /** Another state before anything is shown. */
    start(/** @type {State} */ other) {
      state = other;
    },
    begin() {
      begun = true;
      schedule();
    },
  };
}
