// One layer as it travels. Types only.

export type PaddingRule = "valid" | "same" | "same_lower" | "full" | "causal";
export type PaddingMode = "zeros" | "constant" | "reflect" | "symmetric" | "replicate" | "circular";
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

/** Whose refusals and defaults a layer follows: any, or a framework of catalog.js. */
export type Rules = "any" | "pytorch" | "keras" | "onnx";

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
  rules?: Rules;
  activation?: Activation;
  /** A parameter that only the registry knows. */
  [parameter: string]: ParameterValue | undefined;
}
export type ParameterValue = PerAxis | PaddingValue | string | boolean | null;
