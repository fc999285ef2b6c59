// The connection of a page that has just opened: it posts the first job, and gives this job, if it does not end well, and all
// later ones to the stream, which comes by import. Opens only what its environment gives it.

import { unreachable } from "../layer/errors.js";
import { createJob, isWhole, receive } from "./job.js";
import { readPosted } from "./posted.js";

/** @import { Connection, ConnectionEnvironment, ConnectionOptions, ConnectionStatus } from "../types/stream.js" */
/** @import { Frame, ServerMessage } from "../types/stream.js" */
/** @import { Job } from "./job.js" */

/**
 * @param {Omit<ConnectionOptions, "environment">} options @param {Pick<ConnectionEnvironment, "fetch">} environment
 * @param {() => Promise<(before: { number: number, job: Job | null }) => Connection>} load brings the stream
 * @returns {Connection & { stream(): Promise<void> }}
 */
export function createFirst(options, environment, load) {
  /** @type {Connection | null} */
  let stream = null;
  /** @type {Promise<void> | null} */
  let opening = null;
  /** @type {Job | null} */
  let job = null;
  let number = 0;
  /** @type {AbortController | null} */
  let posting = null;
  let wake = () => {};
  let closed = false;
  /** @type {ConnectionStatus} */
  let status = { state: "connecting", attempt: 0, next_attempt_ms: null };

  function post(/** @type {Job} */ mine) {
    const controller = new AbortController();
    posting = controller;
    const reader = {
      signal: controller.signal,
      credit: () =>
        new Promise((/** @type {(value: void) => void} */ resolve) => {
          wake = resolve;
        }),
      onFrame(/** @type {Frame} */ frame) {
        receive(mine, frame);
        options.onFrame(frame);
      },
      onMessage: (/** @type {ServerMessage} */ message) => take(message, mine),
    };
    const broken = () => {
      if (isWhole(mine)) take({ type: "end", job: mine.number, first: 0, steps: 0 }, mine);
      else handOver();
    };
    readPosted(mine, options.framesUrl, environment, reader)
      .then((refused) => {
        if (controller.signal.aborted || job !== mine) return;
        if (!refused) broken();
        else if (refused.retry_after_s) handOver();
        else {
          job = null;
          options.onProblem(refused, mine.number);
        }
      })
      .catch(() => {
        if (job === mine && !controller.signal.aborted) broken();
      });
  }

  function take(/** @type {ServerMessage} */ message, /** @type {Job} */ mine) {
    if (message.type === "plan") {
      mine.plan = message.plan;
      report({ state: "live" });
      options.onPlan(message.plan, mine.number);
    } else if (message.type === "end") {
      job = null;
      options.onEnd(mine.number);
    } else if (message.type === "error" && !message.problem.retry_after_s) {
      job = null;
      options.onProblem(message.problem, mine.number);
    }
  }

  function report(/** @type {ConnectionStatus} */ now) {
    status = now;
    options.onStatus?.(now);
  }

  function stop() {
    posting?.abort();
    posting = null;
    wake();
  }

  /** Frames that have come are not asked for again. */
  function handOver() {
    opening ??= open().catch(() => {
      opening = null;
      if (job) options.onProblem(unreachable(), job.number);
    });
    return opening;
  }

  async function open() {
    const create = await load();
    if (closed) return;
    stop();
    stream = create({ number, job });
    job = null;
  }

  return {
    start(request, credits) {
      if (stream) return stream.start(request, credits);
      stop();
      number += 1;
      job = createJob(number, request, credits);
      if (number === 1 && !opening) post(job);
      else handOver();
      return number;
    },
    credit(n) {
      if (stream) return stream.credit(n);
      if (job) job.credits += n;
      wake();
    },
    cancel() {
      if (stream) return stream.cancel();
      stop();
      job = null;
    },
    close() {
      closed = true;
      stop();
      stream?.close();
    },
    stream: handOver,
    get status() {
      return stream?.status ?? status;
    },
    get job() {
      return stream?.job ?? number;
    },
  };
}
