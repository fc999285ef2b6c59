// The words shared by the modules of the page: what travels in JSON, and what the pure modules hand to each
// other. Types only. Use: /** @import { Spec, LayerGeometry } from "./types.js" */

export type * from "./api-types.js";
export type * from "./page-types.js";
export type * from "./stream-types.js";

// ---------------------------------------------------------------- numbers that travel in JSON

/** A number, or the name of one that JSON cannot hold. */
export type JsonNumber = number | "NaN" | "Infinity" | "-Infinity";
/** Channels first; a bare 2-D list is one channel. */
export type NestedNumbers = JsonNumber | NestedNumbers[];
/** Both ends included. */
export type Range = [first: number, last: number];

// ---------------------------------------------------------------- one layer

export type PaddingRule = "valid" | "same" | "same_lower" | "full" | "causal";
export type PaddingMode = "zeros" | "constant" | "reflect" | "replicate" | "circular";
/** The name of an activation in the registry. */
export type Activation = string;
export interface ActivationInfo {
  name: string;
  title: string;
  description: string;
  /** Of `x`; activations.js reads it. */
  formula: string;
  /** "channels": it takes the values of all channels of a position. */
  across: "cell" | "channels";
}
export type PerAxis = number | number[];
/** A number for both sides of every axis, or one entry per axis, each a number or [begin, end]. */
export type PaddingValue = PaddingRule | number | (number | [number, number])[];

/** One layer as it travels: flat; whatever equals its default may be left out. */
export interface Spec {
  operation: string;
  kernel?: PerAxis;
  /** null: the kernel (pools). */
  stride?: PerAxis | null;
  padding?: PaddingValue;
  padding_mode?: PaddingMode;
  dilation?: PerAxis;
  ceil_mode?: boolean;
  groups?: number;
  filters?: number;
  bias?: boolean;
  rules?: "any" | "pytorch" | "keras" | "onnx";
  activation?: Activation;
  /** A parameter that only the registry knows. */
  [parameter: string]: ParameterValue | undefined;
}
export type ParameterValue = PerAxis | PaddingValue | string | boolean | null;

// ---------------------------------------------------------------- where the numbers come from

export type SourceChannels = "own" | "grey" | "rgb";
export type SourceScale = "0-1" | "0-255" | "mean_std" | "own";

export interface SampleSource {
  kind: "sample";
  name: string;
  size?: number | null;
  channels?: SourceChannels;
  scale?: SourceScale;
}
export interface ImageSource {
  kind: "image";
  /** SHA-256 of shape and pixels. */
  id: string;
  size?: number | null;
  channels?: SourceChannels;
  scale?: SourceScale;
  mean?: number[] | null;
  std?: number[] | null;
  axes?: number | null;
}
export interface ValuesSource {
  kind: "values";
  values: NestedNumbers;
  /** How many axes come after the channels; without it one or two axes are one channel. */
  axes?: number | null;
}
export interface NoiseSource {
  kind: "noise";
  shape: number[];
  seed?: number;
  distribution?: "normal" | "uniform";
}
export type Source = SampleSource | ImageSource | ValuesSource | NoiseSource;

export type WeightPreset =
  | "identity"
  | "sobel_vertical"
  | "sobel_horizontal"
  | "gaussian"
  | "laplacian"
  | "emboss"
  | "box"
  | "diagonal"
  | "antidiagonal"
  | "random"
  | "mixed";
export interface PresetWeights {
  kind: "preset";
  name: WeightPreset;
  seed?: number;
  /** [index in the flattened weight, value] */
  edits?: [index: number, value: JsonNumber][];
  /** One value per filter; read only when the spec says bias. */
  bias?: JsonNumber[] | null;
}
export interface ValuesWeights {
  kind: "values";
  values: NestedNumbers;
  bias?: JsonNumber[] | null;
}
export interface StoredWeights {
  kind: "stored";
  id: string;
  bias?: JsonNumber[] | null;
}
export type Weights = PresetWeights | ValuesWeights | StoredWeights;

// ---------------------------------------------------------------- the registry (GET operations)

export interface ParameterInfo {
  name: string;
  kind: "per_axis" | "padding" | "choice" | "integer" | "number" | "boolean";
  title: string;
  /** The tooltip. */
  description: string;
  unit: string | null;
  default: ParameterValue;
  minimum: number | null;
  maximum: number | null;
  /** Where a slider ends. */
  control_maximum: number | null;
  choices: string[] | null;
  /** Choices that people read otherwise than they travel. */
  labels: Record<string, string>;
  nullable: boolean;
  /** What null stands for. */
  left_out: string | null;
}
export interface Example {
  title: string;
  source: Source;
  layers: Spec[];
  weights?: Weights | null;
}
/** What is done with a window, by pieces that combine.js defines, and the words that tell it. */
export interface Combination {
  name: string;
  /** What one tap contributes. */
  term: "product" | "factor" | "value" | "power";
  /** How the terms become one value; "pick": each lane takes one of them. */
  reduce: "sum" | "largest" | "smallest" | "pick";
  finish: "none" | "divide" | "root";
  /** What the plan counts. */
  cost: "multiply_adds" | "comparisons" | "additions" | null;
  /** Of a closing, {divisor} is the number that a mean divides by. */
  words: { made: string; opening: string; between: string; closing: string };
}
/** The order of a weight's first two axes. */
export type WeightLayout = "filters" | "channels";
/** A map per lane, a matrix with a column per step, or a number per lane. */
export type ResultShape = "grid" | "columns" | "vector";
/** One thing that a framework refuses; `kind` names a rule of frameworks.js. */
export interface FrameworkCheck {
  kind: string;
  field: string;
  remedy: string;
  /** Its own words; null: it has no such argument. */
  words: string | null;
  values: unknown[];
  others: string[];
  axes: number[];
  /** A setting that makes it void when it is given. */
  unless: string | null;
}
export interface Framework {
  /** Its layer's name by number of spatial axes. */
  layers: Record<string, string>;
  checks: FrameworkCheck[];
  /** What it says of a setting that nobody takes, by field and case. */
  words: Record<string, string>;
  defaults: Record<string, ParameterValue>;
  /** The shape of what it gives, where that is not the operation's own. */
  result: ResultShape | null;
  /** A norm over a window that ceil mode clips is scaled up to the whole window. */
  scales_clipped: boolean;
}
/** What a mean, or the mean in a norm, divides by: a count of cells, without or with the padding, or a number. */
export type Divisor = "elements" | "padded" | number;
export type Fill = number | "-Infinity" | "Infinity";
export interface OperationInfo {
  name: string;
  title: string;
  family: string;
  summary: string;
  /** Name of the size rule: one Python function and its twin in geometry.js. */
  geometry: string;
  combine: string;
  combination: Combination;
  /** "each": one lane per channel; "taps": one per channel and tap; neither has a weight. */
  channels: "filters" | "each" | "taps";
  weight_layout: WeightLayout;
  /** A window is multiplied by the kernel turned around. */
  flipped: boolean;
  result: ResultShape;
  frameworks: Record<string, Framework>;
  /** What padding holds in zeros mode. */
  fill: Fill;
  padding_below_kernel: boolean;
  parameters: ParameterInfo[];
  examples: Example[];
}
export interface OperationsReply {
  version: number;
  operations: OperationInfo[];
  activations: ActivationInfo[];
}
/** A setting by what a person wants of it. */
export interface IntentInfo {
  title: string;
  layer: Spec;
  /** null: the weights stay. */
  weights: Weights | null;
  /** Parameters that stay as they are. */
  keeps: string[];
}
export interface SampleInfo {
  name: string;
  title: string;
  description: string;
  shape: number[];
  scalable: boolean;
  axes: number;
}
export interface SamplesReply {
  samples: SampleInfo[];
}

// ---------------------------------------------------------------- geometry

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
  groups: number;
  channels_per_group: number;
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

// ---------------------------------------------------------------- plan and problems

export interface PlannedLayer extends LayerGeometry {
  operation: string;
  /** With defaults filled in, as given. */
  spec: Spec;
  bytes: { input: number; weight: number; output: number; padded: number };
  /** Absent in the stream's plan. Per-axis parameters: ranges per axis; groups, padding_mode…: values. */
  allowed?: Allowed;
  /** What each framework makes of the setting; absent in the stream's plan. */
  frameworks?: Record<string, { layer: string | null; output_shape?: number[]; refused?: string }>;
  notes: string[];
}
export interface Allowed {
  padding?: { rules: PaddingRule[]; axes: Range[][] };
  [parameter: string]: unknown;
}
export interface Plan {
  version: number;
  layers: PlannedLayer[];
}
/** RFC 9457, from any route and from the socket; the page makes the same shape for its own failures. */
export interface Problem {
  type?: string;
  title?: string;
  /** 0: no answer came. */
  status?: number;
  code: string;
  /** One sentence for people: `stride = 0: a window must move. Use 1 or more.` */
  detail: string;
  field?: string;
  value?: unknown;
  reason?: string;
  remedy?: string;
  /** JSON pointer, "/layers/0/stride". */
  pointer?: string;
  /** Where in a text that was read, in characters. */
  position?: { start: number; end: number; line: number; column: number };
  /** Nothing is wrong with the request: after so many seconds it may be done. */
  retry_after_s?: number;
  /** How many times as much as may be done was asked for. */
  excess?: number;
}
export type Result<T> = { ok: true; value: T } | { ok: false; problem: Problem };

export interface StoredInfo {
  id: string;
  kind: "picture" | "array";
  shape: number[];
  /** Of a picture. */
  width?: number;
  height?: number;
  mode?: string;
  /** What was done to read it, as sentences. */
  notes?: string[];
  expires_s?: number;
  /** Until when it is kept: 2026-12-01T10:00:00Z */
  expires?: string;
  /** Deletes it. */
  delete_token?: string;
}
export interface RunRequest {
  layers: Spec[];
  source: Source;
  weights?: Weights | null;
  include?: ("output" | "input" | "weight" | "bias")[];
}
export interface RunReply {
  plan?: Plan;
  output?: NestedNumbers;
  input?: NestedNumbers;
  weight?: NestedNumbers;
  bias?: NestedNumbers;
}
export interface PlanRequest {
  layers: Spec[];
  input_shape?: number[];
  source?: Source;
}
