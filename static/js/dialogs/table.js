// The step on view as a table: every tap of its window, or of its stamp, with the numbers it meets. Comes by import.

import { isWeighted } from "../layer/combine.js";
import { windowAt } from "../layer/walk.js";
import { viewedLane, viewOf, walkOf } from "../state/selectors.js";
import { stampOf, sumOf } from "../step/sum.js";
import { el } from "../ui/dom.js";
import { later, sayLater } from "../words/dialogs.js";
import { awaited, number } from "../words/format.js";
import { axisNames, channelName, say, text } from "../words/page.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Control } from "../panels/controls.js" */
/** @import { StampSum } from "../step/stamp_sum.js" */
/** @import { StepSum } from "../step/sum.js" */

const MOST_ROWS = 600;

/** @typedef {{ heads: string[], rows: { cells: string[], marked?: boolean }[], feet: [label: string, value: string][], more: number }} Content */

/** @param {HTMLElement} element @returns {Control} */
export function windowTable(element) {
  let last = "";
  return {
    element,
    update(state) {
      const layer = viewOf(state);
      const stamp = stampOf(state);
      const sum = sumOf(state);
      const step = (stamp ?? sum)?.step;
      if (!layer || step === undefined) return;
      const of = [
        state.shown?.key,
        walkOf(state),
        step,
        stamp?.tap,
        viewedLane(state),
        state.numbers?.version,
      ];
      const key = of.join(" ");
      if (key === last) return;
      last = key;
      const content = stamp ? stamped(stamp, layer) : gathered(/** @type {StepSum} */ (sum), layer);
      element.replaceChildren(drawn(content));
    },
  };
}

/** @returns {Content} a row per tap that the window has */
function gathered(/** @type {StepSum} */ sum, /** @type {LayerGeometry} */ layer) {
  const weighted = isWeighted(layer);
  const window = windowAt(layer, sum.step);
  const { channel, weight, product } = later.tableHeads;
  const names = axisNames(layer.axes.length);
  const heads = [channel, ...names, text.input.toLowerCase(), ...(weighted ? [weight, product] : [])];
  const uneven = layer.axes.some(({ reads }) => reads.kind === "table");
  const numbered = [...sum.terms.entries()].filter(([, term]) => !(uneven && term.outside));
  const rows = numbered.slice(0, MOST_ROWS).map(([at, term]) => {
    let rest = term.tap;
    const places = [...window.keys()].reverse().map((axis) => {
      const cells = window[axis] ?? [];
      const cell = cells[rest % cells.length];
      rest = Math.floor(rest / cells.length);
      return number(cell?.coordinate ?? 0);
    });
    const marked = at === sum.winner || at === sum.copied;
    const held = term.padded ? ` (${text.padding})` : "";
    const won = at === sum.winner ? ` ← ${later.largest}` : at === sum.copied ? ` ← ${later.copied}` : "";
    const cells = [channelName(layer.input_shape, term.channel), ...places.reverse()];
    cells.push(number(term.value) + held + won);
    if (weighted) cells.push(number(term.weight), number(term.product));
    return { cells, marked };
  });
  /** @type {[string, string][]} */
  const feet = sum.bias === null ? [] : [[text.bias, number(sum.bias)]];
  const { made } = sum.combination.words;
  const result = awaited(sum.served ?? sum.result, 4, sum.rounding);
  feet.push([sum.activation ? `${made}, ${sum.activation}` : made, result]);
  return { heads, rows, feet, more: numbered.length - rows.length };
}

/** @returns {Content} a row per tap of the kernel, with the output cell it lands on */
function stamped(/** @type {StampSum} */ stamp, /** @type {LayerGeometry} */ layer) {
  const { kernel, product, onto } = later.tableHeads;
  const names = axisNames(layer.axes.length);
  const heads = [
    ...names.map((name) => `${kernel} ${name}`),
    product,
    ...names.map((name) => `${onto} ${name}`),
  ];
  const rows = stamp.landings.slice(0, MOST_ROWS).map(({ tap, cell, outside }) => {
    let rest = tap;
    const places = [...layer.kernel_shape].reverse().map((taps) => {
      const place = rest % taps;
      rest = Math.floor(rest / taps);
      return number(place);
    });
    const landed = outside ? cell.map(() => later.cropped) : cell.map((at) => number(at));
    const cells = [...places.reverse(), number(Number(stamp.products[tap])), ...landed];
    return { cells, marked: tap === stamp.tap };
  });
  /** @type {[string, string][]} */
  const feet = [];
  for (const { channel, value } of stamp.values.slice(0, 8))
    feet.push([sayLater.cellOf(channelName(layer.input_shape, channel)), number(value)]);
  return { heads, rows, feet, more: stamp.landings.length - rows.length };
}

function drawn(/** @type {Content} */ { heads, rows, feet, more }) {
  const body = rows.map(({ cells, marked }) =>
    el("tr", { class: marked ? "winner" : null }, ...cells.map((words) => el("td", { text: words }))),
  );
  if (more > 0) body.push(el("tr", {}, el("td", { colspan: heads.length, text: say.more(more) })));
  const foot = feet.map(([label, value]) =>
    el(
      "tr",
      {},
      el("th", { scope: "row", colspan: heads.length - 1, text: label }),
      el("td", { text: value }),
    ),
  );
  return el(
    "table",
    {},
    el("thead", {}, el("tr", {}, ...heads.map((words) => el("th", { scope: "col", text: words })))),
    el("tbody", {}, ...body),
    el("tfoot", {}, ...foot),
  );
}
