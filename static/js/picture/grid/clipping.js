// Marks on a magnified grid without what lies outside its frame. Pure: marks in, marks out; knows no canvas and no state.

import { tallOf } from "./grids.js";
import { shared } from "./magnified.js";

/** @import { Rect } from "./cells.js" */
/** @import { Box } from "./grids.js" */
/** @import { Plane } from "./planes.js" */
/** @import { Mark } from "../scene.js" */

/** Lines reach beyond their rectangle. */
const REACH = 4;

/** @param {Mark} mark @param {Rect} frame @returns {Mark} */
export function clipped(mark, frame) {
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
