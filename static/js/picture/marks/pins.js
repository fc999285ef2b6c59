// Pinned steps in the picture. Pure: makes marks; knows no state, no canvas and no DOM.

import { coordinate, stepPosition } from "../../layer/walk.js";
import { PIN_NAMES } from "../../state/pins.js";
import { around, cellRect, grown, tapRects } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";
import { on, shared } from "../grid/magnified.js";

/** @import { AxisGeometry, LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Mark, Role } from "../scene.js" */

/** A step that is kept: what it reads and writes, dashed, and its name. */
export function pinMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ step,
  /** @type {number} */ number,
) {
  const { row } = planeAxes(layer);
  const position = stepPosition(layer, step);
  const place = { row: row ? Number(position.at(-2)) : 0, col: Number(position.at(-1)) };
  const reads = around(tapRects(layer, at.input, place, 0));
  const { input, output } = at;
  const written =
    layer.result === "columns"
      ? around([cellRect(output, 0, step), cellRect(output, layer.lanes - 1, step)])
      : around(writtenCells(layer, place).map(([down, across]) => cellRect(output, down, across)));
  for (const [box, rect, stroke] of /** @type {[Box, Rect, Role][]} */ ([
    [input, grown(reads, 10), "kernel"],
    [output, grown(written, 8), "output"],
  ])) {
    marks.push(on(box, { kind: "outline", rects: [rect], stroke, line: 2, dash: [3, 3], halo: true }));
    const [x, y] = rect;
    const tag = /** @type {Rect} */ ([x - 1, y - 16, 15, 15]);
    if (box.frame && !shared(tag, box.frame)) continue;
    marks.push({ kind: "rects", rects: [tag], fill: stroke, alpha: 1 });
    const name = String(PIN_NAMES[number]);
    marks.push({
      kind: "text",
      text: name,
      x: x + 6.5,
      y: y - 8,
      size: 11,
      align: "center",
      fill: "sheet",
      bold: true,
    });
  }
}

/** The corners of what a step writes in the shown plane, as rows and columns. @returns {[row: number, col: number][]} */
function writtenCells(/** @type {LayerGeometry} */ layer, /** @type {{ row: number, col: number }} */ place) {
  const { row, col } = planeAxes(layer);
  const ends = (/** @type {AxisGeometry | null} */ axis, /** @type {number} */ at) =>
    axis ? [coordinate(axis.writes, at, 0), coordinate(axis.writes, at, axis.writes.taps - 1)] : [0, 0];
  const [top = 0, bottom = 0] = ends(row, place.row);
  const [left = 0, right = 0] = ends(col, place.col);
  return [
    [top, left],
    [bottom, right],
  ];
}
