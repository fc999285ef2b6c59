// A person's answer, read and held against the key of a question: a number, a shape, a choice, a cell. Pure text and
// numbers; knows no stage and no lesson.

import { typed } from "../words/format.js";

/** @import { Ask, Inline, Value } from "../types/lesson.js" */

/** `words` are the arithmetic, where there is some. @typedef {{ verdict: "unreadable" | "right" | "wrong", words: Inline | null }} Judgement */

/** Separators of the sizes of a shape and of the place of a cell. */
const BETWEEN = /[×x*,;|\s()[\]]+/i;
/** Thousands in groups: `1,792`, `1 792`, `1.792`, `1'792`. */
const GROUPED = /^[-−+]?\d{1,3}(?:[,.'’\s]\d{3})+$/;
/** A number that is no fraction and has decimals. */
const DECIMALS = /[.,](\d+)\s*$/;
const PRINTED_DIGITS = [3, 4];
/** Significant digits that a rounded answer has at least, unless the key has fewer. */
const LEAST_DIGITS = 2;

/** All numbers that a text can stand for: a comma before three digits is a decimal comma, or parts thousands. */
export function numbersIn(/** @type {string} */ text) {
  const plain = typed(text);
  const numbers = plain === null || text.trim() === "" ? [] : [plain];
  if (GROUPED.test(text.trim())) {
    const whole = typed(text.replace(/[,.'’\s]/g, ""));
    if (whole !== null && !numbers.includes(whole)) numbers.push(whole);
  }
  return numbers.filter(Number.isFinite);
}

/** The whole numbers of `3×3×64`, `(64, 3, 3)` or `row 2, col 5`; null where a text holds none. */
export function sizesIn(/** @type {string} */ text) {
  const parts = text
    .replaceAll("−", "-")
    .replace(/\b(?:depth|rows?|columns?|cols?)\b/gi, " ")
    .split(BETWEEN)
    .filter(Boolean);
  return parts.length > 0 && parts.every((part) => /^-?\d{1,9}$/.test(part)) ? parts.map(Number) : null;
}

/**
 * Whether a number that was typed is another, exactly or rounded: `0.46` is 0.4583, and 0.5 is not.
 * @param {string} text @param {number} value as read from it @param {number} key @param {number} [tolerance]
 */
export function isNumber(text, value, key, tolerance = 0) {
  const off = Math.abs(value - key);
  if (off <= Math.max(tolerance, Math.abs(key) * 1e-6)) return true;
  if (Number.isInteger(key) || text.includes("/")) return false;
  // As the page prints it, in sums and in cells.
  if (PRINTED_DIGITS.some((digits) => value === Number(key.toPrecision(digits)))) return true;
  const decimals = DECIMALS.exec(text)?.[1]?.length ?? 0;
  const digits = String(Math.abs(value)).replace(".", "").replace(/^0+/, "").length;
  return decimals > 0 && digits >= LEAST_DIGITS && off <= 0.5 * 10 ** -decimals * (1 + 1e-9);
}

/**
 * Whether what was answered is a value: of a choice, the option with its id.
 * @param {Ask} ask @param {string} text @param {{ id: string, value: Value }} one
 * @returns {boolean | null} null: it cannot be read
 */
function says(ask, text, { id, value }) {
  if (ask.kind === "choice") return ask.options.some((option) => option.id === text) ? text === id : null;
  if (ask.kind === "number") {
    const numbers = numbersIn(text);
    if (numbers.length === 0) return null;
    return numbers.some((number) => isNumber(text, number, Number(value), ask.key.tolerance));
  }
  const sizes = sizesIn(text);
  if (!sizes) return null;
  const all = ask.kind === "cell" ? /** @type {number[][]} */ (value) : [value];
  return all.some((each) => String(each) === String(sizes));
}

/**
 * How an answer is met: with the arithmetic that leads to it, where it has a reason.
 * @param {Ask} ask @param {string} text of a choice, the id of the option
 * @returns {Judgement}
 */
export function judge(ask, text) {
  const right = says(ask, text, ask.key);
  if (right === null) return { verdict: "unreadable", words: null };
  if (right) return { verdict: "right", words: ask.explanation };
  const reason = ask.wrong.find((one) => says(ask, text, one));
  return { verdict: "wrong", words: reason?.explanation ?? null };
}

/** An option as a person would have given it: the text that `judge` takes for it. */
export function textOf(
  /** @type {Ask["kind"]} */ kind,
  /** @type {{ id: string, value: Value }} */ { id, value },
) {
  if (kind === "choice" || value === null) return id;
  if (kind === "cell") return String(/** @type {number[][]} */ (value)[0]?.join(", "));
  return Array.isArray(value) ? value.join("×") : String(value);
}
