// The size rule of transposed convolution: two walks of one layer, gathering and stamping. The mirror of
// transposed.py. Knows no DOM and no operation.

import { many } from "../words/format.js";
import { FRAMEWORKS } from "./catalog.js";
import {
  axisName,
  below,
  entry,
  extent,
  formula,
  isUnfit,
  ONE_WRITE,
  sidesOf,
  token,
  transposedSize,
  unfit,
  windowSettings,
  wrongLength,
} from "./rule.js";

/** @import { FormulaToken, Unfit } from "../types/geometry.js" */
/** @import { PaddingValue } from "../types/layer.js" */
/** @import { AxisRule, Origin, Settings, SizeRule } from "./rule.js" */

const FIELDS = ["kernel", "stride", "dilation", "padding", "output_padding", "output_size"];

/** @typedef {{ begin: number, output: number, worked: FormulaToken[] }} Ends */

/** @type {SizeRule} */
export function transposed(settings, _operation, sizes) {
  const wrong = wrongLength(settings, FIELDS, sizes.length);
  if (wrong) return wrong;
  /** @type {AxisRule[]} */
  const found = [];
  for (const [axis, size] of sizes.entries()) {
    const name = axisName(axis, sizes.length);
    const window = windowSettings(settings, axis);
    if (isUnfit(window)) return window;
    const [taps, stride, gap] = window;
    const ends = endsOf(settings, axis, sizes.length, name, [size, taps, stride, gap]);
    if (isUnfit(ends)) return ends;
    const { begin: cropped, output, worked } = ends;
    const reads = /** @type {const} */ ({
      kind: "affine",
      start: cropped - (extent(taps, gap) - 1),
      stride: 1,
      taps,
      gap,
    });
    const last = reads.start + output - 1 + (taps - 1) * gap;
    const begin = Math.max(0, 0 - reads.start);
    const end = Math.max(0, last - (size - 1) * stride);
    const shape = {
      name,
      size,
      spread: stride,
      begin,
      end,
      overhang: 0,
      mode: /** @type {const} */ ("zeros"),
    };
    const axisOf = { ...shape, output, reads, writes: ONE_WRITE, formula: worked };
    found.push({ axis: axisOf, scatter: { kind: "affine", start: 0 - cropped, stride, taps, gap } });
  }
  return found;
}

/**
 * The cells cropped at the beginning, how many cells the output has, and how that is worked out.
 * @param {Settings} settings @param {number} axis @param {number} axes @param {string} name
 * @param {[size: number, taps: number, stride: number, gap: number]} sizes
 * @returns {Ends | Unfit}
 */
function endsOf(settings, axis, axes, name, [size, taps, stride, gap]) {
  const span = extent(taps, gap);
  /** @type {PaddingValue} */
  const padding = settings("padding");
  const rules = FRAMEWORKS[String(settings("rules"))];
  const given = settings("output_padding");
  /** @type {number} */
  const extra = given === null ? 0 : entry(given, axis);
  const reason = "it adds cells at the end and cannot remove any";
  const negative = below("output_padding", given, extra, 0, reason);
  if (negative) return negative;
  const cells = token(size, "input");
  const moved = token(stride, "stride");
  const wanted = settings("output_size");
  const sum = (/** @type {number} */ begin, /** @type {number} */ end, /** @type {number} */ output) =>
    sumOf(cells, moved, taps, gap, extra, begin, end, output);
  if (wanted !== null) {
    /** @type {number} */
    const output = entry(wanted, axis);
    const none = below("output_size", wanted, output, 1, "the output needs at least one cell");
    if (none) return none;
    if (rules?.output_size === "extends")
      return extended(settings, axis, name, [size, taps, stride, gap], output);
    let cropped = false;
    for (let each = 0; each < axes; each++) {
      const sides = sidesOf(padding, each, size, span, stride);
      if (isUnfit(sides)) return sides;
      cropped ||= sides[0] > 0 || sides[1] > 0;
    }
    // ONNX overrules: "If output_shape is specified pads values are ignored."
    if (cropped && typeof padding !== "string" && rules?.output_size !== "overrules") {
      const clash = "it settles the padding, and padding is given too";
      return unfit("output_size", wanted, clash, "Give one of them.");
    }
    const total = transposedSize(size, stride, span, extra, 0, 0) - output;
    const half = Math.floor(total / 2);
    const begin = total > 0 ? (padding === "same" ? half : total - half) : 0;
    return { begin, output, worked: sum(begin, total - begin, output) };
  }
  if (rules?.stretches && padding === "same" && given !== null) {
    const output = (size - 1) * stride + (span % 2) + extra;
    if (output < 1) return noOutput(padding, output, name);
    const begin = Math.max(0, Math.floor((span - (span % 2) - extra) / 2));
    const added = plus(extra, "output_padding");
    const parts = ["(", cells, " − 1)·", moved, ` + ${span % 2}`, ...added, " = ", token(output, "output")];
    return { begin, output, worked: formula(...parts) };
  }
  if (padding === "same" || padding === "same_lower") {
    const total = Math.max(0, span - stride + extra);
    const half = Math.floor(total / 2);
    const output = size * stride;
    const worked = formula(cells, "·", moved, " = ", token(output, "output"));
    return { begin: padding === "same" ? half : total - half, output, worked };
  }
  if (rules?.stretches && given === null && span < stride) {
    const output = size * stride;
    const most = ` + max(${span}, ${stride}) = `;
    return { begin: 0, output, worked: formula("(", cells, " − 1)·", moved, most, token(output, "output")) };
  }
  const sides = sidesOf(padding, axis, size, span, stride);
  if (isUnfit(sides)) return sides;
  const [begin, end] = sides;
  const output = transposedSize(size, stride, span, extra, begin, end);
  if (output < 1) return noOutput(padding, output, name);
  return { begin, output, worked: sum(begin, end, output) };
}

/**
 * PyTorch's output_size stands for the output_padding; the padding stays as it is given.
 * @param {Settings} settings @param {number} axis @param {string} name
 * @param {[size: number, taps: number, stride: number, gap: number]} sizes @param {number} output
 * @returns {Ends | Unfit}
 */
function extended(settings, axis, name, [size, taps, stride, gap], output) {
  const span = extent(taps, gap);
  const sides = sidesOf(settings("padding"), axis, size, span, stride);
  if (isUnfit(sides)) return sides;
  const [begin, end] = sides;
  const least = transposedSize(size, stride, span, 0, begin, end);
  if (output < Math.max(1, least) || output >= least + stride) {
    const reason = `axis ${name} can have ${least} to ${many(least + stride - 1, "cell")} with this padding`;
    return unfit("output_size", settings("output_size"), reason, "Use one of these.", "fit");
  }
  const extra = output - least;
  const cells = token(size, "input");
  const worked = sumOf(cells, token(stride, "stride"), taps, gap, extra, begin, end, output);
  return { begin, output, worked };
}

function noOutput(
  /** @type {PaddingValue} */ padding,
  /** @type {number} */ output,
  /** @type {string} */ name,
) {
  const reason = `it crops all there is on axis ${name}: ${many(output, "cell")} would be left`;
  return unfit("padding", padding, reason, "Use less padding, a larger kernel or a larger stride.", "fit");
}

/** @returns {(FormulaToken | string)[]} */
function plus(/** @type {number} */ value, /** @type {Origin} */ from) {
  return value ? [" + ", token(value, from)] : [];
}

/** `(4 − 1)·2 + 3 − 2·1 = 7`, each number with the thing it came from. */
export function sumOf(
  /** @type {FormulaToken} */ cells,
  /** @type {FormulaToken} */ moved,
  /** @type {number} */ taps,
  /** @type {number} */ gap,
  /** @type {number} */ extra,
  /** @type {number} */ begin,
  /** @type {number} */ end,
  /** @type {number} */ output,
) {
  /** @type {(FormulaToken | string)[]} */
  const span =
    gap > 1
      ? [" + ", token(gap, "dilation"), "·(", token(taps, "kernel"), " − 1) + 1"]
      : [" + ", token(taps, "kernel")];
  /** @type {(FormulaToken | string)[]} */
  const pads =
    begin === end
      ? [" − 2·", token(begin, "padding")]
      : [" − ", token(begin, "padding"), end >= 0 ? " − " : " + ", token(Math.abs(end), "padding")];
  const added = plus(extra, "output_padding");
  return formula("(", cells, " − 1)·", moved, ...span, ...added, ...pads, " = ", token(output, "output"));
}
