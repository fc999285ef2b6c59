// The requests of the forecast room: forecasts as JSON lines, and own tables. Knows no DOM.

import { problemOfAnswer } from "../layer/errors.js";
import { backOffMs } from "../server/job.js";
import { replyIn, requestOf } from "./settings.js";

/** @import { createApi } from "../server/api.js" */
/** @import { Result } from "../types/plan.js" */
/** @import { Early, Settings, Table, Forecasted } from "../types/forecast.js" */
/** @import { Break, Cause } from "../types/training.js" */

/** @typedef {Pick<ReturnType<typeof createApi>, "send" | "lines">} Api */
/**
 * A forecast on its way: the training step that it has come to, or the cause for which it waits; and what can be drawn by
 * then, once the series is there.
 * @typedef {(step: number | Cause, early?: Early | null) => void} Heard
 */

/** Times that a forecast is asked for again after a lost connection. */
const MOST_TRIES = 10;

const later = (/** @type {number} */ delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));

/**
 * A forecast, with each training step that is told on the way. After a lost connection it is asked for again from the last
 * checkpoint that was told, or from its beginning where there is none: the numbers are the same on any server.
 * @param {Api} api @param {Settings} settings @param {Heard} heard @param {(delay_ms: number) => Promise<unknown>} wait
 * @returns {Promise<Result<Forecasted>>}
 */
export async function forecastOf(api, settings, heard = () => {}, wait = later) {
  /** Reports that stand. @type {any[]} */
  let reports = [];
  /** The last checkpoint that was told. @type {{ of: { id: string, step: number } | null }} */
  const kept = { of: null };
  /** @type {Early | null} */
  let early = null;
  /** @type {Break[]} */
  const breaks = [];
  /** Why it does not go on now. @type {Cause[]} */
  let causes = [];
  for (let attempt = 0; ; attempt++) {
    const from = kept.of;
    const known = early !== null;
    /** @type {any[]} */
    const lines = [];
    reports = reports.filter(({ step }) => from && step <= from.step); // what came after it comes again
    const request = { ...requestOf(settings), ...(from ? { checkpoint: from.id } : {}) };
    const answer = await api.lines("forecast", request, (line) => {
      lines.push(line);
      if (line.type === "checkpoint" && line.checkpoint.id)
        kept.of = { id: line.checkpoint.id, step: line.step };
      if (line.type === "series") {
        early = { series: line.series, memory: line.memory, way: early?.way ?? null };
        if (known) breaks.push({ causes, step: from?.step ?? 0 });
        causes = [];
      } else if (line.type === "step") {
        reports.push(line);
        if (early) early = { ...early, way: line.forecast };
      }
      if (line.type === "series" || line.type === "step") heard(line.step ?? from?.step ?? 0, early);
    });
    const reply = replyIn([...reports, ...lines.filter(({ type }) => type !== "step")], breaks);
    if (reply.answer) return { ok: true, value: reply };
    const problem = reply.problem ?? (answer.ok ? null : answer.problem);
    if (from && problem?.pointer === "/checkpoint") {
      kept.of = null; // the store has lost it
      continue;
    }
    const passes = problem === null || problem.code === "unreachable" || Boolean(problem.retry_after_s);
    if (problem && (!passes || attempt === MOST_TRIES)) return { ok: false, problem };
    const cause = problem?.retry_after_s ? "busy" : "lost";
    if (!causes.includes(cause)) causes = [...causes, cause];
    heard(cause);
    await wait(backOffMs(attempt, Math.random));
  }
}

/** Keep a table. @param {Api} api @param {Blob} file @returns {Promise<Result<Table>>} */
export async function tableKept(api, file) {
  const headers = { "Content-Type": "text/csv", Accept: "application/json" };
  const answer = await api.send("/data", { method: "POST", headers, body: file });
  if (!answer.ok) return answer;
  const { status, headers: given, blob } = answer.value;
  if (status < 300) return { ok: true, value: JSON.parse(await blob.text()) };
  return { ok: false, problem: await problemOfAnswer(new Response(blob, { status, headers: given })) };
}
