// The slices between input and output: what a step reads, the weights beside it, and what it stamps, one row a
// channel. Pure: makes marks; knows no canvas and no DOM.

import { roundings } from "../../layer/combine.js";
import {
  BEYOND,
  coordinate,
  lengthOf,
  PADDING,
  resolve,
  stepPosition,
  tapsAt,
  weightIndex,
  windowValues,
  withinGroup,
} from "../../layer/walk.js";
import { currentNumbers, otherWalk, sourceOf, viewedStep, viewOf } from "../../state/selectors.js";
import { addedNumber, isNoise, number as numberText } from "../../words/format.js";
import { channelName, say, text } from "../../words/page.js";
import { grown, kindAt, rectOf, tapRect } from "../grid/cells.js";
import { signedScale } from "../grid/colour.js";
import { planeAxes } from "../grid/grids.js";
import { channelScale, depthOn, slicePlane, weightScale } from "../grid/planes.js";

/** @import { AxisGeometry, LayerGeometry } from "../../types/geometry.js" */
/** @import { ColourScale, Theme } from "../../types/page.js" */
/** @import { Kind } from "../grid/cells.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Slice } from "../layout/fitted.js" */
/** @import { Mark, Role } from "../scene.js" */
/** @import { State } from "../../state/state.js" */
/** @import { StepSum } from "../../step/sum.js" */

/** Lines between cells, from this size on: on smaller ones they would darken the picture. */
export const LATTICE = 12;
/** Cells of a slice hold numbers from this size on. */
const NUMBERED = 19;
/** The letters of a subtotal, and about how wide one of them is. */
const TOTAL = 16;
const WIDE = 8.6;
/** The name of a channel, under its subtotal. */
const BELOW_TOTAL = 19;

export function digitsFor(/** @type {number} */ cell) {
  return cell >= 48 ? 3 : 2;
}

/** The value of padding, as it is written into its cells. */
export function fillText(/** @type {LayerGeometry} */ layer) {
  return typeof layer.fill === "string" ? numberText(Number(layer.fill)) : numberText(Number(layer.fill), 2);
}

/**
 * All slices of the step on view.
 * @param {Mark[]} marks @param {State} state @param {Layout} at @param {Theme} theme @param {StepSum | null} sum
 */
export function sliceMarks(marks, state, at, theme, sum) {
  const layer = /** @type {LayerGeometry} */ (viewOf(state));
  const labelled = at.slices.length > 1 || layer.input_shape[0] !== 1;
  for (const [number, slice] of at.slices.entries()) {
    const other = otherWalk(state);
    if (other) other.sliceMarks(marks, state, layer, theme, slice);
    else if (!hasPlane(layer, viewedStep(state), slice)) continue;
    else windowSlice(marks, state, layer, theme, slice, sum, number);
    const { patch, kernel, stamp } = slice;
    const middle = {
      y: middleOf(slice, tapsOf(layer, viewedStep(state)).rows),
      size: 18,
      align: /** @type {const} */ ("center"),
    };
    if (patch && kernel) marks.push({ kind: "text", text: "×", x: kernel.x - 15, ...middle, fill: "muted" });
    if (stamp) marks.push({ kind: "text", text: "=", x: stamp.x - 15, ...middle, fill: "muted" });
    const box = kernel ?? patch;
    if (!box || !labelled) continue;
    const words = slice.depth === undefined ? [] : [planeName(layer, viewedStep(state), slice.depth)];
    if (layer.input_shape[0] !== 1 || words.length === 0)
      words.unshift(channelName(layer.input_shape, slice.channel));
    const named = slice.aside
      ? { x: slice.total.x, y: middle.y + BELOW_TOTAL, size: 13 }
      : { x: (patch ?? box).x, y: box.y - 9, size: 12 };
    const fill = slice.aside ? "muted" : stamp && slice.depth !== undefined ? "output" : "input";
    marks.push({ kind: "text", text: words.join(", "), ...named, align: "left", fill });
  }
  if (at.turned) {
    const { x, y } = at.turned;
    marks.push({ kind: "text", text: text.turned, x, y, size: 12, align: "left", fill: "kernel" });
  }
}

/** The name of a plane of the window: by the plane that it reads, or writes. */
export function planeName(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ step,
  /** @type {number} */ depth,
) {
  const axis = /** @type {AxisGeometry} */ (layer.axes[0]);
  const place = Number(stepPosition(layer, step)[0]);
  if (axis.writes.taps > 1) return say.plane(coordinate(axis.writes, place, depth));
  const at = coordinate(axis.reads, place, depth);
  const source = resolve(axis, at);
  if (source >= 0) return say.plane(source);
  return at >= 0 && at < lengthOf(axis) ? text.zeroPlane : text.padding;
}

/** Halfway down a slice whose window has so many rows. */
function middleOf(/** @type {Slice} */ { kernel, patch, stamp, total }, /** @type {number} */ rows) {
  const box = kernel ?? patch;
  return box && !stamp ? box.y + (rows * box.cell) / 2 : total.y;
}

/** A tap of the shown plane that a step has. @typedef {{ tap: number, kind: Kind }} Tap */

/**
 * The taps of a step in a plane, row-major, and how many rows and columns they are; none in a plane that it has not.
 * @param {LayerGeometry} layer @param {number} step @param {number} [depth] tap along the depth; left out: the one on view
 */
export function tapsOf(layer, step, depth = depthOn(layer, step).tap) {
  const { row, col } = planeAxes(layer);
  const position = stepPosition(layer, step);
  const [y, x] = [Number(position.at(-2) ?? 0), Number(position.at(-1))];
  const [rows, cols] = [row ? tapsAt(row.reads, y) : 1, tapsAt(col.reads, x)];
  const plane = depth * (row?.reads.taps ?? 1) * col.reads.taps;
  const around = kindOfPlane(layer, position, depth);
  /** @type {Tap[]} */
  const taps = [];
  for (let down = 0; down < rows; down++) {
    for (let across = 0; across < cols; across++) {
      const at = row ? coordinate(row.reads, y, down) : 0;
      const own = kindAt(layer, at, coordinate(col.reads, x, across));
      const kind = own === "cell" ? around : own;
      taps.push({ tap: plane + down * col.reads.taps + across, kind });
    }
  }
  return { taps, rows, cols };
}

/** The content of a whole plane of a volume: cells, zeros put between them, or padding. @returns {Kind} */
function kindOfPlane(
  /** @type {LayerGeometry} */ layer,
  /** @type {number[]} */ position,
  /** @type {number} */ depth,
) {
  const axis = layer.axes.length === 3 ? layer.axes[0] : null;
  if (!axis) return "cell";
  const at = coordinate(axis.reads, Number(position[0]), depth);
  if (at < 0 || at >= lengthOf(axis)) return "padding";
  return at % axis.spread === 0 ? "cell" : "inserted";
}

/** Whether a step has a plane of its window: windows may be of several sizes. */
function hasPlane(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ step,
  /** @type {Slice} */ { depth },
) {
  const [axis] = layer.axes;
  return depth === undefined || !axis || depth < tapsAt(axis.reads, Number(stepPosition(layer, step)[0]));
}

/** The values that a window reads, beside its weights. */
function windowSlice(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Theme} */ theme,
  /** @type {Slice} */ slice,
  /** @type {StepSum | null} */ sum,
  /** @type {number} */ number,
) {
  const numbers = currentNumbers(state);
  const step = viewedStep(state);
  const group = Math.floor(state.lane / layer.lanes_per_group);
  const within = withinGroup(layer, group, slice.channel);
  const own = within >= 0 && within < layer.channels_per_group ? sum : null;
  const { taps, rows, cols } = tapsOf(layer, step, slice.depth);
  const terms = taps.map(({ tap }) => sum?.terms[(own ? within : 0) * layer.taps + tap]);
  const sized = (/** @type {Box} */ box) => ({ ...box, rows, cols });
  const known = terms.every((term) => term !== undefined);
  if (slice.patch) {
    const box = sized(slice.patch);
    const read =
      own || !sum || !numbers?.input ? null : windowValues(layer, numbers.input, step, slice.channel);
    const values = known
      ? taps.map(({ tap }, at) => (read ? Number(read[tap]) : Number(terms[at]?.value)))
      : null;
    const blank = Int8Array.from(terms, (term) => (term?.outside ? BEYOND : term?.padded ? PADDING : 0));
    const padded = terms.flatMap((term, at) => (term?.padded ? [at] : []));
    const rects = (/** @type {boolean} */ inserted) =>
      padded.filter((at) => (taps[at]?.kind !== "padding") === inserted).map((at) => tapRect(box, at));
    const range = numbers?.inputRange ?? [0, 1];
    const scale = channelScale(layer, range, sourceOf(state), theme, slice.channel);
    gridMarks(marks, state, theme, { box, values, scale, blank, role: "input" });
    const hatched = (/** @type {boolean} */ inserted) => {
      const texture = inserted ? "inserted" : "padding";
      if (values && rects(inserted).length > 0)
        marks.push({ kind: "hatch", rects: rects(inserted), texture });
    };
    hatched(false);
    hatched(true);
  }
  if (slice.kernel) {
    const box = sized(slice.kernel);
    const all = taps.map(({ tap }) => tap);
    const values = known
      ? terms.map((term) => Number(term?.weight))
      : weightsAt(state, layer, Math.max(0, within), all);
    gridMarks(marks, state, theme, {
      box,
      values,
      scale: scaleOfWeights(state, layer, theme),
      role: "kernel",
    });
  }
  // A question of a lesson asks for it.
  if (slice.patch && slice.kernel && own && !state.veil) {
    const subtotal = terms.reduce((all, term) => all + Number(term?.product), 0);
    const rounding = roundings.ofTerms(terms);
    const first = isNoise(subtotal, rounding) ? "≈ 0" : `= ${numberText(subtotal, 3)}`;
    const words = number > 0 ? addedNumber(subtotal, 3, rounding) : first;
    const { x } = slice.total;
    const y = middleOf(slice, rows);
    // The lines to the output pass behind it.
    marks.push({
      kind: "rects",
      rects: [[x - 4, y - 11, words.length * WIDE + 8, 22]],
      fill: "sheet",
      alpha: 1,
    });
    marks.push({ kind: "text", text: words, x, y, size: TOTAL, align: "left", fill: "ink" });
  }
  const winner = own?.winner ?? null;
  if (slice.patch && winner !== null && Math.floor(winner / layer.taps) === within) {
    const at = taps.findIndex(({ tap }) => tap === winner % layer.taps);
    const rect = tapRect(sized(slice.patch), at);
    if (at >= 0)
      marks.push({ kind: "outline", rects: [grown(rect, 8)], stroke: "output", line: 3, halo: true });
  }
}

/** @returns {ColourScale} */
export function scaleOfWeights(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Theme} */ theme,
) {
  if (layer.weight_shape === null) return signedScale(theme, 1);
  return weightScale(layer, currentNumbers(state), state.lane, theme);
}

/**
 * A grid of a slice: its cells, their numbers, and a frame; dots while numbers are overdue.
 * @param {Mark[]} marks @param {State} state @param {Theme} theme
 * @param {{ box: Box, values: number[] | null, scale: ColourScale | null, role: Role, blank?: Int8Array }} grid
 */
export function gridMarks(marks, state, theme, { box, values, scale, role, blank }) {
  const numbers = currentNumbers(state);
  const layer = /** @type {LayerGeometry} */ (state.shown?.geometry);
  if (values) {
    const plane = slicePlane(values, box, scale, numbers, sourceOf(state), theme, blank);
    const padding = blank ? fillText(layer) : null;
    marks.push({ kind: "plane", rect: rectOf(box), plane });
    if (box.cell >= LATTICE) marks.push({ kind: "lattice", box });
    if (box.cell >= NUMBERED)
      marks.push({
        ...{ kind: "numbers", box, plane, padding },
        ...{ digits: digitsFor(box.cell), bold: role === "kernel" },
      });
  } else if (state.overdue === state.shown?.key) marks.push({ kind: "dots", rects: [rectOf(box)] });
  marks.push({ kind: "outline", rects: [rectOf(box)], stroke: role, line: 2 });
}

/** Weights of some taps of a channel of the group, as the walk on view uses them. @returns {number[] | null} */
export function weightsAt(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ channel,
  /** @type {number[]} */ taps,
) {
  const weight = currentNumbers(state)?.weight;
  if (!weight) return null;
  return taps.map((tap) => Number(weight[weightIndex(layer, state.lane, channel, tap)]));
}
