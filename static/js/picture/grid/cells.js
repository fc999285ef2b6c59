// Rectangles of cells: where coordinates of a grid lie on the stage. Pure arithmetic on boxes and the geometry.

import { BEYOND, coordinate, lengthOf, resolve, tapsAt, unreadCells } from "../../layer/walk.js";
import { planeAxes, tallOf } from "./grids.js";

/** @import { AxisGeometry, LayerGeometry } from "../../types/geometry.js" */
/** @import { Range } from "../../types/numbers.js" */
/** @import { Box } from "./grids.js" */

/** @typedef {[x: number, y: number, width: number, height: number]} Rect */

/** @returns {Rect} */
export function rectOf(/** @type {Box} */ box) {
  return [box.x, box.y, box.cols * box.cell, box.rows * tallOf(box)];
}

/** One cell by its coordinates. @returns {Rect} */
export function cellRect(/** @type {Box} */ box, /** @type {number} */ row, /** @type {number} */ col) {
  const tall = tallOf(box);
  return [box.x + (col - box.left) * box.cell, box.y + (row - box.top) * tall, box.cell, tall];
}

/** One cell by its row-major number in the box. @returns {Rect} */
export function tapRect(/** @type {Box} */ box, /** @type {number} */ tap) {
  return cellRect(box, box.top + Math.floor(tap / box.cols), box.left + (tap % box.cols));
}

/** Whether a window's cells lie apart. */
export function hasGaps(/** @type {LayerGeometry} */ layer) {
  return layer.axes.some(({ reads }) => reads.kind === "affine" && reads.gap > 1 && reads.taps > 1);
}

/** The cells that a window reads in the shown plane, moved by `glide` cells; as one where they lie side by side. */
export function tapRects(
  /** @type {LayerGeometry} */ layer,
  /** @type {Box} */ box,
  /** @type {{ row: number, col: number }} */ place,
  /** @type {number} */ glide,
) {
  const { row, col } = planeAxes(layer);
  const [rows, cols] = [row ? tapsAt(row.reads, place.row) : 1, tapsAt(col.reads, place.col)];
  if (!hasGaps(layer)) {
    // Side by side they are one: a window can be the whole input.
    const first = cellRect(
      box,
      row ? coordinate(row.reads, place.row, 0) : 0,
      coordinate(col.reads, place.col, 0) + glide,
    );
    return [/** @type {Rect} */ ([first[0], first[1], cols * box.cell, rows * tallOf(box)])];
  }
  /** @type {Rect[]} */
  const rects = [];
  for (let down = 0; down < rows; down++) {
    const y = row ? coordinate(row.reads, place.row, down) : 0;
    for (let across = 0; across < cols; across++)
      rects.push(cellRect(box, y, coordinate(col.reads, place.col, across) + glide));
  }
  return rects;
}

/** The smallest rectangle around some. @returns {Rect} */
export function around(/** @type {Rect[]} */ rects) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y, width, height] of rects) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return [left, top, right - left, bottom - top];
}

/** At least `side` pixels wide and high, about the same middle: what is tiny can still be seen. @returns {Rect} */
export function grown(/** @type {Rect} */ rect, /** @type {number} */ side) {
  const [x, y, width, height] = rect;
  const wide = Math.max(width, side);
  const high = Math.max(height, side);
  return [x - (wide - width) / 2, y - (high - height) / 2, wide, high];
}

/** The input without its padding, with what is inserted between its cells. @returns {Rect} */
export function innerRect(/** @type {LayerGeometry} */ layer, /** @type {Box} */ box) {
  const { row, col } = planeAxes(layer);
  const [x, y] = cellRect(box, 0, 0);
  return [x, y, lengthOf(col) * box.cell, (row ? lengthOf(row) : 1) * tallOf(box)];
}

/** The output without what is cropped around it. @returns {Rect} */
export function outputRect(/** @type {LayerGeometry} */ layer, /** @type {Box} */ box) {
  if (layer.result === "columns") return rectOf(box);
  const { row, col } = planeAxes(layer);
  const [x, y] = cellRect(box, 0, 0);
  return [x, y, col.output * box.cell, (row?.output ?? 1) * tallOf(box)];
}

/** The part of a box that holds cells and padding, without what is read beyond it. @returns {Box} */
export function withoutOverhang(/** @type {LayerGeometry} */ layer, /** @type {Box} */ box) {
  const { row, col } = planeAxes(layer);
  return { ...box, rows: box.rows - (row?.overhang ?? 0), cols: box.cols - col.overhang };
}

/** @typedef {"cell" | "inserted" | "padding" | "beyond"} Kind */

/** The kind of cell at a coordinate of an axis; a copy of a cell in the padding counts as the cell. @returns {Kind} */
function kindOn(/** @type {AxisGeometry | null} */ axis, /** @type {number} */ at) {
  const index = axis ? resolve(axis, at) : 0;
  if (index >= 0 || !axis) return "cell";
  if (index === BEYOND) return "beyond";
  return at >= 0 && at < lengthOf(axis) ? "inserted" : "padding";
}

const KINDS = /** @type {Kind[]} */ (["cell", "inserted", "padding", "beyond"]);

/** The kind of cell at a coordinate of the shown plane: the farther out of its two axes. */
export function kindAt(/** @type {LayerGeometry} */ layer, /** @type {number} */ y, /** @type {number} */ x) {
  const { row, col } = planeAxes(layer);
  const kinds = [kindOn(row, y), kindOn(col, x)];
  return /** @type {Kind} */ (KINDS[Math.max(...kinds.map((kind) => KINDS.indexOf(kind)))]);
}

/** The zeros between the cells of a spread input, as bands that cross. @returns {Rect[]} */
export function insertedRects(/** @type {LayerGeometry} */ layer, /** @type {Box} */ box) {
  const { row, col } = planeAxes(layer);
  const [x, y, width, height] = innerRect(layer, box);
  const { cell } = box;
  /** @type {Rect[]} */
  const bands = [];
  for (const [axis, down] of /** @type {const} */ ([
    [row, true],
    [col, false],
  ])) {
    if (!axis || axis.spread === 1) continue;
    const wide = (axis.spread - 1) * cell;
    for (let at = 0; at < axis.size - 1; at++) {
      const start = (at * axis.spread + 1) * cell;
      bands.push(down ? [x, y + start, width, wide] : [x + start, y, wide, height]);
    }
  }
  return bands;
}

/** Rows or columns of padding at the end of an axis that no window reads. */
function unreadPadding(/** @type {AxisGeometry | null} */ axis) {
  if (axis?.reads.kind !== "affine" || axis.output < 1) return 0;
  const last = coordinate(axis.reads, axis.output - 1, axis.reads.taps - 1);
  return Math.max(0, Math.min(axis.end, lengthOf(axis) + axis.end - 1 - last));
}

/** The frame of padding, as up to four rectangles; what lies beyond it is left out. */
export function paddingRects(/** @type {LayerGeometry} */ layer, /** @type {Box} */ box) {
  const { row, col } = planeAxes(layer);
  const [x, y, width, height] = innerRect(layer, box);
  const { cell } = box;
  const above = (row?.begin ?? 0) * cell;
  const below = (row?.end ?? 0) * cell;
  const left = col.begin * cell;
  const right = col.end * cell;
  /** @type {Rect[]} */
  const rects = [
    [x - left, y - above, width + left + right, above],
    [x - left, y + height, width + left + right, below],
    [x - left, y, left, height],
    [x + width, y, right, height],
  ];
  return rects.filter(([, , wide, high]) => wide > 0 && high > 0);
}

/** Narrower bands than this are left to the lens: as stripes they would hide the picture. */
const NARROWEST_BAND = 2;

/** The cells that no window reads, as bands over the padding too; they may cross. @returns {Rect[]} */
export function unreadRects(
  /** @type {LayerGeometry} */ layer,
  /** @type {Box} */ box,
  /** @type {Rect} */ inner,
) {
  const { row, col } = planeAxes(layer);
  const { cell } = box;
  const [x, y, width, height] = inner;
  /** @type {Rect[]} */
  const bands = [];
  const [above, before] = [(row?.begin ?? 0) * cell, col.begin * cell];
  const tall = height + above + (row?.end ?? 0) * cell;
  const wide = width + before + col.end * cell;
  const long = (/** @type {AxisGeometry} */ { spread }, /** @type {Range} */ [first, last]) =>
    ((last - first) * spread + 1) * cell;
  for (const range of row ? unreadRanges(row) : [])
    bands.push([
      x - before,
      y + range[0] * (row?.spread ?? 1) * cell,
      wide,
      long(/** @type {AxisGeometry} */ (row), range),
    ]);
  for (const range of unreadRanges(col))
    bands.push([x + range[0] * col.spread * cell, y - above, long(col, range), tall]);
  const [rows, cols] = [unreadPadding(row) * cell, unreadPadding(col) * cell];
  if (rows > 0) bands.push([x - before, y - above + tall - rows, wide, rows]);
  if (cols > 0) bands.push([x - before + wide - cols, y - above, cols, tall]);
  return bands.filter(([, , across, down]) => Math.min(across, down) >= NARROWEST_BAND);
}

/** @type {WeakMap<AxisGeometry, Range[]>} */
const unreadOf = new WeakMap();

/** All of them: a geometry lists no more than its first few. @returns {Range[]} */
export function unreadRanges(/** @type {AxisGeometry} */ axis) {
  let known = unreadOf.get(axis);
  if (!known) {
    known = axis.unread_count === 0 ? [] : unreadCells(axis, axis.size).unread;
    unreadOf.set(axis, known);
  }
  return known;
}

/** The cells of a lens that no window reads. */
export function unreadCellsIn(
  /** @type {LayerGeometry} */ layer,
  /** @type {Box} */ lens,
  /** @type {number} */ top,
  /** @type {number} */ left,
) {
  const { row, col } = planeAxes(layer);
  const unread = (/** @type {AxisGeometry | null} */ axis, /** @type {number} */ at) =>
    axis !== null && unreadRanges(axis).some(([first, last]) => at >= first && at <= last);
  const cells = Array.from({ length: lens.rows * lens.cols }, (_, cell) => cell);
  const dimmed = cells.filter(
    (cell) => unread(row, top + Math.floor(cell / lens.cols)) || unread(col, left + (cell % lens.cols)),
  );
  return dimmed.map((cell) => tapRect(lens, cell));
}
