// The size formula of a setting that leaves no output: the same formula, with the impossible number that it ends in. Knows
// integers and words only: no DOM, no state, and no operation's name.

import { geometry } from "./geometry.js";
import {
  axisName,
  entry,
  extent,
  isUnfit,
  settingsOf,
  sidesOf,
  token,
  transposedSize,
  windowSettings,
} from "./rule.js";
import { sumOf } from "./transposed.js";
import { workedOut } from "./windows.js";

/** @import { AxisName, FormulaToken, LayerGeometry } from "../types/geometry.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Spec } from "../types/layer.js" */
/** @import { Settings } from "./rule.js" */

/** An axis with its formula, which may end in a number below 1. @typedef {{ name: AxisName, formula: FormulaToken[], output: number }} Worked */
/** Of one axis: taps, stride, distance of taps, cells before and after. @typedef {[taps: number, stride: number, gap: number, begin: number, end: number]} Sliding */

/** Size rules whose formula can end below 1. @type {Record<string, (size: number, sliding: Sliding, settings: Settings, axis: number) => Omit<Worked, "name">>} */
const RULES = {
  sliding_window(size, [taps, stride, gap, begin, end], settings) {
    const ceil = settings("ceil_mode") === true;
    const steps = (size + begin + end - extent(taps, gap)) / stride;
    const all = (ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
    const dropped = ceil && (all - 1) * stride >= size + begin;
    const output = dropped ? all - 1 : all;
    return { output, formula: workedOut(size, begin, end, taps, gap, stride, output, ceil, dropped) };
  },
  transposed(size, [taps, stride, gap, begin, end], settings, axis) {
    const extra = Number(entry(settings("output_padding") ?? 0, axis));
    const output = transposedSize(size, stride, extent(taps, gap), extra, begin, end);
    const [cells, moved] = [token(size, "input"), token(stride, "stride")];
    return { output, formula: sumOf(cells, moved, taps, gap, extra, begin, end, output) };
  },
};

/**
 * The formula of each axis of a setting that leaves no output; none where another reason refuses it.
 * @param {OperationInfo} operation @param {Spec} spec @param {number[]} shape of the input, channels first
 * @returns {Worked[]}
 */
export function impossible(operation, spec, [, ...sizes]) {
  const rule = RULES[operation.geometry];
  if (!rule) return [];
  const settings = settingsOf(operation, spec);
  /** @type {Worked[]} */
  const found = [];
  for (const [axis, size] of sizes.entries()) {
    const window = windowSettings(settings, axis);
    if (isUnfit(window)) return [];
    const [taps, stride, gap] = window;
    const sides = sidesOf(settings("padding"), axis, size, extent(taps, gap), stride);
    if (isUnfit(sides)) return [];
    const worked = rule(size, [taps, stride, gap, ...sides], settings, axis);
    found.push({ name: axisName(axis, sizes.length), ...worked });
  }
  return found.some(({ output }) => output < 1) ? found : [];
}

/** Inputs that are tried, so many cells longer on each axis. */
const LONGER = Array.from({ length: 11 }, (_, power) => 2 ** power);

/**
 * The layer itself, as it is on an input that it fits on; null where no longer input helps. Its sizes say nothing.
 * @param {OperationInfo} operation @param {Spec} spec @param {number[]} shape @returns {LayerGeometry | null}
 */
export function onLonger(operation, spec, [channels = 1, ...sizes]) {
  for (const more of LONGER) {
    const found = geometry(operation, spec, [channels, ...sizes.map((size) => size + more)]);
    if (found.ok) return found.geometry;
  }
  return null;
}
