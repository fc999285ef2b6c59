// Values to colours. Pure numbers and tables: touches no canvas and no DOM.
//
// Hues taken by values (Oklab hue, degrees): blue 255 for negative, orange 55 for positive, the neutral greys
// for zero and for pictures. The colours of the roles (input, kernel, output, padding), which are CSS variables
// of the page, must keep 30 degrees away from both; 95-215 (green to teal) and 290-360 (violet to rose) are free.
// Blue and orange stay apart under every common colour blindness, and lightness carries the size of a value.

/** @import { ColourScale, Theme } from "../../types/page.js" */
/** @import { FloatArray } from "../../types/stream.js" */

/** Entry 0 of every table is for what is not a number; 1…255 are the scale. */
const LEVELS = 255;
const SIGNED_ZERO = 128;
const SIGNED_REACH = 127;

const NEGATIVE_HUE = 255;
const POSITIVE_HUE = 55;
/**
 * Lightness and chroma at zero and at both ends, and the colour of what is not a number.
 * @type {Record<Theme, { zero: number, negative: [number, number], positive: [number, number], nan: number }>}
 */
const SIGNED = {
  light: { zero: 0.975, negative: [0.47, 0.18], positive: [0.6, 0.165], nan: 0.72 },
  dark: { zero: 0.24, negative: [0.74, 0.14], positive: [0.78, 0.16], nan: 0.5 },
};

/** @type {Map<string, Uint32Array>} */
const tables = new Map();

/**
 * Signed values, symmetric about zero: −high…high.
 * @param {Theme} theme @param {number} high
 * @returns {ColourScale}
 */
export function signedScale(theme, high) {
  const reach = high > 0 && Number.isFinite(high) ? high : 1;
  return { kind: "signed", theme, low: -reach, high: reach, table: tableOf("signed", theme) };
}

/**
 * Unsigned values and pictures of one channel: black to white, alike in both themes.
 * @param {Theme} theme @param {number} low @param {number} high
 * @returns {ColourScale}
 */
export function unsignedScale(theme, low, high) {
  const top = high > low ? high : low + 1;
  return { kind: "unsigned", theme, low, high: top, table: tableOf("unsigned", theme) };
}

/** @returns {Uint32Array} */
function tableOf(/** @type {ColourScale["kind"]} */ kind, /** @type {Theme} */ theme) {
  const key = `${kind} ${theme}`;
  let table = tables.get(key);
  if (!table) {
    table = new Uint32Array(LEVELS + 1);
    table[0] = fromOklch(SIGNED[theme].nan, 0, 0);
    for (let level = 1; level <= LEVELS; level++) {
      table[level] = kind === "signed" ? signedColour(theme, level) : grey((level - 1) / (LEVELS - 1));
    }
    tables.set(key, table);
  }
  return table;
}

/** Lightness runs evenly from zero outwards; chroma rises faster at first, so that small values show their sign. */
function signedColour(/** @type {Theme} */ theme, /** @type {number} */ level) {
  const { zero, negative, positive } = SIGNED[theme];
  const part = (level - SIGNED_ZERO) / SIGNED_REACH;
  const [lightness, chroma] = part < 0 ? negative : positive;
  const size = Math.abs(part);
  const hue = part < 0 ? NEGATIVE_HUE : POSITIVE_HUE;
  return fromOklch(zero + (lightness - zero) * size, chroma * size ** 0.6, hue);
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

/** The colour of a value, as little-endian RGBA. @param {ColourScale} scale @param {number} value */
export function colourOf(scale, value) {
  return /** @type {number} */ (scale.table[levelOf(scale, value)]);
}

/**
 * Fill pixels (the Uint32 view of an ImageData) with the colours of values.
 * @param {ArrayLike<number>} values @param {ColourScale} scale @param {Uint32Array} pixels
 * @param {number} [offset] where in the pixels the first value goes
 */
export function paint(values, scale, pixels, offset = 0) {
  const { table, low, high, kind } = scale;
  const signed = kind === "signed";
  const factor = signed ? SIGNED_REACH / high : (LEVELS - 1) / (high - low);
  const shift = signed ? SIGNED_ZERO + 0.5 : 1.5 - low * factor;
  for (let at = 0; at < values.length; at++) {
    const value = /** @type {number} */ (values[at]);
    let level = value * factor + shift;
    if (level < 1) level = 1;
    else if (level > LEVELS) level = LEVELS;
    // NaN fails both comparisons and becomes entry 0.
    pixels[offset + at] = /** @type {number} */ (table[level | 0]);
  }
}

/**
 * Fill pixels with a picture in its own colours: three planes whose values run from low to high.
 * @param {ArrayLike<number>} red @param {ArrayLike<number>} green @param {ArrayLike<number>} blue
 * @param {number} low @param {number} high @param {Uint32Array} pixels
 */
export function paintRgb(red, green, blue, low, high, pixels) {
  for (let at = 0; at < red.length; at++) {
    pixels[at] = rgbColour(
      /** @type {number} */ (red[at]),
      /** @type {number} */ (green[at]),
      /** @type {number} */ (blue[at]),
      low,
      high,
    );
  }
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

/**
 * The smallest and largest finite value; 0 and 0 where there is none.
 * @param {Iterable<number> | FloatArray} values
 */
export function rangeOf(values) {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? { low, high } : { low: 0, high: 0 };
}

/** `rgb(12 34 56)` */
export function css(/** @type {number} */ colour) {
  return `rgb(${colour & 255} ${(colour >>> 8) & 255} ${(colour >>> 16) & 255})`;
}

/** Black or white, whichever is easier to read on a colour: at least 4.5 to 1 on any. @returns {"#000" | "#fff"} */
export function textOn(/** @type {number} */ colour) {
  const fill = luminance(colour);
  return contrast(fill, 0) >= contrast(fill, 1) ? "#000" : "#fff";
}

/** WCAG contrast of two relative luminances, 1 to 21. @param {number} one @param {number} other */
export function contrast(one, other) {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** WCAG relative luminance. */
export function luminance(/** @type {number} */ colour) {
  const red = linear(colour & 255);
  const green = linear((colour >>> 8) & 255);
  const blue = linear((colour >>> 16) & 255);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function linear(/** @type {number} */ level) {
  const part = level / 255;
  return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
}

/**
 * Oklab (Björn Ottosson, 2020) by lightness, chroma and hue; chroma is reduced until the screen can show it.
 * @param {number} lightness @param {number} chroma @param {number} hue degrees
 */
export function fromOklch(lightness, chroma, hue) {
  const angle = (hue * Math.PI) / 180;
  for (let part = 1; ; part = Math.max(0, part - 0.02)) {
    const a = chroma * part * Math.cos(angle);
    const b = chroma * part * Math.sin(angle);
    const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
    const middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
    const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
    const channels = [
      4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
      -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
      -0.0041960863 * long - 0.7034186147 * middle + 1.707614701 * short,
    ];
    if (part === 0 || channels.every((channel) => channel >= -1e-4 && channel <= 1.0001)) {
      const [red = 0, green = 0, blue = 0] = channels.map(gamma);
      return pack(red, green, blue);
    }
  }
}

function gamma(/** @type {number} */ part) {
  const level = part <= 0.0031308 ? 12.92 * part : 1.055 * part ** (1 / 2.4) - 0.055;
  return byte(level * 255);
}

function pack(/** @type {number} */ red, /** @type {number} */ green, /** @type {number} */ blue) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
