// The current window as a table: every tap with what it read, its weight and their product. Comes by import.

import { el } from "./dom.js";
import { count, number } from "./format.js";
import { windowAt } from "./geometry.js";
import { axisNames, channelName, text } from "./strings.js";
import { sumOf } from "./sum.js";

/** @import { Control } from "./controls.js" */

const MOST_ROWS = 600;

/** @param {HTMLElement} element @returns {Control} */
export function windowTable(element) {
  let last = "";
  return {
    element,
    update(state) {
      const layer = state.shown?.geometry;
      const sum = sumOf(state);
      if (!layer || !sum) return;
      const key = [state.shown?.key, sum.step, state.lane, state.numbers?.version].join(" ");
      if (key === last) return;
      last = key;
      const weighted = sum.combine === "sum_of_products";
      const names = axisNames(layer.axes.length);
      const heads = [
        "channel",
        ...names,
        text.input.toLowerCase(),
        ...(weighted ? ["weight", "product"] : []),
      ];
      const window = windowAt(layer, sum.step);
      const rows = sum.terms.slice(0, MOST_ROWS).map((term, at) => {
        let rest = term.tap;
        const places = [...window.keys()].reverse().map((axis) => {
          const cells = window[axis] ?? [];
          const cell = cells[rest % cells.length];
          rest = Math.floor(rest / cells.length);
          return String(cell?.coordinate ?? "").replace("-", "−");
        });
        const value =
          number(term.value) +
          (term.padded ? ` (${text.padding})` : "") +
          (at === sum.winner ? ` ← ${text.largest}` : "");
        const cells = [channelName(layer.input_shape, term.channel), ...places.reverse(), value];
        if (weighted) cells.push(number(term.weight), number(term.product));
        return el(
          "tr",
          { class: at === sum.winner ? "winner" : null },
          ...cells.map((words) => el("td", { text: words })),
        );
      });
      if (sum.terms.length > MOST_ROWS)
        rows.push(
          el(
            "tr",
            {},
            el("td", { colspan: heads.length, text: `… ${count(sum.terms.length - MOST_ROWS)} more` }),
          ),
        );
      /** @type {HTMLElement[]} */
      const feet = [];
      const foot = (/** @type {string} */ label, /** @type {number} */ value) =>
        feet.push(
          el(
            "tr",
            {},
            el("th", { scope: "row", colspan: heads.length - 1, text: label }),
            el("td", { text: number(value) }),
          ),
        );
      if (sum.bias !== null) foot(text.bias, sum.bias);
      foot(
        sum.rectified ? `${text.sum}, ReLU` : weighted ? text.sum : text.largest,
        sum.served ?? sum.result,
      );
      element.replaceChildren(
        el(
          "table",
          {},
          el("thead", {}, el("tr", {}, ...heads.map((words) => el("th", { scope: "col", text: words })))),
          el("tbody", {}, ...rows),
          el("tfoot", {}, ...feet),
        ),
      );
    },
  };
}
