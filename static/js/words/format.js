// Numbers, sizes and shapes as people read them. Pure text: knows no DOM and no unit but those it is given.

export const MINUS = "−";
/** As wide as a digit: lines numbers up where figures are tabular. */
const FIGURE_SPACE = "\u2007";
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** From here on, and below the smallest, powers of ten. */
const LARGE = 1e6;
const SMALL = 1e-3;

/**
 * A number in a few significant digits: `0.25`, `−1.5`, `1,234`, `−∞`, `1.2·10⁻⁵`. Whole numbers below a million
 * are shown whole. `fixed` keeps trailing zeros, so that a column of numbers keeps its width.
 * @param {number} value @param {number} [digits] @param {{ fixed?: boolean }} [options]
 */
export function number(value, digits = 4, { fixed = false } = {}) {
  if (Number.isNaN(value)) return "NaN";
  const size = Math.abs(value);
  const sign = value < 0 ? MINUS : "";
  if (size === Number.POSITIVE_INFINITY) return `${sign}∞`;
  if (size < LARGE && Number.isInteger(size)) {
    return size === 0 ? zero(digits, fixed) : sign + whole(size, digits, fixed);
  }
  const rounded = Number(size.toPrecision(digits));
  if (rounded >= LARGE || rounded < SMALL) return sign + scientific(size, digits, fixed);
  const exponent = Math.floor(Math.log10(rounded));
  const text = rounded.toFixed(Math.max(0, digits - 1 - exponent));
  return sign + grouped(fixed ? text : trimmed(text));
}

/** A number as people type it, with a point or a comma before its decimals, or as a fraction; null when it is none. */
export function typed(/** @type {string} */ words) {
  const cleaned = words.trim().replace(MINUS, "-").replace(",", ".");
  const [above = "", below, ...more] = cleaned
    .split("/")
    .map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const value = below === undefined ? above : Number(above) / below;
  return Number.isNaN(value) || more.length > 0 ? null : Number(value);
}

/** A number, or dots while only the server can know it; `≈ 0` where it is only the rounding of the sum that made it. */
export function awaited(/** @type {number | null} */ value, digits = 4, rounding = 0) {
  if (value === null) return "…";
  return isNoise(value, rounding) ? "≈ 0" : number(value, digits);
}

/** Whether a number is nothing but rounding: it lies below what the sum that made it may be off by. */
export function isNoise(/** @type {number} */ value, /** @type {number} */ rounding) {
  return value !== 0 && Math.abs(value) <= rounding;
}

/** A number with its sign apart, as it stands in a sum: `+ 0.25`, `− 0.25`, never `+ −0.25`. */
export function addedNumber(/** @type {number} */ value, digits = 4, rounding = 0) {
  if (isNoise(value, rounding)) return "+ ≈ 0";
  return value < 0 ? `${MINUS} ${number(-value, digits)}` : `+ ${number(value, digits)}`;
}

const NARROW_ROOM = 5; // characters of a cell from which on 0.33 keeps its zero

/** A number in a cell of a grid: as `inRoom`, without the zero before its point; what rounds to zero is `0`, never `−.0`. */
export function inCell(
  /** @type {number} */ value,
  /** @type {number} */ digits,
  /** @type {number} */ room,
) {
  const text = inRoom(value, digits, room).replace(/^(−?)0\./, "$1.");
  return text === "≈0" ? "0" : text;
}

/**
 * A number in at most `room` characters, for a cell: fewer digits, `.33` for `0.33`, then `≈0` or `−2e5`.
 * @param {number} value @param {number} digits @param {number} room
 */
export function inRoom(value, digits, room) {
  for (let fewer = digits; fewer > 0; fewer--) {
    const text = number(value, fewer);
    const bare = room < NARROW_ROOM ? text.replace(/^(−?)0\./, "$1.") : text;
    if (bare.length <= room) return bare;
  }
  const sign = value < 0 ? MINUS : "";
  const size = Math.abs(value);
  if (size >= 1) return sign + size.toExponential(0).replace("e+", "e");
  const decimals = room - 1 - sign.length;
  const text = decimals > 0 ? size.toFixed(decimals).slice(1) : "";
  return /[1-9]/.test(text) ? sign + text : "≈0";
}

function zero(/** @type {number} */ digits, /** @type {boolean} */ fixed) {
  return fixed && digits > 1 ? (0).toFixed(digits - 1) : "0";
}

function whole(/** @type {number} */ size, /** @type {number} */ digits, /** @type {boolean} */ fixed) {
  const decimals = digits - String(size).length;
  return grouped(fixed && decimals > 0 ? size.toFixed(decimals) : String(size));
}

function scientific(/** @type {number} */ size, /** @type {number} */ digits, /** @type {boolean} */ fixed) {
  const [mantissa = "", exponent = "0"] = size.toExponential(digits - 1).split("e");
  const power = exponent
    .replace("+", "")
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => SUPERSCRIPTS.charAt(Number(digit)));
  return `${fixed ? mantissa : trimmed(mantissa)}·10${power}`;
}

function trimmed(/** @type {string} */ text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** Thousands apart: `84,672`; decimals stay as they are. */
function grouped(/** @type {string} */ text) {
  const [whole = "", decimals] = text.split(".");
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return decimals === undefined ? apart : `${apart}.${decimals}`;
}

/** A whole number with its thousands apart: `84,672`. */
export function count(/** @type {number} */ value) {
  return (value < 0 ? MINUS : "") + grouped(String(Math.abs(Math.round(value))));
}

/** A number of things: `1 step`, `196 steps`. */
export function many(
  /** @type {number} */ value,
  /** @type {string} */ one,
  /** @type {string} */ several = one.endsWith("s") ? `${one}es` : `${one}s`,
) {
  return `${count(value)} ${value === 1 ? one : several}`;
}

/** Set to the right in a column as wide as `width` digits. */
export function aligned(/** @type {string} */ text, /** @type {number} */ width) {
  return text.padStart(width, FIGURE_SPACE);
}

/**
 * The sign before a number and the number: `=` when its text, read back, is the number (as float32), else `≈`.
 * @param {number} value @param {number} [digits] @param {number} [rounding] what the sum that made it may be off by
 * @returns {[sign: string, text: string]}
 */
export function equalTo(value, digits = 4, rounding = 0) {
  if (isNoise(value, rounding)) return ["≈", "0"];
  return [equalSign(value, digits), number(value, digits)];
}

/**
 * `=` when the text of a number, read back, is the number (as float32), else `≈`.
 * @param {number} value @param {number} [digits]
 */
export function equalSign(value, digits = 4) {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) < LARGE)) return "=";
  return Math.fround(Number(value.toPrecision(digits))) === Math.fround(value) ? "=" : "≈";
}

/** `3×28×28` */
export function shape(/** @type {number[]} */ sizes) {
  return sizes.join("×");
}

/** `(3, 28, 28)`, as Python writes it; `(5,)` for one. */
export function tuple(/** @type {number[]} */ sizes) {
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(", ")})`;
}

/** `812 bytes`, `3.1 kB`, `12 MB`; powers of a thousand. */
export function bytes(/** @type {number} */ value) {
  if (value < 1000) return many(value, "byte");
  const units = ["kB", "MB", "GB", "TB"];
  let unit = -1;
  let scaled = value;
  do {
    scaled /= 1000;
    unit++;
  } while (Number(scaled.toPrecision(2)) >= 1000 && unit < units.length - 1);
  return `${number(scaled, scaled < 10 ? 2 : 3)} ${units[unit]}`;
}
