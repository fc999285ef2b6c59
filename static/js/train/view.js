// The training room as people see it: opens in place of the instrument and shows the training step on view, at most once
// per animation frame. Wires its parts; what is trained is the course's.

import { operationOf } from "../state/resolve.js";
import { byId, el, setAttribute, setText, styleSheet } from "../ui/dom.js";
import { isFree } from "../ui/free_keys.js";
import { wentOn } from "../words/breaks.js";
import { shape as shapeText } from "../words/format.js";
import { trainWords } from "../words/train.js";
import { choicesOf, createVariants } from "./asking.js";
import { beatCards } from "./beats.js";
import { trainClock } from "./clock.js";
import { trainColumn } from "./column.js";
import { createCourse } from "./course.js";
import { gapAt, lossCurve, sentenceOf, thinnedOf } from "./curve.js";
import { dropoutOf, NOTHING_CHANGED } from "./experiment.js";
import { experiments } from "./experiments.js";
import { networkFor } from "./forward.js";
import { createJudge, exampleAt } from "./judged.js";
import { filteredOf, filterTable, timesOf } from "./layers.js";
import { createLook, gradientRow } from "./look.js";
import { results } from "./results.js";
import { bestOf, lastStep, reportAt, snapshotAt } from "./run.js";
import { speaker } from "./speaking.js";
import { teaching } from "./teach.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Action, State } from "../state/state.js" */
/** @import { ExampleSet, Experiment, Report } from "../types/training.js" */
/** @import { Server } from "./course.js" */
/** @import { Run } from "./run.js" */
/** @import { Judged } from "./judged.js" */

/** So much of a frame goes into judging the unseen. */
const JUDGES_MS = 5;
/** Of a window that has room for small filters only. */
const NARROW = 420;

/** @typedef {Server & { theme: () => Theme, dispatch: (action: Action) => void, current: () => State }} Page */

/** @param {Page} page */
export async function createTrain(page) {
  const [answer] = await Promise.all([choicesOf(page.api), styleSheet("train")]);
  if (!answer.ok) throw new Error(answer.problem.detail);
  const choices = answer.value;
  const { catalog } = page;
  const info = (/** @type {string} */ name) => operationOf(catalog, name);
  const course = createCourse(page, schedule);
  let chosen = { part: /** @type {"training" | "validation"} */ ("training"), place: 0 };
  /** The place in the batch of the drawing whose sums are shown; left out, that of the largest loss. */
  let example = /** @type {number | null} */ (null);
  /** Weights of the stage, and what was made to fit, of the network that was taken from there. */
  let taken = { given: /** @type {Experiment["weights"]} */ (undefined), words: "", layers: "" };
  /** The cell of the table whose examples are listed. */
  let opened = "";
  let scheduled = false;
  let open = false;
  let inked = { theme: /** @type {Theme | null} */ (null), ink: "" };
  const judging = createJudge();
  const variants = createVariants(page.api, schedule);
  /** @type {Judged} */
  let judged = { row: null, set: null, verdicts: null };

  // ------------------------------------------------------------------------------------- parts

  const column = trainColumn(
    { set: course.setExperiment, train: course.train, fromStage, choose, operationOf: info },
    course.experiment,
    choices,
  );
  const clock = trainClock({
    seek: course.seek,
    by: (steps) => course.seek(course.shown + steps),
    play: course.togglePlay,
    speed(next) {
      course.speed = next;
      schedule();
    },
  });
  const teach = teaching(
    page.api,
    page.theme,
    (next) => {
      course.setExperiment(next);
      course.begin();
      closeSheet();
    },
    course.refuse,
  );
  column.element.append(teach.element);
  const headline = el("h2", { class: "tr-headline" });
  const subline = el("span", { class: "about" });
  const toStageButton = el("button", {
    type: "button",
    text: trainWords.toPage,
    hidden: true,
    onclick: () => toStage(),
  });
  const codeButton = el("button", {
    type: "button",
    text: trainWords.code,
    hidden: true,
    onclick: async () => course.run && (await ways()).code(course.run),
  });
  const banner = el("p", { class: "banner tr-banner", role: "alert" });
  const beats = beatCards((place) => {
    example = place;
    schedule();
  });
  const look = createLook(page.api, course.requestOf, schedule);
  const curve = lossCurve(course.seek);
  const curveAbout = el("span", { class: "about" });
  const sentence = el("p", { class: "tr-sentence" });
  const thinned = el("p", { class: "tr-sentence tr-thinned" });
  const breaks = el("p", { class: "tr-sentence tr-breaks" });
  const filters = filterTable();
  const wrong = results(choose, (is, says) => {
    opened = opened === `${is} ${says}` ? "" : `${is} ${says}`;
    schedule();
  });
  /** The run whose curve stands beside that on view. @type {Run | null} */
  let compared = null;
  const kept = experiments({
    look: course.look,
    compare(run) {
      compared = compared === run ? null : run;
      schedule();
    },
    save: async (run) => (await ways()).save(run),
    code: async (run) => (await ways()).code(run),
    open: async (text) => (await ways()).openFile(text),
    operationOf: info,
  });
  const live = el("p", { class: "unseen", role: "status" });
  const speak = speaker((words) => setText(live, words), setTimeout);
  const settingsButton = el("button", {
    type: "button",
    class: "open-settings",
    text: trainWords.settings,
    "aria-expanded": "false",
    onclick: () => toggleSheet(),
  });
  const sheetHead = el(
    "div",
    { class: "sheet-head" },
    el("h2", { text: trainWords.settings }),
    el("button", { type: "button", text: trainWords.close, onclick: () => toggleSheet() }),
  );
  const aside = el(
    "aside",
    { class: "controls", "aria-label": trainWords.column },
    sheetHead,
    column.element,
  );
  clock.element.append(settingsButton);
  /** Where the column is a sheet, what is wanted first of it. */
  const trainDoor = el("button", { type: "button", class: "tr-train", onclick: course.train });
  const teachDoor = el("button", {
    type: "button",
    class: "tr-train",
    text: trainWords.teach,
    onclick: () => {
      toggleSheet();
      teach.element.scrollIntoView({ block: "start" });
    },
  });
  const modes = el("div", { class: "tr-modes" }, trainDoor, teachDoor);
  const view = el(
    "section",
    { class: "view tr-view", "aria-label": trainWords.view },
    banner,
    el(
      "div",
      { class: "tr-head" },
      headline,
      subline,
      el("div", { class: "tr-ways" }, codeButton, toStageButton),
    ),
    beats.element,
    el(
      "div",
      { class: "tr-middle" },
      el(
        "section",
        { class: "tr-loss" },
        el("div", { class: "tr-head" }, el("h2", { text: trainWords.curve }), curveAbout),
        curve.element,
        sentence,
        thinned,
        breaks,
      ),
      filters.element,
    ),
    wrong.element,
    kept.element,
    modes,
    live,
  );
  const root = el("main", { class: "instrument train", hidden: true }, aside, view, clock.element);
  const instrument = byId("instrument");
  instrument.after(root);
  const shapes = el("div", { class: "shapes tr-shapes", hidden: true });
  byId("bar").querySelector(".views")?.after(shapes);

  function toggleSheet() {
    const opens = document.body.classList.toggle("sheet-open");
    setAttribute(settingsButton, "aria-expanded", String(opens));
    (opens ? aside.querySelector("button") : settingsButton)?.focus();
  }

  function closeSheet() {
    if (document.body.classList.contains("sheet-open")) toggleSheet();
  }

  function choose(/** @type {"training" | "validation"} */ part, /** @type {number} */ place) {
    chosen = { part, place };
    schedule();
  }

  // ------------------------------------------------------------------------------------- to and from other places

  /** The stage, files and links come when one of them is asked for. @type {Promise<ReturnType<typeof import("./sharing/actions.js").createActions>> | null} */
  let brought = null;
  function ways() {
    brought ??= import("./sharing/actions.js").then((room) => room.createActions(page, course, () => open));
    return brought;
  }

  async function fromStage() {
    taken = (await ways()).fromStage() ?? taken;
    if (!course.problem) closeSheet();
  }

  async function toStage() {
    const set = course.run?.set;
    if (set) (await ways()).toStage(exampleAt(set, chosen).values);
  }

  /** Train what a link holds, unless it is what is on view. */
  async function follow(/** @type {string | null} */ text) {
    if (text) (await ways()).openLink(text);
    else course.prepare();
  }

  // ------------------------------------------------------------------------------------- showing

  function schedule() {
    if (scheduled || !open) return;
    scheduled = true;
    requestAnimationFrame(show);
  }

  function show(/** @type {number} */ now_ms) {
    scheduled = false;
    if (!open) return;
    course.tick(now_ms);
    const theme = page.theme();
    const { run, examples, experiment, shown } = course;
    const dropped = dropoutOf(experiment.layers, info);
    column.update(experiment, examples, theme, `${chosen.part} ${chosen.place}`, dropped, {
      button: buttonWords(),
      note: noteWords(),
      given: taken.given,
      variants: variantsOf(experiment),
      taken: taken.layers === JSON.stringify(experiment.layers) ? taken.words : "",
    });
    kept.update(course.runs, run, compared);
    setText(trainDoor, buttonWords());
    showBanner();
    if (examples) showShapes(examples);
    setText(headline, run ? trainWords.beatsHead : trainWords.readyHead);
    setText(subline, course.untrained ? trainWords.ready : trainWords.beatsTold(shown, experiment.batch));
    view.classList.toggle("tr-fresh", run === null);
    view.classList.toggle("tr-untrained", course.untrained);
    codeButton.hidden = toStageButton.hidden = !run?.snapshots.length;
    const snapshot = run && snapshotAt(run, course.shown);
    if (run?.set && snapshot) showNumbers(run, run.set, snapshot.row, theme);
    teach.update(course.network, snapshot?.row ?? null, run?.set ?? null, course.playing);
    if (run) showTime(run, now_ms);
    else showStart();
    showWrong(run?.set ?? null, theme);
    if (run) ways().then(({ tellLink }) => tellLink());
    if (course.playing || course.running) schedule();
  }

  /** The example that is chosen as augmentation changes it, where that is switched on. */
  function variantsOf(/** @type {Experiment} */ experiment) {
    const { augmentation } = experiment;
    const off = JSON.stringify(augmentation) === JSON.stringify(NOTHING_CHANGED);
    return off || chosen.part !== "training" || !course.examples
      ? null
      : variants.of(experiment, chosen.place);
  }

  function showStart() {
    const { playing, speed, experiment } = course;
    clock.update({ step: 0, of: experiment.steps, known: 0, playing, speed, accuracy: null, best: null });
  }

  function showTime(/** @type {Run} */ run, /** @type {number} */ now_ms) {
    const { shown, playing, speed } = course;
    const { loss, steps } = run.experiment;
    const report = reportAt(run, shown);
    const { reports, left } = run;
    const title = choices.losses.find(({ name }) => name === loss)?.title ?? loss;
    setText(curveAbout, trainWords.smaller(title) + gapAt(report));
    const branches = run.changes.map(({ step }) => step);
    const beside = compared && compared !== run ? compared.reports : [];
    curve.update({ reports, left, compared: beside, steps, shown, branches });
    setText(sentence, sentenceOf(run, Number(run.set?.training.labels.length)));
    setText(thinned, thinnedOf(run));
    setText(breaks, wentOn(trainWords.itself, run.breaks));
    const best = bestOf(reports)?.step ?? null;
    const accuracy = accuracyOf(run, report);
    clock.update({ step: shown, of: steps, known: lastStep(run), playing, speed, accuracy, best });
    speak(trainWords.progress(shown, steps, accuracy), now_ms);
  }

  /** @param {Run} run @param {ExampleSet} examples @param {Float32Array} row @param {Theme} theme */
  function showNumbers(run, examples, row, theme) {
    const { network } = course;
    if (!network) return;
    const { values, label } = exampleAt(examples, chosen);
    const found = network.forward.values(row, values);
    const outputs = network.forward.outputs(row, values);
    const { classes } = examples;
    const { shapes, tensors } = network;
    const filtered = filteredOf(shapes);
    const own = filtered && tensors.get(filtered.node.name);
    if (filtered && own) {
      const seen = look.at(run, course.shown, example, course.playing);
      const live = { values: found, outputs, label, shapes, filtered, classes, theme };
      if (inked.theme !== theme) inked = { theme, ink: getComputedStyle(view).color };
      const { ink } = inked;
      const { title = "", formula = "" } =
        choices.optimisers.find(({ name }) => name === run.experiment.optimiser.kind) ?? {};
      const { experiment } = run;
      beats.update(
        live,
        seen && { look: seen, shapes, filtered, experiment, classes, theme, ink, optimiser: title, formula },
      );
      const gradient = seen && gradientRow(seen, filtered, own, row.length);
      const times = timesOf(run.snapshots[0]?.row ?? null, row, gradient, innerWidth < NARROW);
      filters.update(filtered, own, times, theme, ink);
    }
    judge(examples, row);
  }

  function accuracyOf(/** @type {Run} */ run, /** @type {Report | null} */ report) {
    const { verdicts, row } = judged;
    if (verdicts && row === snapshotAt(run, course.shown)?.row) return verdicts.right / verdicts.count;
    return report ? Number(report.accuracy) : null;
  }

  /** All unseen examples, a few with each frame, so that moving through time never waits for them. */
  function judge(/** @type {ExampleSet} */ set, /** @type {Float32Array} */ row) {
    if (!course.network) return;
    const until_ms = performance.now() + JUDGES_MS;
    judged = judging.advance(course.network.forward, row, set, () => performance.now() < until_ms);
    if (judged.row !== row) schedule();
  }

  function showWrong(/** @type {ExampleSet | null} */ set, /** @type {Theme} */ theme) {
    const { verdicts } = judged;
    wrong.element.hidden = !set || !verdicts || judged.set !== set || !course.run;
    if (wrong.element.hidden || !set || !verdicts) return;
    const mistakes = verdicts.wrong.length;
    const all = mistakes > 0 ? trainWords.gets(mistakes, verdicts.count) : trainWords.getsAll(verdicts.count);
    if (opened === "")
      return wrong.update(
        set,
        verdicts,
        verdicts.wrong,
        theme,
        opened,
        all,
        mistakes ? trainWords.surest : "",
      );
    const [is, says] = opened.split(" ").map(Number);
    const listed = verdicts.all.filter((one) => one.is === is && one.says === says);
    const head = trainWords.cell(
      String(set.classes[Number(is)]),
      String(set.classes[Number(says)]),
      listed.length,
    );
    wrong.update(set, verdicts, listed, theme, opened, head, "");
  }

  // ------------------------------------------------------------------------------------- words

  function buttonWords() {
    if (course.untrained) return trainWords.train;
    if (course.running && course.isCurrent()) return course.playing ? trainWords.pause : trainWords.goOn;
    return trainWords.trainAnew;
  }

  function noteWords() {
    if (course.untrained) return "";
    if (!course.isCurrent()) return trainWords.anew;
    return course.running ? trainWords.branches : "";
  }

  function showBanner() {
    const { problem, lost, waits } = course;
    const why = problem ? trainWords.refused(problem) : "";
    const words = why || (lost ? trainWords.lost : waits ? trainWords.busy : "");
    setText(banner, words);
    banner.classList.toggle("shown", words !== "");
  }

  function showShapes(/** @type {ExampleSet} */ set) {
    const known = networkFor(course.experiment, set, catalog);
    if (!known) return setText(shapes, "");
    const names = known.shapes.network.order.map(({ name }) => name).join(" · ");
    const flow = `${shapeText(set.shape)} → ${names} → ${set.classes.join(" or ")}`;
    setText(shapes, `${flow}, ${trainWords.parameters(known.parameters)}`);
  }

  // ------------------------------------------------------------------------------------- keys, and the door

  /** Keys of the transport, while the room is open: the instrument behind it does not hear them. */
  function takeKey(/** @type {KeyboardEvent} */ event) {
    if (!open || !isFree(event) || event.key === "?") return;
    /** @type {Map<string, () => void>} */
    const keys = new Map([
      [" ", course.togglePlay],
      ["ArrowRight", () => course.seek(course.shown + 1)],
      ["ArrowLeft", () => course.seek(course.shown - 1)],
      ["Home", () => course.seek(0)],
      ["End", () => course.seek(Number.POSITIVE_INFINITY)],
    ]);
    const act = keys.get(event.key);
    if (act) event.preventDefault();
    if (event.key !== "Tab") event.stopPropagation();
    act?.();
  }
  window.addEventListener("keydown", takeKey, { capture: true });
  new ResizeObserver(schedule).observe(view);
  new MutationObserver(() => {
    teach.repaint();
    schedule();
  }).observe(document.documentElement, { attributeFilter: ["data-theme"] });

  return {
    open() {
      open = true;
      root.hidden = shapes.hidden = false;
      instrument.hidden = true;
      document.body.classList.add("training");
      course.ready();
      course.loadData();
      schedule();
      follow(page.current().experiment);
    },
    follow,
    close() {
      if (!open) return;
      open = false;
      course.playing = false;
      root.hidden = shapes.hidden = true;
      instrument.hidden = false;
      document.body.classList.remove("training", "sheet-open");
    },
  };
}
