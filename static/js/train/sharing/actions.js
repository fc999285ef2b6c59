// The ways of an experiment out of the training room and into it: the stage, a file, a link. Comes by import with the first
// of them; turns a click into calls of the course and of the page, and decides nothing.

import { bundleKept, bundleOf } from "../asking.js";
import { snapshotAt } from "../run.js";
import { experimentIn, fileOf, restored } from "./file.js";
import { linkedExperiment, linkText } from "./link.js";
import { saveAs } from "./saving.js";
import { experimentOf, settingOf, tensorsOf } from "./stage.js";

/** @import { Experiment } from "../../types/training.js" */
/** @import { createCourse } from "../course.js" */
/** @import { Run } from "../run.js" */
/** @import { Page } from "../view.js" */

/** @param {Page} page @param {ReturnType<typeof createCourse>} course @param {() => boolean} isOpen whether the room is on view */
export function createActions(page, course, isOpen) {
  /** The experiment that the address holds. */
  let linked = "";
  return {
    /** Train the network that the stage shows, at once. @returns {{ given: Experiment["weights"], words: string, layers: string } | null} */
    fromStage() {
      const found = experimentOf(page.current(), course.experiment, course.examples);
      if (!found.ok) {
        course.refuse(found.problem);
        return null;
      }
      const { experiment, given, words } = found;
      course.setExperiment(experiment);
      course.begin();
      return { given, words, layers: JSON.stringify(experiment.layers) };
    },

    /** Show the network of the training step on view on the stage, on an example, with every number. */
    async toStage(/** @type {Float32Array} */ example) {
      const { run, network } = course;
      const snapshot = run && snapshotAt(run, course.shown);
      if (!run?.begin || !run.set || !network || !snapshot) return;
      const kept = await bundleKept(page.api, bundleOf(tensorsOf(run.begin, snapshot.row), {}));
      if (!kept.ok) return course.refuse(kept.problem);
      const made = settingOf(run.experiment, network.shapes, kept.value.id, example, run.set.shape);
      page.dispatch({ type: "open_setting", setting: made.setting, step: 0 });
      page.dispatch({ type: "choose", layer: made.chosen });
      page.dispatch({ type: "view", name: "train", on: false });
    },

    /** Save an experiment, with the person's own examples in it. */
    async save(/** @type {Run} */ run) {
      const file = new Blob([await fileOf(page.api, course.requestOf(run))], { type: "application/json" });
      saveAs(file, `experiment-${run.number}.json`);
    },

    /** Show an experiment as a program of PyTorch or Keras. */
    async code(/** @type {Run} */ run) {
      const { experimentCode } = await import("./code.js");
      experimentCode(page.api, page.catalog, course.requestOf(run));
    },

    /** Train what a file holds. */
    async openFile(/** @type {string} */ text) {
      const whole = await restored(page.api, text);
      if (whole.ok) course.open(experimentIn(whole.value));
      else course.refuse(whole.problem);
    },

    /** The address holds the experiment on view, and where its playhead rests. */
    tellLink() {
      const { run, playing, shown } = course;
      if (!run || !isOpen()) return;
      const text = linkText(run.first, run.changes, playing || shown >= run.experiment.steps ? null : shown);
      if (text === linked) return;
      linked = text;
      page.dispatch({ type: "experiment", text });
    },

    /** Train what a link holds, unless it is what the address has of this room. */
    openLink(/** @type {string} */ text) {
      if (text === linked) return;
      linked = text;
      course.open(linkedExperiment(text));
    },
  };
}
