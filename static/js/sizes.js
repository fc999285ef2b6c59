// From the settings of a layer to canonical sizes per axis, or to the setting that does not fit: the twin of
// shapes, padding and the size rules in the Python core. Knows integers and words only: no DOM, no network, and
// no operation's name; what an operation is comes from its OperationInfo.

/** @import { AxisName, Divisor, OperationInfo, PaddingMode, PaddingRule, PaddingValue, ParameterValue, Spec, Unfit } from "./types.js" */

/**
 * What the settings come to on one axis, all numbers canonical.
 * @typedef {object} AxisSizes
 * @property {AxisName} name
 * @property {number} size
 * @property {number} kernel
 * @property {number} stride
 * @property {number} dilation
 * @property {number} extent
 * @property {number} begin
 * @property {number} end
 * @property {PaddingMode} mode
 * @property {boolean} ceil
 * @property {boolean} dropped ceil_mode found a window that would start in the end padding
 * @property {number} output
 */

/** @typedef {{ axes: AxisSizes[], groups: number, lanes: number }} Sizes */
/** @typedef {(name: string) => any} Settings the value of a parameter, its default filled in */
/** @typedef {{ sizes: (settings: Settings, operation: OperationInfo, shape: number[]) => Sizes | Unfit }} Rule */

const AXIS_NAMES = /** @type {AxisName[]} */ (["depth", "row", "col"]);

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

/** The most cells that a mode can add on one side of an axis; a reflection leaves out the edge cell. */
function widestPadding(/** @type {PaddingMode} */ mode, /** @type {number} */ size) {
  return mode === "reflect" ? size - 1 : mode === "circular" ? size : Number.POSITIVE_INFINITY;
}

// ------------------------------------------------------------------------------------- settings

/** @type {WeakMap<OperationInfo, Record<string, ParameterValue>>} */
const defaultsOf = new WeakMap();

/** The default of every parameter of an operation. */
export function defaults(/** @type {OperationInfo} */ operation) {
  let known = defaultsOf.get(operation);
  if (!known) {
    known = Object.fromEntries(operation.parameters.map((parameter) => [parameter.name, parameter.default]));
    defaultsOf.set(operation, known);
  }
  return known;
}

/** @returns {Settings} */
export function settingsOf(/** @type {OperationInfo} */ operation, /** @type {Spec} */ spec) {
  const known = defaults(operation);
  return (name) => {
    const value = spec[name];
    return value === undefined ? known[name] : value;
  };
}

/** One entry per axis; a single value or a list of one stands for all. */
export function entry(/** @type {any} */ value, /** @type {number} */ axis) {
  return Array.isArray(value) ? value[value.length === 1 ? 0 : axis] : value;
}

/** @returns {Unfit} */
function unfit(
  /** @type {string} */ field,
  /** @type {unknown} */ value,
  /** @type {string} */ reason,
  /** @type {string} */ remedy,
) {
  return { code: "unfit", field, value, reason, remedy };
}

/** @returns {thing is Unfit} */
export function isUnfit(/** @type {any} */ thing) {
  return thing.code === "unfit";
}

// ------------------------------------------------------------------------------------- sliding windows

const PER_AXIS = ["kernel", "stride", "dilation", "padding"];
const AT_LEAST_ONE = /** @type {const} */ ([
  ["kernel", "a window needs at least one cell"],
  ["stride", "a window must move"],
  ["dilation", "taps must lie at least one cell apart"],
]);

/**
 * The size rule of convolution and of the pools. `slidingWindow` in the Python core says the same.
 * @type {Rule["sizes"]}
 */
function slidingWindow(settings, operation, shape) {
  const count = shape.length - 1;
  for (const field of PER_AXIS) {
    const value = settings(field);
    if (Array.isArray(value) && value.length !== 1 && value.length !== count) {
      const reason = `${value.length} values for ${count} ${count === 1 ? "axis" : "axes"}`;
      return unfit(field, value, reason, count === 1 ? "Give one value." : `Give one value, or ${count}.`);
    }
  }
  /** @type {AxisSizes[]} */
  const axes = [];
  for (let axis = 0; axis < count; axis++) {
    const name = /** @type {AxisName} */ (AXIS_NAMES[AXIS_NAMES.length - count + axis]);
    const sizes = slidingAxis(settings, operation, axis, name, /** @type {number} */ (shape[axis + 1]));
    if (isUnfit(sizes)) return sizes;
    axes.push(sizes);
  }
  return channelRule(settings, operation, axes, /** @type {number} */ (shape[0]));
}

/**
 * The size rule of global pooling: one window as large as the input.
 * @type {Rule["sizes"]}
 */
function wholeInput(settings, operation, shape) {
  const sizes = shape.slice(1);
  /** @type {Record<string, any>} */
  const fixed = { kernel: sizes, stride: sizes, dilation: 1, padding: 0 };
  return slidingWindow((name) => (name in fixed ? fixed[name] : settings(name)), operation, shape);
}

/**
 * @param {Settings} settings @param {OperationInfo} operation @param {number} axis @param {AxisName} name
 * @param {number} size
 * @returns {AxisSizes | Unfit}
 */
function slidingAxis(settings, operation, axis, name, size) {
  for (const [field, reason] of AT_LEAST_ONE) {
    const value = settings(field);
    if (value !== null && entry(value, axis) < 1) return unfit(field, value, reason, "Use 1 or more.");
  }
  /** @type {number} */
  const kernel = entry(settings("kernel"), axis);
  /** @type {number} */
  const stride = entry(settings("stride") ?? kernel, axis);
  /** @type {number} */
  const dilation = entry(settings("dilation"), axis);
  const span = extent(kernel, dilation);

  /** @type {PaddingValue} */
  const padding = settings("padding");
  const sides =
    typeof padding === "string" ? PADDING_RULES[padding](size, span, stride) : entry(padding, axis);
  const [begin, end] = Array.isArray(sides) ? sides : [sides, sides];
  const widest = Math.max(begin, end);
  if (Math.min(begin, end) < 0) {
    return unfit("padding", padding, "padding adds cells and cannot remove any", "Use 0 or more.");
  }
  if (operation.padding_below_kernel && widest >= kernel) {
    const reason = `a window on axis ${name} could lie in the padding alone`;
    return unfit("padding", padding, reason, `Use less than the kernel, at most ${kernel - 1}.`);
  }
  /** @type {PaddingMode} */
  const mode = settings("padding_mode") ?? "zeros";
  const limit = widestPadding(mode, size);
  if (widest > limit) {
    const cells = size === 1 ? "it has 1 cell" : `it has ${size} cells`;
    const reason =
      mode === "reflect"
        ? `reflect mirrors axis ${name} without its edge cell, and ${cells}`
        : `circular wraps axis ${name} around once, and ${cells}`;
    return unfit("padding", padding, reason, `Use at most ${limit}, or another padding_mode.`);
  }
  const ceil = settings("ceil_mode") === true;
  const room = size + begin + end - span;
  let output = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
  const dropped = ceil && (output - 1) * stride >= size + begin;
  if (dropped) output -= 1;
  if (output < 1) {
    const largest = Math.floor((size + begin + end - 1) / dilation) + 1;
    const reason = `it spans ${span} cells, and axis ${name} has ${size + begin + end} with its padding`;
    const other = dilation > 1 ? ", a smaller dilation, or more padding" : ", or more padding";
    return unfit("kernel", settings("kernel"), reason, `Use a kernel of at most ${largest}${other}.`);
  }
  return { name, size, kernel, stride, dilation, extent: span, begin, end, mode, ceil, dropped, output };
}

/**
 * @param {Settings} settings @param {OperationInfo} operation @param {AxisSizes[]} axes
 * @param {number} channels
 * @returns {Sizes | Unfit}
 */
function channelRule(settings, operation, axes, channels) {
  if (operation.channels === "each") return { axes, groups: channels, lanes: channels };
  /** @type {number} */
  const groups = settings("groups");
  /** @type {number} */
  const filters = settings("filters");
  if (groups < 1) return unfit("groups", groups, "there must be at least one group", "Use 1 or more.");
  if (channels % groups !== 0) {
    const parts = channels === 1 ? "1 input channel does" : `${channels} input channels do`;
    const fitting = divisors(channels);
    const rest = fitting.slice(0, -1).join(", ");
    const remedy = rest ? `Use ${rest} or ${fitting.at(-1)}.` : `Use ${fitting[0]}.`;
    return unfit("groups", groups, `${parts} not split into ${groups} equal groups`, remedy);
  }
  if (filters < 1) return unfit("filters", filters, "there must be at least one filter", "Use 1 or more.");
  if (filters % groups !== 0) {
    const parts = filters === 1 ? "1 filter does" : `${filters} filters do`;
    const reason = `${parts} not split into ${groups} equal groups`;
    return unfit("filters", filters, reason, `Use a multiple of ${groups}.`);
  }
  return { axes, groups, lanes: filters };
}

/** All divisors, ascending. */
function divisors(/** @type {number} */ number) {
  const found = [];
  for (let part = 1; part <= number; part++) if (number % part === 0) found.push(part);
  return found;
}

/** Size rules by the name that OperationInfo.geometry gives. @type {Record<string, Rule>} */
export const RULES = { sliding_window: { sizes: slidingWindow }, whole_input: { sizes: wholeInput } };

/**
 * The canonical sizes that a spec comes to on an input, or the setting that does not fit.
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
  const sizes = rule.sizes(settings, operation, shape);
  return isUnfit(sizes) ? sizes : (finishUnfit(settings, operation) ?? sizes);
}

/** What a mean divides by: a number given, or a count of cells. @returns {Divisor} */
export function divisorOf(/** @type {Settings} */ settings) {
  return settings("divisor") ?? (settings("count_include_pad") === true ? "padded" : "elements");
}

/** What a combine needs besides the window, where it has no meaning. @returns {Unfit | null} */
function finishUnfit(/** @type {Settings} */ settings, /** @type {OperationInfo} */ operation) {
  if (operation.combine === "mean" && settings("divisor") === 0)
    return unfit("divisor", 0, "nothing can be divided by 0", "Use another number, or null.");
  const p = settings("p");
  if (typeof p === "number" && p < 1)
    return unfit("p", p, "a norm has an exponent of at least 1", "Use 1 or more.");
  return null;
}
