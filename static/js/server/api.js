// The requests of the API. Knows paths and answers, nothing of what is drawn; opens no connection but by connection.js.

import { problemOfAnswer, superseded, unreachable } from "../layer/errors.js";
import { browser } from "./connection.js";

/** @import { CodeReply, CodeRequest, FigureRequest, FigureWords, GalleryReply, ReadReply, ShortReply, SolveReply, SolveRequest } from "../types/api.js" */
/** @import { Lesson, LessonsReply, PracticeReply, PracticeRequest } from "../types/lesson.js" */
/** @import { Plan, PlanRequest, Result, RunReply, RunRequest, StoredInfo } from "../types/plan.js" */
/** @import { OperationsReply, SamplesReply } from "../types/registry.js" */
/** @import { ConnectionEnvironment } from "../types/stream.js" */

/** Times that a request is made while the server is busy. */
const MOST_TRIES = 5;

/** @typedef {Partial<Pick<ConnectionEnvironment, "fetch" | "setTimeout">> & { waits?: (seconds: number) => void }} Around */

/**
 * The requests of the API; each answers with a value or a problem, and never throws. `waits` of what is around hears
 * of each time that a busy server lets a request wait; a dialog has its own function, by the requests of `reporting`.
 * @param {string} base such as "/api/v1" @param {Around} [around]
 */
export function createApi(base, around = {}) {
  const reporting = (/** @type {(seconds: number) => void} */ waits) => requests(base, { ...around, waits });
  return { ...requests(base, around), reporting };
}

/** @param {string} base @param {Around} around */
function requests(base, around) {
  const { fetch: ask, setTimeout: later, random, waits } = { ...browser(), waits() {}, ...around };

  /**
   * @template Value
   * @param {string} path @param {RequestInit} request @param {(answer: Response) => Promise<Value>} read
   * @returns {Promise<Result<Value>>}
   */
  async function asked(path, request, read) {
    try {
      const url = `${base}/${path}`;
      for (let tries = 1; ; tries++) {
        const answer = await ask(url, request);
        if (answer.ok) return { ok: true, value: await read(answer) };
        const problem = await problemOfAnswer(answer);
        // Nothing is wrong with it but the moment: asked again when the server said, not all pages at once.
        if (!problem.retry_after_s || tries === MOST_TRIES) return { ok: false, problem };
        waits(problem.retry_after_s);
        const delay_ms = problem.retry_after_s * 1000 * (1 + random() / 2);
        await new Promise((resolve) => later(() => resolve(undefined), delay_ms));
        request.signal?.throwIfAborted();
      }
    } catch {
      if (!request.signal?.aborted) return { ok: false, problem: unreachable() };
      return { ok: false, problem: superseded() };
    }
  }

  /**
   * @template Value
   * @param {string} path @param {unknown} [body] @param {AbortSignal} [signal]
   * @returns {Promise<Result<Value>>}
   */
  function json(path, body, signal = undefined) {
    const headers = { "Content-Type": "application/json", Accept: "application/json" };
    const posted = body === undefined ? {} : { method: "POST", headers, body: JSON.stringify(body) };
    return asked(path, { ...posted, signal: signal ?? null }, (answer) => answer.json());
  }

  /** Any request as it is, whatever its status. @type {(path: string, request: RequestInit) => Promise<Result<{ status: number, headers: Headers, blob: Blob }>>} */
  async function send(path, request) {
    try {
      const answer = await ask(`${base}${path}`, request);
      return {
        ok: true,
        value: { status: answer.status, headers: answer.headers, blob: await answer.blob() },
      };
    } catch {
      return { ok: false, problem: unreachable() };
    }
  }

  const bytes = (/** @type {Response} */ answer) => answer.arrayBuffer();
  const stored = (/** @type {Response} */ answer) => /** @type {Promise<StoredInfo>} */ (answer.json());
  return {
    send,
    /** Each line of an answer as it comes. @type {(path: string, body: unknown, heard: (line: any) => void) => Promise<Result<true>>} */
    lines(path, body, heard) {
      const headers = { "Content-Type": "application/json", Accept: "application/x-ndjson" };
      return asked(path, { method: "POST", headers, body: JSON.stringify(body) }, async (answer) => {
        for await (const line of linesOf(answer)) heard(line);
        return /** @type {const} */ (true);
      });
    },
    /** @returns {Promise<Result<OperationsReply>>} */
    operations: () => json("operations"),
    /** @returns {Promise<Result<SamplesReply>>} */
    samples: () => json("samples"),
    /** @type {(request: PlanRequest, signal?: AbortSignal) => Promise<Result<Plan>>} */
    planJson: (request, signal) => json("plan", request, signal),
    /** @type {(request: RunRequest, signal?: AbortSignal) => Promise<Result<RunReply>>} */
    runJson: (request, signal) => json("run", request, signal),
    /** A figure as a file. @type {(request: FigureRequest) => Promise<Result<Blob>>} */
    figure(request) {
      const headers = { "Content-Type": "application/json", Accept: "*/*" };
      return asked("figure", { method: "POST", headers, body: JSON.stringify(request) }, (answer) =>
        answer.blob(),
      );
    },
    /**
     * A figure as a file, with its progress; stops when the signal says so.
     * @type {(request: FigureRequest, progress: (done: number, of: number) => void, signal: AbortSignal) => Promise<Result<Blob>>}
     */
    figureTold(request, progress, signal) {
      const headers = { "Content-Type": "application/json", Accept: "application/x-ndjson" };
      const posted = { method: "POST", headers, body: JSON.stringify(request), signal };
      return asked("figure", posted, async (answer) => {
        for await (const line of linesOf(answer)) {
          if (line.type === "progress") progress(line.done, line.of);
          else return new Blob([bytesOf(line.data)], { type: line.media_type });
        }
        throw new Error("the answer ended before the figure");
      });
    },
    /** @returns {Promise<Result<GalleryReply>>} */
    gallery: () => json("gallery"),
    /** @type {(request: FigureRequest) => Promise<Result<FigureWords>>} */
    figureWords: (request) => json("figure", request),
    /** @type {(request: CodeRequest) => Promise<Result<CodeReply>>} */
    code: (request) => json("code", request),
    /** @type {(request: { text: string, network?: boolean }) => Promise<Result<ReadReply>>} */
    read: (request) => json("read", request),
    /** @type {(request: SolveRequest) => Promise<Result<SolveReply>>} */
    solve: (request) => json("solve", request),
    /** The output as a file: application/x-npy or image/png. */
    runBytes(/** @type {RunRequest} */ request, /** @type {string} */ accept) {
      const headers = { "Content-Type": "application/json", Accept: accept };
      return asked("run", { method: "POST", headers, body: JSON.stringify(request) }, bytes);
    },
    /** A picture or an array in any format that the server reads; what it is, the server finds out. */
    uploadFile(/** @type {Blob} */ blob) {
      const headers = { "Content-Type": blob.type || "application/octet-stream" };
      return asked("images", { method: "POST", headers, body: blob }, stored);
    },
    /** An array as the bytes of an .npy file. */
    uploadArray(/** @type {Blob | ArrayBuffer} */ array) {
      const headers = { "Content-Type": "application/x-npy" };
      return asked("images", { method: "POST", headers, body: array }, stored);
    },
    /** The record of a stored picture or array. @type {(id: string) => Promise<Result<StoredInfo>>} */
    stored(id) {
      const headers = { Accept: "application/json" };
      return asked(`images/${encodeURIComponent(id)}`, { headers }, stored);
    },
    /** Keep a link's state under a short id. @type {(fragment: string) => Promise<Result<ShortReply>>} */
    shorten: (fragment) => json("links", { fragment }),
    /** @returns {Promise<Result<LessonsReply>>} */
    lessons: () => json("lessons"),
    /** A lesson with its keys. @type {(name: string) => Promise<Result<Lesson>>} */
    lesson: (name) => json(`lessons/${encodeURIComponent(name)}?keys=true`),
    /** Exercises that a seed draws. @type {(request: PracticeRequest) => Promise<Result<PracticeReply>>} */
    practice: (request) => json("practice", request),
    /** A token of one day, for a link. @returns {Promise<Result<{ token: string, expires: string }>>} */
    dayToken: () => asked("day-token", { method: "POST" }, (answer) => answer.json()),
    /** Delete an upload, with the token that it was answered with. */
    deleteImage(/** @type {string} */ id, /** @type {string} */ token) {
      const request = { method: "DELETE", headers: { "Delete-Token": token } };
      return asked(`images/${encodeURIComponent(id)}`, request, async () => true);
    },
    /** A stored picture as PNG, or its array as .npy. */
    imageBytes(/** @type {string} */ id, accept = "image/png") {
      return asked(`images/${encodeURIComponent(id)}`, { headers: { Accept: accept } }, bytes);
    },
  };
}

/** The lines of an answer as they come, each as what its JSON says. */
async function* linesOf(/** @type {Response} */ answer) {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    const lines = (rest + part.value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

/** The bytes of a base64 text. @returns {Uint8Array<ArrayBuffer>} */
function bytesOf(/** @type {string} */ coded) {
  return Uint8Array.from(atob(coded), (letter) => letter.charCodeAt(0));
}
