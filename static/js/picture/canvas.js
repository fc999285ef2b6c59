// Paints marks onto a canvas: decides nothing. The only module that touches a canvas context.

import { inRoom } from "../words/format.js";
import { colourOf, levelOf, rgbColour, textOn } from "./grid/colour.js";
import { tallOf } from "./grid/grids.js";
import { valueAt } from "./grid/planes.js";

/** @import { Rect } from "./grid/cells.js" */
/** @import { Plane } from "./grid/planes.js" */
/** @import { Mark, Role, Scene } from "./scene.js" */

/** What the style sheet says: a colour for each role, and the font. @typedef {Record<Role, string> & { font: string }} Palette */
/** @typedef {CanvasRenderingContext2D} Context */

/**
 * A stage of two canvases: what lies under the window is painted again only when its marks are others.
 * @param {HTMLCanvasElement} lower @param {HTMLCanvasElement} upper
 */
export function stage(lower, upper) {
  const under = contextOf(lower);
  const over = contextOf(upper);
  /** @type {readonly unknown[]} */
  let kept = [];
  /** @param {Scene} scene @param {Palette} palette @param {{ width: number, height: number, ratio: number }} size */
  return function draw(scene, palette, size) {
    const key = [scene.base, palette, size.width, size.height, size.ratio];
    if (key.some((part, at) => part !== kept[at])) {
      clear(under, size);
      paint(under, scene.base, palette, size.ratio);
      kept = key;
    }
    clear(over, size);
    paint(over, scene.live, palette, size.ratio);
  };
}

/** @param {Context} context @param {{ width: number, height: number, ratio: number }} size */
function clear(context, size) {
  const { canvas } = context;
  const width = Math.round(size.width * size.ratio);
  const height = Math.round(size.height * size.ratio);
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
      return paintPlane(context, mark.rect, mark.plane);
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
      return paintHatch(context, mark.rects, mark.inserted === true, palette);
    case "dots":
      return paintDots(context, mark.rects, palette);
    case "lattice":
      return paintLattice(context, mark.box, palette);
    case "path": {
      context.strokeStyle = palette[mark.stroke];
      context.lineWidth = mark.line;
      context.setLineDash(mark.dash ?? []);
      context.beginPath();
      for (let at = 0; at + 1 < mark.points.length; at += 2)
        context.lineTo(Number(mark.points[at]), Number(mark.points[at + 1]));
      context.stroke();
      context.setLineDash([]);
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
/** @type {WeakMap<object, Map<string, { canvas: HTMLCanvasElement, rows: Int32Array, cols: Int32Array, version: number }>>} */
const pictures = new WeakMap();
const MOST_PICTURES = 160;

/** @param {Context} context @param {Rect} rect @param {Plane} plane */
function paintPlane(context, rect, plane) {
  const [x, y, width, height] = rect;
  const picture = pictureOf(plane);
  const shrunk = width < plane.cols.length;
  context.imageSmoothingEnabled = shrunk;
  if (shrunk) context.imageSmoothingQuality = "high";
  context.drawImage(picture, x, y, width, height);
}

function pictureOf(/** @type {Plane} */ plane) {
  const known = pictures.get(plane.data) ?? new Map();
  pictures.set(plane.data, known);
  const { scale, rgb, offset, version, rows, cols } = plane;
  const scaled = scale ? `${scale.kind}${scale.theme}${scale.low}:${scale.high}` : `${rgb?.low}:${rgb?.high}`;
  const key = `${offset} ${scaled} ${rows.length} ${cols.length}`;
  const last = known.get(key);
  if (last && last.version === version && last.rows === rows && last.cols === cols) return last.canvas;
  if (known.size > MOST_PICTURES) known.clear();
  const canvas = last?.canvas ?? document.createElement("canvas");
  canvas.width = cols.length;
  canvas.height = rows.length;
  const context = contextOf(canvas);
  const image = context.createImageData(cols.length, rows.length);
  fill(plane, new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
  known.set(key, { canvas, rows, cols, version });
  return canvas;
}

/** @param {Plane} plane @param {Uint32Array} pixels */
function fill(plane, pixels) {
  const { data, offset, stride, rows, cols, limit, scale, rgb, blank } = plane;
  for (let row = 0, at = 0; row < rows.length; row++) {
    const down = /** @type {number} */ (rows[row]);
    const start = offset + down * stride;
    for (let col = 0; col < cols.length; col++, at++) {
      const across = /** @type {number} */ (cols[col]);
      const index = start + across;
      if (down < 0 || across < 0 || index >= limit || (blank && Number(blank[index]) < 0)) continue;
      if (scale) pixels[at] = /** @type {number} */ (scale.table[levelOf(scale, Number(data[index]))]);
      else if (rgb && index + 2 * rgb.plane < limit)
        pixels[at] = rgbColour(
          Number(data[index]),
          Number(data[index + rgb.plane]),
          Number(data[index + 2 * rgb.plane]),
          rgb.low,
          rgb.high,
        );
    }
  }
}

const SMALLEST_LETTERS = 9; // pixels, for the longest number of a grid
const LETTER_WIDTH = 0.58; // of a digit, as a share of its height
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
 * One size of letters for the whole grid, so that only the numbers differ. A cell in its own colours has three, from red
 * down.
 * @param {Context} context @param {Extract<Mark, { kind: "numbers" }>} mark @param {Palette} palette
 */
function paintNumbers(context, mark, palette) {
  const { box, plane, digits, dimmed = [] } = mark;
  const { rgb, scale } = plane;
  /** @type {{ text: string, fill: string, x: number, y: number }[]} */
  const words = [];
  let widest = LETTER_WIDTH;
  const tall = tallOf(box);
  const room = Math.floor((box.cell - 4) / (SMALLEST_LETTERS * LETTER_WIDTH));
  const apart = Math.min(tall * 0.32, Math.max(9, tall * 0.29), 20);
  const isDimmed = (/** @type {number} */ x, /** @type {number} */ y) =>
    dimmed.some(([left, top, width, height]) => x > left && x < left + width && y > top && y < top + height);
  for (let row = 0; row < box.rows; row++) {
    for (let col = 0; col < box.cols; col++) {
      const { value, noise, colours, beyond, padded } = valueAt(plane, row, col);
      if (value === null && (!padded || beyond || mark.padding === null)) continue;
      const [x, y] = [box.x + (col + 0.5) * box.cell, box.y + (row + 0.5) * tall + 0.5];
      const dim = dimmed.length > 0 && isDimmed(x, y);
      const say = (/** @type {string} */ text, /** @type {number | null} */ on, down = 0) => {
        widest = Math.max(widest, widthOf(context, palette, text));
        const fill = on === null ? palette.padding : dim ? palette.ink : textOn(on);
        words.push({ text, fill, x, y: y + down });
      };
      if (value === null) say(String(mark.padding), null);
      else if (colours && rgb) {
        const [red = 0, green = 0, blue = 0] = colours;
        const on = rgbColour(red, green, blue, rgb.low, rgb.high);
        for (const [at, one] of colours.entries()) say(inRoom(one, digits, room), on, (at - 1) * apart);
      } else say(noise ? "≈0" : inRoom(value, digits, room), scale && colourOf(scale, value));
    }
  }
  const line = rgb ? apart * 0.97 : tall * 0.66;
  const size = Math.min(17, box.cell * 0.42, line, (box.cell - Math.max(4, box.cell / 7)) / widest);
  if (size < 7) return;
  context.font = `${size}px ${palette.font}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (const { text, fill, x, y } of words) {
    context.fillStyle = fill;
    context.fillText(text, x, y);
  }
}

// ------------------------------------------------------------------------------------- lines and patterns

/** @param {Context} context @param {Extract<Mark, { kind: "outline" }>} mark @param {Palette} palette */
function paintOutline(context, mark, palette) {
  context.beginPath();
  for (const [x, y, width, height] of mark.rects) context.rect(x, y, width, height);
  if (mark.halo) {
    context.strokeStyle = palette.sheet;
    context.lineWidth = mark.line + 2;
    context.globalAlpha = 0.75;
    context.stroke();
    context.globalAlpha = 1;
  }
  context.setLineDash(mark.dash ?? []);
  context.strokeStyle = palette[mark.stroke];
  context.lineWidth = mark.line;
  context.lineJoin = "round";
  context.stroke();
  context.setLineDash([]);
}

/**
 * Padding is hatched one way, what is inserted between cells the other way and wider.
 * @param {Context} context @param {Rect[]} rects @param {boolean} inserted @param {Palette} palette
 */
function paintHatch(context, rects, inserted, palette) {
  const apart = inserted ? 11 : 7;
  context.save();
  context.beginPath();
  for (const rect of rects) context.rect(...rect);
  context.clip();
  context.globalAlpha = inserted ? 0.05 : 0.1;
  context.fillStyle = palette.padding;
  context.fill();
  context.globalAlpha = inserted ? 0.35 : 0.5;
  context.strokeStyle = palette.padding;
  context.lineWidth = 1;
  context.beginPath();
  for (const [x, y, width, height] of rects) {
    // Lines of one slope over the whole stage, so that neighbouring rectangles join without a seam.
    const left = inserted ? -(x + width) : x;
    const from = Math.floor((left + y) / apart) * apart;
    for (let sum = from; sum <= left + width + y + height; sum += apart) {
      context.moveTo(inserted ? x + width : x, sum - left);
      context.lineTo(inserted ? x : x + width, sum - left - width);
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
    for (let down = y + 6; down < y + height - 2; down += 10)
      for (let across = x + 6; across < x + width - 2; across += 10) context.rect(across, down, 1.5, 1.5);
  }
  context.fill();
  context.globalAlpha = 1;
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
