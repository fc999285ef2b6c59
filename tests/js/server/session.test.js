// The session: what a change of setting keeps while its numbers are on their way.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createSession } from "../../../static/js/server/session.js";
import { currentNumbers, isWhole } from "../../../static/js/state/selectors.js";
import { reduce } from "../../../static/js/state/state.js";
import { stateAfter } from "../page.js";

/** @import { ConnectionCallbacks, Frame } from "../../../static/js/types/stream.js" */
/** @import { Action } from "../../../static/js/state/state.js" */

test("the input stays on view when a setting changes, before a server has said anything of it", () => {
  let state = stateAfter();
  /** @type {ConnectionCallbacks | null} */
  let heard = null;
  let job = 0;
  const dispatch = (/** @type {Action} */ action) => {
    state = reduce(state, action);
    session.sync(state);
  };
  const connection = { start: () => ++job, credit: () => {}, close: () => {} };
  const session = createSession(
    (callbacks) => {
      heard = callbacks;
      return /** @type {any} */ (connection);
    },
    dispatch,
    () => state,
  );
  const server = /** @type {ConnectionCallbacks} */ (/** @type {unknown} */ (heard));
  session.sync(state);
  assert.equal(currentNumbers(state), null, "nothing is held yet");
  const plan = /** @type {any} */ ({ layers: [state.shown?.geometry] });
  server.onPlan(plan, job);
  const cells = Float32Array.from({ length: 81 }, (_, at) => at);
  const frame = { job, kind: "input", first: 0, count: 81, value: () => cells };
  server.onFrame(/** @type {Frame} */ (/** @type {unknown} */ (frame)));
  dispatch({ type: "parameter", name: "stride", value: 2 });
  const numbers = currentNumbers(state);
  assert.deepEqual(numbers?.input, cells);
  assert.equal(numbers?.inputs, 81);
  assert.equal(numbers?.received, 0);
  assert.equal(isWhole(state), false, "its output has not come");
});
