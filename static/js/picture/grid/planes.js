// Which numbers fill which grid, and on which scale of colours. Pure: makes descriptions that the canvas can
// paint and the scene can print; copies nothing.

import { roundings } from "../../layer/combine.js";
import {
  BEYOND,
  coordinate,
  lengthOf,
  resolve,
  stepPosition,
  tapsAt,
  weightIndex,
} from "../../layer/walk.js";
import { signedScale, tintScale, unsignedScale } from "./colour.js";
import { planeAxes } from "./grids.js";

/** @import { AxisGeometry, LayerGeometry } from "../../types/geometry.js" */
/** @import { ColourScale, Theme } from "../../types/page.js" */
/** @import { Source } from "../../types/source.js" */
/** @import { Box } from "./grids.js" */
/** @import { Sums } from "../../step/rounding.js" */
/** @import { Numbers } from "../../types/stream.js" */

/**
 * A grid of numbers: cell (row, col) is data[offset + rows[row] · stride + cols[col]], and empty where either index
 * is negative or the number has not come.
 * @typedef {object} Plane
 * @property {ArrayLike<number>} data @property {number} offset @property {number} stride
 * @property {Int32Array} rows @property {Int32Array} cols
 * @property {number} limit numbers from here on have not come
 * @property {number} version grows when the data did
 * @property {ColourScale | null} scale
 * @property {{ low: number, high: number, plane: number, theme: Theme } | null} rgb in its own colours: three planes apart
 * @property {Sums | undefined} [sums] that made its numbers
 * @property {Int8Array} [blank] per number of the data: PADDING or BEYOND where it is none of the grid's
 */

/** @type {WeakMap<AxisGeometry, Int32Array>} */
const paddedMaps = new WeakMap();
const ONE = Int32Array.of(0);

/** @returns {Int32Array} */
function mapOf(/** @type {AxisGeometry} */ axis, /** @type {number} */ first, /** @type {number} */ length) {
  return Int32Array.from({ length }, (_, at) => resolve(axis, first + at));
}

/** The whole axis with its padding and overhang; the same array for the same geometry. */
function paddedMap(/** @type {AxisGeometry} */ axis) {
  let map = paddedMaps.get(axis);
  if (!map) {
    map = mapOf(axis, -axis.begin, axis.begin + lengthOf(axis) + axis.end + axis.overhang);
    paddedMaps.set(axis, map);
  }
  return map;
}

/** @type {Map<number, Int32Array>} */
const plainMaps = new Map();
export function plainMap(/** @type {number} */ length) {
  let map = plainMaps.get(length);
  if (!map) {
    map = Int32Array.from({ length }, (_, at) => at);
    plainMaps.set(length, map);
  }
  return map;
}

/**
 * Which plane of a volume is on view: the input's, the output's, and the tap that joins them; of the taps in the
 * middle, one that has both. Without a depth all are 0; an input below 0 lies in the padding.
 * @param {LayerGeometry} layer of the walk on view @param {number} step
 */
export function depthOn(layer, step) {
  const axis = layer.axes.length === 3 ? /** @type {AxisGeometry} */ (layer.axes[0]) : null;
  if (!axis) return { input: 0, output: 0, tap: 0 };
  const { reads, writes } = axis;
  const place = stepPosition(layer, step)[0] ?? 0;
  const read = middleTap(tapsAt(reads, place), (tap) => resolve(axis, coordinate(reads, place, tap)) >= 0);
  const onto = (/** @type {number} */ tap) => coordinate(writes, place, tap);
  const written = middleTap(writes.taps, (tap) => onto(tap) >= 0 && onto(tap) < axis.output);
  return { input: resolve(axis, coordinate(reads, place, read)), output: onto(written), tap: read + written };
}

/** The tap nearest to the middle that will do; the middle one when none does. */
function middleTap(/** @type {number} */ taps, /** @type {(tap: number) => boolean} */ does) {
  const middle = Math.floor(taps / 2);
  const away = (/** @type {number} */ tap) => Math.abs(tap - middle);
  const fitting = Array.from({ length: taps }, (_, tap) => tap).filter(does);
  return fitting.reduce((best, tap) => (away(tap) < away(best) ? tap : best), fitting[0] ?? middle);
}

/** A picture keeps its black and white; all other values are read about zero. */
export function scaleOf(
  /** @type {Theme} */ theme,
  /** @type {[number, number]} */ range,
  /** @type {Source | null} */ source = null,
) {
  const [low, high] = range;
  const white = low < 0 ? null : whiteOf(source, high);
  return white === null ? signedScale(theme, Math.max(-low, high)) : unsignedScale(theme, 0, white);
}

/** The value that is shown as white; null where the values are no picture. */
function whiteOf(/** @type {Source | null} */ source, /** @type {number} */ high) {
  if (source?.kind !== "sample" && source?.kind !== "image") return null;
  if (high <= 1) return 1;
  return source.scale === "0-255" && high <= 255 ? 255 : null;
}

/**
 * The scale of a channel of the input: of a colour picture in a tint of its own.
 * @param {LayerGeometry} layer @param {[number, number]} range @param {Source | null} source @param {Theme} theme
 * @param {number} channel
 */
export function channelScale(layer, range, source, theme, channel) {
  const white = range[0] < 0 ? null : whiteOf(source, range[1]);
  const colours = layer.input_shape[0] === 3 && layer.axes.length === 2;
  return white !== null && colours ? tintScale(theme, 0, white, channel) : scaleOf(theme, range, source);
}

/**
 * A channel of the input (or the picture in its own colours), with its padding, or a region of it.
 * @param {LayerGeometry} layer @param {Numbers | null} numbers @param {Source | null} source
 * @param {number | "rgb"} channel @param {Theme} theme @param {number} depth plane of a volume; negative: padding
 * @param {boolean} [padded] @param {{ top: number, left: number, rows: number, cols: number } | null} [region]
 * @returns {Plane | null}
 */
export function inputPlane(layer, numbers, source, channel, theme, depth, padded = true, region = null) {
  if (!numbers?.input || depth < 0) return null;
  const { row, col } = planeAxes(layer);
  const plane = layer.input_shape.slice(1).reduce((cells, side) => cells * side, 1);
  const within = (row?.size ?? 1) * col.size;
  const rows = !row
    ? ONE
    : region
      ? mapOf(row, region.top, region.rows)
      : padded
        ? paddedMap(row)
        : plainMap(row.size);
  const cols = region ? mapOf(col, region.left, region.cols) : padded ? paddedMap(col) : plainMap(col.size);
  const rgb = channel === "rgb";
  const [low, high] = numbers.inputRange;
  return {
    data: numbers.input,
    offset: (rgb ? 0 : channel * plane) + depth * within,
    stride: col.size,
    rows,
    cols,
    limit: numbers.inputs,
    version: numbers.inputs,
    scale: rgb ? null : channelScale(layer, numbers.inputRange, source, theme, channel),
    rgb: rgb
      ? { low: Math.min(0, low), high: low < 0 ? high : (whiteOf(source, high) ?? high), plane, theme }
      : null,
  };
}

/**
 * @param {LayerGeometry} layer @param {Numbers | null} numbers @param {number} lane @param {Theme} theme
 * @param {number} depth @param {Source | null} [source] of the input
 * @returns {Plane | null}
 */
export function outputPlane(layer, numbers, lane, theme, depth, source = null) {
  if (!numbers?.output || numbers.received === 0) return null;
  const held = numbers.lanes ? numbers.lanes.indexOf(lane) : lane;
  if (held < 0) return null;
  const { row, col } = planeAxes(layer);
  const within = (row?.output ?? 1) * col.output;
  const cells = cellsOfLane(layer);
  return {
    data: numbers.output,
    offset: held * cells + depth * within,
    stride: col.output,
    rows: row ? plainMap(row.output) : ONE,
    cols: plainMap(col.output),
    limit: held * cells + numbers.received,
    scale: outputScale(layer, numbers, lane, theme, source),
    rgb: null,
    sums: roundings.sumsOf(layer, numbers, lane, held * cells),
    ...freshness(numbers),
  };
}

/** Which numbers of an output hold, and when that changed. */
export function freshness(/** @type {Numbers} */ { stale, received, version }) {
  return stale ? { version: -version, blank: stale } : { version: received };
}

/** Cells of one lane, whatever the walk. */
function cellsOfLane(/** @type {LayerGeometry} */ layer) {
  return layer.axes.reduce((cells, axis) => cells * axis.output, 1);
}

/** Of the largest product of a sum: a map that stays below is the rounding of sums that are zero, and not coloured as more. */
const ROUNDING = 2 ** -16;

/**
 * One scale for all maps of an output, so that they can be compared. A map that a layer without weights takes out of a picture
 * stays a picture, as long as black and white hold all of it.
 * @param {LayerGeometry} layer @param {Numbers} numbers @param {number} lane @param {Theme} theme
 * @param {Source | null} source
 */
export function outputScale(layer, numbers, lane, theme, source) {
  const range = wholeRange(numbers);
  const high = Math.max(-range[0], range[1]);
  const product = Math.max(-numbers.inputRange[0], numbers.inputRange[1]) * (high > 0 ? reachOf(numbers) : 0);
  if (high < ROUNDING * product) return signedScale(theme, ROUNDING * product);
  const input = numbers.inputRange;
  const same = layer.weight_shape === null && input[0] >= 0 && range[0] >= 0 && high <= input[1];
  if (same && whiteOf(source, input[1]) !== null)
    return layer.lanes === layer.input_shape[0]
      ? channelScale(layer, input, source, theme, lane)
      : scaleOf(theme, input, source);
  return signedScale(theme, high);
}

const larger = (/** @type {number} */ most, /** @type {number} */ one) => Math.max(most, Math.abs(one));

/** The largest weight of each tensor, looked for once. @type {WeakMap<Float32Array, number>} */
const reaches = new WeakMap();

/** The largest weight without its sign; 0 without weights. */
export function reachOf(/** @type {Numbers} */ { weight }) {
  if (!weight) return 0;
  const reach = reaches.get(weight) ?? weight.filter(Number.isFinite).reduce(larger, 0);
  reaches.set(weight, reach);
  return reach;
}

/** @returns {[number, number]} over all lanes */
export function wholeRange(/** @type {Numbers} */ numbers) {
  const lows = numbers.outputRange.map(([low]) => low);
  const highs = numbers.outputRange.map(([, high]) => high);
  return [Math.min(...lows), Math.max(...highs)];
}

/** Input and weights, once they are whole. @returns {import("../../step/stamps.js").Tensors | null} */
export function tensorsOf(/** @type {Numbers | null} */ numbers) {
  const { input, weight, bias } = numbers ?? { input: null, weight: null, bias: null };
  if (!input || !weight || Number(numbers?.inputs) < input.length) return null;
  return { input, weight, bias };
}

/** All channels of the shown filter on one scale. */
export function weightScale(
  /** @type {LayerGeometry} */ layer,
  /** @type {Numbers | null} */ numbers,
  /** @type {number} */ lane,
  /** @type {Theme} */ theme,
) {
  let reach = 0;
  for (let at = 0; at < layer.channels_per_group * layer.taps; at++) {
    const index = weightIndex(layer, lane, Math.floor(at / layer.taps), at % layer.taps);
    const weight = Math.abs(Number(numbers?.weight?.[index] ?? 0));
    if (weight > reach && Number.isFinite(weight)) reach = weight;
  }
  return signedScale(theme, reach);
}

/**
 * The cells of one slice; without a scale, on the input's.
 * @param {number[]} values @param {Box} box @param {ColourScale | null} scale @param {Numbers | null} numbers
 * @param {Source | null} source @param {Theme} theme @param {Int8Array} [blank]
 * @returns {Plane}
 */
export function slicePlane(values, box, scale, numbers, source, theme, blank) {
  return {
    ...(blank && { blank }),
    data: values,
    offset: 0,
    stride: box.cols,
    rows: plainMap(box.rows),
    cols: plainMap(box.cols),
    limit: values.length,
    version: 0,
    scale: scale ?? scaleOf(theme, numbers?.inputRange ?? [0, 1], source),
    rgb: null,
  };
}

/**
 * The number in a cell, in its own colours those of its three channels; null where there is none (yet); `beyond` tells
 * padding from what lies beyond it.
 * @param {Plane} plane @param {number} row @param {number} col
 * @returns {{ value: number | null, noise: boolean, colours: number[] | null, beyond: boolean, padded: boolean }}
 */
export function valueAt(plane, row, col) {
  const down = /** @type {number} */ (plane.rows[row]);
  const across = /** @type {number} */ (plane.cols[col]);
  const none = { value: null, noise: false, colours: null, padded: true };
  if (down < 0 || across < 0) return { ...none, beyond: Math.min(down, across) === BEYOND };
  const index = plane.offset + down * plane.stride + across;
  const blank = plane.blank?.[index] ?? 0;
  if (blank < 0) return { ...none, beyond: blank === BEYOND };
  const apart = plane.rgb?.plane ?? 0;
  const come = index + 2 * apart < plane.limit;
  const colours = come && apart > 0 ? [0, 1, 2].map((at) => Number(plane.data[index + at * apart])) : null;
  const value = come ? Number(plane.data[index]) : null;
  return {
    value,
    noise: value !== null && plane.sums?.isNoise(plane.sums, value, index) === true,
    colours,
    beyond: false,
    padded: false,
  };
}
