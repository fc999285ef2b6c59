// The forecast room: its settings, and what POST forecast and POST data tell.

import type { NamedSpec } from "./network.js";
import type { Problem } from "./plan.js";
import type { Break } from "./training.js";

export type SeriesChoice =
  | { kind: "seasons" }
  | { kind: "bursts" }
  | { kind: "copy" }
  | { kind: "recorded"; id: string; column: string };

export type Settings = {
  series: SeriesChoice;
  held: number;
  seed: number;
  silence: "counted" | "masked" | "weighted" | "trimmed";
  kernel: number;
  layers: number;
  filters: number;
  /** Blocks of two convolutions and a skip, as a TCN has them. */
  blocks: boolean;
  padding: "causal" | "same";
  steps: number;
  rate: number;
  recurrent: boolean;
  /** The layers of the stage in place of a stack of convolutions. */
  own: NamedSpec[] | null;
};

export type Way = {
  one_step: { values: number[]; error: number | null };
  rolled: { values: number[]; error: number | null };
  beyond: number[];
};

export type Series = {
  name: string;
  count: number;
  first: number;
  values: number[];
  now: number;
  held: number;
  filled: number;
  window: number;
  ahead: number;
  stride: number;
  /** To train on: the last one ends with the part that is not held back, each begins a stride before the next. */
  examples: number;
  period: number;
};

export type Memory = {
  size: number;
  past: number;
  future: number;
  padded: number;
  verdict: "short" | "enough" | "beyond";
};

/** Of a forecast before its answer: the series, and the forecast of the newest report. */
export type Early = { series: Series; memory: Memory; way: Way | null };

type Apart = { apparent: number | null; honest: number | null };

export type Judged = Way & {
  parameters: number;
  depth: number;
  elapsed_ms: number;
  apparent: number | null;
  honest: number | null;
  lags: { start: number[]; trained: number[] };
  sound?: Apart;
  silence?: Apart;
};

export type Answer = {
  type: "forecast";
  steps: number;
  series: Series;
  network: Judged & { memory: Memory };
  naive: Way;
  seasonal_naive: Way & { period: number };
  recurrent: Judged | null;
};

export type Report = { step: number; forecast: Way };
export type Forecasted = {
  reports: Report[];
  answer: Answer | null;
  problem: Problem | null;
  breaks: Break[];
};

export type Table = {
  id: string;
  count: number;
  separator: string;
  decimal: string;
  dates: { name: string; first: string; last: string; every: string } | null;
  columns: { name: string; count: number; gaps: number }[];
  notes: string[];
};
