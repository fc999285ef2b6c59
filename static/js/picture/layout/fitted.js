// The parts of the stage, each as large as the room it is given allows: slices, lens, small maps, the matrix. Pure
// arithmetic on the state and a room; knows no canvas, no place on the stage and no numbers of the layer.

import { isWeighted } from "../../layer/combine.js";
import { channelOfGroup } from "../../layer/walk.js";
import { sourceOf, viewedStep, viewOf, walkOf } from "../../state/selectors.js";
import { naturalChannel } from "../../state/setting.js";
import { hasGaps } from "../grid/cells.js";
import { SOFT_COLOURS_FROM, SOFT_PICTURE_FROM } from "../grid/colour.js";
import { dimensions, planeAxes, tallOf } from "../grid/grids.js";
import { depthOn } from "../grid/planes.js";

/** @import { AxisGeometry, Footprint, LayerGeometry } from "../../types/geometry.js" */
/** @import { Box } from "../grid/grids.js" */
/** @import { Plane } from "../grid/planes.js" */
/** @import { State } from "../../state/state.js" */

/** A map that is shown small: a channel or a filter, or a plane of the one on view. @typedef {{ index: number | "rgb", depth?: number, chosen?: boolean }} Shown */
/**
 * Maps of which a page is shown: so many from the first one on, the last page excepted; below it stands what turns it.
 * @typedef {{ x: number, y: number, first: number, each: number, maps: Shown[] }} Pager
 */
/** `size` and `tall` are what answers a pointer. @typedef {Shown & { x: number, y: number, size: number, width: number, height: number, tall?: number }} Small */
/**
 * One input channel of the filter, or one of its planes: what the window reads, the kernel's slice, what a stamp is made
 * of both, and room for their subtotal. `depth` is the tap along the depth of a volume; `aside`: named at its subtotal.
 * @typedef {{ channel: number, depth?: number, aside?: boolean, patch: Box | null, kernel: Box | null, stamp: Box | null, total: Point }} Slice
 */
/** @typedef {{ x: number, y: number }} Point */
/** Numbers of three characters are printed in cells of at least this many pixels. */
export const LEGIBLE = SOFT_PICTURE_FROM;
/** Those of a picture in its own colours, three in a cell, in cells of at least this many. */
export const LEGIBLE_COLOURS = SOFT_COLOURS_FROM;
/** Below this the window is also shown through a lens. */
export const LENS_BELOW = LEGIBLE;
export const LARGEST_CELL = 62;
/** Cells of slices that are one of several, or on a phone. */
const LARGEST_SLICE = 40;
/** Cells of a window beside its kernel, where they are alone. */
const LARGEST_PAIR = 52;
const PHONE = 430;
export const HEADING = 40;
/** A slice of a kernel as large as a picture is a picture. */
const SMALLEST_CELL = 0.1;
const TURNED_HEIGHT = 20;
/** For the name of a slice, above it; between slices whose names stand beside them. */
export const LABEL = 24;
export const ASIDE = 8;
/** More slices than these are not shown together, nor more planes of one. */
const MOST_SLICES = 4;
const MOST_PLANES = 5;
/** Small maps are no smaller than this; of more than there is room for, a page is shown. */
const SMALLEST_MAP = 24;
/** On a page that scrolls, maps that do not fit their room take this. */
export const MAPS_IN_ALL = 118;
/** Below a page: the buttons that turn it. */
const PAGER = 28;
/** As wide as the longest there is: `− 4.45·10⁻⁴`. */
const TOTAL_WIDTH = 98;

/** Whether the numbers of a plane are printed in cells of a size. */
export function isLegible(/** @type {Pick<Plane, "rgb">} */ { rgb }, /** @type {number} */ cell) {
  return cell >= (rgb ? LEGIBLE_COLOURS : LEGIBLE);
}

/** Whole pixels as soon as a cell has several, so that lines stay sharp. */
export function snapped(/** @type {number} */ cell) {
  return cell >= 3 ? Math.floor(cell) : cell;
}

/** Whether a step needs nothing beside the kernel: what it reads is plain from the one grid of the input. */
export function isBare(/** @type {LayerGeometry} */ layer) {
  return layer.combination.term === "product" && layer.channels_per_group === 1 && layer.axes.length < 3;
}

/** The slices that are shown: of all channels of a small group, otherwise of the one on view; of a volume plane by plane. */
function slicedParts(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const columns = layer.result === "columns";
  const each = columns ? Number(layer.input_shape[0]) : layer.channels_per_group;
  const group = columns ? 0 : Math.floor(state.lane / layer.lanes_per_group);
  const all = Array.from({ length: each }, (_, at) => (columns ? at : channelOfGroup(layer, group, at)));
  const planes = planesOf(state, layer);
  const most = Math.max(MOST_SLICES, planes.length);
  const own =
    typeof state.channel === "number" && all.includes(state.channel) ? state.channel : Number(all[0]);
  const channels = each * planes.length <= most ? all : [own];
  const shown = channels.flatMap((channel) => planes.map((plane) => ({ channel, ...plane })));
  return { shown, hidden: each - channels.length };
}

/** The taps along the depth of a volume, where they are few; otherwise the one plane on view. @returns {{ depth?: number }[]} */
function planesOf(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const axis = layer.axes.length === 3 ? layer.axes[0] : null;
  const taps = axis ? (walkOf(state) === "stamp" ? axis.writes : axis.reads).taps : 1;
  return taps > 1 && taps <= MOST_PLANES ? Array.from({ length: taps }, (_, depth) => ({ depth })) : [{}];
}

/** Whether each slice has its subtotal beside it: its name stands there and not above it. */
export function isNamedAside(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const flat = layer.axes.length === 2 && layer.result === "grid";
  const rows = Number(layer.kernel_shape[0]);
  return (
    flat &&
    rows > 1 &&
    isWeighted(layer) &&
    walkOf(state) === "gather" &&
    slicedParts(state, layer).shown.length > 1
  );
}

/**
 * Slices in a column, from (0, 0); their cells as large as the room allows.
 * @param {State} state @param {LayerGeometry} layer @param {boolean} patched
 * @param {number} width @param {number} height the room @param {number} [page] the width of the whole stage
 */
export function slicesIn(state, layer, patched, width, height, page = Number.POSITIVE_INFINITY) {
  const { taps } = dimensions(layer);
  const weighted = isWeighted(layer);
  const stamping = walkOf(state) === "stamp";
  const { shown, hidden } = slicedParts(state, layer);
  const between = page > PHONE ? 30 : 28;
  // Columns of cells side by side: the window or the one cell, the kernel, the stamp.
  const columns = [...(patched ? [stamping ? 1 : taps[1]] : []), ...(weighted ? [taps[1]] : [])];
  if (stamping) columns.push(taps[1]);
  const cells = columns.reduce((total, each) => total + each, 0);
  const gaps = between * (columns.length - 1);
  const totals = patched && weighted && !stamping ? TOTAL_WIDTH : 0;
  const turned = layer.flipped && weighted && layer.taps > 1 ? TURNED_HEIGHT : 0;
  const spanned = hasGaps(layer) && layer.axes.length < 3 ? TURNED_HEIGHT : 0;
  const said = turned + spanned;
  const aside = patched && isNamedAside(state, layer);
  const apart = aside ? ASIDE : LABEL;
  const across = (width - gaps - totals) / cells;
  const down = ((height - said - LABEL + apart) / shown.length - apart) / taps[0];
  const single = columns.length === 1 && shown.length === 1;
  const alone = shown.length === 1 && page > PHONE;
  const largest = alone ? (single ? LARGEST_CELL : LARGEST_PAIR) : LARGEST_SLICE;
  const cell = snapped(Math.max(SMALLEST_CELL, Math.min(largest, across, down)));
  const high = taps[0] * cell;
  /** @type {Slice[]} */
  const slices = shown.map((part, at) => {
    const y = at * (high + apart) + LABEL;
    const box = (/** @type {number} */ x) => ({ x, y, cell, rows: taps[0], cols: taps[1], top: 0, left: 0 });
    const one = { x: 0, y: y + (high - cell) / 2, cell, rows: 1, cols: 1, top: 0, left: 0 };
    const kernelX = patched ? Number(columns[0]) * cell + between : 0;
    return {
      ...part,
      aside,
      patch: patched ? (stamping ? one : box(0)) : null,
      kernel: weighted ? box(kernelX) : null,
      stamp: stamping ? box(kernelX + taps[1] * cell + between) : null,
      total: { x: cells * cell + gaps + 10, y: y + high / 2 },
    };
  });
  const bottom = shown.length * (high + apart) + LABEL - apart;
  return {
    slices,
    hidden,
    turned: turned ? { x: slices[0]?.kernel?.x ?? 0, y: bottom + TURNED_HEIGHT / 2 } : null,
    span: spanned ? { x: 0, y: bottom + turned + TURNED_HEIGHT * 0.75 } : null,
    width: cells * cell + gaps + totals,
    height: bottom + said,
  };
}

/**
 * Slices where they stand on the stage, the first below (x, y): its name stands above it.
 * @param {ReturnType<typeof slicesIn>} slices @param {number} x @param {number} y
 */
export function placedSlices(slices, x, y) {
  return {
    slices: movedSlices(slices.slices, x, y - LABEL),
    hidden: slices.hidden,
    middle: pixels(x, y, slices.width, slices.height - LABEL),
    turned: movedPoint(slices.turned, x, y - LABEL),
    span: movedPoint(slices.span, x, y - LABEL),
  };
}

/** @returns {Slice[]} */
export function movedSlices(/** @type {Slice[]} */ slices, /** @type {number} */ x, /** @type {number} */ y) {
  const moved = (/** @type {Box | null} */ box) => box && { ...box, x: box.x + x, y: box.y + y };
  return slices.map((slice) => ({
    ...slice,
    patch: moved(slice.patch),
    kernel: moved(slice.kernel),
    stamp: moved(slice.stamp),
    total: movedPoint(slice.total, x, y),
  }));
}

/** @template {Point | null} Where @param {Where} point @param {number} x @param {number} y */
function movedPoint(point, x, y) {
  return point && { x: point.x + x, y: point.y + y };
}

/** The name of a lens stands below one that is narrower than this, and takes so much. */
const CAPTION_WIDTH = 116;
const CAPTION = 14;

/** Where a lens ends, with what is said below it. */
export function lensEnd(/** @type {Box} */ { y, cell, rows, cols }) {
  return y + cell * rows + (cell * cols < CAPTION_WIDTH ? CAPTION : 0);
}

/** The lens: the window, or the stamp, with its gaps and a margin, in the room that is left. @returns {Box | null} */
export function lensIn(
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ width,
  /** @type {number} */ height,
) {
  const { row, col } = planeAxes(layer);
  const spans = (/** @type {Footprint} */ one) => (one.taps - 1) * (one.kind === "affine" ? one.gap : 1) + 1;
  const extent = (/** @type {AxisGeometry | null} */ axis) =>
    axis ? Math.max(spans(axis.reads), spans(axis.writes)) : 1;
  // Without a margin a window that has no gaps looks as it does beside the kernel.
  const more = [row, col].some(
    (axis) => axis && (axis.writes.taps > 1 || spans(axis.reads) > axis.reads.taps),
  );
  for (const margin of more ? [2, 1, 0] : [2, 1]) {
    const rows = row ? extent(row) + 2 * margin : 1;
    const cols = extent(col) + 2 * margin;
    const cell = snapped(Math.min(38, width / cols, height / rows));
    if (cell >= LEGIBLE || (margin === 0 && cell >= 6))
      return { x, y, cell, rows, cols, top: row ? -margin : 0, left: -margin };
  }
  return null;
}

/**
 * Small maps in rows, from (x, y), as large as they fit the height; the smallest may take more of it, and where they take
 * more than all there is, they are shown by pages: the page of the map on view.
 * @returns {{ smalls: Small[], height: number, pager?: Pager }}
 */
export function smallsIn(
  /** @type {Shown[]} */ maps,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ width,
  /** @type {number} */ most,
  /** @type {number} */ aspect,
  /** @type {number} */ all = most,
) {
  if (maps.length < 2) return { smalls: [], height: 0 };
  const gap = 6;
  // A row of them rather than one alone in a second.
  const inOne = Math.floor((width + gap) / maps.length) - gap;
  let size = inOne >= 40 ? Math.min(60, inOne) : 60;
  let perRow = 1;
  for (; size >= SMALLEST_MAP; size -= 2) {
    perRow = Math.max(1, Math.floor((width + gap) / (size + gap)));
    if (Math.ceil(maps.length / perRow) * (size + gap) <= most) break;
  }
  size = Math.max(size, SMALLEST_MAP);
  const tall = size + gap;
  const rows = Math.ceil(maps.length / perRow);
  const paged = rows > 1 && rows * tall > all;
  const each = paged ? perRow * Math.max(1, Math.floor((all - PAGER) / tall)) : maps.length;
  const chosen = maps.findIndex((map) => map.chosen);
  const first = Math.max(0, chosen - (chosen % each));
  const smalls = maps.slice(first, first + each).map((map, at) => {
    const scaled =
      aspect > 1
        ? { width: size, height: Math.max(10, size / aspect) }
        : { width: size * aspect, height: size };
    const column = at % perRow;
    const row = Math.floor(at / perRow);
    return { ...map, x: x + column * (size + gap), y: y + row * (size + gap), size, ...scaled };
  });
  const height = Math.ceil(each / perRow) * tall;
  if (!paged) return { smalls, height };
  const pager = { x, y: y + height, first, each, maps };
  return { smalls, height: height + PAGER, pager };
}

/** The input's small maps: its channels, or of a volume the planes of the channel on view. @returns {Shown[]} */
export function inputMaps(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const { channel } = state;
  const index = typeof channel === "number" ? channel : 0;
  if (isDeep(layer.input_shape)) return planesIn(layer.input_shape, index, depthIn(state).input);
  const channels = counted(layer.input_shape[0]).map((own) => ({ index: own, chosen: own === channel }));
  return sourceOf(state) && naturalChannel(layer.input_shape) === "rgb"
    ? [{ index: "rgb", chosen: channel === "rgb" }, ...channels]
    : channels;
}

/** The output's: its lanes, or of a volume the planes of the one on view; none where lanes are rows of a matrix. @returns {Shown[]} */
export function outputMaps(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const { lane } = state;
  if (layer.result === "columns") return [];
  const outputs = layer.axes.map(({ output }) => output);
  const shape = [layer.lanes, ...outputs];
  if (isDeep(shape)) return planesIn(shape, lane, depthIn(state).output);
  return counted(layer.lanes).map((index) => ({ index, chosen: index === lane }));
}

/** The planes of a volume, of one channel or lane. @returns {Shown[]} */
function planesIn(/** @type {number[]} */ shape, /** @type {number} */ index, /** @type {number} */ chosen) {
  return counted(shape[1]).map((depth) => ({ index, depth, chosen: depth === chosen }));
}

/** The planes on view. */
export function depthIn(/** @type {State} */ state) {
  return depthOn(/** @type {LayerGeometry} */ (viewOf(state)), viewedStep(state));
}

/** A volume of several planes. */
function isDeep(/** @type {number[]} */ shape) {
  return shape.length === 4 && Number(shape[1]) > 1;
}

/** Numbers from 0 on. */
function counted(/** @type {number | undefined} */ length = 1) {
  return Array.from({ length }, (_, at) => at);
}

/** Room for the numbers of columns over a grid, and of rows beside it; they are told in cells of at least this size. */
export const [AXIS_HEIGHT, AXIS_WIDTH] = [18, 24];
export const NUMBERED_AXES = 18;
/** And for the sentence about cells that are never read, below it. */
export const UNREAD_HEIGHT = 26;

/** Whether some cells of the plane on view are never read. */
export function hasUnread(/** @type {LayerGeometry} */ layer) {
  return layer.axes.slice(-2).some(({ unread_count }) => unread_count > 0);
}

/** Room for the headings, and for the names of channels and planes under them. */
export function headingOf(/** @type {LayerGeometry} */ layer) {
  return Number(layer.input_shape[0]) > 1 || layer.axes.length > 2 ? HEADING + 12 : HEADING;
}

/** @returns {Box} */
export function gridBox(
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ cell,
  /** @type {number} */ rows,
  /** @type {number} */ cols,
  /** @type {AxisGeometry | null} */ row,
  /** @type {AxisGeometry} */ col,
) {
  return { x, y, cell, rows, cols, top: row ? -row.begin : 0, left: -col.begin };
}

/**
 * A grid where its own cells lie on axes that begin before it; (x, y) is where those begin.
 * @param {Box} box @param {{ top: number, left: number } | null} [axes] @returns {Box}
 */
export function onAxes(box, axes) {
  if (!axes) return box;
  const down = (box.top - axes.top) * tallOf(box);
  return { ...box, x: box.x + (box.left - axes.left) * box.cell, y: box.y + down };
}

/** @param {Box} box @param {{ outTop: number, outLeft: number } | null} [axes] */
export function outputOnAxes(box, axes) {
  return onAxes(box, axes && { top: axes.outTop, left: axes.outLeft });
}

/** @returns {Box} */
function pixels(
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {number} */ cols,
  /** @type {number} */ rows,
) {
  return { x, y, cell: 1, rows, cols, top: 0, left: 0 };
}
