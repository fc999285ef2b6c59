// The stream of one page: jobs, credits, reconnecting and resuming, and POST frames where the socket fails. Latest
// wins: a new start supersedes whatever ran. Opens only what its environment gives it, which is connection.js's.

import { problem, unreachable } from "../layer/errors.js";
import { backOffMs, begin, createJob, isWhole, jittered, receive, remaining } from "./job.js";
import { readPosted } from "./posted.js";
import {
  cancelMessage,
  creditMessage,
  decodeFrame,
  decodeMessage,
  ProtocolError,
  SUBPROTOCOL,
  startMessage,
} from "./protocol.js";

/** @import { Connection, ConnectionEnvironment, ConnectionOptions, ConnectionStatus } from "../types/stream.js" */
/** @import { Frame, JobRequest, ServerMessage, WebSocketLike } from "../types/stream.js" */
/** @import { Job } from "./job.js" */

const PLAN_TIMEOUT_MS = 2000;
/** A timer that goes off so much too late says that the page was busy itself. */
const LATE_MS = 200;
/** A socket that owes frames and is silent for so long is taken for dead. */
const STALL_MS = 20_000;
/** A socket that stood for so long was a good one: its loss begins the back-off anew. */
const GOOD_SOCKET_MS = 5000;
/** After a socket that did not work, another is tried this much later, and twice as long each time. */
const FIRST_PROBE_MS = 30_000;
const LONGEST_PROBE_MS = 600_000;
/** The close code of a server that was asked for nothing for long: another socket is opened when there is a job. */
const RESTING = 4000;
/** The close code of a server that stops and knows that another goes on. */
const RESTARTING = 1012;
/** Close codes by which a server says that another socket would fare no better. */
const REFUSING_CODES = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/** The state of a socket that has been asked for. */
const OPENING = 0;

/** A page cannot set a socket's headers: its proofs go as further subprotocols, which the server does not choose. */
function protocolsWith(/** @type {string | undefined} */ token, /** @type {string | undefined} */ key) {
  return [SUBPROTOCOL, ...(token ? [`bearer.${token}`] : []), ...(key ? [`frame.${key}`] : [])];
}

/**
 * @param {Omit<ConnectionOptions, "environment">} options @param {ConnectionEnvironment} environment
 * @param {{ number: number, job: Job | null }} [before] the last job's number, and the job itself where it goes on here
 * @returns {Connection}
 */
export function createStream(options, environment, before = { number: 0, job: null }) {
  let { job, number } = before;
  /** @type {WebSocketLike | null} */
  let socket = null;
  let opened_ms = Number.NaN;
  /** Frames go by POST: the socket brings no plan, or does not open where POST works. */
  let givenUp = false;
  /** @type {AbortController | null} */
  let posting = null;
  let wakePosting = () => {};
  let attempt = 0;
  let probes = 0;
  let heard_ms = 0;
  let closed = false;
  /** The server said that it stops. */
  let restarting = false;
  /** @type {number | null} */
  let next_attempt_ms = null;
  /** Until when the job waits for a server that is busy. @type {number | null} */
  let busy_ms = null;
  let resting = false;
  const timers = /** @type {Record<"plan" | "retry" | "stall" | "again", unknown>} */ ({});
  let status = /** @type {ConnectionStatus} */ ({ state: "connecting", attempt: 0, next_attempt_ms: null });

  // ----------------------------------------------------------------- the job

  /** @param {JobRequest} request @param {number} credits */
  function start(request, credits) {
    number = (number + 1) >>> 0 || 1;
    job = createJob(number, request, credits);
    stop("plan");
    hurry();
    stopPosting();
    if (givenUp) post();
    else if (isOpen()) sendStart();
    else connect();
    report();
    return number;
  }

  function credit(/** @type {number} */ n) {
    if (!job || n < 1) return;
    if (job.credits < 1) heard_ms = environment.now();
    job.credits += n;
    if (posting) wakePosting();
    else if (isOpen()) socket?.send(creditMessage(job.number, n));
  }

  function cancel() {
    if (job && isOpen() && !posting) socket?.send(cancelMessage(job.number));
    finish();
    report();
  }

  function finish() {
    stop("plan");
    stop("stall");
    hurry();
    job = null;
    stopPosting();
  }

  /** Nothing is wrong with the job, but the server has no room for it now: it is asked for again when it said. */
  function postpone(/** @type {number} */ seconds) {
    stop("plan");
    stop("stall");
    stopPosting();
    const delay_ms = jittered(seconds * 1000, environment.random) + seconds * 500;
    busy_ms = environment.now() + delay_ms;
    after("again", delay_ms, () => {
      busy_ms = null;
      if (!job) return;
      if (givenUp) post();
      else if (isOpen()) sendStart();
      else connect();
      report();
    });
    report();
  }

  function hurry() {
    stop("again");
    busy_ms = null;
  }

  function sendStart() {
    if (!job) return;
    begin(job);
    socket?.send(startMessage(job.number, remaining(job), job.credits));
    awaitPlan();
    watch();
  }

  /** The time runs from the first attempt: a socket that opens and closes again and again brings no plan either. */
  function awaitPlan() {
    if (timers.plan !== undefined) return;
    const late_ms = environment.now() + PLAN_TIMEOUT_MS + LATE_MS;
    after("plan", PLAN_TIMEOUT_MS, () => {
      if (!job || job.planned || posting) return;
      // Messages that came meanwhile could not be read yet.
      if (environment.now() > late_ms) awaitPlan();
      else giveUp();
    });
  }

  /** @param {ServerMessage} message @param {number} of the job that an answer without a number belongs to */
  function take(message, of) {
    if (message.type === "error" && (message.job ?? null) === null) {
      // The server could not read the number: whatever it refused, the plan may not come.
      stop("plan");
      options.onProblem(message.problem, job && !job.planned ? job.number : null);
      return;
    }
    if (!job || of !== job.number) return;
    if (message.type === "plan") {
      stop("plan");
      attempt = 0;
      job.planned = true;
      job.announced = false;
      if (!posting) probes = 0;
      if (job.plan) return;
      job.plan = message.plan;
      options.onPlan(message.plan, job.number);
    } else if (message.type === "end") {
      finish();
      options.onEnd(of);
    } else if (message.type === "error" && message.problem.retry_after_s) {
      postpone(message.problem.retry_after_s);
    } else if (message.type === "error") {
      finish();
      options.onProblem(message.problem, of);
    }
  }

  function takeFrame(/** @type {Frame} */ frame) {
    if (!job || frame.job !== job.number) return;
    receive(job, frame);
    options.onFrame(frame);
  }

  function misunderstood(/** @type {ProtocolError} */ error) {
    const of = job?.number ?? null;
    finish();
    const remedy = "Reload the page; it may be older than the server.";
    options.onProblem(
      problem("protocol", `the server's answer is not understood: ${error.message}`, remedy),
      of,
    );
  }

  // ----------------------------------------------------------------- the socket

  function isOpen() {
    return socket !== null && !Number.isNaN(opened_ms);
  }

  function connect() {
    stop("retry");
    next_attempt_ms = null;
    if (closed) return;
    resting = false;
    if (job && !posting && busy_ms === null) awaitPlan();
    if (socket) return;
    /** @type {WebSocketLike} */
    let mine;
    try {
      if (!environment.WebSocket) throw new Error("there are no sockets here");
      mine = new environment.WebSocket(
        options.streamUrl,
        protocolsWith(environment.token?.(), environment.key?.()),
      );
    } catch {
      giveUp();
      return;
    }
    socket = mine;
    mine.binaryType = "arraybuffer";
    mine.onopen = () => {
      opened_ms = environment.now();
      givenUp = false;
      if (!posting && busy_ms === null) sendStart();
      report();
    };
    mine.onmessage = ({ data }) => {
      heard_ms = environment.now();
      try {
        if (typeof data === "string") {
          const message = decodeMessage(data);
          if (!posting) take(message, message.job ?? 0);
        } else if (!posting) takeFrame(decodeFrame(/** @type {ArrayBuffer} */ (data)));
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        drop();
        retryLater();
        misunderstood(error);
      }
      report();
    };
    mine.onclose = ({ code }) => {
      const stood_ms = environment.now() - opened_ms;
      drop();
      restarting = code === RESTARTING;
      if (stood_ms >= GOOD_SOCKET_MS || restarting) attempt = 0;
      if (code === RESTING && !job) resting = true;
      else if (REFUSING_CODES.has(code)) giveUp();
      else lost(!Number.isNaN(stood_ms));
      report();
    };
    report();
  }

  /** Let go of the socket; nothing of it is heard any more. */
  function drop() {
    if (!socket) return;
    const mine = socket;
    socket = null;
    opened_ms = Number.NaN;
    mine.onopen = mine.onmessage = mine.onclose = mine.onerror = null;
    // Browsers complain of a socket that is closed before it is open.
    if (mine.readyState === OPENING) mine.onopen = () => mine.close();
    else mine.close();
  }

  /** A socket closed or never opened: the next one goes on from the first step that is missing. */
  function lost(/** @type {boolean} */ wasOpen) {
    retryLater();
    if (!job || posting || busy_ms !== null) return;
    if (isWhole(job)) {
      const { number } = job;
      finish();
      options.onEnd(number);
    } else if (wasOpen) {
      begin(job);
      awaitPlan();
    } else post();
  }

  /** Frames by POST from now on, until a socket opens: one that takes long may still, another is tried later. */
  function giveUp() {
    if (isOpen()) drop();
    givenUp = true;
    if (!socket) retryLater();
    if (job && !posting) post();
    report();
  }

  function retryLater() {
    if (closed) return;
    const delay_ms = givenUp
      ? jittered(Math.min(LONGEST_PROBE_MS, FIRST_PROBE_MS * 2 ** probes++), environment.random)
      : backOffMs(attempt++, environment.random);
    next_attempt_ms = environment.now() + delay_ms;
    after("retry", delay_ms, connect);
  }

  function watch() {
    heard_ms = environment.now();
    after("stall", STALL_MS, check);
    function check() {
      const silent_ms = environment.now() - heard_ms;
      if (!job || posting || !isOpen()) return;
      if (job.credits > 0 && silent_ms >= STALL_MS) {
        drop();
        lost(true);
        report();
      } else after("stall", job.credits > 0 ? STALL_MS - silent_ms : STALL_MS, check);
      if (job.credits <= 0) heard_ms = environment.now();
    }
  }

  // ----------------------------------------------------------------- the fallback

  function post() {
    if (!job || closed) return;
    stop("plan");
    begin(job);
    const controller = new AbortController();
    posting = controller;
    readAnswer(job, controller.signal).catch((error) => {
      if (posting !== controller) return;
      posting = null;
      if (error instanceof ProtocolError) misunderstood(error);
      else {
        givenUp = false;
        if (!socket) retryLater();
        if (job && isWhole(job)) take({ type: "end", job: job.number, first: 0, steps: 0 }, job.number);
        else if (isOpen()) sendStart();
        else if (job && !job.announced) {
          job.announced = true;
          options.onProblem(unreachable(), job.number);
        }
      }
      report();
    });
  }

  function stopPosting() {
    const controller = posting;
    posting = null;
    controller?.abort();
    wakePosting();
  }

  async function readAnswer(/** @type {Job} */ mine, /** @type {AbortSignal} */ signal) {
    const refused = await readPosted(mine, options.framesUrl, environment, {
      signal,
      credit: () =>
        new Promise((resolve) => {
          wakePosting = () => resolve(undefined);
        }),
      onFrame: takeFrame,
      onMessage(message) {
        if (message.type === "plan" && !isOpen() && !givenUp) giveUp();
        take({ ...message, job: mine.number }, mine.number);
        report();
      },
    });
    if (signal.aborted) return;
    if (refused?.retry_after_s) return postpone(refused.retry_after_s);
    if (refused) {
      finish();
      options.onProblem(refused, mine.number);
      report();
    } else if (job === mine) throw new Error("the answer ended before its end");
  }

  // ----------------------------------------------------------------- timers and status

  function after(
    /** @type {keyof typeof timers} */ name,
    /** @type {number} */ delay_ms,
    /** @type {() => void} */ then,
  ) {
    stop(name);
    timers[name] = environment.setTimeout(() => {
      timers[name] = undefined;
      then();
    }, delay_ms);
  }

  function stop(/** @type {keyof typeof timers} */ name) {
    if (timers[name] !== undefined) environment.clearTimeout(timers[name]);
    timers[name] = undefined;
  }

  /** @returns {ConnectionStatus} */
  function statusNow() {
    if (busy_ms !== null) return { state: "busy", next_attempt_ms: busy_ms };
    if (resting) return { state: "live" };
    if (posting || (givenUp && !isOpen())) return { state: "fallback", next_attempt_ms };
    if (isOpen()) return { state: "live" };
    if (!environment.onLine()) return { state: "offline", next_attempt_ms };
    return { state: "connecting", attempt, next_attempt_ms, ...(restarting ? { restarting } : {}) };
  }

  function report() {
    const now = statusNow();
    if (closed || JSON.stringify(now) === JSON.stringify(status)) return;
    status = now;
    options.onStatus?.(now);
  }

  function online() {
    attempt = 0;
    if (!isOpen()) {
      drop();
      connect();
    }
    report();
  }

  function close() {
    finish();
    closed = true;
    drop();
    stop("retry");
    environment.events?.removeEventListener("online", online);
    environment.events?.removeEventListener("offline", report);
  }

  environment.events?.addEventListener("online", online);
  environment.events?.addEventListener("offline", report);
  connect();
  return {
    start,
    credit,
    cancel,
    close,
    get status() {
      return status;
    },
    get job() {
      return number;
    },
  };
}
