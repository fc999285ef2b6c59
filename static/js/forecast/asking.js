// The requests of the forecast room: forecasts as JSON lines, and own tables. Knows no DOM.

import { problemOfAnswer } from "../layer/errors.js";
import { requestOf, toldIn } from "./settings.js";

/** @import { createApi } from "../server/api.js" */
/** @import { Result } from "../types/plan.js" */
/** @import { Settings, Table, Told } from "../types/forecast.js" */

/** @typedef {Pick<ReturnType<typeof createApi>, "send">} Api */

/** @param {Api} api @param {Settings} settings @returns {Promise<Result<Told>>} */
export async function forecastOf(api, settings) {
  const answer = await asked(api, "/forecast", JSON.stringify(requestOf(settings)), {
    "Content-Type": "application/json",
    Accept: "application/x-ndjson",
  });
  if (!answer.ok) return answer;
  const told = toldIn(answer.value);
  return told.problem ? { ok: false, problem: told.problem } : { ok: true, value: told };
}

/** Keep a table. @param {Api} api @param {Blob} file @returns {Promise<Result<Table>>} */
export async function tableKept(api, file) {
  const answer = await asked(api, "/data", file, { "Content-Type": "text/csv", Accept: "application/json" });
  return answer.ok ? { ok: true, value: JSON.parse(answer.value) } : answer;
}

/** @param {Api} api @param {string} path @param {string | Blob} body @param {Record<string, string>} headers @returns {Promise<Result<string>>} */
async function asked(api, path, body, headers) {
  const answer = await api.send(path, { method: "POST", headers, body });
  if (!answer.ok) return answer;
  const { status, headers: told, blob } = answer.value;
  if (status < 300) return { ok: true, value: await blob.text() };
  return { ok: false, problem: await problemOfAnswer(new Response(blob, { status, headers: told })) };
}
