// The size rule of padding as a layer of its own: cells added around an input, or cropped from it. The twin of border.py.

import { many } from "../words/format.js";
import { axisName, entry, formula, isUnfit, ONE_WRITE, token, unfit, wrongLength } from "./rule.js";
import { modeRefusal } from "./windows.js";

/** @import { AxisRule, SizeRule } from "./rule.js" */

/** `size + begin + end` cells; a negative side crops. @type {SizeRule} */
export function border(settings, _operation, sizes) {
  const wrong = wrongLength(settings, ["padding"], sizes.length);
  if (wrong) return wrong;
  const given = settings("padding");
  const mode = settings("padding_mode");
  /** @type {AxisRule[]} */
  const found = [];
  for (const [axis, size] of sizes.entries()) {
    const name = axisName(axis, sizes.length);
    const sides = entry(given, axis);
    /** @type {[number, number]} */
    const [begin, end] = Array.isArray(sides) ? [sides[0], sides[1]] : [sides, sides];
    const refused = modeRefusal(mode, given, name, size, Math.max(begin, end));
    if (isUnfit(refused)) return refused;
    const output = size + begin + end;
    if (output < 1) {
      const reason = `it crops ${many(-begin - end, "cell")}, and axis ${name} has ${many(size, "cell")}`;
      return unfit("padding", given, reason, "Crop fewer cells, so that one is left.", "fit");
    }
    const worked = formula(
      token(size, "input"),
      ...signed(begin),
      ...signed(end),
      " = ",
      token(output, "output"),
    );
    const source = { begin: Math.max(begin, 0), end: Math.max(end, 0), overhang: 0, mode };
    const reads = { ...ONE_WRITE, start: 0 - begin };
    const bare = { name, size, spread: 1, ...source, output, reads, writes: ONE_WRITE, formula: worked };
    found.push({ axis: bare, scatter: null });
  }
  return found;
}

function signed(/** @type {number} */ cells) {
  return [cells < 0 ? " − " : " + ", token(Math.abs(cells), "padding")];
}
