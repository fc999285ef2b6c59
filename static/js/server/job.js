// One job of the stream as the page sees it: what has come, what is still to ask for after a break. Pure records;
// knows no socket, no timer and no DOM.

import { ProtocolError } from "./protocol.js";

/** @import { Frame, JobRequest } from "../types/stream.js" */
/** @import { Plan } from "../types/plan.js" */

/**
 * @typedef {object} Job
 * @property {number} number
 * @property {JobRequest} request as it was asked for
 * @property {Plan | null} plan
 * @property {number} credits granted and not used up
 * @property {number} next first step that has not come
 * @property {number} sequence the next frame's, counted anew in each attempt
 * @property {Set<Frame["kind"]>} whole kinds whose last frame has come
 * @property {boolean} planned a plan came in this attempt
 * @property {boolean} announced the page knows that no server answers
 */

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;

/**
 * @param {number} number @param {JobRequest} request @param {number} credits
 * @returns {Job}
 */
export function createJob(number, request, credits) {
  const next = request.first ?? 0;
  const fresh = { plan: null, sequence: 0, planned: false, announced: false };
  return { number, request, credits, next, whole: new Set(), ...fresh };
}

/**
 * The request to make now: the job's own, or after a break only what has not come.
 * @param {Job} job
 * @returns {JobRequest}
 */
export function remaining(job) {
  const { request, next } = job;
  const first = request.first ?? 0;
  const count = request.count ?? null;
  return {
    ...request,
    first: next,
    count: count === null ? null : Math.max(0, count - (next - first)),
    input: (request.input ?? false) && !job.whole.has("input"),
    weight: (request.weight ?? false) && !hasWeights(job),
  };
}

function hasWeights(/** @type {Job} */ job) {
  const layer = job.plan?.layers[0];
  if (!layer) return false;
  const weight = layer.weight_shape === null || job.whole.has("weight");
  return weight && (layer.bias_shape === null || job.whole.has("bias"));
}

/** Whether every step has come, the end's message or not. */
export function isWhole(/** @type {Job} */ job) {
  return job.whole.has("steps");
}

/** A new attempt at the job begins: its frames are counted anew. */
export function begin(/** @type {Job} */ job) {
  job.sequence = 0;
  job.planned = false;
}

/**
 * Count a frame in; throws when one before it is missing.
 * @param {Job} job @param {Frame} frame
 */
export function receive(job, frame) {
  if (frame.sequence !== job.sequence) {
    throw new ProtocolError(`frame ${job.sequence} is missing: frame ${frame.sequence} came in its place`);
  }
  job.sequence = (job.sequence + 1) >>> 0;
  job.credits -= 1;
  if (frame.kind === "steps") job.next = frame.first + frame.count;
  if (frame.last) job.whole.add(frame.kind);
}

/**
 * How long to wait before attempt number `attempt` (from 0): doubling, at most half a minute.
 * @param {number} attempt @param {() => number} random
 */
export function backOffMs(attempt, random) {
  return jittered(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt), random);
}

/**
 * Half to all of a delay, so that the pages of a server that comes back do not come all at once.
 * @param {number} delay_ms @param {() => number} random
 */
export function jittered(delay_ms, random) {
  return delay_ms * (0.5 + random() / 2);
}
