// Says of numbers that do not come at once that they are waited for. Knows no server.

import { isWhole } from "../state/selectors.js";

/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

/** Numbers that come sooner are not announced. */
const OVERDUE_MS = 150;

/** @param {() => State} current @param {Dispatch} dispatch */
export function createOverdue(current, dispatch) {
  /** Watches the numbers of the setting on view. */
  return () => {
    const key = current().shown?.key;
    setTimeout(() => {
      const waits = key !== undefined && key === current().shown?.key && !isWhole(current());
      if (waits) dispatch({ type: "overdue", key });
    }, OVERDUE_MS);
  };
}
