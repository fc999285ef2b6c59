// Paints marks onto a canvas: decides nothing. The only module that touches a canvas context.

import { inCell, number } from "../words/format.js";
import { css, isSoftened, levelOf, rgbColour, SOFT_PICTURE_FROM, softened, tableFor } from "./grid/colour.js";
import { tallOf } from "./grid/grids.js";
import { valueAt } from "./grid/planes.js";

/** @import { Rect } from "./grid/cells.js" */
/** @import { Plane } from "./grid/planes.js" */
/** @import { Mark, Role, Scene } from "./scene.js" */

/** The values of the style sheet: a colour for each role, and the font. @typedef {Record<Role, string> & { font: string }} Palette */
/** @typedef {CanvasRenderingContext2D} Context */
/** A picture's size, and the height of its room where it has one. @typedef {{ width: number, height: number, room?: number, ratio: number }} Painted */

/**
 * A stage of two canvases: what lies under the window is painted again only when its marks are others.
 * @param {HTMLCanvasElement} lower @param {HTMLCanvasElement} upper
 */
export function stage(lower, upper) {
  const under = contextOf(lower);
  const over = contextOf(upper);
  /** @type {readonly unknown[]} */
  let kept = [];
  /** @param {Scene} scene @param {Palette} palette @param {Painted} size */
  return function draw(scene, palette, size) {
    const key = [scene.base, palette, size.width, size.height, size.room, size.ratio];
    if (key.some((part, at) => part !== kept[at])) {
      clear(under, size);
      paint(under, scene.base, palette, size.ratio);
      kept = key;
    }
    clear(over, size);
    paint(over, scene.live, palette, size.ratio);
  };
}

/**
 * The pixels are those of the room where it is higher than the picture: a canvas with other ones is allocated anew, which takes
 * as long as painting it, and a slider would do that with every move. The style sheet shows the part that is painted.
 * @param {Context} context @param {Painted} size
 */
function clear(context, size) {
  const { canvas } = context;
  const width = Math.round(size.width * size.ratio);
  const height = Math.round(Math.max(size.height, size.room ?? 0) * size.ratio);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
    return;
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
}

function contextOf(/** @type {HTMLCanvasElement} */ canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no canvas");
  return context;
}

/** @param {Context} context @param {Mark[]} marks @param {Palette} palette @param {number} ratio */
function paint(context, marks, palette, ratio) {
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  for (const mark of marks) {
    if (!mark.clip) paintMark(context, mark, palette);
    else {
      context.save();
      context.beginPath();
      context.rect(...mark.clip);
      context.clip();
      paintMark(context, mark, palette);
      context.restore();
    }
  }
}

/** @param {Context} context @param {Mark} mark @param {Palette} palette */
function paintMark(context, mark, palette) {
  switch (mark.kind) {
    case "plane":
      context.globalAlpha = mark.alpha ?? 1;
      paintPlane(context, mark.rect, mark.plane);
      context.globalAlpha = 1;
      return;
    case "numbers":
      return paintNumbers(context, mark, palette);
    case "rects":
      context.globalAlpha = mark.alpha;
      context.fillStyle = palette[mark.fill];
      context.beginPath();
      for (const rect of mark.rects) context.rect(...rect);
      context.fill();
      context.globalAlpha = 1;
      return;
    case "outline":
      return paintOutline(context, mark, palette);
    case "hatch":
      return paintHatch(context, mark.rects, mark.texture, palette);
    case "dots":
      return paintDots(context, mark.rects, palette);
    case "lattice":
      return paintLattice(context, mark.box, palette);
    case "legend":
      return paintLegend(context, mark, palette);
    case "path": {
      context.globalAlpha = mark.alpha ?? 1;
      context.strokeStyle = palette[mark.stroke];
      context.lineWidth = mark.line;
      context.setLineDash(mark.dash ?? []);
      context.beginPath();
      for (let at = 0; at + 1 < mark.points.length; at += 2)
        context.lineTo(Number(mark.points[at]), Number(mark.points[at + 1]));
      context.fillStyle = palette[mark.stroke];
      if (mark.filled) context.fill();
      else context.stroke();
      context.setLineDash([]);
      context.globalAlpha = 1;
      return;
    }
    case "text":
      context.font = `${mark.bold ? "600 " : ""}${mark.size}px ${palette.font}`;
      context.textAlign = mark.align;
      context.textBaseline = "middle";
      context.fillStyle = palette[mark.fill];
      context.fillText(mark.text, mark.x, mark.y);
      return;
  }
}

// ------------------------------------------------------------------------------------- grids of numbers

/** Pictures of planes by their data: one number is one pixel, enlarged without smoothing. */
/** @type {WeakMap<object, Map<string, { canvas: HTMLCanvasElement, rows: Int32Array, cols: Int32Array, version: number, table: Uint32Array | null }>>} */
const pictures = new WeakMap();
const MOST_PICTURES = 160;

/** @param {Context} context @param {Rect} rect @param {Plane} plane */
function paintPlane(context, rect, plane) {
  const [x, y, width, height] = rect;
  const picture = pictureOf(plane, width / plane.cols.length);
  const shrunk = width < plane.cols.length;
  context.imageSmoothingEnabled = shrunk;
  if (shrunk) context.imageSmoothingQuality = "high";
  context.drawImage(picture, x, y, width, height);
}

/** @param {Plane} plane @param {number} cell */
function pictureOf(plane, cell) {
  const known = pictures.get(plane.data) ?? new Map();
  pictures.set(plane.data, known);
  const { scale, rgb, offset, version, rows, cols } = plane;
  const table = scale && tableFor(scale, cell);
  const soft = scale ? table === scale.table : isSoftened(cell);
  const scaled = scale ? `${scale.low}:${scale.high}` : `${rgb?.low}:${rgb?.high}:${rgb?.theme}`;
  const key = `${offset} ${scaled} ${soft} ${rows.length} ${cols.length}`;
  const last = known.get(key);
  if (last && last.version === version && last.rows === rows && last.cols === cols && last.table === table)
    return last.canvas;
  if (known.size > MOST_PICTURES) known.clear();
  const canvas = last?.canvas ?? document.createElement("canvas");
  canvas.width = cols.length;
  canvas.height = rows.length;
  const context = contextOf(canvas);
  const image = context.createImageData(cols.length, rows.length);
  fill(plane, new Uint32Array(image.data.buffer), table, soft);
  context.putImageData(image, 0, 0);
  known.set(key, { canvas, rows, cols, version, table });
  return canvas;
}

/** @param {Plane} plane @param {Uint32Array} pixels @param {Uint32Array | null} table @param {boolean} soft */
function fill(plane, pixels, table, soft) {
  const { data, offset, stride, rows, cols, limit, scale, rgb, blank } = plane;
  for (let row = 0, at = 0; row < rows.length; row++) {
    const down = /** @type {number} */ (rows[row]);
    const start = offset + down * stride;
    for (let col = 0; col < cols.length; col++, at++) {
      const across = /** @type {number} */ (cols[col]);
      const index = start + across;
      if (down < 0 || across < 0 || index >= limit || (blank && Number(blank[index]) < 0)) continue;
      if (scale && table) pixels[at] = /** @type {number} */ (table[levelOf(scale, Number(data[index]))]);
      else if (rgb && index + 2 * rgb.plane < limit) {
        // Three reads: an array for each pixel takes ten times as long.
        const red = Number(data[index]);
        const green = Number(data[index + rgb.plane]);
        const blue = Number(data[index + 2 * rgb.plane]);
        const own = rgbColour(red, green, blue, rgb.low, rgb.high);
        pixels[at] = soft ? softened(own, rgb.theme) : own;
      }
    }
  }
}

/** In pixels, of numbers in cells; and their height as a share of the cell's. */
const SMALLEST_LETTERS = 10.5;
const LETTERS = 0.44;
/** Of a digit, as a share of its height; a minus is as wide. */
const LETTER_WIDTH = 0.5;
/** Both sides of a number in its cell together: so many pixels in the smallest, and this share of what a cell is larger. */
const [LEAST_MARGIN, MOST_MARGIN] = [3, 12];
const MARGIN = 0.22;
/** How wide the letters of numbers are, as shares of their size. @type {WeakMap<Palette, Map<string, number>>} */
const measured = new WeakMap();

/** How wide a number is set at a size of 1: a minus is wider than a digit, a point narrower, in each font differently. */
function widthOf(/** @type {Context} */ context, /** @type {Palette} */ palette, /** @type {string} */ text) {
  const widths = measured.get(palette) ?? new Map();
  measured.set(palette, widths);
  let width = 0;
  for (const letter of text) {
    let own = widths.get(letter);
    if (own === undefined) {
      context.font = `100px ${palette.font}`;
      own = context.measureText(letter).width / 100;
      widths.set(letter, own);
    }
    width += own;
  }
  return width;
}

/**
 * One size of letters for the whole grid, so that only the numbers differ; what does not fit its cell is left to the
 * colour. A cell in its own colours has three, from red down.
 * @param {Context} context @param {Extract<Mark, { kind: "numbers" }>} mark @param {Palette} palette
 */
function paintNumbers(context, mark, palette) {
  const { box, plane, digits, dimmed = [] } = mark;
  const { rgb } = plane;
  /** @type {{ text: string, wide: number, fill: "ink" | "muted" | "padding", x: number, y: number }[]} */
  const words = [];
  let widest = LETTER_WIDTH;
  const tall = tallOf(box);
  // In flat cells letters would be too small to be read.
  if (tall * 0.9 < SMALLEST_LETTERS) return;
  const larger = Math.max(0, box.cell - SOFT_PICTURE_FROM);
  const most = box.cell - Math.min(LEAST_MARGIN + larger * MARGIN, MOST_MARGIN);
  const room = Math.floor(most / (SMALLEST_LETTERS * widthOf(context, palette, "0")));
  const apart = Math.min(tall * 0.32, Math.max(11, tall * 0.29), 20);
  /** Each text once: of the numbers of a grid many are equal. @type {Map<number | string, { text: string, wide: number }>} */
  const texts = new Map();
  const textOf = (/** @type {number | string} */ value) => {
    const known = texts.get(value);
    if (known) return known;
    const text = typeof value === "number" ? inCell(value, digits, room) : value;
    const made = { text, wide: widthOf(context, palette, text) };
    if (made.wide * SMALLEST_LETTERS <= most) widest = Math.max(widest, made.wide);
    texts.set(value, made);
    return made;
  };
  const isDimmed = (/** @type {number} */ x, /** @type {number} */ y) =>
    dimmed.some(([left, top, width, height]) => x > left && x < left + width && y > top && y < top + height);
  for (let row = 0; row < box.rows; row++) {
    for (let col = 0; col < box.cols; col++) {
      const { value, noise, colours, beyond, padded } = valueAt(plane, row, col);
      if (value === null && (!padded || beyond || mark.padding === null)) continue;
      const [x, y] = [box.x + (col + 0.5) * box.cell, box.y + (row + 0.5) * tall + 0.5];
      const ink = mark.faded || (dimmed.length > 0 && isDimmed(x, y)) ? "muted" : "ink";
      const say = (
        /** @type {number | string} */ said,
        /** @type {typeof words[0]["fill"]} */ fill,
        down = 0,
      ) => {
        const { text, wide } = textOf(said);
        words.push({ text, wide, fill, x, y: y + down });
      };
      if (value === null) say(String(mark.padding), ink === "ink" ? "padding" : ink);
      else if (colours) for (const [at, one] of colours.entries()) say(one, ink, (at - 1) * apart);
      else say(noise ? "≈0" : value, ink);
    }
  }
  const line = rgb ? Math.max(SMALLEST_LETTERS, apart * 0.97) : tall * 0.8;
  const wished = Math.min(Math.max(SMALLEST_LETTERS, box.cell * LETTERS), most / widest);
  const size = Math.min(Math.max(SMALLEST_LETTERS, wished), line);
  context.font = `${mark.bold ? "600 " : ""}${size}px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const { text, wide, fill, x, y } of words) {
    if (wide * size > most + 0.5) continue;
    // Over the hatching of cells that are not read a number has a halo.
    if (fill === "muted" && !mark.faded) {
      context.globalAlpha = 0.6;
      context.strokeStyle = palette.sheet;
      context.lineWidth = 4;
      context.strokeText(text, x, y);
      context.globalAlpha = 1;
    }
    context.fillStyle = palette[fill];
    context.fillText(text, x, y);
  }
}

// ------------------------------------------------------------------------------------- lines and patterns

/** @param {Context} context @param {Extract<Mark, { kind: "outline" }>} mark @param {Palette} palette */
function paintOutline(context, mark, palette) {
  context.beginPath();
  for (const [x, y, width, height] of mark.rects) context.rect(x, y, width, height);
  context.lineJoin = "round";
  // On both sides, so that the line holds on any picture.
  if (mark.halo) {
    context.strokeStyle = palette.sheet;
    context.lineWidth = mark.line + 4;
    context.stroke();
  }
  context.globalAlpha = mark.alpha ?? 1;
  context.setLineDash(mark.dash ?? []);
  context.strokeStyle = palette[mark.stroke];
  context.lineWidth = mark.line;
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}

/**
 * Four textures, each with a meaning: how far apart its lines stand, whether they fall, in which colour and how strong, and
 * what lies under them.
 * @type {Record<import("./scene.js").Texture, { apart: number, falls: boolean, stroke: Role, line: number, under: Role, veil: number }>}
 */
const TEXTURES = {
  padding: { apart: 7, falls: false, stroke: "padding", line: 0.2, under: "padding-tint", veil: 1 },
  inserted: { apart: 11, falls: true, stroke: "padding", line: 0.22, under: "padding-tint", veil: 0.8 },
  unread: { apart: 5, falls: true, stroke: "muted", line: 0.42, under: "sheet", veil: 0.45 },
  future: { apart: 10, falls: true, stroke: "muted", line: 0.28, under: "sheet", veil: 0 },
};

/** @param {Context} context @param {Rect[]} rects @param {import("./scene.js").Texture} texture @param {Palette} palette */
export function paintHatch(context, rects, texture, palette) {
  const { apart, falls, stroke, line, under, veil } = TEXTURES[texture];
  context.save();
  context.beginPath();
  for (const rect of rects) context.rect(...rect);
  context.clip();
  context.globalAlpha = veil;
  context.fillStyle = palette[under];
  context.fill();
  context.globalAlpha = line;
  context.strokeStyle = palette[stroke];
  context.lineWidth = 1;
  context.beginPath();
  for (const [x, y, width, height] of rects) {
    // Lines of one slope over the whole stage, so that neighbouring rectangles join without a seam.
    const left = falls ? -(x + width) : x;
    const from = Math.floor((left + y) / apart) * apart;
    for (let sum = from; sum <= left + width + y + height; sum += apart) {
      context.moveTo(falls ? x + width : x, sum - left);
      context.lineTo(falls ? x : x + width, sum - left - width);
    }
  }
  context.stroke();
  context.restore();
}

/** @param {Context} context @param {Rect[]} rects @param {Palette} palette */
function paintDots(context, rects, palette) {
  context.fillStyle = palette.muted;
  context.globalAlpha = 0.35;
  context.beginPath();
  for (const [x, y, width, height] of rects) {
    for (let down = y + 4; down < y + height - 2; down += 8)
      for (let across = x + 4; across < x + width - 2; across += 8) context.rect(across, down, 1.5, 1.5);
  }
  context.fill();
  context.globalAlpha = 1;
}

const LEGEND_HEIGHT = 8;
const LEGEND_SIZE = 13;

/** The scale from its least to its most, in the colours that cells of that size have. @param {Context} context @param {Extract<Mark, { kind: "legend" }>} mark @param {Palette} palette */
function paintLegend(context, { x, y, width, below, cell, scale }, palette) {
  const table = tableFor(scale, cell);
  for (let at = 0; at < width; at++) {
    const value = scale.low + ((scale.high - scale.low) * (at + 0.5)) / width;
    context.fillStyle = css(Number(table[levelOf(scale, value)]));
    context.fillRect(x + at, y, 1.2, LEGEND_HEIGHT);
  }
  context.strokeStyle = palette.line2;
  context.lineWidth = 1;
  context.strokeRect(x, y, width, LEGEND_HEIGHT);
  const ends = [scale.low, scale.high];
  const signed = scale.low < 0;
  if (signed) {
    context.fillStyle = palette.muted;
    context.fillRect(x + width / 2 - 0.5, y - 2, 1, LEGEND_HEIGHT + 4);
  }
  context.font = `${LEGEND_SIZE}px ${palette.font}`;
  context.fillStyle = palette.faint;
  context.textBaseline = "middle";
  for (const [side, value] of ends.entries()) {
    context.textAlign = below === (side === 0) ? "left" : "right";
    const [left, right] = below ? [x, x + width] : [x - 7, x + width + 7];
    const down = below ? LEGEND_HEIGHT + 12 : LEGEND_HEIGHT / 2 + 0.5;
    context.fillText(number(value, 2), side === 0 ? left : right, y + down);
  }
  if (below && signed) {
    context.textAlign = "center";
    context.fillText("0", x + width / 2, y + LEGEND_HEIGHT + 12);
  }
}

/** @param {Context} context @param {import("./grid/grids.js").Box} box @param {Palette} palette */
function paintLattice(context, box, palette) {
  const tall = tallOf(box);
  context.beginPath();
  for (let row = 1; row < box.rows; row++) {
    context.moveTo(box.x, box.y + row * tall);
    context.lineTo(box.x + box.cols * box.cell, box.y + row * tall);
  }
  for (let col = 1; col < box.cols; col++) {
    context.moveTo(box.x + col * box.cell, box.y);
    context.lineTo(box.x + col * box.cell, box.y + box.rows * tall);
  }
  context.strokeStyle = palette.cells;
  context.lineWidth = 1;
  context.stroke();
}

/** A finished picture over the whole of a canvas, as a video's next frame. */
export function paintFrame(
  /** @type {HTMLCanvasElement} */ canvas,
  /** @type {CanvasImageSource} */ picture,
) {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
}
