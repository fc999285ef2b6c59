// Judgement of a network's outputs: shares, the class spoken for, the loss, who is mistaken for whom. Pure numbers; the
// same definitions as in the core's losses, held by tests.

import { product } from "../network/shapes.js";
import { shares } from "./forward.js";

/** @import { ExampleSet } from "../types/training.js" */
/** @import { Trained } from "./forward.js" */

/** @typedef {{ place: number, is: number, says: number, sure: number }} Verdict one example */
/** @typedef {{ table: number[][], all: Verdict[], wrong: Verdict[], right: number, count: number }} Verdicts both lists have the surest first */

/** Softmax of outputs; a lone output is the share of the second class. @returns {number[]} */
export function sharesOf(/** @type {Float32Array} */ outputs) {
  if (outputs.length === 1) {
    const second = 1 / (1 + Math.exp(-Number(outputs[0])));
    return [1 - second, second];
  }
  return [...shares(Float32Array.from(outputs), outputs.length)];
}

/** The class that outputs speak for: the first of the largest. */
export function classOf(/** @type {ArrayLike<number>} */ outputs) {
  if (outputs.length === 1) return Number(outputs[0]) > 0 ? 1 : 0;
  let best = 0;
  for (let at = 1; at < outputs.length; at++) if (Number(outputs[at]) > Number(outputs[best])) best = at;
  return best;
}

/** `−log pₗ` of the class that is right. */
export function lossOf(/** @type {number[]} */ of, /** @type {number} */ label) {
  return -Math.log(Number(of[label]));
}

/**
 * The verdict on every example, from its outputs.
 * @param {Float32Array[]} outputs @param {ArrayLike<number>} labels @param {number} classes
 * @returns {Verdicts}
 */
export function verdictsOf(outputs, labels, classes) {
  const table = Array.from({ length: classes }, () => new Array(classes).fill(0));
  /** @type {Verdict[]} */
  const all = [];
  for (const [place, one] of outputs.entries()) {
    const is = Number(labels[place]);
    const says = classOf(one);
    const row = /** @type {number[]} */ (table[is]);
    row[says] = Number(row[says]) + 1;
    all.push({ place, is, says, sure: Number(sharesOf(one)[says]) });
  }
  all.sort((one, other) => other.sure - one.sure);
  const wrong = all.filter(({ is, says }) => is !== says);
  return { table, all, wrong, right: outputs.length - wrong.length, count: outputs.length };
}

/** Verdicts on all unseen examples, and for which parameters and set; null where there are none. @typedef {{ row: Float32Array | null, set: ExampleSet | null, verdicts: Verdicts | null }} Judged */

/** Judges all unseen examples a few at a time: a judgement that has begun is brought to its end before a newer one begins. */
export function createJudge() {
  /** @type {Judged} */
  let judged = { row: null, set: null, verdicts: null };
  /** @type {{ forward: Trained["forward"], row: Float32Array, set: ExampleSet, outputs: Float32Array[] } | null} */
  let begun = null;
  return {
    /** The last judgement that is whole. @param {Trained["forward"]} forward @param {Float32Array} row @param {ExampleSet} set @param {() => boolean} goesOn whether there is time for one more @returns {Judged} */
    advance(forward, row, set, goesOn) {
      if (judged.row === row && judged.set === set) return judged;
      if (begun?.forward !== forward || begun.set !== set) begun = { forward, row, set, outputs: [] };
      const { labels, x } = set.validation;
      const cells = product(set.shape);
      const { outputs } = begun;
      while (outputs.length < labels.length && goesOn()) {
        const at = outputs.length * cells;
        outputs.push(forward.outputs(begun.row, x.subarray(at, at + cells)));
      }
      if (outputs.length < labels.length) return judged;
      const verdicts = labels.length > 0 ? verdictsOf(outputs, labels, set.classes.length) : null;
      judged = { row: begun.row, set, verdicts };
      begun = null;
      return judged;
    },
  };
}

/** One example, or the last of its part. @param {ExampleSet} set @param {{ part: "training" | "validation", place: number }} chosen */
export function exampleAt({ shape, ...parts }, { part, place: wanted }) {
  const cells = product(shape);
  const { x, labels } = parts[part];
  const place = Math.min(wanted, labels.length - 1);
  return { values: x.subarray(place * cells, (place + 1) * cells), label: Number(labels[place]) };
}
