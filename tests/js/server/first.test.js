// The connection of a page that has just opened: the first job by POST, everything else by the stream.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createFirst } from "../../../static/js/server/first.js";
import { createStream } from "../../../static/js/server/stream.js";
import { fakeBrowser, listener, PLAN, REQUEST, settled, writtenBody } from "../fakes.js";

/** @param {{ loads?: boolean }} [how] whether the stream's module can be loaded */
function opened({ loads = true } = {}) {
  const browser = fakeBrowser();
  const { callbacks, news, log } = listener();
  const options = { streamUrl: "ws://host/api/v1/stream", framesUrl: "/api/v1/frames", ...callbacks };
  const asked = { streams: 0, loads };
  const connection = createFirst(options, browser.environment, async () => {
    asked.streams += 1;
    if (!asked.loads) throw new TypeError("Failed to fetch");
    return (before) => createStream(options, browser.environment, before);
  });
  return { browser, connection, news, log, asked };
}

test("the first job is posted, waits for credits, and needs no socket", async () => {
  const { browser, connection, news, asked } = opened();
  const job = connection.start(REQUEST, 1);
  assert.equal(browser.post.url, "/api/v1/frames");
  assert.deepEqual(browser.post.body, { ...REQUEST, first: 0, count: null, lanes: null, window: false });
  const body = writtenBody();
  browser.post.answer(body.response);
  body.text({ type: "plan", job: 0, plan: PLAN });
  body.frame({ sequence: 0, first: 0 });
  body.frame({ sequence: 1, first: 10 });
  await settled();
  assert.deepEqual(news(), [
    ["plan", job],
    ["frame", job, "steps", 0],
  ]);
  assert.equal(connection.status.state, "live");
  connection.credit(1);
  body.text({ type: "end", job: 0, first: 0, steps: 20 });
  body.end();
  await settled();
  assert.deepEqual(news(), [
    ["frame", job, "steps", 10],
    ["end", job],
  ]);
  assert.equal(asked.streams, 0);
  assert.equal(browser.sockets.length, 0);
  connection.close();
});

test("the second job goes by the stream, and numbers of jobs go on", async () => {
  const { browser, connection, news } = opened();
  connection.start(REQUEST, 1);
  const job = connection.start({ ...REQUEST, first: 5 }, 2);
  connection.credit(3);
  assert.equal(browser.post.signal.aborted, true);
  await settled();
  browser.socket.open();
  assert.deepEqual(
    browser.socket.sent.map(({ type, job, first, credits }) => ({ type, job, first, credits })),
    [{ type: "start", job, first: 5, credits: 5 }],
  );
  browser.socket.plan(job);
  assert.deepEqual(news(), [["plan", job]]);
  assert.equal(connection.start(REQUEST, 1), job + 1);
  connection.close();
});

test("a posted job that breaks off goes on by the stream with what has not come", async () => {
  const { browser, connection, news } = opened();
  const job = connection.start(REQUEST, 8);
  const body = writtenBody();
  browser.post.answer(body.response);
  body.text({ type: "plan", job: 0, plan: PLAN });
  body.frame({ sequence: 0, kind: 2, last: true });
  body.frame({ sequence: 1, first: 0 });
  await settled();
  news();
  body.fail();
  await settled();
  browser.socket.open();
  const [{ first, input, weight, credits }] = browser.socket.sent;
  assert.deepEqual({ first, input, weight, credits }, { first: 10, input: false, weight: true, credits: 6 });
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 0, first: 10 });
  assert.deepEqual(news(), [["frame", job, "steps", 10]], "the plan is not told twice");
  connection.close();
});

test("a refusal is told and asks for no stream; a busy server is asked again by it", async () => {
  const refused = opened();
  const job = refused.connection.start(REQUEST, 1);
  const problem = { code: "unfit", detail: "stride = 0: a window must move." };
  refused.browser.post.answer(new Response(JSON.stringify(problem), { status: 422 }));
  await settled();
  assert.deepEqual(refused.news(), [["problem", job, "unfit"]]);
  assert.equal(refused.asked.streams, 0);

  const busy = opened();
  busy.connection.start(REQUEST, 1);
  busy.browser.post.answer(
    new Response(JSON.stringify({ code: "busy", detail: "" }), {
      status: 503,
      headers: { "Retry-After": "3" },
    }),
  );
  await settled();
  assert.deepEqual(busy.news(), []);
  assert.equal(busy.asked.streams, 1);
  busy.connection.close();
});

test("a server that is away is told, and the next job tries the stream again", async () => {
  const { browser, connection, news, asked } = opened({ loads: false });
  const job = connection.start(REQUEST, 1);
  browser.post.fail();
  await settled();
  assert.deepEqual(news(), [["problem", job, "unreachable"]]);
  asked.loads = true;
  await connection.stream();
  browser.socket.open();
  assert.equal(browser.socket.sent[0].job, job, "the job is still wanted");
  connection.close();
});

test("an answer that breaks off after its last step has ended", async () => {
  const { browser, connection, news } = opened();
  const job = connection.start(REQUEST, 8);
  const body = writtenBody();
  browser.post.answer(body.response);
  body.text({ type: "plan", job: 0, plan: PLAN });
  body.frame({ sequence: 0, first: 0, last: true });
  await settled();
  news();
  body.fail();
  await settled();
  assert.deepEqual(news(), [["end", job]]);
  connection.close();
});
