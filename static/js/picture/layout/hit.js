// The cell, map or slice of a layout that lies under a point. Pure arithmetic on boxes; knows no state.

import { tallOf } from "../grid/grids.js";
import { placeUnder } from "../grid/magnified.js";

/** @import { Box } from "../grid/grids.js" */
/** @import { Grid, Place } from "../../state/zoom.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Slice, Small } from "./fitted.js" */

/**
 * @typedef {{ part: "input" | "output", row: number, col: number }
 *   | { part: "overview", grid: Grid, place: Place } | { part: "slice", slice: Slice, tap: number }
 *   | { part: "depth", grid: Grid, depth: number } | { part: "lane", lane: number } | { part: "channel", channel: number | "rgb" } | null} Hit
 */

/** The cell of a box under a point, as coordinates. @returns {{ row: number, col: number } | null} */
export function cellUnder(/** @type {Box} */ box, /** @type {number} */ x, /** @type {number} */ y) {
  if (box.frame && !placeUnder(box, x, y)) return null;
  const row = Math.floor((y - box.y) / tallOf(box));
  const col = Math.floor((x - box.x) / box.cell);
  if (row < 0 || col < 0 || row >= box.rows || col >= box.cols) return null;
  return { row: row + box.top, col: col + box.left };
}

/** Whether a point lies on the curve over the cells of a series: it stands for the cell below. */
function overCurve(
  /** @type {Layout} */ at,
  /** @type {Grid} */ part,
  /** @type {number} */ x,
  /** @type {number} */ y,
) {
  const [left, top, width, tall] = at.curves?.[part] ?? [0, 0, 0, 0];
  return x >= left && x < left + width && y >= top && y < top + tall;
}

/** @returns {Hit} */
export function hit(/** @type {Layout} */ at, /** @type {number} */ x, /** @type {number} */ y) {
  for (const part of /** @type {const} */ (["input", "output"])) {
    const overview = at.overviews[part];
    const place = overview && placeUnder(overview, x, y);
    if (place) return { part: "overview", grid: part, place };
    const cell = cellUnder(at[part], x, overCurve(at, part, x, y) ? at[part].y : y);
    if (cell) return { part, ...cell };
  }
  for (const slice of at.slices) {
    // The one cell of a stamp is no tap of the kernel.
    for (const box of slice.stamp ? [slice.kernel, slice.stamp] : [slice.patch, slice.kernel]) {
      const cell = box && cellUnder(box, x, y);
      if (cell && box) return { part: "slice", slice, tap: cell.row * box.cols + cell.col };
    }
  }
  const inside = (/** @type {Small} */ one) =>
    x >= one.x && x < one.x + one.size && y >= one.y && y < one.y + (one.tall ?? one.size);
  const lane = at.lanes.find(inside);
  if (lane?.depth !== undefined) return { part: "depth", grid: "output", depth: lane.depth };
  if (lane) return { part: "lane", lane: Number(lane.index) };
  const channel = at.channels.find(inside);
  if (channel?.depth !== undefined) return { part: "depth", grid: "input", depth: channel.depth };
  return channel ? { part: "channel", channel: channel.index } : null;
}
