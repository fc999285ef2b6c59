// The planes of a volume, one map each: which of them the window reads or writes, and where. Pure: makes marks and finds
// steps; knows no canvas and no DOM.

import { coordinate, lengthOf, resolve, stepIndex, stepPosition, tapsAt } from "../../layer/walk.js";
import { otherWalk, viewOf } from "../../state/selectors.js";
import { clamp } from "../../state/setting.js";
import { stepShowing } from "../../step/showing.js";
import { planeAxes } from "../grid/grids.js";

/** @import { AxisGeometry, Footprint, LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Small } from "../layout/fitted.js" */
/** @import { Mark, Role } from "../scene.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Grid } from "../../state/zoom.js" */

const DIGIT = 6.6;

/** The number of each plane, and the part of the window in those that it reaches. */
export function depthMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ step,
) {
  const axis = /** @type {AxisGeometry} */ (layer.axes[0]);
  const place = Number(stepPosition(layer, step)[0]);
  for (const small of at.channels)
    planeMarks(
      marks,
      small,
      layer,
      step,
      "input",
      depthsOf(axis.reads, place).map((z) => resolve(axis, z)),
    );
  for (const small of at.lanes) planeMarks(marks, small, layer, step, "output", depthsOf(axis.writes, place));
}

/** Where a step reads or writes along the depth. */
function depthsOf(/** @type {Footprint} */ footprint, /** @type {number} */ place) {
  return Array.from({ length: tapsAt(footprint, place) }, (_, tap) => coordinate(footprint, place, tap));
}

/**
 * @param {Mark[]} marks @param {Small} small @param {LayerGeometry} layer @param {number} step @param {Grid} grid
 * @param {number[]} reached planes
 */
function planeMarks(marks, small, layer, step, grid, reached) {
  if (small.depth === undefined) return;
  const words = String(small.depth);
  const chip = /** @type {Rect} */ ([small.x, small.y + small.height - 12, words.length * DIGIT + 5, 12]);
  marks.push({ kind: "rects", rects: [chip], fill: "sheet", alpha: 0.85 });
  const spot = { x: small.x + 2.5, y: small.y + small.height - 5.5 };
  marks.push({ kind: "text", text: words, ...spot, size: 11, align: "left", fill: grid });
  if (!reached.includes(small.depth)) return;
  const { row, col } = planeAxes(layer);
  const position = stepPosition(layer, step);
  const [x, width] = spanOn(col, grid, Number(position.at(-1)), small.width);
  const [y, height] = row ? spanOn(row, grid, Number(position.at(-2)), small.height) : [0, small.height];
  /** @type {Role} */
  const stroke =
    grid === "output" && layer.axes.every(({ writes }) => writes.taps === 1) ? "output" : "kernel";
  const rects = [/** @type {Rect} */ ([small.x + x, small.y + y, width, height])];
  if (width > 0 && height > 0) marks.push({ kind: "outline", rects, stroke, line: 2, halo: true });
}

/** From where, and how far, a step reaches along a side of a map. */
function spanOn(
  /** @type {AxisGeometry} */ axis,
  /** @type {Grid} */ grid,
  /** @type {number} */ place,
  /** @type {number} */ side,
) {
  const footprint = grid === "input" ? axis.reads : axis.writes;
  const length = grid === "input" ? lengthOf(axis) : axis.output;
  const cells = depthsOf(footprint, place);
  const from = Math.max(0, Number(cells[0]));
  const to = Math.min(length, Number(cells.at(-1)) + 1);
  return [(from / length) * side, ((to - from) / length) * side];
}

/** The step of the walk on view that shows a plane where the window stands now; null when none does. */
export function stepAtDepth(
  /** @type {State} */ state,
  /** @type {Grid} */ grid,
  /** @type {number} */ depth,
) {
  const layer = viewOf(state);
  if (!layer) return null;
  const [, ...position] = stepPosition(layer, state.step);
  const other = otherWalk(state);
  // A step is a cell of the output, of a stamping walk one of the input.
  if ((other !== null) === (grid === "input")) return stepIndex(layer, [depth, ...position]);
  const cell = position.map((place, before) => {
    const axis = /** @type {AxisGeometry} */ (layer.axes[before + 1]);
    if (other) return clamp(coordinate(axis.writes, place, 0), 0, axis.output - 1);
    const middle = coordinate(axis.reads, place, Math.floor(tapsAt(axis.reads, place) / 2));
    return Math.max(0, resolve(axis, clamp(middle, 0, lengthOf(axis) - 1)));
  });
  return other ? other.stepWriting(state, [depth, ...cell]) : stepShowing(state, [depth, ...cell]);
}
