// The words of the page itself: playback, links, colours. Types only; types.d.ts passes them on.

import type { ParameterValue, Rules } from "./layer.js";
import type { Problem } from "./plan.js";
import type { Source, Weights } from "./source.js";
import type { Catalog } from "./stream.js";

// ---------------------------------------------------------------- the boot

/** All that the page is opened with. Addresses are relative to the page, but for `home`. */
export interface Boot extends Catalog {
  api: string;
  stream: string;
  registry: string;
  /** Where people reach this server. */
  home: string;
  presets: [name: string, kernels: number[][]][];
}

// ---------------------------------------------------------------- playback

/** A clock turns time into a step. All of them answer through stepAt. */
export type Clock =
  /** Runs from `from` at started_ms. */
  | { kind: "play"; started_ms: number; from: number; steps_per_s: number; loop: boolean }
  /** The same, seen at most twice a second and without motion between steps. */
  | { kind: "reduced"; started_ms: number; from: number; steps_per_s: number; loop: boolean }
  /** Stands still. */
  | { kind: "scrub"; at: number };
export interface StepAt {
  step: number;
  /** 0–1 within the step, for motion between two windows; 0 when nothing moves. */
  fraction: number;
  done: boolean;
}
export interface LookAhead {
  /** The step on screen. */
  playhead: number;
  /** First step not yet received. */
  received: number;
  /** Credits granted and not yet used up by a frame. */
  inflight: number;
  /** Steps kept ahead of the playhead. */
  capacity: number;
  /** Steps a frame brings (as seen last), 1024 unless told. */
  steps_per_frame?: number;
  /** Frames on the way at most, 8 unless told. */
  most_inflight?: number;
  /** Steps of the whole job. */
  steps?: number;
}

// ---------------------------------------------------------------- the link

/** All that a person chose. Whatever is absent is the default; `weights: null` counts as absent. */
export interface LinkState {
  /** Each reads the one before unless it says `inputs`. None where a link leads to a lesson step as the lesson has it. */
  layers: LinkedLayer[];
  /** The place of the layer on view; left out, the last. */
  chosen?: number;
  source?: Source;
  step?: number;
  lane?: number;
  /** Input channel on view; "rgb" for the picture in its own colours. */
  channel?: number | "rgb";
  /** Steps per second; Infinity: as fast as they stream. */
  speed?: number;
  /** First and last step of the range that plays again and again. */
  loop?: [number, number];
  /** Whether the output builds up with the walk. */
  building?: boolean;
  playing?: boolean;
  /** How pixel values are read. */
  reading?: "0-1" | "0-255";
  theme?: "light" | "dark";
  /** A name of the page's own, such as a way to lay out the picture: letters, digits, - and _. */
  view?: string;
  /** Controls that are not shown, and controls that are shown and cannot be changed: names of embedding.js. */
  hide?: string[];
  lock?: string[];
  /** The day up to which the server keeps the uploads that the link names: 2026-12-01. */
  kept?: string;
  /** How far the grids are magnified, and the middle of what is on view of the input, 0–1. */
  zoom?: [scale: number, row: number, col: number];
  /** Steps that are pinned, of the walk on view. */
  pins?: number[];
  /** The parts that are open around the stage: the sheet of volumes, the projector mode, the network view. */
  views?: ("volumes" | "projector" | "network" | "sizes" | "lessons" | "train" | "forecast")[];
  /** A lesson and its step, counted from 1; without a step, where somebody stopped: `shapes/3`. */
  lesson?: string;
  /** The experiment of the training room: its difference from the one to begin with, as JSON. */
  experiment?: string;
  /** The forecast room's settings: their difference from the usual ones, as JSON. */
  forecast?: string;
  /** The other side of a comparison: the same under a framework's rules, or another setting; what that leaves out is the same. */
  against?: Rules | LinkedSetting;
  /** Keys this page does not know, kept as they came. */
  unknown?: Record<string, string>;
}
export interface LinkedLayer {
  operation: string;
  /** Values that differ from the operation's defaults; without `operation`. */
  spec: Record<string, ParameterValue>;
  weights?: Weights | null;
  name?: string;
  /** Names of layers; left out, the one before. */
  inputs?: string[];
}
export type LinkedSetting = Pick<LinkState, "layers" | "source">;
export type EncodeResult =
  /** `without` says what had to be left out, since a link holds so much and no more. */
  { ok: true; fragment: string; without?: "against" } | { ok: false; problem: Problem };
export type DecodeResult =
  /** `problems` say what could not be read and was left out. */
  { ok: true; state: LinkState; notes: string[]; problems: Problem[] } | { ok: false; problem: Problem };

// ---------------------------------------------------------------- colour

export type Theme = "light" | "dark";
export type ScaleKind = "signed" | "unsigned";
/** A scale ready for ImageData: table[0…255] little-endian RGBA as Uint32. */
export interface ColourScale {
  kind: ScaleKind;
  theme: Theme;
  /** −high…high when signed, low…high when unsigned. */
  low: number;
  high: number;
  /** The soft colours, which numbers are printed on, and the deep ones of small cells. */
  table: Uint32Array;
  deep: Uint32Array;
}
