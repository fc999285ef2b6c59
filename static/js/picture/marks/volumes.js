// Channels and filters as volumes: blocks whose slices fan out, and lines for which filter reads which channels. Pure:
// places and marks of a state and a size; knows no canvas and no DOM.

import { channelOfGroup, groupOfChannel, weightIndex } from "../../layer/walk.js";
import { currentNumbers, sourceOf, viewedStep, viewOf } from "../../state/selectors.js";
import { shape } from "../../words/format.js";
import { channelName } from "../../words/page.js";
import { signedScale } from "../grid/colour.js";
import { dimensions } from "../grid/grids.js";
import { depthOn, inputPlane, outputPlane, slicePlane, weightScale } from "../grid/planes.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { Theme } from "../../types/page.js" */
/** @import { Rect } from "../grid/cells.js" */
/** @import { Mark } from "../scene.js" */
/** @import { State } from "../../state/state.js" */

/** More rows than this are not drawn one by one. */
const MOST_ROWS = 64;
/** Slices of a filter that are drawn. */
const MOST_SLICES = 12;
/** Planes of a block. */
const MOST_PLANES = 16;
/** More lines than this say nothing any more: those of the filter on view do. */
const MOST_LINES = 1500;
/** How high a row may be, whatever its slices, and at the most. */
const LEAST_ROW = 54;
const MOST_ROW = 96;
const HEAD = 44;
/** Below this there is no room for the blocks and the names. */
const NARROW = 620;

/** The block that is pointed at. @typedef {{ kind: "channel" | "filter", index: number } | null} Aim */
/**
 * @typedef {object} Volumes
 * @property {Rect[]} channels a row an input channel @property {Rect[][]} filters slices, a row a filter
 * @property {Rect[]} maps a row an output map
 * @property {{ input: Rect[], output: Rect[] }} blocks planes from the back to the front
 * @property {number} hiddenChannels @property {number} hiddenFilters
 */

/** The channels that a filter reads. @returns {number[]} */
export function readBy(/** @type {LayerGeometry} */ layer, /** @type {number} */ lane) {
  const group = Math.floor(lane / layer.lanes_per_group);
  return Array.from({ length: layer.channels_per_group }, (_, at) => channelOfGroup(layer, group, at));
}

/** The filters that read a channel. @returns {number[]} */
export function readersOf(/** @type {LayerGeometry} */ layer, /** @type {number} */ channel) {
  const first = groupOfChannel(layer, channel) * layer.lanes_per_group;
  return Array.from({ length: layer.lanes_per_group }, (_, at) => first + at);
}

/** @param {LayerGeometry} layer @param {{ width: number, height: number }} size @returns {Volumes} */
export function volumesOf(layer, { width, height }) {
  const { taps } = dimensions(layer);
  const channels = Math.min(Number(layer.input_shape[0]), MOST_ROWS);
  const lanes = Math.min(layer.lanes, MOST_ROWS);
  const room = height - HEAD - 12;
  const narrow = width < NARROW;
  const aspect = (/** @type {number[]} */ sizes) =>
    sizes.length > 2 ? Number(sizes.at(-1)) / Number(sizes.at(-2)) : 4;
  const column = (
    /** @type {number} */ x,
    /** @type {number} */ rows,
    /** @type {number} */ ratio,
    /** @type {number} */ most,
  ) => {
    const pitch = Math.min(room / rows, most + 12);
    const tall = Math.max(2, Math.min(pitch * 0.84, most));
    const wide = Math.min(tall * ratio, most * 1.6, width - x - 4);
    const top = HEAD + (room - pitch * rows) / 2;
    return Array.from(
      { length: rows },
      (_, at) => /** @type {Rect} */ ([x, top + at * pitch + (pitch - tall) / 2, wide, tall]),
    );
  };
  const block = (
    /** @type {"left" | "right"} */ side,
    /** @type {number} */ planes,
    /** @type {number} */ ratio,
  ) => {
    if (narrow) return [];
    const most = Math.min(planes, MOST_PLANES);
    const shift = Math.min(12, (width * 0.05) / most);
    const large = Math.min(width * 0.12, room * 0.5);
    const tall = Math.min(large, large / Math.max(ratio, 0.2));
    const wide = Math.min(large, tall * ratio);
    const x = side === "left" ? 6 : width - 6 - wide - shift * (most - 1);
    const top = HEAD + (room - tall - shift * most) / 2;
    return Array.from({ length: most }, (_, at) => {
      const back = most - 1 - at;
      return /** @type {Rect} */ ([x + back * shift, top + (most - back) * shift, wide, tall]);
    });
  };
  const inRatio = aspect(layer.input_shape);
  const outRatio = aspect(layer.output_shape);
  const [left, centre, right] = narrow ? [0.04, 0.4, 0.84] : [0.28, 0.47, 0.72];
  const slices = layer.weight_shape ? Math.min(layer.channels_per_group, MOST_SLICES) : 1;
  // Few rows are drawn large, as long as the slices of a filter still stand side by side.
  const sided = Math.min(MOST_ROW, width * 0.08, (width * 0.2) / slices - 4);
  const largest = narrow ? Math.min(LEAST_ROW, width * 0.12) : Math.max(LEAST_ROW, sided);
  const middle = column(width * centre, lanes, 1, largest);
  return {
    channels: column(width * left, channels, inRatio, largest),
    filters: middle.map(([x, y, , tall]) => {
      const deep = Math.max(1, taps[0]) / Math.max(1, taps[1]);
      const wide = deep >= 1 ? tall / deep : Math.min(tall / deep, LEAST_ROW);
      const high = Math.min(tall, wide * deep);
      const gap = Math.min(4, tall * 0.16);
      const step = Math.min(wide + gap, (width * 0.2) / slices);
      return Array.from(
        { length: slices },
        (_, at) => /** @type {Rect} */ ([x + at * step, y + (tall - high) / 2, wide, high]),
      );
    }),
    maps: column(width * right, lanes, outRatio, largest),
    blocks: { input: block("left", channels, inRatio), output: block("right", lanes, outRatio) },
    hiddenChannels: Number(layer.input_shape[0]) - channels,
    hiddenFilters: layer.lanes - lanes,
  };
}

/**
 * @param {State} state @param {Volumes} at @param {Theme} theme @param {Aim} aim
 * @returns {{ base: Mark[], live: Mark[] }}
 */
export function volumeScene(state, at, theme, aim) {
  const layer = /** @type {LayerGeometry} */ (viewOf(state));
  return { base: baseMarks(state, layer, at, theme), live: liveMarks(state, layer, at, aim) };
}

/** @returns {Mark[]} */
function baseMarks(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Volumes} */ at,
  /** @type {Theme} */ theme,
) {
  const numbers = currentNumbers(state);
  const source = sourceOf(state);
  const depth = depthOn(layer, viewedStep(state));
  /** @type {Mark[]} */
  const marks = [];
  const put = (
    /** @type {Rect} */ rect,
    /** @type {import("../grid/planes.js").Plane | null} */ plane,
    /** @type {import("../scene.js").Role} */ stroke,
  ) => {
    if (plane) marks.push({ kind: "plane", rect, plane });
    marks.push({ kind: "outline", rects: [rect], stroke, line: rect[3] > 12 ? 1.5 : 0.5 });
  };
  const channel = (/** @type {number} */ index) =>
    inputPlane(layer, numbers, source, index, theme, depth.input, false);
  const map = (/** @type {number} */ lane) => outputPlane(layer, numbers, lane, theme, depth.output);
  const last = at.blocks.input.length - 1;
  for (const [nth, rect] of at.blocks.input.entries()) put(rect, channel(last - nth), "input");
  for (const [nth, rect] of at.channels.entries()) put(rect, channel(nth), "input");
  for (const [lane, slices] of at.filters.entries()) filterMarks(marks, state, layer, theme, lane, slices);
  if (layer.result !== "columns") {
    const final = at.blocks.output.length - 1;
    for (const [nth, rect] of at.blocks.output.entries()) put(rect, map(final - nth), "output");
    for (const [nth, rect] of at.maps.entries()) put(rect, map(nth), "output");
  } else for (const rect of at.maps) put(rect, null, "output");
  return marks;
}

/** The slices of a filter, one for each channel that it reads. */
function filterMarks(
  /** @type {Mark[]} */ marks,
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Theme} */ theme,
  /** @type {number} */ lane,
  /** @type {Rect[]} */ slices,
) {
  const numbers = currentNumbers(state);
  const { taps } = dimensions(layer);
  const weight = numbers?.weight;
  const scale = weight ? weightScale(layer, numbers, lane, theme) : signedScale(theme, 1);
  for (const [within, rect] of [...slices.entries()].reverse()) {
    if (weight) {
      const cells = taps[0] * taps[1];
      const values = Array.from({ length: cells }, (_, tap) =>
        Number(weight[weightIndex(layer, lane, within, tap)]),
      );
      const box = { x: rect[0], y: rect[1], cell: 1, rows: taps[0], cols: taps[1], top: 0, left: 0 };
      const plane = slicePlane(values, box, scale, numbers, sourceOf(state), theme);
      marks.push({ kind: "plane", rect, plane });
    }
    marks.push({ kind: "outline", rects: [rect], stroke: "kernel", line: rect[3] > 12 ? 1.5 : 0.5 });
  }
}

/** Headings, lines, and what is pointed at. @returns {Mark[]} */
function liveMarks(
  /** @type {State} */ state,
  /** @type {LayerGeometry} */ layer,
  /** @type {Volumes} */ at,
  /** @type {Aim} */ aim,
) {
  /** @type {Mark[]} */
  const marks = [];
  const lane = aim?.kind === "filter" ? aim.index : state.lane;
  const lit = new Set(aim?.kind === "channel" ? readersOf(layer, aim.index) : [lane]);
  const lines = layer.lanes * layer.channels_per_group;
  for (const bright of [false, true]) {
    for (const [filter, slices] of at.filters.entries()) {
      if (lit.has(filter) !== bright || (!bright && lines > MOST_LINES)) continue;
      const first = /** @type {Rect} */ (slices[0]);
      const end = /** @type {Rect} */ (slices.at(-1));
      const map = /** @type {Rect} */ (at.maps[filter]);
      const read = aim?.kind === "channel" && bright ? [aim.index] : readBy(layer, filter);
      for (const channel of read) {
        const from = at.channels[channel];
        if (from) join(marks, from, first, bright ? "kernel" : "line", bright);
      }
      join(marks, end, map, bright ? "output" : "line", bright);
    }
  }
  const framed = (/** @type {Rect[]} */ rects, /** @type {"input" | "kernel" | "output"} */ stroke) =>
    marks.push({ kind: "outline", rects, stroke, line: 2.5, halo: true });
  const filters = [...lit].filter((one) => one < at.filters.length);
  const channels = aim?.kind === "channel" ? [aim.index] : readBy(layer, lane);
  framed(
    channels.flatMap((one) => (at.channels[one] ? [at.channels[one]] : [])),
    "input",
  );
  if (filters.length <= 8)
    framed(
      filters.flatMap((one) => at.filters[one] ?? []),
      "kernel",
    );
  framed(
    filters.flatMap((one) => (at.maps[one] ? [at.maps[one]] : [])),
    "output",
  );
  const named = at.blocks.input.length > 0;
  const head = (
    /** @type {string} */ words,
    /** @type {number} */ x,
    /** @type {"input" | "kernel" | "output"} */ fill,
    /** @type {"left" | "right"} */ align = "left",
  ) =>
    marks.push({
      kind: "text",
      text: words,
      x,
      // Where shapes are longer than what they stand over, they have lines of their own.
      y: named || fill !== "kernel" ? 18 : 36,
      size: named ? 14 : 12,
      align,
      fill,
      bold: true,
    });
  head(shape(layer.input_shape), Number((at.blocks.input.at(-1) ?? at.channels[0])?.[0]), "input");
  if (layer.weight_shape) head(shape(layer.weight_shape), Number(at.filters[0]?.[0]?.[0]), "kernel");
  const [last = 0, , wide = 0] = at.maps[0] ?? [];
  if (named) head(shape(layer.output_shape), last, "output");
  else head(shape(layer.output_shape), last + wide, "output", "right");
  for (const [channel, [x, y, , tall]] of at.channels.entries()) {
    if (at.channels.length > 12 || !named) break;
    const words = channelName(layer.input_shape, channel);
    marks.push({
      kind: "text",
      text: words,
      x: x - 8,
      y: y + tall / 2,
      size: 12,
      align: "right",
      fill: "input",
    });
  }
  return marks;
}

function join(
  /** @type {Mark[]} */ marks,
  /** @type {Rect} */ [x, y, width, tall],
  /** @type {Rect} */ [left, top, , height],
  /** @type {"kernel" | "output" | "line"} */ stroke,
  /** @type {boolean} */ bright,
) {
  const points = [x + width + 3, y + tall / 2, left - 3, top + height / 2];
  marks.push({ kind: "path", points, stroke, line: bright ? 1.5 : 0.75 });
}

/** The block under a point. @returns {Aim} */
export function aimAt(/** @type {Volumes} */ at, /** @type {number} */ x, /** @type {number} */ y) {
  const row = (/** @type {Rect[]} */ rects) =>
    rects.findIndex(([, top, , tall]) => y >= top && y < top + tall);
  const near = (/** @type {Rect | undefined} */ rect, /** @type {number} */ reach) =>
    rect !== undefined && x >= rect[0] - 4 && x < rect[0] + reach;
  const channel = row(at.channels);
  if (near(at.channels[channel], Number(at.channels[0]?.[2]) + 4)) return { kind: "channel", index: channel };
  const filter = row(at.maps);
  const last = at.filters[filter]?.at(-1);
  const wide = last ? last[0] + last[2] - Number(at.filters[filter]?.[0]?.[0]) : 0;
  if (near(at.filters[filter]?.[0], wide + 4) || near(at.maps[filter], Number(at.maps[0]?.[2]) + 4))
    return { kind: "filter", index: filter };
  return null;
}
