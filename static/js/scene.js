// What the stage shows, as marks: decides everything and draws nothing. Pure; knows no canvas and no DOM.

import {
  around,
  grown,
  innerRect,
  insertedRects,
  paddingRects,
  rectOf,
  tapRect,
  tapRects,
  unreadCellsIn,
  unreadRects,
} from "./cells.js";
import { number as numberText } from "./format.js";
import { coordinate, middleOf, resolve, stepPosition, tapsAt, weightIndex } from "./geometry.js";
import { litMarks, pointedMarks } from "./highlights.js";
import { LEGIBLE, planeAxes } from "./layout.js";
import { inputPlane, outputPlane, slicePlane, weightScale } from "./planes.js";
import { currentNumbers, isWhole, viewedStep } from "./state.js";
import { channelName, text } from "./strings.js";
import { sumOf } from "./sum.js";

/** @import { AxisGeometry, LayerGeometry, Theme } from "./types.js" */
/** @import { Box, Layout, Slice, Small } from "./layout.js" */
/** @import { Rect } from "./cells.js" */
/** @import { Plane } from "./planes.js" */
/** @import { State } from "./state.js" */
/** @import { StepSum } from "./sum.js" */

/** A colour by what it stands for; the page's style sheet says which colour that is. */
/** @typedef {"input" | "kernel" | "output" | "padding" | "ink" | "muted" | "hairline" | "guide" | "ground"} Role */
/**
 * @typedef {{ kind: "plane", rect: Rect, plane: Plane }
 *   | { kind: "numbers", box: Box, plane: Plane, digits: number, padding: string | null }
 *   | { kind: "rects", rects: Rect[], fill: Role, alpha: number }
 *   | { kind: "outline", rects: Rect[], stroke: Role, line: number, dash?: number[], halo?: boolean, alpha?: number }
 *   | { kind: "hatch", rects: Rect[] } | { kind: "dots", rects: Rect[] }
 *   | { kind: "lattice", box: Box } | { kind: "path", points: number[], stroke: Role, line: number, dash?: number[] }
 *   | { kind: "text", text: string, x: number, y: number, size: number, align: CanvasTextAlign, fill: Role, bold?: boolean }
 * } Mark
 */
/** `base` keeps its identity until something under the window changes. @typedef {{ base: Mark[], live: Mark[] }} Scene */

/** Lines between cells, from this size on: on smaller ones they would darken the picture. */
const LATTICE = 12;

/** @type {{ of: unknown[], marks: Mark[] }} */
let lastBase = { of: [], marks: [] };

/**
 * @param {State} state @param {Layout} at @param {Theme} theme @param {{ gliding: boolean }} motion
 * @returns {Scene}
 */
export function scene(state, at, theme, motion) {
  const layer = /** @type {LayerGeometry} */ (state.shown?.geometry);
  const numbers = currentNumbers(state);
  const depth = depthOf(layer, viewedStep(state));
  const of = [
    at,
    state.shown,
    numbers,
    state.lane,
    state.channel,
    theme,
    depth.input,
    depth.output,
    state.overdue,
  ];
  if (of.some((part, index) => part !== lastBase.of[index])) {
    lastBase = { of, marks: baseMarks(state, at, theme, layer, depth) };
  }
  return { base: lastBase.marks, live: liveMarks(state, at, theme, layer, motion) };
}

/** Which plane of a volume is on view: the middle tap's, and the step's. */
function depthOf(/** @type {LayerGeometry} */ layer, /** @type {number} */ step) {
  const axis = layer.axes.length === 3 ? /** @type {AxisGeometry} */ (layer.axes[0]) : null;
  if (!axis) return { input: 0, output: 0, tap: 0 };
  const output = stepPosition(layer, step)[0] ?? 0;
  const tap = Math.floor(tapsAt(axis.reads, output) / 2);
  return { input: resolve(axis, coordinate(axis.reads, output, tap)), output, tap };
}

// ------------------------------------------------------------------------------------- under the window

/** @returns {Mark[]} */
function baseMarks(
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {Theme} */ theme,
  /** @type {LayerGeometry} */ layer,
  /** @type {{ input: number, output: number }} */ depth,
) {
  const numbers = currentNumbers(state);
  /** @type {Mark[]} */
  const marks = [];
  const { input, output } = at;
  const inner = innerRect(layer, input);
  const plane = inputPlane(layer, numbers, state.setting.source, state.channel, theme, depth.input);
  const overdue = state.overdue === state.shown?.key;
  if (overdue && (!plane || plane.version < Number(numbers?.input?.length)))
    marks.push({ kind: "dots", rects: [inner] });
  if (plane) marks.push({ kind: "plane", rect: rectOf(input), plane });
  const padding = paddingRects(layer, input);
  if (padding.length > 0) marks.push({ kind: "hatch", rects: padding });
  const inserted = input.cell >= 3 ? insertedRects(layer, input) : [];
  if (inserted.length > 0) marks.push({ kind: "hatch", rects: inserted });
  const unread = unreadRects(layer, input, inner);
  if (unread.length > 0) marks.push({ kind: "rects", rects: unread, fill: "ground", alpha: 0.62 });
  if (input.cell >= LATTICE) marks.push({ kind: "lattice", box: input });
  if (plane && input.cell >= LEGIBLE && !plane.rgb) {
    const held = layer.fill === "-Infinity" ? "−∞" : numberText(layer.fill, 2);
    marks.push({ kind: "numbers", box: input, plane, digits: digitsFor(input.cell), padding: held });
  }
  marks.push({ kind: "outline", rects: [inner], stroke: "input", line: 1.5 });

  const result = outputPlane(layer, numbers, state.lane, theme, depth.output);
  const complete = isWhole(state) && result !== null;
  if (overdue && !complete) marks.push({ kind: "dots", rects: [rectOf(output)] });
  if (result) marks.push({ kind: "plane", rect: rectOf(output), plane: result });
  if (output.cell >= LATTICE) marks.push({ kind: "lattice", box: output });
  if (result && output.cell >= LEGIBLE)
    marks.push({
      kind: "numbers",
      box: output,
      plane: result,
      digits: digitsFor(output.cell),
      padding: null,
    });
  marks.push({ kind: "outline", rects: [rectOf(output)], stroke: "output", line: 1.5 });

  for (const small of at.lanes) {
    const map = outputPlane(layer, numbers, Number(small.index), theme, depth.output);
    smallMarks(marks, small, map, small.index === state.lane ? "output" : null, overdue);
  }
  for (const small of at.channels) {
    const { index } = small;
    const map = inputPlane(layer, numbers, state.setting.source, index, theme, depth.input, false);
    smallMarks(marks, small, map, index === state.channel ? "input" : null, overdue);
  }
  return marks;
}

function smallMarks(
  /** @type {Mark[]} */ marks,
  /** @type {Small} */ small,
  /** @type {Plane | null} */ plane,
  /** @type {Role | null} */ chosen,
  /** @type {boolean} */ overdue,
) {
  /** @type {Rect} */
  const rect = [small.x, small.y, small.width, small.height];
  if (plane) marks.push({ kind: "plane", rect, plane });
  else if (overdue) marks.push({ kind: "dots", rects: [rect] });
  marks.push({ kind: "outline", rects: [rect], stroke: chosen ?? "hairline", line: chosen ? 2.5 : 1 });
}

function digitsFor(/** @type {number} */ cell) {
  return cell >= 42 ? 3 : 2;
}

// ------------------------------------------------------------------------------------- the window and what follows

/** @returns {Mark[]} */
function liveMarks(
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {Theme} */ theme,
  /** @type {LayerGeometry} */ layer,
  /** @type {{ gliding: boolean }} */ motion,
) {
  const step = viewedStep(state);
  const { row, col } = planeAxes(layer);
  const position = stepPosition(layer, step);
  const place = { row: row ? Number(position.at(-2)) : 0, col: Number(position.at(-1)) };
  const glide =
    motion.gliding && place.col + 1 < col.output ? eased(state.fraction) * strideOf(col, place.col) : 0;
  const sum = sumOf(state);
  /** @type {Mark[]} */
  const marks = [];
  const taps = tapRects(layer, at.input, place, glide);
  const window = around(taps);
  /** @type {Rect} */
  const cell = [
    at.output.x + place.col * at.output.cell,
    at.output.y + place.row * at.output.cell,
    at.output.cell,
    at.output.cell,
  ];
  if (!at.stacked) connect(marks, at, window, cell);
  windowMarks(marks, at.input.cell, layer, taps, window, at.input.cell >= 5);
  marks.push({ kind: "outline", rects: [grown(cell, 6)], stroke: "output", line: 2.5, halo: true });
  for (const [number, slice] of at.slices.entries())
    sliceMarks(marks, state, layer, theme, slice, sum, number, at.slices.length);
  if (at.lens) lensMarks(marks, state, at.lens, layer, theme, place);
  pointedMarks(marks, state, at, layer);
  litMarks(marks, state, at, layer, taps, window);
  return marks;
}

/** How far a window moves from one step to the next. */
function strideOf(/** @type {AxisGeometry} */ { reads }, /** @type {number} */ step) {
  return reads.kind === "affine" ? reads.stride : middleOf(reads, step + 1) - middleOf(reads, step);
}

/** Rests on each step, then moves to the next: smooth at both ends. */
function eased(/** @type {number} */ fraction) {
  const part = Math.min(1, Math.max(0, (fraction - 0.55) / 0.45));
  return part * part * (3 - 2 * part);
}

function windowMarks(
  /** @type {Mark[]} */ marks,
  /** @type {number} */ cell,
  /** @type {LayerGeometry} */ layer,
  /** @type {Rect[]} */ taps,
  /** @type {Rect} */ window,
  /** @type {boolean} */ tinted,
) {
  const gaps = layer.axes.some(({ reads }) => reads.kind === "affine" && reads.gap > 1 && reads.taps > 1);
  if (tinted) marks.push({ kind: "rects", rects: taps, fill: "kernel", alpha: 0.14 });
  if (cell >= 5) {
    if (gaps)
      marks.push({ kind: "outline", rects: taps, stroke: "kernel", line: cell >= 12 ? 2 : 1, halo: true });
  }
  const dash = gaps ? [5, 4] : undefined;
  const outer = grown(window, 10);
  marks.push({
    kind: "outline",
    rects: [outer],
    stroke: "kernel",
    line: gaps ? 1.5 : 2.5,
    halo: true,
    ...(dash && { dash }),
  });
}

/**
 * Thin lines: the window opens into its slices, and their sum goes into the output cell. They are drawn between
 * the grids only, never over numbers.
 */
function connect(
  /** @type {Mark[]} */ marks,
  /** @type {Layout} */ at,
  /** @type {Rect} */ window,
  /** @type {Rect} */ cell,
) {
  const first = at.slices[0]?.patch ?? at.slices[0]?.kernel;
  const last = at.slices.at(-1);
  const box = last?.kernel ?? last?.patch;
  if (!first || !box) return;
  const right = window[0] + window[2];
  const edge = Math.max(right, at.input.x + at.input.cols * at.input.cell) + 5;
  const foot = box.y + box.rows * box.cell;
  const end = at.middle.x + at.middle.cols + 4;
  const middle = cell[1] + cell[3] / 2;
  for (const [from, to] of /** @type {[number, number][]} */ ([
    [window[1], first.y],
    [window[1] + window[3], foot],
  ])) {
    clipped(marks, [right, from], [first.x - 5, to], edge, first.x - 5);
    clipped(marks, [end, to], [cell[0], middle], end, at.output.x - 5);
  }
}

/** The part of a line between two abscissae. */
function clipped(
  /** @type {Mark[]} */ marks,
  /** @type {[number, number]} */ from,
  /** @type {[number, number]} */ to,
  /** @type {number} */ left,
  /** @type {number} */ right,
) {
  const slope = (to[1] - from[1]) / Math.max(1, to[0] - from[0]);
  if (right <= left) return;
  const points = [left, from[1] + (left - from[0]) * slope, right, from[1] + (right - from[0]) * slope];
  marks.push({ kind: "path", points, stroke: "guide", line: 1 });
}

function sliceMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Theme} */ theme,
  /** @type {Slice} */ slice,
  /** @type {StepSum | null} */ sum,
  /** @type {number} */ number,
  /** @type {number} */ slices,
) {
  const numbers = currentNumbers(state);
  const depth = depthOf(layer, viewedStep(state));
  const group = Math.floor(state.lane / layer.lanes_per_group);
  const within = slice.channel - group * layer.channels_per_group;
  const plane =
    Math.floor(layer.taps / (slice.kernel ?? slice.patch ?? { rows: 1 }).rows) > 0 ? depth.tap : 0;
  for (const [box, role] of /** @type {const} */ ([
    [slice.patch, "input"],
    [slice.kernel, "kernel"],
  ])) {
    if (!box) continue;
    const taps = box.rows * box.cols;
    const first = within * layer.taps + plane * taps;
    const values = sum?.terms
      .slice(first, first + taps)
      .map((term) => (role === "input" ? term.value : term.weight));
    const held = values ?? (role === "kernel" ? weightsAt(state, first, taps) : null);
    if (held) {
      const scale = role === "kernel" ? weightScale(layer, numbers, state.lane, theme) : null;
      const shown = slicePlane(held, box, scale, numbers, state.setting.source, theme);
      marks.push({ kind: "plane", rect: rectOf(box), plane: shown });
      if (box.cell >= LATTICE) marks.push({ kind: "lattice", box });
      if (box.cell >= 22)
        marks.push({ kind: "numbers", box, plane: shown, digits: digitsFor(box.cell), padding: null });
    } else if (state.overdue === state.shown?.key) marks.push({ kind: "dots", rects: [rectOf(box)] });
    marks.push({ kind: "outline", rects: [rectOf(box)], stroke: role, line: 1.5 });
  }
  const { patch, kernel } = slice;
  const middle = slice.total.y;
  if (patch && kernel)
    marks.push({
      kind: "text",
      text: "×",
      x: kernel.x - 15,
      y: middle,
      size: 18,
      align: "center",
      fill: "muted",
    });
  if (patch && kernel && sum) {
    const text = `${number > 0 ? "+" : "="} ${numberText(sum.subtotals[within] ?? 0, 3)}`;
    marks.push({ kind: "text", text, x: slice.total.x, y: middle, size: 14, align: "left", fill: "ink" });
  }
  const box = patch ?? kernel;
  if (box && (slices > 1 || layer.input_shape[0] !== 1)) {
    const text = channelName(layer.input_shape, slice.channel);
    marks.push({ kind: "text", text, x: box.x, y: box.y - 9, size: 12, align: "left", fill: "input" });
  }
  if (patch && sum?.winner !== null && sum?.winner !== undefined) {
    const tap = sum.winner % (patch.rows * patch.cols);
    if (Math.floor(sum.winner / layer.taps) === within) {
      const rect = tapRect(patch, tap);
      marks.push({ kind: "outline", rects: [grown(rect, 8)], stroke: "output", line: 3, halo: true });
    }
  }
}

/** @returns {number[] | null} */
function weightsAt(/** @type {State} */ state, /** @type {number} */ first, /** @type {number} */ taps) {
  const weight = currentNumbers(state)?.weight;
  const layer = state.shown?.geometry;
  if (!weight || !layer) return null;
  return Array.from({ length: taps }, (_, at) => {
    const place = first + at;
    const index = weightIndex(layer, state.lane, Math.floor(place / layer.taps), place % layer.taps);
    return Number(weight[index]);
  });
}

function lensMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {Box} */ lens,
  /** @type {LayerGeometry} */ layer,
  /** @type {Theme} */ theme,
  /** @type {{ row: number, col: number }} */ place,
) {
  const { row, col } = planeAxes(layer);
  const numbers = currentNumbers(state);
  const top = (row ? coordinate(row.reads, place.row, 0) : 0) + lens.top;
  const left = coordinate(col.reads, place.col, 0) + lens.left;
  const depth = depthOf(layer, viewedStep(state)).input;
  const { channel, setting } = state;
  const region = { top, left, rows: lens.rows, cols: lens.cols };
  const plane = inputPlane(layer, numbers, setting.source, channel, theme, depth, false, region);
  const box = { ...lens, top, left };
  const hatched = [];
  for (let line = 0; line < lens.rows; line++) {
    for (let at = 0; at < lens.cols; at++) {
      const inside = (row ? resolve(row, top + line) : 0) >= 0 && resolve(col, left + at) >= 0;
      if (!inside) hatched.push(tapRect(lens, line * lens.cols + at));
    }
  }
  if (hatched.length > 0) marks.push({ kind: "hatch", rects: hatched });
  if (plane) marks.push({ kind: "plane", rect: rectOf(lens), plane });
  marks.push({ kind: "rects", rects: unreadCellsIn(layer, lens, top, left), fill: "ground", alpha: 0.62 });
  marks.push({ kind: "lattice", box: lens });
  if (plane && !plane.rgb && lens.cell >= LEGIBLE)
    marks.push({ kind: "numbers", box, plane, digits: digitsFor(lens.cell), padding: null });
  const taps = tapRects(layer, box, place, 0);
  marks.push({ kind: "outline", rects: [rectOf(lens)], stroke: "input", line: 1.5 });
  windowMarks(marks, lens.cell, layer, taps, around(taps), false);
  const caption = { size: 12, align: /** @type {const} */ ("left"), fill: /** @type {const} */ ("muted") };
  marks.push({ kind: "text", text: text.lens, x: lens.x, y: lens.y - 11, ...caption });
}
