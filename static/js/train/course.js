// An experiment and its training: what a person sets, what the server tells, and the training step on view. Asks the server
// for as much as time wants; hidden pages grant it nothing. Knows no DOM but whether the page is hidden.

import { problem } from "../layer/errors.js";
import { product } from "../network/shapes.js";
import { browser } from "../server/connection.js";
import { createTraining } from "../server/training.js";
import { operationOf } from "../state/resolve.js";
import { trainWords } from "../words/train.js";
import { bundleKept, bundleOf, examplesOf, jsonPosted } from "./asking.js";
import { changedBy, changesBetween, X_OR_O } from "./experiment.js";
import { networkFor } from "./forward.js";
import {
  branch,
  checkpointAt,
  keepCheckpoint,
  keepSnapshot,
  lastStep,
  newRun,
  placed,
  reportEvery,
  snapshotEvery,
  soundStep,
} from "./run.js";

/** @import { createApi } from "../server/api.js" */
/** @import { Catalog } from "../types/stream.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { Cause, ExampleSet, Experiment, TrainingMessage } from "../types/training.js" */
/** @import { Trained } from "./forward.js" */
/** @import { Change, KeptCheckpoint, Run } from "./run.js" */

/** Reports and frames on their way at most; more are granted once a quarter has come. */
const CREDITS = 256;
/** As many as show the start: its report and its snapshot. */
const START_CREDITS = 2;
/** Training steps that come ahead of a slow playhead. */
const AHEAD = 30;
/** A whole training played as fast as it goes takes so long. */
const WHOLE_S = 3;
const LONGEST_FRAME_S = 0.25;
/** Runs that are kept to be compared. */
const MOST_RUNS = 8;
const CHECKPOINTS = 50;
/** A slider is let go of before the curve branches. */
const SETTLED_MS = 250;

/** @typedef {{ api: ReturnType<typeof createApi>, streamUrl: string, catalog: Catalog }} Server */

/** @param {Server} server @param {() => void} changed */
export function createCourse({ api, streamUrl, catalog }, changed) {
  const info = (/** @type {string} */ name) => operationOf(catalog, name);
  /** @type {{ key: string, set: ExampleSet } | null} */
  let data = null;
  /** Why the examples of the column could not be had. @type {Problem | null} */
  let lacking = null;
  const training = createTraining(streamUrl, { onMessage, onRows, onLost, onState }, browser());
  /** The run that the server trains; another may be on view. @type {Run | null} */
  let active = null;
  let clock_ms = 0;
  let carried = 0;
  /** Why the run that is trained does not go on now. @type {Cause[]} */
  let causes = [];
  /** How often a training was asked for: the latest wins. */
  let begun = 0;
  /** The training step that a link has on view, until it has come. @type {number | null} */
  let stopAt = null;
  /** Whether the step on view is the newest, and stays it. */
  let follows = true;
  /** Requests to train on that are about to be sent: time does not stop for them. */
  let going = 0;
  /** The message about the rows that come next. @type {{ step: number, updates: number, rows: string[] }} */
  let coming = { step: 0, updates: 0, rows: [] };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let settleTimer;

  const course = {
    /** The settings of the column. @type {Experiment} */
    experiment: X_OR_O,
    /** The run on view. @type {Run | null} */
    run: null,
    /** All runs of this visit, the newest last. @type {Run[]} */
    runs: [],
    /** The network of the run. @type {Trained | null} */
    network: null,
    /** @type {Problem | null} */
    problem: null,
    lost: false,
    /** Whether the server has no room for the experiment now. */
    waits: false,
    /** The training step on view. */
    shown: 0,
    playing: false,
    speed: Number.POSITIVE_INFINITY,
    /** Those that the column says; a run on view has its own. @returns {ExampleSet | null} */
    get examples() {
      return data?.set ?? null;
    },
    get running() {
      return training.running && active === course.run;
    },
    setExperiment,
    look,
    open,
    requestOf: (/** @type {Run} */ run) => ({ ...run.first, changes: run.changes }),
    refuse,
    loadData,
    ready: training.ready,
    isCurrent,
    /** Whether nothing is trained yet. */
    get untrained() {
      return !course.run || (!course.playing && lastStep(course.run) === 0);
    },
    prepare,
    begin: () => begin(),
    train() {
      if (course.untrained && course.run?.first !== course.experiment) begin();
      else if (course.running && isCurrent()) togglePlay();
      else begin();
    },
    seek,
    togglePlay,
    tick,
    close: () => {
      course.playing = false;
    },
  };

  // ------------------------------------------------------------------------------------- the experiment

  /** Say why something cannot be done; all else stays. */
  function refuse(/** @type {Problem} */ why) {
    course.problem = why;
    changed();
  }

  function setExperiment(/** @type {Experiment} */ next) {
    course.experiment = next;
    course.problem = null; // which may be mended by this; it is told again where it is not
    loadData();
    clearTimeout(settleTimer);
    settleTimer = setTimeout(settle, SETTLED_MS);
    changed();
  }

  /** Settings that changed on the way branch the curve at the training step on view; nothing is reset. */
  function settle() {
    const { run, experiment } = course;
    if (course.untrained) return void prepare();
    const changes = run && changesBetween(run.experiment, experiment, info);
    if (!run || !changes || Object.keys(changes).length === 0) return;
    const step = soundStep(run, Math.min(course.shown, lastStep(run)));
    branch(run, step, changes);
    run.experiment = experiment;
    if (course.running) training.change(step, changes);
    else goOn(run, checkpointAt(run, step));
    course.playing = follows = true;
    changed();
  }

  /** Train on from a checkpoint, or where none can be kept from the start: the numbers are the same. @param {Run} run @param {KeptCheckpoint | null} from */
  async function goOn(run, from) {
    going += 1;
    const request = (await requestFrom(run, from)) ?? requestOf(run);
    going -= 1;
    if (course.run !== run) return;
    active = run;
    causes = [];
    training.start(request, CREDITS);
  }

  /** The request that goes on from a checkpoint; null while no server keeps it. @param {Run} run @param {KeptCheckpoint | null} from */
  async function requestFrom(run, from) {
    const request = requestOf(run);
    if (!from) return request;
    const { step, updates, kind } = from;
    const metadata = { checkpoint: JSON.stringify({ step: String(step), updates: String(updates), kind }) };
    const kept = await bundleKept(api, bundleOf(from.rows, metadata));
    if (kept.ok) return { ...request, checkpoint: kept.value.id };
    return passes(kept.problem) ? null : request;
  }

  /** Whether the same may be taken in a moment. */
  const passes = (/** @type {Problem} */ { code, status, retry_after_s: after_s }) =>
    code === "unreachable" || Boolean(after_s) || Number(status) >= 500;

  /** The examples of the experiment, once for each set and seed; the latest wins. */
  async function loadData() {
    const { experiment } = course;
    const key = keyOf(experiment);
    if (data?.key === key) return;
    const answer = await examplesOf(api, experiment.data, experiment.seed);
    if (keyOf(course.experiment) !== key) return;
    if (answer.ok) {
      data = { key, set: answer.value };
      if (course.problem === lacking) course.problem = null;
      lacking = null;
    } else course.problem = lacking = answer.problem;
    changed();
  }

  const keyOf = (/** @type {Experiment} */ { data: of, seed }) => JSON.stringify([of, seed]);

  /** Whether the run on view is still that of the settings in the column. */
  function isCurrent() {
    return course.run !== null && changesBetween(course.run.experiment, course.experiment, info) !== null;
  }

  /** Put the start on view, the filters as they are drawn: training goes on from there when it is asked for. */
  async function prepare() {
    const before = begun;
    await loadData();
    if (before !== begun || !course.untrained || course.run?.first === course.experiment) return;
    await begin([], null, START_CREDITS, false);
  }

  /** @param {Change[]} changes on the way, of an experiment that was saved @param {number | null} at the training step to stop at @param {number} granted reports and frames @param {boolean} plays whether it goes on by itself */
  async function begin(changes = [], at = null, granted = usual(), plays = true) {
    begun += 1;
    const mine = begun;
    clearTimeout(settleTimer);
    await loadData();
    if (mine !== begun || data?.key !== keyOf(course.experiment)) return;
    course.runs = course.runs.filter((one) => lastStep(one) > 0);
    stopAt = at;
    const run = newRun(course.experiment, (course.runs.at(-1)?.number ?? 0) + 1, data.set);
    for (const { settings } of changes) run.experiment = changedBy(run.experiment, settings, info);
    run.changes = changes;
    course.experiment = run.experiment;
    active = run;
    causes = [];
    course.runs = [...course.runs, run].slice(-MOST_RUNS);
    Object.assign(course, { run, network: null, problem: null, shown: 0, playing: plays });
    follows = true;
    training.start(requestOf(run), granted);
    changed();
  }

  const usual = () => (Number.isFinite(course.speed) ? AHEAD : CREDITS);

  /** Put another run of this visit on view, with its settings. */
  async function look(/** @type {Run} */ run) {
    Object.assign(course, { run, experiment: run.experiment, shown: lastStep(run), playing: false });
    follows = false;
    await loadData();
    if (course.run !== run) return;
    course.network = run.begin && networkFor(run.experiment, run.set, catalog, run.begin);
    changed();
  }

  /** A run that is refused before its first training step leaves the one before it on view; its settings stay in the column, to be mended. */
  function withdraw(/** @type {Run} */ run) {
    course.runs = course.runs.filter((one) => one !== run);
    const before = course.runs.at(-1) ?? null;
    if (course.run !== run) return;
    const network = before?.begin ? networkFor(before.experiment, before.set, catalog, before.begin) : null;
    Object.assign(course, { run: before, network, shown: before ? lastStep(before) : 0 });
    follows = false;
  }

  /** Train what a file or a link holds: the same numbers come of it again. @param {{ experiment: Experiment, changes: Change[], at?: number | null } | null} found */
  async function open(found) {
    if (!found) {
      const { reason, remedy } = trainWords.notAnExperiment;
      return refuse(problem("experiment", reason, remedy));
    }
    const { experiment, changes } = found;
    const checked = await jsonPosted(api, "/experiment", { ...experiment, changes });
    if (!checked.ok && checked.problem.status && !checked.problem.retry_after_s) {
      if (checked.problem.code === "malformed") return refuse(checked.problem); // no column could show it
      course.experiment = experiment;
      loadData();
      return refuse(checked.problem);
    }
    course.experiment = experiment;
    await begin(changes, found.at ?? null);
  }

  /** The request: reports and snapshots as often as a curve and 32 MB have room for. */
  function requestOf(/** @type {Run} */ run) {
    const { steps } = run.experiment;
    const parameters = networkFor(run.experiment, run.set, catalog)?.parameters ?? 0;
    return {
      ...run.first,
      changes: run.changes,
      report: reportEvery(steps),
      snapshots: snapshotEvery(steps, parameters),
      checkpoints: CHECKPOINTS,
    };
  }

  // ------------------------------------------------------------------------------------- what the server tells

  function onMessage(/** @type {TrainingMessage} */ message) {
    const run = active;
    if (!run) return;
    if (message.type === "begin") {
      if (causes.length > 0 && run.begin) run.breaks = [...run.breaks, { causes, step: message.step }];
      causes = [];
      run.begin = message;
      course.lost = course.waits = false;
      if (run === course.run) course.network = networkFor(run.experiment, run.set, catalog, message);
    } else if (message.type === "step") placed(run.reports, message);
    else if (message.type === "snapshot") coming = { step: message.step, updates: 0, rows: [] };
    else if (message.type === "checkpoint") coming = message;
    else if (message.type === "end") run.end = message;
    else if (message.type === "error") {
      course.problem = message.problem;
      course.playing = false;
      if (!run.begin) withdraw(run);
    }
    changed();
  }

  function onRows(/** @type {"snapshot" | "checkpoint"} */ kind, /** @type {Float32Array[]} */ rows) {
    const run = active;
    const [row] = rows;
    if (!run || !row) return;
    if (kind === "snapshot") keepSnapshot(run, { step: coming.step, row });
    else keepCheckpoint(run, checkpointOf(run, rows));
    changed();
  }

  /** A checkpoint by the names that a server knows its rows by. @param {Run} run @param {Float32Array[]} rows @returns {KeptCheckpoint} */
  function checkpointOf(run, rows) {
    const { step, updates } = coming;
    const size = (/** @type {[string, number[]]} */ [, shape]) => product(shape);
    const numbers = (run.begin?.parameters ?? []).reduce((total, one) => total + size(one), 0);
    /** @type {[string, Float32Array][]} */
    const named = coming.rows.map((name, at) => [
      name,
      /** @type {Float32Array} */ (rows[at]).slice(0, numbers),
    ]);
    let at = numbers;
    for (const one of run.begin?.statistics ?? []) {
      named.push([`statistics.${one[0]}`, /** @type {Float32Array} */ (rows[0]).slice(at, at + size(one))]);
      at += size(one);
    }
    return { step, updates, kind: run.experiment.optimiser.kind, rows: named };
  }

  /** The request that goes on after a break, once it can: from the checkpoint that the server told, or the last that came. @param {string | null} checkpoint */
  async function onLost(checkpoint) {
    const run = active;
    if (!run) return null;
    if (checkpoint) return { ...requestOf(run), checkpoint };
    return requestFrom(run, run.checkpoints.at(-1) ?? null);
  }

  function onState(/** @type {string} */ state) {
    course.lost = state === "lost";
    course.waits = state === "busy";
    if ((state === "lost" || state === "busy") && !causes.includes(state)) causes = [...causes, state];
    changed();
  }

  /** A page that was hidden so long that all it had granted was used up has made its training wait. */
  function onVisible() {
    const run = active;
    if (document.hidden || !run || !training.running || !course.playing || training.credits > 0) return;
    run.breaks = [...run.breaks, { causes: ["hidden"], step: lastStep(run) }];
    changed();
  }
  document.addEventListener("visibilitychange", onVisible);

  // ------------------------------------------------------------------------------------- time

  function seek(/** @type {number} */ step) {
    const { run } = course;
    if (!run) return;
    const known = lastStep(run);
    course.shown = Math.round(Math.min(known, Math.max(0, step)));
    follows = course.shown === known && course.running;
    stopAt = null;
    if (!follows) course.playing = false;
    changed();
  }

  function togglePlay() {
    const { run } = course;
    if (!run) return void begin();
    const known = lastStep(run);
    course.playing = !course.playing;
    if (course.playing && !course.running && course.shown >= known) course.shown = 0;
    follows = course.playing && course.running && course.shown >= known;
    clock_ms = 0;
    changed();
  }

  /** Move the step on view with time, and let the server go on as far as that wants it. @param {number} now_ms */
  function tick(now_ms) {
    const { run, speed } = course;
    if (!run || !course.playing) {
      clock_ms = 0;
      return;
    }
    const passed_s = clock_ms ? Math.min(LONGEST_FRAME_S, (now_ms - clock_ms) / 1000) : 0;
    clock_ms = now_ms;
    const known = lastStep(run);
    const fastest = !Number.isFinite(speed);
    if (stopAt !== null && known >= stopAt) {
      [course.shown, course.playing, follows] = [stopAt, false, false];
      stopAt = null;
    } else if (fastest && follows) course.shown = known;
    else {
      carried += passed_s * (fastest ? Math.max(50, run.experiment.steps / WHOLE_S) : speed);
      const whole = Math.floor(carried);
      carried -= whole;
      course.shown = Math.min(known, course.shown + whole);
      follows = course.running && course.shown >= known;
    }
    if (!course.running && going === 0 && course.shown >= known) course.playing = false;
    const wanted = fastest || known - course.shown < Math.max(AHEAD, speed);
    const most = fastest ? CREDITS : AHEAD;
    if (!document.hidden && wanted && run === active && training.credits <= most * 0.75)
      training.credit(most - training.credits);
  }

  return course;
}
