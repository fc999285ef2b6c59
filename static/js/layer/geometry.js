// Everything that is known of a layer before any arithmetic, computed in the page: the mirror of the Python core's
// geometry, equal to the letter and held by tests/golden. Knows no DOM, no network, and no operation's name.

import { entry, extent, isUnfit, settingsOf } from "./rule.js";
import { divisorOf, sizesOf } from "./sizes.js";
import { ranges, unreadCells } from "./walk.js";

/** @import { AxisGeometry, Footprint, GeometryResult, LayerGeometry } from "../types/geometry.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { ParameterValue, Spec } from "../types/layer.js" */
/** @import { Range } from "../types/numbers.js" */
/** @import { BareAxis, Settings } from "./rule.js" */

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
  const { groups, lanes } = sizes;
  const settings = settingsOf(operation, spec);
  const channels = /** @type {number} */ (inputShape[0]);
  const { combination } = operation;
  const weighted = combination.term === "product";
  const channelsPerGroup = channels / groups;
  const lanesPerGroup = lanes / groups;
  const axes = sizes.axes.map(({ axis }) => withUnread(axis));
  const kernelShape = axes.map((axis) => axis.reads.taps);
  const stepShape = axes.map((axis) => axis.output);
  const taps = product(kernelShape);
  const steps = product(stepShape);
  const reads = product(axes.map((axis) => cellsRead(axis.reads, axis.output)));
  const cells = product(axes.map((axis) => axis.size));
  const read = product(axes.map((axis) => axis.size - axis.unread_count));
  const biased = weighted && (operation.tensors !== undefined || settings("bias") === true);
  const weight = weighted ? lanes * channelsPerGroup * taps : 0;
  const first =
    operation.weight_layout === "channels" ? [channels, lanesPerGroup] : [lanes, channelsPerGroup];
  const scatter = scatterOf(sizes.axes, axes);
  const result = operation.frameworks[settings("rules")]?.result ?? operation.result;
  /** @type {Record<string, number[]>} */
  const shapes = {
    grid: [lanes, ...stepShape],
    columns: [lanes, steps],
    vector: [lanes],
    shape: sizes.shape ?? [],
  };
  const fields = axes.map(receptiveField);
  const joins = lanes * (channelsPerGroup * reads - steps);
  const products = scatter ? scatter.steps * taps : reads;
  /** @type {LayerGeometry} */
  const layer = {
    input_shape: [...inputShape],
    padded_shape: [
      channels,
      ...axes.map((axis) => (axis.size - 1) * axis.spread + 1 + axis.begin + axis.end),
    ],
    output_shape: /** @type {number[]} */ (shapes[result]),
    weight_shape: weighted ? [...first, ...kernelShape] : null,
    weight_layout: operation.weight_layout,
    flipped: operation.flipped !== (settings("flip") === true),
    bias_shape: biased ? [lanes] : null,
    ...tensorsOf(operation, lanes),
    groups,
    channels_per_group: channelsPerGroup,
    lanes,
    lanes_per_group: lanesPerGroup,
    across: operation.channels === "inputs",
    steps,
    step_shape: stepShape,
    taps,
    kernel_shape: kernelShape,
    combine: operation.combine,
    combination,
    result,
    fill: settings("padding_mode") === "constant" ? settings("padding_value") : operation.fill,
    activation: settings("activation") ?? "none",
    ...constantsOf(operation, settings),
    axes,
    scatter,
    unread_cells: (cells - read) * channels,
    parameters: { weight, bias: biased ? lanes : 0, total: weight + (biased ? lanes : 0) },
    multiply_adds: weighted
      ? lanes * channelsPerGroup * products
      : combination.cost === "multiply_adds"
        ? combination.reduce === "product"
          ? joins
          : lanes * reads
        : 0,
    comparisons: combination.cost === "comparisons" ? lanes * (reads - steps) : 0,
    additions: combination.cost === "additions" ? joins : 0,
    receptive_field: {
      size: fields.map((field) => field.size),
      jump: fields.map((field) => field.jump),
      start: fields.map((field) => field.start),
    },
  };
  return { ok: true, geometry: layer };
}

/** The tensors that weight and bias are made of, a number a channel each. */
function tensorsOf(/** @type {OperationInfo} */ { tensors }, /** @type {number} */ lanes) {
  return tensors ? { tensors: Object.fromEntries(tensors.map((name) => [name, [lanes]])) } : null;
}

/** The constants of the combine: fixed by the operation, or as the settings say. */
function constantsOf(/** @type {OperationInfo} */ operation, /** @type {Settings} */ settings) {
  if (operation.constants) return operation.constants;
  return { divisor: divisorOf(settings, operation), p: settings("p") ?? null };
}

/** @returns {AxisGeometry} */
function withUnread(/** @type {BareAxis} */ axis) {
  return { ...axis, ...unreadCells({ ...axis, unread: [], unread_count: 0 }, MOST_UNREAD_RANGES) };
}

/** Cells that some steps read of an axis, each as often as it is read. */
function cellsRead(/** @type {Footprint} */ reads, /** @type {number} */ steps) {
  return reads.kind === "affine" ? steps * reads.taps : reads.counts.reduce((sum, count) => sum + count, 0);
}

/** The second walk, where a layer has one: a step per input cell. @returns {LayerGeometry["scatter"]} */
function scatterOf(/** @type {{ scatter: Footprint | null }[]} */ rules, /** @type {AxisGeometry[]} */ axes) {
  const writes = rules.flatMap(({ scatter }) => (scatter?.kind === "affine" ? [scatter] : []));
  if (writes.length === 0) return null;
  const shape = axes.map((axis) => axis.size);
  return { steps: product(shape), step_shape: shape, writes };
}

/** How many input cells an output cell sees at most, how far apart neighbours see, and where the first begins. */
function receptiveField(/** @type {AxisGeometry} */ { reads, spread }) {
  if (reads.kind === "table") return { size: reads.taps, jump: null, start: null };
  const size = Math.floor((extent(reads.taps, reads.gap) - 1) / spread) + 1;
  return { size, jump: reads.stride / spread, start: reads.start / spread };
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
  const value = settings(parameter) ?? (parameter === "stride" ? settings("kernel") : 1);
  const sizes = typeof value === "string" ? sizesOf(operation, spec, shape) : null;
  return shape.slice(1).map((_, axis) => {
    if (!sizes) return entry(value, axis);
    const sides = isUnfit(sizes) ? undefined : sizes.axes[axis]?.axis;
    return sides ? [sides.begin, sides.end] : 0;
  });
}
