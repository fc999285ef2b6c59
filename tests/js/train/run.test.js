// The record of a training on the page: snapshots thinned to what fits, reports in order, branches; the curve's numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import { gapAt, sentenceOf, smoothed, thinnedOf, topOf } from "../../../static/js/train/curve.js";
import {
  changedBy,
  changesBetween,
  dropoutOf,
  endingIn,
  withDropout,
  X_OR_O,
} from "../../../static/js/train/experiment.js";
import { wordsOf } from "../../../static/js/train/experiments.js";
import {
  bestOf,
  branch,
  keepCheckpoint,
  keepSnapshot,
  lastStep,
  MOST_BYTES,
  newRun,
  reportAt,
  snapshotAt,
  snapshotEvery,
  soundStep,
} from "../../../static/js/train/run.js";
import { experimentIn } from "../../../static/js/train/sharing/file.js";
import { trainWords } from "../../../static/js/words/train.js";
import { draws, operationInfo } from "../support.js";

/** @import { Report } from "../../../static/js/types/training.js" */

/** @returns {Report} */
function report(/** @type {number} */ step, /** @type {Partial<Report>} */ some = {}) {
  const losses = { loss: step ? 1 : null, training_loss: 1, validation_loss: 1 };
  return { type: "step", job: 1, step, ...losses, training_accuracy: 0.5, accuracy: 0.5, norms: {}, ...some };
}

test("a network of 8,000 parameters keeps a thousand snapshots of a thousand training steps", () => {
  assert.equal(snapshotEvery(999, 8000), 1);
  const run = newRun(X_OR_O);
  for (let step = 0; step < 1000; step++) keepSnapshot(run, { step, row: new Float32Array(8000) });
  assert.equal(run.snapshots.length, 1000);
  assert.equal(run.every, 1);
});

test("snapshots that come more often than fits are thinned, and the first and the newest stay", () => {
  const draw = draws(1);
  for (let turn = 0; turn < 20; turn++) {
    const run = newRun(X_OR_O);
    const numbers = draw.whole(200_000, 2_000_000);
    const steps = draw.whole(2, 60);
    const row = new Float32Array(numbers);
    for (let step = 0; step <= steps; step++) keepSnapshot(run, { step, row });
    assert.ok(run.snapshots.length <= Math.max(3, MOST_BYTES / (4 * numbers) + 1));
    assert.equal(run.snapshots[0]?.step, 0);
    assert.equal(lastStep(run), steps);
  }
});

test("a training step is shown by its own snapshot or the nearest before it", () => {
  const run = newRun(X_OR_O);
  for (const step of [0, 3, 7, 12]) keepSnapshot(run, { step, row: Float32Array.of(step) });
  for (const [step, wanted] of [
    [0, 0],
    [2, 0],
    [3, 3],
    [11, 7],
    [12, 12],
    [99, 12],
  ])
    assert.equal(snapshotAt(run, Number(step))?.step, wanted);
});

test("what comes twice after a break stands once", () => {
  const run = newRun(X_OR_O);
  for (const step of [0, 1, 2, 3, 2, 3, 4]) keepSnapshot(run, { step, row: Float32Array.of(step) });
  assert.deepEqual(
    run.snapshots.map(({ step }) => step),
    [0, 1, 2, 3, 4],
  );
});

test("a branch keeps what was before it and remembers the curve that it left", () => {
  const run = newRun(X_OR_O);
  for (let step = 0; step <= 50; step += 5) {
    run.reports.push(report(step));
    keepSnapshot(run, { step, row: Float32Array.of(step) });
  }
  branch(run, 20, { batch: 5 });
  assert.equal(lastStep(run), 20);
  assert.deepEqual(
    run.left.map(({ step }) => step),
    [20, 25, 30, 35, 40, 45, 50],
  );
  assert.equal(reportAt(run, 50)?.step, 20);
});

test("the best step is where the unseen are judged best, and no step without any unseen", () => {
  const reports = [1, 0.4, 0.6].map((loss, at) => report(at, { validation_loss: loss }));
  assert.equal(bestOf(reports)?.step, 1);
  assert.equal(bestOf([report(0, { validation_loss: null })]), null);
});

test("a curve's height follows the first losses, not one that explodes", () => {
  assert.equal(
    topOf([report(0, { training_loss: 0.7, validation_loss: 0.8 }), report(5, { training_loss: 1e9 })]),
    1,
  );
  assert.equal(topOf([report(0, { training_loss: 2.3, validation_loss: 2.4 })]), 4);
});

test("a smoothed curve lies within what it smooths", () => {
  const draw = draws(5);
  const reports = Array.from({ length: 60 }, (_, step) =>
    report(step, { loss: step ? draw.random() : null }),
  );
  const losses = reports.flatMap(({ loss }) => (loss === null ? [] : [loss]));
  const smooth = [...smoothed(reports).values()];
  assert.equal(smooth.length, 59);
  assert.ok(Math.min(...smooth) >= Math.min(...losses) && Math.max(...smooth) <= Math.max(...losses));
});

test("rate, batch, dropout and augmentation change on the way; data, loss, start and seed begin anew", () => {
  const other = {
    ...X_OR_O,
    optimiser: { kind: "sgd", rate: 0.1 },
    batch: 5,
    layers: withDropout(X_OR_O.layers, 0.4, operationInfo),
  };
  assert.deepEqual(changesBetween(X_OR_O, other, operationInfo), {
    optimiser: { kind: "sgd", rate: 0.1 },
    batch: 5,
    dropout: { dropout1: 0.4 },
  });
  assert.equal(dropoutOf(other.layers, operationInfo), 0.4);
  assert.deepEqual(changesBetween(X_OR_O, { ...X_OR_O }, operationInfo), {});
  for (const some of [
    { seed: 2 },
    { loss: "huber" },
    { start: "he" },
    { layers: endingIn(X_OR_O.layers, 3) },
  ])
    assert.equal(changesBetween(X_OR_O, { ...X_OR_O, ...some }, operationInfo), null);
});

test("a change applied is the change found between before and after", () => {
  const after = { ...X_OR_O, batch: 7, layers: withDropout(X_OR_O.layers, 0.5, operationInfo) };
  const changes = changesBetween(X_OR_O, after, operationInfo);
  assert.ok(changes);
  assert.deepEqual(changedBy(X_OR_O, changes, operationInfo), after);
});

test("a file gives back the experiment that was saved, with its changes on the way", () => {
  const changes = [{ step: 40, settings: { batch: 5 } }];
  assert.deepEqual(experimentIn(JSON.stringify({ ...X_OR_O, changes })), { experiment: X_OR_O, changes });
});

test("what a file leaves out is as the API has it, and a file of something else is none", () => {
  const { layers, optimiser } = X_OR_O;
  const found = experimentIn(JSON.stringify({ layers, optimiser, data: { kind: "strokes", noise: 0.3 } }));
  assert.equal(found?.experiment.batch, 32);
  assert.deepEqual(found?.experiment.data, {
    ...{ kind: "strokes", classes: ["cross", "ring"], size: 9, count: 500 },
    ...{ validation: 400, shift: 1, noise: 0.3, wrong: 0 },
  });
  for (const text of [
    "",
    "[]",
    "null",
    "{}",
    '{"layers": 3}',
    JSON.stringify({ layers, optimiser, data: { kind: "x" } }),
  ])
    assert.equal(experimentIn(text), null, text);
});

test("experiments side by side say what each was set to and how it went", () => {
  const run = newRun(X_OR_O, 3);
  run.reports.push(report(0, { validation_loss: 0.9 }), report(5, { validation_loss: 0.25, accuracy: 0.9 }));
  const words = wordsOf(run, operationInfo).join(" | ");
  for (const part of ["Experiment 3", "adam 0.01", "batch 20", "0.25 at step 5", "90 %"])
    assert.ok(words.includes(part), words);
});

test("the gap, learning by heart and thinned snapshots are said in words", () => {
  const run = newRun({ ...X_OR_O, steps: 80 });
  const losses = [1, 0.4, 0.2, 0.3, 0.35, 0.4, 0.5];
  run.reports = losses.map((loss, at) => report(at * 10, { training_loss: 0.1, validation_loss: loss }));
  assert.match(gapAt(reportAt(run, 33)), /gap 0\.2 /);
  assert.equal(gapAt(null), "");
  assert.equal(gapAt(report(0, { validation_loss: null })), "");
  assert.match(sentenceOf(run, 60), /^After step 20, .* the 60 by heart\.$/);
  assert.equal(sentenceOf({ ...run, reports: run.reports.slice(0, 3) }, 60), "");
  for (const step of [0, 3, 6, 9]) run.snapshots.push({ step, row: new Float32Array(1) });
  assert.equal(thinnedOf(run), "4 snapshots kept, every 3rd training step: as many as fit in 32 MB.");
  assert.equal(
    thinnedOf({
      ...run,
      snapshots: [
        { step: 0, row: new Float32Array(1) },
        { step: 1, row: new Float32Array(1) },
      ],
    }),
    "",
  );
});

test("a refusal says what to mend, and names a setting only where the words do not", () => {
  const problem = { status: 422, detail: "steps = 9: too many. See the schema.", value: 9 };
  const malformed = { ...problem, code: "malformed", field: "steps", reason: "too many" };
  assert.match(
    trainWords.refused(malformed),
    /^This experiment says steps = 9: too many\. Nothing was changed/,
  );
  const gone = { ...problem, code: "not_found", reason: "it is gone", remedy: "Send it again." };
  assert.match(trainWords.refused({ ...gone, pointer: "/data/id" }), /Train on my drawings/);
  assert.match(trainWords.refused({ ...gone, pointer: "/weights" }), /^it is gone\. Open the saved file/);
  const unfit = { ...problem, code: "unfit", reason: "it does not fit", remedy: "Use 2." };
  assert.equal(trainWords.refused(unfit), "it does not fit. Use 2.");
  assert.equal(trainWords.refused({ code: "unreachable", detail: "No answer came." }), "No answer came.");
});

test("a branch leaves a training that diverged at the last step with finite parameters", () => {
  const run = newRun(X_OR_O);
  const rows = [0, 1, 2, Number.POSITIVE_INFINITY, Number.NaN].map((value) => Float32Array.of(value, 1));
  for (const [at, row] of rows.entries()) keepSnapshot(run, { step: 10 * at, row });
  assert.deepEqual(
    [5, 20, 25, 30, 45].map((step) => soundStep(run, step)),
    [5, 20, 25, 20, 20],
  );
  for (const [at, row] of rows.entries())
    keepCheckpoint(run, { step: 10 * at, updates: 1, kind: "adam", rows: [["row", row]] });
  assert.deepEqual(
    run.checkpoints.map(({ step }) => step),
    [0, 10, 20],
  );
});
