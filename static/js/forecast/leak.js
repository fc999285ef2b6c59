// The leak: what one output reads through the layers with each padding, the future in its own colour, and both errors.
// Draws SVG and rows; decides nothing.

import { drawing, el, setAttribute, setText } from "../ui/dom.js";
import { forecastWords as words } from "../words/forecast.js";
import { number } from "../words/format.js";
import { fieldOf } from "./fields.js";
import { hatched, label } from "./plots.js";
import { scale } from "./scales.js";

/** @import { Answer } from "../types/forecast.js" */
/** @import { Layer } from "./fields.js" */

/** @typedef {"causal" | "same"} Padding */
/** @typedef {{ layers: Layer[], answers: Record<Padding, Answer | null> }} Shown */

const ROW = 22;
const TOP = 20;
const FOOT = 20;
/** Lines that are drawn one by one; of more, each layer is one area. */
const MOST_LINES = 2000;
/** @type {Padding[]} */
const PADDINGS = ["causal", "same"];

export function leakRoom(/** @type {() => void} */ compare) {
  const parts = PADDINGS.map((padding) => leakOf(padding));
  const button = el("button", { type: "button", class: "fc-compare", onclick: compare });
  const element = el(
    "section",
    { class: "fc-leak" },
    el(
      "div",
      { class: "fc-head" },
      el("h2", { text: words.leak }),
      el("span", { class: "about", text: words.leakAbout }),
    ),
    el("div", { class: "fc-sides" }, ...parts.map(({ element: part }) => part)),
    button,
  );

  function update(/** @type {Shown} */ shown, /** @type {number} */ width, busy = false) {
    const fields = PADDINGS.map((padding) => fieldOf(shown.layers, padding));
    const most = Math.max(
      ...PADDINGS.flatMap((padding) => {
        const network = shown.answers[padding]?.network;
        return network ? [Number(network.apparent), Number(network.honest)] : [];
      }),
      1e-30,
    );
    const low = Math.min(...fields.flatMap(({ rows }) => rows.map((cells) => Number(cells[0]))));
    const high = Math.max(...fields.flatMap(({ rows }) => rows.map((cells) => Number(cells.at(-1)))));
    for (const [place, part] of parts.entries())
      part.update(/** @type {any} */ (fields[place]), [low, high], shown, most, width);
    button.hidden = PADDINGS.every((padding) => shown.answers[padding]);
    button.disabled = busy;
    setText(button, words.compare(PADDINGS.find((padding) => !shown.answers[padding]) ?? ""));
  }
  return { element, update };
}

function leakOf(/** @type {Padding} */ padding) {
  const title = el("h3");
  const svg = drawing("svg", { class: "fc-diagram", role: "img", "aria-label": words.diagram(padding) });
  const bars = /** @type {const} */ (["apparent", "honest"]).map((kind) => {
    const bar = el("i");
    const value = el("b");
    const about = el("span", {
      class: "about",
      text: kind === "apparent" ? words.apparentAbout : words.honestAbout,
    });
    const row = el(
      "div",
      { class: `fc-bar fc-${kind}` },
      el("span", {}, el("span", { text: words[kind] }), about),
      value,
      el("span", { class: "fc-trough" }, bar),
    );
    return { kind, row, bar, value };
  });
  const times = el("p", { class: "fc-times" });
  const element = el("div", { class: "fc-side" }, title, svg, ...bars.map(({ row }) => row), times);

  /** @param {ReturnType<typeof fieldOf>} field @param {[number, number]} range @param {Shown} shown @param {number} most @param {number} width */
  function update(field, [low, high], shown, most, width) {
    const bottom = /** @type {number[]} */ (field.rows[0]);
    // Layers that are no plain row of convolutions have no diagram here; the network view has theirs.
    const drawn = shown.layers.length > 0;
    svg.toggleAttribute("hidden", !drawn);
    setText(title, drawn ? words.reads(padding, -Number(bottom[0]), field.future) : padding);
    const height = TOP + ROW * (field.rows.length - 1) + FOOT;
    const x = scale([Math.min(low, -2) - 1, Math.max(high, 2) + 1], [4, width - 4]);
    const y = (/** @type {number} */ row) => height - FOOT - ROW * row;
    const radius = Math.max(1.2, Math.min(4, (x(1) - x(0)) * 0.4));
    setAttribute(svg, "viewBox", `0 0 ${width} ${height}`);
    const late = (/** @type {number} */ cell) => (cell > 0 ? "late" : "");
    const many = field.lines.reduce((total, lines) => total + lines.length, 0) > MOST_LINES;
    const ends = (/** @type {number} */ row, /** @type {string} */ name) => {
      const cells = /** @type {number[]} */ (field.rows[row]);
      const [first, last] = [x(Number(cells[0])), x(Number(cells.at(-1)))];
      return name === "late" ? [Math.max(first, x(0)), Math.max(last, x(0))] : [first, last];
    };
    svg.replaceChildren(
      ...hatched(x(0.5), width - 4, 4, height - FOOT + 6, "fc-future"),
      ...field.lines.flatMap((lines, row) =>
        many
          ? ["", ...(field.future ? ["late"] : [])].map((name) =>
              area(name, ends(row, name), y(row), ends(row + 1, name), y(row + 1)),
            )
          : lines.map(([from, to]) =>
              drawing("line", {
                class: `fc-reads ${late(from)}`,
                x1: x(from),
                y1: y(row),
                x2: x(to),
                y2: y(row + 1),
              }),
            ),
      ),
      ...field.rows.flatMap((cells, row) =>
        cells.map((cell) =>
          drawing("circle", {
            class: row === field.rows.length - 1 ? "fc-out" : `fc-cell ${late(cell)}`,
            cx: x(cell),
            cy: y(row),
            r: row === field.rows.length - 1 ? radius + 1.5 : radius,
          }),
        ),
      ),
      label(x(0.5) - 6, 14, words.now, "end"),
      ...(field.future ? [late14(x(0.5) + 6)] : []),
      label(x(Number(bottom[0])), height - 4, String(bottom[0]).replace("-", "−"), "start"),
      label(x(0), height - 4, "0"),
    );
    const network = shown.answers[padding]?.network;
    for (const { kind, row, bar, value } of bars) {
      row.hidden = !network;
      const error = Number(network?.[kind]);
      setText(value, number(error, 2));
      bar.style.setProperty("width", `${(100 * error) / most}%`);
    }
    const ratio = network ? Number(network.honest) / Number(network.apparent) : 0;
    times.hidden = !(ratio >= 2);
    for (const { kind, row } of bars) row.classList.toggle("late", kind === "honest" && ratio >= 2);
    setText(times, words.times(ratio));
  }
  return { element, update };
}

/** All lines between two layers. @param {string} name @param {number[]} below @param {number} low @param {number[]} above @param {number} high */
function area(name, [left, right], low, [first, last], high) {
  return drawing("path", {
    class: `fc-area ${name}`,
    d: `M${left} ${low}L${right} ${low}L${last} ${high}L${first} ${high}Z`,
  });
}

function late14(/** @type {number} */ x) {
  const made = label(x, 14, words.fromFuture, "start");
  made.classList.add("late");
  return made;
}
