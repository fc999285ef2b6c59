// The votes of a dense layer: each input cell times its weight, whose sum with the bias is the layer's number. Pure
// arithmetic on numbers that were served; knows no canvas.

import { labelsOf } from "../model/labels.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Activation, Tensors } from "./activations.js" */

/**
 * One output: its terms (channel, cell), their sum per channel, the bias, and all together.
 * @typedef {{ terms: Float32Array, sums: number[], bias: number, total: number }} Vote
 */

/** @type {WeakMap<Tensors, { input: Float32Array, votes: Vote[] }>} */
const known = new WeakMap();

/** The votes of all outputs. @returns {Vote[]} */
export function votesFor(
  /** @type {LayerGeometry} */ layer,
  /** @type {Activation} */ { data },
  /** @type {Tensors} */ tensors,
) {
  const before = known.get(tensors);
  if (before?.input === data) return before.votes;
  const { taps, lanes, channels_per_group: channels } = layer;
  const cells = channels * taps;
  const votes = Array.from({ length: lanes }, (_, lane) => {
    const terms = new Float32Array(cells);
    const sums = new Array(channels).fill(0);
    for (let at = 0; at < cells; at++) {
      const term = Number(data[at]) * Number(tensors.weight[lane * cells + at]);
      terms[at] = term;
      sums[Math.floor(at / taps)] += term;
    }
    const bias = Number(tensors.bias?.[lane] ?? 0);
    return { terms, sums, bias, total: sums.reduce((total, sum) => total + sum, bias) };
  });
  known.set(tensors, { input: data, votes });
  return votes;
}

/** Names of a dense layer's outputs: those of a layer called X_or_O are X and O, others are given. @returns {string[] | null} */
export function classesOf(/** @type {string} */ name, /** @type {number} */ lanes) {
  const names = name.split("_or_");
  return names.length === lanes && lanes > 1 ? names : labelsOf(name, lanes);
}
