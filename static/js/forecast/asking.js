// The requests of the forecast room: forecasts as JSON lines, and own tables. Knows no DOM.

import { problemOfAnswer } from "../layer/errors.js";
import { backOffMs } from "../server/job.js";
import { replyIn, requestOf } from "./settings.js";

/** @import { createApi } from "../server/api.js" */
/** @import { Result } from "../types/plan.js" */
/** @import { Early, Settings, Table, Forecasted } from "../types/forecast.js" */

/** @typedef {Pick<ReturnType<typeof createApi>, "send" | "lines">} Api */
/**
 * A forecast on its way: the training step that it has come to, or null while no server answers; and what can be drawn by
 * then, once the series is there.
 * @typedef {(step: number | null, early?: Early | null) => void} Heard
 */

/** Times that a forecast is asked for again after a lost connection. */
const MOST_TRIES = 10;

const later = (/** @type {number} */ delay_ms) => new Promise((resolve) => setTimeout(resolve, delay_ms));

/**
 * A forecast, with each training step that is told on the way. After a lost connection it is asked for again: a server
 * that has it goes on, and any other computes the same numbers.
 * @param {Api} api @param {Settings} settings @param {Heard} heard @param {(delay_ms: number) => Promise<unknown>} wait
 * @returns {Promise<Result<Forecasted>>}
 */
export async function forecastOf(api, settings, heard = () => {}, wait = later) {
  for (let attempt = 0; ; attempt++) {
    /** @type {any[]} */
    const lines = [];
    /** @type {Early | null} */
    let early = null;
    const answer = await api.lines("forecast", requestOf(settings), (line) => {
      lines.push(line);
      if (line.type === "series") early = { series: line.series, memory: line.memory, way: null };
      else if (early && line.type === "step") early = { ...early, way: line.forecast };
      if (line.type === "series" || line.type === "step") heard(line.step ?? 0, early);
    });
    const reply = replyIn(lines);
    if (reply.answer) return { ok: true, value: reply };
    const problem = reply.problem ?? (answer.ok ? null : answer.problem);
    const passes = problem === null || problem.code === "unreachable" || Boolean(problem.retry_after_s);
    if (problem && (!passes || attempt === MOST_TRIES)) return { ok: false, problem };
    heard(null);
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
