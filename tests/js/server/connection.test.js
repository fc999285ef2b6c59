// The connection in a made-up browser: supersede, credits, reconnect and resume.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createConnection } from "../../../static/js/server/streaming.js";
import { connected, untilNextSocket } from "../connected.js";
import { fakeBrowser, REQUEST, stepsFrame } from "../fakes.js";

test("a start before the socket opens is sent when it does, and only the newest", () => {
  const { browser, connection } = connected();
  assert.equal(browser.socket.protocols.join(), "convscope.v1");
  assert.equal(browser.socket.binaryType, "arraybuffer");
  connection.start(REQUEST, 2);
  connection.start({ ...REQUEST, first: 5 }, 3);
  connection.credit(4);
  browser.socket.open();
  assert.deepEqual(
    browser.socket.sent.map(({ type, job, first, credits }) => ({ type, job, first, credits })),
    [{ type: "start", job: 2, first: 5, credits: 7 }],
  );
  assert.equal(connection.status.state, "live");
});

test("plan, frames and end reach the page", () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 8);
  browser.socket.plan(job);
  browser.socket.frame(job, { kind: 2, sequence: 0, last: true });
  browser.socket.frame(job, { kind: 1, sequence: 1, first: 0 });
  browser.socket.text({ type: "end", job, first: 0, steps: 10 });
  assert.deepEqual(news(), [
    ["plan", 1],
    ["frame", 1, "input", 0],
    ["frame", 1, "steps", 0],
    ["end", 1],
  ]);
  assert.equal(browser.timers, 0);
});

test("a new start supersedes: what still comes of the old job is dropped", () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const old = connection.start(REQUEST, 8);
  browser.socket.plan(old);
  browser.socket.frame(old, { sequence: 0 });
  const job = connection.start(REQUEST, 8);
  news();
  browser.socket.frame(old, { sequence: 1, first: 10 });
  browser.socket.text({ type: "superseded", job: old });
  browser.socket.text({ type: "error", job: old, problem: { code: "unfit", detail: "" } });
  browser.socket.text({ type: "end", job: old, first: 0, steps: 100 });
  assert.deepEqual(news(), []);
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 0 });
  assert.deepEqual(news(), [
    ["plan", 2],
    ["frame", 2, "steps", 0],
  ]);
  assert.equal(connection.job, 2);
});

test("dragging a slider sends each start at once and shows only the last", () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  for (let drag = 0; drag < 30; drag++) connection.start(REQUEST, 1);
  assert.equal(browser.socket.sent.length, 30);
  for (let job = 1; job <= 30; job++) {
    browser.socket.plan(job);
    browser.socket.frame(job, { sequence: 0 });
  }
  assert.deepEqual(news(), [
    ["plan", 30],
    ["frame", 30, "steps", 0],
  ]);
});

test("credits go to the running job only", () => {
  const { browser, connection } = connected();
  browser.socket.open();
  connection.credit(3);
  assert.equal(browser.socket.sent.length, 0);
  const job = connection.start(REQUEST, 0);
  connection.credit(3);
  connection.credit(0);
  assert.deepEqual(browser.socket.sent.slice(1), [{ type: "credit", job, n: 3 }]);
  browser.socket.plan(job);
  browser.socket.text({ type: "end", job, first: 0, steps: 0 });
  connection.credit(3);
  assert.equal(browser.socket.sent.length, 2);
});

test("cancel stops the job, and nothing of it is heard any more", () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.plan(job);
  connection.cancel();
  assert.deepEqual(browser.socket.sent.at(-1), { type: "cancel", job });
  news();
  browser.socket.frame(job, { sequence: 0 });
  assert.deepEqual(news(), []);
});

test("a refusal ends its job and the socket stays", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.text({ type: "error", job, problem: { code: "unfit", detail: "stride = 0: …" } });
  assert.deepEqual(news(), [["problem", job, "unfit"]]);
  await browser.pass(60_000);
  assert.equal(browser.sockets.length, 1);
  assert.equal(browser.posts.length, 0);
});

test("a start that the server cannot read is told as a problem of its job, without falling back", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.text({ type: "error", job: null, problem: { code: "malformed", detail: "" } });
  assert.deepEqual(news(), [["problem", job, "malformed"]]);
  await browser.pass(5000);
  assert.equal(browser.posts.length, 0);
});

test("a lost socket is opened again and the job goes on from the first missing step", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start({ ...REQUEST, first: 20, count: 60 }, 9);
  browser.socket.plan(job);
  browser.socket.frame(job, { kind: 2, sequence: 0, last: true });
  browser.socket.frame(job, { kind: 3, sequence: 1, last: true });
  browser.socket.frame(job, { sequence: 2, first: 20 });
  browser.socket.frame(job, { sequence: 3, first: 30, count: 15 });
  connection.credit(1);
  news();
  browser.socket.lose();
  assert.equal(connection.status.state, "connecting");
  await browser.pass(250);
  assert.equal(browser.sockets.length, 2);
  browser.socket.open();
  const [again] = browser.socket.sent;
  assert.deepEqual(
    { job: again.job, first: again.first, count: again.count, input: again.input, weight: again.weight },
    { job, first: 45, count: 35, input: false, weight: false },
  );
  assert.equal(again.credits, 6, "granted 10, used 4");
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 0, first: 45 });
  assert.deepEqual(news(), [["frame", job, "steps", 45]], "the plan is told once");
});

test("tensors that had not come whole are asked for again", async () => {
  const { browser, connection } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 9);
  browser.socket.plan(job);
  browser.socket.frame(job, { kind: 2, sequence: 0, last: false });
  browser.socket.lose();
  await browser.pass(250);
  browser.socket.open();
  assert.equal(browser.socket.sent[0].input, true);
  assert.equal(browser.socket.sent[0].weight, true);
});

test("a job whose last frame came has ended, whether or not the server could say so", () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 9);
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 0, first: 0, count: 100, last: true });
  browser.socket.lose();
  assert.deepEqual(news().at(-1), ["end", job]);
});

test("the back-off doubles up to half a minute and begins anew after a good socket", async () => {
  const { browser } = connected();
  const delays = [];
  for (let round = 0; round < 10; round++) {
    browser.socket.lose();
    delays.push(await untilNextSocket(browser));
  }
  assert.deepEqual(delays, [250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  browser.socket.open();
  await browser.pass(5000);
  browser.socket.lose();
  await browser.pass(250);
  assert.equal(browser.sockets.length, 12);
});

test("without a network the page says so, and connects when it is back", async () => {
  const { browser, connection, log } = connected();
  browser.socket.open();
  browser.network(false);
  assert.equal(connection.status.state, "live", "a socket that stands is no worse for it");
  browser.socket.lose();
  assert.equal(connection.status.state, "offline");
  const before = browser.sockets.length;
  browser.network(true);
  assert.equal(browser.sockets.length, before + 1);
  browser.socket.open();
  assert.deepEqual(
    log.filter(([what]) => what === "status").map(([, state]) => state),
    ["live", "offline", "connecting", "live"],
  );
});

test("the next attempt's time is told", () => {
  const { browser, connection } = connected();
  browser.socket.lose();
  assert.deepEqual(connection.status, { state: "connecting", attempt: 1, next_attempt_ms: 250 });
});

test("a socket that owes frames and falls silent is replaced, a paused one is left alone", async () => {
  const { browser, connection } = connected();
  browser.socket.open();
  const paused = connection.start(REQUEST, 0);
  browser.socket.plan(paused);
  await browser.pass(39_000);
  connection.credit(1);
  await browser.pass(19_000);
  assert.equal(browser.sockets.length, 1);
  await browser.pass(22_000);
  assert.equal(browser.sockets.length, 2);
});

test("bytes that are no frame end the job with a problem and not in a loop", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.plan(job);
  browser.socket.onmessage?.({ data: new ArrayBuffer(7) });
  assert.deepEqual(news(), [
    ["plan", job],
    ["problem", job, "protocol"],
  ]);
  await browser.pass(60_000);
  assert.deepEqual(news(), []);
  assert.equal(browser.posts.length, 0);
});

test("a missing frame is noticed", () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 1 });
  assert.deepEqual(news().at(-1), ["problem", job, "protocol"]);
});

test("a page that starts another job in a callback gets it", () => {
  const browser = fakeBrowser();
  /** @type {number[]} */
  const ended = [];
  const connection = createConnection({
    streamUrl: "ws://host",
    framesUrl: "/frames",
    environment: browser.environment,
    onPlan: () => {},
    onFrame: () => connection.start(REQUEST, 1),
    onEnd: (job) => ended.push(job),
    onProblem: () => {},
  });
  browser.socket.open();
  const job = connection.start(REQUEST, 1);
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 0 });
  browser.socket.text({ type: "end", job, first: 0, steps: 10 });
  browser.socket.text({ type: "end", job: job + 1, first: 0, steps: 10 });
  assert.deepEqual(ended, [job + 1]);
});

test("after close nothing runs and nothing is told", async () => {
  const { browser, connection, log } = connected();
  connection.start(REQUEST, 4);
  connection.close();
  log.length = 0;
  browser.network(true);
  await browser.pass(600_000);
  assert.equal(browser.timers, 0);
  assert.equal(browser.sockets.length, 1);
  assert.deepEqual(log, []);
});

test("the made-up frames are real ones", () => {
  assert.equal(stepsFrame({}).byteLength, 32 + 40);
});
