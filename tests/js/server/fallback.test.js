// Where the socket fails: POST frames with the same callbacks, probes, and a server that is away.

import assert from "node:assert/strict";
import { test } from "node:test";
import { connected, untilNextSocket } from "../connected.js";
import { PLAN, REQUEST, settled, writtenBody } from "../fakes.js";

test("a socket that opens and brings no plan within two seconds is given up for POST frames", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 1);
  const [given] = browser.sockets;
  await browser.pass(1999);
  assert.equal(browser.posts.length, 0);
  await browser.pass(1);
  assert.equal(given?.readyState, 3);
  assert.equal(connection.status.state, "fallback");
  assert.equal(browser.post.url, "/api/v1/frames");
  assert.deepEqual(browser.post.body, { ...REQUEST, first: 0, count: null, lanes: null, window: false });

  const body = writtenBody();
  browser.post.answer(body.response);
  body.text({ type: "plan", job: 0, plan: PLAN });
  body.frame({ sequence: 0, first: 0 });
  body.frame({ sequence: 1, first: 10 });
  await settled();
  assert.deepEqual(
    news(),
    [
      ["plan", job],
      ["frame", job, "steps", 0],
    ],
    "the second frame waits for a credit",
  );
  connection.credit(1);
  await settled();
  assert.deepEqual(news(), [["frame", job, "steps", 10]]);
  body.text({ type: "end", job: 0, first: 0, steps: 20 });
  body.end();
  await settled();
  assert.deepEqual(news(), [["end", job]]);
  assert.equal(connection.status.state, "fallback");
});

test("a socket that takes long to open is not closed meanwhile, and the next job goes by it", async () => {
  const { browser, connection } = connected();
  connection.start(REQUEST, 1);
  await browser.pass(2000);
  assert.equal(browser.posts.length, 1);
  assert.equal(connection.status.state, "fallback");
  assert.equal(browser.socket.readyState, 0);
  browser.socket.open();
  assert.equal(browser.socket.sent.length, 0, "the job is on its way by POST");
  const job = connection.start(REQUEST, 1);
  assert.equal(browser.socket.sent[0].job, job);
  assert.equal(connection.status.state, "live");
  assert.equal(browser.sockets.length, 1);
});

test("a socket that takes long and does not open is followed by another", async () => {
  const { browser, connection } = connected();
  connection.start(REQUEST, 1);
  await browser.pass(2000);
  await browser.pass(60_000);
  assert.equal(browser.sockets.length, 1);
  browser.socket.lose();
  await browser.pass(30_000);
  assert.equal(browser.sockets.length, 2);
});

test("a socket that is not wanted before it is open is closed when it is", () => {
  const { browser, connection } = connected();
  connection.close();
  assert.equal(browser.socket.readyState, 0, "browsers complain of an earlier end");
  browser.socket.open();
  assert.equal(browser.socket.readyState, 3);
});

test("the time in which the page itself was busy is not held against a socket", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 1);
  await browser.busy(5000);
  browser.socket.plan(job);
  assert.deepEqual(news(), [["plan", job]]);
  await browser.pass(5000);
  assert.equal(browser.posts.length, 0);
  connection.start(REQUEST, 1);
  await browser.busy(5000);
  await browser.pass(2000);
  assert.equal(browser.posts.length, 1, "it brought nothing when it could be read either");
});

test("in the fallback a new start aborts the request before it", async () => {
  const { browser, connection, news } = connected({ sockets: false });
  connection.start(REQUEST, 4);
  const [first] = browser.posts;
  const body = writtenBody();
  first?.answer(body.response);
  body.text({ type: "plan", job: 0, plan: PLAN });
  await settled();
  const job = connection.start(REQUEST, 4);
  assert.ok(first?.signal.aborted);
  body.frame({ sequence: 0 });
  await settled();
  assert.deepEqual(news(), [["plan", 1]]);
  const second = writtenBody();
  browser.post.answer(second.response);
  second.text({ type: "plan", job: 0, plan: PLAN });
  second.frame({ sequence: 0 });
  await settled();
  assert.deepEqual(news(), [
    ["plan", job],
    ["frame", job, "steps", 0],
  ]);
});

test("where sockets are blocked, frames come by POST at once", async () => {
  const { browser, connection } = connected();
  connection.start(REQUEST, 4);
  browser.socket.lose();
  assert.equal(browser.posts.length, 1);
  const body = writtenBody();
  browser.post.answer(body.response);
  body.text({ type: "plan", job: 0, plan: PLAN });
  await settled();
  connection.start(REQUEST, 4);
  assert.equal(browser.posts.length, 2, "the socket is not waited for again");
});

test("after a while another socket is tried, and the next job goes by it", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  connection.start(REQUEST, 1);
  await browser.pass(2000);
  browser.post.answer(new Response("{}", { status: 503 }));
  await settled();
  assert.deepEqual(news().at(-1), ["problem", 1, "refused"]);
  await browser.pass(30_000);
  assert.equal(browser.sockets.length, 2);
  browser.socket.open();
  assert.equal(connection.status.state, "live");
  const job = connection.start(REQUEST, 1);
  assert.equal(browser.socket.sent[0].job, job);
  await browser.pass(2000);
  const before = browser.sockets.length;
  await browser.pass(59_000);
  assert.equal(browser.sockets.length, before, "the second probe waits twice as long");
  await browser.pass(1000);
  assert.equal(browser.sockets.length, before + 1);
});

test("a refusal in the fallback is told once and ends the job", async () => {
  const { browser, connection, news } = connected({ sockets: false });
  const job = connection.start(REQUEST, 1);
  const problem = { code: "unfit", detail: "stride = 0: …", status: 422 };
  browser.post.answer(new Response(JSON.stringify(problem), { status: 422 }));
  await settled();
  await browser.pass(5000);
  assert.deepEqual(news(), [["problem", job, "unfit"]]);
  assert.equal(browser.posts.length, 1);
});

test("an error within the answer of the fallback ends the job", async () => {
  const { browser, connection, news } = connected({ sockets: false });
  const job = connection.start(REQUEST, 1);
  const body = writtenBody();
  browser.post.answer(body.response);
  body.text({ type: "plan", job: 0, plan: PLAN });
  body.text({ type: "error", job: null, problem: { code: "internal", detail: "" } });
  body.end();
  await settled();
  assert.deepEqual(news(), [
    ["plan", job],
    ["problem", job, "internal"],
  ]);
});

test("an answer that breaks off is asked for again from the first missing step", async () => {
  const { browser, connection, news } = connected({ sockets: false });
  const job = connection.start(REQUEST, 9);
  const body = writtenBody();
  browser.post.answer(body.response);
  body.text({ type: "plan", job: 0, plan: PLAN });
  body.frame({ sequence: 0, first: 0 });
  await settled();
  body.fail();
  await settled();
  await browser.pass(500);
  assert.equal(browser.posts.length, 2);
  assert.equal(browser.post.body.first, 10);
  const rest = writtenBody();
  browser.post.answer(rest.response);
  rest.text({ type: "plan", job: 0, plan: PLAN });
  rest.frame({ sequence: 0, first: 10 });
  await settled();
  assert.deepEqual(
    news().filter(([what]) => what === "frame"),
    [
      ["frame", job, "steps", 0],
      ["frame", job, "steps", 10],
    ],
  );
});

test("a server that is away is told once, and the job runs when it is back", async () => {
  const { browser, connection, news } = connected();
  browser.socket.open();
  const job = connection.start(REQUEST, 4);
  browser.socket.plan(job);
  browser.socket.lose();
  for (let round = 0; round < 4; round++) {
    await untilNextSocket(browser);
    browser.socket.lose();
    browser.post.fail();
    await settled();
    assert.equal(connection.status.state, "connecting");
  }
  assert.deepEqual(news(), [
    ["plan", job],
    ["problem", job, "unreachable"],
  ]);
  await untilNextSocket(browser);
  browser.socket.open();
  assert.equal(browser.socket.sent[0].job, job);
  browser.socket.plan(job);
  browser.socket.frame(job, { sequence: 0 });
  assert.deepEqual(news(), [["frame", job, "steps", 0]]);
});

test("a socket that opens and closes again and again is given up too", async () => {
  const { browser, connection } = connected();
  browser.socket.open();
  connection.start(REQUEST, 4);
  for (let round = 0; round < 40 && browser.posts.length === 0; round++) {
    if (browser.socket.readyState === 0) browser.socket.open();
    if (browser.socket.readyState === 1) browser.socket.lose();
    await browser.pass(100);
  }
  assert.equal(browser.posts.length, 1);
});

test("a close that says another socket would not help goes to POST at once", () => {
  const { browser, connection } = connected();
  browser.socket.open();
  connection.start(REQUEST, 4);
  browser.socket.lose(1008);
  assert.equal(browser.posts.length, 1);
  assert.equal(connection.status.state, "fallback");
});
