// A layer of a network as its card says it: settings in a few words, the shape, what it sees. Pure; knows no operation by
// name and no DOM.

import { isActive } from "../../layer/activations.js";
import { isCovered } from "../../state/selectors.js";
import { networkWords } from "../../words/network.js";
import { SOURCE } from "../graph.js";
import { joinedOf } from "../joining.js";
import { receptiveFields, toNumbers } from "../receptive.js";

/** @import { OperationInfo } from "../../types/registry.js" */
/** @import { LayerGeometry } from "../../types/geometry.js" */
/** @import { ReceptiveNumbers, Shapes } from "../../types/network.js" */
/** @import { State } from "../../state/state.js" */

/**
 * A card: `shape` and `sees` are empty where the layer does not fit, `inputs` are names, `skips` those that are not the card before.
 * @typedef {{ name: string, about: string, shape: number[] | null, sees: string, inputs: string[], faulty: boolean }} Card
 */

/** @type {WeakMap<Shapes, Map<string, ReceptiveNumbers>>} */
const known = new WeakMap();

/** Size, jump, start and holes of every layer that fits, by name. */
export function numbersOfFields(/** @type {Shapes} */ shapes) {
  let numbers = known.get(shapes);
  if (!numbers) {
    numbers = new Map([...receptiveFields(shapes)].map(([name, one]) => [name, toNumbers(one)]));
    known.set(shapes, numbers);
  }
  return numbers;
}

/** The cards of a state, the source first. @returns {Card[]} */
export function cardsOf(/** @type {State} */ state) {
  const { names, specs, shapes, fault } = joinedOf(state);
  const numbers = shapes && numbersOfFields(shapes);
  // A lesson that covers the output asks for the field of a cell, and for the number of weights.
  const covered = isCovered(state);
  // A refusal of the server names a layer by its place, or weights by its name.
  const pointer = fault?.fault.pointer ?? state.problem?.pointer ?? "";
  const [, at, owner] = /^\/layers\/(\d+)|^\/weights\/([^/]+)/.exec(pointer) ?? [];
  const cards = names.map((name, place) => {
    const placed = shapes?.placed.get(name);
    const seen = numbers?.get(name);
    const info = /** @type {OperationInfo} */ (
      state.catalog.operations.find((one) => one.name === specs[place]?.operation)
    );
    const activation = state.catalog.activations.find((one) => one.name === placed?.geometry.activation);
    return {
      name,
      about: placed
        ? aboutOf(
            name,
            info,
            placed.geometry,
            activation && isActive(activation) ? activation.title : "",
            covered,
          )
        : info.title,
      shape: placed?.geometry.output_shape ?? null,
      sees: seen && placed && !covered ? seesOf(seen, shapes?.input_shape ?? []) : "",
      inputs: specs[place]?.inputs ?? [place > 0 ? String(names[place - 1]) : SOURCE],
      faulty: String(place) === at || name === owner,
    };
  });
  const source = { name: SOURCE, about: "", shape: state.inputShape, sees: "", inputs: [], faulty: false };
  return [source, ...cards];
}

/** The cells of the source that a cell sees, no more than the source has. */
function seesOf(/** @type {ReceptiveNumbers} */ { least, size }, /** @type {number[]} */ [, ...sizes]) {
  const within = (/** @type {number[]} */ seen) =>
    seen.map((one, axis) => Math.min(one, Number(sizes[axis])));
  return networkWords.sees(within(least), within(size));
}

/** `3×3, stride 2, 16 filters, relu` */
function aboutOf(
  /** @type {string} */ name,
  /** @type {OperationInfo} */ { title, prefix },
  /** @type {LayerGeometry} */ layer,
  /** @type {string} */ activation,
  /** @type {boolean} */ covered,
) {
  const { axes, taps, kernel_shape: kernel, weight_shape: weighted, result } = layer;
  const affine = axes.flatMap(({ reads }) => (reads.kind === "affine" ? [reads] : []));
  const strides = affine.map(({ stride }) => stride);
  const gaps = affine.map(({ gap }) => gap);
  const parts = [];
  if (result === "vector" && weighted) {
    if (!covered) parts.push(networkWords.weightsEach(layer.channels_per_group * taps));
  } else {
    if (taps > 1 && affine.length > 0) parts.push(kernel.join("×"));
    if (weighted) parts.push(networkWords.filters(layer.lanes));
    if (strides.some((stride) => stride !== 1) && taps > 1) parts.push(networkWords.stride(strides));
    if (gaps.some((gap) => gap > 1) && taps > 1) parts.push(networkWords.dilation(gaps));
    if (weighted && layer.groups > 1) parts.push(networkWords.groups(layer.groups));
  }
  if (activation) parts.push(activation.toLowerCase());
  if (parts.length === 0 || !name.startsWith(prefix)) parts.unshift(title.toLowerCase());
  return parts.join(", ");
}
