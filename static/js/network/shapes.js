// Shapes through a network: what each layer reads and gives, and what stands between layers. The mirror of shapes in
// the Python core, held by tests/golden. Knows no state and no DOM.

import { geometry } from "../layer/geometry.js";
import { many } from "../words/format.js";
import { Misjoined, misjoined, pointerOf, SOURCE } from "./graph.js";

/** @import { GeometryResult, LayerGeometry, Unfit } from "../types/geometry.js" */
/** @import { Network, Node, Placed, Shapes } from "../types/network.js" */

const LARGEST_SHAPE = 16777216;

/**
 * The layers of a network on an input (channels, *sizes); throws Misjoined with the pointer of the layer at fault.
 * `until` ends before the first layer that does not fit, and hands over its refusal.
 * @param {Network} network @param {number[]} inputShape @param {(fault: Misjoined) => void} [until]
 * @returns {Shapes}
 */
export function shapesOf(network, inputShape, until) {
  /** @type {Map<string, number[]>} */
  const shapes = new Map([[SOURCE, inputShape]]);
  /** @type {Map<string, Placed>} */
  const placed = new Map();
  try {
    for (const node of network.order) {
      const one = placedOn(network, node, (name) => /** @type {number[]} */ (shapes.get(name)));
      shapes.set(node.name, one.shape);
      placed.set(node.name, one);
    }
  } catch (fault) {
    if (!until || !(fault instanceof Misjoined)) throw fault;
    until(fault);
  }
  return { network, input_shape: inputShape, placed };
}

/** The shape of a layer's output as others read it, or that of the source. @returns {number[]} */
export function shapeOf(/** @type {Shapes} */ shapes, /** @type {string} */ name) {
  return name === SOURCE ? shapes.input_shape : /** @type {Placed} */ (shapes.placed.get(name)).shape;
}

/** @returns {Placed} */
function placedOn(
  /** @type {Network} */ network,
  /** @type {Node} */ node,
  /** @type {(name: string) => number[]} */ shapeOf,
) {
  const given = node.inputs.map(shapeOf);
  const together = togetherOf(node, given);
  const built = known(node, together);
  if (!built.ok) throw placedFault(built.problem, network, node, given);
  const shape = between(built.geometry);
  if (Math.max(...shape) > LARGEST_SHAPE && node !== network.order.at(-1)) {
    const reason = `its output would be ${times(shape)}, and no axis may be longer than ${LARGEST_SHAPE.toLocaleString("en")}`;
    const remedy = "Use fewer filters, a smaller factor or a larger stride.";
    throw misjoined("layers", node.name, reason, remedy, pointerOf(node));
  }
  const stretched = given.map((one) => !equal(one.slice(1), together.slice(1)));
  return { node, given, geometry: built.geometry, shape, stretched };
}

/** Geometries by operation, settings and input: an edit of one layer leaves those before it as they are. @type {Map<string, GeometryResult>} */
const geometries = new Map();
const MOST_KEPT = 2048;

/** @returns {GeometryResult} */
function known(/** @type {Node} */ { operation, spec }, /** @type {number[]} */ inputShape) {
  const key = JSON.stringify([spec, inputShape]);
  let found = geometries.get(key);
  if (!found) {
    if (geometries.size >= MOST_KEPT) geometries.clear();
    found = geometry(operation, spec, inputShape);
    geometries.set(key, found);
  }
  return found;
}

/** An output as other layers read it: a vector is (channels, 1) on one axis. */
export function between(/** @type {LayerGeometry} */ { output_shape: shape }) {
  return shape.length > 1 ? shape : [...shape, 1];
}

/** A shape as people write it: 3×28×28. */
export function times(/** @type {number[]} */ shape) {
  return shape.join("×");
}

/** Several inputs as one: their channels one after another; throws Misjoined where they do not meet. */
function togetherOf(/** @type {Node} */ node, /** @type {number[][]} */ given) {
  const [first = []] = given;
  if (given.length === 1) return first;
  const joins = node.operation.channels === "inputs";
  const sizes = given.map((shape) => shape.slice(1)).reduce((best, one) => (larger(one, best) ? one : best));
  for (const [place, shape] of given.entries()) {
    const stretches = joins && product(shape.slice(1)) === 1;
    if (equal(shape.slice(1), sizes) || stretches) continue;
    const other = given.findIndex((one) => equal(one.slice(1), sizes));
    throw apart(node, given, other, place, "differ in size");
  }
  if (joins)
    for (const [place, shape] of given.entries())
      if (shape[0] !== first[0]) throw apart(node, given, 0, place, "differ in channels");
  return [given.reduce((total, [channels = 0]) => total + channels, 0), ...sizes];
}

function larger(/** @type {number[]} */ one, /** @type {number[]} */ other) {
  const [a, b] = [product(one), product(other)];
  return a > b || (a === b && one.length > other.length);
}

/** The refusal of two inputs that do not meet. */
function apart(
  /** @type {Node} */ node,
  /** @type {number[][]} */ given,
  /** @type {number} */ one,
  /** @type {number} */ other,
  /** @type {"differ in channels" | "differ in size"} */ how,
) {
  const [first, second] = /** @type {[string, string]} */ ([node.inputs[one], node.inputs[other]]);
  const [mine, theirs] = /** @type {[number[], number[]]} */ ([given[one], given[other]]);
  const remedy =
    how === "differ in channels"
      ? `Put a convolution with a kernel of 1 and ${many(Number(mine[0]), "filter")} behind ${second}.`
      : remedyOf(mine, theirs, second);
  return misjoined(
    "inputs",
    `${times(mine)} and ${times(theirs)}`,
    `${first} and ${second}, which ${node.name} reads, ${how}`,
    remedy,
    `${pointerOf(node)}/inputs${node.inputs.length > 1 ? `/${other}` : ""}`,
  );
}

/** A remedy that brings one input to the size of the other. */
function remedyOf(/** @type {number[]} */ large, /** @type {number[]} */ small, /** @type {string} */ name) {
  if (large.length !== small.length)
    return `Let it read layers with ${many(large.length - 1, "axis", "axes")}, or put the operation before ${name} loses some.`;
  const ratios = new Set(large.slice(1).map((side, axis) => side / Number(small[axis + 1])));
  const [ratio = 0.5] = ratios;
  if (ratios.size === 1 && Number.isInteger(ratio))
    return `Put an upsampling with factor ${ratio} behind ${name}, or use the padding that keeps sizes equal.`;
  return "Use padding that keeps their sizes equal, such as same, or crop the larger one.";
}

/** The refusal of a layer with its pointer, and in a network with its name and what it reads. */
function placedFault(
  /** @type {Unfit} */ problem,
  /** @type {Network} */ network,
  /** @type {Node} */ node,
  /** @type {number[][]} */ given,
) {
  let { reason } = problem;
  if (network.layers.length > 1) {
    const read = node.inputs.slice(0, 2).map((name, at) => `${name} (${times(given[at] ?? [])})`);
    const more = node.inputs.length > 2 ? " and more" : "";
    reason = `${reason}; ${node.name} reads ${read.join(" and ")}${more}`;
  }
  const { field, value, remedy } = problem;
  return misjoined(field, value, reason, remedy, `${pointerOf(node)}/${field}`);
}

export function equal(/** @type {number[]} */ one, /** @type {number[]} */ other) {
  return one.length === other.length && one.every((side, axis) => side === other[axis]);
}

export function product(/** @type {number[]} */ factors) {
  return factors.reduce((total, factor) => total * factor, 1);
}
