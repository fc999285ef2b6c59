// The charts of a forecast: the whole series, and the part round now, enlarged. Draws SVG; decides nothing.

import { drawing, setAttribute } from "../ui/dom.js";
import { forecastWords as words } from "../words/forecast.js";
import { number } from "../words/format.js";
import { pointsOf, rangeOf, scale, ticksOf } from "./scales.js";
import { heldValues } from "./settings.js";

/** @import { Answer, Series, Way } from "../types/forecast.js" */

const LEFT = 44;
const RIGHT = 12;
const FOOT = 24;
const TOP = 20;
const WHOLE = 84;
/** Room for the lines of X and y. */
const WINDOWS = 40;
/** Steps before now that are enlarged, for each that is forecast. */
const BEFORE = 1.5;
const LEAST_BEFORE = 36;

/** `example` is the one to train on whose X and y are marked. @typedef {{ answer: Answer, way: Way, horizon: number, example: number }} Shown */

/** The first step of an example to train on. @param {Answer["series"]} series @param {number} example */
export function startOf({ now, window, ahead, stride, examples }, example) {
  return Math.max(0, now - ahead - window - (examples - 1 - example) * stride);
}

/** The steps that are enlarged. @param {Series} series @param {number} horizon @returns {[number, number]} */
export function enlarged(series, horizon) {
  const before = Math.max(LEAST_BEFORE, Math.round(BEFORE * horizon));
  return [
    Math.max(series.first, series.now - before),
    Math.max(series.count, series.now + horizon) + horizon,
  ];
}

export function wholeChart() {
  const svg = drawing("svg", { class: "fc-whole", role: "img", "aria-label": words.whole });

  /** @param {import("../types/forecast.js").Early} shown @param {number} horizon @param {number} example to mark @param {number} width */
  function update({ series, memory, way }, horizon, example, width) {
    const beyond = way?.beyond ?? [];
    const last = series.count + horizon;
    const x = scale([series.first, last], [1, width - 1]);
    const y = scale(rangeOf([...series.values, ...beyond]), [WHOLE - FOOT, 4]);
    const foot = WHOLE - FOOT + 4;
    const [from, to] = enlarged(series, horizon);
    const full = memory.padded + series.ahead;
    const start = startOf(series, example);
    setAttribute(svg, "viewBox", `0 0 ${width} ${WHOLE + 14}`);
    svg.replaceChildren(
      ...(full > series.first ? hatched(x(series.first), x(full), 0, foot, "fc-padded") : []),
      ...hatched(x(series.count), x(last), 0, foot, "fc-future"),
      line(
        series.values.map((value, place) => [x(series.first + place), y(value)]),
        "fc-series",
      ),
      line(
        goesOn(series.values, series.count, beyond).map(([step, value]) => [x(step), y(value)]),
        "fc-network",
      ),
      drawing("rect", {
        class: "fc-frame",
        x: x(from),
        y: 1,
        width: x(to) - x(from) - 1,
        height: foot - 2,
        rx: 3,
      }),
      ...stretches(series, start, [series.first, series.now]).map(([name, first, end], row) =>
        drawing("path", {
          class: name,
          d: `M${x(first).toFixed(1)} ${foot - 7 + 4 * row}H${x(end).toFixed(1)}`,
        }),
      ),
      ...ticksOf(series.first, last, Math.max(2, Math.floor(width / 110))).map((step) =>
        label(x(step), foot + 16, String(step), step === 0 ? "start" : "middle"),
      ),
    );
  }
  return { element: svg, update };
}

export function partChart() {
  const svg = drawing("svg", { class: "fc-part", role: "img" });

  function update(/** @type {Shown} */ shown, /** @type {number} */ width, /** @type {number} */ height) {
    const { answer, way, horizon } = shown;
    const { series, naive, seasonal_naive: seasonal, recurrent } = answer;
    const [from, to] = enlarged(series, horizon);
    const rolled = (/** @type {Way} */ one) =>
      goesOn(series.values, series.now, one.rolled.values.slice(0, horizon), series.first);
    const beyond = goesOn(series.values, series.count, way.beyond.slice(0, horizon), series.first);
    /** @type {[string, [number, number][]][]} */
    const ways = [
      ["fc-naive", rolled(naive)],
      ["fc-seasonal", rolled(seasonal)],
      ...(recurrent
        ? [/** @type {[string, [number, number][]]} */ (["fc-recurrent", rolled(recurrent)])]
        : []),
      ["fc-network fc-beyond", beyond],
      ["fc-network", rolled(way)],
    ];
    const past = series.values.slice(from - series.first, series.now - series.first);
    const range = rangeOf([
      ...past,
      ...heldValues(series),
      ...ways.flatMap(([, points]) => points.map(([, value]) => value)),
    ]);
    const x = scale([from, to], [LEFT, width - RIGHT]);
    const y = scale(range, [height - FOOT - WINDOWS, TOP + 6]);
    const foot = height - FOOT;
    setAttribute(svg, "viewBox", `0 0 ${width} ${height}`);
    const full = answer.network.memory.padded + series.ahead;
    svg.replaceChildren(
      ...(full > from ? hatched(x(from), x(Math.min(full, series.now)), TOP, foot, "fc-padded") : []),
      ...hatched(x(series.now), x(to), TOP, foot, "fc-future"),
      ...ticksOf(...range, 5).flatMap((value) => [
        drawing("line", { class: "fc-grid", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }),
        label(LEFT - 7, y(value) + 4.5, number(value, 3), "end"),
      ]),
      ...ticksOf(from, to, Math.max(2, Math.floor(width / 90))).map((step) =>
        label(x(step), foot + 18, String(step)),
      ),
      line(
        past.map((value, place) => [x(from + place), y(value)]),
        "fc-series",
      ),
      ...ways.map(([name, points]) =>
        line(
          points.map(([step, value]) => [x(step), y(value)]),
          name,
        ),
      ),
      ...heldValues(series).map((value, place) =>
        drawing("circle", { class: "fc-held", cx: x(series.now + place), cy: y(value), r: 2.8 }),
      ),
      ...windows(x, series, startOf(series, shown.example), [from, to], height - FOOT),
      ...upright(x(series.now), TOP - 6, foot, "fc-now", words.now, "end"),
      ...upright(x(series.count), TOP, foot, "fc-end", words.end, "start"),
    );
    setAttribute(svg, "aria-label", words.chart(series.name, Number(way.rolled.error)));
  }
  return { element: svg, update };
}

/** X of an example and y as many steps on, as far as they lie within some steps: class, first and last step. @param {Answer["series"]} series @param {number} start @param {[number, number]} within @returns {[string, number, number][]} */
function stretches({ window, ahead }, start, [low, high]) {
  /** @type {[string, number][]} */
  const two = [
    ["fc-inputs", start],
    ["fc-targets", start + ahead],
  ];
  return two.flatMap(([name, first]) => {
    const [from, to] = [Math.max(low, first), Math.min(high, first + window) - 1];
    return to >= from ? [/** @type {[string, number, number]} */ ([name, from, to])] : [];
  });
}

/** An example to train on: X, and y as many steps on, as two lines above the axis. @param {(step: number) => number} x @param {Answer["series"]} series @param {number} start @param {[number, number]} within @param {number} foot */
function windows(x, series, start, within, foot) {
  return stretches(series, start, within).flatMap(([name, first, last]) => {
    const targets = name === "fc-targets";
    const y = foot - 21 + (targets ? 17 : 0);
    const nameLabel = label(
      x(first) + 4,
      y - 3,
      targets ? words.targets(series.ahead) : words.inputs,
      "start",
    );
    nameLabel.classList.add(`${name}-name`);
    const begins = first === start + (targets ? series.ahead : 0);
    const ends = last === start + series.window - 1 + (targets ? series.ahead : 0);
    const left = begins ? `M${x(first).toFixed(1)} ${y - 4}v4` : `M${x(first).toFixed(1)} ${y}`;
    return [
      drawing("path", { class: name, d: `${left}H${x(last).toFixed(1)}${ends ? "v-4" : ""}` }),
      nameLabel,
    ];
  });
}

/** Values that go on from a step, behind the last one that is known. @param {number[]} values @param {number} now @param {number[]} next @returns {[number, number][]} */
function goesOn(values, now, next, first = now - values.length) {
  const last = values[now - 1 - first];
  /** @type {[number, number][]} */
  const known = last === undefined ? [] : [[now - 1, last]];
  return [...known, ...next.map((value, place) => /** @type {[number, number]} */ ([now + place, value]))];
}

/** @param {[number, number][]} points @param {string} name */
function line(points, name) {
  return drawing("polyline", { class: name, points: pointsOf(points) });
}

/** @param {number} x @param {number} top @param {number} foot @param {string} name @param {string} text @param {"start" | "end"} anchor */
function upright(x, top, foot, name, text, anchor) {
  const nameLabel = label(x + (anchor === "end" ? -6 : 6), top + 10, text, anchor);
  nameLabel.classList.add(`${name}-name`);
  return [drawing("line", { class: name, x1: x, x2: x, y1: top, y2: foot }), nameLabel];
}

/** @param {number} x @param {number} y @param {string} text */
export function label(x, y, text, anchor = "middle") {
  const made = drawing("text", { class: "fc-label", x, y, "text-anchor": anchor });
  made.textContent = text;
  return made;
}

/** Slanted lines over a stretch, the future the other way and wider. @param {number} left @param {number} right @param {number} top @param {number} foot @param {string} name */
export function hatched(left, right, top, foot, name) {
  if (!(right > left)) return [];
  const every = name === "fc-future" ? 9 : 7;
  const tall = foot - top;
  let path = "";
  for (let start = left - tall; start < right; start += every) {
    const low = Math.max(left, start);
    const high = Math.min(right, start + tall);
    if (low >= high) continue;
    const [one, other] =
      name === "fc-future"
        ? [top + (low - start), top + (high - start)]
        : [foot - (low - start), foot - (high - start)];
    path += `M${low.toFixed(1)} ${one.toFixed(1)}L${high.toFixed(1)} ${other.toFixed(1)}`;
  }
  return [
    drawing("rect", { class: `${name}-ground`, x: left, y: top, width: right - left, height: tall }),
    drawing("path", { class: name, d: path }),
  ];
}
