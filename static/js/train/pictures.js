// Small pictures of the training room: an example, a map, a filter, each a canvas of its own. Draws; decides nothing.

import { css, levelOf, signedScale, tableFor, unsignedScale } from "../picture/grid/colour.js";
import { el, setAttribute } from "../ui/dom.js";
import { inCell } from "../words/format.js";

/** @import { ColourScale, Theme } from "../types/page.js" */

const PRINTED_FROM = 22; // pixels of a cell
const DIGIT = 0.472; // of the size of type

/** @typedef {{ rows: number, cols: number, at?: number, cell: number, scale: ColourScale, ink?: string, off?: ArrayLike<number> }} How `off` is 0 for cells that are dropped */

/** A picture that can be drawn again. @param {string} [name] of the class */
export function picture(name = "") {
  return el("canvas", { class: `tr-picture ${name}`, role: "img" });
}

/**
 * @param {HTMLCanvasElement} canvas @param {ArrayLike<number>} data from `at` on, row after row @param {How} how
 * @param {string} label
 */
export function paint(canvas, data, { rows, cols, at = 0, cell, scale, ink, off }, label) {
  setAttribute(canvas, "aria-label", label);
  const ratio = globalThis.devicePixelRatio || 1;
  const [width, height] = [cols * cell, rows * cell];
  const context = sized(canvas, width, height, ratio);
  if (!context) return;
  const table = tableFor(scale, cell);
  const lines = cell >= PRINTED_FROM;
  for (let row = 0; row < rows; row++)
    for (let col = 0; col < cols; col++) {
      const value = Number(data[at + row * cols + col]);
      context.fillStyle = css(Number(table[levelOf(scale, value)]));
      // Whole pixels of the screen, so that cells leave no seams.
      const [x, y] = [Math.round(col * cell * ratio), Math.round(row * cell * ratio)];
      const [right, bottom] = [Math.round((col + 1) * cell * ratio), Math.round((row + 1) * cell * ratio)];
      context.fillRect(x, y, right - x - (lines ? 1 : 0), bottom - y - (lines ? 1 : 0));
      if (off && Number(off[at + row * cols + col]) === 0) hatch(context, x, y, right, bottom);
      if (lines && ink) print(context, value, col * cell, row * cell, cell, ratio, ink);
    }
}

/** A cell that is off in this training step. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} right @param {number} bottom */
function hatch(context, x, y, right, bottom) {
  context.save();
  context.beginPath();
  context.rect(x, y, right - x, bottom - y);
  context.clip();
  context.strokeStyle = "rgb(128 128 128 / 85%)";
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - (bottom - y); at < right; at += 3) {
    context.moveTo(at, bottom);
    context.lineTo(at + (bottom - y), y);
  }
  context.stroke();
  context.restore();
}

/** @param {CanvasRenderingContext2D} context @param {number} value @param {number} x @param {number} y @param {number} cell @param {number} ratio @param {string} ink */
function print(context, value, x, y, cell, ratio, ink) {
  const size = Math.max(10.5, 0.42 * cell);
  const room = Math.floor((cell - 3) / (DIGIT * size));
  const text = inCell(value, 2, Math.min(4, room));
  context.font = `400 ${size * ratio}px "Convscope Sans", system-ui, sans-serif`;
  context.fillStyle = ink;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(text, (x + cell / 2) * ratio, (y + cell / 2 + 0.5) * ratio);
}

/** @param {HTMLCanvasElement} canvas @param {number} width @param {number} height @param {number} ratio */
function sized(canvas, width, height, ratio) {
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
    canvas.style.setProperty("width", `${width}px`);
    canvas.style.setProperty("height", `${height}px`);
  }
  return canvas.getContext("2d");
}

/** The pixels (RGBA) of a picture, on white where it lets that through; null where there is no canvas. @returns {Uint8ClampedArray | null} */
export function pixelsOf(/** @type {ImageBitmap} */ image) {
  const { width, height } = image;
  const context = sized(picture(), width, height, 1);
  if (!context) return null;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height).data;
}

/** Dark paper is as light as the sheet that it lies on: so much of the greys lies below it. */
const DARK_PAPER = 0.11;

/** Ink is dark on light paper and light on dark, from the lightest to the darkest of an example. @returns {ColourScale} */
export function inkScale(/** @type {Theme} */ theme, /** @type {Float32Array} */ data) {
  const [low, high] = rangeOf(data);
  return inkBetween(theme, low, high > low ? high : low + 1);
}

/** Ink between two values, that of paper and that of full ink. @param {Theme} theme @param {number} paper @param {number} full @returns {ColourScale} */
export function inkBetween(theme, paper, full) {
  const scale = unsignedScale(theme, 0, 1);
  const ends =
    theme === "dark" ? { low: paper - DARK_PAPER * (full - paper), high: full } : { low: full, high: paper };
  return { ...scale, ...ends, table: scale.deep };
}

/** One scale for all maps of a layer. @returns {ColourScale} */
export function mapScale(/** @type {Theme} */ theme, /** @type {ArrayLike<number>} */ data) {
  const [low, high] = rangeOf(data);
  return signedScale(theme, Math.max(Math.abs(low), Math.abs(high)));
}

/** The largest size of some values. */
export function reachOf(/** @type {ArrayLike<number>} */ data) {
  const [low, high] = rangeOf(data);
  return Math.max(Math.abs(low), Math.abs(high));
}

/** @returns {[low: number, high: number]} */
export function rangeOf(/** @type {ArrayLike<number>} */ data) {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < data.length; at++) {
    const value = Number(data[at]);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

/** The rows and columns that a shape (channels, *sizes) is drawn in. @returns {[rows: number, cols: number]} */
export function planeOf(/** @type {number[]} */ [, ...sizes]) {
  const cols = sizes.at(-1) ?? 1;
  return [sizes.slice(0, -1).reduce((total, side) => total * side, 1), cols];
}
