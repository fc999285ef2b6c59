// The lens: what lies around the window, enlarged, where the cells of the grid hold no numbers. Pure: makes marks; knows no
// canvas and no DOM.

import { coordinate } from "../../layer/walk.js";
import { currentNumbers, sourceOf, viewedStep } from "../../state/selectors.js";
import { text } from "../../words/page.js";
import { around, kindAt, rectOf, tapRect, tapRects, unreadCellsIn } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";
import { depthOn, inputPlane } from "../grid/planes.js";
import { isLegible } from "../layout/fitted.js";
import { digitsFor, fillText } from "./slices.js";
import { windowMarks } from "./window.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Theme } from "../../types/page.js" */
/** @import { Kind, Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Mark } from "../scene.js" */
/** @import { State } from "../../state/state.js" */

export function lensMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Box} */ lens,
  /** @type {LayerGeometry} */ layer,
  /** @type {Theme} */ theme,
  /** @type {{ row: number, col: number }} */ place,
) {
  const { row, col } = planeAxes(layer);
  const numbers = currentNumbers(state);
  const top = (row ? coordinate(row.reads, place.row, 0) : 0) + lens.top;
  const left = coordinate(col.reads, place.col, 0) + lens.left;
  const depth = depthOn(layer, viewedStep(state)).input;
  const { channel } = state;
  const region = { top, left, rows: lens.rows, cols: lens.cols };
  const plane = inputPlane(layer, numbers, sourceOf(state), channel, theme, depth, false, region);
  const box = { ...lens, top, left };
  /** @type {Record<Kind, Rect[]>} */
  const kinds = { cell: [], inserted: [], padding: [], beyond: [] };
  for (let line = 0; line < lens.rows; line++) {
    for (let at = 0; at < lens.cols; at++)
      kinds[kindAt(layer, top + line, left + at)].push(tapRect(lens, line * lens.cols + at));
  }
  if (kinds.padding.length > 0) marks.push({ kind: "hatch", rects: kinds.padding, texture: "padding" });
  if (kinds.inserted.length > 0) marks.push({ kind: "hatch", rects: kinds.inserted, texture: "inserted" });
  if (plane) marks.push({ kind: "plane", rect: rectOf(lens), plane });
  const dimmed = unreadCellsIn(layer, lens, top, left);
  if (dimmed.length > 0) marks.push({ kind: "hatch", rects: dimmed, texture: "unread" });
  marks.push({ kind: "lattice", box: lens });
  if (plane && isLegible(plane, lens.cell))
    marks.push({
      kind: "numbers",
      box,
      plane,
      digits: digitsFor(lens.cell),
      padding: fillText(layer),
      dimmed,
    });
  const taps = tapRects(layer, box, place, 0);
  marks.push({ kind: "outline", rects: [rectOf(lens)], stroke: "input", line: 2 });
  windowMarks(marks, lens, layer, taps, around(taps));
  marks.push(caption(lens, text.lens));
}

/** Of a letter of what is said above a lens. */
const LETTER = 6.8;

/** The name of a lens: said above it, below one that is too small for the words. @param {Box} lens @param {string} words @returns {Mark} */
export function caption({ x, y, cell, rows, cols }, words) {
  const said = /** @type {const} */ ({ kind: "text", text: words, size: 12, fill: "muted" });
  const small = cols * cell < words.length * LETTER;
  return small
    ? { ...said, align: "right", x: x + cols * cell, y: y + rows * cell + 12 }
    : { ...said, align: "left", x, y: y - 11 };
}
