// Where things stand on the stage: the grids side by side, stacked or above a matrix, and what lies under a point. Pure
// arithmetic on the state and a size; knows no canvas and no numbers of the layer.

import { withCurves } from "./curve.js";
import { dimensions, tallOf } from "./grids.js";
import { magnifiedBox, overviewBox, placeUnder } from "./magnified.js";
import { pair } from "./narrow.js";
import {
  channelIndices,
  gridBox,
  HEADING,
  headingOf,
  LARGEST_CELL,
  LEGIBLE,
  laneIndices,
  lensIn,
  matrixBox,
  movedPoint,
  movedSlices,
  pixels,
  slicesIn,
  smallsIn,
  snapped,
} from "./parts.js";
import { viewOf, walkOf } from "./state.js";
import { partOf } from "./zoom.js";

/** @import { LayerGeometry } from "./types.js" */
/** @import { Rect } from "./cells.js" */
/** @import { Box } from "./grids.js" */
/** @import { Point, Slice, Small } from "./parts.js" */
/** @import { State } from "./state.js" */
/** @import { Grid, Place } from "./zoom.js" */

/**
 * @typedef {object} Layout
 * @property {number} width @property {number} height of what is drawn
 * @property {boolean} stacked @property {boolean} compact with the shortest headings
 * @property {Box} input @property {Box} output
 * @property {{ input: Box | null, output: Box | null }} overviews of what is magnified
 * @property {Slice[]} slices @property {number} hidden channels of the group that have no slice here
 * @property {Box} middle the slices together, in pixels (cell 1)
 * @property {Point | null} turned where it is said that the kernel is turned around
 * @property {Box | null} lens @property {{ input: Rect, output: Rect }} [curves] of a series, above its cells
 * @property {Small[]} channels @property {Small[]} lanes
 * @property {{ input: Spot, middle: Spot, output: Spot }} headings
 */
/** @typedef {{ x: number, y: number, width: number }} Spot */
/** @typedef {{ width: number, height: number, compact?: boolean }} Size height 0: as tall as needed; compact: a small frame */

/** Below this the window is also shown through a lens. */
const LENS_BELOW = 20;
const GAP = 44;
const NARROW_GAP = 26;
/** The heading over the slices, with its buttons. */
const MIDDLE_HEADING = 256;
/** Room for the heading and the first maps of the output, however few its cells. */
const OUTPUT_HEADING = 130;
/** The heading over the input, without and with the choice of a channel. */
const INPUT_HEADING = 110;
const CHANNEL_HEADING = 246;
const SHORT_HEADING = 196;
const NARROW = 660;
/** What stays free below everything. */
const BELOW = 6;
const COMPACT_MAPS = 170;
const COMPACT_MIDDLE = 186;
const COMPACT_INPUT = 176;
const COMPACT_HEIGHT = 120;
/** Headings, kernel, output and its maps, below an input that stands alone. */
const STACKED_BELOW = 300;

/**
 * @param {State} state @param {Size} size
 * @returns {Layout | null} null while there is nothing to draw
 */
export function layout(state, size) {
  const layer = viewOf(state);
  if (!layer || size.width < 40) return null;
  const whole = arranged(state, layer, size);
  const drawn = layer.axes.length === 1 && !size.compact ? withCurves(whole, size.height) : whole;
  return magnified(state, layer, drawn);
}

/** Both grids as they are magnified, and their overviews. @returns {Layout} */
function magnified(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Layout} */ fit,
) {
  const at = { ...fit, overviews: { ...fit.overviews } };
  for (const grid of /** @type {const} */ (["input", "output"])) {
    const part = partOf(layer, state.zoom, grid, state.step, state.lane);
    at[grid] = magnifiedBox(fit[grid], part);
    at.overviews[grid] = part && overviewBox(fit[grid], part);
  }
  const shown = walkOf(state) === "stamp" ? at.output : at.input;
  return shown.frame && shown.cell >= LENS_BELOW ? { ...at, lens: null } : at;
}

/** The grids as wholes. @returns {Layout} */
function arranged(/** @type {State} */ state, /** @type {LayerGeometry} */ layer, /** @type {Size} */ size) {
  const series = layer.axes.length === 1;
  const stacked = series || (size.width < NARROW && !size.compact);
  if (stacked && !series && layer.result !== "columns") {
    const paired = pair(state, layer, size);
    if (paired) return paired;
  }
  const made = (/** @type {boolean} */ patched) =>
    stacked ? stack(state, layer, size, patched) : columns(state, layer, size, patched);
  if (layer.result === "columns" && !stacked) {
    const beside = made(true);
    return beside.output.cell >= LEGIBLE ? beside : matrixBelow(state, layer, size);
  }
  const bare = layer.combine === "sum_of_products" && layer.channels_per_group === 1;
  const stamping = walkOf(state) === "stamp";
  if (bare && !stamping) {
    const first = made(false);
    if (first.input.cell >= LEGIBLE || (series && layer.steps === 1)) return first;
  }
  return made(true);
}

/** The three grids side by side. @returns {Layout} */
function columns(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
  /** @type {boolean} */ patched,
) {
  const { rows, cols, outRows, outCols, outTop, outLeft, row, col } = dimensions(layer);
  const compact = (size.compact ?? false) && size.width < NARROW;
  const height = size.compact ? Math.max(size.height - BELOW, COMPACT_HEIGHT) : Math.max(size.height, 260);
  const narrow = size.width < 900;
  const least = narrow ? NARROW_GAP : GAP;
  const top = headingOf(layer);
  const room = height - top - 8;
  const indices = channelIndices(layer);
  const lanes = laneIndices(layer);
  const middleMost = Math.min(patched ? 366 : 240, size.width * (patched ? 0.35 : 0.3));
  const slices = slicesIn(state, layer, patched, middleMost, room * (patched ? 0.7 : 0.8));
  const middleWidth = Math.max(slices.width, (compact ? COMPACT_MIDDLE : MIDDLE_HEADING) - least);
  const across = size.width - middleWidth - 2 * least - 8;
  // In a small frame the maps go before the pictures.
  const mapped = !size.compact || room > COMPACT_MAPS;
  const inRoom = room - (mapped && indices.length > 1 ? 74 : 0);
  const outRoom =
    room - (mapped && lanes.length > 1 ? Math.min(room * 0.36, lanes.length > 12 ? 210 : 74) : 0);
  const mapsWidth = lanes.length > 12 ? Math.min(300, across * 0.45) : OUTPUT_HEADING;
  const chosen = compact ? COMPACT_INPUT : CHANNEL_HEADING;
  const headed = (indices.length > 1 ? chosen : INPUT_HEADING) - least;
  const widest = Math.min(
    across / (cols + outCols),
    (across - mapsWidth) / cols,
    (across - headed) / outCols,
  );
  const common = Math.min(widest, inRoom / rows, outRoom / outRows, LARGEST_CELL);
  const inCell = snapped(common);
  const inWidth = Math.max(inCell * cols, headed);
  const fit = Math.min((across - inWidth) / outCols, outRoom / outRows);
  const tiny = outRows * inCell < room * 0.26 && inCell < LEGIBLE;
  const outCell = tiny ? snapped(Math.max(inCell, Math.min(34, fit))) : inCell;
  const spare = across - inWidth - Math.max(outCell * outCols, mapsWidth);
  const gap = least + Math.min(spare / 4, 56);
  const left = Math.max(2, (spare - 2 * (gap - least)) / 2);
  const input = gridBox(left, top, inCell, rows, cols, row, col);
  const middleX = left + inWidth + gap;
  const outX = middleX + middleWidth + gap;
  const output = { x: outX, y: top, cell: outCell, rows: outRows, cols: outCols, top: outTop, left: outLeft };
  const below = top + inCell * rows + 14;
  const small = smallsIn(
    mapped ? indices : [],
    left,
    below,
    Math.max(inWidth, 120),
    height - below,
    cols / rows,
  );
  const belowOut = top + outCell * outRows + 14;
  const outWidth = Math.max(outCell * outCols, Math.min(420, size.width - outX - 4));
  const maps = smallsIn(mapped ? lanes : [], outX, belowOut, outWidth, height - belowOut, outCols / outRows);
  const lensY = top + slices.height - 24 + 34;
  const lensed = (walkOf(state) === "stamp" ? outCell : inCell) < LENS_BELOW;
  const lens = lensed
    ? lensIn(layer, middleX, lensY, Math.max(slices.width, 190), height - lensY - 14)
    : null;
  const bottoms = [below + small.height, belowOut + maps.height, top + slices.height];
  if (lens) bottoms.push(lens.y + lens.cell * lens.rows);
  return {
    width: size.width,
    height: Math.max(...bottoms) + BELOW,
    stacked: false,
    compact,
    input,
    output,
    overviews: { input: null, output: null },
    slices: movedSlices(slices.slices, middleX, top - 24),
    hidden: slices.hidden,
    middle: pixels(middleX, top, slices.width, slices.height - 24),
    turned: movedPoint(slices.turned, middleX, top - 24),
    lens,
    channels: small.smalls,
    lanes: maps.smalls,
    headings: {
      input: { x: left, y: 0, width: middleX - left - 16 },
      middle: { x: middleX, y: 0, width: outX - middleX - 16 },
      output: { x: outX, y: 0, width: size.width - outX },
    },
  };
}

/** Input and window side by side, and below them a wide matrix across the whole room. @returns {Layout} */
function matrixBelow(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
) {
  const { rows, cols, row, col } = dimensions(layer);
  const height = Math.max(size.height, 420);
  const top = headingOf(layer);
  const flat = matrixBox(layer, 2, 0, size.width - 4, height * 0.34);
  const matrixHeight = flat.rows * tallOf(flat);
  const above = height - matrixHeight - HEADING - 18;
  const indices = channelIndices(layer);
  const room = above - top - (indices.length > 1 ? 62 : 0);
  const inCell = snapped(Math.min((size.width * 0.45) / cols, room / rows, LARGEST_CELL));
  const input = gridBox(2, top, inCell, rows, cols, row, col);
  const small = smallsIn(indices, 2, top + inCell * rows + 10, size.width * 0.45, 56, cols / rows);
  const middleX = 2 + Math.max(inCell * cols, CHANNEL_HEADING) + GAP;
  const wide = size.width - middleX - 4;
  const slices = slicesIn(state, layer, true, wide * 0.5, above - top);
  const middleWidth = Math.max(slices.width, MIDDLE_HEADING);
  const lensX = middleX + middleWidth + GAP;
  const lens =
    inCell < LENS_BELOW ? lensIn(layer, lensX, top + 24, size.width - lensX - 4, above - top - 30) : null;
  const used = Math.max(
    inCell * rows + (small.height ? small.height + 10 : 0),
    slices.height - 24,
    lens ? 24 + lens.cell * lens.rows : 0,
  );
  const output = { ...flat, y: top + used + 14 + HEADING };
  return {
    width: size.width,
    height: output.y + matrixHeight + 6,
    stacked: false,
    compact: false,
    input,
    output,
    overviews: { input: null, output: null },
    slices: movedSlices(slices.slices, middleX, top - 24),
    hidden: slices.hidden,
    middle: pixels(middleX, top, slices.width, slices.height - 24),
    turned: null,
    lens,
    channels: small.smalls,
    lanes: [],
    headings: {
      input: { x: 2, y: 0, width: middleX - 18 },
      middle: { x: middleX, y: 0, width: lensX - middleX },
      output: { x: 2, y: output.y - HEADING, width: size.width },
    },
  };
}

/** Input above, slices and output below: phones, and series on any width. @returns {Layout} */
function stack(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
  /** @type {boolean} */ patched,
) {
  const { rows, cols, outRows, outCols, outTop, outLeft, row, col, taps } = dimensions(layer);
  const series = layer.axes.length === 1;
  const matrix = layer.result === "columns";
  const width = size.width;
  const indices = channelIndices(layer);
  const lanes = laneIndices(layer);
  // What stands below the input keeps its place on the screen, as long as the numbers of the input can be read.
  const spare = Math.max(LEGIBLE, (size.height - STACKED_BELOW) / rows);
  const most = series || matrix ? 420 / rows : spare;
  const inCell = snapped(Math.min(width / cols, most, LARGEST_CELL));
  const left = series ? Math.max(0, (width - inCell * cols) / 2) : 1;
  const input = gridBox(left, headingOf(layer), inCell, rows, cols, row, col);
  const heading = headingOf(layer);
  const below = heading + inCell * rows + 12;
  const small = smallsIn(indices, left, below, width - 2, series ? 60 : 46, cols / rows);
  const middleY = below + (small.height ? small.height + 6 : 0) + heading + 8;
  const whole = (series && taps[1] > 20) || (!series && walkOf(state) === "stamp");
  const part = whole ? 1 : 0.62;
  const slices = slicesIn(state, layer, patched, width * part, series ? 200 : 300);
  const middleWidth = Math.max(slices.width + 20, SHORT_HEADING);
  const beside = width - middleWidth - 2;
  const wide = !series && !matrix && beside / outCols >= 4 && beside >= 150;
  const startX = series ? left : wide ? middleWidth : 1;
  const outY = wide ? middleY : middleY + slices.height + heading + 8;
  const outCell = series
    ? outCols === 1
      ? 34
      : Math.min(inCell, (width - 2) / outCols)
    : snapped(Math.min((wide ? beside : width) / outCols, 300 / outRows, Math.max(inCell, 8)));
  const outX = series ? Math.max(1, Math.min(startX, width - outCell * outCols - 1)) : startX;
  const box = { x: outX, y: outY, cell: outCell, rows: outRows, cols: outCols, top: outTop, left: outLeft };
  const output = matrix ? matrixBox(layer, outX, outY, width - outX - 1, 220) : box;
  const belowOut = outY + tallOf(output) * outRows + 12;
  const few = lanes.length <= 5;
  const maps = smallsIn(lanes, outX, belowOut, wide ? beside : width - 2, few ? 46 : 220, outCols / outRows);
  const slicesX = series ? left : 1;
  const lensY = middleY + slices.height + 6;
  const lensed = !series && (walkOf(state) === "stamp" ? output.cell : inCell) < LENS_BELOW;
  const lens = lensed ? lensIn(layer, slicesX, lensY, wide ? slices.width : width * 0.6, 240) : null;
  const lensBottom = lens ? lens.y + lens.cell * lens.rows : 0;
  if (lens && !wide) {
    const shift = lensBottom - middleY - slices.height + 14;
    output.y += shift;
    for (const one of maps.smalls) one.y += shift;
  }
  const bottom = Math.max(
    output.y + tallOf(output) * outRows + 12 + maps.height,
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
    slices: movedSlices(slices.slices, slicesX, middleY - 24),
    hidden: slices.hidden,
    middle: pixels(slicesX, middleY, slices.width, slices.height - 24),
    turned: movedPoint(slices.turned, slicesX, middleY - 24),
    lens,
    channels: small.smalls,
    lanes: maps.smalls,
    headings: {
      input: { x: left, y: 0, width: width - left },
      middle: { x: slicesX, y: middleY - heading, width: wide ? middleWidth - 8 : width },
      output: { x: outX, y: output.y - heading, width: width - outX },
    },
  };
}

// ------------------------------------------------------------------------------------- what lies where

/**
 * @typedef {{ part: "input" | "output", row: number, col: number }
 *   | { part: "overview", grid: Grid, place: Place } | { part: "slice", slice: Slice, tap: number }
 *   | { part: "lane", lane: number } | { part: "channel", channel: number | "rgb" } | null} Hit
 */

/** The cell of a box under a point, as coordinates. @returns {{ row: number, col: number } | null} */
export function cellUnder(/** @type {Box} */ box, /** @type {number} */ x, /** @type {number} */ y) {
  if (box.frame && !placeUnder(box, x, y)) return null;
  const row = Math.floor((y - box.y) / tallOf(box));
  const col = Math.floor((x - box.x) / box.cell);
  if (row < 0 || col < 0 || row >= box.rows || col >= box.cols) return null;
  return { row: row + box.top, col: col + box.left };
}

/** @returns {Hit} */
export function hit(/** @type {Layout} */ at, /** @type {number} */ x, /** @type {number} */ y) {
  for (const part of /** @type {const} */ (["input", "output"])) {
    const overview = at.overviews[part];
    const place = overview && placeUnder(overview, x, y);
    if (place) return { part: "overview", grid: part, place };
    const cell = cellUnder(at[part], x, y);
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
    x >= one.x && x < one.x + one.size && y >= one.y && y < one.y + one.size;
  const lane = at.lanes.find(inside);
  if (lane) return { part: "lane", lane: Number(lane.index) };
  const channel = at.channels.find(inside);
  return channel ? { part: "channel", channel: channel.index } : null;
}
