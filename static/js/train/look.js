// One training step as the server tells it with all that it works with: asked for where the step on view rests or as often
// as answers come, the latest wins. Knows requests; draws nothing.

import { bundlePosted } from "./asking.js";

/** @import { Api, Bundle } from "./asking.js" */
/** @import { Placed } from "../types/network.js" */
/** @import { Tensors } from "./forward.js" */
/** @import { Run } from "./run.js" */

/**
 * The training step after `at`, and one example of its batch.
 * @typedef {{ at: number, example: number, of: Run, tensors: Bundle["tensors"], updates: number }} Look
 */

/** Looks that are kept, so that going back and forth asks for nothing. */
const MOST = 64;
/** While time moves, so long lies between two questions. */
const APART_MS = 400;

/** @param {Api} api @param {(run: Run) => object} requestOf @param {() => void} changed */
export function createLook(api, requestOf, changed) {
  /** @type {Map<string, Look>} */
  const kept = new Map();
  let asking = false;
  let asked_ms = 0;
  /** Runs that were never trained on take their numbers along: each is told apart by itself. @type {WeakMap<Run, number>} */
  const known = new WeakMap();
  let runs = 0;
  /** Requests that were refused, so that they are not sent again and again. */
  let refused = "";
  /** The last that was on view stays until another comes. @type {Look | null} */
  let last = null;

  async function ask(
    /** @type {Run} */ run,
    /** @type {number} */ at,
    /** @type {number | null} */ example,
    /** @type {string} */ key,
  ) {
    asking = true;
    asked_ms = performance.now();
    const answer = await bundlePosted(api, "/step", { ...requestOf(run), at, example });
    asking = false;
    if (answer.ok) {
      const { tensors, metadata } = answer.value;
      const place = Number(tensors.get("example")?.data[0]);
      kept.set(key, { at, example: place, of: run, tensors, updates: Number(metadata.updates) });
      const [oldest] = kept.keys();
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
    } else refused = key;
    changed();
  }

  function idOf(/** @type {Run} */ run) {
    const id = known.get(run) ?? ++runs;
    known.set(run, id);
    return id;
  }

  return {
    /** The look at a training step, or at the one that was looked at last; asks for what is lacking. @param {Run} run @param {number} step @param {number | null} example @param {boolean} moves @returns {Look | null} */
    at(run, step, example, moves) {
      const at = Math.min(step, run.experiment.steps - 1);
      const key = `${idOf(run)} ${run.changes.length} ${JSON.stringify(run.changes.at(-1) ?? "")} ${at} ${example}`;
      const found = kept.get(key);
      if (found) {
        last = found;
        return found;
      }
      const waits = moves && performance.now() - asked_ms < APART_MS;
      if (!asking && !waits && key !== refused) ask(run, at, example, key);
      return last?.of === run ? last : null;
    },
  };
}

/** The numbers of a tensor; none where it is not told. */
export function numbersOf(/** @type {Look} */ look, /** @type {string} */ name) {
  return look.tensors.get(name)?.data ?? null;
}

/** The gradient of a layer's weight where the weight lies in a row of so many numbers. @param {Look} look @param {Placed} placed @param {Tensors} tensors @param {number} numbers */
export function gradientRow(look, { node }, { weight }, numbers) {
  const found = numbersOf(look, `gradient.${node.name}.weight`);
  if (!found || !weight) return null;
  const row = new Float32Array(numbers);
  row.set(found, weight.at);
  return row;
}
