// Marks on a grid of which a part is on view, kept to that part, and the place under a point. Pure: boxes and marks in, boxes
// and marks out; knows no canvas and no state.

import { rectOf } from "./cells.js";
import { tallOf } from "./grids.js";

/** @import { Rect } from "./cells.js" */
/** @import { Box } from "./grids.js" */
/** @import { Plane } from "./planes.js" */
/** @import { Mark } from "../scene.js" */
/** @import { Place } from "../../state/zoom.js" */

/** A place of a grid under a point, 0–1 on both axes; null when it is not on view there. @returns {Place | null} */
export function placeUnder(/** @type {Box} */ box, /** @type {number} */ x, /** @type {number} */ y) {
  const [left, top, width, height] = box.frame ?? rectOf(box);
  if (x < left || y < top || x >= left + width || y >= top + height) return null;
  return { row: (y - box.y) / (box.rows * tallOf(box)), col: (x - box.x) / (box.cols * box.cell) };
}

// ------------------------------------------------------------------------------------- marks on what is on view

/** The part of a rectangle within another; null when they do not meet. @returns {Rect | null} */
export function shared(
  /** @type {Rect} */ [x, y, width, height],
  /** @type {Rect} */ [left, top, wide, high],
) {
  const [from, to] = [Math.max(x, left), Math.min(x + width, left + wide)];
  const [above, below] = [Math.max(y, top), Math.min(y + height, top + high)];
  return to > from && below > above ? [from, above, to - from, below - above] : null;
}

/** Lines reach beyond their rectangle. */
const REACH = 4;

/**
 * A mark on a grid, without what lies outside the frame of a magnified one.
 * @param {Box} box @param {Mark} mark @returns {Mark}
 */
export function on(box, mark) {
  const { frame } = box;
  if (!frame) return mark;
  switch (mark.kind) {
    case "rects":
    case "hatch":
    case "dots":
      return {
        ...mark,
        rects: mark.rects.flatMap((rect) => {
          const part = shared(rect, frame);
          return part ? [part] : [];
        }),
      };
    case "outline": {
      const rects = mark.rects.filter(([x, y, width, height]) =>
        shared([x - REACH, y - REACH, width + 2 * REACH, height + 2 * REACH], frame),
      );
      return { ...mark, rects, clip: frame };
    }
    case "lattice":
      return { ...mark, box: seen(mark.box, frame).box, clip: frame };
    case "numbers": {
      const { box: part, rows, cols } = seen(mark.box, frame);
      const { plane } = mark;
      /** @type {Plane} */
      const own = { ...plane, rows: plane.rows.subarray(...rows), cols: plane.cols.subarray(...cols) };
      return { ...mark, box: part, plane: own, clip: frame };
    }
    default:
      return { ...mark, clip: frame };
  }
}

/** The cells of a box that a frame shows, in part or whole, and which they are. */
function seen(/** @type {Box} */ box, /** @type {Rect} */ [x, y, width, height]) {
  const tall = tallOf(box);
  /** @param {number} from @param {number} room @param {number} start @param {number} cell @param {number} cells @returns {[number, number]} */
  const range = (from, room, start, cell, cells) => [
    Math.min(cells, Math.max(0, Math.floor((from - start) / cell))),
    Math.max(0, Math.min(cells, Math.ceil((from + room - start) / cell))),
  ];
  const rows = range(y, height, box.y, tall, box.rows);
  const cols = range(x, width, box.x, box.cell, box.cols);
  const part = {
    ...box,
    x: box.x + cols[0] * box.cell,
    y: box.y + rows[0] * tall,
    rows: Math.max(0, rows[1] - rows[0]),
    cols: Math.max(0, cols[1] - cols[0]),
    top: box.top + rows[0],
    left: box.left + cols[0],
  };
  return { box: part, rows, cols };
}
