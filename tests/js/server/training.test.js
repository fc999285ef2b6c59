// Experiments over a socket: credits, rows in pieces, and going on after a break.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTraining } from "../../../static/js/server/training.js";
import { fakeBrowser } from "../fakes.js";
import { frameBytes } from "../frames.js";

function trained() {
  const browser = fakeBrowser();
  /** @type {any[]} */
  const messages = [];
  /** @type {[string, number[][]][]} */
  const rows = [];
  /** @type {string[]} */
  const states = [];
  /** @type {(string | null)[]} */
  const lost = [];
  const training = createTraining(
    "ws://here/stream",
    {
      onMessage: (message) => messages.push(message),
      onRows: (kind, planes) => rows.push([kind, planes.map((plane) => [...plane])]),
      onLost: async (checkpoint) => {
        lost.push(checkpoint);
        return { seed: 1, checkpoint };
      },
      onState: (state) => states.push(state),
    },
    browser.environment,
  );
  return { browser, training, messages, rows, states, lost };
}

/** @param {Omit<import("../frames.js").FrameParts, "lanes">} parts */
const rowFrame = (parts) => frameBytes({ lanes: 1, ...parts });

test("an experiment is asked for once the socket is open, and pays for reports and frames with credits", () => {
  const { browser, training, rows } = trained();
  training.start({ seed: 3 }, 4);
  const [socket] = browser.sockets;
  assert.ok(socket);
  assert.deepEqual(socket.sent, []);
  socket.open();
  assert.deepEqual(socket.sent, [{ type: "train", job: 1, seed: 3, credits: 4 }]);
  socket.text({ type: "snapshot", job: 1, step: 0, numbers: 3, frames: 2 });
  socket.onmessage?.({
    data: rowFrame({ kind: 7, job: 1, first: 0, count: 2, planes: [[1, 2]], last: false }),
  });
  assert.deepEqual(rows, []);
  socket.onmessage?.({ data: rowFrame({ kind: 7, job: 1, first: 2, count: 1, planes: [[3]], last: true }) });
  assert.deepEqual(rows, [["snapshot", [[1, 2, 3]]]]);
  socket.text({ type: "step", job: 1, step: 0 });
  assert.equal(training.credits, 1);
  training.credit(5);
  assert.deepEqual(socket.sent.at(-1), { type: "credit", job: 1, n: 5 });
  assert.equal(training.credits, 6);
});

test("what still comes of a job that was superseded is not heard", () => {
  const { browser, training, messages } = trained();
  training.start({ seed: 1 }, 4);
  browser.sockets[0]?.open();
  training.start({ seed: 2 }, 4);
  browser.sockets[0]?.text({ type: "step", job: 1, step: 5 });
  browser.sockets[0]?.text({ type: "step", job: 2, step: 0 });
  assert.deepEqual(
    messages.map(({ job }) => job),
    [2],
  );
});

test("a lost socket is followed by another that goes on, and an end by none", async () => {
  const { browser, training, states, lost } = trained();
  training.start({ seed: 1 }, 4);
  browser.sockets[0]?.open();
  browser.sockets[0]?.lose();
  await browser.pass(60_000);
  assert.deepEqual(lost, [null]);
  browser.sockets[1]?.open();
  assert.deepEqual(browser.sockets[1]?.sent, [
    { type: "train", job: 2, seed: 1, checkpoint: null, credits: 4 },
  ]);
  browser.sockets[1]?.text({ type: "end", job: 2, step: 9 });
  assert.equal(training.running, false);
  browser.sockets[1]?.lose();
  assert.deepEqual(states, ["live", "lost", "live", "closed"]);
  assert.equal(browser.sockets.length, 2);
});

test("a server that stops says from which checkpoint another goes on", async () => {
  const { browser, training, lost } = trained();
  training.start({ seed: 1 }, 4);
  browser.sockets[0]?.open();
  browser.sockets[0]?.text({ type: "moved", job: 1, step: 40, checkpoint: { id: "c0" } });
  await browser.pass(60_000);
  assert.deepEqual(lost, ["c0"]);
  assert.equal(browser.sockets[0]?.sent.at(-1).checkpoint, "c0");
});

test("an experiment that a busy server has no room for is asked for again when it said, and is not told as wrong", async () => {
  const { browser, training, messages, states, lost } = trained();
  training.start({ seed: 1 }, 4);
  browser.sockets[0]?.open();
  browser.sockets[0]?.text({
    type: "error",
    job: 1,
    problem: { code: "busy", detail: "Busy.", retry_after_s: 2 },
  });
  assert.deepEqual(messages, []);
  assert.equal(training.running, true);
  assert.deepEqual(states, ["live", "busy"]);
  await browser.pass(1900);
  assert.equal(browser.sockets[0]?.sent.length, 1);
  await browser.pass(1200);
  assert.deepEqual(browser.sockets[0]?.sent.at(-1), {
    type: "train",
    job: 2,
    seed: 1,
    checkpoint: null,
    credits: 4,
  });
  assert.deepEqual(lost, [null]);
});
