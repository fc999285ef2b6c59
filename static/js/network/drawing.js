// Drawing into the source of a network, whichever of its layers is on view. A part of the reducer; knows no DOM and no
// server.

import { choose } from "../state/choosing.js";
import { settle } from "../state/resolve.js";
import { replaced } from "../state/setting.js";

/** @import { NestedNumbers } from "../types/numbers.js" */
/** @import { State } from "../state/state.js" */

/**
 * A part of a stroke: cells of all channels take a value. `values` is the source before it, where it was no typed values;
 * the parts of a stroke are undone as one.
 * @typedef {{ type: "draw", stroke: number, cells: number[][], value: number, values?: NestedNumbers }} Draw
 */

/** More cells would travel with each part of a stroke. */
export const MOST_DRAWN = 16_384;

/** @param {State} state @param {Draw} action @returns {State} */
export function drawing(state, { cells, value, values }) {
  const { source } = state.setting;
  const shape = state.inputShape;
  const before = values ?? (source.kind === "values" ? source.values : null);
  if (!shape || !before) return state;
  const [channels = 1, ...sizes] = shape;
  const each = sizes.reduce((all, side) => all * side, 1);
  const given = levelsOf(before) === shape.length ? shape : sizes;
  const written = given === shape ? channels : 1;
  let after = before;
  for (const cell of cells) {
    if (cell.some((at, axis) => at < 0 || at >= Number(sizes[axis])) || cell.length !== sizes.length)
      continue;
    const at = cell.reduce((index, one, axis) => index * Number(sizes[axis]) + one, 0);
    for (let channel = 0; channel < written; channel++)
      after = replaced(after, given, channel * each + at, value);
  }
  const axes = sizes.length === 1 && given === shape ? { axes: 1 } : {};
  return settle(choose(state, { ...state.setting, source: { kind: "values", values: after, ...axes } }));
}

function levelsOf(/** @type {NestedNumbers} */ values) {
  let levels = 0;
  for (let level = values; Array.isArray(level); level = /** @type {NestedNumbers} */ (level[0])) levels++;
  return levels;
}
