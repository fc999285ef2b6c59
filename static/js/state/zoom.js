// How far the grids are magnified, and which part of each is on view. Pure arithmetic in fractions of a grid, so that
// it holds for any size of the stage; knows no pixels, no state and no canvas.

import { coordinate, middleOf, stepPosition, tapsAt } from "../layer/walk.js";
import { dimensions } from "../picture/grid/grids.js";
import { clamp } from "./setting.js";

/** @import { AxisGeometry, Footprint, LayerGeometry } from "../types/geometry.js" */

/**
 * Both grids are magnified alike. The middle of what is on view is a place on the input, 0–1 of its grid with padding;
 * the output shows what is made there.
 * @typedef {{ scale: number, row: number, col: number }} Zoom
 */
/** @typedef {"input" | "output"} Grid */
/** @typedef {{ row: number, col: number }} Place */

/** As many cells of a grid's longer side stay on view. */
const LEAST_CELLS = 4;
/** A window this near to the edge of what is on view, as a share of it, brings the view along. */
const MARGIN = 0.06;
/** At the bottom more: there the overview lies. */
const FOOT = 0.3;
const STEP = 1.4;

const WHOLE = { scale: 1, row: 0.5, col: 0.5 };

/** @returns {[rows: number, cols: number]} */
function cellsOn(/** @type {LayerGeometry} */ layer, /** @type {Grid} */ grid) {
  const { rows, cols, outRows, outCols } = dimensions(layer);
  return grid === "input" ? [rows, cols] : [outRows, outCols];
}

function largestOn(/** @type {LayerGeometry} */ layer, /** @type {Grid} */ grid) {
  return Math.max(1, Math.max(...cellsOn(layer, grid)) / LEAST_CELLS);
}

/** A zoom that this layer has room for; null when all is on view. @returns {Zoom | null} */
export function fitted(/** @type {LayerGeometry} */ layer, /** @type {Zoom | null} */ zoom) {
  if (!zoom) return null;
  const scale = Math.min(zoom.scale, Math.max(largestOn(layer, "input"), largestOn(layer, "output")));
  if (!(scale > 1.01)) return null;
  return { scale, row: within(zoom.row, scale), col: within(zoom.col, scale) };
}

/** The middle of a part that lies inside the whole. */
function within(/** @type {number} */ middle, /** @type {number} */ scale) {
  return clamp(middle, 0.5 / scale, 1 - 0.5 / scale);
}

/**
 * The part of one grid that is on view; null: all of it.
 * @param {LayerGeometry} layer of the walk on view @param {Zoom | null} zoom @param {Grid} grid
 * @param {number} step @param {number} lane what a matrix of columns is centred on
 * @returns {Zoom | null}
 */
export function partOf(layer, zoom, grid, step, lane) {
  const scale = Math.min(zoom?.scale ?? 1, largestOn(layer, grid));
  if (!zoom || scale <= 1) return null;
  const { row, col } = middleOn(layer, zoom, grid, step, lane);
  return { scale, row: within(row, scale), col: within(col, scale) };
}

/** @returns {Place} */
function middleOn(
  /** @type {LayerGeometry} */ layer,
  /** @type {Zoom} */ zoom,
  /** @type {Grid} */ grid,
  /** @type {number} */ step,
  /** @type {number} */ lane,
) {
  if (grid === "input") return zoom;
  const [rows, cols] = cellsOn(layer, grid);
  if (layer.result === "columns") return { row: (lane + 0.5) / rows, col: (step + 0.5) / cols };
  return carried(layer, zoom, true);
}

// ------------------------------------------------------------------------------------- from grid to grid

/** Where on the output a place on the input is written, or the other way round. @returns {Place} */
function carried(
  /** @type {LayerGeometry} */ layer,
  /** @type {Place} */ place,
  /** @type {boolean} */ there,
) {
  const size = dimensions(layer);
  /** @param {AxisGeometry | null} axis @param {number} at @param {number} cells @param {number} outCells @param {number} outFirst */
  const along = (axis, at, cells, outCells, outFirst) => {
    if (!axis) return at;
    const last = Number(layer.step_shape[layer.axes.indexOf(axis)]) - 1;
    const ends = [0, last].map((position) => [
      (middleOf(axis.reads, position) + axis.begin + 0.5) / cells,
      (middleOf(axis.writes, position) - outFirst + 0.5) / outCells,
    ]);
    const [[from = 0, onto = 0] = [], [end = 0, target = 0] = []] = there
      ? ends
      : ends.map(([one, other]) => [other, one]);
    return end > from ? onto + ((at - from) * (target - onto)) / (end - from) : onto;
  };
  return {
    row: along(size.row, place.row, size.rows, size.outRows, size.outTop),
    col: along(size.col, place.col, size.cols, size.outCols, size.outLeft),
  };
}

/** A place on either grid as one on the input. */
function onInput(/** @type {LayerGeometry} */ layer, /** @type {Grid} */ grid, /** @type {Place} */ place) {
  return grid === "input" ? place : carried(layer, place, false);
}

// ------------------------------------------------------------------------------------- what a hand does

/**
 * Magnified about a place of a grid, which stays where it is.
 * @param {LayerGeometry} layer @param {Zoom | null} zoom @param {Grid} grid @param {number} factor
 * @param {Place} about @returns {Zoom | null}
 */
export function zoomedAbout(layer, zoom, grid, factor, about) {
  const before = zoom ?? WHOLE;
  const most = Math.max(largestOn(layer, "input"), largestOn(layer, "output"));
  const scale = clamp(before.scale * factor, 1, most);
  const part = before.scale / scale;
  const held = grid === "output" && layer.result === "columns" ? "input" : grid;
  const middle = held === "input" ? before : carried(layer, before, true);
  const place = {
    row: about.row + (middle.row - about.row) * part,
    col: about.col + (middle.col - about.col) * part,
  };
  return fitted(layer, { scale, ...onInput(layer, held, place) });
}

/** Magnified by steps about the window of a step. @returns {Zoom | null} */
export function zoomedOn(
  /** @type {LayerGeometry} */ layer,
  /** @type {Zoom | null} */ zoom,
  /** @type {number} */ steps,
  /** @type {number} */ step,
) {
  const { row, col } = windowOn(layer, step);
  const about = { row: (row[0] + row[1]) / 2, col: (col[0] + col[1]) / 2 };
  return zoomedAbout(layer, zoom, "input", STEP ** steps, about);
}

/** Moved by shares of a grid. @param {LayerGeometry} layer @param {Zoom | null} zoom @param {Grid} grid @param {Place} by */
export function panned(layer, zoom, grid, by) {
  if (!zoom) return null;
  const middle = grid === "input" ? zoom : carried(layer, zoom, true);
  const moved = onInput(layer, grid, { row: middle.row + by.row, col: middle.col + by.col });
  return fitted(layer, { ...zoom, ...moved });
}

/** The same size with a place of a grid in the middle. @param {LayerGeometry} layer @param {Zoom | null} zoom @param {Grid} grid @param {Place} place */
export function centred(layer, zoom, grid, place) {
  return zoom && fitted(layer, { ...zoom, ...onInput(layer, grid, place) });
}

// ------------------------------------------------------------------------------------- the window in view

/** The part of the input that the window of a step covers, on both axes. */
function windowOn(/** @type {LayerGeometry} */ layer, /** @type {number} */ step) {
  const { row, col, rows, cols } = dimensions(layer);
  const position = stepPosition(layer, step);
  /** @param {AxisGeometry | null} axis @param {number} at @param {number} cells @returns {[number, number]} */
  const along = (axis, at, cells) =>
    axis
      ? [(first(axis.reads, at) + axis.begin) / cells, (last(axis.reads, at) + axis.begin + 1) / cells]
      : [0, 1];
  return {
    row: along(row, Number(position.at(-2) ?? 0), rows),
    col: along(col, Number(position.at(-1)), cols),
  };
}

const first = (/** @type {Footprint} */ reads, /** @type {number} */ at) => coordinate(reads, at, 0);
const last = (/** @type {Footprint} */ reads, /** @type {number} */ at) =>
  coordinate(reads, at, tapsAt(reads, at) - 1);

/** Whether the window of a step, or part of it, is on view. */
export function isOnView(
  /** @type {LayerGeometry} */ layer,
  /** @type {Zoom} */ zoom,
  /** @type {number} */ step,
) {
  const window = windowOn(layer, step);
  const half = 0.5 / zoom.scale;
  return /** @type {const} */ (["row", "col"]).every(
    (axis) => window[axis][1] > zoom[axis] - half && window[axis][0] < zoom[axis] + half,
  );
}

/**
 * The same zoom, moved as far as the window of a step needs to be seen: on an axis where it comes near the edge, the
 * window goes to the middle, so that a walk moves the view once in many steps and not with each.
 * @param {LayerGeometry} layer @param {Zoom} zoom @param {number} step @returns {Zoom}
 */
export function following(layer, zoom, step) {
  const window = windowOn(layer, step);
  const size = 1 / zoom.scale;
  const along = (/** @type {"row" | "col"} */ axis, /** @type {number} */ foot) => {
    const [from, end] = window[axis];
    const low = zoom[axis] - size / 2;
    if (from >= low + MARGIN * size && end <= low + size - foot * size) return zoom[axis];
    return within((from + end) / 2 + ((foot - MARGIN) * size) / 2, zoom.scale);
  };
  const row = along("row", FOOT);
  const col = along("col", MARGIN);
  return row === zoom.row && col === zoom.col ? zoom : { ...zoom, row, col };
}
