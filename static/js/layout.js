// Where things stand on the stage: boxes for the grids, the slices between them, the lens and the small maps. Pure
// arithmetic on the state and a size; knows no canvas and no numbers of the layer.

import { coordinate, lengthOf } from "./geometry.js";
import { channelIndices, laneIndices, smallsIn } from "./smallmaps.js";
import { viewOf, walkOf } from "./state.js";

/** @import { AxisGeometry, LayerGeometry } from "./types.js" */
/** @import { State } from "./state.js" */

/**
 * A grid on the stage. Its first cell has the coordinate (top, left); input cell 0 has coordinate 0.
 * @typedef {object} Box
 * @property {number} x @property {number} y @property {number} cell side of a cell in CSS pixels
 * @property {number} [tall] height of a cell where it differs from its width
 * @property {number} rows @property {number} cols @property {number} top @property {number} left
 */
/** @typedef {{ x: number, y: number, size: number, width: number, height: number, index: number | "rgb" }} Small */
/**
 * One input channel of the filter: what the window reads, the kernel's slice, what a stamp is made of both, and room
 * for their subtotal.
 * @typedef {{ channel: number, patch: Box | null, kernel: Box | null, stamp: Box | null, total: Point }} Slice
 */
/** @typedef {{ x: number, y: number }} Point */
/**
 * @typedef {object} Layout
 * @property {number} width @property {number} height of what is drawn
 * @property {boolean} stacked
 * @property {Box} input @property {Box} output
 * @property {Slice[]} slices @property {number} hidden channels of the group that have no slice here
 * @property {Box} middle the slices together, in pixels (cell 1)
 * @property {Point | null} turned where it is said that the kernel is turned around
 * @property {Box | null} lens
 * @property {Small[]} channels @property {Small[]} lanes
 * @property {{ input: Spot, middle: Spot, output: Spot }} headings
 */
/** @typedef {{ x: number, y: number, width: number }} Spot */
/** @typedef {{ width: number, height: number }} Size height 0: as tall as needed */

/** Numbers are printed in cells of at least this many pixels. */
export const LEGIBLE = 24;
/** Below this the window is also shown through a lens. */
const LENS_BELOW = 20;
const LARGEST_CELL = 54;
const HEADING = 40;
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
const TURNED_HEIGHT = 20;
const TOTAL_WIDTH = 62;
const NARROW = 660;

/** The two axes that are drawn as rows and columns; a series has one row. */
export function planeAxes(/** @type {LayerGeometry} */ layer) {
  const [row, col] = layer.axes.length === 1 ? [null, layer.axes[0]] : layer.axes.slice(-2);
  return { row: row ?? null, col: /** @type {AxisGeometry} */ (col) };
}

/** Whether a weight stands beside each cell that is read: the kernel's, or the footprint's own. */
export function isWeighted(/** @type {LayerGeometry} */ { combine }) {
  return combine === "sum_of_products" || combine === "weighted_sum";
}

/** Height of a cell. */
export function tallOf(/** @type {Box} */ box) {
  return box.tall ?? box.cell;
}

/**
 * What the writes of a walk reach beyond the output on an axis: cropped cells at the beginning and at the end.
 * @param {LayerGeometry} layer of the walk on view @param {AxisGeometry} axis
 */
function croppedOn(layer, axis) {
  const { writes, output } = axis;
  const last = Number(layer.step_shape[layer.axes.indexOf(axis)]) - 1;
  const end = coordinate(writes, last, writes.taps - 1) - (output - 1);
  return [Math.max(0, -writes.start), Math.max(0, end)];
}

/** Cells of an axis with its padding and what ceil_mode reads beyond it. */
function spanOf(/** @type {AxisGeometry | null} */ axis) {
  return axis ? axis.begin + lengthOf(axis) + axis.end + axis.overhang : 1;
}

/** Whole pixels as soon as a cell has several, so that lines stay sharp. */
function snapped(/** @type {number} */ cell) {
  return cell >= 3 ? Math.floor(cell) : cell;
}

/**
 * @param {State} state @param {Size} size
 * @returns {Layout | null} null while there is nothing to draw
 */
export function layout(state, size) {
  const layer = viewOf(state);
  if (!layer || size.width < 40) return null;
  const series = layer.axes.length === 1;
  const stacked = series || size.width < NARROW;
  const arranged = (/** @type {boolean} */ patched) =>
    stacked ? stack(state, layer, size, patched) : columns(state, layer, size, patched);
  if (layer.result === "columns" && !stacked) {
    const beside = arranged(true);
    return beside.output.cell >= LEGIBLE ? beside : matrixBelow(state, layer, size);
  }
  const bare = layer.combine === "sum_of_products" && layer.channels_per_group === 1;
  const stamping = walkOf(state) === "stamp";
  if (bare && !stamping) {
    const first = arranged(false);
    if (first.input.cell >= LEGIBLE || (series && layer.steps === 1)) return first;
  }
  return arranged(true);
}

/**
 * @typedef {object} Dimensions
 * @property {AxisGeometry | null} row @property {AxisGeometry} col
 * @property {number} rows @property {number} cols of the input with all that is read around it
 * @property {number} outRows @property {number} outCols of the output with what is cropped around it
 * @property {number} outTop @property {number} outLeft its first cell
 * @property {[number, number]} taps of the kernel
 */

/** @returns {Dimensions} */
function dimensions(/** @type {LayerGeometry} */ layer) {
  const { row, col } = planeAxes(layer);
  const input = { row, col, rows: spanOf(row), cols: spanOf(col) };
  /** @type {[number, number]} */
  const taps = [row ? Number(layer.kernel_shape.at(-2)) : 1, Number(layer.kernel_shape.at(-1))];
  if (layer.result === "columns")
    return { ...input, outRows: layer.lanes, outCols: layer.steps, outTop: 0, outLeft: 0, taps };
  const [above = 0, below = 0] = row ? croppedOn(layer, row) : [];
  const [left = 0, right = 0] = croppedOn(layer, col);
  return {
    ...input,
    outRows: above + (row?.output ?? 1) + below,
    outCols: left + col.output + right,
    outTop: 0 - above,
    outLeft: 0 - left,
    taps,
  };
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
function slicesIn(state, layer, patched, width, height) {
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
  const turned = layer.flipped && weighted ? TURNED_HEIGHT : 0;
  const across = (width - gaps - totals) / cells;
  const down = ((height - turned) / shown.length - label) / taps[0];
  const largest = columns.length === 1 && shown.length === 1 ? LARGEST_CELL - 8 : 34;
  const cell = Math.max(3, snapped(Math.min(largest, across, down)));
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
function movedSlices(/** @type {Slice[]} */ slices, /** @type {number} */ x, /** @type {number} */ y) {
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
function movedPoint(point, x, y) {
  return point && { x: point.x + x, y: point.y + y };
}

/** The lens: the window with its gaps and a margin, in the room that is left. @returns {Box | null} */
function lensIn(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ width,
  /** @type {number} */ height,
) {
  const { row, col } = planeAxes(layer);
  const extent = (/** @type {AxisGeometry | null} */ axis) =>
    axis ? (axis.reads.taps - 1) * (axis.reads.kind === "affine" ? axis.reads.gap : 1) + 1 : 1;
  for (const margin of [2, 1, 0]) {
    const rows = row ? extent(row) + 2 * margin : 1;
    const cols = extent(col) + 2 * margin;
    const cell = snapped(Math.min(38, width / cols, height / rows));
    if (cell >= LEGIBLE || (margin === 0 && cell >= 6))
      return { x, y, cell, rows, cols, top: row ? -margin : 0, left: -margin };
  }
  return null;
}

/** Room for the headings, and for the channels' names under them. */
function headingOf(/** @type {LayerGeometry} */ layer) {
  return Number(layer.input_shape[0]) > 1 ? HEADING + 12 : HEADING;
}

/** The three grids side by side. @returns {Layout} */
function columns(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Size} */ size,
  /** @type {boolean} */ patched,
) {
  const { rows, cols, outRows, outCols, outTop, outLeft, row, col } = dimensions(layer);
  const height = Math.max(size.height, 260);
  const narrow = size.width < 900;
  const least = narrow ? NARROW_GAP : GAP;
  const top = headingOf(layer);
  const room = height - top - 8;
  const indices = channelIndices(layer);
  const lanes = laneIndices(layer);
  const middleMost = Math.min(patched ? 330 : 240, size.width * 0.3);
  const slices = slicesIn(state, layer, patched, middleMost, room * (patched ? 0.7 : 0.8));
  const middleWidth = Math.max(slices.width, MIDDLE_HEADING - least);
  const across = size.width - middleWidth - 2 * least - 8;
  const inRoom = room - (indices.length > 1 ? 74 : 0);
  const outRoom = room - (lanes.length > 1 ? Math.min(room * 0.36, lanes.length > 12 ? 210 : 74) : 0);
  const mapsWidth = lanes.length > 12 ? 300 : OUTPUT_HEADING;
  const headed = indices.length > 1 ? CHANNEL_HEADING - least : INPUT_HEADING - least;
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
  const small = smallsIn(indices, left, below, Math.max(inCell * cols, 120), height - below, cols / rows);
  const belowOut = top + outCell * outRows + 14;
  const outWidth = Math.max(outCell * outCols, Math.min(420, size.width - outX - 4));
  const maps = smallsIn(lanes, outX, belowOut, outWidth, height - belowOut, outCols / outRows);
  const lensY = top + slices.height - 24 + 34;
  const lensed = inCell < LENS_BELOW;
  const lens = lensed
    ? lensIn(layer, middleX, lensY, Math.max(slices.width, 190), height - lensY - 14)
    : null;
  const bottoms = [below + small.height, belowOut + maps.height, top + slices.height];
  if (lens) bottoms.push(lens.y + lens.cell * lens.rows);
  return {
    width: size.width,
    height: Math.max(...bottoms) + 6,
    stacked: false,
    input,
    output,
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

/** The matrix of columns: as wide as the room, its rows as high as they fit. @returns {Box} */
function matrixBox(
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
    input,
    output,
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
  const inCell = snapped(Math.min(width / cols, (width < NARROW ? 340 : 420) / rows, LARGEST_CELL));
  const left = series ? Math.max(0, (width - inCell * cols) / 2) : 1;
  const input = gridBox(left, headingOf(layer), inCell, rows, cols, row, col);
  const heading = headingOf(layer);
  const below = heading + inCell * rows + 12;
  const small = smallsIn(indices, left, below, width - 2, 60, cols / rows);
  const middleY = below + (small.height ? small.height + 6 : 0) + heading + 8;
  const part = series && taps[1] > 20 ? 1 : 0.62;
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
  const maps = smallsIn(lanes, outX, belowOut, wide ? beside : width - 2, 220, outCols / outRows);
  const slicesX = series ? left : 1;
  const lensY = middleY + slices.height + 6;
  const lensed = inCell < LENS_BELOW && !series;
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
    input,
    output,
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

/** @returns {Box} */
function gridBox(
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
function pixels(
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ cols,
  /** @type {number} */ rows,
) {
  return { x, y, cell: 1, rows, cols, top: 0, left: 0 };
}
