// The size rules that make a grid finer or coarser: adaptive windows, upsampling, zero insertion. The mirror of
// resampling.py. Knows no DOM and no operation.

import {
  axisName,
  below,
  entry,
  formula,
  isUnfit,
  ONE_WRITE,
  spreadSize,
  token,
  unfit,
  wrongLength,
} from "./rule.js";

/** @import { Footprint, FormulaToken, Table, Unfit } from "../types/geometry.js" */
/** @import { AxisRule, Settings, SizeRule } from "./rule.js" */

/** No axis is made longer than this. */
const LONGEST = 16_384;
const NEEDED = "the output needs at least one cell";

/** @type {SizeRule} */
export function adaptive(settings, _operation, sizes) {
  const wrong = wrongLength(settings, ["size"], sizes.length);
  if (wrong) return wrong;
  /** @type {AxisRule[]} */
  const found = [];
  for (const [axis, size] of sizes.entries()) {
    /** @type {number} */
    const output = entry(settings("size"), axis);
    const none = below("size", settings("size"), output, 1, NEEDED);
    if (none) return none;
    const steps = Array.from({ length: output }, (_, step) => step);
    const starts = steps.map((step) => Math.floor((step * size) / output));
    const counts = steps.map(
      (step, at) => Math.ceil(((step + 1) * size) / output) - /** @type {number} */ (starts[at]),
    );
    const least = Math.min(...counts);
    const most = Math.max(...counts);
    const cells = token(least === most ? most : `${least} to ${most}`, "kernel");
    const worked = formula("size = ", token(output, "output"), ", windows of ", cells, " cells");
    const reads = /** @type {const} */ ({ kind: "table", starts, counts, taps: most, weights: null });
    found.push(axisOf(axisName(axis, sizes.length), size, output, reads, worked));
  }
  return found;
}

/** @type {SizeRule} */
export function nearest(settings, _operation, sizes) {
  return resampled(settings, sizes, (size, output) => ({
    kind: "table",
    starts: Array.from({ length: output }, (_, step) => Math.floor((step * size) / output)),
    counts: new Array(output).fill(1),
    taps: 1,
    weights: null,
  }));
}

/** @type {SizeRule} */
export function linear(settings, _operation, sizes) {
  const corners = settings("align_corners") === true;
  return resampled(settings, sizes, (size, output) => linearTable(size, output, corners));
}

/**
 * The one or two neighbours that linear upsampling weighs.
 * @param {number} size @param {number} output @param {boolean} corners @returns {Table}
 */
export function linearTable(size, output, corners) {
  /** @type {number[]} */
  const starts = [];
  /** @type {number[][]} */
  const weights = [];
  for (let step = 0; step < output; step++) {
    const position = corners
      ? output > 1
        ? (step * (size - 1)) / (output - 1)
        : 0
      : Math.max(((step + 0.5) * size) / output - 0.5, 0);
    const first = Math.min(Math.floor(position), size - 1);
    const part = position - first;
    starts.push(first);
    weights.push(part === 0 || first === size - 1 ? [1] : [1 - part, part]);
  }
  const counts = weights.map((row) => row.length);
  return { kind: "table", starts, counts, taps: Math.max(...counts), weights };
}

/** @type {SizeRule} */
export function zeroInsertion(settings, _operation, sizes) {
  const wrong = wrongLength(settings, ["factor"], sizes.length);
  if (wrong) return wrong;
  /** @type {AxisRule[]} */
  const found = [];
  for (const [axis, size] of sizes.entries()) {
    const factor = factorOf(settings, axis);
    if (isUnfit(factor)) return factor;
    const output = spreadSize(size, factor);
    const parts = [
      "(",
      token(size, "input"),
      " − 1)·",
      token(factor, "stride"),
      " + 1 = ",
      token(output, "output"),
    ];
    const rule = axisOf(axisName(axis, sizes.length), size, output, { ...ONE_WRITE }, formula(...parts));
    found.push({ ...rule, axis: { ...rule.axis, spread: factor } });
  }
  return found;
}

/** @returns {number | Unfit} */
function factorOf(/** @type {Settings} */ settings, /** @type {number} */ axis) {
  const given = settings("factor");
  /** @type {number} */
  const factor = entry(given, axis);
  return below("factor", given, factor, 1, "a factor enlarges and cannot remove cells") ?? factor;
}

/**
 * @param {Settings} settings @param {number[]} sizes @param {(size: number, output: number) => Footprint} table
 * @returns {AxisRule[] | Unfit}
 */
function resampled(settings, sizes, table) {
  const wrong = wrongLength(settings, ["size", "factor"], sizes.length);
  if (wrong) return wrong;
  const given = settings("size");
  /** @type {number[]} */
  const outputs = [];
  for (const [axis, size] of sizes.entries()) {
    if (given === null) {
      const factor = factorOf(settings, axis);
      if (isUnfit(factor)) return factor;
      outputs.push(factor * size);
    } else {
      /** @type {number} */
      const output = entry(given, axis);
      const none = below("size", given, output, 1, NEEDED);
      if (none) return none;
      outputs.push(output);
    }
  }
  for (const [axis, size] of sizes.entries()) {
    if (/** @type {number} */ (outputs[axis]) <= LONGEST) continue;
    const reason = `axis ${axisName(axis, sizes.length)} would be longer than ${LONGEST} cells`;
    if (given !== null) return unfit("size", given, reason, `Use ${LONGEST} or less.`);
    const most = Math.floor(LONGEST / size);
    const remedy = most > 0 ? `Use ${most} or less.` : "Use a smaller input.";
    return unfit("factor", settings("factor"), reason, remedy);
  }
  /** @type {AxisRule[]} */
  const found = [];
  for (const [axis, size] of sizes.entries()) {
    const output = /** @type {number} */ (outputs[axis]);
    const name = axisName(axis, sizes.length);
    const ratio = Math.floor(output / size);
    const end = token(output, "output");
    const worked =
      ratio * size === output
        ? formula(token(size, "input"), "·", token(ratio, "stride"), " = ", end)
        : formula("size = ", end);
    found.push(axisOf(name, size, output, table(size, output), worked));
  }
  return found;
}

/** @returns {AxisRule} */
function axisOf(
  /** @type {import("../types/geometry.js").AxisName} */ name,
  /** @type {number} */ size,
  /** @type {number} */ output,
  /** @type {Footprint} */ reads,
  /** @type {FormulaToken[]} */ worked,
) {
  const shape = {
    name,
    size,
    spread: 1,
    begin: 0,
    end: 0,
    overhang: 0,
    mode: /** @type {const} */ ("zeros"),
  };
  return { axis: { ...shape, output, reads, writes: ONE_WRITE, formula: worked }, scatter: null };
}
