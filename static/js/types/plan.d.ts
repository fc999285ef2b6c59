// The plan of the server, and refusals. Types only.

import type { LayerGeometry } from "./geometry.js";
import type { PaddingRule, Spec } from "./layer.js";
import type { NestedNumbers, Range } from "./numbers.js";
import type { AskedWeights, Source } from "./source.js";

export interface PlannedLayer extends LayerGeometry {
  operation: string;
  /** With defaults filled in, as given. */
  spec: Spec;
  bytes: { input: number; weight: number; output: number; padded: number };
  /** Absent in the stream's plan. Per-axis parameters: ranges per axis; groups, padding_mode…: values. */
  allowed?: Allowed;
  /** The setting in each framework; absent in the stream's plan. */
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
  /** Notes on how it was read, as sentences. */
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
  weights?: AskedWeights;
  /** The name of the layer that is computed; left out, the last. */
  layer?: string;
  include?: ("output" | "input" | "weight" | "bias" | "layers")[];
}
export interface RunReply {
  plan?: Plan;
  output?: NestedNumbers;
  input?: NestedNumbers;
  weight?: NestedNumbers;
  bias?: NestedNumbers;
  /** The outputs of all layers up to the one asked for, by name. */
  layers?: Record<string, NestedNumbers>;
}
export interface PlanRequest {
  layers: Spec[];
  input_shape?: number[];
  source?: Source;
}
