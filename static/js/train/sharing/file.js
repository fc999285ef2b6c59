// An experiment as one file: the body of POST train, and beside it the person's own examples and weights, so that it opens
// after the server has forgotten them. Comes by import; asks the API that it is handed, knows no DOM.

import { bundleKept } from "../asking.js";
import { CLASSES, NOTHING_CHANGED } from "../experiment.js";

/** @import { Changes, Experiment } from "../../types/training.js" */
/** @import { Result } from "../../types/plan.js" */
/** @import { Api } from "../asking.js" */

/** Ids of what lies on the server. */
const ID = /[0-9a-f]{64}/g;
const WHOLE_ID = /^[0-9a-f]{64}$/;
const SAFETENSORS = "application/x-safetensors";

/** The defaults of an experiment, as POST train has them. */
const LEFT_OUT = {
  augmentation: NOTHING_CHANGED,
  loss: "cross_entropy",
  batch: 32,
  steps: 300,
  seed: 0,
  start: "pytorch",
};
const DRAWN = { count: 500, validation: 400, shift: 1, noise: 0.1, wrong: 0 };
const SETS = {
  strokes: { ...DRAWN, classes: ["cross", "ring"], size: 9 },
  glyphs: { ...DRAWN, classes: CLASSES.glyphs, size: 8 },
  stored: { share: 0.25, wrong: 0 },
};

/**
 * The experiment that a file holds, with its changes on the way; null for a file of something else.
 * @param {string} text
 * @returns {{ experiment: Experiment, changes: { step: number, settings: Changes }[] } | null}
 */
export function experimentIn(text) {
  /** @type {any} */
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  const set = SETS[/** @type {keyof typeof SETS} */ (String(found?.data?.kind))];
  if (!Array.isArray(found?.layers) || !set || typeof found.optimiser?.rate !== "number") return null;
  const { layers, data, optimiser, weights, changes = [] } = found;
  const given = Object.fromEntries(
    Object.entries(LEFT_OUT).map(([name, usual]) => [name, found[name] ?? usual]),
  );
  const own = weights && typeof weights === "object" ? { weights } : {};
  const all = {
    ...given,
    layers,
    data: { ...set, ...data },
    optimiser: { kind: "adam", ...optimiser },
    ...own,
  };
  return { experiment: /** @type {Experiment} */ (/** @type {unknown} */ (all)), changes };
}

/** The ids of own examples, weights and pictures that an experiment names. @returns {string[]} */
export function idsIn(/** @type {object} */ experiment) {
  return [...new Set(JSON.stringify(experiment).match(ID) ?? [])];
}

/** The file of an experiment, with what the server keeps for it. @param {Api} api @param {object} request @returns {Promise<string>} */
export async function fileOf(api, request) {
  /** @type {Record<string, string>} */
  const bundles = {};
  for (const id of idsIn(request)) {
    const answer = await api.send(`/bundles/${id}`, { headers: { Accept: SAFETENSORS } });
    if (!answer.ok || answer.value.status !== 200) continue; // it opens as long as the server has it
    bundles[id] = textOf(new Uint8Array(await answer.value.blob.arrayBuffer()));
  }
  const all = Object.keys(bundles).length > 0 ? { ...request, bundles } : request;
  return JSON.stringify(all, null, 2);
}

/** The text of a file after what it brings has been given to the server: own examples by the ids that they have there. @param {Api} api @param {string} text @returns {Promise<Result<string>>} */
export async function restored(api, text) {
  /** @type {any} */
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    return { ok: true, value: text }; // no experiment, which is said where it is read
  }
  const { bundles = {}, ...request } = found ?? {};
  let whole = JSON.stringify(request);
  for (const [id, held] of Object.entries(bundles)) {
    const bytes = WHOLE_ID.test(id) ? bytesOf(String(held)) : null;
    if (!bytes) continue;
    const kept = await bundleKept(api, bytes.buffer);
    if (!kept.ok) return kept;
    whole = whole.replaceAll(id, kept.value.id);
  }
  return { ok: true, value: whole };
}

/** Bytes as base64. */
function textOf(/** @type {Uint8Array} */ bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The bytes of base64; null for a text that is none. @returns {Uint8Array<ArrayBuffer> | null} */
function bytesOf(/** @type {string} */ text) {
  try {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    return null;
  }
}
