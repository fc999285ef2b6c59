// The numbers of rows and columns outside the frames of the grids: all of them quiet, those of the window and of the cell that
// is written in the colour of their role. Pure: makes marks; knows no state and no canvas.

import { coordinate, resolve, tapsAt } from "../../layer/walk.js";
import { cellRect, rectOf } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";
import { NUMBERED_AXES } from "../layout/fitted.js";

/** @import { AxisGeometry, LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Mark, Role } from "../scene.js" */

const SIZE = 13;
const [ABOVE, BESIDE] = [10, 8];
/** Of a digit. */
const WIDE = 6.6;
const HIGH = 15;

/** @typedef {{ rows: number[], cols: number[] }} Lines numbers of rows and columns, and where they stand in cells */

/** All numbers of both grids. @param {Mark[]} marks @param {Layout} at @param {LayerGeometry} layer */
export function axisMarks(marks, at, layer) {
  if (!at.numbered || layer.result !== "grid") return;
  const { row, col } = planeAxes(layer);
  const all = (/** @type {number} */ length) => Array.from({ length }, (_, place) => place);
  const input = { rows: all(row?.size ?? 0), cols: all(col.size) };
  numbers(marks, at.input, input, { row: row?.spread ?? 1, col: col.spread }, "faint");
  numbers(marks, at.output, { rows: all(row?.output ?? 0), cols: all(col.output) }, ONE, "faint");
}

const ONE = { row: 1, col: 1 };

/**
 * Those of the window that a step reads, and of the cell that it writes.
 * @param {Mark[]} marks @param {Layout} at @param {LayerGeometry} layer @param {{ row: number, col: number }} place
 */
export function ownAxisMarks(marks, at, layer, place) {
  if (!at.numbered || layer.result !== "grid") return;
  const { row, col } = planeAxes(layer);
  const read = (/** @type {AxisGeometry} */ axis, /** @type {number} */ step) => {
    const cells = Array.from({ length: tapsAt(axis.reads, step) }, (_, tap) =>
      coordinate(axis.reads, step, tap),
    );
    return cells
      .filter(
        (cell) =>
          cell >= 0 && cell % axis.spread === 0 && cell / axis.spread < axis.size && resolve(axis, cell) >= 0,
      )
      .map((cell) => cell / axis.spread);
  };
  const input = { rows: row ? read(row, place.row) : [], cols: read(col, place.col) };
  numbers(marks, at.input, input, { row: row?.spread ?? 1, col: col.spread }, "kernel");
  numbers(marks, at.output, { rows: row ? [place.row] : [], cols: [place.col] }, ONE, "output");
}

/**
 * @param {Mark[]} marks @param {Box} box @param {Lines} lines @param {{ row: number, col: number }} spread @param {Role} fill
 */
function numbers(marks, box, { rows, cols }, spread, fill) {
  if (box.cell < NUMBERED_AXES) return;
  const bold = fill !== "faint";
  const [left, top, width, height] = box.frame ?? rectOf(box);
  const put = (
    /** @type {number} */ line,
    /** @type {number} */ x,
    /** @type {number} */ y,
    /** @type {CanvasTextAlign} */ align,
  ) => {
    const text = String(line);
    const wide = text.length * WIDE + 4;
    /** @type {Rect} */
    const under = [align === "right" ? x - wide + 2 : x - wide / 2, y - HIGH / 2, wide, HIGH];
    if (bold) marks.push({ kind: "rects", rects: [under], fill: "sheet", alpha: 1 });
    marks.push({ kind: "text", text, x, y, size: SIZE, align, fill, bold });
  };
  for (const col of cols) {
    const [x, , wide] = cellRect(box, 0, col * spread.col);
    const middle = x + wide / 2;
    if (middle > left && middle < left + width) put(col, middle, top - ABOVE, "center");
  }
  for (const row of rows) {
    const [, y, , high] = cellRect(box, row * spread.row, 0);
    const middle = y + high / 2;
    if (middle > top && middle < top + height) put(row, left - BESIDE, middle, "right");
  }
}
