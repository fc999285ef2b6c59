// The registry's records of operations, combines, activations and samples (GET operations). Types only.

import type { ActivationInfo, ParameterValue, Spec } from "./layer.js";
import type { Source, Weights } from "./source.js";

export interface ParameterInfo {
  name: string;
  kind: "per_axis" | "padding" | "choice" | "integer" | "number" | "boolean" | "shape";
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
  /** The meaning of null. */
  left_out: string | null;
}
export interface Example {
  title: string;
  caption: string;
  /** The picture answers it. */
  question: string;
  source: Source;
  layers: Spec[];
  weights?: Weights | null;
}
/** The arithmetic of a window, by pieces that combine.js defines, and the words for it. */
export interface Combination {
  name: string;
  /** The term of one tap. */
  term: "product" | "factor" | "value" | "power";
  /** How the terms become one value; "pick": each lane takes one of them. */
  reduce: "sum" | "product" | "largest" | "smallest" | "pick";
  finish: "none" | "divide" | "root";
  /** The unit that the plan counts. */
  cost: "multiply_adds" | "comparisons" | "additions" | null;
  /** Of a closing, {divisor} is the number that a mean divides by. */
  words: { made: string; opening: string; between: string; closing: string };
}
/** The order of a weight's first two axes. */
export type WeightLayout = "filters" | "channels";
/** A map per lane, a matrix with a column per step, a number per lane, or the shape that a setting says. */
export type ResultShape = "grid" | "columns" | "vector" | "shape";
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
  /** Its words for a setting that nobody takes, by field and case. */
  words: Record<string, string>;
  defaults: Record<string, ParameterValue>;
  /** The shape of what it gives, where that is not the operation's own. */
  result: ResultShape | null;
  /** A norm over a window that ceil mode clips is scaled up to the whole window. */
  scales_clipped: boolean;
}
/** The divisor of a mean, or of the mean in a norm: a count of cells, without or with the padding, or a number. */
export type Divisor = "elements" | "padded" | number;
export type Fill = number | "-Infinity" | "Infinity";
export interface OperationInfo {
  name: string;
  title: string;
  family: string;
  /** The beginning of names made for its layers. */
  prefix: string;
  summary: string;
  /** Name of the size rule: one Python function and its twin in geometry.js. */
  geometry: string;
  combine: string;
  combination: Combination;
  /** "each": one lane per channel; "taps": one per channel and tap; "phases": one per group of channels, one for each phase of steps; "inputs": one per channel of an input. */
  channels: "filters" | "each" | "taps" | "phases" | "inputs";
  weight_layout: WeightLayout;
  /** A window is multiplied by the kernel turned around. */
  flipped: boolean;
  result: ResultShape;
  frameworks: Record<string, Framework>;
  /** The value of padding in zeros mode. */
  fill: Fill;
  padding_below_kernel: boolean;
  /** Constants of its combine that the operation fixes; left out, the settings say them. */
  constants?: { divisor: Divisor | null; p: number | null };
  /** Tensors of its own, which weight and bias are made of. */
  tensors?: string[];
  /** The parameter that says which share of cells training drops. */
  drops?: string;
  parameters: ParameterInfo[];
  examples: Example[];
}
/** The part of the registry that the page loads after its opening picture. */
export interface Registry {
  operations: OperationInfo[];
  activations: ActivationInfo[];
  samples: SampleInfo[];
  intents: IntentInfo[];
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
  /** The place among the samples that stand in sight; the others have none. */
  tile?: number;
}
export interface SamplesReply {
  samples: SampleInfo[];
}
