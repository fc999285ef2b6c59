// Requests and answers of the tools: the plan backwards, code out and code in. Types only.

import type { ParameterValue, Spec } from "./layer.js";
import type { NamedSpec } from "./network.js";
import type { AskedWeights, Source, Weights } from "./source.js";

export interface SolveRequest {
  /** The operation and the parameters that stay. */
  layer: Spec;
  input_shape: number[];
  sizes: number[];
  most?: number;
}
export interface SolveReply {
  /** The values tried of each parameter left open. */
  ranges: Record<string, (number | boolean)[]>;
  count: number;
  /** By operation: that of the layer, and those that are proposed instead. */
  counts: Record<string, number>;
  solutions: {
    operation: string;
    settings: Record<string, ParameterValue>;
    /** Rules that pad alike. */
    also: string[];
    output_shape: number[];
    multiply_adds: number;
    formula: string[];
  }[];
}

export type CodeTarget = "pytorch" | "keras" | "jax" | "onnx" | "numpy";
export interface CodeRequest {
  layers: Spec[];
  source: Source;
  weights?: AskedWeights;
  /** The name of the layer that is computed; left out, the last. */
  layer?: string;
  target: CodeTarget;
}
export interface CodeReply {
  code: string;
  language: string;
  notes: string[];
  expressible: boolean;
}
/** A picture of a layer; what is left out takes the server's defaults. */
export interface FigureRequest {
  layers: Spec[];
  source: Source;
  weights?: AskedWeights;
  /** The name of the layer that is computed; left out, the last. */
  layer?: string;
  /** One layer, or what is drawn of a network as a whole; and the cell whose field that shows. */
  kind?: string;
  cell?: number[];
  format: string;
  step: number | "final";
  walk: "gather" | "scatter";
  lane: number;
  layout: string;
  theme: string;
  width_mm?: number;
  font_pt?: number;
  dpi?: number;
  fps?: number;
  plays?: number;
  background?: string;
  steps?: { first: number; every: number; columns: number };
  title?: string;
}
/** One of the classic figures: what is shown, and the request that draws it. */
export interface ClassicFigure {
  name: string;
  title: string;
  text: string;
  layers: Spec[];
  source: Source;
  weights: Weights | null;
  step: number;
  figure: FigureRequest;
}
export interface GalleryReply {
  version: number;
  figures: ClassicFigure[];
}
export interface FigureWords {
  caption: string;
  alt: string;
  bibtex: string;
  licence: string;
}
/** A state that the server keeps under a short id. */
export interface ShortReply {
  id: string;
  url: string;
  picture: string;
  fragment: string;
  /** 2026-12-01T10:00:00Z */
  expires: string;
}
export interface ReadReply {
  layers: NamedSpec[];
  framework: string;
  notes: string[];
  input_channels: number | null;
  input_features: number | null;
  axes: number | null;
  /** Channels first, where the text or the file tells all sizes. */
  input_shape?: number[] | null;
  /** The numbers that each layer reads in all, where the text tells them. */
  features?: (number | null)[];
}
