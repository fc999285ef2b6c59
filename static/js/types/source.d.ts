// Where the numbers of input and weights come from. Types only.

import type { JsonNumber, NestedNumbers } from "./numbers.js";

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
  /** Of a bundle: the layer whose tensors these are, where it is not called as this one. */
  layer?: string;
  bias?: JsonNumber[] | null;
}
export type Weights = PresetWeights | ValuesWeights | StoredWeights;
/** The weights of a request: of its one layer, or of several by name. */
export type AskedWeights = Weights | Record<string, Weights> | null;
