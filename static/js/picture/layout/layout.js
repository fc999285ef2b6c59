// Where things stand on the stage: the grids side by side, stacked or above a matrix, and what lies under a point. Pure
// arithmetic on the state and a size; knows no canvas and no numbers of the layer.

import { viewOf, walkOf } from "../../state/selectors.js";
import { dimensions, tallOf } from "../grid/grids.js";
import { placeUnder } from "../grid/magnified.js";
import { columns } from "./columns.js";
import { isPair, pair } from "./narrow.js";
import {
  gridBox,
  headingOf,
  inputMaps,
  isBare,
  LARGEST_CELL,
  LEGIBLE,
  LENS_BELOW,
  lensEnd,
  lensIn,
  MAPS_IN_ALL,
  outputMaps,
  placedSlices,
  slicesIn,
  smallsIn,
  snapped,
} from "./parts.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Pager, Point, Slice, Small } from "./parts.js" */
/** @import { State } from "../../state/state.js" */
/** @import { Grid, Place } from "../../state/zoom.js" */

/**
 * @typedef {object} Layout
 * @property {number} width @property {number} height of what is drawn
 * @property {boolean} stacked @property {boolean} compact with the shortest headings
 * @property {Box} input @property {Box} output
 * @property {{ input: Box | null, output: Box | null }} overviews of what is magnified
 * @property {Slice[]} slices @property {number} hidden channels of the group that have no slice here
 * @property {Box} middle the slices together, in pixels (cell 1)
 * @property {Point | null} turned where it is said that the kernel is turned around
 * @property {boolean} [numbered] rows and columns have their numbers outside the frames
 * @property {import("./sum_spot.js").SumSpot | null} [sum] where the sum stands; left out: below the stage
 * @property {Legend | null} [legend] of the output's scale
 * @property {{ x: number, y: number, width: number } | null} [unread] where it is said which cells are never read
 * @property {Point | null} [span] where it is said how far a dilated kernel sees
 * @property {Box | null} lens @property {{ input: Rect, output: Rect }} [curves] of a series, above its cells
 * @property {Small[]} channels @property {Small[]} lanes
 * @property {{ input: Pager | undefined, output: Pager | undefined }} [pagers] of small maps that are shown by pages
 * @property {{ input: Spot, middle: Spot, output: Spot }} headings
 */
/** @typedef {{ x: number, y: number, width: number }} Spot */
/** A bar from the least to the most, its ends said beside it or below. @typedef {Spot & { below: boolean }} Legend */
/**
 * Height 0: as tall as needed; compact: a small frame; filled: all of a height that is given, so that the picture stands in its middle.
 * Plain: one of two pictures that are compared, each with its result in its title.
 * @typedef {{ width: number, height: number, compact?: boolean, filled?: boolean, plain?: boolean }} Size
 */

/** Headings, kernel, output and its maps, below an input that stands alone. */
const STACKED_BELOW = 300;
/** The heading of the slices, of several filters and of a lone one; and without its numbers, where the output needs the room. */
const SHORT_HEADING = [196, 130];
const SHORTEST_HEADING = [124, 68];
/** Between slices and output. */
const GAP = 12;
const NARROW = 660;
/** Of the height that is left over, what stands above the picture, and the most of it. */
const ABOVE = 0.42;
const MOST_ABOVE = 110;
/** Upright rooms of a page that scrolls show the grids in a pair as soon as that is so much larger. */
const WIDE = 900;
const UPRIGHT = 0.7;
const MUCH_LARGER = 1.2;
/** Of the height: grids one above the other that need more than this leave the output out of sight. */
const OUT_OF_SIGHT = 1.06;

/**
 * @param {State} state @param {Size} size
 * @returns {Layout | null} null while there is nothing to draw
 */
export function layout(state, size) {
  const layer = viewOf(state);
  if (!layer || size.width < 40) return null;
  const own = arrangements.find(({ suits }) => suits(layer)) ?? { arrange: arranged };
  return changes.reduce((drawn, change) => change(state, layer, drawn), own.arrange(state, layer, size));
}

/**
 * How layers of another kind than two grids are laid out.
 * @typedef {object} Arrangement
 * @property {(layer: LayerGeometry) => boolean} suits
 * @property {(state: State, layer: LayerGeometry, size: Size) => Layout} arrange
 */
/** @type {Arrangement[]} */
const arrangements = [];

export function addArrangement(/** @type {Arrangement} */ arrangement) {
  arrangements.push(arrangement);
}

/** What becomes of a layout, whatever its kind. @typedef {(state: State, layer: LayerGeometry, drawn: Layout) => Layout} Change */
/** @type {Change[]} */
const changes = [];

export function addLayoutChange(/** @type {Change} */ change) {
  changes.push(change);
}

/** Whether grids stand one above the other: on a narrow page that scrolls. */
export function isStacked(/** @type {Size} */ size) {
  return size.width < NARROW && !size.compact && !size.filled;
}

/** How far a picture that is less high than its room moves down, nearer to the middle. */
export function loweredBy(/** @type {Layout} */ at, /** @type {Size} */ { filled, height }) {
  return filled ? Math.round(Math.max(0, Math.min((height - at.height) * ABOVE, MOST_ABOVE))) : 0;
}

/** The grids as wholes. @returns {Layout} */
function arranged(/** @type {State} */ state, /** @type {LayerGeometry} */ layer, /** @type {Size} */ size) {
  const stacked = isStacked(size);
  if (stacked && isPair(layer, size)) return pair(state, layer, size);
  const made = (/** @type {boolean} */ patched, short = false) =>
    stacked ? stack(state, layer, size, patched) : columns(state, layer, size, patched, short);
  const stamping = walkOf(state) === "stamp";
  // A page that scrolls has height in plenty when it stands upright.
  const upright = !size.filled && !size.compact && size.width < WIDE && size.height > size.width * UPRIGHT;
  if (upright && !stacked && !stamping && layer.steps > 1) {
    const both = pair(state, layer, size);
    const larger = both.input.cell > made(true).input.cell * MUCH_LARGER;
    if (larger && both.height <= size.height) return both;
  }
  const barely = isBare(layer) && !stamping ? [made(false), made(false, true)] : [];
  const first = barely.find((one) => one.input.cell >= LEGIBLE);
  const at = first ?? made(true);
  // On a phone all three are seen at once, even if only the window's numbers can be read.
  return stacked && at.height > size.height * OUT_OF_SIGHT ? pair(state, layer, size) : at;
}

/** Input above, slices and output below: phones. @returns {Layout} */
function stack(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
  /** @type {boolean} */ patched,
) {
  const { rows, cols, outRows, outCols, outTop, outLeft, row, col } = dimensions(layer);
  const width = size.width;
  const lanes = outputMaps(state, layer);
  // What stands below the input keeps its place on the screen, as long as the numbers of the input can be read.
  const spare = Math.max(LEGIBLE, (size.height - STACKED_BELOW) / rows);
  const inCell = snapped(Math.min(width / cols, spare, LARGEST_CELL));
  const left = 1;
  const heading = headingOf(layer);
  const input = gridBox(left, heading, inCell, rows, cols, row, col);
  const below = heading + inCell * rows + 12;
  const small = smallsIn(inputMaps(state, layer), left, below, width - 2, 46, cols / rows, MAPS_IN_ALL);
  const middleY = below + (small.height ? small.height + 6 : 0) + heading + 8;
  // A stamp needs the width.
  const part = walkOf(state) === "stamp" ? 1 : 0.62;
  const parts = (/** @type {number} */ room) => slicesIn(state, layer, patched, room, 300, size.width);
  let slices = parts((width - left) * part);
  const lone = layer.lanes > 1 ? 0 : 1;
  let middleWidth = Math.max(slices.width + 20, Number(SHORT_HEADING[lone]));
  // The slices make room for an output whose numbers can be read then.
  const narrowest = width - 2 - LEGIBLE * outCols;
  if (narrowest < middleWidth && narrowest >= Number(SHORTEST_HEADING[lone])) {
    const smaller = parts(narrowest - GAP);
    if (Number((smaller.slices[0]?.kernel ?? smaller.slices[0]?.patch)?.cell) >= LEGIBLE)
      [slices, middleWidth] = [smaller, narrowest];
  }
  const beside = width - middleWidth - 2;
  const wide = beside / outCols >= 4 && beside >= 150;
  const outX = wide ? middleWidth : 1;
  const outY = wide ? middleY : middleY + slices.height + heading - 8;
  const outCell = snapped(Math.min((wide ? beside : width) / outCols, 300 / outRows, Math.max(inCell, 8)));
  const output = {
    x: outX,
    y: outY,
    cell: outCell,
    rows: outRows,
    cols: outCols,
    top: outTop,
    left: outLeft,
  };
  const belowOut = outY + outCell * outRows + 12;
  const few = lanes.length <= 5;
  // Below a kernel that is less high than the output there is room for some maps.
  const sideY = middleY + slices.height - 14;
  const sideMost = outY + outCell * outRows - sideY + 6;
  const aspect = outCols / outRows;
  const side = smallsIn(lanes, left, sideY, middleWidth - GAP, sideMost, aspect);
  const sided = wide && side.height <= sideMost;
  const maps = sided
    ? side
    : smallsIn(
        lanes,
        outX,
        belowOut,
        wide ? beside : width - 2,
        few ? 46 : 220,
        aspect,
        few ? MAPS_IN_ALL : 220,
      );
  const lensY = middleY + slices.height + 6;
  const lensed = (walkOf(state) === "stamp" ? output.cell : inCell) < LENS_BELOW;
  const lens = lensed ? lensIn(layer, left, lensY, wide ? slices.width : width * 0.6, 240) : null;
  const lensBottom = lens ? lensEnd(lens) : 0;
  if (lens && !wide) {
    const shift = lensBottom - middleY - slices.height + 14;
    output.y += shift;
    for (const one of [...maps.smalls, ...(maps.pager ? [maps.pager] : [])]) one.y += shift;
  }
  const bottom = Math.max(
    output.y + outCell * outRows + (sided ? 2 : 12 + maps.height),
    sided ? sideY + maps.height : 0,
    lensBottom,
    middleY + slices.height,
  );
  return {
    width,
    height: bottom + 6,
    stacked: true,
    compact: false,
    input,
    output,
    overviews: { input: null, output: null },
    ...placedSlices(slices, left, middleY),
    lens,
    channels: small.smalls,
    lanes: maps.smalls,
    pagers: { input: small.pager, output: maps.pager },
    headings: {
      input: { x: left, y: 0, width: width - left },
      middle: { x: left, y: middleY - heading, width: wide ? middleWidth - 8 : width },
      output: { x: outX, y: output.y - heading, width: width - outX },
    },
  };
}

// ------------------------------------------------------------------------------------- what lies where

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
