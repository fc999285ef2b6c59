// The common parts of size rules: settings, refusals, per-axis entries, formulas. The mirror of rule.py and shapes.py in the
// Python core. Knows integers and words only: no DOM, no network, and no operation's name.

import { many } from "../words/format.js";

/** @import { AxisGeometry, AxisName, Footprint, FormulaToken, Unfit } from "../types/geometry.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { PaddingRule, PaddingValue, Spec } from "../types/layer.js" */

/** @typedef {(name: string) => any} Settings the value of a parameter, its default filled in */
/** One axis before the cells that nobody reads are known. @typedef {Omit<AxisGeometry, "unread" | "unread_count">} BareAxis */
/** @typedef {{ axis: BareAxis, scatter: Footprint | null }} AxisRule */
/** @typedef {(settings: Settings, operation: OperationInfo, sizes: number[]) => AxisRule[] | Unfit} SizeRule */
/** @typedef {NonNullable<FormulaToken["from"]>} Origin */

const AXIS_NAMES = /** @type {AxisName[]} */ (["depth", "row", "col"]);

/** A step writes the output cell of its own position. */
export const ONE_WRITE = /** @type {const} */ ({ kind: "affine", start: 0, stride: 1, taps: 1, gap: 1 });

// ------------------------------------------------------------------------------------- size formulas

/** Cells from the first to the last tap: `dilation · (kernel − 1) + 1`. */
export function extent(/** @type {number} */ kernel, /** @type {number} */ dilation) {
  return dilation * (kernel - 1) + 1;
}

/**
 * Padding that gives `⌈size / stride⌉` windows: `max((⌈size / stride⌉ − 1) · stride + span − size, 0)`.
 * @param {number} size @param {number} span @param {number} stride
 */
export function sameTotal(size, span, stride) {
  return Math.max((Math.ceil(size / stride) - 1) * stride + span - size, 0);
}

/** Output of a transposed convolution: `(size − 1) · stride + span + output_padding − begin − end`. */
export function transposedSize(
  /** @type {number} */ size,
  /** @type {number} */ stride,
  /** @type {number} */ span,
  /** @type {number} */ extra,
  /** @type {number} */ begin,
  /** @type {number} */ end,
) {
  return (size - 1) * stride + span + extra - begin - end;
}

/** Cells with `factor − 1` inserted between neighbours: `(size − 1) · factor + 1`. */
export function spreadSize(/** @type {number} */ size, /** @type {number} */ factor) {
  return (size - 1) * factor + 1;
}

/** @type {Record<PaddingRule, (size: number, span: number, stride: number) => [number, number]>} */
const PADDING_RULES = {
  valid: () => [0, 0],
  same(size, span, stride) {
    const total = sameTotal(size, span, stride);
    return [total >> 1, total - (total >> 1)];
  },
  same_lower(size, span, stride) {
    const total = sameTotal(size, span, stride);
    return [total - (total >> 1), total >> 1];
  },
  full: (_size, span) => [span - 1, span - 1],
  causal: (_size, span) => [span - 1, 0],
};

// ------------------------------------------------------------------------------------- settings

/** Whose defaults hold: those of the rules asked for. @type {WeakMap<OperationInfo, Map<unknown, Record<string, any>>>} */
const known = new WeakMap();

/**
 * The default of every parameter of an operation under some rules.
 * @param {OperationInfo} operation @param {unknown} rules
 * @returns {Record<string, any>}
 */
export function defaults(operation, rules = "any") {
  const byRules = known.get(operation) ?? new Map();
  known.set(operation, byRules);
  if (!byRules.has(rules)) {
    const own = operation.parameters.map((parameter) => [parameter.name, parameter.default]);
    const theirs = operation.frameworks[String(rules)]?.defaults;
    byRules.set(rules, { ...Object.fromEntries(own), ...theirs });
  }
  return byRules.get(rules);
}

/** @returns {Settings} */
export function settingsOf(/** @type {OperationInfo} */ operation, /** @type {Spec} */ spec) {
  const standing = defaults(operation, spec.rules);
  return (name) => {
    const value = spec[name];
    return value === undefined ? standing[name] : value;
  };
}

/** One entry per axis; a single value or a list of one stands for all. */
export function entry(/** @type {any} */ value, /** @type {number} */ axis) {
  return Array.isArray(value) ? value[value.length === 1 ? 0 : axis] : value;
}

/** @returns {AxisName} */
export function axisName(/** @type {number} */ axis, /** @type {number} */ axes) {
  return /** @type {AxisName} */ (AXIS_NAMES[AXIS_NAMES.length - axes + axis]);
}

// ------------------------------------------------------------------------------------- refusals

/** `stage` says which of a field's refusals it is; it does not travel. @typedef {Unfit & { stage?: string }} Refusal */

/**
 * @param {string} field @param {unknown} value @param {string} reason @param {string} remedy @param {string} [stage]
 * @returns {Unfit}
 */
export function unfit(field, value, reason, remedy, stage) {
  /** @type {Refusal} */
  const refusal = { code: "unfit", field, value, reason, remedy };
  if (stage) Object.defineProperty(refusal, "stage", { value: stage, enumerable: false });
  return refusal;
}

/** @returns {thing is Unfit} */
export function isUnfit(/** @type {any} */ thing) {
  return thing?.code === "unfit";
}

/** A list with neither one entry nor one per axis. @returns {Unfit | null} */
export function wrongLength(
  /** @type {Settings} */ settings,
  /** @type {string[]} */ fields,
  /** @type {number} */ axes,
) {
  for (const field of fields) {
    const value = settings(field);
    if (Array.isArray(value) && value.length !== 1 && value.length !== axes) {
      const reason = `${many(value.length, "value")} for ${many(axes, "axis", "axes")}`;
      return unfit(field, value, reason, axes === 1 ? "Give one value." : `Give one value, or ${axes}.`);
    }
  }
  return null;
}

/** One axis' value below the least. @returns {Unfit | null} */
export function below(
  /** @type {string} */ field,
  /** @type {unknown} */ given,
  /** @type {number} */ value,
  /** @type {number} */ least,
  /** @type {string} */ reason,
) {
  return value < least ? unfit(field, given, reason, `Use ${least} or more.`, "least") : null;
}

const MEANING = /** @type {const} */ ([
  ["kernel", "a window needs at least one cell"],
  ["stride", "a window must move"],
  ["dilation", "taps must lie at least one cell apart"],
]);

/**
 * Kernel, stride and dilation of one axis, each at least 1; a stride left out is the kernel.
 * @returns {[kernel: number, stride: number, dilation: number] | Unfit}
 */
export function windowSettings(/** @type {Settings} */ settings, /** @type {number} */ axis) {
  const values = MEANING.map(([field]) => {
    const value = settings(field);
    return entry(field === "stride" && value === null ? settings("kernel") : value, axis);
  });
  for (const [at, [field, reason]] of MEANING.entries()) {
    const refusal = below(field, settings(field), values[at], 1, reason);
    if (refusal) return refusal;
  }
  return /** @type {[number, number, number]} */ (values);
}

/**
 * Padding as [begin, end] on one axis: by rule, by one number, or by one entry per axis; never negative.
 * @param {PaddingValue} padding @param {number} axis @param {number} size @param {number} span @param {number} stride
 * @returns {[begin: number, end: number] | Unfit}
 */
export function sidesOf(padding, axis, size, span, stride) {
  if (typeof padding === "string") return PADDING_RULES[padding](size, span, stride);
  const sides = entry(padding, axis);
  /** @type {[number, number]} */
  const both = Array.isArray(sides) ? [sides[0], sides[1]] : [sides, sides];
  if (Math.min(...both) >= 0) return both;
  return unfit("padding", padding, "padding adds cells and cannot remove any", "Use 0 or more.", "least");
}

// ------------------------------------------------------------------------------------- formulas

/** A number with what it came from. @returns {FormulaToken} */
export function token(/** @type {number | string} */ value, /** @type {Origin} */ from) {
  return { text: String(value), from };
}

/**
 * Tokens with neighbouring plain text joined; a bare string is plain text.
 * @param {(FormulaToken | string)[]} tokens
 */
export function formula(...tokens) {
  /** @type {FormulaToken[]} */
  const merged = [];
  for (const part of tokens) {
    const one = typeof part === "string" ? { text: part } : part;
    const last = merged.at(-1);
    if (last && !last.from && !one.from) merged[merged.length - 1] = { text: last.text + one.text };
    else merged.push(one);
  }
  return merged;
}
