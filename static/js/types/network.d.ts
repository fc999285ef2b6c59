// Layers joined to a network: the graph, its shapes, and fields. Types only.

import type { LayerGeometry, Unfit } from "./geometry.js";
import type { Spec } from "./layer.js";
import type { OperationInfo } from "./registry.js";

/** A layer as it travels within a network. */
export type NamedSpec = Spec & { name?: string | undefined; inputs?: string[] | undefined };
/** One layer at its place: `inputs` are the layers that it reads, `spec` has no name and no inputs. */
export interface Node {
  /** Its place in the request. */
  index: number;
  name: string;
  inputs: string[];
  operation: OperationInfo;
  spec: Spec;
}
export interface Network {
  /** In the order of the request. */
  layers: Node[];
  /** So that each comes after those that it reads. */
  order: Node[];
  byName: Map<string, Node>;
  /** The layer whose output is the network's. */
  last: Node;
}
/** A refusal with the pointer of the layer at fault. */
export interface Faulty extends Unfit {
  pointer: string;
}
/** A layer on its input; `given` are the shapes of what it reads, `shape` is what other layers read of it. */
export interface Placed {
  node: Node;
  given: number[][];
  geometry: LayerGeometry;
  shape: number[];
  /** Which of its inputs have one cell a channel that stands for all cells. */
  stretched: boolean[];
}
/** All layers of a network on an input, by name, in the order in which they can be computed. */
export interface Shapes {
  network: Network;
  input_shape: number[];
  placed: Map<string, Placed>;
}
/** Where a field begins: a place on the spatial axes of a layer. */
export interface FieldCell {
  layer: string;
  place: number[];
  /** The map that is pointed at, where one is; its field is that of all maps. */
  lane?: number;
}
export type Direction = "backward" | "forward";
/** The receptive field of one cell of each layer in the source, lists per axis. */
export interface ReceptiveNumbers {
  size: number[];
  least: number[];
  jump: (number | null)[];
  jump_fraction: ([number, number] | null)[];
  start: number[];
  holes: (number | null)[];
}
