// The size rules of evenly spaced windows: sliding, and one as large as the input. The mirror of windows.py. Knows
// no DOM and no operation.

import { many } from "../words/format.js";
import {
  axisName,
  extent,
  formula,
  isUnfit,
  ONE_WRITE,
  sidesOf,
  token,
  unfit,
  windowSettings,
  wrongLength,
} from "./rule.js";

/** @import { FormulaToken, Unfit } from "../types/geometry.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { PaddingMode, PaddingValue } from "../types/layer.js" */
/** @import { AxisRule, Settings, SizeRule } from "./rule.js" */

const ZEROS = /** @type {const} */ ("zeros");

/** Convolution and the pools. @type {SizeRule} */
export function slidingWindow(settings, operation, sizes) {
  const wrong = wrongLength(settings, ["kernel", "stride", "dilation", "padding"], sizes.length);
  if (wrong) return wrong;
  /** @type {AxisRule[]} */
  const found = [];
  for (const axis of sizes.keys()) {
    const rule = slidingAxis(settings, operation, axis, sizes);
    if (isUnfit(rule)) return rule;
    found.push(rule);
  }
  return found;
}

/** Global pooling and dense layers: one window as large as the input. @type {SizeRule} */
export function wholeInput(settings, operation, sizes) {
  /** @type {Record<string, any>} */
  const fixed = { kernel: sizes, stride: sizes, dilation: 1, padding: 0 };
  return slidingWindow((name) => (name in fixed ? fixed[name] : settings(name)), operation, sizes);
}

/** Layers that look at one cell at a time: each step reads the cell at its own position. @type {SizeRule} */
export function pointwise(_settings, _operation, sizes) {
  return sizes.map((size, axis) => {
    const name = axisName(axis, sizes.length);
    const worked = formula(token(size, "input"), " = ", token(size, "output"));
    const bare = { name, size, spread: 1, begin: 0, end: 0, overhang: 0, mode: ZEROS, output: size };
    return { axis: { ...bare, reads: ONE_WRITE, writes: ONE_WRITE, formula: worked }, scatter: null };
  });
}

/**
 * @param {Settings} settings @param {OperationInfo} operation @param {number} axis @param {number[]} sizes
 * @returns {AxisRule | Unfit}
 */
function slidingAxis(settings, operation, axis, sizes) {
  const size = /** @type {number} */ (sizes[axis]);
  const name = axisName(axis, sizes.length);
  const window = windowSettings(settings, axis);
  if (isUnfit(window)) return window;
  const [kernel, stride, dilation] = window;
  const span = extent(kernel, dilation);
  /** @type {PaddingValue} */
  const padding = settings("padding");
  const sides = sidesOf(padding, axis, size, span, stride);
  if (isUnfit(sides)) return sides;
  const [begin, end] = sides;
  const widest = Math.max(begin, end);
  // A rule's padding follows from the window; only a number can be too large for it.
  if (operation.padding_below_kernel && typeof padding !== "string" && widest >= kernel) {
    const reason = `a window on axis ${name} could lie in the padding alone`;
    return unfit("padding", padding, reason, `Use less than the kernel, at most ${kernel - 1}.`);
  }
  /** @type {PaddingMode} */
  const mode = settings("padding_mode") ?? "zeros";
  const tooWide = modeRefusal(mode, padding, name, size, widest);
  if (tooWide) return tooWide;
  const ceil = settings("ceil_mode") === true;
  const room = size + begin + end - span;
  let output = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  const dropped = ceil && (output - 1) * stride >= size + begin;
  if (dropped) output -= 1;
  if (output < 1) return noOutput(settings("kernel"), name, size + begin + end, span, dilation);
  const reads = /** @type {const} */ ({
    kind: "affine",
    start: 0 - begin,
    stride,
    taps: kernel,
    gap: dilation,
  });
  const last = reads.start + (output - 1) * stride + (kernel - 1) * dilation;
  const overhang = Math.max(0, last - (size + end - 1));
  const worked = workedOut(size, begin, end, kernel, dilation, stride, output, ceil, dropped);
  const writes = ONE_WRITE;
  const bare = { name, size, spread: 1, begin, end, overhang, mode, output, reads, writes, formula: worked };
  return { axis: bare, scatter: null };
}

/** A reflection shows the cells without the edge; with the edge, and around a circle, all. @returns {Unfit | null} */
export function modeRefusal(
  /** @type {PaddingMode} */ mode,
  /** @type {PaddingValue} */ padding,
  /** @type {string} */ name,
  /** @type {number} */ size,
  /** @type {number} */ widest,
) {
  const limits = { reflect: size - 1, symmetric: size, circular: size };
  const limit = limits[/** @type {keyof typeof limits} */ (mode)] ?? Number.POSITIVE_INFINITY;
  if (widest <= limit) return null;
  const how = {
    reflect: `reflect mirrors axis ${name} without its edge cell`,
    symmetric: `symmetric mirrors axis ${name} with its edge cell`,
    circular: `circular wraps axis ${name} around once`,
  }[/** @type {keyof typeof limits} */ (mode)];
  const reason = `${how}, and it has ${many(size, "cell")}`;
  return unfit("padding", padding, reason, `Use at most ${limit}, or another padding_mode.`, mode);
}

function noOutput(
  /** @type {unknown} */ kernel,
  /** @type {string} */ name,
  /** @type {number} */ padded,
  /** @type {number} */ span,
  /** @type {number} */ gap,
) {
  const largest = Math.floor((padded - 1) / gap) + 1;
  const reason = `it spans ${many(span, "cell")}, and axis ${name} has ${padded} with its padding`;
  const other = gap > 1 ? ", a smaller dilation, or more padding" : ", or more padding";
  return unfit("kernel", kernel, reason, `Use a kernel of at most ${largest}${other}.`, "fit");
}

/** `⌊(28 + 2·1 − 3) / 2⌋ + 1 = 14`, each number with the thing it came from. */
export function workedOut(
  /** @type {number} */ size,
  /** @type {number} */ begin,
  /** @type {number} */ end,
  /** @type {number} */ kernel,
  /** @type {number} */ dilation,
  /** @type {number} */ stride,
  /** @type {number} */ output,
  /** @type {boolean} */ ceil,
  /** @type {boolean} */ dropped,
) {
  /** @type {(FormulaToken | string)[]} */
  const pads =
    begin === end
      ? [" + 2·", token(begin, "padding")]
      : [" + ", token(begin, "padding"), " + ", token(end, "padding")];
  /** @type {(FormulaToken | string)[]} */
  const span =
    dilation === 1
      ? [" − ", token(kernel, "kernel")]
      : [" − ", token(dilation, "dilation"), "·(", token(kernel, "kernel"), " − 1) − 1"];
  return formula(
    ceil ? "⌈(" : "⌊(",
    token(size, "input"),
    ...pads,
    ...span,
    ") / ",
    token(stride, "stride"),
    `${ceil ? "⌉" : "⌋"} + 1${dropped ? " − 1" : ""} = `,
    token(output, "output"),
  );
}
