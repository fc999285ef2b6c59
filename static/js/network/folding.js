// Long networks in groups: blocks of layers that repeat, and runs of others, so that the chain has cards that can be looked
// at. Pure: knows settings of layers, no state and no DOM.

import { SOURCE } from "./graph.js";

/** @import { NamedSpec } from "../types/network.js" */

/**
 * Layers that stand behind one card: the place of the first, how many they are, and after how many they repeat (all of them
 * where they do not).
 * @typedef {{ first: number, length: number, period: number }} Group
 */

/** Networks of more layers are folded. */
export const FOLDED_FROM = 60;
const MOST_IN_GROUP = 24;
const LEAST_IN_GROUP = 3;

/** The groups of a network, in order; none of one that can be looked at as it is. The last layer is in none. @returns {Group[]} */
export function groupsOf(/** @type {string[]} */ names, /** @type {NamedSpec[]} */ specs) {
  if (specs.length <= FOLDED_FROM) return [];
  const kinds = kindsOf(names, specs);
  const end = specs.length - 1;
  /** @type {Group[]} */
  const groups = [];
  let single = 0; // the first layer that is in no group yet
  const others = (/** @type {number} */ until) => {
    const count = until - single;
    if (count < LEAST_IN_GROUP) return;
    const parts = Math.ceil(count / MOST_IN_GROUP);
    for (let part = 0; part < parts; part++) {
      const first = single + Math.floor((part * count) / parts);
      const length = single + Math.floor(((part + 1) * count) / parts) - first;
      groups.push({ first, length, period: length });
    }
  };
  for (let at = 0; at < end; ) {
    const { period, length } = repeatAt(kinds, at, end);
    if (length < LEAST_IN_GROUP) {
      at++;
      continue;
    }
    others(at);
    const each = period * Math.floor(MOST_IN_GROUP / period);
    for (let done = 0; done < length; done += each)
      groups.push({ first: at + done, length: Math.min(each, length - done), period });
    at += length;
    single = at;
  }
  others(end);
  return groups;
}

/** The longest repetition that begins at a place; of those as long, the one that repeats soonest. */
function repeatAt(/** @type {string[]} */ kinds, /** @type {number} */ at, /** @type {number} */ end) {
  let best = { period: 0, length: 0 };
  for (let period = 1; period <= MOST_IN_GROUP / 2 && at + 2 * period <= end; period++) {
    let equal = 0;
    while (at + period + equal < end && kinds[at + equal] === kinds[at + period + equal]) equal++;
    const length = period * (Math.floor(equal / period) + 1);
    if (equal >= period && length > best.length) best = { period, length };
  }
  return best;
}

/** A description of each layer, with the distance to those that it reads: equal for layers of a block that repeats. */
function kindsOf(/** @type {string[]} */ names, /** @type {NamedSpec[]} */ specs) {
  const places = new Map(names.map((name, at) => [name, at]));
  return specs.map(({ name: _, inputs, ...spec }, at) =>
    JSON.stringify([
      spec,
      (inputs ?? [at > 0 ? String(names[at - 1]) : SOURCE]).map((one) => at - (places.get(one) ?? -1)),
    ]),
  );
}
