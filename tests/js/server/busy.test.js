// A server that is busy, resting or asks for a token: the page waits, goes on by itself and loses nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApi } from "../../../static/js/server/api.js";
import { keepToken } from "../../../static/js/server/token.js";
import { connected } from "../connected.js";
import { REQUEST } from "../fakes.js";

const BUSY = { code: "busy", status: 503, detail: "Busy.", retry_after_s: 2 };

/** @param {number} status @param {object} problem @param {Record<string, string>} [headers] */
const refusal = (status, problem, headers = {}) => new Response(JSON.stringify(problem), { status, headers });

test("a job that a busy server refuses is asked for again when it said, and is not told as wrong", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.text({ type: "error", job, problem: BUSY });
  assert.equal(connection.status.state, "busy");
  assert.deepEqual(news(), []);
  await browser.pass(1900);
  assert.equal(browser.socket.sent.length, 1);
  await browser.pass(1200);
  assert.equal(browser.socket.sent.length, 2);
  assert.equal(browser.socket.sent[1].job, job);
  assert.equal(connection.status.state, "live");
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 0, last: true });
  assert.deepEqual(news(), [
    ["plan", job],
    ["frame", job, "steps", 0],
  ]);
});

test("a job refused within its frames goes on at the step it had", async () => {
  const { browser, connection } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 0, first: 0, count: 10 });
  browser.socket.text({ type: "error", job, problem: BUSY });
  await browser.pass(3100);
  assert.equal(browser.socket.sent.at(-1).first, 10);
});

test("a newer setting does not wait for the time of an older one", async () => {
  const { browser, connection } = connected();
  browser.socket.open();
  const old = connection.start(REQUEST, 4);
  browser.socket.text({ type: "error", job: old, problem: { ...BUSY, retry_after_s: 60 } });
  const job = connection.start(REQUEST, 4);
  assert.equal(browser.socket.sent.at(-1).job, job);
  assert.equal(connection.status.state, "live");
  await browser.pass(100_000);
  assert.ok(browser.socket.sent.every(({ type }, at) => type === "start" && at < 2));
});

test("a socket lost while the server is busy comes back, and the job waits its time", async () => {
  const { browser, connection } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.text({ type: "error", job, problem: { ...BUSY, retry_after_s: 20 } });
  browser.socket.lose();
  await browser.pass(3000);
  browser.socket.open();
  assert.equal(browser.socket.sent.length, 0);
  assert.equal(browser.posts.length, 0);
  await browser.pass(30_000);
  assert.equal(browser.socket.sent.at(-1).job, job);
});

test("frames by POST wait for a busy server too", async () => {
  const { browser, connection, news } = connected({ sockets: false });
  connection.start(REQUEST, 4);
  browser.posts[0]?.answer(refusal(503, BUSY));
  await browser.pass(10);
  assert.equal(connection.status.state, "busy");
  await browser.pass(3100);
  assert.equal(browser.posts.length, 2);
  assert.deepEqual(news(), []);
});

test("a socket that the server let rest is opened again by the next job and not before", async () => {
  const { browser, connection } = connected();
  browser.socket.open();
  browser.socket.lose(4000);
  await browser.pass(200_000);
  assert.equal(browser.sockets.length, 1);
  assert.equal(connection.status.state, "live");
  const job = connection.start(REQUEST, 4);
  assert.equal(browser.sockets.length, 2);
  browser.socket.open();
  assert.equal(browser.socket.sent[0].job, job);
});

test("a request that a busy server refuses is made again, but not without end", async () => {
  const waits = /** @type {number[]} */ ([]);
  let answers = [refusal(503, { ...BUSY }), refusal(429, {}, { "Retry-After": "7" }), new Response("{}")];
  /** @type {any} */
  const environment = {
    fetch: async () => answers.shift() ?? refusal(503, BUSY),
    setTimeout: (/** @type {() => void} */ then, /** @type {number} */ ms) => {
      waits.push(ms);
      queueMicrotask(then);
    },
  };
  const api = createApi("/api/v1", environment);
  assert.equal((await api.samples()).ok, true);
  assert.ok(waits.length === 2 && Number(waits[0]) >= 2000 && Number(waits[1]) >= 7000, String(waits));
  answers = [];
  const given = await api.samples();
  assert.ok(!given.ok && given.problem.code === "busy");
  assert.equal(waits.length, 2 + 4);
});

test("who asks hears that a request waits, and a dialog in place of the page", async () => {
  const heard = /** @type {[who: string, seconds: number][]} */ ([]);
  let answers = [refusal(503, BUSY), new Response("{}"), refusal(429, {}, { "Retry-After": "7" })];
  /** @type {any} */
  const around = {
    fetch: async () => answers.shift() ?? new Response("{}"),
    setTimeout: (/** @type {() => void} */ then) => queueMicrotask(then),
    waits: (/** @type {number} */ seconds) => heard.push(["page", seconds]),
  };
  const api = createApi("/api/v1", around);
  await api.samples();
  await api.reporting((seconds) => heard.push(["dialog", seconds])).samples();
  assert.deepEqual(heard, [
    ["page", 2],
    ["dialog", 7],
  ]);
  answers = [refusal(404, {})];
  await api.samples();
  assert.equal(heard.length, 2);
});

test("the token goes with every request and socket once it is known", async () => {
  const plain = connected();
  assert.deepEqual(plain.browser.socket.protocols, ["convscope.v1"]);
  const seen = /** @type {(string | null)[]} */ ([]);
  const before = globalThis.fetch;
  globalThis.fetch = async (_, init) => {
    seen.push(new Headers(init?.headers).get("authorization"));
    return new Response("{}");
  };
  try {
    const api = createApi("/api/v1");
    await api.samples();
    keepToken("of-the-class");
    await api.samples();
    await api.read({ text: "" });
    assert.deepEqual(connected().browser.socket.protocols, ["convscope.v1", "bearer.of-the-class"]);
  } finally {
    keepToken("");
    globalThis.fetch = before;
  }
  assert.deepEqual(seen, [null, "Bearer of-the-class", "Bearer of-the-class"]);
});
