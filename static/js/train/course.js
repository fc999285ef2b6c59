// An experiment and its training: what a person sets, what the server tells, and the training step on view. Asks the server
// for as much as time wants; hidden pages grant it nothing. Knows no DOM but whether the page is hidden.

import { browser } from "../server/connection.js";
import { createTraining } from "../server/training.js";
import { operationOf } from "../state/resolve.js";
import { examplesOf } from "./asking.js";
import { changesBetween, X_OR_O } from "./experiment.js";
import { networkFor } from "./network.js";
import { branch, keepSnapshot, lastStep, newRun, placed, reportEvery, snapshotEvery } from "./run.js";

/** @import { createApi } from "../server/api.js" */
/** @import { Catalog } from "../types/stream.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { ExampleSet, Experiment, TrainingMessage } from "../types/training.js" */
/** @import { Trained } from "./network.js" */
/** @import { Run } from "./run.js" */

/** Reports and frames on their way at most; more are granted once a quarter has come. */
const CREDITS = 256;
/** Training steps that come ahead of a slow playhead. */
const AHEAD = 30;
/** A whole training played as fast as it goes takes so long. */
const WHOLE_S = 3;
const LONGEST_FRAME_S = 0.25;
const CHECKPOINTS = 50;

/** @typedef {{ api: ReturnType<typeof createApi>, streamUrl: string, catalog: Catalog }} Server */

/** @param {Server} server @param {() => void} changed */
export function createCourse({ api, streamUrl, catalog }, changed) {
  const info = (/** @type {string} */ name) => operationOf(catalog, name);
  /** @type {{ key: string, set: ExampleSet } | null} */
  let data = null;
  const training = createTraining(streamUrl, { onMessage, onRows, onLost, onState }, browser());
  let clock_ms = 0;
  let carried = 0;
  /** Whether the step on view is the newest, and stays it. */
  let follows = true;
  /** The training step of the rows that come next. */
  let coming = 0;

  const course = {
    /** What the column says. @type {Experiment} */
    experiment: X_OR_O,
    /** What is on view. @type {Run | null} */
    run: null,
    /** The network of the run. @type {Trained | null} */
    network: null,
    /** @type {Problem | null} */
    problem: null,
    lost: false,
    /** The training step on view. */
    shown: 0,
    playing: false,
    speed: Number.POSITIVE_INFINITY,
    /** When a person last moved through time. */
    moved_ms: 0,
    /** @returns {ExampleSet | null} */
    get examples() {
      return data?.set ?? null;
    },
    get running() {
      return training.running;
    },
    setExperiment,
    loadData,
    isCurrent,
    train() {
      if (training.running && isCurrent()) togglePlay();
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

  function setExperiment(/** @type {Experiment} */ next) {
    const { run } = course;
    const changes = run && changesBetween(run.experiment, next, info);
    course.experiment = next;
    loadData();
    if (run && changes && Object.keys(changes).length > 0 && training.running) {
      const step = Math.min(course.shown, lastStep(run));
      branch(run, step, "");
      run.experiment = next;
      training.change(step, changes);
    }
    changed();
  }

  /** The examples of the experiment, once for each set and seed; the latest wins. */
  async function loadData() {
    const { experiment } = course;
    const key = JSON.stringify([experiment.data, experiment.seed]);
    if (data?.key === key) return;
    const answer = await examplesOf(api, experiment.data, experiment.seed);
    if (JSON.stringify([course.experiment.data, course.experiment.seed]) !== key) return;
    if (answer.ok) {
      data = { key, set: answer.value };
      course.problem = null;
    } else course.problem = answer.problem;
    changed();
  }

  /** Whether the run on view is still that of the settings in the column. */
  function isCurrent() {
    return course.run !== null && changesBetween(course.run.experiment, course.experiment, info) !== null;
  }

  async function begin() {
    await loadData();
    if (!data) return;
    const run = newRun(course.experiment);
    Object.assign(course, { run, network: null, problem: null, shown: 0, playing: true });
    follows = true;
    training.start(requestOf(run), Number.isFinite(course.speed) ? AHEAD : CREDITS);
    changed();
  }

  /** What is asked for: reports and snapshots as often as a curve and 32 MB have room for. */
  function requestOf(/** @type {Run} */ run) {
    const { steps } = run.experiment;
    const parameters = networkFor(run.experiment, data?.set ?? null, catalog)?.parameters ?? 0;
    return {
      ...run.experiment,
      report: reportEvery(steps),
      snapshots: snapshotEvery(steps, parameters),
      checkpoints: CHECKPOINTS,
    };
  }

  // ------------------------------------------------------------------------------------- what the server tells

  function onMessage(/** @type {TrainingMessage} */ message) {
    const { run } = course;
    if (!run) return;
    if (message.type === "begin") {
      run.begin = message;
      course.lost = false;
      course.network = networkFor(run.experiment, data?.set ?? null, catalog, message);
    } else if (message.type === "step") placed(run.reports, message);
    else if (message.type === "snapshot") coming = message.step;
    else if (message.type === "end") run.end = message;
    else if (message.type === "error") {
      course.problem = message.problem;
      course.playing = false;
    }
    changed();
  }

  function onRows(/** @type {"snapshot" | "checkpoint"} */ kind, /** @type {Float32Array[]} */ [row]) {
    if (!course.run || kind !== "snapshot" || !row) return;
    keepSnapshot(course.run, { step: coming, row });
    changed();
  }

  async function onLost() {
    return course.run ? requestOf(course.run) : null;
  }

  function onState(/** @type {string} */ state) {
    course.lost = state === "lost";
    changed();
  }

  // ------------------------------------------------------------------------------------- time

  function seek(/** @type {number} */ step) {
    const { run } = course;
    if (!run) return;
    const known = lastStep(run);
    course.shown = Math.round(Math.min(known, Math.max(0, step)));
    follows = course.shown === known && training.running;
    if (!follows) course.playing = false;
    course.moved_ms = performance.now();
    changed();
  }

  function togglePlay() {
    const { run } = course;
    if (!run) return void begin();
    const known = lastStep(run);
    course.playing = !course.playing;
    if (course.playing && !training.running && course.shown >= known) course.shown = 0;
    follows = course.playing && training.running && course.shown >= known;
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
    if (fastest && follows) course.shown = known;
    else {
      carried += passed_s * (fastest ? Math.max(50, run.experiment.steps / WHOLE_S) : speed);
      const whole = Math.floor(carried);
      carried -= whole;
      course.shown = Math.min(known, course.shown + whole);
      follows = training.running && course.shown >= known;
    }
    if (!training.running && course.shown >= known) course.playing = false;
    const wanted = fastest || known - course.shown < Math.max(AHEAD, speed);
    const most = fastest ? CREDITS : AHEAD;
    if (!document.hidden && wanted && training.credits <= most * 0.75)
      training.credit(most - training.credits);
  }

  return course;
}
