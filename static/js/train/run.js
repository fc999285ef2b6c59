// One training as the page keeps it: its reports, its snapshots thinned to what fits, where its curve branched. Records
// and arithmetic; knows no socket and no DOM.

/** @import { Break, Changes } from "../types/training.js" */
/** @import { Begin, End, ExampleSet, Experiment, Report, Snapshot } from "../types/training.js" */

/** All snapshots of a run together. */
export const MOST_BYTES = 32_000_000;
/** Reports that a curve is made of, about. */
const POINTS = 150;

/** Settings that hold from a training step on. @typedef {{ step: number, settings: Changes }} Change */
/** All that it takes to go on after a training step. @typedef {{ step: number, updates: number, kind: string, rows: [name: string, row: Float32Array][] }} KeptCheckpoint */

/**
 * @typedef {object} Run
 * @property {number} number of the experiment, as people count them
 * @property {Experiment} first as it began @property {Experiment} experiment as it is set now
 * @property {ExampleSet | null} set the examples that it learns from @property {Begin | null} begin @property {End | null} end
 * @property {Report[]} reports in the order of their steps
 * @property {Snapshot[]} snapshots in the order of their steps
 * @property {number} every training steps from one kept snapshot to the next
 * @property {Change[]} changes @property {Report[]} left the curve that a branch left
 * @property {KeptCheckpoint[]} checkpoints
 * @property {Break[]} breaks where it did not go on by itself
 */

/** @param {Experiment} experiment @param {number} [number] @param {ExampleSet | null} [set] @returns {Run} */
export function newRun(experiment, number = 1, set = null) {
  return {
    ...{ number, first: experiment, experiment, set, begin: null, end: null, reports: [], snapshots: [] },
    ...{ every: 1, changes: [], left: [], checkpoints: [], breaks: [] },
  };
}

/** Training steps from one report to the next. */
export function reportEvery(/** @type {number} */ steps) {
  return Math.max(1, Math.round(steps / POINTS));
}

/** Training steps from one snapshot to the next, so that all of them fit. @param {number} steps @param {number} parameters */
export function snapshotEvery(steps, parameters) {
  return Math.max(1, Math.ceil(((steps + 1) * parameters * 4) / MOST_BYTES));
}

/** Put in its place by its step; one of the same step is replaced. @template {{ step: number }} One @param {One[]} all @param {One} one */
export function placed(all, one) {
  const last = all.at(-1);
  if (!last || last.step < one.step) all.push(one);
  else {
    const at = all.findIndex(({ step }) => step >= one.step);
    all.splice(at, all[at]?.step === one.step ? 1 : 0, one);
  }
}

/** Keep a snapshot, and every other one only when they take too much: the first and the last stay. */
export function keepSnapshot(/** @type {Run} */ run, /** @type {Snapshot} */ snapshot) {
  placed(run.snapshots, snapshot);
  const most = Math.max(2, Math.floor(MOST_BYTES / Math.max(1, snapshot.row.byteLength)));
  if (run.snapshots.length <= most) return;
  const last = run.snapshots.length - 1;
  run.snapshots = run.snapshots.filter((_, at) => at % 2 === 0 || at === last);
  run.every *= 2;
}

/** The snapshot at a training step, or the nearest before it. @returns {Snapshot | null} */
export function snapshotAt(/** @type {Run} */ run, /** @type {number} */ step) {
  let [low, high] = [0, run.snapshots.length - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (Number(run.snapshots[middle]?.step) <= step) low = middle;
    else high = middle - 1;
  }
  return run.snapshots[low] ?? null;
}

/** The last report at or before a training step. @returns {Report | null} */
export function reportAt(/** @type {Run} */ run, /** @type {number} */ step) {
  return run.reports.findLast((report) => report.step <= step) ?? null;
}

/** The last training step that is known. */
export function lastStep(/** @type {Run} */ run) {
  return Math.max(run.snapshots.at(-1)?.step ?? 0, run.reports.at(-1)?.step ?? 0);
}

/** The last training step up to one whose parameters are all finite: from there a branch can still learn. @param {Run} run @param {number} step */
export function soundStep({ snapshots }, step) {
  const sound = snapshots.findLast((kept) => kept.step <= step && kept.row.every(Number.isFinite));
  return sound && sound.step < step && snapshots.some((kept) => kept.step > sound.step && kept.step <= step)
    ? sound.step
    : step;
}

/** Keep a checkpoint, and every other one only when they take too much. */
export function keepCheckpoint(/** @type {Run} */ run, /** @type {KeptCheckpoint} */ kept) {
  if (!kept.rows.every(([, row]) => row.every(Number.isFinite))) return; // no server goes on from there
  placed(run.checkpoints, kept);
  const bytes = kept.rows.reduce((total, [, row]) => total + row.byteLength, 0);
  if (bytes * run.checkpoints.length <= MOST_BYTES / 2 || run.checkpoints.length < 3) return;
  const last = run.checkpoints.length - 1;
  run.checkpoints = run.checkpoints.filter((_, at) => at % 2 === 0 || at === last);
}

/** The last checkpoint at or before a training step. @returns {KeptCheckpoint | null} */
export function checkpointAt(/** @type {Run} */ run, /** @type {number} */ step) {
  return run.checkpoints.findLast((kept) => kept.step <= step) ?? null;
}

/** From a training step on the curve goes another way; what it was beyond stays in `left`. */
export function branch(/** @type {Run} */ run, /** @type {number} */ step, /** @type {Changes} */ settings) {
  run.left = run.reports.filter((report) => report.step >= step);
  run.reports = run.reports.filter((report) => report.step <= step);
  run.snapshots = run.snapshots.filter((snapshot) => snapshot.step <= step);
  run.checkpoints = run.checkpoints.filter((kept) => kept.step <= step);
  run.changes = [...run.changes.filter((change) => change.step <= step), { step, settings }];
  run.end = null;
}

/** Where the unseen are judged best, by the reports that there are. @returns {Report | null} */
export function bestOf(/** @type {Report[]} */ reports) {
  /** @type {Report | null} */
  let best = null;
  for (const report of reports)
    if (report.validation_loss !== null && Number.isFinite(Number(report.validation_loss)))
      if (!best || Number(report.validation_loss) < Number(best.validation_loss)) best = report;
  return best;
}
