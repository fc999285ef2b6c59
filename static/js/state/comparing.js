// Which setting the chosen one is compared with. A part of the reducer; knows no DOM, no network and no numbers.

import { withSetting } from "./choosing.js";

/** @import { Rules } from "../types/layer.js" */
/** @import { Setting } from "./setting.js" */
/** @import { State } from "./state.js" */

/**
 * The side (A) that the chosen setting (B) is compared with: one that was kept, or itself under the rules of a framework.
 * @typedef {{ with: "kept", setting: Setting } | { with: "rules", rules: Rules }} Comparison
 */
/** `kept` keeps the setting of this moment; `swap` makes the kept one the chosen and the other way round. */
/** @typedef {{ type: "compare", against: "kept" | Rules | null } | { type: "swap" }} Compare */

/** @param {State} state @param {Compare} action @returns {State} */
export function comparing(state, action) {
  if (action.type === "swap") {
    if (state.compare?.with !== "kept") return state;
    const kept = { with: /** @type {const} */ ("kept"), setting: state.setting };
    return { ...withSetting(state, state.compare.setting), compare: kept };
  }
  const { against } = action;
  if (against === null) return { ...state, compare: null };
  const setting =
    state.problem?.code === "unfit" ? (state.compare ? comparedSetting(state) : null) : state.setting;
  if (against === "kept") return setting ? { ...state, compare: { with: "kept", setting } } : state;
  return { ...state, compare: { with: "rules", rules: against } };
}

/** The setting A. @returns {Setting | null} */
export function comparedSetting(/** @type {State} */ { compare, setting }) {
  if (!compare) return null;
  return compare.with === "kept"
    ? compare.setting
    : {
        ...setting,
        layers: setting.layers.map((layer) => ({ ...layer, spec: { ...layer.spec, rules: compare.rules } })),
      };
}
