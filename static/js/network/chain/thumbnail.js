// One map of a layer as a small picture, with the field of a cell upon it; and the cell under a pointer. Paints on a canvas of
// its own; decides nothing about fields.

import { levelOf, rgbColour, tableFor } from "../../picture/grid/colour.js";
import { scaleOf } from "../../picture/grid/planes.js";
import { cellsOf, extentOf, runsOf } from "../fields.js";

/** @import { Theme } from "../../types/page.js" */
/** @import { Role } from "../../picture/scene.js" */
/** @import { Palette } from "../../picture/canvas.js" */
/** @import { Activation } from "./activations.js" */
/** @import { Ways } from "../ways.js" */

const MOST_ROWS = 16;

/** Whether each channel is a single number: they are drawn as the rows of one map. */
export function isSingle(/** @type {number[]} */ [, ...sizes]) {
  return sizes.every((side) => side === 1);
}

/** Rows and columns of a map as they are drawn: a series is one row, of a volume the middle plane. */
export function planeOf(/** @type {number[]} */ shape) {
  const [lanes = 1, ...sizes] = shape;
  // Single numbers stand in a column.
  if (isSingle(shape)) return { rows: Math.min(lanes, MOST_ROWS), cols: 1, depth: 0 };
  const cols = sizes.at(-1) ?? 1;
  const rows = sizes.length > 1 ? Number(sizes.at(-2)) : 1;
  const depth = sizes.length > 2 ? Math.floor(Number(sizes[0]) / 2) : 0;
  return { rows, cols, depth };
}

/** The cell under a point of a canvas, 0–1 on both axes. @returns {number[]} */
export function cellAt(/** @type {number[]} */ shape, /** @type {number} */ x, /** @type {number} */ y) {
  const { rows, cols, depth } = planeOf(shape);
  if (isSingle(shape)) return shape.slice(1).map(() => 0);
  const within = (/** @type {number} */ part, /** @type {number} */ count) =>
    Math.min(count - 1, Math.max(0, Math.floor(part * count)));
  const place = [within(y, rows), within(x, cols)];
  return shape.length > 3 ? [depth, ...place] : shape.length > 2 ? place : place.slice(1);
}

/** Maps as pictures of one pixel a cell, by their numbers. @type {WeakMap<Float32Array, Map<string, HTMLCanvasElement>>} */
const pictures = new WeakMap();

/**
 * @param {number[]} shape @param {Activation} activation
 * @param {{ lane: number | "rgb", theme: Theme, picture: boolean }} how @param {number} cell how large it will be
 */
function pictureOf(shape, { data, range }, { lane, theme, picture }, cell) {
  const known = pictures.get(data) ?? new Map();
  pictures.set(data, known);
  const key = `${lane} ${theme} ${picture} ${Math.round(cell)} ${range}`;
  const before = known.get(key);
  if (before) return before;
  const { rows, cols, depth } = planeOf(shape);
  const plane = rows * cols;
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: cols, height: rows });
  const inside = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const image = inside.createImageData(cols, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const cells = data.length / Number(shape[0]);
  const map = (/** @type {number} */ at) =>
    isSingle(shape)
      ? data.subarray(0, plane)
      : data.subarray(at * cells + depth * plane, at * cells + (depth + 1) * plane);
  const [low, high] = range;
  if (lane === "rgb") {
    const [red, green, blue] = [map(0), map(1), map(2)];
    const white = Math.max(high, 1);
    for (let at = 0; at < plane; at++)
      pixels[at] = rgbColour(Number(red[at]), Number(green[at]), Number(blue[at]), Math.min(0, low), white);
  } else {
    const scale = scaleOf(theme, range, picture ? { kind: "sample", name: "" } : null);
    const table = tableFor(scale, cell);
    const values = map(lane);
    for (let at = 0; at < plane; at++) pixels[at] = Number(table[levelOf(scale, Number(values[at]))]);
  }
  inside.putImageData(image, 0, 0);
  known.set(key, canvas);
  return canvas;
}

/** Sizes of canvases on view, until they change: asking for them lays the page out. @type {WeakMap<Element, [width: number, height: number]>} */
const sizes = new WeakMap();
/** @type {ResizeObserver | null} */
let resized = null;

/** @returns {[width: number, height: number]} */
function sizeOf(/** @type {HTMLCanvasElement} */ canvas) {
  const before = sizes.get(canvas);
  if (before) return before;
  /** @type {[number, number]} */
  const size = [canvas.clientWidth, canvas.clientHeight];
  if (size[0] && size[1]) {
    sizes.set(canvas, size);
    resized ??= new ResizeObserver((changes) => {
      for (const { target } of changes) sizes.delete(target);
    });
    resized.observe(canvas);
  }
  return size;
}

/**
 * @param {HTMLCanvasElement} canvas @param {number[]} shape of the layer's output @param {Activation | null} activation
 * @param {{ lane: number | "rgb", theme: Theme, palette: Palette, field: { ways: Ways, role: Role } | null, cell: number[] | null, picture: boolean }} how
 */
export function drawThumbnail(canvas, shape, activation, how) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const ratio = window.devicePixelRatio || 1;
  const size = sizeOf(canvas);
  const [width = 0, height = 0] = size.map((side) => Math.round(side * ratio));
  if (!width || !height) return;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const { rows, cols } = planeOf(shape);
  if (activation) {
    context.imageSmoothingEnabled = cols > width || rows > height;
    context.drawImage(pictureOf(shape, activation, how, size[0] / cols), 0, 0, width, height);
  }
  const [wide, high] = [width / cols, height / rows];
  const { field, cell } = how;
  if (field) {
    const [rowsSeen, colsSeen] = isSingle(shape) ? wholeOf(rows) : planeExtent(field.ways);
    context.strokeStyle = how.palette[field.role];
    context.fillStyle = how.palette[field.role];
    const whole = cellsOf(field.ways);
    const box = (rowsSeen[1] - rowsSeen[0] + 1) * (colsSeen[1] - colsSeen[0] + 1);
    if (whole < box && shape.length < 4 && !isSingle(shape)) {
      context.globalAlpha = 0.55;
      for (const [first, length] of runsOf(field.ways))
        context.fillRect((first % cols) * wide, Math.floor(first / cols) * high, length * wide, high);
      context.globalAlpha = 1;
    }
    framed(
      context,
      [
        colsSeen[0] * wide,
        rowsSeen[0] * high,
        (colsSeen[1] - colsSeen[0] + 1) * wide,
        (rowsSeen[1] - rowsSeen[0] + 1) * high,
      ],
      1.5 * ratio,
      how.palette.sheet,
    );
  }
  if (cell) {
    const [row, col] = cell.length > 1 ? cell.slice(-2) : [0, ...cell];
    const tall = isSingle(shape) ? height : high;
    context.strokeStyle = how.palette.ink;
    framed(context, [Number(col) * wide, Number(row) * high, wide, tall], 1.5 * ratio, how.palette.sheet);
  }
}

/** @returns {[[number, number], [number, number]]} */
const wholeOf = (/** @type {number} */ rows) => [
  [0, rows - 1],
  [0, 0],
];

/** @returns {[[number, number], [number, number]]} */
function planeExtent(/** @type {Ways} */ ways) {
  const extent = extentOf(ways);
  const cols = /** @type {[number, number]} */ (extent.at(-1));
  return [extent.length > 1 ? /** @type {[number, number]} */ (extent.at(-2)) : [0, 0], cols];
}

/** A frame of at least a few pixels, with a halo, so that it holds on any picture. */
function framed(
  /** @type {CanvasRenderingContext2D} */ context,
  /** @type {[number, number, number, number]} */ [x, y, width, height],
  /** @type {number} */ line,
  /** @type {string} */ halo,
) {
  const least = 3 * line;
  const [wide, high] = [Math.max(width, least), Math.max(height, least)];
  const { canvas, strokeStyle } = context;
  const left = Math.min(Math.max(line, x - (wide - width) / 2 + line / 2), canvas.width - wide);
  const top = Math.min(Math.max(line, y - (high - height) / 2 + line / 2), canvas.height - high);
  const frame = /** @type {const} */ ([
    Math.max(line / 2, left),
    Math.max(line / 2, top),
    wide - line,
    high - line,
  ]);
  context.lineWidth = 3 * line;
  context.strokeStyle = halo;
  context.strokeRect(...frame);
  context.lineWidth = line;
  context.strokeStyle = strokeStyle;
  context.strokeRect(...frame);
}
