// A stamping walk on the output: the sum so far, where this step's stamp lands, and what of it is cropped. Pure: makes
// marks; knows no canvas and no DOM.

import { BEYOND, coordinate, stepPosition } from "../../layer/walk.js";
import { currentNumbers, viewedStep } from "../../state/selectors.js";
import { faintest } from "../../step/rounding.js";
import { roundingAfter } from "../../step/stamp_sum.js";
import { growingRows, landings, regionAfter, UNTOUCHED, writersOfCell } from "../../step/stamps.js";
import { stampOf } from "../../step/sum.js";
import { later } from "../../words/dialogs.js";
import { isNoise } from "../../words/format.js";
import { around, cellRect, grown, outputRect, rectOf as rectAround } from "../grid/cells.js";
import { planeAxes, tallOf } from "../grid/grids.js";
import { on } from "../grid/magnified.js";
import { depthOn, outputPlane, plainMap, scaleOf, slicePlane, tensorsOf } from "../grid/planes.js";
import { LEGIBLE } from "../layout/fitted.js";
import { caption } from "./lens.js";
import { digitsFor, LATTICE } from "./slices.js";
import { croppedMarks } from "./stamp_slice.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Theme } from "../../types/page.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Plane } from "../grid/planes.js" */
/** @import { Mark } from "../scene.js" */
/** @import { Numbers } from "../../types/stream.js" */
/** @import { State } from "../../state/state.js" */

/** @typedef {{ plane: Plane, stages: Uint8Array }} Stamped */

/** More cells than this are not looked at one by one: only the rows in which something grows are. */
const MANY_CELLS = 40_000;

/** @type {{ of: unknown[], marks: Mark[] | null }} */
let last = { of: [], marks: null };

/**
 * The output so far; made once for what stays the same, and null while there are no numbers for it.
 * @param {LayerGeometry} layer @param {Numbers | null} numbers @param {number} lane @param {Theme} theme
 * @param {number} step @param {number} depth @param {Box} box
 */
function soFar(layer, numbers, lane, theme, step, depth, box) {
  const of = [layer, numbers, lane, theme, step, depth, box];
  if (of.some((part, at) => part !== last.of[at]))
    last = { of, marks: outputSoFar(layer, numbers, lane, theme, step, depth, box) };
  return last.marks;
}

/**
 * @param {LayerGeometry} layer @param {Numbers | null} numbers @param {number} lane @param {Theme} theme
 * @param {number} step @param {number} depth @param {Box} box
 * @returns {Mark[] | null}
 */
function outputSoFar(layer, numbers, lane, theme, step, depth, box) {
  const { row, col } = planeAxes(layer);
  const [rows, cols] = [row?.output ?? 1, col.output];
  const regionOf = (/** @type {number} */ top, /** @type {number} */ end) => ({
    top,
    left: 0,
    rows: end - top,
    cols,
  });
  if (rows * cols <= MANY_CELLS) {
    const stamped = stampedPlane(layer, numbers, lane, theme, step, depth, regionOf(0, rows));
    return stamped && sumMarks(stamped, box, 0, 0);
  }
  const { first, end } = growingRows(layer, step, layer.axes.length === 3 ? [depth] : []);
  const stamped = stampedPlane(layer, numbers, lane, theme, step, depth, regionOf(first, end));
  if (!stamped) return null;
  /** @type {Mark[]} */
  const marks = [];
  const final = outputPlane(layer, numbers, lane, theme, depth);
  if (final) marks.push(on(box, { kind: "plane", rect: outputRect(layer, box), plane: final }));
  const rest = rowsRect(box, first, rows, cols);
  marks.push(on(box, { kind: "rects", rects: [rest], fill: "sheet", alpha: 1 }));
  const bare = [Number(numbers?.bias?.[lane] ?? 0)];
  const one = { ...box, rows: 1, cols: 1 };
  const { scale } = stamped.plane;
  const plane = slicePlane(bare, one, scale, numbers, { kind: "noise", shape: [] }, theme);
  const untouched = rowsRect(box, end, rows, cols);
  marks.push(on(box, { kind: "plane", rect: untouched, plane }));
  marks.push(...notYet([untouched]).map((mark) => on(box, mark)));
  if (end > first) marks.push(...sumMarks(stamped, box, first, 0));
  return marks;
}

/** Some whole rows of the output. @returns {Rect} */
function rowsRect(
  /** @type {Box} */ box,
  /** @type {number} */ from,
  /** @type {number} */ end,
  /** @type {number} */ cols,
) {
  const [x, y] = cellRect(box, from, 0);
  return [x, y, cols * box.cell, (end - from) * tallOf(box)];
}

/**
 * @param {Mark[]} marks @param {State} state @param {Layout} at @param {LayerGeometry} layer @param {Theme} theme
 * @returns {Rect} where the stamp lands, cropped cells included
 */
export function stampMarks(marks, state, at, layer, theme) {
  const step = viewedStep(state);
  const { output, tap } = depthOn(layer, step);
  const box = at.output;
  const whole = outputRect(layer, box);
  const put = (/** @type {Mark} */ mark) => marks.push(on(box, mark));
  const sums = soFar(layer, currentNumbers(state), state.lane, theme, step, output, box);
  if (sums) marks.push(...sums);
  else if (state.overdue === state.shown?.key) put({ kind: "dots", rects: [whole] });
  // Cropped cells have no values, but a place.
  if (box.rows * box.cols > layerCells(layer))
    put({ kind: "outline", rects: [rectAround(box)], stroke: "line2", line: 1, dash: [3, 3] });
  put({ kind: "outline", rects: [whole], stroke: "output", line: 2 });

  const { row, col } = planeAxes(layer);
  const { inside, cropped } = landed(box, layer, step, tap);
  const target = stampOf(state)?.target ?? null;
  if (cropped.length > 0) for (const mark of croppedMarks(cropped)) put(mark);
  const gaps = [row, col].some((axis) => axis && axis.writes.gap > 1 && axis.writes.taps > 1);
  const wide = box.cell >= 12 ? 2 : 1;
  if (box.cell >= 5) {
    if (inside.length > 0 && gaps)
      put({ kind: "outline", rects: inside, stroke: "output", line: wide, halo: true });
    if (cropped.length > 0)
      put({ kind: "outline", rects: cropped, stroke: "padding", line: 1, dash: [3, 3] });
  }
  const all = around([...inside, ...cropped]);
  const dash = gaps ? [5, 4] : undefined;
  const line = gaps ? 1.5 : box.cell >= 12 ? 3 : 2;
  put({
    kind: "outline",
    rects: [grown(all, 10)],
    stroke: "output",
    line,
    halo: true,
    ...(dash && { dash }),
  });
  if (target && (layer.axes.length < 3 || target[0] === output))
    put({
      kind: "outline",
      rects: [grown(rectOf(box, target), 6)],
      stroke: "output",
      line: 1.5,
    });
  return all;
}

/** Cells of the shown plane of the output. */
function layerCells(/** @type {LayerGeometry} */ layer) {
  const { row, col } = planeAxes(layer);
  return (row?.output ?? 1) * col.output;
}

/** The output around the stamp, enlarged. */
export function stampLensMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Box} */ lens,
  /** @type {LayerGeometry} */ layer,
  /** @type {Theme} */ theme,
) {
  const step = viewedStep(state);
  const { output, tap } = depthOn(layer, step);
  const { row, col } = planeAxes(layer);
  const position = stepPosition(layer, step);
  const top = (row ? coordinate(row.writes, Number(position.at(-2)), 0) : 0) + lens.top;
  const left = coordinate(col.writes, Number(position.at(-1)), 0) + lens.left;
  const box = { ...lens, top, left };
  const frame = /** @type {const} */ ({ kind: "outline", stroke: "output", line: 1.5 });
  marks.push(caption(lens, later.stampLens));
  const [first, start] = [Math.max(0, top), Math.max(0, left)];
  const rows = Math.min(top + lens.rows, row?.output ?? 1) - first;
  const cols = Math.min(left + lens.cols, col.output) - start;
  const region = { top: first, left: start, rows, cols };
  const seen = rows > 0 && cols > 0;
  const stamped = seen && stampedPlane(layer, currentNumbers(state), state.lane, theme, step, output, region);
  if (stamped) marks.push(...sumMarks(stamped, box, first, start));
  const { inside, cropped } = landed(box, layer, step, tap);
  if (cropped.length > 0) marks.push(...croppedMarks(cropped));
  marks.push({ ...frame, rects: [rectAround(lens)] });
  marks.push({ ...frame, rects: [...inside, ...cropped], stroke: "kernel", line: 1 });
  marks.push({ ...frame, rects: [around([...inside, ...cropped])], stroke: "kernel", line: 2.5, halo: true });
}

/** An output cell, wherever it lies. @returns {Rect} */
function rectOf(/** @type {Box} */ box, /** @type {number[]} */ cell) {
  return cellRect(box, Number(cell.at(-2) ?? 0), Number(cell.at(-1)));
}

/** Where the taps of the shown plane land. */
function landed(
  /** @type {Box} */ box,
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ step,
  /** @type {number} */ tap,
) {
  const { row, col } = planeAxes(layer);
  const cells = (row?.writes.taps ?? 1) * col.writes.taps;
  const all = landings(layer, step).slice(tap * cells, (tap + 1) * cells);
  const rects = (/** @type {boolean} */ which) =>
    all.filter(({ outside }) => outside === which).map(({ cell }) => rectOf(box, cell));
  return { inside: rects(false), cropped: rects(true) };
}

/** The cells that a number of the formula stands for, where it lies on the output of a stamping walk. */
export function litStampMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
) {
  const { row, col } = planeAxes(layer);
  const put = (/** @type {Mark} */ mark) => marks.push(on(at.output, mark));
  const step = viewedStep(state);
  const { inside, cropped } = landed(at.output, layer, step, depthOn(layer, step).tap);
  const rects = [...inside, ...cropped];
  const [x, y, width, tall] = around(rects);
  const line = {
    kind: /** @type {const} */ ("outline"),
    stroke: /** @type {const} */ ("kernel"),
    halo: true,
  };
  if (state.lit === "kernel") put({ ...line, rects: [[x, y, width, tall]], line: 4 });
  if (state.lit === "dilation") put({ ...line, rects, line: 3 });
  if (state.lit === "padding") {
    const whole = around([rectOf(at.output, [at.output.top, at.output.left]), outputRect(layer, at.output)]);
    put({ kind: "outline", rects: [whole], stroke: "padding", line: 4, halo: true });
  }
  if (state.lit === "stride") {
    /** @type {Rect[]} */
    const next = [[x + col.writes.stride * at.output.cell, y, width, tall]];
    if (row) next.push([x, y + row.writes.stride * at.output.cell, width, tall]);
    put({ ...line, rects: next, line: 2, dash: [4, 4] });
  }
}

/** Cells that no stamp has reached. @returns {Mark[]} */
function notYet(/** @type {Rect[]} */ rects) {
  return [
    { kind: "rects", rects, fill: "sheet", alpha: 1 },
    { kind: "dots", rects },
  ];
}

/** A part of the sum so far, from a cell on: numbers of cells that are complete or growing, the rest dimmed. */
function sumMarks(
  /** @type {Stamped} */ { plane, stages },
  /** @type {Box} */ box,
  /** @type {number} */ top,
  /** @type {number} */ left,
) {
  const [x, y] = cellRect(box, top, left);
  const inner = { ...box, x, y, rows: plane.rows.length, cols: plane.cols.length, top: 0, left: 0 };
  /** @type {Mark[]} */
  const marks = [on(inner, { kind: "plane", rect: rectAround(inner), plane })];
  if (box.cell >= LATTICE) marks.push(on(inner, { kind: "lattice", box: inner }));
  if (box.cell >= LEGIBLE)
    marks.push(on(inner, { kind: "numbers", box: inner, plane, digits: digitsFor(box.cell), padding: null }));
  const untouched = runs(stages, inner, UNTOUCHED);
  if (untouched.length > 0) marks.push(...notYet(untouched).map((mark) => on(inner, mark)));
  return marks;
}

/** Cells in one stage, as rectangles along the rows. @returns {Rect[]} */
function runs(/** @type {Uint8Array} */ stages, /** @type {Box} */ box, /** @type {number} */ stage) {
  /** @type {Rect[]} */
  const rects = [];
  for (let row = 0; row < box.rows; row++) {
    let from = -1;
    for (let col = 0; col <= box.cols; col++) {
      const is = col < box.cols && stages[row * box.cols + col] === stage;
      if (is && from < 0) from = col;
      if (is || from < 0) continue;
      const [x, y, , tall] = cellRect(box, row, from);
      rects.push([x, y, (col - from) * box.cell, tall]);
      from = -1;
    }
  }
  return rects;
}

/** The input cells that stamp onto the output cell that is pointed at. */
export function writerMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
  /** @type {number[]} */ cell,
) {
  const axes = writersOfCell(layer, cell).map((axis) => [...new Set(axis.map(({ place }) => place))]);
  const rows = layer.axes.length > 1 ? (axes.at(-2) ?? []) : [0];
  const rects = rows.flatMap((row) => (axes.at(-1) ?? []).map((col) => cellRect(at.input, row, col)));
  if (rects.length === 0) return;
  marks.push(on(at.input, { kind: "rects", rects, fill: "output", alpha: 0.3 }));
  marks.push(on(at.input, { kind: "outline", rects, stroke: "output", line: 1.5, halo: true }));
}

/**
 * A part of the output as a stamping walk has made it so far, and what stage each of its cells is in; null until
 * input and weights are there.
 * @param {LayerGeometry} layer stamping @param {Numbers | null} numbers @param {number} lane @param {Theme} theme
 * @param {number} step @param {number} depth @param {import("../../step/stamps.js").Region} region
 * @returns {{ plane: Plane, stages: Uint8Array } | null}
 */
function stampedPlane(layer, numbers, lane, theme, step, depth, region) {
  const tensors = tensorsOf(numbers);
  if (!tensors || !numbers) return null;
  const final = outputPlane(layer, numbers, lane, theme, depth);
  const { row, col } = planeAxes(layer);
  const whole = (row?.output ?? 1) * col.output;
  const before = layer.axes.length === 3 ? [depth] : [];
  const end = final ? Math.min(final.limit, final.offset + whole) : 0;
  const served = final && numbers.output && !numbers.stale ? numbers.output.subarray(final.offset, end) : [];
  const { values, stages } = regionAfter(layer, tensors, lane, step, before, served, region);
  const waits = served.length < whole;
  const blank = waits ? Int8Array.from(values, (value) => (Number.isNaN(value) ? BEYOND : 0)) : undefined;
  const plane = {
    data: values,
    offset: 0,
    stride: region.cols,
    rows: plainMap(region.rows),
    cols: plainMap(region.cols),
    limit: values.length,
    version: 0,
    scale: final?.scale ?? scaleOf(theme, [0, 1]),
    rgb: null,
    sums: {
      isNoise: stamped,
      faint: faintest(layer, numbers, lane),
      layer,
      tensors,
      lane,
      step,
      before,
      region,
    },
    ...(blank && { blank }),
  };
  return { plane, stages };
}

/**
 * Whether the sum so far of a cell of a region is only rounding.
 * @param {any} sums @param {number} value @param {number} index
 */
function stamped({ faint, layer, tensors, lane, step, before, region }, value, index) {
  if (!isNoise(value, faint)) return false;
  const place = [region.top + Math.floor(index / region.cols), region.left + (index % region.cols)];
  const cell = [...before, ...place].slice(-layer.axes.length);
  return isNoise(value, roundingAfter(layer, tensors, lane, cell, step));
}
