// The geometry of a layer: what is known before any arithmetic. Types only.

import type { Activation, PaddingMode } from "./layer.js";
import type { Range } from "./numbers.js";
import type { Combination, Divisor, Fill, ResultShape, WeightLayout } from "./registry.js";

export interface FormulaToken {
  text: string;
  /** Which setting (or size) the number is; absent for plain text. */
  from?: "input" | "padding" | "kernel" | "dilation" | "stride" | "output" | "output_padding";
}
/** Cells of a step: start + step·stride + tap·gap, tap < taps. */
export interface Affine {
  kind: "affine";
  start: number;
  stride: number;
  taps: number;
  gap: number;
}
/** Cells of step s: counts[s] cells from starts[s] on; taps is the largest count. */
export interface Table {
  kind: "table";
  starts: number[];
  counts: number[];
  taps: number;
  /** A factor per step and tap, where taps do not count alike. */
  weights: number[][] | null;
}
export type Footprint = Affine | Table;
export type AxisName = "depth" | "row" | "col";
export interface AxisGeometry {
  name: AxisName;
  /** Input cells. */
  size: number;
  /** Distance of neighbouring cells: spread − 1 zeros stand between them. */
  spread: number;
  begin: number;
  end: number;
  /** Cells read beyond the end padding (ceil_mode). */
  overhang: number;
  mode: PaddingMode;
  /** Output cells. */
  output: number;
  reads: Footprint;
  writes: Affine;
  formula: FormulaToken[];
  /** Ranges of input cells that no window reads, at most 64. */
  unread: Range[];
  unread_count: number;
  /** Step s is of phase s modulo this, which says the channel of a group that it takes; left out where lanes say that. */
  phases?: number;
}
export interface ReceptiveField {
  size: number[];
  /** null: the windows are not evenly spaced. */
  jump: (number | null)[];
  start: (number | null)[];
}
export interface LayerGeometry {
  input_shape: number[];
  padded_shape: number[];
  output_shape: number[];
  /** As it is given. */
  weight_shape: number[] | null;
  weight_layout: WeightLayout;
  flipped: boolean;
  bias_shape: number[] | null;
  /** The shapes of the tensors that weight and bias are made of, where the operation has such. */
  tensors?: Record<string, number[]>;
  groups: number;
  channels_per_group: number;
  /** Channel k of group g is k · groups + g: cell g of input k, where inputs stand one after another. */
  across: boolean;
  lanes: number;
  lanes_per_group: number;
  steps: number;
  step_shape: number[];
  taps: number;
  kernel_shape: number[];
  combine: string;
  /** The combine's record, as the registry has it. */
  combination: Combination;
  result: ResultShape;
  fill: Fill;
  divisor: Divisor | null;
  p: number | null;
  activation: Activation;
  axes: AxisGeometry[];
  /** The walk with a step per input cell, which writes several output cells; null where there is none. */
  scatter: { steps: number; step_shape: number[]; writes: Affine[] } | null;
  unread_cells: number;
  parameters: { weight: number; bias: number; total: number };
  multiply_adds: number;
  comparisons: number;
  additions: number;
  receptive_field: ReceptiveField;
}
/** A setting that does not fit, in the words of the Python core. */
export interface Unfit {
  code: "unfit";
  field: string;
  value: unknown;
  reason: string;
  remedy: string;
}
export type GeometryResult = { ok: true; geometry: LayerGeometry } | { ok: false; problem: Unfit };

/** One cell of a window on one axis. index: source index ≥ 0, −1 padding (fill), −2 beyond the edge. */
export interface WindowCell {
  coordinate: number;
  index: number;
}
/** Output positions per axis, as inclusive ranges; the steps are their product. */
export interface StepRanges {
  axes: Range[][];
  /** How many steps that is. */
  count: number;
}
