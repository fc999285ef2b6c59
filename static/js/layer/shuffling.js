// The size rules that move cells between space and channels: blocks of cells, and steps of several phases. The twin of
// shuffling.py.

import { many } from "../words/format.js";
import { axisName, below, entry, formula, isUnfit, ONE_WRITE, token, unfit, wrongLength } from "./rule.js";

/** @import { Unfit } from "../types/geometry.js" */
/** @import { AxisRule, Settings, SizeRule } from "./rule.js" */

/** No axis is made longer than this. */
const LONGEST = 16_384;
const PLAIN = { spread: 1, begin: 0, end: 0, overhang: 0, mode: /** @type {const} */ ("zeros") };

/** Cells that become channels: windows of `factor` cells side by side, with none left over. @type {SizeRule} */
export function blocks(settings, _operation, sizes) {
  const factors = factorsOf(settings, sizes);
  if (isUnfit(factors)) return factors;
  /** @type {AxisRule[]} */
  const found = [];
  for (const { name, size, factor } of factors) {
    if (size % factor !== 0) {
      const reason = `the ${many(size, "cell")} of axis ${name} are no blocks of ${factor}`;
      const remedy = `Use a divisor of ${size}, or pad the input first.`;
      return unfit("factor", settings("factor"), reason, remedy, "split");
    }
    const output = size / factor;
    const worked = formula(
      token(size, "input"),
      " / ",
      token(factor, "kernel"),
      " = ",
      token(output, "output"),
    );
    const reads = /** @type {const} */ ({ kind: "affine", start: 0, stride: factor, taps: factor, gap: 1 });
    const bare = { name, size, ...PLAIN, output, reads, writes: ONE_WRITE, formula: worked };
    found.push({ axis: bare, scatter: null });
  }
  return found;
}

/** Channels that become cells: `factor` steps read each cell, of as many phases. @type {SizeRule} */
export function phases(settings, _operation, sizes) {
  const factors = factorsOf(settings, sizes);
  if (isUnfit(factors)) return factors;
  /** @type {AxisRule[]} */
  const found = [];
  for (const { name, size, factor } of factors) {
    const output = size * factor;
    if (output > LONGEST) {
      const most = Math.floor(LONGEST / size);
      const remedy = most > 0 ? `Use ${most} or less.` : "Use a smaller input.";
      const reason = `axis ${name} would be longer than ${LONGEST} cells`;
      return unfit("factor", settings("factor"), reason, remedy);
    }
    const starts = Array.from({ length: output }, (_, step) => Math.floor(step / factor));
    const counts = new Array(output).fill(1);
    const reads = /** @type {const} */ ({ kind: "table", starts, counts, taps: 1, weights: null });
    const worked = formula(
      token(size, "input"),
      "·",
      token(factor, "stride"),
      " = ",
      token(output, "output"),
    );
    const bare = { name, size, ...PLAIN, output, reads, writes: ONE_WRITE, formula: worked };
    found.push({ axis: factor > 1 ? { ...bare, phases: factor } : bare, scatter: null });
  }
  return found;
}

/** @returns {{ name: import("../types/geometry.js").AxisName, size: number, factor: number }[] | Unfit} */
function factorsOf(/** @type {Settings} */ settings, /** @type {number[]} */ sizes) {
  const wrong = wrongLength(settings, ["factor"], sizes.length);
  if (wrong) return wrong;
  const given = settings("factor");
  const found = [];
  for (const [axis, size] of sizes.entries()) {
    /** @type {number} */
    const factor = entry(given, axis);
    const none = below("factor", given, factor, 1, "a factor counts cells");
    if (none) return none;
    found.push({ name: axisName(axis, sizes.length), size, factor });
  }
  return found;
}
