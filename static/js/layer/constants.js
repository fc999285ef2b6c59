// Channel rules beside filters and each, and the numbers among the settings: what a combine needs besides the window, the ends
// that a number keeps, the shape that a reshape comes to. The twin of constants.py.

import { many } from "../words/format.js";
import { unfit } from "./rule.js";
import { divisors, unsplit } from "./sizes.js";

/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Unfit } from "../types/geometry.js" */
/** @import { AxisRule, Settings } from "./rule.js" */
/** @import { Counts, Finish } from "./sizes.js" */

/** @type {Record<string, (settings: Settings, axes: AxisRule[], channels: number) => Counts | Unfit>} */
export const channelRules = {
  taps(_settings, axes, channels) {
    const taps = axes.reduce((total, { axis }) => total * axis.reads.taps, 1);
    return { groups: channels, lanes: channels * taps };
  },
  phases(settings, axes, channels) {
    const every = axes.reduce((total, { axis }) => total * (axis.phases ?? 1), 1);
    if (channels % every === 0) return { groups: channels / every, lanes: channels / every };
    const parts = many(channels, "input channel does", "input channels do");
    const remedy = `Use a smaller factor, or give the layer before filters in multiples of ${every}.`;
    return unfit("factor", settings("factor"), `${parts} not split into groups of ${every}`, remedy, "split");
  },
  inputs: (settings, _axes, channels) => partsRule(settings("parts"), channels),
};

/** @type {Finish} */
export function finished(settings, operation, channels, sizes) {
  const refused = finishUnfit(settings, operation) ?? numbersUnfit(settings, operation);
  if (refused) return refused;
  return operation.result === "shape" ? targetShape(settings("shape"), channels, sizes) : {};
}

/** Channels that are inputs of equal size one after another. @returns {Counts | Unfit} */
function partsRule(/** @type {number} */ parts, /** @type {number} */ channels) {
  if (parts < 1) return unfit("parts", parts, "there must be at least one part", "Use 1 or more.", "least");
  if (channels % parts !== 0) {
    const reason = unsplit(channels, "input channel", parts, "part");
    return unfit("parts", parts, reason, `Use ${divisors(channels, parts)}.`, "split");
  }
  return { groups: channels / parts, lanes: channels / parts };
}

/** The constant that a combine needs besides the window, where it has no meaning. @returns {Unfit | null} */
function finishUnfit(/** @type {Settings} */ settings, /** @type {OperationInfo} */ operation) {
  if (operation.combination.finish === "divide" && settings("divisor") === 0)
    return unfit("divisor", 0, "nothing can be divided by 0", "Use another number, or null.", "least");
  const p = settings("p");
  if (typeof p === "number" && p <= 0)
    return unfit("p", p, "the exponent of a norm is above 0", "Use a number such as 2 or 0.5.", "least");
  return null;
}

/** A number beyond the ends that its parameter has. @returns {Unfit | null} */
function numbersUnfit(/** @type {Settings} */ settings, /** @type {OperationInfo} */ operation) {
  for (const { kind, name, minimum, maximum } of operation.parameters) {
    if (kind !== "number" || minimum === null || maximum === null) continue;
    const value = settings(name);
    if (value >= minimum && value <= maximum) continue;
    const reason = `it lies between ${minimum} and ${maximum}`;
    return unfit(name, value, reason, `Use a number from ${minimum} to ${maximum}.`, "ends");
  }
  return null;
}

/** The shape asked for, −1 worked out. @returns {{ shape: number[] } | Unfit} */
function targetShape(
  /** @type {number[]} */ given,
  /** @type {number} */ channels,
  /** @type {number[]} */ sizes,
) {
  const cells = sizes.reduce((total, size) => total * size, channels);
  const known = given.reduce((total, size) => (size === -1 ? total : total * size), 1);
  const open = given.includes(-1);
  if (cells % known !== 0 || (!open && cells !== known)) {
    const reason = `the input is ${[channels, ...sizes].join("×")}, which is ${many(cells, "number")}`;
    const asked = open ? `sizes whose product divides ${cells} beside -1` : `sizes whose product is ${cells}`;
    return unfit("shape", given, reason, `Use ${asked}, or [-1] to flatten.`, "fit");
  }
  return { shape: given.map((size) => (size === -1 ? cells / known : size)) };
}
