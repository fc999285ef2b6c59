// The graph of a network: names, which layer reads which, and an order in which layers can be computed. The mirror
// of graph in the Python core, equal to the letter and held by tests/golden. Knows no shape, no state and no DOM.

import { many } from "../words/format.js";

/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Spec } from "../types/layer.js" */
/** @import { Faulty, NamedSpec, Network, Node } from "../types/network.js" */

/** The name of the source, which a layer reads that reads no other. */
export const SOURCE = "input";
/** Names that no layer may have: kind tells weights of all layers from weights by name. */
export const RESERVED = [SOURCE, "kind"];
export const NAME = /^[A-Za-z_][A-Za-z0-9_.]{0,63}$/;
export const MOST_LAYERS = 1024;
const MOST_NAMED = 6; // names that a refusal lists

/** A network that is none, with the pointer of the layer at fault. */
export class Misjoined extends Error {
  constructor(/** @type {Faulty} */ fault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/**
 * The network that specs say; throws Misjoined for names and inputs that make none.
 * @param {NamedSpec[]} specs @param {(name: string) => OperationInfo} operationOf
 * @returns {Network}
 */
export function networkOf(specs, operationOf) {
  const names = namesOf(specs, operationOf);
  const layers = specs.map(({ name: _, inputs: given, ...others }, index) => {
    const name = /** @type {string} */ (names[index]);
    const inputs = given ?? [index > 0 ? /** @type {string} */ (names[index - 1]) : SOURCE];
    const spec = /** @type {Spec} */ (/** @type {unknown} */ (others));
    const operation = operationOf(spec.operation);
    return { index, name, inputs, operation, spec: joined(operation, spec, name, inputs, index) };
  });
  checkNames(layers);
  const order = ordered(layers);
  const read = new Set(layers.flatMap(({ inputs }) => inputs));
  const last = /** @type {Node} */ (layers.at(-1));
  for (const node of layers.slice(0, -1)) {
    if (read.has(node.name)) continue;
    throw misjoined(
      "layers",
      node.name,
      `no layer reads ${node.name}, and it is not the last`,
      `Leave it out, name it in the inputs of another layer, or move it behind ${last.name}.`,
      pointerOf(node),
    );
  }
  return { layers, order, byName: new Map(layers.map((node) => [node.name, node])), last };
}

/** Where the request has a layer. */
export function pointerOf(/** @type {Pick<Node, "index">} */ { index }) {
  return `/layers/${index}`;
}

/** All that a layer needs, in the order in which it can be computed, itself the last. @returns {Node[]} */
export function before(/** @type {Network} */ network, /** @type {Node} */ node) {
  const needed = new Set([node.name]);
  for (const one of [...network.order].reverse())
    if (needed.has(one.name)) for (const name of one.inputs) needed.add(name);
  return network.order.filter(({ name }) => needed.has(name));
}

/** Who reads a layer, or the source, each once. @returns {Node[]} */
export function readersOf(/** @type {Network} */ network, /** @type {string} */ name) {
  return network.order.filter(({ inputs }) => inputs.includes(name));
}

/**
 * The names given, and for the others the prefix of the operation with the next free number.
 * @param {{ operation: string, name?: string | undefined }[]} specs @param {(name: string) => OperationInfo} operationOf
 * @returns {string[]}
 */
export function namesOf(specs, operationOf) {
  /** @type {Map<string, number>} */
  const taken = new Map();
  for (const [index, { name }] of specs.entries()) {
    if (name === undefined) continue;
    if (taken.has(name)) {
      const reason = `layer ${Number(taken.get(name)) + 1} is called ${name} too`;
      throw misjoined("name", name, reason, "Give each layer a name of its own.", `/layers/${index}/name`);
    }
    taken.set(name, index);
  }
  /** @type {Map<string, number>} */
  const numbers = new Map();
  return specs.map(({ name: given, operation }) => {
    let name = given;
    while (name === undefined || (given === undefined && taken.has(name))) {
      const { prefix } = operationOf(operation);
      numbers.set(prefix, (numbers.get(prefix) ?? 0) + 1);
      name = `${prefix}${numbers.get(prefix)}`;
    }
    return name;
  });
}

/** The bare spec; an operation that joins several inputs cell by cell is told how many there are. */
function joined(
  /** @type {OperationInfo} */ operation,
  /** @type {Spec} */ spec,
  /** @type {string} */ name,
  /** @type {string[]} */ inputs,
  /** @type {number} */ index,
) {
  if (operation.channels !== "inputs" || inputs.length === 1) return spec;
  if (spec.parts !== undefined && spec.parts !== inputs.length) {
    const reason = `${name} reads ${many(inputs.length, "layer")}`;
    const remedy = `Leave parts out, or use ${inputs.length}.`;
    throw misjoined("parts", spec.parts, reason, remedy, `/layers/${index}/parts`);
  }
  return { ...spec, parts: inputs.length };
}

function checkNames(/** @type {Node[]} */ layers) {
  const known = new Set([SOURCE, ...layers.map(({ name }) => name)]);
  for (const node of layers)
    for (const [place, name] of node.inputs.entries()) {
      if (known.has(name)) continue;
      const others = layers.filter((one) => one !== node).map((one) => one.name);
      throw misjoined(
        "inputs",
        name,
        `${node.name} reads it, and no layer has this name`,
        `Use one of ${listed([SOURCE, ...others])}.`,
        `${pointerOf(node)}/inputs/${place}`,
      );
    }
}

/** Layers after all that they read, otherwise in the order given; throws Misjoined for a cycle. @returns {Node[]} */
function ordered(/** @type {Node[]} */ layers) {
  const byName = new Map(layers.map((node) => [node.name, node]));
  /** 1 while what it reads is looked at, 2 once it is done. @type {Map<string, number>} */
  const state = new Map();
  /** @type {Node[]} */
  const found = [];
  for (const start of layers) {
    const pending = [start];
    for (let node = pending.at(-1); node; node = pending.at(-1)) {
      if (state.get(node.name) === 2) {
        pending.pop();
      } else if (state.has(node.name)) {
        state.set(node.name, 2);
        pending.pop();
        found.push(node);
      } else {
        state.set(node.name, 1);
        const needed = node.inputs.flatMap((name) => byName.get(name) ?? []);
        pending.push(...[...needed].reverse().filter((one) => state.get(one.name) !== 2));
        const again = needed.find((one) => state.get(one.name) === 1);
        if (again) throw cycle(byName, node, again);
      }
    }
  }
  return found;
}

/** The refusal of a layer that reads what comes of itself, with the way around. */
function cycle(/** @type {Map<string, Node>} */ byName, /** @type {Node} */ node, /** @type {Node} */ again) {
  const way = [...new Set([node.name, ...(again === node ? [] : wayFrom(byName, again.name, node.name))])];
  const chain = [...way.slice(0, MOST_NAMED), ...(way.length > MOST_NAMED ? ["…"] : []), node.name];
  const reason = `layer ${chain.join(" reads ")}: a layer cannot read what comes of itself`;
  const remedy = "Let one of them read an earlier layer, or input.";
  return misjoined("inputs", again.name, reason, remedy, `${pointerOf(node)}/inputs`);
}

/** The layers on a way from what reads to what is read, both included. @returns {string[]} */
function wayFrom(
  /** @type {Map<string, Node>} */ byName,
  /** @type {string} */ first,
  /** @type {string} */ last,
) {
  /** @type {Map<string, string | null>} */
  const came = new Map([[first, null]]);
  const waiting = [first];
  for (const name of waiting) {
    if (name === last) break;
    for (const other of byName.get(name)?.inputs ?? [])
      if (!came.has(other)) {
        came.set(other, name);
        waiting.push(other);
      }
  }
  const way = [];
  for (let at = /** @type {string | null | undefined} */ (last); at && came.has(at); at = came.get(at))
    way.push(at);
  return way.reverse();
}

function listed(/** @type {string[]} */ names) {
  return names.slice(0, MOST_NAMED).join(", ") + (names.length > MOST_NAMED ? ", …" : "");
}

/** @param {string} field @param {unknown} value @param {string} reason @param {string} remedy @param {string} pointer */
export function misjoined(field, value, reason, remedy, pointer) {
  return new Misjoined({ code: "unfit", field, value, reason, remedy, pointer });
}
