// A stamping walk on the output: the sum so far, where this step's stamp lands, and what of it is cropped. Pure: makes
// marks; knows no canvas and no DOM.

import { around, cellRect, grown, outputRect, rectOf as rectAround, tapRect } from "./cells.js";
import { BEYOND, coordinate, stepPosition } from "./geometry.js";
import { LEGIBLE, planeAxes } from "./parts.js";
import { depthOn, stampedPlane } from "./planes.js";
import { croppedMarks, digitsFor, LATTICE } from "./slicemarks.js";
import { landings, UNTOUCHED, writersOfCell } from "./stamps.js";
import { currentNumbers, viewedStep } from "./state.js";
import { text } from "./strings.js";
import { stampOf } from "./sum.js";

/** @import { LayerGeometry, Theme } from "./types.js" */
/** @import { Rect } from "./cells.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Box } from "./parts.js" */
/** @import { Plane } from "./planes.js" */
/** @import { Mark } from "./scene.js" */
/** @import { Numbers, State } from "./state.js" */

/** How much of a cell that no stamp has reached is covered. */
const DIMMED = 0.84;

/** @typedef {{ plane: Plane, stages: Uint8Array }} Stamped */

/** @type {{ of: unknown[], stamped: Stamped | null }} */
let last = { of: [], stamped: null };

/** The output so far; made once for what stays the same. @returns {Stamped | null} */
function stampedAt(
  /** @type {LayerGeometry} */ layer,
  /** @type {Numbers | null} */ numbers,
  /** @type {number} */ lane,
  /** @type {Theme} */ theme,
  /** @type {number} */ step,
  /** @type {number} */ depth,
) {
  const of = [layer, numbers, lane, theme, step, depth];
  if (of.some((part, at) => part !== last.of[at]))
    last = { of, stamped: stampedPlane(layer, numbers, lane, theme, step, depth) };
  return last.stamped;
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
  const stamped = stampedAt(layer, currentNumbers(state), state.lane, theme, step, output);
  if (stamped) sumMarks(marks, stamped, box, whole);
  else if (state.overdue === state.shown?.key) marks.push({ kind: "dots", rects: [whole] });
  marks.push({ kind: "outline", rects: [whole], stroke: "output", line: 2 });

  const { row, col } = planeAxes(layer);
  const { inside, cropped } = landed(box, layer, step, tap);
  const target = stampOf(state)?.target ?? null;
  if (cropped.length > 0) marks.push(...croppedMarks(cropped));
  const gaps = [row, col].some((axis) => axis && axis.writes.gap > 1 && axis.writes.taps > 1);
  const wide = box.cell >= 12 ? 2 : 1;
  if (box.cell >= 5) {
    if (inside.length > 0 && gaps)
      marks.push({ kind: "outline", rects: inside, stroke: "kernel", line: wide, halo: true });
    if (cropped.length > 0)
      marks.push({ kind: "outline", rects: cropped, stroke: "padding", line: 1, dash: [3, 3] });
  }
  const all = around([...inside, ...cropped]);
  const dash = gaps ? [5, 4] : undefined;
  const line = gaps ? 1.5 : 2.5;
  marks.push({
    kind: "outline",
    rects: [grown(all, 10)],
    stroke: "kernel",
    line,
    halo: true,
    ...(dash && { dash }),
  });
  if (target && (layer.axes.length < 3 || target[0] === output))
    marks.push({
      kind: "outline",
      rects: [grown(rectOf(box, target), 6)],
      stroke: "output",
      line: 2.5,
      halo: true,
    });
  return all;
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
  const caption = { text: text.stampLens, x: lens.x, y: lens.y - 11 };
  marks.push({ kind: "text", ...caption, size: 12, align: "left", fill: "muted" });
  const stamped = stampedAt(layer, currentNumbers(state), state.lane, theme, step, output);
  const rows = Int32Array.from({ length: lens.rows }, (_, at) => within(top + at, row?.output ?? 1));
  const cols = Int32Array.from({ length: lens.cols }, (_, at) => within(left + at, col.output));
  if (stamped) {
    const plane = { ...stamped.plane, rows, cols };
    const dimmed = [];
    for (let at = 0; at < lens.rows * lens.cols; at++) {
      const [down, across] = [rows[Math.floor(at / lens.cols)] ?? -1, cols[at % lens.cols] ?? -1];
      const inside = down >= 0 && across >= 0;
      if (inside && stamped.stages[down * plane.stride + across] === UNTOUCHED)
        dimmed.push(tapRect(lens, at));
    }
    marks.push({ kind: "plane", rect: rectAround(lens), plane });
    marks.push({ kind: "lattice", box: lens });
    if (lens.cell >= LEGIBLE)
      marks.push({ kind: "numbers", box: lens, plane, digits: digitsFor(lens.cell), padding: null });
    if (dimmed.length > 0) marks.push({ kind: "rects", rects: dimmed, fill: "ground", alpha: DIMMED });
  }
  const { inside, cropped } = landed(box, layer, step, tap);
  if (cropped.length > 0) marks.push(...croppedMarks(cropped));
  marks.push({ ...frame, rects: [rectAround(lens)] });
  marks.push({ ...frame, rects: [...inside, ...cropped], stroke: "kernel", line: 1 });
  marks.push({ ...frame, rects: [around([...inside, ...cropped])], stroke: "kernel", line: 2.5, halo: true });
}

/** An index, or what lies beyond the edge. */
function within(/** @type {number} */ at, /** @type {number} */ length) {
  return at >= 0 && at < length ? at : BEYOND;
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

/** What a number of the formula stands for, where it lies on the output of a stamping walk. */
export function litStampMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
) {
  const { row, col } = planeAxes(layer);
  const step = viewedStep(state);
  const { inside, cropped } = landed(at.output, layer, step, depthOn(layer, step).tap);
  const rects = [...inside, ...cropped];
  const [x, y, width, tall] = around(rects);
  const line = {
    kind: /** @type {const} */ ("outline"),
    stroke: /** @type {const} */ ("kernel"),
    halo: true,
  };
  if (state.lit === "kernel") marks.push({ ...line, rects: [[x, y, width, tall]], line: 4 });
  if (state.lit === "dilation") marks.push({ ...line, rects, line: 3 });
  if (state.lit === "padding") {
    const whole = around([rectOf(at.output, [at.output.top, at.output.left]), outputRect(layer, at.output)]);
    marks.push({ kind: "outline", rects: [whole], stroke: "padding", line: 4, halo: true });
  }
  if (state.lit === "stride") {
    /** @type {Rect[]} */
    const next = [[x + col.writes.stride * at.output.cell, y, width, tall]];
    if (row) next.push([x, y + row.writes.stride * at.output.cell, width, tall]);
    marks.push({ ...line, rects: next, line: 2, dash: [4, 4] });
  }
}

/** The sum so far: numbers of cells that are complete or growing, the rest dimmed. */
function sumMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Stamped} */ { plane, stages },
  /** @type {Box} */ box,
  /** @type {Rect} */ whole,
) {
  const inner = {
    ...box,
    x: whole[0],
    y: whole[1],
    rows: plane.rows.length,
    cols: plane.cols.length,
    top: 0,
    left: 0,
  };
  marks.push({ kind: "plane", rect: whole, plane });
  if (box.cell >= LATTICE) marks.push({ kind: "lattice", box: inner });
  if (box.cell >= LEGIBLE)
    marks.push({ kind: "numbers", box: inner, plane, digits: digitsFor(box.cell), padding: null });
  const untouched = runs(stages, inner, UNTOUCHED);
  if (untouched.length > 0) marks.push({ kind: "rects", rects: untouched, fill: "ground", alpha: DIMMED });
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
  marks.push({ kind: "rects", rects, fill: "output", alpha: 0.3 });
  marks.push({ kind: "outline", rects, stroke: "output", line: 1.5, halo: true });
}
