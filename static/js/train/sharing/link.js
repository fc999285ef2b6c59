// An experiment in a link: what differs from the one to begin with, as JSON, its changes on the way, and the training step on
// view. Own examples and weights stand in it by their content's id. Comes by import; pure text, knows no address.

import { X_OR_O } from "../experiment.js";
import { experimentIn } from "./file.js";

/** @import { Experiment } from "../../types/training.js" */
/** @import { Change } from "../run.js" */

/** @param {Experiment} first as it began @param {Change[]} changes @param {number | null} at the training step on view; null for the last */
export function linkText(first, changes, at) {
  const usual = /** @type {Record<string, unknown>} */ (/** @type {unknown} */ (X_OR_O));
  const own = Object.entries(first).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(usual[name]),
  );
  const branched = changes.length > 0 ? { changes } : {};
  const shown = at === null ? {} : { at };
  return JSON.stringify({ ...Object.fromEntries(own), ...branched, ...shown });
}

/** The experiment of a link; null for a text of something else. @param {string} text @returns {{ experiment: Experiment, changes: Change[], at: number | null } | null} */
export function linkedExperiment(text) {
  /** @type {any} */
  let content;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  const { at = null, ...own } = content ?? {};
  const found = experimentIn(JSON.stringify({ ...X_OR_O, ...own }));
  const step = Number.isInteger(at) && at >= 0 ? at : null;
  return found && { ...found, at: step };
}
