// A series as a curve over its cells: the window's taps as stems, and what lies in the future of the output. Pure: places
// and marks of a state and a layout; knows no canvas and no DOM.

import { coordinate, tapsAt } from "./geometry.js";
import { currentNumbers, viewedStep, walkOf } from "./state.js";
import { text } from "./strings.js";

/** @import { LayerGeometry } from "./types.js" */
/** @import { Rect } from "./cells.js" */
/** @import { Box } from "./grids.js" */
/** @import { Layout } from "./layout.js" */
/** @import { Mark, Role } from "./scene.js" */
/** @import { State } from "./state.js" */

const TALLEST = 130;
const LOWEST = 28;
const APART = 10;
/** Points and lines reach beyond the room of a curve. */
const OVER = 5;
/** About as wide as a letter of the words on it. */
const LETTER = 6.8;
/** More points than this are thinned out. */
const MOST_POINTS = 4096;

/**
 * A layout of a series with a curve above each strip of cells, where there is height for it; a matrix has none.
 * @param {Layout} at @param {LayerGeometry} layer @param {number} height
 * @returns {Layout}
 */
export function withCurves(at, layer, height) {
  const count = layer.result === "grid" ? 2 : 1;
  const tall = Math.min(TALLEST, (height - at.height) / count - APART);
  if (tall < LOWEST) return at;
  const by = tall + APART;
  const lower = count * by;
  // Output over input at the same time, where the cells are as wide and there is room.
  const time = at.output.x - at.output.left * at.output.cell;
  const late = at.input.x - at.input.left * at.input.cell - time;
  const fits = at.output.x + late + at.output.cols * at.output.cell <= at.width;
  const output = { ...at.output, y: at.output.y + lower };
  if (at.output.cell === at.input.cell && fits && late > 0) output.x += late;
  const down = (/** @type {Box | null} */ box) => box && { ...box, y: box.y + by };
  const over = (/** @type {Box} */ box, /** @type {number} */ down) =>
    /** @type {Rect} */ ([box.x, box.y + down - APART / 2 - tall, box.cell * box.cols, tall]);
  const spot = (/** @type {{ x: number, y: number, width: number }} */ one) => ({ ...one, y: one.y + by });
  return {
    ...at,
    height: at.height + lower,
    curves: { input: over(at.input, by), output: over({ ...at.output, x: output.x }, lower) },
    input: { ...at.input, y: at.input.y + by },
    output,
    slices: at.slices.map((slice) => ({
      ...slice,
      patch: down(slice.patch),
      kernel: down(slice.kernel),
      stamp: down(slice.stamp),
      total: { x: slice.total.x, y: slice.total.y + by },
    })),
    middle: { ...at.middle, y: at.middle.y + by },
    turned: at.turned && { x: at.turned.x, y: at.turned.y + by },
    channels: at.channels.map((one) => ({ ...one, y: one.y + by })),
    lanes: at.lanes.map((one) => ({ ...one, y: one.y + lower })),
    headings: {
      ...at.headings,
      middle: spot(at.headings.middle),
      output: { ...spot(at.headings.output), x: output.x, width: at.width - output.x },
    },
  };
}

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
  return frame && room ? { clip: [frame[0], room[1] - OVER, frame[2], room[3] + 2 * OVER] } : {};
}

/** Both curves, on a line of zero. @param {Mark[]} marks @param {State} state @param {LayerGeometry} layer @param {Layout} at */
export function curveMarks(marks, state, layer, at) {
  const numbers = currentNumbers(state);
  if (!at.curves || !numbers) return;
  const [axis] = layer.axes;
  const channel = typeof state.channel === "number" ? state.channel : 0;
  const size = Number(axis?.size);
  const spread = Number(axis?.spread);
  const line = (
    /** @type {"input" | "output"} */ grid,
    /** @type {(at: number) => number} */ value,
    /** @type {number} */ count,
    /** @type {[number, number]} */ range,
    /** @type {number} */ apart,
  ) => {
    const room = /** @type {Rect} */ (at.curves?.[grid]);
    const box = at[grid];
    const y = scaled(room, range);
    const zero = y(0);
    const clip = clipOf(at, grid);
    marks.push({
      kind: "path",
      points: [room[0], zero, room[0] + room[2], zero],
      stroke: "hairline",
      line: 1,
    });
    const every = Math.max(1, Math.ceil(count / MOST_POINTS));
    /** @type {number[]} */
    const points = [];
    for (let place = 0; place < count; place += every)
      if (Number.isFinite(value(place))) points.push(middle(box, place * apart), y(value(place)));
    marks.push({ kind: "path", points, stroke: grid, line: 1.75, ...clip });
  };
  const { input, output } = numbers;
  if (input && numbers.inputs >= input.length)
    line("input", (place) => Number(input[channel * size + place]), size, numbers.inputRange, spread);
  const held = numbers.lanes ? 0 : state.lane;
  const range = numbers.outputRange[held];
  if (output && range && layer.result === "grid")
    line("output", (place) => Number(output[held * layer.steps + place]), numbers.received, range, 1);
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
  const now = reads.kind === "affine" ? step * reads.stride : null;
  const channel = typeof state.channel === "number" ? state.channel : 0;
  const late = (/** @type {number} */ cell) => now !== null && cell > now && cell < axis.size;
  for (const cell of cells) {
    const inside = cell >= 0 && cell < axis.size && axis.spread === 1;
    const value = inside ? Number(numbers?.input?.[channel * axis.size + cell] ?? 0) : 0;
    const x = middle(at.input, cell);
    /** @type {Role} */
    const stroke = late(cell) ? "padding" : "kernel";
    put("input", { kind: "path", points: [x, y(0), x, y(value)], stroke, line: 2.5 });
    put("input", { kind: "rects", rects: [[x - 3, y(value) - 3, 6, 6]], fill: stroke, alpha: 1 });
  }
  if (now !== null && axis.spread === 1 && now < axis.size - 1) {
    const x = middle(at.input, now) + at.input.cell / 2;
    const end = middle(at.input, axis.size - 1) + at.input.cell / 2;
    put("input", {
      kind: "path",
      points: [x, top - 4, x, top + tall + 4],
      stroke: "muted",
      line: 1,
      dash: [4, 4],
    });
    put("input", {
      kind: "rects",
      rects: [[x, top, Math.max(0, end - x), tall]],
      fill: "muted",
      alpha: 0.07,
    });
    const fits = (/** @type {string} */ words) => end - x > words.length * LETTER + 12;
    const words = cells.some(late) && fits(text.futureRead) ? text.futureRead : text.future;
    const fill = /** @type {Role} */ (cells.some(late) ? "padding" : "muted");
    const room = fits(words);
    put("input", {
      kind: "text",
      text: words,
      x: room ? x + 6 : x - 6,
      y: top + 6,
      size: 12,
      align: room ? "left" : "right",
      fill,
    });
  }
  const range = numbers?.outputRange[numbers.lanes ? 0 : state.lane];
  const value = numbers?.output?.[(numbers.lanes ? 0 : state.lane) * layer.steps + step];
  if (!range || value === undefined || !Number.isFinite(value)) return;
  const height = scaled(at.curves.output, range);
  const x = middle(at.output, step);
  put("output", { kind: "path", points: [x, height(0), x, height(value)], stroke: "output", line: 2.5 });
  put("output", { kind: "rects", rects: [[x - 4, height(value) - 4, 8, 8]], fill: "output", alpha: 1 });
}
