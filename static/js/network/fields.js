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

/**
 * How many ways lead from all cells of the source together to each cell of each layer: uneven where windows overlap
 * unevenly.
 * @param {Shapes} shapes @returns {Map<string, Ways>}
 */
export function overlapOf(shapes) {
  const [, ...sizes] = shapes.input_shape;
  const all = sizes.map((size) => new Float64Array(size).fill(1));
  /** @type {Map<string, Ways>} */
  const reached = new Map([
    [SOURCE, { sizes, counts: true, terms: [[Float64Array.of(1), ...all]], written: null }],
  ]);
  on(shapes, reached);
  return reached;
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

/** @type {WeakMap<Ways, { extent: [number, number][], cells: number, runs: [number, number][] | null }>} */
const known = new WeakMap();

/** Facts of a field that are needed again and again, worked out once. */
function factsOf(/** @type {Ways} */ ways) {
  let facts = known.get(ways);
  if (!facts) {
    const { sizes, terms, written } = ways;
    const there = sizes.map((size) => new Uint8Array(size));
    for (const term of terms)
      for (const [axis, cells] of there.entries())
        for (let at = 0; at < cells.length; at++) if (Number(term[axis + 1]?.[at]) > 0) cells[at] = 1;
    for (const [at, count] of written?.entries() ?? []) {
      if (count <= 0) continue;
      for (let axis = sizes.length - 1, rest = at; axis >= 0; axis--) {
        const size = Number(sizes[axis]);
        /** @type {Uint8Array} */ (there[axis])[rest % size] = 1;
        rest = Math.floor(rest / size);
      }
    }
    const extent = there.map(
      (cells) => /** @type {[number, number]} */ ([cells.indexOf(1), cells.lastIndexOf(1)]),
    );
    // Of one product the axes say how many cells it has.
    const alone = terms.length === 1 && !written;
    const count = (/** @type {Uint8Array} */ cells) => cells.reduce((total, one) => total + one, 0);
    const cells = alone
      ? there.reduce((all, one) => all * count(one), 1)
      : arrayOf(ways).reduce((total, one) => total + (one > 0 ? 1 : 0), 0);
    facts = { extent, cells, runs: null };
    known.set(ways, facts);
  }
  return facts;
}

/** First and last cell of a field on each axis. @returns {[number, number][]} */
export function extentOf(/** @type {Ways} */ ways) {
  return factsOf(ways).extent;
}

/** How many cells a field has. */
export function cellsOf(/** @type {Ways} */ ways) {
  return factsOf(ways).cells;
}

/** The cells of a field as runs of flattened indices. */
export function runsOf(/** @type {Ways} */ ways) {
  const facts = factsOf(ways);
  facts.runs ??= runs(arrayOf(ways));
  return facts.runs;
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
