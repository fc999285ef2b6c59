// Names of classes, one a line of a text file: of the last layer's numbers, and of those that become them one by one. Kept with
// the tab. Knows no canvas.

import { joinedOf } from "../joining.js";

/** @import { Placed } from "../../types/network.js" */
/** @import { State } from "../../state/state.js" */
/** The layers whose outputs have names. @typedef {{ layers: string[], names: string[] }} Labels */

const KEPT = "convscope-labels";
const MOST_LENGTH = 64;

/** @type {Labels | null | undefined} */
let known;
/** @type {Set<() => void>} */
const listeners = new Set();
const NONE = Object.freeze({ layers: [], names: [] });

/** The names that are kept; the same object as long as they are the same. @returns {Labels} */
export function labels() {
  if (known === undefined) {
    try {
      const found = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
      const sound = [found?.layers, found?.names].every(
        (list) => Array.isArray(list) && list.every((one) => typeof one === "string"),
      );
      known = sound ? found : null;
    } catch {
      known = null;
    }
  }
  return known ?? NONE;
}

/** Calls when other names are kept. */
export function onLabels(/** @type {() => void} */ listener) {
  listeners.add(listener);
}

/** Keeps names, or none. */
export function keepLabels(/** @type {Labels | null} */ given) {
  known = given;
  for (const listener of listeners) listener();
  try {
    if (given) sessionStorage.setItem(KEPT, JSON.stringify(given));
    else sessionStorage.removeItem(KEPT);
  } catch {
    // Kept as long as this page stays.
  }
}

/** The names of a layer's outputs. @returns {string[] | null} */
export function labelsOf(/** @type {string} */ name, /** @type {number} */ lanes) {
  const { layers, names } = labels();
  return names.length === lanes && layers.includes(name) ? names : null;
}

/** The lines of a text file; an empty one at the end is none. @returns {string[]} */
export function linesOf(/** @type {string} */ content) {
  const lines = content
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim());
  while (lines.at(-1) === "") lines.pop();
  return lines.map((line) => (line.length > MOST_LENGTH ? `${line.slice(0, MOST_LENGTH - 1)}…` : line));
}

/**
 * The last layer, with those before it whose outputs become its own one by one, and how many outputs it has.
 * @returns {{ layers: string[], lanes: number } | null} null where no network is on view, or one that does not fit
 */
export function labelledBy(/** @type {State} */ state) {
  const { shapes, names } = joinedOf(state);
  const placed = (/** @type {string | undefined} */ name) => shapes?.placed.get(name ?? "");
  let at = placed(names.at(-1));
  if (!at || names.length < 2) return null;
  const lanes = Number(at.geometry.output_shape[0]);
  const layers = [at.node.name];
  while (at && !at.geometry.weight_shape && at.node.inputs.length === 1) {
    /** @type {Placed | undefined} */
    const before = placed(at.node.inputs[0]);
    if (before?.geometry.output_shape[0] !== lanes) break;
    layers.push(before.node.name);
    at = before;
  }
  return { layers, lanes };
}
