// Uploads: a file becomes a stored picture or array and then the input or the weights. Keeps the bytes, so that
// they can be posted again to a server that has lost them. Asks the API that it is handed.

import { problem } from "../layer/errors.js";
import { dropProof, keepProof, proofsOf } from "./delete_tokens.js";
import { uploadedSource } from "./uploaded.js";

/** @import { createApi } from "./api.js" */
/** @import { Action, State } from "../state/state.js" */

/**
 * @param {ReturnType<typeof createApi>} api @param {(action: Action) => void} dispatch @param {() => State} current
 */
export function createUploads(api, dispatch, current) {
  /** @type {Map<string, File>} */
  const kept = new Map();

  /**
   * Take a file; whether it is what the setting names already, so that the same is to be asked again.
   * @param {File} file @param {"input" | "weights"} as
   */
  async function take(file, as) {
    const limit = current().catalog.limits.upload_bytes;
    if (file.size > limit) {
      const reason = `${file.name} has ${Math.ceil(file.size / 1e6)} MB and at most ${Math.floor(limit / 1e6)} MB are taken`;
      return refuse(problem("too_large", reason, "Use a smaller file."));
    }
    document.documentElement.setAttribute("aria-busy", "true");
    const stored = await api.uploadFile(file);
    document.documentElement.removeAttribute("aria-busy");
    if (!stored.ok) return refuse(stored.problem);
    const info = stored.value;
    kept.set(info.id, file);
    keepProof(info);
    dispatch({ type: "stored", uploads: { ...current().uploads, [info.id]: info } });
    const ids = idsNamed(current());
    if (ids.includes(info.id)) return true;
    if (as === "weights") dispatch({ type: "weights", weights: { kind: "stored", id: info.id } });
    else dispatch({ type: "source", source: uploadedSource(current(), info.id) });
    return false;
  }

  function refuse(/** @type {import("../types/plan.js").Problem} */ why) {
    dispatch({ type: "refused", key: null, problem: why });
    return false;
  }

  /** Post again what the state refers to; whether there was something to post. */
  async function restore(/** @type {State} */ state) {
    let posted = false;
    for (const id of idsNamed(state)) {
      const file = kept.get(id);
      if (!file) continue;
      const stored = await api.uploadFile(file);
      if (stored.ok) keepProof(stored.value);
      posted = stored.ok || posted;
    }
    return posted;
  }

  /** Delete an upload from the server, and let go of it here; what used it goes back to a sample, and to a preset. */
  async function remove(/** @type {string} */ id) {
    const own = current().uploads[id]?.delete_token;
    // Each time that it was posted is a claim to it of its own; it goes with the last.
    const tokens = new Set([...proofsOf(id), ...(own ? [own] : [])]);
    const answers = [];
    for (const token of tokens.size > 0 ? tokens : [""]) answers.push(await api.deleteImage(id, token));
    const refused = answers.find((one) => !one.ok && one.problem.status !== 404);
    const gone = answers.some((one) => one.ok || one.problem.status === 404);
    if (refused && !refused.ok && !gone) return refuse(refused.problem);
    kept.delete(id);
    dropProof(id);
    const { source, layers } = current().setting;
    const name = current().catalog.samples.find((one) => !one.scalable)?.name ?? "";
    const sample = { kind: /** @type {const} */ ("sample"), name };
    if (source.kind === "image" && source.id === id) dispatch({ type: "source", source: sample });
    for (const [layer, { weights }] of layers.entries())
      if (weights?.kind === "stored" && weights.id === id)
        dispatch({ type: "weights", weights: null, layer });
    const { [id]: _, ...uploads } = current().uploads;
    dispatch({ type: "stored", uploads });
    return true;
  }

  return { take, restore, remove };
}

/** The uploads that a setting names. */
function idsNamed(/** @type {State} */ { setting: { source, layers } }) {
  const stored = layers.map(({ weights }) => (weights?.kind === "stored" ? weights.id : ""));
  return [source.kind === "image" ? source.id : "", ...stored];
}
