// Reads the answer to a job that was posted: its frames wait for credits, and with them the server. Opens only what its
// environment gives it.

import { problemOfAnswer } from "../layer/errors.js";
import { remaining } from "./job.js";
import { chunksOf, decodeFrame, jobFields, splitFrames } from "./protocol.js";

/** @import { Problem } from "../types/plan.js" */
/** @import { ConnectionEnvironment, Frame, ServerMessage } from "../types/stream.js" */
/** @import { Job } from "./job.js" */

/**
 * @typedef {object} Reader
 * @property {AbortSignal} signal
 * @property {() => Promise<void>} credit resolves when there may be one
 * @property {(frame: Frame) => void} onFrame @property {(message: ServerMessage) => void} onMessage
 */

/**
 * Posts what remains of a job and reads the answer to its end, or to the signal. Answers a refusal, or null.
 * @param {Job} job @param {string} address @param {Pick<ConnectionEnvironment, "fetch">} environment @param {Reader} reader
 * @returns {Promise<Problem | null>}
 */
export async function readPosted(job, address, environment, { signal, credit, onFrame, onMessage }) {
  const body = JSON.stringify(jobFields(remaining(job)));
  const headers = { "Content-Type": "application/json", Accept: "application/octet-stream" };
  const answer = await environment.fetch(address, { method: "POST", headers, body, signal });
  if (!answer.ok || !answer.body) return problemOfAnswer(answer);
  for await (const item of splitFrames(chunksOf(answer.body, signal))) {
    if (item.kind === "frame") {
      while (job.credits < 1 && !signal.aborted) await credit();
      if (signal.aborted) return null;
      onFrame({ ...decodeFrame(item.buffer), job: job.number });
    } else {
      if (signal.aborted) return null;
      onMessage(item.message);
    }
    if (signal.aborted) return null;
  }
  return null;
}
