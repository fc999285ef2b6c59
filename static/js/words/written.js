// Numbers as JSON carries them and as people write them down: shortest, or on another scale. Pure text: knows no DOM.

import { MINUS, number } from "./format.js";

/** @import { JsonNumber } from "../types/numbers.js" */

/** A number that came in JSON. */
export function fromJson(/** @type {JsonNumber} */ value) {
  return Number(value);
}

/** A number as JSON can carry it. @returns {JsonNumber} */
export function toJson(/** @type {number} */ value) {
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

/** A float32 by the fewest digits that tell it from its neighbours. */
export function shortestNumber(/** @type {number} */ value) {
  for (let digits = 1; digits < 9; digits++) {
    const other = Number(value.toPrecision(digits));
    if (Math.fround(other) === value) return other;
  }
  return Number(value.toPrecision(9));
}

/** The same as people read it. */
export function shortest(/** @type {number} */ value) {
  return Number.isFinite(value) ? String(shortestNumber(value)).replace("-", MINUS) : number(value);
}

/**
 * A pixel value in the reading that a person chose, whatever scale the source travels in.
 * @param {number} value @param {"0-1" | "0-255"} scale of the source @param {"0-1" | "0-255"} reading
 */
export function reading(value, scale, reading) {
  if (scale === reading) return value;
  return reading === "0-255" ? value * 255 : value / 255;
}
