// The results below the curve: the examples that the network gets wrong, and the table of what it takes for what. Turns
// clicks into calls; decides nothing.

import { el, setAttribute, setText } from "../ui/dom.js";
import { trainWords } from "../words/train.js";
import { inkScale, paint, picture, planeOf } from "./pictures.js";

/** @import { Theme } from "../types/page.js" */
/** @import { ExampleSet } from "../types/training.js" */
/** @import { Verdict, Verdicts } from "./judged.js" */

const MOST = 10;
const SIDE = 72;

/** @param {(part: "training" | "validation", place: number) => void} choose @param {(is: number, says: number) => void} open */
export function results(choose, open) {
  const title = el("h2");
  const about = el("span", { class: "about" });
  const list = el("ul", { class: "tr-wrong", role: "list" });
  const table = el("table", { class: "tr-table" });
  const element = el(
    "section",
    { class: "tr-results" },
    el("div", { class: "tr-mistakes" }, el("div", { class: "tr-head" }, title, about), list),
    el("div", { class: "tr-table-box" }, table),
  );
  /** @type {{ button: HTMLButtonElement, canvas: HTMLCanvasElement, words: HTMLElement, says: HTMLElement, sure: HTMLElement, verdict: Verdict | null }[]} */
  const made = [];
  /** @type {{ classes: string, cells: HTMLButtonElement[][] } | null} */
  let cells = null;

  function slot(/** @type {number} */ at) {
    const known = made[at];
    if (known) return known;
    const canvas = picture();
    canvas.removeAttribute("role");
    const [words, says, sure] = [el("span"), el("b"), el("span", { class: "muted" })];
    const button = el(
      "button",
      {
        type: "button",
        class: "tr-mistake",
        onclick: () => {
          const verdict = made[at]?.verdict;
          if (verdict) choose("validation", verdict.place);
        },
      },
      canvas,
      el("span", { class: "tr-says" }, words, says),
      sure,
    );
    const item = el("li", {}, button);
    list.append(item);
    const one = { button, canvas, words, says, sure, verdict: null };
    made[at] = one;
    return one;
  }

  function drawTable(
    /** @type {string[]} */ classes,
    /** @type {number[][]} */ counts,
    /** @type {string} */ opened,
  ) {
    const key = classes.join("\n");
    if (cells?.classes !== key) {
      const head = el(
        "tr",
        {},
        el("td"),
        ...classes.map((name) => el("th", { scope: "col", text: trainWords.saysHead(name) })),
      );
      const made = classes.map((_, is) =>
        classes.map((_, says) =>
          el("button", {
            type: "button",
            class: is === says ? "right" : "wrong",
            onclick: () => open(is, says),
          }),
        ),
      );
      const rows = classes.map((name, is) =>
        el(
          "tr",
          {},
          el("th", { scope: "row", text: trainWords.isHead(name) }),
          ...(made[is] ?? []).map((button) => el("td", {}, button)),
        ),
      );
      table.replaceChildren(el("thead", {}, head), el("tbody", {}, ...rows));
      table.classList.toggle("many", classes.length > 3);
      cells = { classes: key, cells: made };
    }
    for (const [is, row] of cells.cells.entries())
      for (const [says, button] of row.entries()) {
        const count = Number(counts[is]?.[says]);
        setText(button, String(count));
        setAttribute(
          button,
          "aria-label",
          trainWords.cell(String(classes[is]), String(classes[says]), count),
        );
        setAttribute(button, "aria-pressed", String(opened === `${is} ${says}`));
        button.classList.toggle("none", count === 0);
      }
  }

  return {
    element,
    /**
     * @param {ExampleSet} examples @param {Verdicts | null} verdicts @param {Verdict[]} listed those to show @param {Theme} theme
     * @param {string} opened the cell of the table that is open @param {string} head @param {string} summary
     */
    update(examples, verdicts, listed, theme, opened, head, summary) {
      element.hidden = verdicts === null;
      if (!verdicts) return;
      setText(title, head);
      setText(about, summary);
      drawTable(examples.classes, verdicts.table, opened);
      const cellCount = examples.shape.reduce((total, side) => total * side, 1);
      const [rows, cols] = planeOf(examples.shape);
      const shown = listed.slice(0, MOST);
      for (const [at, verdict] of shown.entries()) {
        const one = slot(at);
        const values = examples.validation.x.subarray(
          verdict.place * cellCount,
          (verdict.place + 1) * cellCount,
        );
        if (one.verdict?.place !== verdict.place || one.canvas.dataset.theme !== theme) {
          const cell = Math.max(1, Math.floor(SIDE / Math.max(rows, cols)));
          paint(one.canvas, values, { rows, cols, cell, scale: inkScale(theme, values) }, "");
          one.canvas.removeAttribute("aria-label");
          one.canvas.dataset.theme = theme;
        }
        one.verdict = verdict;
        const [is = "", says = ""] = trainWords.says(
          String(examples.classes[verdict.is]),
          String(examples.classes[verdict.says]),
        );
        setText(one.words, is);
        setText(one.says, says);
        one.says.classList.toggle("wrong", verdict.is !== verdict.says);
        setText(one.sure, trainWords.sure(verdict.sure));
      }
      for (const [at, { button }] of made.entries()) {
        const item = button.parentElement;
        if (item) item.hidden = at >= shown.length;
      }
    },
  };
}
