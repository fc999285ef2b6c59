// Proofs that uploads are this browser's, so that they can be deleted after a reload: the delete tokens of each
// under its id, until the upload expires. Opens no connection; keeps nothing else.

import { keptAs } from "./frame.js";

const KEY = keptAs("convscope.uploads");

/** `token`: one for each time that the upload was posted, blanks between. @typedef {{ token: string, expires: string }} Proof */

/** The proofs that are kept and still of use; none where a browser keeps nothing or something else. @returns {Record<string, Proof>} */
function proofs(now = new Date().toISOString()) {
  try {
    const found = Object.entries(JSON.parse(localStorage.getItem(KEY) ?? "{}"));
    return Object.fromEntries(
      found.filter(
        ([, one]) => typeof one?.token === "string" && typeof one.expires === "string" && one.expires > now,
      ),
    );
  } catch {
    return {};
  }
}

function write(/** @type {Record<string, Proof>} */ all) {
  try {
    if (Object.keys(all).length > 0) localStorage.setItem(KEY, JSON.stringify(all));
    else localStorage.removeItem(KEY);
  } catch {
    // This page alone can delete it, then.
  }
}

/** Keep the token of an upload for as long as the upload is kept, beside those of the times it was posted before. */
export function keepProof(
  /** @type {{ id: string, delete_token?: string | null, expires?: string | null }} */ info,
) {
  const { id, delete_token: token, expires } = info;
  if (!token || !expires) return;
  const tokens = [...proofsOf(id).filter((one) => one !== token), token];
  write({ ...proofs(), [id]: { token: tokens.join(" "), expires } });
}

/** The tokens of an upload that this browser made, the oldest first. */
export function proofsOf(/** @type {string} */ id) {
  return proofs()[id]?.token.split(" ") ?? [];
}

/** Let go of a token, and of all that have expired. */
export function dropProof(/** @type {string} */ id) {
  const { [id]: _, ...others } = proofs();
  write(others);
}
