// The output as a matrix with a row per lane and a column per step: its plane, and what a step and a pointer mark in it.
// Pure: makes marks; knows no canvas and no DOM.

import { eachStep, stepsReading } from "../../layer/readers.js";
import { coordinate, PADDING, windowAt } from "../../layer/walk.js";
import { viewedLane } from "../../state/selectors.js";
import { cellRect, grown, tapRect } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";
import { on } from "../grid/magnified.js";
import { depthOn, freshness, scaleOf, wholeRange } from "../grid/planes.js";
import { cellMarks } from "./window.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Theme } from "../../types/page.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Plane } from "../grid/planes.js" */
/** @import { Mark } from "../scene.js" */
/** @import { Numbers } from "../../types/stream.js" */
/** @import { State } from "../../state/state.js" */

/** More columns than a canvas can hold, or a screen can show, are thinned out. */
const MOST_COLUMNS = 4096;

/**
 * The output as a matrix: a row per lane, a column per step.
 * @param {LayerGeometry} layer @param {Numbers | null} numbers @param {Theme} theme
 * @returns {Plane | null}
 */
export function matrixPlane(layer, numbers, theme) {
  if (!numbers?.output || numbers.received === 0) return null;
  const { lanes, received } = numbers;
  const every = Math.ceil(layer.steps / MOST_COLUMNS);
  return {
    data: numbers.output,
    offset: 0,
    stride: layer.steps,
    rows: Int32Array.from({ length: layer.lanes }, (_, lane) => (lanes ? lanes.indexOf(lane) : lane)),
    cols: Int32Array.from({ length: Math.ceil(layer.steps / every) }, (_, at) =>
      at * every < received ? at * every : PADDING,
    ),
    limit: numbers.output.length,
    scale: scaleOf(theme, wholeRange(numbers)),
    rgb: null,
    ...freshness(numbers),
  };
}

/** The column that a step writes. @returns {Rect} */
export function columnMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ step,
) {
  const [x, y, width, tall] = cellRect(at.output, 0, step);
  return cellMarks(marks, at.output, [x, y, width, tall * layer.lanes]);
}

/**
 * In the column the cell of the lane on view, and over the window what it copies.
 * @param {Mark[]} marks @param {State} state @param {Layout} at @param {LayerGeometry} layer @param {number} step
 * @param {{ row: number, col: number }} place
 */
export function copiedMarks(marks, state, at, layer, step, place) {
  const lane = viewedLane(state);
  const { row, col } = planeAxes(layer);
  const tap = lane % layer.lanes_per_group;
  const down = row ? coordinate(row.reads, place.row, Math.floor(tap / col.reads.taps) % row.reads.taps) : 0;
  const across = coordinate(col.reads, place.col, tap % col.reads.taps);
  const outlined = (/** @type {Rect} */ rect) =>
    /** @type {Mark} */ ({
      kind: "outline",
      rects: [grown(rect, 8)],
      stroke: "output",
      line: 2.5,
      halo: true,
    });
  marks.push(on(at.output, outlined(cellRect(at.output, lane, step))));
  const channel = Math.floor(lane / layer.lanes_per_group);
  const patch = at.slices.find((slice) => slice.channel === channel)?.patch;
  const plane = (row?.reads.taps ?? 1) * col.reads.taps;
  if (Math.floor(tap / plane) !== depthOn(layer, step).tap) return;
  marks.push(on(at.input, outlined(cellRect(at.input, down, across))));
  if (patch) marks.push(outlined(tapRect(patch, tap % plane)));
}

/** More steps than this are not marked one by one. */
const MOST_MARKED = 4096;

/** The cells of a matrix of columns that copy an input cell, in the rows of the channel on view. @returns {Rect[]} */
export function copiesOf(
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
  /** @type {number[]} */ cell,
) {
  const reading = stepsReading(layer, cell);
  if (reading.count > MOST_MARKED) return [];
  const rects = [];
  for (const step of eachStep(layer, reading)) {
    let taps = [0];
    for (const [axis, cells] of windowAt(layer, step).entries())
      taps = taps.flatMap((tap) =>
        cells.flatMap(({ index }, own) => (index === cell[axis] ? [tap * cells.length + own] : [])),
      );
    const channel = typeof state.channel === "number" ? state.channel : 0;
    for (const tap of taps)
      rects.push(grown(cellRect(at.output, channel * layer.lanes_per_group + tap, step), 4));
  }
  return rects;
}
