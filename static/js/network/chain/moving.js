// Where a key leads in the network view: to the next cell, map or layer. Pure: knows states and shapes, no DOM.

import { SOURCE } from "../graph.js";
import { joinedOf } from "../joining.js";
import { seenCell } from "../seen.js";
import { shapeOf } from "../shapes.js";

/** @import { FieldCell } from "../../types/network.js" */
/** @import { State } from "../../state/state.js" */

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
