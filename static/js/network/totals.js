// The totals of a network: parameters, cost, memory, branches that do not meet. The mirror of totals in
// the Python core, held by tests/golden. Knows no arithmetic of layers.

import { covers, receptiveFields } from "./receptive.js";
import { product } from "./shapes.js";

/** @import { Placed, Shapes } from "../types/network.js" */

const ITEM_BYTES = 4;

/** The totals of all layers. */
export function networkTotals(/** @type {Shapes} */ shapes) {
  const fields = receptiveFields(shapes);
  const sizes = shapes.input_shape.slice(1);
  const { layers, order, last } = shapes.network;
  const placed = layers.map(({ name }) => /** @type {Placed} */ (shapes.placed.get(name)));
  const sum = (/** @type {(one: Placed) => number} */ of) =>
    placed.reduce((total, one) => total + of(one), 0);
  const cells = (/** @type {Placed} */ { geometry }) => product(geometry.output_shape);
  return {
    parameters: sum(({ geometry }) => geometry.parameters.total),
    multiply_adds: sum(({ geometry }) => geometry.multiply_adds),
    activation_bytes: (product(shapes.input_shape) + sum(cells)) * ITEM_BYTES,
    output_shape: shapes.placed.get(last.name)?.geometry.output_shape,
    misaligned: layers.flatMap(({ name }) => fields.get(name)?.apart ?? []),
    covers_from: order.find(({ name }) => covers(/** @type {any} */ (fields.get(name)), sizes))?.name ?? null,
  };
}
