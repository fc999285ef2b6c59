// Which numbers fill which grid, and on which scale of colours. Pure: makes descriptions that the canvas can
// paint and the scene can print; copies nothing.

import { signedScale, unsignedScale } from "./colour.js";
import { BEYOND, lengthOf, resolve, weightIndex } from "./geometry.js";
import { planeAxes } from "./layout.js";

/** @import { AxisGeometry, ColourScale, LayerGeometry, Source, Theme } from "./types.js" */
/** @import { Box } from "./layout.js" */
/** @import { Numbers } from "./state.js" */

/**
 * A grid of numbers: cell (row, col) is data[offset + rows[row] · stride + cols[col]], and empty where either index
 * is negative or the number has not come.
 * @typedef {object} Plane
 * @property {ArrayLike<number>} data @property {number} offset @property {number} stride
 * @property {Int32Array} rows @property {Int32Array} cols
 * @property {number} limit numbers from here on have not come
 * @property {number} version grows when the data did
 * @property {ColourScale | null} scale
 * @property {{ low: number, high: number, plane: number } | null} rgb in its own colours: three planes apart
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
function plainMap(/** @type {number} */ length) {
  let map = plainMaps.get(length);
  if (!map) {
    map = Int32Array.from({ length }, (_, at) => at);
    plainMaps.set(length, map);
  }
  return map;
}

/** Pictures keep black and white where their scale has them; anything with negatives is read about zero. */
function scaleOf(
  /** @type {Theme} */ theme,
  /** @type {[number, number]} */ range,
  /** @type {Source | null} */ source = null,
) {
  const [low, high] = range;
  if (low < 0) return signedScale(theme, Math.max(-low, high));
  return unsignedScale(theme, 0, whiteOf(source, high));
}

/** The value that is shown as white. */
function whiteOf(/** @type {Source | null} */ source, /** @type {number} */ high) {
  const picture = source?.kind === "sample" || source?.kind === "image";
  if (picture && high <= 1) return 1;
  if (picture && source.scale === "0-255" && high <= 255) return 255;
  return high;
}

/**
 * A channel of the input (or the picture in its own colours), with its padding, or a region of it.
 * @param {LayerGeometry} layer @param {Numbers | null} numbers @param {Source} source
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
    scale: rgb ? null : scaleOf(theme, numbers.inputRange, source),
    rgb: rgb ? { low: Math.min(0, low), high: low < 0 ? high : whiteOf(source, high), plane } : null,
  };
}

/**
 * @param {LayerGeometry} layer @param {Numbers | null} numbers @param {number} lane @param {Theme} theme
 * @param {number} depth
 * @returns {Plane | null}
 */
export function outputPlane(layer, numbers, lane, theme, depth) {
  if (!numbers?.output || numbers.received === 0) return null;
  const held = numbers.lanes ? numbers.lanes.indexOf(lane) : lane;
  if (held < 0) return null;
  const { row, col } = planeAxes(layer);
  const within = (row?.output ?? 1) * col.output;
  const range = numbers.outputRange[held] ?? [0, 0];
  return {
    data: numbers.output,
    offset: held * layer.steps + depth * within,
    stride: col.output,
    rows: row ? plainMap(row.output) : ONE,
    cols: plainMap(col.output),
    limit: held * layer.steps + numbers.received,
    version: numbers.received,
    scale: scaleOf(theme, range),
    rgb: null,
  };
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
 * @param {Source} source @param {Theme} theme
 * @returns {Plane}
 */
export function slicePlane(values, box, scale, numbers, source, theme) {
  return {
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

/** The number in a cell; null where there is none (yet); `outside` tells padding from what lies beyond it. */
export function valueAt(/** @type {Plane} */ plane, /** @type {number} */ row, /** @type {number} */ col) {
  const down = /** @type {number} */ (plane.rows[row]);
  const across = /** @type {number} */ (plane.cols[col]);
  if (down < 0 || across < 0) return { value: null, beyond: Math.min(down, across) === BEYOND, padded: true };
  const index = plane.offset + down * plane.stride + across;
  const value = index < plane.limit ? Number(plane.data[index]) : null;
  return { value, beyond: false, padded: false };
}
