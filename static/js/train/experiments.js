// The experiments of a visit side by side: what each was set to and how it went, on view, beside another, as a file. Turns
// clicks into calls; trains nothing.

import { el, setAttribute, setText } from "../ui/dom.js";
import { picker } from "../ui/rows.js";
import { number } from "../words/format.js";
import { trainWords } from "../words/train.js";
import { dropoutOf, NOTHING_CHANGED } from "./experiment.js";
import { bestOf, lastStep } from "./run.js";

/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Run } from "./run.js" */

/** @typedef {{ look: (run: Run) => void, compare: (run: Run) => void, save: (run: Run) => void, code: (run: Run) => void, open: (text: string) => void, operationOf: (name: string) => OperationInfo }} Actions */

/** @param {Actions} actions */
export function experiments(actions) {
  const body = el("tbody");
  const head = el(
    "tr",
    {},
    ...trainWords.experimentHeads.map((words) => el("th", { scope: "col", text: words })),
  );
  const table = el("table", { class: "tr-runs" }, el("thead", {}, head), body);
  const { field, opener } = picker(trainWords.openFile, ".json,application/json", async ([file]) => {
    if (file) actions.open(await file.text());
  });
  field.classList.add("tr-file");
  const element = el(
    "section",
    { class: "tr-experiments", "aria-labelledby": "tr-experiments" },
    el("div", { class: "tr-head" }, el("h2", { id: "tr-experiments", text: trainWords.experiments }), opener),
    el("div", { class: "tr-runs-box" }, table),
  );
  /** @type {Map<Run, { row: HTMLTableRowElement, cells: HTMLElement[], look: HTMLButtonElement, compare: HTMLButtonElement }>} */
  const rows = new Map();

  function rowOf(/** @type {Run} */ run) {
    const known = rows.get(run);
    if (known) return known;
    const button = (/** @type {string} */ words, /** @type {(run: Run) => void} */ act) =>
      el("button", {
        type: "button",
        text: words,
        "aria-label": `${words}: ${trainWords.experiment(run.number)}`,
        onclick: () => act(run),
      });
    const [look, compare, save, code] = [
      button(trainWords.look, actions.look),
      button(trainWords.compareRun, actions.compare),
      button(trainWords.saveRun, actions.save),
      button(trainWords.code, actions.code),
    ];
    const cells = trainWords.experimentHeads.slice(0, -1).map((words) => el("td", { "data-head": words }));
    const row = el("tr", {}, ...cells, el("td", { class: "tr-run-buttons" }, look, compare, code, save));
    const made = { row, cells, look, compare };
    rows.set(run, made);
    body.append(row);
    return made;
  }

  return {
    element,
    /** Trainings that have begun. @param {Run[]} all @param {Run | null} shown @param {Run | null} compared */
    update(all, shown, compared) {
      const runs = all.filter((run) => lastStep(run) > 0);
      table.hidden = runs.length === 0;
      for (const [run, { row }] of rows)
        if (!runs.includes(run)) {
          row.remove();
          rows.delete(run);
        }
      for (const run of runs) {
        const { cells, look, compare } = rowOf(run);
        const words = wordsOf(run, actions.operationOf);
        for (const [at, cell] of cells.entries()) setText(cell, words[at] ?? "");
        setAttribute(look, "aria-pressed", String(run === shown));
        setAttribute(compare, "aria-pressed", String(run === compared));
      }
    },
  };
}

/** The settings of a run, and how it went. @param {Run} run @param {(name: string) => OperationInfo} operationOf @returns {string[]} */
export function wordsOf(run, operationOf) {
  const { experiment, reports } = run;
  const { optimiser, batch, layers, augmentation, data, seed } = experiment;
  const augments = JSON.stringify(augmentation) !== JSON.stringify(NOTHING_CHANGED);
  const best = bestOf(reports);
  const last = reports.at(-1);
  return [
    trainWords.experiment(run.number),
    trainWords.setTo(
      data.kind,
      optimiser.kind,
      optimiser.rate,
      batch,
      dropoutOf(layers, operationOf) ?? 0,
      augments,
      seed,
    ),
    run.changes.map(({ step }) => step).join(", ") || trainWords.none,
    best ? trainWords.bestAt(number(Number(best.validation_loss), 3), best.step) : trainWords.none,
    last ? trainWords.rightShare(Number(last.accuracy)) : trainWords.none,
  ];
}
