// An experiment and its run against a server that answers as a test says: refusals, and which wish to train wins.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bundleOf } from "../../../static/js/train/asking.js";
import { createCourse } from "../../../static/js/train/course.js";
import { X_OR_O } from "../../../static/js/train/experiment.js";
import { wentOn } from "../../../static/js/words/breaks.js";
import { FakeSocket, settled } from "../fakes.js";
import { catalog } from "../page.js";
import { operationInfo } from "../support.js";

/** @import { Problem } from "../../../static/js/types/plan.js" */

const CELLS = 144;
const OPERATIONS = ["convolution", "max_pooling", "dropout", "dense"].map(operationInfo);

/** A set of one drawing of each class, as .safetensors. */
function examples() {
  const ints = (/** @type {number[]} */ values) => new Float32Array(new Int32Array(values).buffer);
  const file = bundleOf(
    [
      ["training.x", new Float32Array(2 * CELLS), [2, 1, 12, 12]],
      ["training.labels", ints([0, 1]), [2]],
      ["validation.x", new Float32Array(2 * CELLS), [2, 1, 12, 12]],
      ["validation.labels", ints([0, 1]), [2]],
      ["mean", Float32Array.of(0), [1]],
      ["deviation", Float32Array.of(1), [1]],
    ],
    { classes: '["X", "O"]' },
  );
  return file;
}

/** A course whose server answers at once; `refuses` is what it says of an experiment. */
function room() {
  /** @type {FakeSocket[]} */
  const sockets = [];
  /** @type {{ of: Problem | null, bundles: boolean }} */
  const refuses = { of: null, bundles: false };
  const send = async (/** @type {string} */ path) => {
    const { of } = refuses;
    if (path === "/bundles") {
      const blob = new Blob([JSON.stringify({ id: "kept" })]);
      return { ok: true, value: { status: refuses.bundles ? 502 : 200, headers: new Headers(), blob } };
    }
    const bad = path === "/experiment" && of !== null;
    const blob = new Blob([path === "/examples" ? examples() : JSON.stringify(bad ? of : {})]);
    const headers = new Headers({ "Content-Type": bad ? "application/problem+json" : "application/json" });
    return { ok: true, value: { status: bad ? 422 : 200, headers, blob } };
  };
  class Socket extends FakeSocket {
    constructor(/** @type {string} */ url, /** @type {string[]} */ protocols) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const page = Object.assign(new EventTarget(), { hidden: false });
  Object.assign(globalThis, { WebSocket: Socket, document: page });
  const course = createCourse(
    {
      api: /** @type {any} */ ({ send }),
      streamUrl: "ws://here",
      catalog: { ...catalog(), operations: OPERATIONS },
    },
    () => {},
  );
  /** The experiment of the newest job begins, and has so many reports. */
  function trains(steps = 1) {
    const [socket] = sockets;
    assert.ok(socket);
    if (socket.readyState === 0) socket.open();
    const { job } = socket.sent.findLast(({ type }) => type === "train");
    socket.text({ type: "begin", job, step: 0, parameters: [], statistics: [], classes: ["X", "O"] });
    for (let step = 0; step <= steps; step++)
      socket.text({ type: "step", job, step, validation_loss: 1, training_loss: 1, loss: 1, norms: {} });
    return { socket, job };
  }
  /** The page is hidden, or on view again. */
  function hide(hidden = true) {
    page.hidden = hidden;
    page.dispatchEvent(new Event("visibilitychange"));
  }
  return { course, sockets, refuses, trains, hide };
}

async function waited(turns = 20) {
  for (let turn = 0; turn < turns; turn++) await settled();
}

const problem = { status: 422, title: "", detail: "no", field: "steps", value: 9, reason: "too many" };

test("a run that is refused before its first training step leaves the one before it on view", async () => {
  const { course, trains } = room();
  await course.begin();
  const { socket } = trains(3);
  const before = course.run;
  course.setExperiment({ ...X_OR_O, loss: "huber" });
  await course.begin();
  assert.notEqual(course.run, before);
  socket.text({ type: "error", job: socket.sent.at(-1).job, problem: { ...problem, code: "unfit" } });
  assert.equal(course.run, before);
  assert.deepEqual(course.runs, [before]);
  assert.equal(course.shown, 3);
  assert.equal(course.problem?.reason, "too many");
  assert.equal(course.experiment.loss, "huber"); // the settings stay, to be mended
});

test("a file that cannot be read as an experiment changes nothing, and one that does not fit stays to be mended", async () => {
  const { course, refuses, trains } = room();
  await course.begin();
  trains(3);
  const [before, runs] = [course.run, course.runs];
  refuses.of = /** @type {Problem} */ ({ ...problem, code: "malformed" });
  await course.open({ experiment: { ...X_OR_O, steps: 9 }, changes: [] });
  assert.deepEqual([course.run, course.experiment, course.problem?.code], [before, X_OR_O, "malformed"]);
  refuses.of = /** @type {Problem} */ ({ ...problem, code: "unfit" });
  await course.open({ experiment: { ...X_OR_O, steps: 9 }, changes: [] });
  await waited();
  assert.deepEqual([course.run, course.runs, course.problem?.code], [before, runs, "unfit"]);
  assert.equal(course.experiment.steps, 9);
  refuses.of = null;
  await course.open({ experiment: { ...X_OR_O, steps: 8 }, changes: [] });
  assert.equal(course.run?.first.steps, 8);
  assert.equal(course.problem, null);
});

test("a training that was asked for is not stopped by the start that an earlier setting prepares", async () => {
  const { course, sockets } = room();
  const preparing = course.prepare();
  const training = course.begin();
  await Promise.all([preparing, training]);
  await waited();
  assert.equal(course.playing, true);
  sockets[0]?.open();
  const asked = sockets[0]?.sent.filter(({ type }) => type === "train") ?? [];
  assert.equal(asked.length, 1);
  assert.equal(asked[0].credits, 256);
});

test("a run remembers from where it went on, after a lost connection, a busy server and a hidden page", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { course, sockets, refuses, trains, hide } = room();
  course.prepare();
  await waited();
  trains(1);
  course.begin();
  await waited();
  const { socket } = trains(4);
  const { run } = course;
  assert.ok(run);
  assert.deepEqual(run.breaks, []);
  run.checkpoints.push({ step: 2, updates: 2, kind: "adam", rows: [["row", new Float32Array(3)]] });
  refuses.bundles = true; // no server is there to keep it: the run is not begun anew meanwhile
  socket.lose();
  t.mock.timers.tick(60_000);
  await waited();
  assert.equal(sockets.length, 1);
  refuses.bundles = false;
  t.mock.timers.tick(60_000);
  await waited();
  const second = sockets[1];
  assert.ok(second);
  second.open();
  const asked = () => second.sent.findLast(({ type }) => type === "train");
  assert.equal(asked().checkpoint, "kept");
  const busy = { code: "busy", detail: "no", retry_after_s: 1 };
  second.text({ type: "error", job: asked().job, problem: busy });
  assert.equal(course.waits, true);
  t.mock.timers.tick(60_000);
  await waited();
  const begin = { type: "begin", parameters: [], statistics: [], classes: ["X", "O"] };
  second.text({ ...begin, job: asked().job, step: 2 });
  assert.deepEqual([course.waits, course.lost], [false, false]);
  assert.deepEqual(run.breaks, [{ causes: ["lost", "busy"], step: 2 }]);
  // Hidden, with something granted: it goes on. With nothing left it waits, and that is remembered.
  hide();
  hide(false);
  assert.equal(run.breaks.length, 1);
  hide();
  const step = { type: "step", job: asked().job, validation_loss: 1, training_loss: 1, loss: 1, norms: {} };
  for (let at = 3; at < 3 + asked().credits; at++) second.text({ ...step, step: at });
  course.tick(1000);
  assert.equal(second.sent.filter(({ type }) => type === "credit").length, 0);
  hide(false);
  const waitedAt = 2 + asked().credits;
  assert.deepEqual(run.breaks.at(-1), { causes: ["hidden"], step: waitedAt });
  course.tick(2000);
  assert.deepEqual(second.sent.at(-1).type, "credit");
  assert.match(
    wentOn("training", run.breaks),
    /hidden: training waited at training step \d+, then went on\.$/,
  );
  // Another run has a record of its own.
  course.begin();
  await waited();
  assert.deepEqual(course.run?.breaks, []);
});
