// A browser in which time stands still until told, sockets do what a test says, and answers come in pieces.

import { frameBytes, withLength } from "./frames.js";

/** @import { ConnectionCallbacks, ConnectionEnvironment, JobRequest, WebSocketLike } from "../../static/js/types/stream.js" */
/** @import { FrameParts } from "./frames.js" */

/** @implements {WebSocketLike} */
export class FakeSocket {
  /** @type {BinaryType} */ binaryType = "blob";
  readyState = 0;
  /** @type {WebSocketLike["onopen"]} */ onopen = null;
  /** @type {WebSocketLike["onmessage"]} */ onmessage = null;
  /** @type {WebSocketLike["onclose"]} */ onclose = null;
  /** @type {WebSocketLike["onerror"]} */ onerror = null;
  /** @type {any[]} */ sent = [];

  constructor(/** @type {string} */ url, /** @type {string[]} */ protocols) {
    this.url = url;
    this.protocols = protocols;
  }

  send(/** @type {string} */ text) {
    if (this.readyState !== 1) throw new Error("this socket is not open");
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.readyState = 3;
  }

  open() {
    this.readyState = 1;
    this.onopen?.(new Event("open"));
  }

  /** The other side goes, or the network does. */
  lose(code = 1006) {
    this.readyState = 3;
    this.onclose?.({ code, reason: "" });
  }

  text(/** @type {object} */ message) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  plan(/** @type {number} */ job) {
    this.text({ type: "plan", job, plan: PLAN });
  }

  frame(/** @type {number} */ job, /** @type {Partial<FrameParts>} */ parts) {
    this.onmessage?.({ data: stepsFrame({ job, ...parts }) });
  }
}

export const PLAN = { version: 1, layers: [{ steps: 100, weight_shape: [1, 1, 3, 3], bias_shape: null }] };

/** @param {Partial<FrameParts>} parts */
export function stepsFrame(parts) {
  const count = parts.count ?? 10;
  return frameBytes({ count, lanes: 1, planes: [Array.from({ length: count }, () => 0.5)], ...parts });
}

/** @type {JobRequest} */
export const REQUEST = {
  layers: [{ operation: "convolution" }],
  source: { kind: "sample", name: "cross" },
  weights: { kind: "preset", name: "mixed" },
  input: true,
  weight: true,
};

/** Everything that createConnection takes from a browser, and handles to move it. */
export function fakeBrowser() {
  let now_ms = 0;
  let online = true;
  /** @type {{ at_ms: number, callback: () => void }[]} */
  let timers = [];
  /** @type {FakeSocket[]} */
  const sockets = [];
  /** @type {{ url: string, body: any, signal: AbortSignal, answer: (response: Response) => void, fail: () => void }[]} */
  const posts = [];
  const events = new EventTarget();
  const state = { sockets: true };

  class Socket extends FakeSocket {
    constructor(/** @type {string} */ url, /** @type {string[]} */ protocols) {
      super(url, protocols);
      if (!state.sockets) throw new Error("sockets are forbidden");
      sockets.push(this);
    }
  }

  /** @type {ConnectionEnvironment} */
  const environment = {
    WebSocket: Socket,
    fetch: (url, init) =>
      new Promise((resolve, reject) => {
        const fail = () => reject(new TypeError("Failed to fetch"));
        const signal = /** @type {AbortSignal} */ (init?.signal);
        signal.addEventListener("abort", () => reject(signal.reason));
        posts.push({ url: String(url), body: JSON.parse(String(init?.body)), signal, answer: resolve, fail });
      }),
    now: () => now_ms,
    setTimeout(callback, delay_ms) {
      const timer = { at_ms: now_ms + delay_ms, callback };
      timers.push(timer);
      return timer;
    },
    clearTimeout(timer) {
      timers = timers.filter((one) => one !== timer);
    },
    random: () => 1,
    events,
    onLine: () => online,
  };

  return {
    environment,
    sockets,
    posts,
    state,
    /** The newest socket. @returns {FakeSocket} */
    get socket() {
      return /** @type {FakeSocket} */ (sockets.at(-1));
    },
    get post() {
      return /** @type {(typeof posts)[number]} */ (posts.at(-1));
    },
    get timers() {
      return timers.length;
    },
    /** Let time pass; timers go off in order. */
    async pass(/** @type {number} */ ms) {
      const until_ms = now_ms + ms;
      for (;;) {
        const next = [...timers].sort((one, other) => one.at_ms - other.at_ms)[0];
        if (!next || next.at_ms > until_ms) break;
        timers = timers.filter((one) => one !== next);
        now_ms = next.at_ms;
        next.callback();
        await settled();
      }
      now_ms = until_ms;
      await settled();
    },
    /** Let time pass in which the page is busy: all timers go off at its end, and what came meanwhile is read after. */
    async busy(/** @type {number} */ ms) {
      now_ms += ms;
      const due = timers.filter((one) => one.at_ms <= now_ms);
      timers = timers.filter((one) => one.at_ms > now_ms);
      for (const { callback } of due.sort((one, other) => one.at_ms - other.at_ms)) callback();
      await settled();
    },
    network(/** @type {boolean} */ there) {
      online = there;
      events.dispatchEvent(new Event(there ? "online" : "offline"));
    },
  };
}

/** Let promises that are ready go on. */
export async function settled() {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Callbacks that write down what they are told. */
export function listener() {
  /** @type {[string, ...unknown[]][]} */
  const log = [];
  /** @type {ConnectionCallbacks} */
  const callbacks = {
    onPlan: (_plan, job) => log.push(["plan", job]),
    onFrame: (frame) => log.push(["frame", frame.job, frame.kind, frame.first]),
    onEnd: (job) => log.push(["end", job]),
    onProblem: (problem, job) => log.push(["problem", job, problem.code]),
    onStatus: (status) => log.push(["status", status.state]),
  };
  return {
    callbacks,
    log,
    /** Events since the last call, states of the connection left out. */
    news: () => log.splice(0).filter(([what]) => what !== "status"),
  };
}

/** A body that a test writes item by item, and that knows how much of it has been read. */
export function writtenBody() {
  /** @type {ReadableStreamDefaultController<Uint8Array>} */
  let controller;
  const body = new ReadableStream(
    {
      start(given) {
        controller = given;
      },
    },
    { highWaterMark: 0 },
  );
  return {
    response: new Response(body, { headers: { "Content-Type": "application/octet-stream" } }),
    text(/** @type {object} */ message) {
      controller.enqueue(withLength(new TextEncoder().encode(JSON.stringify(message)).buffer));
    },
    frame(/** @type {Partial<FrameParts>} */ parts) {
      controller.enqueue(withLength(stepsFrame(parts)));
    },
    end: () => controller.close(),
    fail: () => controller.error(new TypeError("network error")),
  };
}
