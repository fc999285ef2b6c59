// The grids of the stage as boxes of cells, and how many cells they have. Pure arithmetic on a geometry; knows no
// state, no canvas and no numbers of the layer.

import { coordinate, lengthOf } from "../../layer/walk.js";

/** @import { AxisGeometry, LayerGeometry } from "../../types/geometry.js" */

/**
 * A grid on the stage. Its first cell has the coordinate (top, left); input cell 0 has coordinate 0.
 * @typedef {object} Box
 * @property {number} x @property {number} y @property {number} cell side of a cell in CSS pixels
 * @property {number} [tall] height of a cell where it differs from its width
 * @property {number} rows @property {number} cols @property {number} top @property {number} left
 * @property {import("./cells.js").Rect} [frame] what is on view of a magnified grid; absent: all of it
 */
/** The two axes that are drawn as rows and columns; a series has one row. */
export function planeAxes(/** @type {LayerGeometry} */ layer) {
  const [row, col] = layer.axes.length === 1 ? [null, layer.axes[0]] : layer.axes.slice(-2);
  return { row: row ?? null, col: /** @type {AxisGeometry} */ (col) };
}

/** Taps of one plane of the kernel: all of them, but for a volume. */
export function planeTaps(/** @type {LayerGeometry} */ layer) {
  return layer.kernel_shape.slice(-2).reduce((taps, side) => taps * side, 1);
}

/** Height of a cell. */
export function tallOf(/** @type {Box} */ box) {
  return box.tall ?? box.cell;
}

/**
 * The cells that a walk writes beyond the output on an axis: cropped ones at the beginning and at the end.
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

/**
 * @typedef {object} Dimensions
 * @property {AxisGeometry | null} row @property {AxisGeometry} col
 * @property {number} rows @property {number} cols of the input with all that is read around it
 * @property {number} outRows @property {number} outCols of the output with what is cropped around it
 * @property {number} outTop @property {number} outLeft its first cell
 * @property {[number, number]} taps of the kernel
 */

/** @returns {Dimensions} */
export function dimensions(/** @type {LayerGeometry} */ layer) {
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
