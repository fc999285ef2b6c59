// The words of training: experiments, what a server tells of one, and what the page keeps. Types only.

import type { NamedSpec } from "./network.js";
import type { Problem } from "./plan.js";
import type { Weights } from "./source.js";

export interface OptimiserSettings {
  kind: string;
  rate: number;
}
export interface AugmentationSettings {
  shift: number;
  flip: boolean;
  zoom: number;
  tilt: number;
  noise: number;
}
export interface DrawnData {
  kind: "strokes" | "glyphs";
  classes: string[];
  size: number;
  count: number;
  validation: number;
  shift: number;
  noise: number;
  wrong: number;
}
export interface StoredData {
  kind: "stored";
  id: string;
  share: number;
  wrong: number;
}
/** All that makes a training what it is: the same experiment gives the same numbers. */
export interface Experiment {
  layers: NamedSpec[];
  data: DrawnData | StoredData;
  augmentation: AugmentationSettings;
  loss: string;
  optimiser: OptimiserSettings;
  batch: number;
  steps: number;
  seed: number;
  /** How layers start that `weights` does not name. */
  start: string;
  weights?: Record<string, Weights>;
}
/** Settings that may change while a network trains. */
export interface Changes {
  optimiser?: OptimiserSettings;
  batch?: number;
  augmentation?: AugmentationSettings;
  dropout?: Record<string, number>;
  steps?: number;
}
export interface Finding {
  kind: string;
  reason: string;
  remedy: string;
}
export interface Judged {
  loss: number;
  accuracy: number;
  count: number;
}
export interface Begin {
  type: "begin";
  job: number;
  step: number;
  steps_per_epoch: number;
  classes: string[];
  shape: number[];
  examples: { training: number; validation: number };
  parameters: [name: string, shape: number[]][];
  /** The statistics that layers measure, behind the parameters in a snapshot. */
  statistics?: [name: string, shape: number[]][];
}
export interface Report {
  type: "step";
  job: number;
  step: number;
  /** As trained: the mean since the report before. */
  loss: number | null;
  training_loss: number;
  training_accuracy: number;
  validation_loss: number | null;
  accuracy: number;
  norms: Record<string, [number, number]>;
}
export interface Kept {
  id: string | null;
  expires?: string;
  problem?: Problem;
}
export interface End {
  type: "end";
  job: number;
  step: number;
  stopped: string | null;
  classes: string[];
  training: Judged | null;
  validation: Judged | null;
  best: { step: number; validation_loss: number } | null;
  diagnosis: Finding[];
  code: { pytorch: string | null; keras: string | null };
  parameters: Kept;
  checkpoint: Kept;
}
/** Why an experiment does not go on by itself. */
export type Cause = "lost" | "busy" | "hidden";

/** Why it did not, and the training step from which it went on. */
export interface Break {
  causes: Cause[];
  step: number;
}

export type TrainingMessage =
  | Begin
  | Report
  | End
  | { type: "snapshot"; job: number; step: number; numbers: number; frames: number }
  | {
      type: "checkpoint";
      job: number;
      step: number;
      updates: number;
      numbers: number;
      rows: string[];
      frames: number;
    }
  | { type: "changed"; job: number; step: number; branched: boolean }
  | { type: "moved"; job: number; step: number; checkpoint: Kept }
  | { type: "superseded"; job: number }
  | { type: "error"; job: number | null; problem: Problem };

/** Parameters after some training steps. */
export interface Snapshot {
  step: number;
  row: Float32Array;
}
/** The examples of an experiment as its network sees them. */
export interface ExampleSet {
  classes: string[];
  /** (channels, *sizes) of one. */
  shape: number[];
  training: { x: Float32Array; labels: Int32Array };
  validation: { x: Float32Array; labels: Int32Array };
  /** A number for each channel: what was taken away, and what was divided by. */
  mean: number[];
  deviation: number[];
}
