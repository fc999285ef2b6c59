// Lenses, which the network view lays over its maps instead of plain fields: how many ways lead to each cell, how windows overlap, how
// much each cell of the source counts. Pure: marks and words; knows no canvas and no DOM.

import { weightIndex } from "../../layer/walk.js";
import { cellRect, rectOf } from "../../picture/grid/cells.js";
import { number } from "../../words/format.js";
import { fieldsOf, overlapOf } from "../fields.js";
import { SOURCE } from "../graph.js";
import { arrayOf } from "../ways.js";
import { isSingle } from "./thumbnail.js";

/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { FieldCell, Shapes } from "../../types/network.js" */
/** @import { Box } from "../../picture/grid/grids.js" */
/** @import { Rect } from "../../picture/grid/cells.js" */
/** @import { Mark, Role } from "../../picture/scene.js" */
/** @import { Ways } from "../ways.js" */
/** @import { Apart } from "../apart.js" */
/** @import { Effective } from "./effective.js" */
/** @import { Panel } from "./view_layout.js" */

/** The overlay of the maps. @typedef {"cells" | "apart" | "ways" | "overlap" | "effective"} Lens */
/** @type {Lens[]} */
export const LENSES = ["cells", "apart", "ways", "overlap", "effective"];

const PRINTED = 14; // cells of at least this many pixels have their number
const LEVELS = 8;
const LIGHT = 0.06;
const DEEP = 0.42;
const VEIL = 0.72; // over the numbers of a map

/** @type {WeakMap<Shapes, { key: string, ways: Map<string, { ways: Ways, role: Role }> }>} */
const counted = new WeakMap();
/** @type {WeakMap<Shapes, Map<string, Ways>>} */
const overlaps = new WeakMap();

/** The ways to and from a cell, counted. */
export function waysAround(/** @type {Shapes} */ shapes, /** @type {FieldCell} */ cell) {
  const key = JSON.stringify([cell.layer, cell.place]);
  const before = counted.get(shapes);
  if (before?.key === key) return before.ways;
  /** @type {Map<string, { ways: Ways, role: Role }>} */
  const ways = new Map();
  for (const [name, one] of fieldsOf(shapes, cell, "backward", true))
    ways.set(name, { ways: one, role: "kernel" });
  for (const [name, one] of fieldsOf(shapes, cell, "forward", true))
    ways.set(name, { ways: one, role: "output" });
  counted.set(shapes, { key, ways });
  return ways;
}

/** How many ways lead from the whole source to each cell of each layer, by layer. */
export function overlapIn(/** @type {Shapes} */ shapes) {
  const known = overlaps.get(shapes) ?? overlapOf(shapes);
  overlaps.set(shapes, known);
  return known;
}

/** The smallest and largest count above 0, and how many counts differ; null where no way leads. @returns {{ least: number, most: number, kinds: number[] } | null} */
export function spreadOf(/** @type {Ways} */ ways) {
  const kinds = new Set(arrayOf(ways));
  kinds.delete(0);
  const sorted = [...kinds].sort((one, other) => one - other);
  const [least, most] = [sorted[0], sorted.at(-1)];
  return least === undefined || most === undefined ? null : { least, most, kinds: sorted };
}

/**
 * How unevenly the inside of a map is reached, from a quarter to three quarters of each axis, where no border takes windows
 * away: the smallest and the largest count, and by how much of itself a cell is exceeded by the one beside it.
 * @returns {{ least: number, most: number, uneven: number }}
 */
export function insideOf(/** @type {Ways} */ ways) {
  const array = arrayOf(ways);
  const { sizes } = ways;
  const steps = sizes.map((_, axis) => sizes.slice(axis + 1).reduce((all, size) => all * size, 1));
  const within = (/** @type {number} */ place, /** @type {number} */ size) =>
    size <= 3 || (place >= Math.floor(size / 4) && place < size - Math.floor(size / 4));
  let [least, most, uneven] = [Number.POSITIVE_INFINITY, 0, 0];
  for (let at = 0; at < array.length; at++) {
    const places = steps.map((step, axis) => Math.floor(at / step) % Number(sizes[axis]));
    if (!places.every((place, axis) => within(place, Number(sizes[axis])))) continue;
    const own = Number(array[at]);
    [least, most] = [Math.min(least, own), Math.max(most, own)];
    for (const [axis, step] of steps.entries()) {
      if (
        !within(Number(places[axis]) + 1, Number(sizes[axis])) ||
        Number(places[axis]) + 1 >= Number(sizes[axis])
      )
        continue;
      const other = Number(array[at + step]);
      if (own !== other) uneven = Math.max(uneven, Math.max(own, other) / Math.min(own, other) - 1);
    }
  }
  return { least, most, uneven };
}

/**
 * The output of a plain input of ones in each phase of a stamping layer, the rows of phases in order: they are equal where
 * no checkerboard comes of the weights, whatever the overlap. Null for a layer that does not stamp.
 * @param {LayerGeometry} layer @param {ArrayLike<number>} weight @param {number} lane @returns {number[] | null}
 */
export function phaseSums(layer, weight, lane) {
  const { scatter, taps, channels_per_group: channels } = layer;
  const phases = scatter?.writes.reduce((all, { stride }) => all * stride, 1) ?? 1;
  if (!scatter || phases < 2) return null;
  const sums = new Array(phases).fill(0);
  for (let tap = 0; tap < taps; tap++) {
    let rest = tap;
    let [phase, each] = [0, 1];
    for (const { taps: count, gap, stride } of [...scatter.writes].reverse()) {
      phase += (((rest % count) * gap) % stride) * each;
      each *= stride;
      rest = Math.floor(rest / count);
    }
    for (let channel = 0; channel < channels; channel++)
      sums[phase] += Number(weight[weightIndex(layer, lane, channel, tap)]);
  }
  return sums;
}

/** @param {Panel[]} panels @param {Shapes} shapes @param {FieldCell} cell @returns {Mark[]} */
export function waysMarks(panels, shapes, cell) {
  const around = waysAround(shapes, cell);
  return over(panels, (name) => around.get(name) ?? null);
}

/** @param {Panel[]} panels @param {Shapes} shapes @returns {Mark[]} */
export function overlapMarks(panels, shapes) {
  const found = overlapIn(shapes);
  return over(panels, (name) => {
    const ways = name === SOURCE ? undefined : found.get(name);
    return ways ? { ways, role: "output" } : null;
  });
}

/** @param {Panel[]} panels @param {(name: string) => { ways: Ways, role: Role } | null} of @returns {Mark[]} */
function over(panels, of) {
  /** @type {Mark[]} */
  const marks = [];
  for (const { name, maps, shape, votes } of panels) {
    const found = votes || isSingle(shape) || shape.length > 3 ? null : of(name);
    if (!found) continue;
    const array = arrayOf(found.ways);
    const most = array.reduce((high, value) => Math.max(high, value), 0);
    for (const { box } of maps) tint(marks, box, array, most, found.role, (value) => number(value, 3));
  }
  return marks;
}

/**
 * On each map the cells of its own channel; a picture in colour has those of all its channels.
 * @param {Panel[]} panels @param {Apart} apart @returns {Mark[]}
 */
export function apartMarks(panels, apart) {
  /** @type {Mark[]} */
  const marks = [];
  for (const { name, maps, shape, votes } of panels) {
    const found = votes || shape.length > 3 ? null : apart.get(name);
    if (!found) continue;
    const each = found.cells.length / found.of;
    const role = found.back ? "kernel" : "output";
    for (const { box, lane } of maps) {
      const cells = isSingle(shape)
        ? found.cells
        : typeof lane === "number"
          ? found.cells.subarray(lane * each, (lane + 1) * each)
          : found.cells.subarray(0, each).map((_, at) => Math.max(...channelsAt(found.cells, each, at)));
      tint(marks, box, cells, 1, role, null);
    }
  }
  return marks;
}

/** The values of all channels at a cell. */
function channelsAt(/** @type {Uint8Array} */ cells, /** @type {number} */ each, /** @type {number} */ at) {
  return Array.from({ length: cells.length / each }, (_, lane) => Number(cells[lane * each + at]));
}

/** @param {Panel[]} panels @param {Effective} effective @returns {Mark[]} */
export function effectiveMarks(panels, { data, most }) {
  /** @type {Mark[]} */
  const marks = [];
  const source = panels.find(({ name }) => name === SOURCE);
  for (const { box } of source?.maps ?? []) tint(marks, box, data, most, "kernel", null);
  return marks;
}

/**
 * Cells in steps of a role's colour, with their numbers where there is room.
 * @param {Mark[]} marks @param {Box} box @param {ArrayLike<number>} values @param {number} most @param {Role} fill
 * @param {((value: number) => string) | null} words
 */
function tint(marks, box, values, most, fill, words) {
  marks.push({ kind: "rects", rects: [rectOf(box)], fill: "sheet", alpha: box.cell >= PRINTED ? 1 : VEIL });
  if (!(most > 0)) return;
  /** @type {Rect[][]} */
  const levels = Array.from({ length: LEVELS }, () => []);
  /** @type {Rect[]} */
  const there = [];
  /** @type {Mark[]} */
  const numbers = [];
  const size = Math.min(14, Math.max(10.5, 0.44 * box.cell));
  for (let row = 0; row < box.rows; row++)
    for (let col = 0; col < box.cols; col++) {
      const value = Number(values[row * box.cols + col]);
      if (!(value > 0)) continue;
      const rect = cellRect(box, row, col);
      there.push(rect);
      levels[Math.min(LEVELS - 1, Math.floor((value / most) * LEVELS))]?.push(rect);
      const text = words && box.cell >= PRINTED ? words(value) : "";
      if (text && text.length * 0.472 * size <= box.cell - 2)
        numbers.push({
          kind: "text",
          text,
          x: rect[0] + rect[2] / 2,
          y: rect[1] + rect[3] / 2,
          size,
          align: "center",
          fill: "ink",
        });
    }
  marks.push({ kind: "rects", rects: there, fill: "sheet", alpha: 1 });
  for (const [level, rects] of levels.entries())
    if (rects.length > 0)
      marks.push({ kind: "rects", rects, fill, alpha: LIGHT + ((DEEP - LIGHT) * (level + 1)) / LEVELS });
  if (box.cell >= PRINTED) marks.push({ kind: "lattice", box });
  marks.push(...numbers, { kind: "outline", rects: [rectOf(box)], stroke: fill, line: 1 });
}
