// Requests, errors and answers of the forecast room.

import assert from "node:assert/strict";
import { test } from "node:test";
import { forecastOf, tableKept } from "../../../static/js/forecast/asking.js";
import { fieldOf } from "../../../static/js/forecast/fields.js";
import { startOf } from "../../../static/js/forecast/plots.js";
import {
  errorOf,
  heldOf,
  heldValues,
  layersOf,
  linkText,
  replyIn,
  requestOf,
  settingsIn,
  stackOf,
  USUAL,
} from "../../../static/js/forecast/settings.js";
import { unreachable } from "../../../static/js/layer/errors.js";
import { wentOn } from "../../../static/js/words/breaks.js";

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

test("the usual network and its training are those of tests/effects/series.py, which lessons speak of", () => {
  const { layers, steps, optimiser, seed } = requestOf(USUAL);
  const one = { operation: "convolution", kernel: 2, filters: 8, padding: "causal", bias: true };
  const last = { operation: "convolution", kernel: 1, filters: 1, bias: true };
  const stack = [1, 2, 4, 8, 16, 32].map((dilation) => ({ ...one, dilation, activation: "relu" }));
  assert.deepEqual(layers, [...stack, last]);
  assert.deepEqual(
    { steps, optimiser, seed },
    { steps: 300, optimiser: { kind: "adam", rate: 0.01 }, seed: 0 },
  );
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

const step = (/** @type {number} */ at) => ({ type: "step", step: at });
const END = { type: "forecast", steps: 3 };

test("lines are reports and the answer last, or a problem", () => {
  const reply = replyIn([step(0), END]);
  assert.deepEqual([reply.reports.length, reply.answer?.steps, reply.problem], [1, 3, null]);
  const failed = replyIn([step(0), { type: "error", problem: { detail: "no" } }]);
  assert.equal(failed.problem?.detail, "no");
  assert.equal(failed.answer, null);
});

test("blocks are two convolutions of one dilation and a skip, which sees twice as far", () => {
  const settings = { ...USUAL, blocks: true, kernel: 6, layers: 6 };
  const layers = /** @type {any[]} */ (layersOf(settings));
  assert.deepEqual(
    layers.slice(0, 4).map(({ name, inputs, dilation }) => [name, inputs, dilation]),
    [
      ["block1.a", ["input"], 1],
      ["block1.b", ["block1.a"], 1],
      ["skip1", ["input"], undefined],
      ["block1", ["block1.b", "skip1"], undefined],
    ],
  );
  assert.deepEqual(layers[6].inputs, ["block2.b", "block1"]);
  assert.deepEqual(layers.at(-1).inputs, ["block6"]);
  const { rows } = fieldOf(stackOf(settings), "causal");
  assert.equal(rows[0]?.[0], -630); // 631 steps with the last
});

test("settings come back from a link, and what is none of them is as usual", () => {
  /** @type {import("../../../static/js/types/forecast.d.ts").Settings[]} */
  const all = [
    USUAL,
    { ...USUAL, blocks: true, kernel: 6, seed: 7 },
    {
      ...USUAL,
      series: { kind: "recorded", id: "0a".repeat(32), column: "Umsatz" },
      held: 7,
      padding: "same",
    },
  ];
  for (const settings of all) assert.deepEqual(settingsIn(linkText(settings)), settings);
  assert.equal(linkText(USUAL), null);
  const wrong = {
    layers: 99,
    kernel: 1.5,
    padding: "left",
    series: { kind: "recorded", id: "x" },
    other: 1,
    rate: "a",
  };
  assert.deepEqual(settingsIn(JSON.stringify(wrong)), USUAL);
});

/** An api that answers each time with the next of these lines; nothing is a lost connection. @param {(any[] | null)[]} answers */
function answering(...answers) {
  /** @type {any} */
  const api = {
    async lines(/** @type {string} */ _, /** @type {any} */ __, /** @type {(line: any) => void} */ hear) {
      const lines = answers.shift() ?? [];
      for (const line of lines) hear(line);
      if (lines.at(-1)?.type) return { ok: true, value: true };
      return { ok: false, problem: unreachable() };
    },
  };
  return api;
}

test("a forecast tells the training steps on its way, and goes on after a lost connection", async () => {
  /** @type {(number | string)[]} */
  const heard = [];
  /** @type {number[]} */
  const waits = [];
  const answer = await forecastOf(
    answering([step(0), step(20), {}], null, [step(0)], [step(0), step(20), step(40), END]),
    USUAL,
    (at) => heard.push(at),
    async (delay_ms) => waits.push(delay_ms),
  );
  assert.equal(answer.ok && answer.value.reports.length, 3);
  assert.deepEqual(heard, [0, 20, "lost", "lost", 0, "lost", 0, 20, 40]);
  assert.equal(waits.length, 3);
});

const BEGUN = { type: "series", series: { name: "sales", values: [1, 2] }, memory: { padded: 3 } };
const kept = (/** @type {number} */ at, id = "c") => ({ type: "checkpoint", step: at, checkpoint: { id } });

test("a forecast goes on from its last checkpoint, keeps the reports before it, and says so in the end", async () => {
  const asked = /** @type {any[]} */ ([]);
  const answers = answering(
    [BEGUN, step(0), step(20), kept(20), step(40), {}],
    [BEGUN, step(40), kept(40, "d"), {}],
    null,
    [{ type: "error", problem: { code: "busy", detail: "no", retry_after_s: 2 } }],
    [BEGUN, step(60), END],
  );
  const api = {
    ...answers,
    lines(/** @type {any[]} */ ...all) {
      asked.push(all[1]);
      return answers.lines(...all);
    },
  };
  const heard = /** @type {any[]} */ ([]);
  const answer = await forecastOf(
    api,
    USUAL,
    (at) => heard.push(at),
    async () => {},
  );
  assert.ok(answer.ok);
  assert.deepEqual(
    asked.map(({ checkpoint }) => checkpoint),
    [undefined, "c", "d", "d", "d"],
  );
  assert.deepEqual(
    answer.value.reports.map(({ step: at }) => at),
    [0, 20, 40, 60],
  );
  assert.deepEqual(answer.value.breaks, [
    { causes: ["lost"], step: 20 },
    { causes: ["lost", "busy"], step: 40 },
  ]);
  assert.deepEqual(heard, [0, 0, 20, 40, "lost", 20, 40, "lost", "lost", "busy", 40, 60]);
  assert.equal(
    wentOn("the forecast", answer.value.breaks),
    "The connection was lost: the forecast went on from the checkpoint at training step 20, with the numbers that it would have had. " +
      "The connection was lost, and the server was busy: the forecast went on from the checkpoint at training step 40, with the numbers that it would have had.",
  );
});

test("a forecast whose checkpoint is lost as well begins anew, and one that only waits for room tells nothing", async () => {
  const gone = { type: "error", problem: { code: "not_found", detail: "no", pointer: "/checkpoint" } };
  const first = [BEGUN, step(0), kept(20), {}];
  const anew = await forecastOf(
    answering(first, [gone], [BEGUN, step(0), step(20), END]),
    USUAL,
    undefined,
    async () => {},
  );
  assert.ok(anew.ok);
  assert.equal(anew.value.reports.length, 2);
  assert.deepEqual(anew.value.breaks, [{ causes: ["lost"], step: 0 }]);
  assert.match(
    wentOn("the forecast", anew.value.breaks),
    /^The connection was lost: the forecast began anew/,
  );
  const busy = [{ type: "error", problem: { code: "busy", detail: "no", retry_after_s: 2 } }];
  const late = await forecastOf(answering(busy, [BEGUN, step(0), END]), USUAL, undefined, async () => {});
  assert.deepEqual(late.ok && late.value.breaks, []);
});

test("the series can be drawn at once, and its forecast grows with each report", async () => {
  const report = (/** @type {number} */ at) => ({ ...step(at), forecast: { beyond: [at] } });
  /** @type {any[]} */
  const drawn = [];
  const answers = answering([BEGUN, report(5), report(20), END]);
  const answer = await forecastOf(answers, USUAL, (_, early) => drawn.push(early));
  assert.equal(answer.ok && answer.value.reports.length, 2);
  assert.deepEqual(
    drawn.map(({ series, memory, way }) => [series.name, memory.padded, way?.beyond]),
    [
      ["sales", 3, undefined],
      ["sales", 3, [5]],
      ["sales", 3, [20]],
    ],
  );
});

test("a refusal on the way ends a forecast, and a server that never comes back is told", async () => {
  const refused = await forecastOf(
    answering([{ type: "error", problem: { code: "deadline", detail: "no" } }]),
    USUAL,
  );
  assert.equal(!refused.ok && refused.problem.detail, "no");
  const away = await forecastOf(answering(), USUAL, undefined, async () => {});
  assert.equal(!away.ok && away.problem.code, unreachable().code);
});

test("a table goes out as text/csv, and a refusal comes back in words", async () => {
  /** @type {[string, RequestInit][]} */
  const asked = [];
  const api = (/** @type {number} */ status, /** @type {object} */ body) => ({
    ...answering(),
    async send(/** @type {string} */ path, /** @type {RequestInit} */ request) {
      asked.push([path, request]);
      const headers = new Headers({ "content-type": "application/problem+json" });
      const blob = new Blob([JSON.stringify(body)]);
      return { ok: /** @type {const} */ (true), value: { status, headers, blob } };
    },
  });
  const table = await tableKept(api(201, { id: "ab", columns: [] }), new Blob(["a,b"]));
  assert.equal(table.ok && table.value.id, "ab");
  assert.equal(asked[0]?.[0], "/data");
  assert.equal(new Headers(asked[0]?.[1].headers).get("content-type"), "text/csv");
  const refusal = { code: "unfit", detail: "table = line 3: no number", reason: "x", remedy: "y" };
  const answer = await tableKept(api(422, refusal), new Blob(["a"]));
  assert.equal(!answer.ok && answer.problem.detail, "table = line 3: no number");
});

const STAGE = [
  { operation: "convolution", name: "a", kernel: 3, filters: 2, padding: "same", dilation: 2 },
  { operation: "convolution", name: "b", kernel: [2], filters: 2, padding: "same" },
  { operation: "convolution", name: "c", kernel: 1, filters: 1, inputs: ["b"] },
];

test("layers of the stage stand in place of the stack, with the padding that is asked for", () => {
  const settings = { ...USUAL, own: /** @type {any} */ (STAGE) };
  assert.deepEqual(layersOf({ ...settings, padding: "same" }), STAGE);
  assert.deepEqual(
    layersOf(settings).map((layer) => /** @type {any} */ (layer).padding),
    ["causal", "causal", undefined],
  );
  assert.deepEqual(stackOf(settings), [
    { kernel: 3, dilation: 2 },
    { kernel: 2, dilation: 1 },
  ]);
  const skips = [...STAGE, { operation: "add", name: "d", inputs: ["c", "input"] }];
  assert.deepEqual(stackOf({ ...settings, own: /** @type {any} */ (skips) }), []);
});

test("a link holds the layers of the stage, and forgets what are none", () => {
  const settings = { ...USUAL, own: /** @type {any} */ (STAGE) };
  assert.deepEqual(settingsIn(linkText(settings)), settings);
  for (const own of ["none", [], [{ kernel: 2 }], Array(65).fill(STAGE[0])])
    assert.deepEqual(settingsIn(JSON.stringify({ own })), USUAL);
});

test("examples begin a stride apart, the first with the series, the last where its y ends with what is not held back", () => {
  const series = /** @type {any} */ ({ now: 100, window: 32, ahead: 2, stride: 8, examples: 10 });
  const starts = Array.from({ length: series.examples }, (_, example) => startOf(series, example));
  // As training_starts of app/core/learning/sequences.py has them.
  const wanted = [0];
  for (let start = 100 - 32 - 2; start > 0; start -= 8) wanted.splice(1, 0, start);
  assert.deepEqual(starts, wanted);
  assert.equal(Number(starts.at(-1)) + series.window + series.ahead, series.now);
});
