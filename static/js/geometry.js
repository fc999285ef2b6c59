// Everything that is known of a layer before any arithmetic, computed in the page: the twin of the Python core's
// geometry, equal to the letter and held by tests/golden. Knows no DOM, no network, and no operation's name.

import { divisorOf, entry, isUnfit, settingsOf, sizesOf } from "./sizes.js";
import { ranges, unreadCells } from "./walk.js";

/** @import { AxisGeometry, FormulaToken, GeometryResult, LayerGeometry, OperationInfo } from "./types.js" */
/** @import { ParameterValue, Range, Spec } from "./types.js" */
/** @import { AxisSizes } from "./sizes.js" */

export { defaults } from "./sizes.js";
export {
  BEYOND,
  cellsOf,
  coordinate,
  eachStep,
  PADDING,
  resolve,
  stepIndex,
  stepPosition,
  stepsReading,
  windowAt,
  windowRange,
  windowValues,
} from "./walk.js";

const MOST_UNREAD_RANGES = 64;

// ------------------------------------------------------------------------------------- the whole geometry

/**
 * Everything known before any arithmetic, or the setting that does not fit. Defaults are filled in.
 * @param {OperationInfo} operation @param {Spec} spec
 * @param {number[]} inputShape channels first: (channels, [depth,] [row,] col)
 * @returns {GeometryResult}
 */
export function geometry(operation, spec, inputShape) {
  const sizes = sizesOf(operation, spec, inputShape);
  if (isUnfit(sizes)) return { ok: false, problem: sizes };
  const { axes, groups, lanes } = sizes;
  const settings = settingsOf(operation, spec);
  const channels = /** @type {number} */ (inputShape[0]);
  const weighted = operation.combine === "sum_of_products";
  const channelsPerGroup = channels / groups;
  const kernelShape = axes.map((axis) => axis.kernel);
  const stepShape = axes.map((axis) => axis.output);
  const taps = product(kernelShape);
  const steps = product(stepShape);
  const perAxis = axes.map(axisGeometry);
  const cells = product(axes.map((axis) => axis.size));
  const read = product(perAxis.map((axis) => axis.size - axis.unread_count));
  const biased = weighted && settings("bias") === true;
  const weight = weighted ? lanes * channelsPerGroup * taps : 0;
  /** @type {LayerGeometry} */
  const layer = {
    input_shape: [...inputShape],
    padded_shape: [channels, ...axes.map((axis) => axis.size + axis.begin + axis.end)],
    output_shape: [lanes, ...stepShape],
    weight_shape: weighted ? [lanes, channelsPerGroup, ...kernelShape] : null,
    bias_shape: biased ? [lanes] : null,
    groups,
    channels_per_group: channelsPerGroup,
    lanes,
    lanes_per_group: lanes / groups,
    steps,
    step_shape: stepShape,
    taps,
    kernel_shape: kernelShape,
    combine: operation.combine,
    fill: operation.fill,
    activation: settings("activation") ?? "none",
    divisor: operation.combine === "mean" ? divisorOf(settings) : null,
    p: settings("p") ?? null,
    axes: perAxis,
    unread_cells: (cells - read) * channels,
    parameters: { weight, bias: biased ? lanes : 0, total: weight + (biased ? lanes : 0) },
    multiply_adds: weighted ? lanes * steps * channelsPerGroup * taps : 0,
    comparisons: operation.combine === "max" ? lanes * steps * (taps - 1) : 0,
    additions:
      operation.combine === "mean" || operation.combine === "p_norm" ? lanes * steps * (taps - 1) : 0,
    receptive_field: {
      size: axes.map((axis) => axis.extent),
      jump: axes.map((axis) => axis.stride),
      start: axes.map((axis) => 0 - axis.begin),
    },
  };
  return { ok: true, geometry: layer };
}

/** @returns {AxisGeometry} */
function axisGeometry(/** @type {AxisSizes} */ axis) {
  const { name, size, begin, end, mode, output } = axis;
  const reads = /** @type {const} */ ({
    kind: "affine",
    start: 0 - begin,
    stride: axis.stride,
    taps: axis.kernel,
    gap: axis.dilation,
  });
  const writes = /** @type {const} */ ({ kind: "affine", start: 0, stride: 1, taps: 1, gap: 1 });
  const last = reads.start + (output - 1) * reads.stride + (reads.taps - 1) * reads.gap;
  const overhang = Math.max(0, last - (size + end - 1));
  const bare = { name, size, begin, end, overhang, mode, output, reads, writes, formula: formula(axis) };
  return { ...bare, ...unreadCells({ ...bare, unread: [], unread_count: 0 }, MOST_UNREAD_RANGES) };
}

/** The formula with its numbers put in: `⌊(28 + 2·1 − 3) / 2⌋ + 1 = 14`; each number says where it is from. */
function formula(/** @type {AxisSizes} */ axis) {
  const { begin, end, kernel, dilation, ceil, dropped } = axis;
  /** @type {FormulaToken[]} */
  const tokens = [{ text: ceil ? "⌈(" : "⌊(" }, { text: String(axis.size), from: "input" }];
  const padding = /** @type {const} */ ("padding");
  if (begin === end) tokens.push({ text: " + 2·" }, { text: String(begin), from: padding });
  else {
    tokens.push({ text: " + " }, { text: String(begin), from: padding });
    tokens.push({ text: " + " }, { text: String(end), from: padding });
  }
  if (dilation === 1)
    tokens.push({ text: " − " }, { text: String(kernel), from: "kernel" }, { text: ") / " });
  else {
    tokens.push({ text: " − " }, { text: String(dilation), from: "dilation" }, { text: "·(" });
    tokens.push({ text: String(kernel), from: "kernel" }, { text: " − 1) − 1) / " });
  }
  tokens.push({ text: String(axis.stride), from: "stride" });
  tokens.push({ text: `${ceil ? "⌉" : "⌋"} + 1${dropped ? " − 1" : ""} = ` });
  tokens.push({ text: String(axis.output), from: "output" });
  return tokens;
}

function product(/** @type {number[]} */ factors) {
  return factors.reduce((total, factor) => total * factor, 1);
}

// ------------------------------------------------------------------------------------- what would fit

/**
 * The values of one parameter that fit, the rest of the settings as they are: found by trying them.
 * @param {OperationInfo} operation @param {Spec} spec @param {number[]} inputShape
 * @param {string} parameter a per-axis parameter, padding, or one that is a whole number
 * @param {number | null} axis null: the same value on every axis
 * @param {Range} candidates
 * @returns {Range[]}
 */
export function allowed(operation, spec, inputShape, parameter, axis, candidates) {
  const before = axis === null ? [] : entries(operation, spec, inputShape, parameter);
  const fitting = [];
  for (let value = candidates[0]; value <= candidates[1]; value++) {
    const tried = axis === null ? value : before.map((entry, other) => (other === axis ? value : entry));
    if (fits(operation, { ...spec, [parameter]: tried }, inputShape)) fitting.push(value);
  }
  return ranges(fitting);
}

/**
 * Those of some values (names of padding rules or modes, true and false, numbers) that fit.
 * @template {ParameterValue} Value
 * @param {OperationInfo} operation @param {Spec} spec @param {number[]} inputShape
 * @param {string} parameter @param {readonly Value[]} candidates
 */
export function allowedValues(operation, spec, inputShape, parameter, candidates) {
  return candidates.filter((value) => fits(operation, { ...spec, [parameter]: value }, inputShape));
}

function fits(
  /** @type {OperationInfo} */ operation,
  /** @type {Spec} */ spec,
  /** @type {number[]} */ shape,
) {
  return !isUnfit(sizesOf(operation, spec, shape));
}

/**
 * A parameter as one entry per axis, so that one of them can be replaced; a padding rule as what it comes to.
 * @param {OperationInfo} operation @param {Spec} spec @param {number[]} shape @param {string} parameter
 * @returns {any[]}
 */
function entries(operation, spec, shape, parameter) {
  const settings = settingsOf(operation, spec);
  const value = settings(parameter) ?? settings("kernel");
  const sizes = typeof value === "string" ? sizesOf(operation, spec, shape) : null;
  return shape.slice(1).map((_, axis) => {
    if (!sizes) return entry(value, axis);
    const sides = isUnfit(sizes) ? undefined : sizes.axes[axis];
    return sides ? [sides.begin, sides.end] : 0;
  });
}
