// The lag chart: how strongly the last output depends on the input so many steps before, on powers of ten. Draws SVG.

import { drawing, setAttribute } from "../ui/dom.js";
import { forecastWords as words } from "../words/forecast.js";
import { label } from "./plots.js";
import { LEAST, pointsOf, powersOf, scale, ticksOf } from "./scales.js";

/** @import { Answer } from "../types/forecast.js" */

const LEFT = 44;
const RIGHT = 12;
const TOP = 10;
const FOOT = 40;

export function lagChart() {
  const svg = drawing("svg", { class: "fc-lags", role: "img", "aria-label": words.lagChart });

  function update(/** @type {Answer} */ answer, /** @type {number} */ width, /** @type {number} */ height) {
    const lines = [
      { name: "fc-recurrent", values: answer.recurrent?.lags.trained.map(Number) ?? [] },
      { name: "fc-network", values: answer.network.lags.trained.map(Number) },
    ];
    const longest = Math.max(...lines.map(({ values }) => values.length));
    const [low, high] = powersOf(lines.flatMap(({ values }) => values));
    const foot = height - FOOT;
    const x = scale([0, Math.max(1, longest - 1)], [LEFT, width - RIGHT]);
    const power = scale([low, high], [foot, TOP]);
    const y = (/** @type {number} */ value) => (value > LEAST ? power(Math.log10(value)) : foot);
    const every = Math.max(1, Math.ceil((high - low) / 7));
    const powers = Array.from({ length: high - low }, (_, place) => low + 1 + place).filter(
      (one) => (high - one) % every === 0,
    );
    setAttribute(svg, "viewBox", `0 0 ${width} ${height}`);
    svg.replaceChildren(
      ...powers.flatMap((one) => [
        drawing("line", { class: "fc-grid", x1: LEFT, x2: width - RIGHT, y1: power(one), y2: power(one) }),
        label(LEFT - 7, power(one) + 4.5, one === 0 ? "1" : `10${raised(one)}`, "end"),
      ]),
      drawing("line", { class: "fc-grid", x1: LEFT, x2: width - RIGHT, y1: foot, y2: foot }),
      label(LEFT - 7, foot + 4.5, words.zero, "end"),
      ...ticksOf(0, longest - 1, Math.max(2, Math.floor(width / 90))).map((step) =>
        label(x(step), foot + 17, String(step)),
      ),
      label((LEFT + width - RIGHT) / 2, height - 5, words.stepsBack),
      ...lines.map(({ name, values }) =>
        drawing("polyline", {
          class: name,
          points: pointsOf(values.map((value, lag) => [x(lag), y(value)])),
        }),
      ),
    );
  }
  return { element: svg, update };
}

function raised(/** @type {number} */ power) {
  return String(power)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(Number(digit)));
}
