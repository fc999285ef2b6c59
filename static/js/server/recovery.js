// Mends what a server refused: an upload that it lost is posted again, a token is asked for, a frame whose key is too old is
// loaded again. Comes with the features.

import { asked } from "../state/resolve.js";
import { keyOf } from "../state/setting.js";
import { later } from "../words/dialogs.js";
import { createUploads } from "./uploads.js";

/** @import { Problem, Result } from "../types/plan.js" */
/** @import { Action, State } from "../state/state.js" */
/** @import { createApi } from "./api.js" */

/** A frame that was loaded again so lately is not loaded again: it did not help. */
const REOPEN_MS = 60_000;

/**
 * @typedef {object} Page
 * @property {ReturnType<typeof createApi>} api
 * @property {() => Promise<{ fragment(): Promise<Result<{ fragment: string }>>, gone(problem: Problem): Problem }>} links
 * @property {(action: Action) => void} dispatch @property {() => State} current
 * @property {() => void} again asks the server once more @property {(words: string) => void} tell
 * @property {() => unknown} askToken
 */

export function createRecovery(/** @type {Page} */ { api, links, dispatch, current, again, tell, askToken }) {
  const uploads = createUploads(api, dispatch, current);

  async function recover() {
    const { problem } = current();
    if (problem?.code === "token") return askToken();
    if (problem?.code === "frame_key") return reopen();
    if (problem?.status !== 404) return null;
    if (await uploads.restore(current())) {
      tell(later.postedAgain);
      return again();
    }
    return dispatch({
      type: "refused",
      key: keyOf(asked(current())),
      problem: (await links()).gone(problem),
    });
  }

  /** Loads this frame again with what it shows, for a key of today. */
  async function reopen() {
    const [how] = performance.getEntriesByType("navigation");
    const reloaded = /** @type {PerformanceNavigationTiming | undefined} */ (how)?.type === "reload";
    if (reloaded && performance.now() < REOPEN_MS) return;
    const made = await (await links()).fragment();
    if (made.ok) history.replaceState(null, "", made.value.fragment);
    location.reload();
  }

  /** The first of some files becomes the input or the weights. @param {Iterable<File>} files @param {"input" | "weights"} as */
  async function take(files, as) {
    const [file] = [...files];
    // A model, its weights or names of its classes; an .npz of examples has no other use on the page than as weights.
    const model = as === "input" ? /\.(onnx|py|safetensors|npz|txt)$/i : /\.(safetensors|npz)$/i;
    if (file && model.test(file.name)) {
      const { takeModel } = await import("../network/model/models.js");
      return takeModel(file, { api, dispatch, current });
    }
    if (file && (await uploads.take(file, as))) again();
  }

  return { recover, take, remove: uploads.remove, restore: uploads.restore };
}
