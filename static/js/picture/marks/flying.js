// Numbers that fly while a slow walk rests on a step: what the window reads goes to its weight, the product to the sum.
// Pure: makes marks of a state and a layout; knows no canvas, no clock and no DOM.

import { coordinate, stepPosition, withinGroup } from "../../layer/walk.js";
import { viewedLane, viewedStep, walkOf } from "../../state/selectors.js";
import { stampOf, sumOf } from "../../step/sum.js";
import { inRoom } from "../../words/format.js";
import { cellRect, tapRect } from "../grid/cells.js";
import { planeAxes } from "../grid/grids.js";
import { depthOn } from "../grid/planes.js";
import { tapsOf, weightsAt } from "./slices.js";
import { eased, RESTS } from "./window.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Slice } from "../layout/fitted.js" */
/** @import { Mark, Role } from "../scene.js" */
/** @import { State } from "../../state/state.js" */
/** @import { StepSum, Term } from "../../step/sum.js" */

/** More numbers at once would be a swarm. */
const MOST = 27;
/** How much later the last one leaves than the first, of the time that the window rests. */
const SPREAD = 0.4;
const LETTER = 7.4;
const SIZE = 12;
const HIGH = 17;
/** Characters of a number, so that those of one row do not hide each other. */
const [SHORT, LONG] = [4, 6];
/** From this size on cells are far enough apart for long ones. */
const WIDE = 42;

/**
 * A number on its way: from stop to stop, with what it says on each leg.
 * @typedef {{ stops: [x: number, y: number][], legs: { words: string, role: Role }[] }} Flight
 */

/** @param {Mark[]} marks @param {State} state @param {Layout} at @param {LayerGeometry} layer of the walk on view */
export function flightMarks(marks, state, at, layer) {
  const rest = state.fraction / RESTS;
  if (rest <= 0 || rest >= 1) return;
  const flights = flightsOf(state, at, layer);
  for (const [nth, { stops, legs }] of flights.entries()) {
    const part = (rest - (SPREAD * nth) / flights.length) / (1 - SPREAD);
    const leg = Math.floor(part * legs.length);
    const [from, to, chipText] = [stops[leg], stops[leg + 1], legs[leg]];
    if (part <= 0 || !from || !to || !chipText) continue;
    const way = eased(part * legs.length - leg);
    chip(marks, from[0] + (to[0] - from[0]) * way, from[1] + (to[1] - from[1]) * way, chipText);
  }
}

/** A number on a ground of its own, so that it can be read over others. */
function chip(
  /** @type {Mark[]} */ marks,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {{ words: string, role: Role }} */ { words, role },
) {
  const wide = words.length * LETTER + 6;
  const rects = [/** @type {Rect} */ ([x - wide / 2, y - HIGH / 2, wide, HIGH])];
  marks.push({ kind: "rects", rects, fill: "sheet", alpha: 0.94 });
  marks.push({ kind: "outline", rects, stroke: role, line: 1.5 });
  marks.push({ kind: "text", text: words, x, y, size: SIZE, align: "center", fill: role, bold: true });
}

/** All numbers that a step sends off; none where they would be too many, or where the cell they go to is not on view. */
export function flightsOf(
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
) {
  const flights = walkOf(state) === "stamp" ? stampFlights(state, at, layer) : sumFlights(state, at, layer);
  return flights.length > MOST ? [] : flights;
}

/** @returns {Flight[]} */
function sumFlights(
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
) {
  const sum = sumOf(state);
  const step = viewedStep(state);
  const position = stepPosition(layer, step);
  const matrix = layer.result === "columns";
  const [down, across] = matrix
    ? [viewedLane(state), step]
    : [Number(position.at(-2) ?? 0), Number(position.at(-1))];
  const end = onView(at.output, cellRect(at.output, down, across));
  if (!sum || !end) return [];
  const group = Math.floor(state.lane / layer.lanes_per_group);
  return at.slices.flatMap((slice) => {
    const within = withinGroup(layer, group, slice.channel);
    if (within < 0 || within >= layer.channels_per_group) return [];
    return sliceFlights(sum, slice, within, at, layer, step, end);
  });
}

/**
 * The numbers of one channel that fly.
 * @param {StepSum} sum @param {Slice} slice @param {number} within channel of the group @param {Layout} at
 * @param {LayerGeometry} layer @param {number} step @param {[number, number]} end
 * @returns {Flight[]}
 */
function sliceFlights(sum, slice, within, at, layer, step, end) {
  const { taps, rows, cols } = tapsOf(layer, step, slice.depth);
  const position = stepPosition(layer, step);
  const { row, col } = planeAxes(layer);
  return taps.flatMap(({ tap }, nth) => {
    const index = within * layer.taps + tap;
    const term = sum.terms[index];
    if (!term || !takesPart(sum, term, index)) return [];
    const value = {
      words: said(term.value, slice.kernel ?? slice.patch),
      role: /** @type {Role} */ (term.padded ? "padding" : "input"),
    };
    const product = { words: said(term.product, slice.kernel), role: /** @type {const} */ ("kernel") };
    const on = (/** @type {Box} */ box) => middleOf(tapRect({ ...box, rows, cols }, nth));
    const y = row ? coordinate(row.reads, Number(position.at(-2)), Math.floor(nth / cols)) : 0;
    const cell = cellRect(at.input, y, coordinate(col.reads, Number(position.at(-1)), nth % cols));
    const start = slice.patch ? on(slice.patch) : onView(at.input, cell);
    if (!start) return [];
    // Without weights the value itself is what is taken in.
    if (!slice.kernel) return [{ stops: [start, end], legs: [value] }];
    return [{ stops: [start, on(slice.kernel), end], legs: [value, product] }];
  });
}

/** Of a maximum only the winner goes on, of a copy only the cell that is copied. */
function takesPart(/** @type {StepSum} */ sum, /** @type {Term} */ term, /** @type {number} */ index) {
  if (sum.winner !== null) return index === sum.winner;
  if (sum.copied !== null) return index === sum.copied;
  return !term.outside || sum.combination.term === "product";
}

/** The products of a stamp, each to the cell that it is added to. @returns {Flight[]} */
function stampFlights(
  /** @type {State} */ state,
  /** @type {Layout} */ at,
  /** @type {LayerGeometry} */ layer,
) {
  const stamp = stampOf(state);
  if (!stamp) return [];
  const { tap, output } = depthOn(layer, viewedStep(state));
  const volume = layer.axes.length === 3;
  return at.slices.flatMap(({ channel, depth: shown = tap, stamp: box }) => {
    const value = stamp.values.find((one) => one.channel === channel)?.value;
    if (!box || value === undefined) return [];
    const taps = box.rows * box.cols;
    const within = channel - Math.floor(state.lane / layer.lanes_per_group) * layer.channels_per_group;
    const own = Array.from({ length: taps }, (_, nth) => shown * taps + nth);
    const weights = weightsAt(state, layer, within, own);
    return stamp.landings.slice(shown * taps, (shown + 1) * taps).flatMap(({ cell, outside }, nth) => {
      const end = onView(at.output, cellRect(at.output, Number(cell.at(-2) ?? 0), Number(cell.at(-1))));
      if (outside || !end || (volume && cell[0] !== output)) return [];
      const words = said(value * Number(weights?.[nth]), box);
      return [
        {
          stops: [middleOf(tapRect(box, nth)), end],
          legs: [{ words, role: /** @type {const} */ ("kernel") }],
        },
      ];
    });
  });
}

/** @returns {[number, number]} */
function middleOf(/** @type {Rect} */ [x, y, width, height]) {
  return [x + width / 2, y + height / 2];
}

/** The middle of a cell; null where a magnified grid does not show it. */
function onView(/** @type {Box} */ { frame }, /** @type {Rect} */ rect) {
  const [x, y] = middleOf(rect);
  if (!frame) return /** @type {[number, number]} */ ([x, y]);
  const [left, top, width, height] = frame;
  const inside = x >= left && x <= left + width && y >= top && y <= top + height;
  return inside ? /** @type {[number, number]} */ ([x, y]) : null;
}

/** A number as it fits beside its neighbours. */
function said(/** @type {number} */ value, /** @type {Box | null} */ box) {
  return Number(box?.cell) >= WIDE ? inRoom(value, 3, LONG) : inRoom(value, 2, SHORT);
}
