// Which cell's fields are on view, and those fields: of the cell under the pointer, of one that was kept, or of the step on
// the stage; and the future that they read, cells that lie after the cell's own time. Pure questions to a state.

import { stepPosition } from "../layer/walk.js";
import { viewOf, walkOf } from "../state/selectors.js";
import { fieldsOf } from "./fields.js";
import { SOURCE } from "./graph.js";
import { joinedOf } from "./joining.js";
import { shapeOf } from "./shapes.js";
import { arrayOf } from "./ways.js";

/** @import { FieldCell, Shapes } from "../types/network.js" */
/** @import { State } from "../state/state.js" */
/** @import { Ways } from "./ways.js" */

/** The fields of a cell: what it depends on, and what it reaches. @typedef {{ cell: FieldCell, back: Map<string, Ways>, on: Map<string, Ways> }} Fields */

/** The cell whose fields are on view. @returns {FieldCell | null} */
export function seenCell(/** @type {State} */ state) {
  return state.seen ?? pointedCell(state) ?? state.kept ?? stepCell(state);
}

/** The cell that the pointer is at on the stage. @returns {FieldCell | null} */
function pointedCell(/** @type {State} */ state) {
  const { pointed } = state;
  if (pointed?.grid === "output") return outputCell(state, pointed.step);
  if (pointed?.grid !== "input") return null;
  const { inputs } = joinedOf(state).shapes?.network.layers[state.chosen] ?? { inputs: [] };
  const [layer] = inputs;
  return layer !== undefined && inputs.length === 1 ? { layer, place: pointed.cell } : null;
}

/** The cell that the step on view writes. @returns {FieldCell | null} */
function stepCell(/** @type {State} */ state) {
  return walkOf(state) === "stamp" ? null : outputCell(state, state.step);
}

/** @returns {FieldCell | null} */
function outputCell(/** @type {State} */ state, /** @type {number} */ step) {
  const layer = viewOf(state);
  if (!layer || !state.shown) return null;
  const name = String(joinedOf(state).names[state.chosen]);
  if (layer.result === "vector") return { layer: name, place: [0] };
  if (layer.result === "columns") return { layer: name, place: [step] };
  return { layer: name, place: stepPosition({ step_shape: layer.output_shape.slice(1) }, step) };
}

/** Where a key leads from the cell on view; null lets it go. @returns {FieldCell | null | undefined} */
export function cellAfter(/** @type {State} */ state, /** @type {string} */ key) {
  const { shapes } = joinedOf(state);
  const from = seenCell(state);
  if (!shapes || !from) return undefined;
  if (key === "Escape") return state.kept ?? undefined;
  const names = [SOURCE, ...joinedOf(state).names];
  const along = { PageUp: -1, PageDown: 1 }[key];
  const sizes = shapeOf(shapes, from.layer).slice(1);
  if (along) {
    const layer = names[Math.min(names.length - 1, Math.max(0, names.indexOf(from.layer) + along))];
    if (layer === undefined || layer === from.layer) return undefined;
    const other = shapeOf(shapes, layer).slice(1);
    const place = other.map((side, axis) =>
      Math.min(side - 1, Math.floor((Number(from.place[axis] ?? 0) / Number(sizes[axis] ?? 1)) * side)),
    );
    return { layer, place, lane: 0 };
  }
  const lanes = Number(shapeOf(shapes, from.layer)[0]);
  const lane = { "[": -1, "]": 1 }[key];
  if (lane) return { ...from, lane: Math.min(lanes - 1, Math.max(0, (from.lane ?? 0) + lane)) };
  const [axis, by] = /** @type {Record<string, [number, number]>} */ ({
    ArrowLeft: [1, -1],
    ArrowRight: [1, 1],
    ArrowUp: [2, -1],
    ArrowDown: [2, 1],
  })[key] ?? [0, 0];
  const at = from.place.length - axis;
  if (!axis || at < 0 || at >= from.place.length) return undefined;
  const next = Math.min(Number(sizes[at]) - 1, Math.max(0, Number(from.place[at]) + by));
  return next === from.place[at] ? undefined : { ...from, place: from.place.with(at, next) };
}

/** @type {WeakMap<Shapes, { key: string, fields: Fields }>} */
const known = new WeakMap();

/** The fields of a cell through the whole network; null for a cell that is not there. @returns {Fields | null} */
export function fieldsAround(/** @type {Shapes} */ shapes, /** @type {FieldCell | null} */ cell) {
  if (!cell || (cell.layer !== SOURCE && !shapes.placed.has(cell.layer))) return null;
  const sizes = shapeOf(shapes, cell.layer).slice(1);
  const within =
    cell.place.length === sizes.length && cell.place.every((at, axis) => at >= 0 && at < Number(sizes[axis]));
  if (!within) return null;
  const key = JSON.stringify([cell.layer, cell.place]);
  const before = known.get(shapes);
  if (before?.key === key) return before.fields;
  const fields = {
    cell,
    back: fieldsOf(shapes, cell, "backward"),
    on: fieldsOf(shapes, cell, "forward"),
  };
  known.set(shapes, { key, fields });
  return fields;
}

// ------------------------------------------------------------------------------------- the future

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
