// Cells that a pointer, or a number of the formula, lights up on the stage. Pure: makes marks; knows no canvas and no DOM.

import { stepsReading } from "../../layer/readers.js";
import { coordinate, resolve, stepPosition, tapsAt } from "../../layer/walk.js";
import { cursorOf, unpaintable } from "../../state/painting.js";
import { viewedStep, viewOf, walkOf } from "../../state/selectors.js";
import { outputCellAt } from "../../step/sum.js";
import {
  around,
  cellRect,
  grown,
  innerRect,
  insertedRects,
  outputRect,
  paddingRects,
  rectOf,
  tapRect,
} from "../grid/cells.js";
import { planeAxes, planeTaps, tallOf } from "../grid/grids.js";
import { on } from "../grid/magnified.js";
import { depthOn } from "../grid/planes.js";
import { copiesOf } from "./matrix.js";
import { litStampMarks, writerMarks } from "./stamps.js";

/** @import { AxisGeometry, LayerGeometry } from "../../types/geometry.js" */
/** @import { Range } from "../../types/numbers.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Mark } from "../scene.js" */
/** @import { State } from "../../state/state.js" */

/** More cells than this are not marked one by one. */
const MOST_MARKED = 4096;

/** The cells that a pointer on one grid lights up in the others. */
export function pointedMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
) {
  const { pointed } = state;
  const { row, col } = planeAxes(layer);
  if (walkOf(state) === "stamp") return pointedStampMarks(marks, state, at, layer);
  if (pointed?.grid === "input") {
    const reading = stepsReading(layer, pointed.cell);
    /** @type {Range[]} */
    const rows = row ? /** @type {Range[]} */ (reading.axes.at(-2)) : [[0, 0]];
    const cols = /** @type {Range[]} */ (reading.axes.at(-1));
    const rects =
      layer.result === "columns"
        ? copiesOf(state, at, layer, pointed.cell)
        : rows.flatMap(([top, bottom]) =>
            cols.map(([left, right]) =>
              around([cellRect(at.output, top, left), cellRect(at.output, bottom, right)]),
            ),
          );
    marks.push(on(at.output, { kind: "rects", rects, fill: "input", alpha: 0.28 }));
    marks.push(on(at.output, { kind: "outline", rects, stroke: "input", line: 2, halo: true }));
    const coordinates = {
      row: Number(pointed.cell.at(-2) ?? 0) * (row?.spread ?? 1),
      col: Number(pointed.cell.at(-1)) * col.spread,
    };
    const one = cellRect(at.input, coordinates.row, coordinates.col);
    const cells = [grown(one, 6)];
    marks.push(on(at.input, { kind: "outline", rects: cells, stroke: "input", line: 2.5, halo: true }));
  }
  if (pointed?.grid === "kernel") {
    const cols = col.reads.taps;
    const tap = { row: row ? Math.floor(pointed.tap / cols) % row.reads.taps : 0, col: pointed.tap % cols };
    /** The input cell under the tap at a position, unless the step there has no such tap. @returns {Rect[]} */
    const under = (/** @type {number} */ line, /** @type {number} */ place) => {
      if (tap.col >= tapsAt(col.reads, place) || (row && tap.row >= tapsAt(row.reads, line))) return [];
      const y = row ? coordinate(row.reads, line, tap.row) : 0;
      return [cellRect(at.input, y, coordinate(col.reads, place, tap.col))];
    };
    const rects = [];
    const count = (row?.output ?? 1) * col.output;
    if (count <= MOST_MARKED && at.input.cell >= 4 && everReads(state, layer)) {
      for (let line = 0; line < (row?.output ?? 1); line++)
        for (let place = 0; place < col.output; place++) rects.push(...under(line, place));
    }
    marks.push(on(at.input, { kind: "rects", rects, fill: "kernel", alpha: 0.3 }));
    const step = stepPosition(layer, viewedStep(state));
    const here = under(Number(step.at(-2) ?? 0), Number(step.at(-1))).map((rect) => grown(rect, 6));
    if (here.length === 0) return;
    marks.push({ kind: "outline", rects: ownRects(state, at), stroke: "kernel", line: 2.5, halo: true });
    if (!isOnPlane(state, layer)) return;
    marks.push(on(at.input, { kind: "outline", rects: here, stroke: "kernel", line: 2.5, halo: true }));
  }
}

/** Which plane of the kernel is pointed at. */
function pointedPlane(/** @type {State} */ { pointed }, /** @type {LayerGeometry} */ layer) {
  const plane = planeTaps(layer);
  return pointed?.grid === "kernel" && layer.axes.length > 2 ? Math.floor(pointed.tap / plane) : 0;
}

/** Whether what is pointed at of a kernel reads, or writes, the plane on view. */
function isOnPlane(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  return pointedPlane(state, layer) === depthOn(layer, viewedStep(state)).tap;
}

/** Whether any step reads the plane on view by the tap that is pointed at: with a stride others may lie between. */
function everReads(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const axis = layer.axes.length > 2 ? layer.axes[0] : null;
  if (!axis) return true;
  const tap = pointedPlane(state, layer);
  const plane = depthOn(layer, viewedStep(state)).input;
  const reads = (/** @type {number} */ place) =>
    tap < tapsAt(axis.reads, place) && resolve(axis, coordinate(axis.reads, place, tap)) === plane;
  return Array.from({ length: axis.output }, (_, place) => place).some(reads);
}

/** The tap that is pointed at, in each slice that has it. @returns {Rect[]} */
function ownRects(/** @type {State} */ state, /** @type {Layout} */ at) {
  const { pointed } = state;
  const layer = viewOf(state);
  if (pointed?.grid !== "kernel" || !layer) return [];
  const plane = pointedPlane(state, layer);
  return at.slices
    .filter(({ depth = plane }) => depth === plane)
    .flatMap(({ patch, kernel, stamp }) =>
      [stamp ? null : patch, kernel, stamp].flatMap((box) =>
        box ? [tapRect(box, pointed.tap % (box.rows * box.cols))] : [],
      ),
    );
}

/** In a stamping walk: who stamps onto an output cell, and where a tap of the kernel lands. */
function pointedStampMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
) {
  const { pointed } = state;
  const { row, col } = planeAxes(layer);
  if (pointed?.grid === "output") writerMarks(marks, at, layer, outputCellAt(layer, pointed.step));
  if (pointed?.grid !== "kernel") return;
  const position = stepPosition(layer, viewedStep(state));
  const cols = col.writes.taps;
  const y = row
    ? coordinate(row.writes, Number(position.at(-2)), Math.floor(pointed.tap / cols) % row.writes.taps)
    : 0;
  const x = coordinate(col.writes, Number(position.at(-1)), pointed.tap % cols);
  const line = /** @type {const} */ ({ kind: "outline", stroke: "kernel", line: 2.5, halo: true });
  if (isOnPlane(state, layer))
    marks.push(on(at.output, { ...line, rects: [grown(cellRect(at.output, y, x), 6)] }));
  marks.push({ ...line, rects: ownRects(state, at) });
}

/** The rows and columns at the end of the output that output_padding adds. @returns {Rect[]} */
function addedRects(/** @type {LayerGeometry} */ layer, /** @type {Box} */ output) {
  const { row, col } = planeAxes(layer);
  const added = (/** @type {AxisGeometry | null} */ axis) =>
    Number(axis?.formula.find(({ from }) => from === "output_padding")?.text ?? 0);
  const [x, y, width, tall] = outputRect(layer, output);
  const right = added(col) * output.cell;
  const below = added(row) * tallOf(output);
  /** @type {Rect[]} */
  const rects = [
    [x, y + tall - below, width, below],
    [x + width - right, y, right, tall - below],
  ];
  return rects.filter(([, , across, down]) => across > 0 && down > 0);
}

/** The part of the picture that a number of the formula stands for. */
export function litMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
  /** @type {Rect[]} */ taps,
  /** @type {Rect} */ window,
) {
  const { row, col } = planeAxes(layer);
  const own = ["input", "output", "output_padding"].includes(String(state.lit));
  if (walkOf(state) === "stamp" && !own) return litStampMarks(marks, state, at, layer);
  const line = /** @type {const} */ ({ kind: "outline", stroke: "kernel", line: 3, halo: true });
  const put = (/** @type {Box} */ box, /** @type {Mark} */ mark) => marks.push(on(box, mark));
  switch (state.lit) {
    case "input":
      put(at.input, { ...line, rects: [innerRect(layer, at.input)], stroke: "input", line: 4 });
      break;
    case "output":
      put(at.output, { ...line, rects: [outputRect(layer, at.output)], stroke: "output", line: 4 });
      break;
    case "output_padding": {
      const rects = addedRects(layer, at.output);
      put(at.output, { kind: "rects", rects, fill: "padding", alpha: 0.45 });
      put(at.output, { ...line, rects, stroke: "padding", line: 2 });
      break;
    }
    case "padding":
      put(at.input, { kind: "rects", rects: paddingRects(layer, at.input), fill: "padding", alpha: 0.45 });
      break;
    case "dilation":
      put(at.input, { ...line, rects: taps });
      break;
    case "kernel":
      for (const { kernel, patch } of at.slices)
        marks.push({ ...line, rects: [rectOf(kernel ?? /** @type {Box} */ (patch))], line: 4 });
      put(at.input, { ...line, rects: [window], line: 4 });
      break;
    case "stride": {
      // A stride that moves stamps apart stands in a gathering walk as the zeros put between cells.
      const inserted = insertedRects(layer, at.input);
      if (inserted.length > 0) {
        put(at.input, { kind: "rects", rects: inserted, fill: "kernel", alpha: 0.35 });
        break;
      }
      const along = (/** @type {AxisGeometry | null} */ axis) =>
        axis?.reads.kind === "affine" ? axis.reads.stride * at.input.cell : 0;
      const move = along(col);
      const down = along(row);
      const [x, y, width, height] = window;
      const next = { ...line, line: 2, dash: [4, 4] };
      put(at.input, { ...next, rects: [[x + move, y, width, height]] });
      if (row) put(at.input, { ...next, rects: [[x, y + down, width, height]] });
      break;
    }
  }
}

/** The cell that a key would paint. */
export function cursorMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
) {
  if (unpaintable(state)) return;
  const { row, col } = planeAxes(layer);
  const cursor = cursorOf(state);
  const [y, x] = [Number(cursor.at(-2)) * (row?.spread ?? 1), Number(cursor.at(-1)) * col.spread];
  const rects = [grown(cellRect(at.input, row ? y : 0, x), 8)];
  marks.push(on(at.input, { kind: "outline", rects, stroke: "ink", line: 3, halo: true }));
}
