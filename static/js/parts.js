// The parts of the stage, each as large as the room it is given allows: slices, lens, small maps, the matrix. Pure
// arithmetic on the state and a room; knows no canvas, no place on the stage and no numbers of the layer.

import { dimensions, planeAxes } from "./grids.js";
import { walkOf } from "./state.js";

/** @import { AxisGeometry, Footprint, LayerGeometry } from "./types.js" */
/** @import { Box } from "./grids.js" */
/** @import { Plane } from "./planes.js" */
/** @import { State } from "./state.js" */

/** @typedef {{ x: number, y: number, size: number, width: number, height: number, index: number | "rgb" }} Small */
/**
 * One input channel of the filter: what the window reads, the kernel's slice, what a stamp is made of both, and room
 * for their subtotal.
 * @typedef {{ channel: number, patch: Box | null, kernel: Box | null, stamp: Box | null, total: Point }} Slice
 */
/** @typedef {{ x: number, y: number }} Point */
/** Numbers are printed in cells of at least this many pixels. */
export const LEGIBLE = 24;
/** Those of a picture in its own colours, three in a cell, in cells of at least this many. */
const LEGIBLE_COLOURS = 36;
/** Below this the window is also shown through a lens. */
export const LENS_BELOW = 20;
export const LARGEST_CELL = 54;
export const HEADING = 40;
/** A slice of a kernel as large as a picture is a picture. */
const SMALLEST_CELL = 0.1;
const TURNED_HEIGHT = 20;
/** As wide as the longest there is: `− 4.45·10⁻⁴`. */
const TOTAL_WIDTH = 98;

/** Whether the numbers of a plane are printed in cells of a size. */
export function isLegible(/** @type {Pick<Plane, "rgb">} */ { rgb }, /** @type {number} */ cell) {
  return cell >= (rgb ? LEGIBLE_COLOURS : LEGIBLE);
}

/** Whether a weight stands beside each cell that is read: the kernel's, or the footprint's own. */
export function isWeighted(/** @type {LayerGeometry} */ { combine }) {
  return combine === "sum_of_products" || combine === "weighted_sum";
}

/** Whole pixels as soon as a cell has several, so that lines stay sharp. */
export function snapped(/** @type {number} */ cell) {
  return cell >= 3 ? Math.floor(cell) : cell;
}

/** The channels whose slices are shown: all of a small group, otherwise the one on view. */
function slicedChannels(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const columns = layer.result === "columns";
  const each = columns ? Number(layer.input_shape[0]) : layer.channels_per_group;
  const group = columns ? 0 : Math.floor(state.lane / layer.lanes_per_group);
  const all = Array.from({ length: each }, (_, at) => group * each + at);
  if (each <= 4) return { shown: all, hidden: 0 };
  const chosen =
    typeof state.channel === "number" && all.includes(state.channel) ? state.channel : group * each;
  return { shown: [chosen], hidden: each - 1 };
}

/**
 * Slices in a column, from (0, 0); their cells as large as the room allows.
 * @param {State} state @param {LayerGeometry} layer @param {boolean} patched
 * @param {number} width @param {number} height the room
 */
export function slicesIn(state, layer, patched, width, height) {
  const { taps } = dimensions(layer);
  const weighted = isWeighted(layer);
  const stamping = walkOf(state) === "stamp";
  const { shown, hidden } = slicedChannels(state, layer);
  const between = 30;
  const label = 24;
  // Columns of cells side by side: the window or the one cell, the kernel, the stamp.
  const columns = [...(patched ? [stamping ? 1 : taps[1]] : []), ...(weighted ? [taps[1]] : [])];
  if (stamping) columns.push(taps[1]);
  const cells = columns.reduce((total, each) => total + each, 0);
  const gaps = between * (columns.length - 1);
  const totals = patched && weighted && !stamping ? TOTAL_WIDTH : 0;
  const turned = layer.flipped && weighted && layer.taps > 1 ? TURNED_HEIGHT : 0;
  const across = (width - gaps - totals) / cells;
  const down = ((height - turned) / shown.length - label) / taps[0];
  const largest = columns.length === 1 && shown.length === 1 ? LARGEST_CELL - 8 : 34;
  const cell = snapped(Math.max(SMALLEST_CELL, Math.min(largest, across, down)));
  const high = taps[0] * cell;
  /** @type {Slice[]} */
  const slices = shown.map((channel, at) => {
    const y = at * (high + label) + label;
    const box = (/** @type {number} */ x) => ({ x, y, cell, rows: taps[0], cols: taps[1], top: 0, left: 0 });
    const one = { x: 0, y: y + (high - cell) / 2, cell, rows: 1, cols: 1, top: 0, left: 0 };
    const kernelX = patched ? Number(columns[0]) * cell + between : 0;
    return {
      channel,
      patch: patched ? (stamping ? one : box(0)) : null,
      kernel: weighted ? box(kernelX) : null,
      stamp: stamping ? box(kernelX + taps[1] * cell + between) : null,
      total: { x: cells * cell + gaps + 10, y: y + high / 2 },
    };
  });
  const bottom = shown.length * (high + label);
  return {
    slices,
    hidden,
    turned: turned ? { x: slices[0]?.kernel?.x ?? 0, y: bottom + TURNED_HEIGHT / 2 } : null,
    width: cells * cell + gaps + totals,
    height: bottom + turned,
  };
}

/** @returns {Slice[]} */
export function movedSlices(/** @type {Slice[]} */ slices, /** @type {number} */ x, /** @type {number} */ y) {
  const moved = (/** @type {Box | null} */ box) => box && { ...box, x: box.x + x, y: box.y + y };
  return slices.map((slice) => ({
    ...slice,
    patch: moved(slice.patch),
    kernel: moved(slice.kernel),
    stamp: moved(slice.stamp),
    total: movedPoint(slice.total, x, y),
  }));
}

/** @template {Point | null} Where @param {Where} point @param {number} x @param {number} y */
export function movedPoint(point, x, y) {
  return point && { x: point.x + x, y: point.y + y };
}

/** The lens: the window, or the stamp, with its gaps and a margin, in the room that is left. @returns {Box | null} */
export function lensIn(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ width,
  /** @type {number} */ height,
) {
  const { row, col } = planeAxes(layer);
  const spans = (/** @type {Footprint} */ one) => (one.taps - 1) * (one.kind === "affine" ? one.gap : 1) + 1;
  const extent = (/** @type {AxisGeometry | null} */ axis) =>
    axis ? Math.max(spans(axis.reads), spans(axis.writes)) : 1;
  for (const margin of [2, 1, 0]) {
    const rows = row ? extent(row) + 2 * margin : 1;
    const cols = extent(col) + 2 * margin;
    const cell = snapped(Math.min(38, width / cols, height / rows));
    if (cell >= LEGIBLE || (margin === 0 && cell >= 6))
      return { x, y, cell, rows, cols, top: row ? -margin : 0, left: -margin };
  }
  return null;
}

/** Small maps in rows, from (x, y). @returns {{ smalls: Small[], height: number }} */
export function smallsIn(
  /** @type {(number | "rgb")[]} */ indices,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ width,
  /** @type {number} */ most,
  /** @type {number} */ aspect,
) {
  if (indices.length < 2) return { smalls: [], height: 0 };
  const gap = 6;
  let size = 60;
  let perRow = 1;
  for (; size >= 24; size -= 2) {
    perRow = Math.max(1, Math.floor((width + gap) / (size + gap)));
    if (Math.ceil(indices.length / perRow) * (size + gap) <= most) break;
  }
  size = Math.max(size, 24);
  const smalls = indices.map((index, at) => {
    const scaled =
      aspect > 1
        ? { width: size, height: Math.max(10, size / aspect) }
        : { width: size * aspect, height: size };
    const column = at % perRow;
    const row = Math.floor(at / perRow);
    return { index, x: x + column * (size + gap), y: y + row * (size + gap), size, ...scaled };
  });
  return { smalls, height: Math.ceil(indices.length / perRow) * (size + gap) };
}

/** @returns {(number | "rgb")[]} */
export function channelIndices(/** @type {LayerGeometry} */ layer) {
  const channels = layer.input_shape[0] ?? 1;
  const each = Array.from({ length: Math.min(channels, 64) }, (_, at) => at);
  return channels === 3 && layer.axes.length === 2 ? ["rgb", ...each] : each;
}

/** The lanes that get a small map: none where the lanes are the rows of a matrix. */
export function laneIndices(/** @type {LayerGeometry} */ layer) {
  return layer.result === "columns" ? [] : Array.from({ length: layer.lanes }, (_, at) => at);
}

/** Room for the headings, and for the channels' names under them. */
export function headingOf(/** @type {LayerGeometry} */ layer) {
  return Number(layer.input_shape[0]) > 1 ? HEADING + 12 : HEADING;
}

/** The matrix of columns: as wide as the room, its rows as high as they fit. @returns {Box} */
export function matrixBox(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ width,
  /** @type {number} */ height,
) {
  const cell = snapped(Math.min(width / layer.steps, LARGEST_CELL));
  const tall = Math.min(height / layer.lanes, cell >= LEGIBLE ? cell : 16);
  return { x, y, cell, tall, rows: layer.lanes, cols: layer.steps, top: 0, left: 0 };
}

/** @returns {Box} */
export function gridBox(
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ cell,
  /** @type {number} */ rows,
  /** @type {number} */ cols,
  /** @type {AxisGeometry | null} */ row,
  /** @type {AxisGeometry} */ col,
) {
  return { x, y, cell, rows, cols, top: row ? -row.begin : 0, left: -col.begin };
}

/** @returns {Box} */
export function pixels(
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ cols,
  /** @type {number} */ rows,
) {
  return { x, y, cell: 1, rows, cols, top: 0, left: 0 };
}
