// Walks other than gathering, by name. A feature adds its walk; modules that show a state call the walk on view. Knows
// no walk itself.

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Theme } from "../types/page.js" */
/** @import { Rect } from "../picture/grid/cells.js" */
/** @import { Box } from "../picture/grid/grids.js" */
/** @import { Layout } from "../picture/layout/layout.js" */
/** @import { Slice } from "../picture/layout/fitted.js" */
/** @import { Mark } from "../picture/scene.js" */
/** @import { StampSum } from "../step/stamp_sum.js" */
/** @import { State } from "./state.js" */

/**
 * @typedef {object} OtherWalk
 * @property {(layer: LayerGeometry) => LayerGeometry | null} view what its steps read and write
 * @property {(state: State, cell: number[]) => number | null} stepWriting the step that begins an output cell
 * @property {(state: State) => StampSum | null} sum of the step on view
 * @property {(sum: StampSum) => HTMLElement} line the sum in words
 * @property {(marks: Mark[], state: State, layer: LayerGeometry, theme: Theme, slice: Slice) => void} sliceMarks
 * @property {(marks: Mark[], state: State, at: Layout, layer: LayerGeometry, theme: Theme) => Rect} writtenMarks
 *   its output, and where the step on view writes
 * @property {(marks: Mark[], state: State, lens: Box, layer: LayerGeometry, theme: Theme) => void} lensMarks
 */

/** @type {Map<string, OtherWalk>} */
const walks = new Map();

export function addWalk(/** @type {string} */ name, /** @type {OtherWalk} */ walk) {
  walks.set(name, walk);
}

/** The walk of a name; null for gathering, and for one that has not come. */
export function walkNamed(/** @type {string} */ name) {
  return walks.get(name) ?? null;
}
