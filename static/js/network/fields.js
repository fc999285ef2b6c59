// Fields: the cells of each layer that a cell depends on (backward) or reaches (forward), exact on every path. The
// mirror of fields in the Python core for channels that count as one, held by tests/golden. Knows no state and no
// DOM.

import { SOURCE } from "./graph.js";
import { shapeOf } from "./shapes.js";
import { arrayOf, backward, forward, isNone, plus, shrunk, stretched, waysTo } from "./ways.js";

/** @import { Direction, FieldCell, Node, Placed, Shapes } from "../types/network.js" */
/** @import { Ways } from "./ways.js" */

/**
 * The ways from a cell to the cells of each layer that it reaches, by name; `input` is the source.
 * @param {Shapes} shapes @param {FieldCell} cell @param {Direction} direction @param {boolean} [counts] whether ways are counted
 * @returns {Map<string, Ways>}
 */
export function fieldsOf(shapes, cell, direction, counts = false) {
  const [, ...sizes] = shapeOf(shapes, cell.layer);
  /** @type {Map<string, Ways>} */
  const reached = new Map([[cell.layer, waysTo(sizes, cell.place, counts)]]);
  if (direction === "backward") back(shapes, reached);
  else on(shapes, reached);
  const names = [SOURCE, ...shapes.network.layers.map(({ name }) => name)];
  return new Map(
    names.flatMap((name) => {
      const ways = reached.get(name);
      return ways && name !== cell.layer && !isNone(ways) ? [[name, ways]] : [];
    }),
  );
}

/** The cells of a flat mask as runs [first, length], ascending. @returns {[number, number][]} */
export function runs(/** @type {Float64Array} */ mask) {
  /** @type {[number, number][]} */
  const found = [];
  for (const [at, ways] of mask.entries()) {
    if (ways <= 0) continue;
    const last = found.at(-1);
    if (last && last[0] + last[1] === at) last[1]++;
    else found.push([at, 1]);
  }
  return found;
}

/** First and last cell of a field on each axis. @returns {[number, number][]} */
export function extentOf(/** @type {Ways} */ { sizes, terms, written }) {
  return sizes.map((size, axis) => {
    const inner = sizes.slice(axis + 1).reduce((total, side) => total * side, 1);
    const there = new Uint8Array(size);
    for (const term of terms)
      for (const [at, ways] of term[axis + 1]?.entries() ?? []) if (ways > 0) there[at] = 1;
    for (const [at, ways] of written?.entries() ?? []) if (ways > 0) there[Math.floor(at / inner) % size] = 1;
    return [there.indexOf(1), there.lastIndexOf(1)];
  });
}

/** How many cells a field has. */
export function cellsOf(/** @type {Ways} */ ways) {
  return arrayOf(ways).reduce((total, one) => total + (one > 0 ? 1 : 0), 0);
}

function back(/** @type {Shapes} */ shapes, /** @type {Map<string, Ways>} */ reached) {
  for (const node of [...shapes.network.order].reverse()) {
    const own = reached.get(node.name);
    if (!own || isNone(own)) continue;
    const placed = /** @type {Placed} */ (shapes.placed.get(node.name));
    const ways = backward(placed.geometry, own);
    for (const [at, name] of node.inputs.entries()) {
      const part = placed.stretched[at] ? shrunk(ways) : ways;
      const known = reached.get(name);
      reached.set(name, known ? plus(known, part) : part);
    }
  }
}

function on(/** @type {Shapes} */ shapes, /** @type {Map<string, Ways>} */ reached) {
  for (const node of shapes.network.order) {
    const placed = /** @type {Placed} */ (shapes.placed.get(node.name));
    const found = read(node, placed, reached);
    if (!found || reached.has(node.name)) continue; // nothing before a cell is reached by it
    reached.set(node.name, forward(placed.geometry, found));
  }
}

/** The ways to all that a layer reads, as one input. @returns {Ways | null} */
function read(
  /** @type {Node} */ node,
  /** @type {Placed} */ placed,
  /** @type {Map<string, Ways>} */ reached,
) {
  /** @type {Ways | null} */
  let total = null;
  for (const [at, name] of node.inputs.entries()) {
    const own = reached.get(name);
    if (!own || isNone(own)) continue;
    const ways = placed.stretched[at] ? stretched(own, placed.geometry.input_shape.slice(1)) : own;
    total = total ? plus(total, ways) : ways;
  }
  return total;
}
