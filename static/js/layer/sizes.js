// From the settings of a layer to its axes, groups and lanes, or to the setting that does not fit: size rules by
// name, the channel rule, what a framework refuses. Knows integers and words only: no DOM, no network, and no
// operation's name; what an operation is comes from its OperationInfo.

import { many } from "../words/format.js";
import { isUnfit, settingsOf, unfit } from "./rule.js";
import { pointwise, slidingWindow, wholeInput } from "./windows.js";

/** @import { Divisor, OperationInfo } from "../types/registry.js" */
/** @import { Spec } from "../types/layer.js" */
/** @import { Unfit } from "../types/geometry.js" */
/** @import { AxisRule, Settings, SizeRule } from "./rule.js" */

/** `shape` is that of a result that is one. @typedef {{ axes: AxisRule[], groups: number, lanes: number, shape?: number[] }} Sizes */

const MOST_LISTED = 12; // values that a refusal lists

/** Size rules by the name that OperationInfo.geometry gives; further ones are added. @type {Record<string, SizeRule>} */
const RULES = { sliding_window: slidingWindow, whole_input: wholeInput, pointwise };

export function addSizeRules(/** @type {Record<string, SizeRule>} */ rules) {
  Object.assign(RULES, rules);
}

/** Channel rules beside filters and each, by name; they are added. @typedef {{ groups: number, lanes: number }} Counts */
/** @type {Record<string, (settings: Settings, axes: AxisRule[], channels: number) => Counts | Unfit>} */
const CHANNEL_RULES = {};
/** Looks at what is left when axes and channels fit: numbers, and the shape of a result that is one. @typedef {(settings: Settings, operation: OperationInfo, channels: number, sizes: number[]) => { shape?: number[] } | Unfit} Finish */
/** @type {Finish} */
let finish = () => ({});

export function addChannelRules(/** @type {typeof CHANNEL_RULES} */ rules, /** @type {Finish} */ last) {
  Object.assign(CHANNEL_RULES, rules);
  finish = last;
}

/**
 * Applies the rules of the framework that a layer names: the refusal of a setting, and the framework's words for a
 * setting that no framework accepts.
 * @typedef {object} FrameworkRules
 * @property {(operation: OperationInfo, settings: Settings, sizes: number[]) => Unfit | null} refusal
 * @property {(problem: Unfit, operation: OperationInfo, settings: Settings, axes: number) => Unfit} quoted
 */
/** @type {FrameworkRules | null} */
let frameworks = null;

export function useFrameworks(/** @type {FrameworkRules} */ rules) {
  frameworks = rules;
}

/**
 * The axes, groups and lanes that a spec comes to on an input, or the setting that does not fit.
 * @returns {Sizes | Unfit}
 */
export function sizesOf(
  /** @type {OperationInfo} */ operation,
  /** @type {Spec} */ spec,
  /** @type {number[]} */ shape,
) {
  const rule = RULES[operation.geometry];
  if (!rule) {
    const reason = `this page does not know its size rule ${operation.geometry}`;
    return unfit("operation", operation.name, reason, "Reload the page, or use another operation.");
  }
  const settings = settingsOf(operation, spec);
  const [channels, ...sizes] = /** @type {[number, ...number[]]} */ (shape);
  const found = meaningful(rule, settings, operation, channels, sizes);
  /** @type {string | undefined} */
  const rules = settings("rules");
  // Before the framework rules are loaded no setting names any; the controls try them and ask again.
  if (rules === undefined || rules === "any" || !frameworks) return found;
  if (isUnfit(found)) return frameworks.quoted(found, operation, settings, sizes.length);
  return frameworks.refusal(operation, settings, sizes) ?? found;
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
  const more = finish(settings, operation, channels, sizes);
  return isUnfit(more) ? more : { axes, ...counts, ...more };
}

/** @returns {Counts | Unfit} */
function channelRule(
  /** @type {Settings} */ settings,
  /** @type {OperationInfo} */ operation,
  /** @type {AxisRule[]} */ axes,
  /** @type {number} */ channels,
) {
  if (operation.channels === "each") return { groups: channels, lanes: channels };
  const further = CHANNEL_RULES[operation.channels];
  if (further) return further(settings, axes, channels);
  /** @type {number} */
  const groups = settings("groups") ?? 1;
  /** @type {number} */
  const filters = settings("filters");
  if (groups < 1)
    return unfit("groups", groups, "there must be at least one group", "Use 1 or more.", "least");
  if (channels % groups !== 0) {
    const reason = unsplit(channels, "input channel", groups, "group");
    return unfit("groups", groups, reason, `Use ${divisors(channels, groups)}.`, "split");
  }
  if (filters < 1)
    return unfit("filters", filters, "there must be at least one filter", "Use 1 or more.", "least");
  if (filters % groups !== 0) {
    const reason = unsplit(filters, "filter", groups, "group");
    return unfit("filters", filters, reason, `Use a multiple of ${groups}.`, "split");
  }
  return { groups, lanes: filters };
}

export function unsplit(
  /** @type {number} */ count,
  /** @type {string} */ one,
  /** @type {number} */ into,
  /** @type {string} */ part,
) {
  return `${many(count, `${one} does`, `${one}s do`)} not split into ${many(into, `equal ${part}`)}`;
}

/** The divisors of a number in words, ascending: all of a few, or the `MOST_LISTED` that come nearest. */
export function divisors(/** @type {number} */ number, /** @type {number} */ near) {
  /** @type {Set<number>} */
  const found = new Set();
  for (let part = 1; part * part <= number; part++)
    if (number % part === 0) found.add(part).add(number / part);
  const ascending = (/** @type {number} */ a, /** @type {number} */ b) => a - b;
  const every = [...found].sort(ascending);
  const nearest = [...every].sort((a, b) => Math.abs(a - near) - Math.abs(b - near)).slice(0, MOST_LISTED);
  const listed = nearest.sort(ascending).map(String);
  if (every.length > MOST_LISTED) listed.push(`another divisor of ${number}`);
  const last = listed.pop();
  return listed.length > 0 ? `${listed.join(", ")} or ${last}` : last;
}

/** The divisor of a mean or a norm: a number given, a count of cells, or nothing. @returns {Divisor | null} */
export function divisorOf(/** @type {Settings} */ settings, /** @type {OperationInfo} */ operation) {
  const { finish } = operation.combination;
  if (finish === "none") return null;
  if (finish === "root") return isScaled(settings, operation) ? "elements" : null;
  return settings("divisor") ?? (settings("count_include_pad") === true ? "padded" : "elements");
}

/** Whether the rules asked for scale what ceil mode clips up to a whole window. */
function isScaled(/** @type {Settings} */ settings, /** @type {OperationInfo} */ { frameworks: known }) {
  return known[settings("rules")]?.scales_clipped === true && settings("ceil_mode") === true;
}
