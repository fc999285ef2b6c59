// What lies under a point of the stage: a cell of a grid, a tap of a slice, a small map. Pure; reads a layout only.

import { tallOf } from "./layout.js";

/** @import { Box, Layout, Slice, Small } from "./layout.js" */

/**
 * @typedef {{ part: "input" | "output", row: number, col: number } | { part: "slice", slice: Slice, tap: number }
 *   | { part: "lane", lane: number } | { part: "channel", channel: number | "rgb" } | null} Hit
 */

/** The cell of a box under a point, as coordinates. @returns {{ row: number, col: number } | null} */
export function cellUnder(/** @type {Box} */ box, /** @type {number} */ x, /** @type {number} */ y) {
  const row = Math.floor((y - box.y) / tallOf(box));
  const col = Math.floor((x - box.x) / box.cell);
  if (row < 0 || col < 0 || row >= box.rows || col >= box.cols) return null;
  return { row: row + box.top, col: col + box.left };
}

/** @returns {Hit} */
export function hit(/** @type {Layout} */ at, /** @type {number} */ x, /** @type {number} */ y) {
  for (const part of /** @type {const} */ (["input", "output"])) {
    const cell = cellUnder(at[part], x, y);
    if (cell) return { part, ...cell };
  }
  for (const slice of at.slices) {
    for (const box of [slice.patch, slice.kernel]) {
      const cell = box && cellUnder(box, x, y);
      if (cell && box) return { part: "slice", slice, tap: cell.row * box.cols + cell.col };
    }
  }
  const inside = (/** @type {Small} */ one) =>
    x >= one.x && x < one.x + one.size && y >= one.y && y < one.y + one.size;
  const lane = at.lanes.find(inside);
  if (lane) return { part: "lane", lane: Number(lane.index) };
  const channel = at.channels.find(inside);
  return channel ? { part: "channel", channel: channel.index } : null;
}
