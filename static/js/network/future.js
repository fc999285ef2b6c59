// The future that a cell of a network on a series reads: cells that lie after its own time. Pure: knows steps and jumps, and
// nothing of pictures.

import { SOURCE } from "./graph.js";
import { shapeOf } from "./shapes.js";
import { arrayOf } from "./ways.js";

/** @import { FieldCell, Shapes } from "../types/network.js" */
/** @import { Fields } from "./seen.js" */

/** How far the cells of a layer are apart on the source's axis, by its name. @typedef {Map<string, { jump: unknown[] }>} Jumps */
/** @typedef {{ shapes: Shapes, jumps: Jumps }} Axis */

/** The time of a cell: that of the source's cell that it stands over. Null where its layer does not go on with the series. */
export function timeOf(/** @type {FieldCell} */ { layer, place }, /** @type {Axis} */ { shapes, jumps }) {
  if (place.length !== 1 || shapeOf(shapes, layer).slice(1).join() === "1") return null;
  const jump = layer === SOURCE ? 1 : jumps.get(layer)?.jump[0];
  return typeof jump === "number" && jump > 0 ? Number(place[0]) * jump : null;
}

/** Whether a cell lies after a time; of a layer whose cells have none, no cell does. */
export function isAfter(
  /** @type {FieldCell} */ cell,
  /** @type {number | null} */ now,
  /** @type {Axis} */ axis,
) {
  const time = timeOf(cell, axis);
  return now !== null && time !== null && time > now;
}

/** How many cells of the source lie after the time of the cell that depends on them. @param {Fields} fields @param {Axis} axis */
export function futureRead({ cell, back }, axis) {
  const source = back.get(SOURCE);
  if (!source || cell.place.length !== 1) return 0;
  const now = timeOf(cell, axis);
  return arrayOf(source).filter(
    (count, at) => count > 0 && isAfter({ layer: SOURCE, place: [at] }, now, axis),
  ).length;
}
