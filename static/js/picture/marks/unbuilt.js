// The output that builds up: what lies beyond the step of a walk is not shown yet. Pure: makes marks; knows no canvas
// and no DOM.

import { stepPosition } from "../../layer/walk.js";
import { around, cellRect, rectOf } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";
import { on } from "../grid/magnified.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Mark } from "../scene.js" */

/**
 * Covers the output's cells that later steps write, in the large grid and in the small maps.
 * @param {Mark[]} marks @param {Layout} at @param {LayerGeometry} layer of a gathering walk @param {number} step
 * @param {number} lane on view
 */
export function unbuiltMarks(marks, at, layer, step, lane) {
  const { output } = at;
  const { row, col } = planeAxes(layer);
  if (layer.result === "columns") {
    if (step + 1 >= layer.steps) return;
    const rest = around([cellRect(output, 0, step + 1), cellRect(output, layer.lanes - 1, layer.steps - 1)]);
    marks.push(...covered([rest]).map((mark) => on(output, mark)), on(output, framed(rectOf(output), 2)));
    return;
  }
  const position = stepPosition(layer, step);
  const [line, place] = [row ? Number(position.at(-2)) : 0, Number(position.at(-1))];
  const [rows, cols] = [row?.output ?? 1, col.output];
  /** @type {Rect[]} */
  const rects = [];
  if (place + 1 < cols)
    rects.push(around([cellRect(output, line, place + 1), cellRect(output, line, cols - 1)]));
  if (line + 1 < rows)
    rects.push(around([cellRect(output, line + 1, 0), cellRect(output, rows - 1, cols - 1)]));
  const whole = rectOf(output);
  marks.push(...covered(rects).map((mark) => on(output, mark)), on(output, framed(whole, 2)));
  for (const map of at.lanes) {
    const room = /** @type {Rect} */ ([map.x, map.y, map.width, map.height]);
    marks.push(...covered(rects.map((rect) => mapped(rect, whole, room))));
    if (map.index === lane) marks.push(framed(room, 2.5));
  }
}

/** The frame again, which what covers the cells covers half. @returns {Mark} */
function framed(/** @type {Rect} */ rect, /** @type {number} */ line) {
  return { kind: "outline", rects: [rect], stroke: "output", line };
}

/** @returns {Mark[]} */
function covered(/** @type {Rect[]} */ rects) {
  if (rects.length === 0) return [];
  return [
    { kind: "rects", rects, fill: "sheet", alpha: 1 },
    { kind: "dots", rects },
  ];
}

/** A part of one rectangle as the same part of another. @returns {Rect} */
function mapped(/** @type {Rect} */ [x, y, width, tall], /** @type {Rect} */ from, /** @type {Rect} */ to) {
  const [across, down] = [to[2] / from[2], to[3] / from[3]];
  return [to[0] + (x - from[0]) * across, to[1] + (y - from[1]) * down, width * across, tall * down];
}
