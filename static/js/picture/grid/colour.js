// Values to colours. Pure numbers and tables: touches no canvas and no DOM.
//
// Blue below 0, paper at 0, orange above, in two depths of one scale. Soft where cells are large: numbers carry, one ink
// prints on every fill, and a grid of −1 is a pale sky. Deep where cells are small: colour carries all and no number is
// printed on it. Between the anchors colours are interpolated in Oklab (Björn Ottosson, 2020). Pictures run from black to
// white, and the channels of a colour picture from black to their colour.

/** @import { ColourScale, Theme } from "../../types/page.js" */

/** Entry 0 of every table is for what is not a number; 1…255 are the scale. */
const LEVELS = 255;
const SIGNED_ZERO = 128;
const SIGNED_REACH = 127;
/** From this size of a cell on a scale is soft. */
const SOFT_FROM = 10;
/** And a picture, which is looked at as one until its numbers are printed. */
export const SOFT_PICTURE_FROM = 19;
/** In its own colours three of them, each as high as it must be to be read. */
export const SOFT_COLOURS_FROM = 36;
/** Deep scales are bent, so that small values show. */
const BEND = 0.75;

/** @typedef {"soft" | "deep"} Depth */
/** Colours at −1, −½, 0, ½ and 1. @type {Record<Depth, Record<Theme, number[]>>} */
const SIGNED = {
  soft: {
    light: [0xa4c6eb, 0xcde1f4, 0xf9f8f6, 0xf7e0c7, 0xf4c393],
    dark: [0x35567b, 0x2b3c50, 0x23272d, 0x4d3828, 0x784f2b],
  },
  deep: {
    light: [0x2159a5, 0x7cb0e5, 0xf9f8f6, 0xf1b277, 0xb65412],
    dark: [0x86c4fe, 0x4274ad, 0x23272d, 0xa06435, 0xfcbc75],
  },
};
/** Of pictures at black and white. @type {Record<Depth, Record<Theme, number[]>>} */
const GREY = {
  soft: { light: [0xb9bcc2, 0xffffff], dark: [0x14161a, 0x5f656e] },
  deep: { light: [0x000000, 0xffffff], dark: [0x000000, 0xffffff] },
};
/** Of a channel at nothing and at most: red, green, blue. @type {Record<Depth, Record<Theme, number[][]>>} */
const TINTS = {
  soft: {
    light: [
      [0xfff7f5, 0xf89d95],
      [0xf4fbf4, 0x89cc97],
      [0xf4f9ff, 0x89bdf8],
    ],
    dark: [
      [0x1c1718, 0x904843],
      [0x161b17, 0x376f44],
      [0x15191f, 0x386392],
    ],
  },
  deep: {
    light: [
      [0x15100f, 0xb26a64, 0xfff4f2],
      [0x0f1510, 0x5b9768, 0xf2fbf3],
      [0x0f1216, 0x5f8bb9, 0xf2f8ff],
    ],
    dark: [
      [0x15100f, 0xb26a64, 0xfff4f2],
      [0x0f1510, 0x5b9768, 0xf2fbf3],
      [0x0f1216, 0x5f8bb9, 0xf2f8ff],
    ],
  },
};
const NOT_A_NUMBER = { light: 0x9a9da3, dark: 0x6b7078 };

/** @type {Map<string, Uint32Array>} */
const tables = new Map();

/**
 * Signed values, symmetric about zero: −high…high.
 * @param {Theme} theme @param {number} high
 * @returns {ColourScale}
 */
export function signedScale(theme, high) {
  const reach = high > 0 && Number.isFinite(high) ? high : 1;
  return { kind: "signed", theme, low: -reach, high: reach, ...bothDepths("signed", theme) };
}

/**
 * Pictures of one channel: from black to white.
 * @param {Theme} theme @param {number} low @param {number} high
 * @returns {ColourScale}
 */
export function unsignedScale(theme, low, high) {
  const top = high > low ? high : low + 1;
  return { kind: "unsigned", theme, low, high: top, ...bothDepths("unsigned", theme) };
}

/**
 * A channel of a colour picture, in a tint of its own: 0 red, 1 green, 2 blue.
 * @param {Theme} theme @param {number} low @param {number} high @param {number} channel
 * @returns {ColourScale}
 */
export function tintScale(theme, low, high, channel) {
  return { ...unsignedScale(theme, low, high), ...bothDepths(channel % 3, theme) };
}

/** @param {"signed" | "unsigned" | number} kind a number is that of a channel @param {Theme} theme */
function bothDepths(kind, theme) {
  return { table: tableOf(kind, theme, "soft"), deep: tableOf(kind, theme, "deep") };
}

/** @param {"signed" | "unsigned" | number} kind @param {Theme} theme @param {Depth} depth @returns {Uint32Array} */
function tableOf(kind, theme, depth) {
  const key = `${kind} ${theme} ${depth}`;
  const known = tables.get(key);
  if (known) return known;
  const anchors =
    kind === "signed"
      ? SIGNED[depth][theme]
      : kind === "unsigned"
        ? GREY[depth][theme]
        : /** @type {number[]} */ (TINTS[depth][theme][kind]);
  const table = new Uint32Array(LEVELS + 1);
  table[0] = packed(NOT_A_NUMBER[theme]);
  for (let level = 1; level <= LEVELS; level++) {
    if (kind === "signed") {
      const part = (level - SIGNED_ZERO) / SIGNED_REACH;
      const bent = depth === "deep" ? Math.sign(part) * Math.abs(part) ** BEND : part;
      table[level] = between(anchors, (bent + 1) / 2);
    } else if (kind === "unsigned" && depth === "deep") table[level] = grey((level - 1) / (LEVELS - 1));
    else table[level] = between(anchors, (level - 1) / (LEVELS - 1));
  }
  tables.set(key, table);
  return table;
}

/** A colour on the way through several, evenly apart: part 0 is the first, 1 the last. */
function between(/** @type {number[]} */ anchors, /** @type {number} */ part) {
  const place = Math.min(1, Math.max(0, part)) * (anchors.length - 1);
  const at = Math.min(anchors.length - 2, Math.floor(place));
  const [from, to] = [oklab(Number(anchors[at])), oklab(Number(anchors[at + 1]))];
  const [lightness, a, b] = from.map((one, axis) => one + (Number(to[axis]) - one) * (place - at));
  return fromOklab(Number(lightness), Number(a), Number(b));
}

/** Lightness, a and b of a colour that is written as 0xrrggbb. */
function oklab(/** @type {number} */ colour) {
  const [red, green, blue] = [
    linear((colour >> 16) & 255),
    linear((colour >> 8) & 255),
    linear(colour & 255),
  ];
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
}

/** 0xrrggbb as little-endian RGBA. */
function packed(/** @type {number} */ colour) {
  return pack((colour >> 16) & 255, (colour >> 8) & 255, colour & 255);
}

function grey(/** @type {number} */ part) {
  const level = Math.round(part * 255);
  return pack(level, level, level);
}

/**
 * The entry of a scale's table for a value; ends are clamped, NaN is entry 0.
 * @param {ColourScale} scale @param {number} value
 */
export function levelOf(scale, value) {
  if (Number.isNaN(value)) return 0;
  if (scale.kind === "signed") {
    const part = Math.min(1, Math.max(-1, value / scale.high));
    return SIGNED_ZERO + Math.round(part * SIGNED_REACH);
  }
  const part = Math.min(1, Math.max(0, (value - scale.low) / (scale.high - scale.low)));
  return 1 + Math.round(part * (LEVELS - 1));
}

/** The colours of a scale in cells of a size. @param {ColourScale} scale @param {number} cell */
export function tableFor(scale, cell) {
  return cell >= (scale.kind === "signed" ? SOFT_FROM : SOFT_PICTURE_FROM) ? scale.table : scale.deep;
}

/** The soft colour of a value, as little-endian RGBA. @param {ColourScale} scale @param {number} value */
export function colourOf(scale, value) {
  return /** @type {number} */ (scale.table[levelOf(scale, value)]);
}

/** Whether the own colours of a picture are softened in cells of a size, so that numbers can be printed on them. */
export function isSoftened(/** @type {number} */ cell) {
  return cell >= SOFT_COLOURS_FROM;
}

/** A colour of a picture as a ground for numbers. @param {number} colour @param {Theme} theme */
export function softened(colour, theme) {
  const red = colour & 255;
  const green = (colour >>> 8) & 255;
  const blue = (colour >>> 16) & 255;
  if (theme === "dark")
    return pack(Math.round(red * 0.42), Math.round(green * 0.42), Math.round(blue * 0.42));
  const lifted = (/** @type {number} */ level) => Math.round(255 - (255 - level) * 0.45);
  return pack(lifted(red), lifted(green), lifted(blue));
}

/**
 * One pixel in its own colour.
 * @param {number} red @param {number} green @param {number} blue @param {number} low @param {number} high
 */
export function rgbColour(red, green, blue, low, high) {
  const factor = 255 / (high > low ? high - low : 1);
  return pack(byte((red - low) * factor), byte((green - low) * factor), byte((blue - low) * factor));
}

/** Rounded and clamped; NaN is 0. */
function byte(/** @type {number} */ value) {
  return value > 0 ? (value < 255 ? Math.round(value) : 255) : 0;
}

/** `rgb(12 34 56)` */
export function css(/** @type {number} */ colour) {
  return `rgb(${colour & 255} ${(colour >>> 8) & 255} ${(colour >>> 16) & 255})`;
}

function linear(/** @type {number} */ level) {
  const part = level / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

/** A colour by its Oklab coordinates, as little-endian RGBA. @param {number} lightness @param {number} a @param {number} b */
function fromOklab(lightness, a, b) {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return pack(
    gamma(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
    gamma(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
    gamma(-0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short),
  );
}

function gamma(/** @type {number} */ part) {
  const level = part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055;
  return byte(level * 255);
}

function pack(/** @type {number} */ red, /** @type {number} */ green, /** @type {number} */ blue) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
