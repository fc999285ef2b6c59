// A series as a curve over its cells: the window's taps as stems, and what lies in the future of the output. Pure: makes
// marks of a state and a layout; knows no canvas and no DOM.

import { coordinate, groupOfChannel, tapsAt } from "../../layer/walk.js";
import { currentNumbers, viewedStep, walkOf } from "../../state/selectors.js";
import { later } from "../../words/dialogs.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Layout } from "../layout/layout.js" */
/** @import { Mark, Role } from "../scene.js" */
/** @import { State } from "../../state/state.js" */

/** Points reach beyond the room of a curve, and words stand above it. */
const OVER = 5;
const WORDS = 16;
/** About as wide as a letter of the words on it. */
const LETTER = 6.8;
/** More points than this are thinned out. */
const MOST_POINTS = 4096;
/** So many channels or filters are drawn behind the one on view; of more, it stands alone. */
const MOST_CURVES = 8;
const OTHERS = /** @type {Role} */ ("faint");

/** A value's height in a curve's room, and that of zero. */
function scaled(/** @type {Rect} */ [, y, , tall], /** @type {[number, number]} */ [low, high]) {
  const [from, to] = [Math.min(0, low), Math.max(0, high)];
  return (/** @type {number} */ value) => y + tall - ((value - from) / (to - from || 1)) * tall;
}

const middle = (/** @type {Box} */ box, /** @type {number} */ cell) =>
  box.x + (cell - box.left + 0.5) * box.cell;

/** Of a magnified series nothing is drawn beside what is on view. @returns {{ clip?: Rect }} */
function clipOf(/** @type {Layout} */ at, /** @type {"input" | "output"} */ grid) {
  const { frame } = at[grid];
  const room = at.curves?.[grid];
  return frame && room ? { clip: [frame[0], room[1] - WORDS, frame[2], room[3] + WORDS + OVER] } : {};
}

/** The channels, or filters, with a curve: the one on view is the last, over the others. @returns {number[]} */
function drawnOf(/** @type {number} */ own, /** @type {number} */ all) {
  const others = all <= MOST_CURVES ? Array.from({ length: all }, (_, at) => at) : [];
  return [...others.filter((at) => at !== own), own];
}

const channelOf = (/** @type {State} */ { channel }) => (typeof channel === "number" ? channel : 0);

/** The filters whose numbers are held, and the range that their curves share. */
function outputsOf(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const numbers = currentNumbers(state);
  const own = numbers?.lanes ? 0 : state.lane;
  const drawn = numbers?.lanes ? [own] : drawnOf(own, layer.lanes);
  const ranges = drawn.flatMap((lane) => [numbers?.outputRange[lane] ?? []]);
  const [lows, highs] = [0, 1].map((end) =>
    ranges.map((range) => Number(range[end])).filter(Number.isFinite),
  );
  /** @type {[number, number] | null} */
  const range = lows?.length && highs?.length ? [Math.min(...lows), Math.max(...highs)] : null;
  return { own, drawn, range };
}

/** Both curves, on a line of zero, with those of other channels and filters behind. @param {Mark[]} marks @param {State} state @param {LayerGeometry} layer @param {Layout} at */
export function curveMarks(marks, state, layer, at) {
  const numbers = currentNumbers(state);
  if (!at.curves || !numbers) return;
  const [axis] = layer.axes;
  const size = Number(axis?.size);
  const lines = (
    /** @type {"input" | "output"} */ grid,
    /** @type {number[]} */ drawn,
    /** @type {(of: number, at: number) => number} */ value,
    /** @type {number} */ count,
    /** @type {[number, number]} */ range,
    /** @type {number} */ apart,
  ) => {
    const room = /** @type {Rect} */ (at.curves?.[grid]);
    const box = at[grid];
    const y = scaled(room, range);
    const clip = clipOf(at, grid);
    const zero = [room[0], y(0), room[0] + room[2], y(0)];
    marks.push({ kind: "path", points: zero, stroke: "line", line: 1 });
    const every = Math.max(1, Math.ceil(count / MOST_POINTS));
    for (const [nth, of] of drawn.entries()) {
      /** @type {number[]} */
      const points = [];
      for (let place = 0; place < count; place += every)
        if (Number.isFinite(value(of, place))) points.push(middle(box, place * apart), y(value(of, place)));
      const look =
        nth === drawn.length - 1
          ? { stroke: grid, line: 2 }
          : { stroke: OTHERS, line: drawn.length > 4 ? 0.6 : 1 };
      marks.push({ kind: "path", points, ...look, ...clip });
    }
  };
  const { input, output } = numbers;
  if (input && numbers.inputs >= input.length) {
    const drawn = drawnOf(channelOf(state), Number(layer.input_shape[0]));
    const value = (/** @type {number} */ of, /** @type {number} */ place) => Number(input[of * size + place]);
    lines("input", drawn, value, size, numbers.inputRange, Number(axis?.spread));
  }
  const { drawn, range } = outputsOf(state, layer);
  if (!output || !range || at.curves.output[3] === 0) return;
  const value = (/** @type {number} */ of, /** @type {number} */ place) =>
    Number(output[of * Number(axis?.output) + place]);
  lines("output", drawn, value, numbers.received, range, 1);
}

/** The window as a band with a stem a tap, the output's point, and the future. @param {Mark[]} marks @param {State} state @param {LayerGeometry} layer @param {Layout} at */
export function stemMarks(marks, state, layer, at) {
  const numbers = currentNumbers(state);
  const [axis] = layer.axes;
  if (!at.curves || !axis || walkOf(state) === "stamp" || layer.result !== "grid") return;
  const step = viewedStep(state);
  const { reads } = axis;
  const room = at.curves.input;
  const [, top, , tall] = room;
  const put = (/** @type {"input" | "output"} */ grid, /** @type {Mark} */ mark) =>
    marks.push({ ...mark, ...clipOf(at, grid) });
  const y = scaled(room, numbers?.inputRange ?? [0, 1]);
  const cells = Array.from({ length: tapsAt(reads, step) }, (_, tap) => coordinate(reads, step, tap));
  const first = Number(cells[0]);
  const last = Number(cells.at(-1));
  const left = middle(at.input, first) - at.input.cell / 2;
  const band = /** @type {Rect} */ ([left, top, (last - first + 1) * at.input.cell, tall]);
  put("input", { kind: "rects", rects: [band], fill: "kernel", alpha: 0.12 });
  // The time of an output is that of the input cell it stands over; what is read beyond is not known yet by then.
  const now = reads.kind === "affine" && layer.steps > 1 ? step * reads.stride : null;
  const channel = channelOf(state);
  const late = (/** @type {number} */ cell) => now !== null && cell > now && cell < axis.size;
  const group = Math.floor(state.lane / layer.lanes_per_group);
  const others = drawnOf(channel, Number(layer.input_shape[0])).filter(
    (one) => one !== channel && groupOfChannel(layer, one) === group,
  );
  for (const cell of cells) {
    const inside = cell >= 0 && cell < axis.size && axis.spread === 1;
    const readIn = (/** @type {number} */ one) =>
      inside ? Number(numbers?.input?.[one * axis.size + cell] ?? 0) : 0;
    const value = readIn(channel);
    const x = middle(at.input, cell);
    /** @type {Role} */
    const stroke = late(cell) ? "warn" : "kernel";
    // A filter reads all channels of its group at a tap.
    const dots = others.map((one) => /** @type {Rect} */ ([x - 2, y(readIn(one)) - 2, 4, 4]));
    if (inside) put("input", { kind: "rects", rects: dots, fill: stroke, alpha: 0.7 });
    put("input", { kind: "path", points: [x, y(0), x, y(value)], stroke, line: 2.5 });
    put("input", { kind: "rects", rects: [[x - 3, y(value) - 3, 6, 6]], fill: stroke, alpha: 1 });
  }
  if (now !== null && axis.spread === 1 && now < axis.size - 1) {
    const x = middle(at.input, now) + at.input.cell / 2;
    const end = middle(at.input, axis.size - 1) + at.input.cell / 2;
    put("input", {
      kind: "path",
      points: [x, top - 14, x, top + tall + 4],
      stroke: "muted",
      line: 1,
      dash: [4, 4],
    });
    put("input", { kind: "hatch", rects: [[x, top, Math.max(0, end - x), tall]], texture: "future" });
    const fits = (/** @type {string} */ words) => end - x > words.length * LETTER + 12;
    const words = cells.some(late) && fits(later.futureRead) ? later.futureRead : later.future;
    const fill = /** @type {Role} */ (cells.some(late) ? "warn" : "muted");
    const room = fits(words);
    put("input", {
      kind: "text",
      text: words,
      x: room ? x + 6 : x - 6,
      y: top - 8,
      size: 12,
      align: room ? "left" : "right",
      fill,
    });
  }
  const { own, range } = outputsOf(state, layer);
  const value = numbers?.output?.[own * axis.output + step];
  if (!range || at.curves.output[3] === 0 || value === undefined || !Number.isFinite(value)) return;
  const height = scaled(at.curves.output, range);
  const x = middle(at.output, step);
  put("output", { kind: "path", points: [x, height(0), x, height(value)], stroke: "output", line: 2.5 });
  put("output", { kind: "rects", rects: [[x - 4, height(value) - 4, 8, 8]], fill: "output", alpha: 1 });
}
