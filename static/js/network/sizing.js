// A dense layer whose weights were made for an input of another size, and its refusal. Pure: knows settings and shapes, no
// state and no DOM.

import { problemOf } from "../layer/errors.js";
import { shapeOfValues } from "../state/setting.js";
import { shape as shapeText } from "../words/format.js";
import { networkWords } from "../words/network.js";
import { product } from "./shapes.js";

/** @import { Shapes } from "../types/network.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { LayerSetting } from "../state/setting.js" */

/** A layer at a place that expects one shape and reads another. @typedef {{ at: number, expected: number[], given: number[] }} Missized */

/** The first layer whose typed weights are as large as another input. @returns {Missized | null} */
export function missized(
  /** @type {LayerSetting[]} */ layers,
  /** @type {string[]} */ names,
  /** @type {Shapes} */ shapes,
) {
  for (const [at, { weights }] of layers.entries()) {
    const built = shapes.placed.get(String(names[at]))?.geometry;
    if (weights?.kind !== "values" || built?.result !== "vector" || !built.weight_shape) continue;
    const [filters, ...expected] = shapeOfValues(weights.values, 0) ?? [];
    const [lanes, ...given] = built.weight_shape;
    if (filters === lanes && product(expected) !== product(given)) return { at, expected, given };
  }
  return null;
}

/** Its refusal, with the pointer of the layer. @returns {Problem} */
export function sizeProblem(/** @type {Missized} */ { at, expected, given }, /** @type {string} */ name) {
  const reason = networkWords.expects(name, expected, given);
  const value = shapeText(given);
  const remedy = networkWords.anySize;
  return {
    ...problemOf({ code: "unfit", field: "weights", value, reason, remedy }),
    pointer: `/layers/${at}/weights`,
  };
}
