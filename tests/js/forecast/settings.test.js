// Requests, errors and answers of the forecast room.

import assert from "node:assert/strict";
import { test } from "node:test";
import { forecastOf, tableKept } from "../../../static/js/forecast/asking.js";
import {
  errorOf,
  heldOf,
  heldValues,
  requestOf,
  toldIn,
  USUAL,
} from "../../../static/js/forecast/settings.js";

test("a request has a stack that doubles its dilations, ends in one value a step, and asks for 48 values", () => {
  const request = requestOf(USUAL);
  assert.deepEqual(
    request.layers.map((layer) => ("dilation" in layer ? layer.dilation : null)),
    [1, 2, 4, 8, 16, 32, null],
  );
  assert.deepEqual(request.data, { kind: "seasons", held: 48 });
  assert.equal(request.horizon, 48);
  assert.equal(request.report, 20);
  assert.equal("recurrent" in request, false);
});

test("silence is told of series that have it, and of no others", () => {
  const bursts = requestOf({ ...USUAL, series: { kind: "bursts" }, silence: "masked", recurrent: true });
  assert.deepEqual(bursts.data, { kind: "bursts", held: 48, silence: "masked" });
  assert.ok(bursts.recurrent);
  const own = requestOf({ ...USUAL, series: { kind: "recorded", id: "ab", column: "v" }, silence: "masked" });
  assert.deepEqual(own.data, { kind: "recorded", id: "ab", column: "v", held: 48 });
});

test("an error is the mean square over the first values that both have", () => {
  assert.equal(errorOf([1, 2, 3], [0, 0], 3), 2.5);
  assert.equal(errorOf([1, 2, 3], [0, 0, 0], 1), 1);
  assert.equal(errorOf([Number.NaN, 2], [0, 0], 2), 4);
  assert.equal(errorOf([], [1], 4), null);
});

test("a fifth of few values is held back, and 48 of many", () => {
  assert.deepEqual([4, 31, 240, 10_000].map(heldOf), [1, 6, 48, 48]);
});

test("the values that were held back are those from now on, also where the first are not told", () => {
  const series = /** @type {any} */ ({ values: [7, 8, 9], first: 10, now: 11 });
  assert.deepEqual(heldValues(series), [8, 9]);
});

const lines = (/** @type {object[]} */ ...messages) =>
  messages.map((one) => `${JSON.stringify(one)}\n`).join("");

test("lines are reports and the answer last, or a problem", () => {
  const answer = toldIn(lines({ type: "step", step: 0 }, { type: "forecast", steps: 3 }));
  assert.deepEqual([answer.reports.length, answer.answer?.steps, answer.problem], [1, 3, null]);
  const failed = toldIn(lines({ type: "step", step: 0 }, { type: "error", problem: { detail: "no" } }));
  assert.equal(failed.problem?.detail, "no");
  assert.equal(failed.answer, null);
});

/** @param {number} status @param {string} text */
function api(status, text) {
  /** @type {[string, RequestInit][]} */
  const asked = [];
  const send = async (/** @type {string} */ path, /** @type {RequestInit} */ request) => {
    asked.push([path, request]);
    const headers = new Headers({ "content-type": "application/problem+json" });
    return { ok: /** @type {const} */ (true), value: { status, headers, blob: new Blob([text]) } };
  };
  return { api: { send }, asked };
}

test("a table goes out as text/csv, and a refusal comes back in words", async () => {
  const kept = api(201, JSON.stringify({ id: "ab", columns: [] }));
  const table = await tableKept(kept.api, new Blob(["a,b"]));
  assert.equal(table.ok && table.value.id, "ab");
  assert.equal(kept.asked[0]?.[0], "/data");
  assert.equal(new Headers(kept.asked[0]?.[1].headers).get("content-type"), "text/csv");
  const refused = api(
    422,
    JSON.stringify({ code: "unfit", detail: "table = line 3: no number", reason: "x", remedy: "y" }),
  );
  const answer = await forecastOf(refused.api, USUAL);
  assert.equal(answer.ok, false);
  assert.equal(!answer.ok && answer.problem.detail, "table = line 3: no number");
});
