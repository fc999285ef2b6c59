// The stage as marks: decides everything and draws nothing. Pure; knows no canvas and no DOM.

import { middleOf, stepPosition } from "../layer/walk.js";
import {
  currentNumbers,
  isWhole,
  otherWalk,
  sourceOf,
  viewedStep,
  viewOf,
  walkOf,
} from "../state/selectors.js";
import { sumOf } from "../step/sum.js";
import {
  around,
  cellRect,
  innerRect,
  insertedRects,
  paddingRects,
  rectOf,
  tapRects,
  unreadRects,
  withoutOverhang,
} from "./grid/cells.js";
import { planeAxes } from "./grid/grids.js";
import { on, shared } from "./grid/magnified.js";
import { depthOn, inputPlane, outputPlane } from "./grid/planes.js";
import { AXIS_WIDTH, isLegible, LEGIBLE, NUMBERED_AXES } from "./layout/fitted.js";
import { FOOT } from "./layout/sum_spot.js";
import { digitsFor, fillText, LATTICE, sliceMarks } from "./marks/slices.js";
import { cellMarks, glided, windowMarks } from "./marks/window.js";

/** @import { AxisGeometry, LayerGeometry } from "../types/geometry.js" */
/** @import { ColourScale, Theme } from "../types/page.js" */
/** @import { Layout } from "./layout/layout.js" */
/** @import { Box } from "./grid/grids.js" */
/** @import { Small } from "./layout/fitted.js" */
/** @import { Rect } from "./grid/cells.js" */
/** @import { Plane } from "./grid/planes.js" */
/** @import { Numbers } from "../types/stream.js" */
/** @import { State } from "../state/state.js" */

/** A colour by what it stands for; the page's style sheet says which colour that is. */
/** @typedef {"input" | "kernel" | "output" | "padding" | "warn" | "ink" | "muted" | "faint" | "line" | "line2" | "cells" | "ground" | "sheet" | "padding-tint"} Role */
/**
 * @typedef {{ clip?: Rect } & ({ kind: "plane", rect: Rect, plane: Plane, alpha?: number }
 *   | { kind: "numbers", box: Box, plane: Plane, digits: number, padding: string | null, dimmed?: Rect[], bold?: boolean, faded?: boolean }
 *   | { kind: "rects", rects: Rect[], fill: Role, alpha: number }
 *   | { kind: "outline", rects: Rect[], stroke: Role, line: number, dash?: number[], halo?: boolean, alpha?: number }
 *   | { kind: "hatch", rects: Rect[], texture: Texture } | { kind: "dots", rects: Rect[] }
 *   | { kind: "lattice", box: Box } | { kind: "path", points: number[], stroke: Role, line: number, dash?: number[], alpha?: number, filled?: boolean }
 *   | { kind: "legend", x: number, y: number, width: number, below: boolean, cell: number, scale: ColourScale }
 *   | { kind: "text", text: string, x: number, y: number, size: number, align: CanvasTextAlign, fill: Role, bold?: boolean }
 * )} Mark
 */
/** The meaning of hatching: padding, zeros put between cells, cells that no window reads, what lies after now. @typedef {"padding" | "inserted" | "unread" | "future"} Texture */
/** `base` keeps its identity until something under the window changes. @typedef {{ base: Mark[], live: Mark[] }} Scene */

/** Steps a second up to which an eye can follow numbers that fly into the sum. */
const FLIES_UNTIL = 1;

/**
 * The data that further marks are made of: a state and where things stand, the step on view, and what is drawn already.
 * @typedef {object} Drawing
 * @property {Mark[]} marks to be added to
 * @property {State} state @property {Layout} at @property {LayerGeometry} layer @property {Theme} theme
 * @property {number} step @property {{ row: number, col: number }} place of the step
 * @property {Rect[]} taps of the window @property {Rect} window around them
 * @property {boolean} flies whether numbers fly into the sum
 */
/** The data that further marks under the window are made of. @typedef {Pick<Drawing, "marks" | "state" | "at" | "layer"> & { input: Plane | null, output: Plane | null }} Ground */
/** @type {((ground: Ground) => void)[]} */
const grounds = [];
/** @type {{ height: number, draw: (drawing: Drawing) => void }[]} */
const families = [];

/** Marks that lie under the window with the grids. */
export function addGroundMarks(/** @type {(ground: Ground) => void} */ draw) {
  grounds.push(draw);
}

/**
 * Marks that follow the step. Those of a negative height lie below the window, all others above it, the highest on top.
 * @param {number} height @param {(drawing: Drawing) => void} draw
 */
export function addMarks(height, draw) {
  families.push({ height, draw });
  families.sort((one, other) => one.height - other.height);
}

/**
 * An output that is no grid of cells: its plane, and where a step writes.
 * @typedef {object} Result
 * @property {(layer: LayerGeometry, numbers: Numbers | null, theme: Theme) => Plane | null} plane
 * @property {(marks: Mark[], at: Layout, layer: LayerGeometry, step: number) => Rect} writtenMarks
 */
/** By LayerGeometry.result. @type {Map<string, Result>} */
const results = new Map();

export function addResult(/** @type {string} */ name, /** @type {Result} */ result) {
  results.set(name, result);
}

/** A change of any scene. @typedef {(drawn: Scene, state: State, at: Layout) => Scene} SceneChange */
/** @type {SceneChange[]} */
const changes = [];

export function addSceneChange(/** @type {SceneChange} */ change) {
  changes.push(change);
}

/** The marks under the window, for as long as it is of the same things. @type {WeakMap<Layout, { of: unknown[], marks: Mark[] }>} */
const bases = new WeakMap();

/**
 * @param {State} state @param {Layout} at @param {Theme} theme @param {{ gliding: boolean }} motion
 * @returns {Scene}
 */
export function scene(state, at, theme, motion) {
  const layer = /** @type {LayerGeometry} */ (viewOf(state));
  const numbers = currentNumbers(state);
  const depth = depthOn(layer, viewedStep(state));
  const of = [
    state.shown,
    numbers,
    state.lane,
    state.channel,
    theme,
    depth.input,
    depth.output,
    state.overdue,
    state.veil,
  ];
  let base = bases.get(at);
  if (!base || of.some((part, index) => part !== base?.of[index])) {
    base = { of, marks: baseMarks(state, at, theme, layer, depth) };
    bases.set(at, base);
  }
  /** @type {Scene} */
  const drawn = { base: base.marks, live: liveMarks(state, at, theme, layer, motion) };
  return changes.reduce((made, change) => change(made, state, at), drawn);
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
  const put = (/** @type {Box} */ box, /** @type {Mark} */ mark) => marks.push(on(box, mark));
  const inner = innerRect(layer, input);
  const source = sourceOf(state);
  const plane = inputPlane(layer, numbers, source, state.channel, theme, depth.input);
  const overdue = state.overdue === state.shown?.key;
  if (overdue && (!plane || plane.version < Number(numbers?.input?.length)))
    put(input, { kind: "dots", rects: [inner] });
  if (plane) put(input, { kind: "plane", rect: rectOf(input), plane });
  const padding = paddingRects(layer, input);
  if (padding.length > 0) put(input, { kind: "hatch", rects: padding, texture: "padding" });
  const inserted = depth.input < 0 ? [inner] : insertedRects(layer, input);
  if (inserted.length > 0) put(input, insertedMark(inserted, input.cell));
  const unread = unreadRects(layer, input, inner);
  const unreadPadding = padding.flatMap((rect) =>
    unread.flatMap((band) => {
      const both = shared(rect, band);
      return both ? [both] : [];
    }),
  );
  if (unreadPadding.length > 0) put(input, { kind: "rects", rects: unreadPadding, fill: "sheet", alpha: 1 });
  if (unread.length > 0) put(input, { kind: "hatch", rects: unread, texture: "unread" });
  if (input.cell >= LATTICE) put(input, { kind: "lattice", box: withoutOverhang(layer, input) });
  if (plane && isLegible(plane, input.cell)) {
    const digits = digitsFor(input.cell);
    put(input, { kind: "numbers", box: input, plane, digits, padding: fillText(layer), dimmed: unread });
  }
  put(input, { kind: "outline", rects: [inner], stroke: "input", line: 2 });

  /** @type {Plane | null} */
  let result = null;
  if (walkOf(state) === "gather") {
    const own = results.get(layer.result);
    result = own
      ? own.plane(layer, numbers, theme)
      : outputPlane(layer, numbers, state.lane, theme, depth.output, source);
    const complete = isWhole(state) && result !== null;
    const partly = own && numbers?.lanes;
    if ((overdue && !complete) || partly) put(output, { kind: "dots", rects: [rectOf(output)] });
    if (result) put(output, { kind: "plane", rect: rectOf(output), plane: result });
    if (output.cell >= LATTICE) put(output, { kind: "lattice", box: output });
    const digits = digitsFor(output.cell);
    if (result && output.cell >= LEGIBLE)
      put(output, { kind: "numbers", box: output, plane: result, digits, padding: null });
    put(output, { kind: "outline", rects: [rectOf(output)], stroke: "output", line: 2 });
    // A question of a lesson may ask for the largest number.
    if (at.legend && result?.scale && !state.veil)
      marks.push({ kind: "legend", ...at.legend, cell: output.cell, scale: result.scale });
  }

  for (const draw of grounds) draw({ marks, state, at, layer, input: plane, output: result });
  for (const small of at.lanes) {
    const plane = small.depth ?? depth.output;
    const map = outputPlane(layer, numbers, Number(small.index), theme, plane, source);
    smallMarks(marks, small, map, small.chosen ? "output" : null, overdue);
  }
  for (const small of at.channels) {
    const { index } = small;
    const at = small.depth ?? depth.input;
    const map = inputPlane(layer, numbers, source, index, theme, at, false);
    smallMarks(marks, small, map, small.chosen ? "input" : null, overdue);
  }
  return marks;
}

/** Cells that are inserted between others: hatched, or where they are tiny only tinted. @returns {Mark} */
function insertedMark(/** @type {Rect[]} */ rects, /** @type {number} */ cell) {
  if (cell >= LATTICE) return { kind: "hatch", rects, texture: "inserted" };
  return { kind: "rects", rects, fill: "padding", alpha: cell >= 3 ? 0.16 : 0.06 };
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
  if (plane && plane.rows.length * plane.cols.length === 1) {
    // A map of one cell says its number, not only its colour.
    const box = { x: small.x, y: small.y, cell: small.width, rows: 1, cols: 1, top: 0, left: 0 };
    marks.push({ kind: "numbers", box, plane, digits: 3, padding: null });
  }
  marks.push({ kind: "outline", rects: [rect], stroke: chosen ?? "line", line: chosen ? 2.5 : 1 });
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
  const further = place.col + 1 < Number(layer.step_shape.at(-1));
  const glide =
    motion.gliding && further ? glided(state.fraction, state.speed) * strideOf(col, place.col) : 0;
  const other = otherWalk(state);
  const sum = other ? null : sumOf(state);
  /** @type {Mark[]} */
  const marks = [];
  const taps = tapRects(layer, at.input, place, glide);
  const window = around(taps);
  const flies = motion.gliding && state.speed <= FLIES_UNTIL;
  const drawing = { marks, state, at, layer, theme, step, place, taps, window, flies };
  for (const { height, draw } of families) if (height < 0) draw(drawing);
  const written = other
    ? other.writtenMarks(marks, state, at, layer, theme)
    : (results.get(layer.result)?.writtenMarks(marks, at, layer, step) ??
      cellMarks(marks, at.output, cellRect(at.output, place.row, place.col)));
  if (!at.stacked) connect(marks, at, window, at.output.x > at.middle.x ? written : null);
  windowMarks(marks, at.input, layer, taps, window);
  sliceMarks(marks, state, at, theme, sum);
  for (const { height, draw } of families) if (height >= 0) draw(drawing);
  return marks;
}

/** How far a window moves from one step to the next. */
function strideOf(/** @type {AxisGeometry} */ { reads }, /** @type {number} */ step) {
  return reads.kind === "affine" ? reads.stride : middleOf(reads, step + 1) - middleOf(reads, step);
}

/**
 * Thin lines: the window opens into its slices, and their sum goes into the output cell, on a curve from where the result
 * stands. They are drawn between the grids only, never over numbers.
 */
function connect(
  /** @type {Mark[]} */ marks,
  /** @type {Layout} */ at,
  /** @type {Rect} */ window,
  /** @type {Rect | null} */ cell,
) {
  const first = at.slices[0]?.patch ?? at.slices[0]?.kernel;
  const last = at.slices.at(-1);
  const box = last?.stamp ?? last?.kernel ?? last?.patch;
  // A magnified grid shows a part: lines leave from what is on view of the window, and go to a cell on view.
  const from = at.input.frame ? shared(window, at.input.frame) : window;
  const onto = cell && at.output.frame ? shared(cell, at.output.frame) : cell;
  if (!first || !box) return;
  const whole = at.input.frame ?? rectOf(at.input);
  const beside = at.channels.map((small) => small.x + small.width);
  const foot = box.y + box.rows * box.cell;
  // From the last grid of the row; what a slice comes to stands on a ground of its own.
  const end = box.x + box.cols * box.cell + 4;
  const edges = at.numbered && at.output.cell >= NUMBERED_AXES ? AXIS_WIDTH : 5;
  const target = (at.output.frame ? at.output.frame[0] : at.output.x) - edges;
  // A stamp is made of one cell.
  const feet = last?.stamp ? [first.y, first.y + first.rows * first.cell] : [first.y, foot];
  for (const [side, to] of [first.y, foot].entries()) {
    const opens = Number(feet[side]);
    if (from) {
      const right = from[0] + from[2];
      const edge = Math.max(right, whole[0] + whole[2], ...beside) + 5;
      clipped(marks, [right, from[1] + side * from[3]], [first.x - 5, opens], edge, first.x - 5, "kernel");
    }
    if (onto && !at.sum) clipped(marks, [end, to], [onto[0], onto[1] + onto[3] / 2], end, target, "output");
  }
  if (!onto || !at.sum) return;
  const { x, y, width } = at.sum.foot;
  const start = /** @type {[number, number]} */ ([x + width + 8, y + FOOT * 0.55]);
  marks.push({
    ...{ kind: "path", points: curved(start, [target, onto[1] + onto[3] / 2]) },
    ...{ stroke: "output", line: 1.2, alpha: 0.8 },
  });
}

const CURVE_POINTS = 24;

/** A curve that leaves and arrives level. @param {[number, number]} from @param {[number, number]} to */
function curved([x, y], [right, top]) {
  const reach = Math.max(12, (right - x) / 2);
  /** @type {number[]} */
  const points = [];
  for (let at = 0; at <= CURVE_POINTS; at++) {
    const t = at / CURVE_POINTS;
    const [a, b, c, d] = [(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t ** 3];
    points.push(a * x + b * (x + reach) + c * (right - reach) + d * right, (a + b) * y + (c + d) * top);
  }
  return points;
}

/** The part of a line between two abscissae. */
function clipped(
  /** @type {Mark[]} */ marks,
  /** @type {[number, number]} */ from,
  /** @type {[number, number]} */ to,
  /** @type {number} */ left,
  /** @type {number} */ right,
  /** @type {Role} */ stroke,
) {
  const slope = (to[1] - from[1]) / Math.max(1, to[0] - from[0]);
  if (right <= left) return;
  const points = [left, from[1] + (left - from[0]) * slope, right, from[1] + (right - from[0]) * slope];
  marks.push({ kind: "path", points, stroke, line: 1, alpha: 0.6 });
}
