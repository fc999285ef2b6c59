// The step that shows a cell of the input. Pure; knows no DOM.

import { stepsReading } from "../layer/readers.js";
import { stepIndex } from "../layer/walk.js";
import { nearestPosition } from "../state/anchors.js";
import { viewOf, walkOf } from "../state/selectors.js";

/** @import { AxisGeometry } from "../types/geometry.js" */
/** @import { State } from "../state/state.js" */

/** The step that shows an input cell nearest to the middle of its window; null when none reads it. */
export function stepShowing(/** @type {State} */ state, /** @type {number[]} */ cell) {
  const layer = viewOf(state);
  if (!layer) return null;
  if (walkOf(state) === "stamp") return stepIndex(layer, cell);
  const reading = stepsReading(layer, cell);
  if (reading.count === 0) return null;
  const position = reading.axes.map((ranges, at) => {
    const axis = /** @type {AxisGeometry} */ (layer.axes[at]);
    return nearestPosition(axis, /** @type {number} */ (cell[at]) * axis.spread, ranges);
  });
  return stepIndex(layer, position);
}
