// Experiments over the stream: one runs at a time, pays with credits for each report and frame, can be changed on its way,
// and goes on elsewhere after a break. A socket of its own; opens only what its environment gives it. Knows no DOM.

import { backOffMs } from "./job.js";
import { decodeFrame, ProtocolError, SUBPROTOCOL } from "./protocol.js";

/** @import { ConnectionEnvironment, Frame, WebSocketLike } from "../types/stream.js" */
/** @import { TrainingMessage } from "../types/training.js" */

/**
 * Callbacks of a training. `onLost` answers how to go on: the request from the last checkpoint, or null.
 * @typedef {object} Hearer
 * @property {(message: TrainingMessage) => void} onMessage
 * @property {(kind: "snapshot" | "checkpoint", rows: Float32Array[]) => void} onRows whole, each time
 * @property {(checkpoint: string | null) => Promise<object | null>} onLost
 * @property {(state: "live" | "lost" | "busy" | "closed") => void} onState
 */

/**
 * @param {string} url ws(s)://host/api/v1/stream @param {Hearer} hearer
 * @param {Pick<ConnectionEnvironment, "WebSocket" | "token" | "key" | "setTimeout" | "clearTimeout" | "random">} environment
 */
export function createTraining(url, hearer, environment) {
  let job = 0;
  /** @type {WebSocketLike | null} */
  let socket = null;
  let open = false;
  /** The message that is sent as soon as the socket is open. @type {object | null} */
  let starting = null;
  let credits = 0;
  let running = false;
  let attempt = 0;
  /** @type {unknown} */
  let retry;
  /** Rows that have begun to come. @type {{ kind: "snapshot" | "checkpoint", rows: Float32Array[], filled: number, of: number } | null} */
  let coming = null;

  function send(/** @type {object} */ message) {
    if (open) socket?.send(JSON.stringify(message));
  }

  /** Train from here on; what ran before is superseded. @param {object} request @param {number} granted */
  function start(request, granted) {
    job = (job + 1) >>> 0 || 1;
    running = true;
    credits = granted;
    coming = null;
    starting = request;
    if (open) begin();
    else connect();
  }

  function begin() {
    if (!starting) return;
    send({ type: "train", job, ...starting, credits });
    starting = null;
  }

  function connect() {
    environment.clearTimeout(retry);
    if (socket || !environment.WebSocket) return;
    const proofs = [environment.token?.() && `bearer.${environment.token()}`];
    if (environment.key?.()) proofs.push(`frame.${environment.key()}`);
    const mine = new environment.WebSocket(
      url,
      [SUBPROTOCOL, ...proofs.filter((one) => typeof one === "string" && one !== "")].map(String),
    );
    socket = mine;
    mine.binaryType = "arraybuffer";
    mine.onopen = () => {
      open = true;
      attempt = 0;
      hearer.onState("live");
      begin();
    };
    mine.onmessage = ({ data }) => {
      if (typeof data === "string") take(JSON.parse(data));
      else takeFrame(decodeFrame(/** @type {ArrayBuffer} */ (data)));
    };
    mine.onclose = () => {
      drop();
      if (running) lost(null);
      else hearer.onState("closed");
    };
  }

  function drop() {
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    socket = null;
    open = false;
    coming = null;
  }

  /** Go on from a checkpoint, as soon as a server answers again. @param {string | null} checkpoint */
  function lost(checkpoint) {
    hearer.onState("lost");
    again(checkpoint, backOffMs(attempt++, environment.random));
  }

  /** Ask once more when a busy server said. @param {number} after_s */
  function postpone(after_s) {
    hearer.onState("busy");
    again(null, after_s * 1000 * (1 + environment.random() / 2));
  }

  /** @param {string | null} checkpoint @param {number} delay_ms */
  function again(checkpoint, delay_ms) {
    const of = job;
    retry = environment.setTimeout(async () => {
      if (of !== job || !running) return;
      const request = starting ?? (await hearer.onLost(checkpoint));
      if (of !== job || !running) return;
      if (request) {
        starting = request;
        coming = null;
        job = (job + 1) >>> 0 || 1;
        if (open) begin();
        else connect();
      } else lost(checkpoint);
    }, delay_ms);
  }

  function take(/** @type {TrainingMessage} */ message) {
    if ((message.job ?? job) !== job) return;
    if (message.type === "snapshot" || message.type === "checkpoint") {
      const planes = message.type === "snapshot" ? 1 : message.rows.length;
      const numbers = message.numbers;
      coming = {
        kind: message.type,
        rows: Array.from({ length: planes }, () => new Float32Array(numbers)),
        filled: 0,
        of: numbers,
      };
    } else if (message.type === "step") credits--;
    if (message.type === "error" && message.problem.retry_after_s) {
      postpone(message.problem.retry_after_s);
      return;
    }
    if (message.type === "end" || message.type === "error") running = false;
    hearer.onMessage(message);
    if (message.type === "moved") lost(message.checkpoint?.id ?? null);
  }

  function takeFrame(/** @type {Frame} */ frame) {
    if (frame.job !== job) return;
    credits--;
    if (!coming) throw new ProtocolError("a frame of rows came without the message that tells of them");
    for (const [at, row] of coming.rows.entries()) row.set(frame.value(at), frame.first);
    coming.filled = frame.first + frame.count;
    if (!frame.last) return;
    const { kind, rows } = coming;
    coming = null;
    hearer.onRows(kind, rows);
  }

  return {
    start,
    /** Open the socket before it is needed. */
    ready: connect,
    /** Reports and frames that may still come. */
    get credits() {
      return credits;
    },
    get running() {
      return running;
    },
    credit(/** @type {number} */ n) {
      if (!running || n < 1) return;
      credits += n;
      if (!starting) send({ type: "credit", job, n });
    },
    /** Other settings from a training step on. @param {number} step @param {object} settings */
    change(step, settings) {
      send({ type: "change", job, step, settings });
    },
    cancel() {
      if (running) send({ type: "cancel", job });
      running = false;
      starting = null;
      environment.clearTimeout(retry);
    },
    close() {
      running = false;
      environment.clearTimeout(retry);
      const mine = socket;
      drop();
      mine?.close();
    },
  };
}
