// The address holds the whole setting: writes it, reads it, copies it. Comes by import, with the first change or
// with a link. Knows the history and the clipboard; draws nothing.

import { decode, encode, isLink } from "./permalink.js";
import { asked, walkOf } from "./state.js";
import { text } from "./strings.js";

/** @import { OperationInfo, ParameterValue, LinkState, Problem } from "./types.js" */
/** @import { State } from "./state.js" */

/** What this page wrote last: a change to it is no new link. */
let written = "";

/** All that a person chose, for the link. @param {State} state @returns {LinkState} */
function linkOf(state) {
  const { operation, ...spec } = asked(state).layers[0] ?? { operation: state.setting.operation };
  /** @type {LinkState} */
  const link = {
    operation,
    spec: /** @type {Record<string, ParameterValue>} */ (spec),
    source: state.setting.source,
    weights: state.setting.weights,
    step: state.step,
    lane: state.lane,
    channel: state.channel,
    speed: state.speed,
  };
  if (state.theme) link.theme = state.theme;
  if (walkOf(state) === "stamp") link.view = "stamp";
  if (state.unknown) link.unknown = state.unknown;
  return link;
}

/** Put the setting into the address; what is wrong when it does not fit into one. @returns {Problem | null} */
export function write(/** @type {State} */ state) {
  const link = encode(linkOf(state));
  if (!link.ok) return link.problem;
  const fragment = link.fragment.replace(/^#?/, "#");
  if (fragment !== written) history.replaceState(null, "", fragment);
  written = fragment;
  return null;
}

/** The setting that the address holds; null when it holds none or this page wrote it. */
export function read(/** @type {OperationInfo[]} */ operations) {
  if (location.hash === written || !isLink(location.hash)) return null;
  written = location.hash;
  return decode(location.hash, operations);
}

/** Copy the address; the words that say how it went. */
export async function copy(/** @type {State} */ state) {
  const problem = write(state);
  if (problem) return { ok: false, words: problem.detail };
  try {
    await navigator.clipboard.writeText(location.href);
    return { ok: true, words: text.linkCopied };
  } catch {
    return { ok: true, words: text.linkKept };
  }
}
