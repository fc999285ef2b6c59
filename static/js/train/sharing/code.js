// An experiment as a program of PyTorch or Keras, with the file that it loads: start, order and what is dropped. Comes by
// import with the first click; the server writes both.

import { snippetDialog } from "../../dialogs/code.js";
import { FRAMEWORKS } from "../../layer/catalog.js";
import { worded } from "../../state/wording.js";
import { el, setText } from "../../ui/dom.js";
import { trainWords } from "../../words/train.js";
import { jsonPosted, posted } from "../asking.js";
import { linkedExperiment } from "./link.js";
import { saveAs } from "./saving.js";

/** @import { Catalog } from "../../types/stream.js" */
/** @import { Api } from "../asking.js" */

const NPZ = "application/x-npz";
const NAME = "experiment.npz"; // as the programs load it

/** The programs of the experiment that the address holds. @param {Api} api @param {Catalog} catalog @param {string} text */
export function linkedCode(api, catalog, text) {
  const found = linkedExperiment(text);
  if (found) experimentCode(api, catalog, { ...found.experiment, changes: found.changes });
}

/** @param {Api} api @param {Catalog} catalog @param {object} request as POST experiment takes it */
export function experimentCode(api, catalog, request) {
  const status = el("span", { class: "about", role: "status" });
  const loads = el("button", {
    type: "button",
    text: trainWords.codeFile,
    async onclick() {
      const answer = await posted(api, "/experiment", request, NPZ);
      if (!answer.ok) return setText(status, worded(answer.problem, catalog.operations));
      saveAs(answer.value, NAME);
      setText(status, trainWords.codeSaved);
    },
  });
  const programs = jsonPosted(api, "/experiment", request);
  snippetDialog(
    trainWords.codeTitle,
    [
      ["pytorch", FRAMEWORKS.pytorch.title],
      ["keras", FRAMEWORKS.keras.title],
    ],
    "pytorch",
    async (chosen) => {
      const answer = await programs;
      return answer.ok && chosen === "keras" ? { ok: true, value: answer.value.keras } : answer;
    },
    catalog,
    {
      about: [el("p", { class: "about", text: trainWords.codeAbout })],
      buttons: [loads, status],
    },
  );
}
