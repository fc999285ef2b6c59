// Helpers of the tests of the page: a seeded random, the registry as the golden files hold it, small doubles. Brings the whole page.

import { readFileSync } from "node:fs";
import "../../static/js/features.js";

/** @import { LayerGeometry } from "../../static/js/types/geometry.js" */
/** @import { OperationInfo } from "../../static/js/types/registry.js" */
/** @import { Spec } from "../../static/js/types/layer.js" */

const GOLDEN = new URL("../golden/", import.meta.url);

/** @returns {OperationInfo} */
export function operationInfo(/** @type {string} */ name) {
  return JSON.parse(readFileSync(new URL(`${name}.json`, GOLDEN), "utf8")).operation;
}

/**
 * Every operation that a golden file holds, with the cases that fit.
 * @returns {{ operation: OperationInfo, cases: { spec: Spec, input_shape: number[], geometry?: LayerGeometry }[] }[]}
 */
export function goldens() {
  return ["convolution", "max_pooling"].map((name) =>
    JSON.parse(readFileSync(new URL(`${name}.json`, GOLDEN), "utf8")),
  );
}

/** A reproducible random number in [0, 1): mulberry32. */
export function seeded(/** @type {number} */ seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws from a seeded random. */
export function draws(/** @type {number} */ seed) {
  const random = seeded(seed);
  const whole = (/** @type {number} */ low, /** @type {number} */ high) =>
    low + Math.floor(random() * (high - low + 1));
  return {
    random,
    whole,
    chance: (/** @type {number} */ part) => random() < part,
    /** @template Item @param {readonly Item[]} items @returns {Item} */
    one: (items) => /** @type {Item} */ (items[whole(0, items.length - 1)]),
  };
}
