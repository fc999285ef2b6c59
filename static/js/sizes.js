// From the settings of a layer to its axes, groups and lanes, or to the setting that does not fit: size rules by
// name, the channel rule, what a framework refuses. Knows integers and words only: no DOM, no network, and no
// operation's name; what an operation is comes from its OperationInfo.

import { rest } from "./rest.js";
import { isUnfit, settingsOf, unfit } from "./rule.js";
import { slidingWindow, wholeInput } from "./windows.js";

/** @import { Divisor, OperationInfo, Spec, Unfit } from "./types.js" */
/** @import { AxisRule, Settings, SizeRule } from "./rule.js" */

/** @typedef {{ axes: AxisRule[], groups: number, lanes: number }} Sizes */

/** Size rules by the name that OperationInfo.geometry gives; whole.js brings the others. @type {Record<string, SizeRule>} */
const RULES = { sliding_window: slidingWindow, whole_input: wholeInput };

/**
 * The axes, groups and lanes that a spec comes to on an input, or the setting that does not fit.
 * @returns {Sizes | Unfit}
 */
export function sizesOf(
  /** @type {OperationInfo} */ operation,
  /** @type {Spec} */ spec,
  /** @type {number[]} */ shape,
) {
  const rule = RULES[operation.geometry] ?? rest.sizeRules?.[operation.geometry];
  if (!rule) {
    const reason = `this page does not know its size rule ${operation.geometry}`;
    return unfit("operation", operation.name, reason, "Reload the page, or use another operation.");
  }
  const settings = settingsOf(operation, spec);
  const [channels, ...sizes] = /** @type {[number, ...number[]]} */ (shape);
  const found = meaningful(rule, settings, operation, channels, sizes);
  /** @type {string | undefined} */
  const rules = settings("rules");
  // Before whole.js has come no setting has rules; the controls try them and ask again.
  if (rules === undefined || rules === "any" || !rest.rulesRefusal) return found;
  if (isUnfit(found)) return rest.quoted(found, operation, settings, sizes.length);
  return rest.rulesRefusal(operation, settings, sizes) ?? found;
}

/**
 * @param {SizeRule} rule @param {Settings} settings @param {OperationInfo} operation @param {number} channels
 * @param {number[]} sizes
 * @returns {Sizes | Unfit}
 */
function meaningful(rule, settings, operation, channels, sizes) {
  const axes = rule(settings, operation, sizes);
  if (isUnfit(axes)) return axes;
  const counts = channelRule(settings, operation, axes, channels);
  if (isUnfit(counts)) return counts;
  return finishUnfit(settings, operation) ?? { axes, ...counts };
}

/** @returns {{ groups: number, lanes: number } | Unfit} */
function channelRule(
  /** @type {Settings} */ settings,
  /** @type {OperationInfo} */ operation,
  /** @type {AxisRule[]} */ axes,
  /** @type {number} */ channels,
) {
  if (operation.channels === "each") return { groups: channels, lanes: channels };
  if (operation.channels === "taps") {
    const taps = axes.reduce((total, { axis }) => total * axis.reads.taps, 1);
    return { groups: channels, lanes: channels * taps };
  }
  /** @type {number} */
  const groups = settings("groups") ?? 1;
  /** @type {number} */
  const filters = settings("filters");
  if (groups < 1)
    return unfit("groups", groups, "there must be at least one group", "Use 1 or more.", "least");
  if (channels % groups !== 0) {
    const parts = channels === 1 ? "1 input channel does" : `${channels} input channels do`;
    const fitting = divisors(channels);
    const rest = fitting.slice(0, -1).join(", ");
    const remedy = rest ? `Use ${rest} or ${fitting.at(-1)}.` : `Use ${fitting[0]}.`;
    return unfit("groups", groups, `${parts} not split into ${groups} equal groups`, remedy, "split");
  }
  if (filters < 1)
    return unfit("filters", filters, "there must be at least one filter", "Use 1 or more.", "least");
  if (filters % groups !== 0) {
    const parts = filters === 1 ? "1 filter does" : `${filters} filters do`;
    const reason = `${parts} not split into ${groups} equal groups`;
    return unfit("filters", filters, reason, `Use a multiple of ${groups}.`, "split");
  }
  return { groups, lanes: filters };
}

/** All divisors, ascending. */
function divisors(/** @type {number} */ number) {
  const found = [];
  for (let part = 1; part <= number; part++) if (number % part === 0) found.push(part);
  return found;
}

/** What a mean divides by: a number given, or a count of cells. @returns {Divisor} */
export function divisorOf(/** @type {Settings} */ settings) {
  return settings("divisor") ?? (settings("count_include_pad") === true ? "padded" : "elements");
}

/** What a combine needs besides the window, where it has no meaning. @returns {Unfit | null} */
function finishUnfit(/** @type {Settings} */ settings, /** @type {OperationInfo} */ operation) {
  if (operation.combination.finish === "divide" && settings("divisor") === 0)
    return unfit("divisor", 0, "nothing can be divided by 0", "Use another number, or null.", "least");
  const p = settings("p");
  if (typeof p === "number" && p < 1)
    return unfit("p", p, "a norm has an exponent of at least 1", "Use 1 or more.", "least");
  return null;
}
