// An upload as the input: at which size it is worked on. Pure; knows the limits of the server, no DOM and no network.

import { fitted } from "../state/resolve.js";

/** @import { Source } from "../types/source.js" */
/** @import { StoredInfo } from "../types/plan.js" */
/** @import { State } from "../state/state.js" */

/** An upload as the input: pictures at a size whose cells can be told apart, and that the layers take. @returns {Source} */
export function uploadedSource(/** @type {State} */ state, /** @type {string} */ id) {
  const stored = state.uploads[id];
  const longest = Math.max(...(stored?.shape.slice(1) ?? [0]));
  if (stored?.kind === "array")
    return isTooLong(state, stored) ? { kind: "image", id, size: 128 } : { kind: "image", id };
  const size = longest > 128 ? 128 : null;
  return fitted(state, { kind: "image", id, size, channels: "own", scale: "0-1" });
}

/** Whether an array has rows and columns, as a TIFF of numbers has, and more of them than the server works on. */
export function isTooLong(/** @type {State} */ state, /** @type {StoredInfo} */ stored) {
  const { kind, shape: sizes } = stored;
  const longest = Math.max(...sizes.slice(-2));
  return kind === "array" && [2, 3].includes(sizes.length) && longest > state.catalog.limits.working_size;
}
