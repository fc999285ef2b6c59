// The curve of a training: loss as trained, as evaluated, of the unseen; now, best, and what a branch left. Draws SVG;
// decides nothing.

import { drawing, el, setAttribute, setText } from "../ui/dom.js";
import { number } from "../words/format.js";
import { trainWords } from "../words/train.js";
import { bestOf } from "./run.js";

/** @import { Run } from "./run.js" */
/** @import { Report } from "../types/training.js" */

const LEFT = 34;
const TOP = 14;
const FOOT = 26;
const LABELS = 132;
/** Pixels that the name of the training step on view needs beside its line. */
const NOW_WIDTH = 84;
/** How much of the curve as trained stays from report to report where it is smoothed. */
const SMOOTH = 0.8;

/** From so much more than its best on, and so far above training, validation is said to rise. */
const RISES = 1.2;
const GAPES = 0.05;

/** @typedef {{ reports: Report[], left: Report[], compared: Report[], steps: number, shown: number, branches: number[] }} Shown */

export function lossCurve(/** @type {(step: number) => void} */ seek) {
  const svg = drawing("svg", { class: "tr-curve", role: "img" });
  const legend = el(
    "p",
    { class: "tr-legend", "aria-hidden": "true" },
    ...Object.entries(trainWords.short).map(([name, words]) =>
      el("span", { class: `tr-${name}`, text: words }),
    ),
  );
  const element = el("div", { class: "tr-curve-box" }, svg, legend);
  /** @type {Shown | null} */
  let shown = null;
  let width = 0;
  let height = 0;

  svg.addEventListener("pointerdown", (event) => {
    svg.setPointerCapture(event.pointerId);
    at(event);
  });
  svg.addEventListener("pointermove", (event) => {
    if (svg.hasPointerCapture(event.pointerId)) at(event);
  });
  function at(/** @type {PointerEvent} */ event) {
    if (!shown) return;
    const x = event.clientX - svg.getBoundingClientRect().left - LEFT;
    seek(Math.round((x / (width - LEFT - ends())) * shown.steps));
  }
  const ends = () => (width > 480 ? LABELS : 16);

  function draw() {
    if (!shown || width === 0) return;
    const { reports, left, steps, branches } = shown;
    const compared = shown.compared.filter(({ step }) => step <= steps); // the other may be longer
    const [wide, high] = [width - LEFT - ends(), height - TOP - FOOT];
    const top = topOf([...reports, ...left, ...compared]);
    const x = (/** @type {number} */ step) => LEFT + (wide * step) / Math.max(1, steps);
    const y = (/** @type {number} */ loss) => TOP + high * (1 - Math.min(1, loss / top));
    setAttribute(svg, "viewBox", `0 0 ${width} ${height}`);
    /** @type {SVGElement[]} */
    const parts = [...axes(x, y, top, steps, LEFT + wide)];
    const line = (
      /** @type {Report[]} */ of,
      /** @type {(report: Report) => number | null} */ value,
      /** @type {string} */ name,
    ) => {
      const points = of.flatMap((report) => {
        const loss = value(report);
        return loss === null || !Number.isFinite(loss)
          ? []
          : [`${x(report.step).toFixed(1)},${y(loss).toFixed(1)}`];
      });
      if (points.length > 0) parts.push(drawing("polyline", { points: points.join(" "), class: name }));
    };
    const validation = (/** @type {Report} */ { validation_loss: loss }) =>
      loss === null ? null : Number(loss);
    const trained = (/** @type {Report} */ { loss }) => (loss === null ? null : Number(loss));
    line(compared, validation, "tr-validation compared");
    line(left, validation, "tr-validation left");
    line(reports, trained, "tr-trained raw");
    const smooth = smoothed(reports);
    line(reports, (report) => smooth.get(report) ?? null, "tr-trained");
    line(reports, ({ training_loss: loss }) => Number(loss), "tr-evaluated");
    line(reports, validation, "tr-validation");
    for (const step of branches)
      parts.push(drawing("line", { x1: x(step), x2: x(step), y1: TOP, y2: TOP + high, class: "tr-branch" }));
    const best = bestOf(reports);
    if (best && reports.length > 2) parts.push(...bestMarks(best, x, y, TOP + high));
    if (ends() === LABELS) parts.push(...endLabels(reports, smooth, LEFT + wide, y));
    parts.push(...nowMarks(shown.shown, x, TOP + high, { best: best?.step ?? Number.NaN, width }));
    svg.replaceChildren(...parts);
    const last = reports.findLast(({ step }) => step <= Number(shown?.shown)) ?? reports[0];
    setAttribute(svg, "aria-label", last ? labelOf(last, best) : trainWords.ready);
  }

  function sized(/** @type {number} */ wide) {
    width = Math.round(wide);
    height = width > 480 ? 250 : 172;
    svg.style.setProperty("height", `${height}px`);
  }
  // Asking for the size with every step on view would have the whole page laid out each time; a height set while
  // sizes are being observed is reported as a loop.
  new ResizeObserver(([entry]) => {
    const wide = Math.round(entry?.contentRect.width ?? width);
    if (wide === width) return;
    requestAnimationFrame(() => {
      sized(wide);
      if (shown && width > 0) draw();
    });
  }).observe(element);

  return {
    element,
    update(/** @type {Shown} */ next) {
      if (width === 0) sized(element.getBoundingClientRect().width);
      shown = next;
      draw();
    },
  };
}

/** The gap at a training step, in words: how much more the unseen are misjudged than those trained on. */
export function gapAt(/** @type {Report | null} */ report) {
  if (!report || report.validation_loss === null) return "";
  const gap = Number(report.validation_loss) - Number(report.training_loss);
  return Number.isFinite(gap) ? trainWords.gap(number(gap, 2)) : "";
}

/** A sentence about a run: why it fails, or that it learns by heart. @param {Run} run @param {number} count examples to train on */
export function sentenceOf(run, count) {
  const [finding] = run.end?.diagnosis ?? [];
  if (finding) return trainWords.finding(finding.reason, finding.remedy);
  const best = bestOf(run.reports);
  const last = run.reports.at(-1);
  const late = best && last && last.step - best.step >= run.experiment.steps / 8;
  if (!late || last.validation_loss === null) return "";
  const [lowest, now] = [Number(best.validation_loss), Number(last.validation_loss)];
  if (now < RISES * lowest || now - Number(last.training_loss) < GAPES) return "";
  return trainWords.byHeart(best.step, Number(last.validation_loss), count);
}

/** How many snapshots are kept, and which, where not all are. */
export function thinnedOf(/** @type {Run} */ { snapshots }) {
  const [first, second] = snapshots;
  const every = first && second ? second.step - first.step : 1;
  return every > 1 ? trainWords.thinned(snapshots.length, every) : "";
}

function labelOf(/** @type {Report} */ last, /** @type {Report | null} */ best) {
  const sentences = [`${trainWords.curve}, ${trainWords.now(last.step)}`];
  sentences.push(`${trainWords.ends.evaluated} ${number(Number(last.training_loss), 3)}`);
  if (last.validation_loss !== null)
    sentences.push(`${trainWords.ends.validation} ${number(Number(last.validation_loss), 3)}`);
  if (best) sentences.push(`${trainWords.best(best.step)} ${number(Number(best.validation_loss), 3)}`);
  return sentences.join("; ");
}

/** A round number that the first losses stay below; what grows without bounds leaves at the top. */
export function topOf(/** @type {Report[]} */ reports) {
  const first = reports.find(({ step }) => step === 0) ?? reports[0];
  const start = Math.max(Number(first?.training_loss ?? 1), Number(first?.validation_loss ?? 1));
  const wanted = Number.isFinite(start) && start > 0 ? start * 1.15 : 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 4, 5, 10].find((factor) => factor * power >= wanted) ?? 10) * power;
}

/** A running mean, begun by what comes first. @returns {Map<Report, number>} */
export function smoothed(/** @type {Report[]} */ reports) {
  /** @type {Map<Report, number>} */
  const found = new Map();
  let mean = Number.NaN;
  for (const report of reports) {
    if (report.loss === null) continue;
    mean = Number.isNaN(mean) ? Number(report.loss) : SMOOTH * mean + (1 - SMOOTH) * Number(report.loss);
    found.set(report, mean);
  }
  return found;
}

/** @param {(step: number) => number} x @param {(loss: number) => number} y @param {number} top @param {number} steps @param {number} right */
function* axes(x, y, top, steps, right) {
  for (let part = 0; part <= 4; part++) {
    const loss = (top * part) / 4;
    yield drawing("line", { x1: LEFT, x2: right, y1: y(loss), y2: y(loss), class: "tr-grid" });
    yield words(number(loss, 2), LEFT - 7, y(loss) + 4.5, "end");
  }
  for (let part = 0; part <= 6; part++) {
    if (right < 480 && part % 2 === 1) continue;
    const step = Math.round((steps * part) / 6);
    yield words(String(step), x(step), y(0) + 19, "middle");
  }
}

function words(
  /** @type {string} */ said,
  /** @type {number} */ x,
  /** @type {number} */ y,
  /** @type {string} */ anchor,
  name = "tr-number",
) {
  const text = drawing("text", { x, y, "text-anchor": anchor, class: name });
  setText(text, said);
  return text;
}

/** @param {Report} best @param {(step: number) => number} x @param {(loss: number) => number} y @param {number} foot */
function* bestMarks(best, x, y, foot) {
  const at = x(best.step);
  yield drawing("line", { x1: at, x2: at, y1: 4, y2: foot, class: "tr-best" });
  yield drawing("circle", { cx: at, cy: y(Number(best.validation_loss)), r: 4.5, class: "tr-best-dot" });
  const said = words(`${trainWords.best(best.step)} `, at - 6, 14, "end", "tr-said");
  const value = drawing("tspan", { class: "tr-number" });
  setText(value, number(Number(best.validation_loss), 2));
  said.append(value);
  if (at > 190) yield said;
}

/** @param {number} step @param {(step: number) => number} x @param {number} foot @param {{ best: number, width: number }} room */
function* nowMarks(step, x, foot, { best, width }) {
  const at = x(step);
  yield drawing("line", { x1: at, x2: at, y1: 4, y2: foot, class: "tr-now" });
  yield drawing("circle", { cx: at, cy: foot, r: 6, class: "tr-knob" });
  const beside = x(best) - at;
  // The transport says it too: here it stands where there is room for it.
  const fits = at + NOW_WIDTH <= width && !(beside > 0 && beside < 210);
  if (fits) yield words(trainWords.now(step), at + 7, 14, "start", "tr-said");
}

/** Names at the ends of the curves, apart by as much as they are high. @param {Report[]} reports @param {Map<Report, number>} smooth @param {number} right @param {(loss: number) => number} y */
function* endLabels(reports, smooth, right, y) {
  const last = reports.at(-1);
  if (!last || reports.length < 3) return;
  const all = [
    { name: "validation", at: last.validation_loss === null ? Number.NaN : y(Number(last.validation_loss)) },
    { name: "trained", at: y(smooth.get(last) ?? Number.NaN) },
    { name: "evaluated", at: y(Number(last.training_loss)) },
  ].filter(({ at }) => Number.isFinite(at));
  all.sort((one, other) => one.at - other.at);
  const foot = y(0);
  for (let at = all.length - 1, limit = foot; at >= 0; at--) {
    const one = /** @type {{ name: string, at: number }} */ (all[at]);
    one.at = Math.min(one.at, limit);
    limit = one.at - 19;
  }
  for (const { name, at } of all)
    yield words(
      trainWords.ends[/** @type {keyof typeof trainWords.ends} */ (name)],
      right + 10,
      at + 5,
      "start",
      `tr-end tr-${name}`,
    );
}
