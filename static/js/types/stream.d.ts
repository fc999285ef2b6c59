// The words of the stream: messages, frames, and what connection.js takes and gives. Types only.

import type { ActivationInfo, Spec } from "./layer.js";
import type { Plan, Problem } from "./plan.js";
import type { IntentInfo, OperationInfo, SampleInfo } from "./registry.js";
import type { AskedWeights, Source } from "./source.js";

// ---------------------------------------------------------------- the stream

/** The computation and the columns to send; the part of `start` that a person's settings decide. */
export interface JobRequest {
  layers: Spec[];
  source: Source;
  weights?: AskedWeights;
  /** The name of the layer that is computed; left out, the last. */
  layer?: string;
  first?: number;
  /** null: to the end. */
  count?: number | null;
  /** null: all. */
  lanes?: number[] | null;
  window?: boolean;
  input?: boolean;
  weight?: boolean;
}
/** A request with every field said, but for the layer where there is one. */
export type JobFields = Required<Omit<JobRequest, "layer">> & Pick<JobRequest, "layer">;
export interface StartMessage extends JobFields {
  type: "start";
  job: number;
  credits: number;
}
export interface CreditMessage {
  type: "credit";
  job: number;
  n: number;
}
export interface CancelMessage {
  type: "cancel";
  job: number;
}
export type ClientMessage = StartMessage | CreditMessage | CancelMessage;
export type ServerMessage =
  | { type: "plan"; job: number; plan: Plan }
  | { type: "end"; job: number; first: number; steps: number }
  | { type: "superseded"; job: number }
  | { type: "error"; job: number | null; problem: Problem };

export type FrameKind =
  | "steps"
  | "input"
  | "weight"
  | "bias"
  | "partial"
  | "stamps"
  | "snapshot"
  | "checkpoint";
export type FloatArray = Float32Array | Float64Array;
export interface Frame {
  kind: FrameKind;
  dtype: "float32" | "float64";
  /** Last frame of its kind. */
  last: boolean;
  job: number;
  sequence: number;
  /** In steps (kind steps) or in elements of the flattened tensor. */
  first: number;
  count: number;
  /** Value planes. */
  lanes: number;
  /** Window planes: (group asked, channel of group, tap row-major). */
  windows: number;
  /** Of the whole frame. */
  bytes: number;
  /** Plane of the i-th asked lane: `count` numbers, a view into the frame. */
  value(plane: number): FloatArray;
  /** i-th window plane, a view into the frame. */
  window(plane: number): FloatArray;
}
/** One item of a POST frames answer. */
export type StreamItem = { kind: "text"; message: ServerMessage } | { kind: "frame"; buffer: ArrayBuffer };

// ---------------------------------------------------------------- connection

export type ConnectionStatus =
  /** The socket is open. */
  | { state: "live" }
  /** A socket is being opened, or will be at next_attempt_ms (clock of performance.now). */
  | { state: "connecting"; attempt: number; next_attempt_ms: number | null; restarting?: true }
  /** The server has no room for the job; it is asked for again at next_attempt_ms. */
  | { state: "busy"; next_attempt_ms: number }
  /** Frames come by POST. */
  | { state: "fallback"; next_attempt_ms: number | null }
  /** The browser has no network. */
  | { state: "offline"; next_attempt_ms: number | null };
export interface ConnectionCallbacks {
  onPlan(plan: Plan, job: number): void;
  onFrame(frame: Frame): void;
  /** first, steps as the server counted them for this job. */
  onEnd(job: number): void;
  /** A refusal (job given) or a failure of the connection itself (job null). */
  onProblem(problem: Problem, job: number | null): void;
  onStatus?(status: ConnectionStatus): void;
}
/** Functions of the browser that connection.js calls; tests pass their own. */
export interface ConnectionEnvironment {
  WebSocket: (new (url: string, protocols: string[]) => WebSocketLike) | null;
  fetch: typeof fetch;
  /** The token of a class server, or nothing. */
  token?(): string;
  /** The key of a frame without an origin, or nothing. */
  key?(): string;
  now(): number;
  setTimeout(callback: () => void, delay_ms: number): unknown;
  clearTimeout(handle: unknown): void;
  random(): number;
  /** window, for "online" and "offline"; null outside a browser. */
  events: Pick<EventTarget, "addEventListener" | "removeEventListener"> | null;
  onLine(): boolean;
}
export interface WebSocketLike {
  binaryType: BinaryType;
  readonly readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: ((event: Event) => void) | null;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}
export interface ConnectionOptions extends ConnectionCallbacks {
  /** ws(s)://host/api/v1/stream */
  streamUrl: string;
  /** http(s)://host/api/v1/frames or a path */
  framesUrl: string;
  environment?: Partial<ConnectionEnvironment>;
}
export interface Connection {
  /** Supersedes whatever runs; answers the new job's number. */
  start(request: JobRequest, credits: number): number;
  /** Allow n more frames of the running job. */
  credit(n: number): void;
  /** Stop the running job. */
  cancel(): void;
  close(): void;
  readonly status: ConnectionStatus;
  /** The running job, 0 before the first. */
  readonly job: number;
}

/** The numbers of one setting, as far as they have come. The arrays grow in place; each arrival makes a new record. */
export interface Numbers {
  /** Of the setting they belong to. */
  key: string;
  input: Float32Array | null;
  /** How many have come. */
  inputs: number;
  inputRange: [low: number, high: number];
  weight: Float32Array | null;
  bias: Float32Array | null;
  /** Lane after lane. */
  output: Float32Array | null;
  /** The lanes that output holds; null: all. */
  lanes: number[] | null;
  /** Steps from the first on. */
  received: number;
  /** Per lane held. */
  outputRange: [low: number, high: number][];
  /** Per number of the output: negative where it no longer holds. */
  stale?: Int8Array;
  /** Numbers of single windows from the stream, the newest runs only. */
  windows: WindowRun[];
  version: number;
}
/** The data that the server sends once: the registry, the samples, its limits. */
export interface Catalog {
  operations: OperationInfo[];
  samples: SampleInfo[];
  intents: IntentInfo[];
  activations: ActivationInfo[];
  limits: { upload_bytes: number; working_size: number; filters: number };
}

/** Windows as they came: plane (channel of the group, tap) holds `count` steps from `first` on. */
export interface WindowRun {
  first: number;
  count: number;
  group: number;
  planes: FloatArray[];
}
