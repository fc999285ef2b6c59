// Output cells that differ between two settings, marked in the picture. Pure: makes marks; knows no state and no canvas.

import { cellRect } from "../grid/cells.js";
import { planeAxes, tallOf } from "../grid/grids.js";
import { on } from "../grid/magnified.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Small } from "../layout/fitted.js" */
/** @import { Mark } from "../scene.js" */

/** Side of the mark on a small map. */
const MAP_MARK = 8;
/** Cells of at least this size carry a bar at their foot; smaller ones are covered, together where they are tiny. */
const BARRED = 16;
const SMALLEST_BLOCK = 4;
const [COVER, THIN] = [0.42, 0.16];

/**
 * @param {LayerGeometry} layer of the walk on view @param {Box} box @param {Uint8Array} differs per cell of the lane
 * @param {number} depth plane of a volume @returns {Mark[]}
 */
export function differenceMarks(layer, box, differs, depth) {
  const { row, col } = planeAxes(layer);
  const columns = layer.result === "columns";
  const rows = columns ? layer.lanes : (row?.output ?? 1);
  const cols = columns ? layer.steps : col.output;
  const offset = columns ? 0 : depth * rows * cols;
  const is = (/** @type {number} */ down, /** @type {number} */ across) =>
    differs[offset + down * cols + across] === 1;
  if (box.cell >= BARRED) return barMarks(box, rows, cols, is);
  // Where all differ, the words say so and the picture stays.
  const plane = differs.subarray(offset, offset + rows * cols);
  if (plane.length > 0 && plane.every((one) => one === 1)) return [];
  const block = Math.max(1, Math.ceil(SMALLEST_BLOCK / box.cell));
  /** @type {Rect[]} */
  const rects = [];
  for (let down = 0; down < rows; down += block) {
    let from = -1;
    for (let across = 0; across <= cols; across += block) {
      const any =
        across < cols &&
        anyIn(is, down, across, Math.min(block, rows - down), Math.min(block, cols - across));
      if (any && from < 0) from = across;
      if (any || from < 0) continue;
      rects.push(joined(box, down, from, Math.min(block, rows - down), across - from));
      from = -1;
    }
    if (from >= 0) rects.push(joined(box, down, from, Math.min(block, rows - down), cols - from));
  }
  // Where most differ, the picture is seen through what covers it.
  const share = rects.reduce((sum, [, , wide, tall]) => sum + wide * tall, 0) / areaOf(box, rows, cols);
  return share > 0 ? [on(box, { kind: "rects", rects, fill: "ink", alpha: share > 0.5 ? THIN : COVER })] : [];
}

/** A mark in the corner of each small map in which something differs. @returns {Mark[]} */
export function differingMaps(/** @type {Small[]} */ smalls, /** @type {number[]} */ maps) {
  const marked = new Set(maps);
  const at = smalls.filter(({ index }) => marked.has(Number(index)));
  if (at.length === 0) return [];
  const squares = (/** @type {number} */ more) =>
    at.map(({ x, y }) => /** @type {Rect} */ ([x + 2, y + 2, MAP_MARK + more, MAP_MARK + more]));
  return [
    { kind: "rects", rects: squares(2), fill: "sheet", alpha: 1 },
    { kind: "rects", rects: squares(0), fill: "ink", alpha: 1 },
  ];
}

/** @param {Box} box @param {number} rows @param {number} cols @param {(down: number, across: number) => boolean} is @returns {Mark[]} */
function barMarks(box, rows, cols, is) {
  const tall = tallOf(box);
  const high = Math.max(2, Math.min(4, tall * 0.14));
  const wide = Math.min(20, box.cell * 0.7);
  /** @type {Rect[]} */
  const under = [];
  /** @type {Rect[]} */
  const over = [];
  for (let down = 0; down < rows; down++) {
    for (let across = 0; across < cols; across++) {
      if (!is(down, across)) continue;
      const [x, y, width] = cellRect(box, down, across);
      const left = x + (width - wide) / 2;
      const top = y + tall - high - 2;
      under.push([left - 1, top - 1, wide + 2, high + 2]);
      over.push([left, top, wide, high]);
    }
  }
  if (over.length === 0) return [];
  return [
    on(box, { kind: "rects", rects: under, fill: "sheet", alpha: 1 }),
    on(box, { kind: "rects", rects: over, fill: "ink", alpha: 1 }),
  ];
}

function areaOf(/** @type {Box} */ box, /** @type {number} */ rows, /** @type {number} */ cols) {
  const [, , wide, tall] = joined(box, 0, 0, rows, cols);
  return wide * tall;
}

/** @param {(down: number, across: number) => boolean} is @param {number} top @param {number} left @param {number} rows @param {number} cols */
function anyIn(is, top, left, rows, cols) {
  for (let down = top; down < top + rows; down++)
    for (let across = left; across < left + cols; across++) if (is(down, across)) return true;
  return false;
}

/** Some cells as one rectangle. @returns {Rect} */
function joined(
  /** @type {Box} */ box,
  /** @type {number} */ row,
  /** @type {number} */ col,
  /** @type {number} */ rows,
  /** @type {number} */ cols,
) {
  const [x, y, width, tall] = cellRect(box, row, col);
  return [x, y, width * cols, tall * rows];
}
