// Words and numbers about the setting and the step on view: the header line, the worked sum and the formula. Shows the
// state; knows no canvas and no network.

import { isCopied, isWeighted } from "../layer/combine.js";
import { currentNumbers, otherWalk, viewedLane, viewedStep, walkOf } from "../state/selectors.js";
import { stampOf, sumOf } from "../step/sum.js";
import { el, setAttribute, setText } from "../ui/dom.js";
import { addedNumber, awaited, equalTo, many, number, shape } from "../words/format.js";
import { axisNames, channelName, placeText, say, text } from "../words/page.js";

/** @import { AxisGeometry, LayerGeometry } from "../types/geometry.js" */
/** @import { State } from "../state/state.js" */
/** @import { SumSpot } from "../picture/layout/sum_spot.js" */
/** @import { StepSum, Term } from "../step/sum.js" */

/** Terms written out before the rest is left to the table, and channels that get a line each. */
const MOST_TERMS = 27;
/** How many are written out when there are more than that. */
const SOME_TERMS = 9;
export const TERMS_A_LINE = 9;
/** Without weights they are half as long. */
const VALUES_A_LINE = 18;
const MOST_LINES = 4;

// ------------------------------------------------------------------------------------- the header line

export function headline() {
  const shapes = el("p", { class: "shapes" });
  const cost = el("p", { class: "cost" });
  /** @type {LayerGeometry | null} */
  let last = null;
  return {
    shapes,
    cost,
    update(/** @type {State} */ state) {
      const layer = state.shown?.geometry ?? null;
      if (layer === last || !layer) return;
      last = layer;
      const arrow = () => el("span", { class: "arrow", text: "▸", "aria-hidden": "true" });
      shapes.replaceChildren(
        el("b", { class: "input", text: shape(layer.input_shape), title: text.input }),
        arrow(),
        kernelWords(state, layer),
        arrow(),
        el("b", { class: "output", text: shape(layer.output_shape), title: text.output }),
      );
      const items = costItems(layer);
      // Where the header is short, whole items fall out of sight; a screen reader still reads them.
      cost.replaceChildren(...items.flatMap((words, at) => [at > 0 ? " " : "", el("span", { text: words })]));
      setAttribute(cost, "title", items.join(" · "));
    },
  };
}

/** `16 filters 3×3, stride 2`; a stride of 1 stands aside where there is no room. */
export function kernelWords(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const kernel = shape(layer.kernel_shape);
  // A symbol keeps its capital: Lp.
  const title =
    state.shown?.operation.title.replace(/^\p{Lu}(?=\p{Ll}{2})/u, (one) => one.toLowerCase()) ?? "";
  const said = (/** @type {string} */ words, /** @type {(string | Node)[]} */ ...more) =>
    el("b", { class: "kernel", text: words }, ...more);
  const writes = layer.scatter?.writes ?? layer.axes.map((axis) => axis.reads);
  const affine = writes.flatMap((one) => (one.kind === "affine" ? [one] : []));
  const products = layer.combination.term === "product";
  if (affine.length === 0 || (!products && layer.taps === 1)) return said(title);
  // A window that is the whole input, or a single cell, takes no strides worth a word.
  const whole = layer.axes.every((axis, at) => axis.size === layer.kernel_shape[at] && layer.steps === 1);
  const strides = !whole && layer.taps > 1 ? affine.map((one) => one.stride) : [];
  const one = strides.every((stride) => stride === 1);
  const stride = strides.length > 0 ? `, stride ${perAxis(strides)}` : "";
  const gaps = affine.map(({ gap }) => gap);
  const dilation = !products || gaps.every((gap) => gap === 1) ? "" : `, dilation ${perAxis(gaps)}`;
  return said(
    `${products ? many(layer.lanes, "filter", "filters") : title} ${kernel}`,
    el("span", { class: one ? "aside" : "", text: stride }),
    dilation,
  );
}

/** One number where all axes have the same. */
function perAxis(/** @type {number[]} */ numbers) {
  return new Set(numbers).size === 1 ? String(numbers[0]) : shape(numbers);
}

/** The cost of a layer, an item a thing: `448 weights`, `84,672 multiply-adds`, `16 biases`. */
function costItems(/** @type {LayerGeometry} */ layer) {
  const { weight, bias } = layer.parameters;
  const { comparisons, additions, multiply_adds } = layer;
  const costs = comparisons ? { comparisons } : additions ? { additions } : { multiply_adds };
  const weights = layer.weight_shape === null ? 0 : weight;
  return Object.entries({ weights, ...costs, biases: bias })
    .filter(([, n]) => n > 0)
    .map(([name, n]) => many(n, text.cost[/** @type {keyof typeof text.cost} */ (name)]));
}

// ------------------------------------------------------------------------------------- the worked sum

export function workedSum() {
  const title = el("h2", { class: "sum-title" });
  const body = el("div", { class: "sum-body", role: "region", "aria-label": text.sum, tabindex: 0 });
  /** Where both stand when the sum stands at its kernel. */
  const holder = el("div", { class: "sum-at" });
  /** @type {SumSpot | null} */
  let spot = null;
  let last = "";
  /** The longest line of terms of this setting: the letters of no step are larger than those of another. */
  let [longest, longestOf] = [0, ""];
  return {
    title,
    body,
    /**
     * At the kernel, or in the words below the stage.
     * @param {SumSpot | null} next @param {Element} stage @param {Element} readout
     */
    place(next, stage, readout) {
      if (next === spot) return;
      if ((next === null) !== (spot === null)) {
        if (next) {
          holder.append(title, body);
          stage.append(holder);
        } else {
          holder.remove();
          readout.prepend(title);
          (readout.querySelector(".more") ?? title).before(body);
        }
      }
      spot = next;
      last = "";
      if (!spot) return;
      for (const kind of KINDS) holder.classList.toggle(kind, kind === spot.kind);
      const { x, y, width, row, foot } = spot;
      const sizes = { x, y, width, row, "foot-x": foot.x, "foot-y": foot.y, "foot-width": foot.width };
      for (const [name, size] of Object.entries(sizes)) holder.style.setProperty(`--${name}`, `${size}px`);
    },
    update(/** @type {State} */ state) {
      const layer = state.shown?.geometry;
      holder.hidden = !layer;
      if (!layer) return;
      const stamping = walkOf(state) === "stamp";
      body.style.setProperty("--lines", String(stamping ? 1 : linesOf(layer)));
      body.classList.toggle("many", !stamping && layer.channels_per_group > 1);
      body.classList.toggle("single", !stamping && layer.channels_per_group === 1);
      const numbers = currentNumbers(state);
      const step = viewedStep(state);
      const pointed = stamping && state.pointed?.grid === "output" ? state.pointed.step : "";
      const of = [state.shown?.key, walkOf(state), step, pointed, viewedLane(state), state.channel];
      const key = [...of, numbers?.version, state.overdue].join(" ");
      if (key === last) return;
      last = key;
      setText(title, sumTitle(state));
      const sum = spot && spot.kind !== "lines" && spot.kind !== "total" ? sumOf(state) : null;
      if (!spot || !sum) return body.replaceChildren(...sumLines(state));
      const lines = kernelRows(sum, layer, spot.rows);
      const chain = Math.max(...lines.map((line) => line.querySelector(".chain")?.textContent?.length ?? 0));
      if (longestOf !== state.shown?.key) [longest, longestOf] = [0, String(state.shown?.key)];
      longest = Math.max(longest, chain);
      const size = (spot.width - SUBTOTAL) / (longest * LETTER);
      body.style.setProperty("--letters", `${Math.max(SMALLEST, Math.min(LARGEST, size)).toFixed(1)}px`);
      return body.replaceChildren(...lines);
    },
  };
}

const KINDS = /** @type {const} */ (["rows", "subtotals", "total", "lines"]);
/** The width of a subtotal beside its terms; the letters of terms, and how wide one is. */
const SUBTOTAL = 62;
const [SMALLEST, LARGEST] = [11, 20];
const LETTER = 0.44;

/** A line for each row of the kernel, with its subtotal, and the result. @returns {HTMLElement[]} */
function kernelRows(
  /** @type {StepSum} */ sum,
  /** @type {LayerGeometry} */ layer,
  /** @type {number} */ rows,
) {
  const cols = layer.taps / rows;
  const lines = Array.from({ length: rows }, (_, row) => {
    const terms = sum.terms.slice(row * cols, (row + 1) * cols);
    const parts = terms.flatMap((term, at) => (at === 0 ? [termOf(term)] : [plus(), termOf(term)]));
    const [sign, subtotal] = equalTo(
      terms.reduce((all, { product }) => all + product, 0),
      3,
      sum.rounding,
    );
    const line = el(
      "p",
      { class: "terms row" },
      el("span", { class: "chain" }, ...parts),
      el("span", { class: "muted sign", text: ` ${sign} ` }),
      el("span", { class: "subtotal", text: subtotal }),
    );
    line.style.setProperty("--n", String(row));
    return line;
  });
  const total = el("p", { class: "terms total" });
  if (sum.bias !== null) total.append(...biasOf(sum.bias));
  total.append(result(sum));
  return [...lines, total];
}

/** The result of the sum of the step on view. @returns {string} */
function sumTitle(/** @type {State} */ state) {
  const stamp = stampOf(state);
  if (stamp) {
    const cropped = stamp.landings.length - stamp.written;
    return say.stamps(placeText(stamp.position), stamp.written, cropped);
  }
  if (state.shown?.geometry.result === "columns") return say.matrixCell(viewedLane(state), viewedStep(state));
  const sum = sumOf(state);
  return `${text.output} ${sum ? placeText(sum.position) : ""}`;
}

/** The sum of the step on view, line by line. @returns {HTMLElement[]} */
export function sumLines(/** @type {State} */ state) {
  const layer = state.shown?.geometry;
  const walk = otherWalk(state);
  const stamp = walk?.sum(state);
  if (walk && stamp) return [walk.line(stamp)];
  const sum = sumOf(state);
  if (!sum || !layer) {
    const overdue = state.overdue === state.shown?.key && !state.problem;
    return [el("p", { class: "muted", text: overdue ? text.pending : "" })];
  }
  return isWeighted(layer) ? products(sum, layer) : (unweighted?.(sum, layer) ?? []);
}

/** @typedef {(sum: StepSum, layer: LayerGeometry) => HTMLElement[]} SumLines */
/** @type {SumLines | null} */
let unweighted = null;

/** Writes the sums of layers without weights. */
export function useUnweighted(/** @type {SumLines} */ lines) {
  unweighted = lines;
}

/** Lines kept free for the sum of any step, so that the stage stands still while it changes. */
function linesOf(/** @type {LayerGeometry} */ layer) {
  if (isCopied(layer)) return 1;
  const aLine = isWeighted(layer) ? TERMS_A_LINE : VALUES_A_LINE;
  if (layer.channels_per_group === 1) return Math.ceil(termsWritten(layer.taps) / aLine);
  return Math.min(layer.channels_per_group, MOST_LINES) + 1;
}

export function termsWritten(/** @type {number} */ terms) {
  return terms > MOST_TERMS ? SOME_TERMS : terms;
}

/** @returns {HTMLElement} */
export function result(/** @type {StepSum} */ sum) {
  const value = sum.served ?? sum.result;
  const [sign, total] = equalTo((sum.activation === null ? value : null) ?? sum.total, 4, sum.rounding);
  const before = sum.activation === null ? `${sign} ` : `${sign} ${total} → ${sum.activation} →`;
  const shown = value === null ? awaited(value) : equalTo(value, 4, sum.rounding)[1];
  // Where the result stands apart, a sign of equality says nothing.
  const plain = sum.activation === null && sign === "=";
  const parts = [el("span", { class: plain ? "muted plain" : "muted", text: ` ${before}` }), " "];
  parts.push(el("b", { class: "output", text: shown }));
  return el("span", { class: "result" }, ...parts);
}

/** One line a channel, the last with the bias and the result. */
function products(/** @type {StepSum} */ sum, /** @type {LayerGeometry} */ layer) {
  const channels = sum.subtotals.length;
  const one = channels === 1;
  const lines = [];
  const each = Math.max(1, one ? termsWritten(layer.taps) : Math.min(TERMS_A_LINE, layer.taps));
  for (let channel = 0; channel < Math.min(channels, MOST_LINES); channel++) {
    const all = sum.terms.slice(channel * layer.taps, (channel + 1) * layer.taps);
    const terms = all.filter((term) => !term.outside || sum.combination.term === "product");
    const parts = terms
      .slice(0, each)
      .flatMap((term, at) => (at === 0 ? [termOf(term)] : [plus(), termOf(term)]));
    if (terms.length > each)
      parts.push(plus(), el("span", { class: "muted", text: say.more(terms.length - each) }));
    const line = el("p", { class: "terms" });
    if (!one) {
      const source = Number(terms[0]?.channel ?? 0);
      line.append(el("span", { class: "label", text: channelName(layer.input_shape, source) }));
    }
    line.append(el("span", { class: "chain" }, ...parts));
    if (!one) {
      const [sign, subtotal] = equalTo(sum.subtotals[channel] ?? 0, 3, sum.roundings[channel]);
      line.append(el("span", { class: "subtotal", text: ` ${sign} ${subtotal}` }));
    }
    lines.push(line);
  }
  const total = one ? /** @type {HTMLElement} */ (lines[0]) : el("p", { class: "terms total" });
  if (!one) {
    const shown = sum.subtotals.slice(0, 8).flatMap((subtotal, at) => {
      const rounding = Number(sum.roundings[at]);
      const words = at === 0 ? awaited(subtotal, 4, rounding) : ` ${addedNumber(subtotal, 4, rounding)}`;
      return [el("span", { text: words })];
    });
    // Where the subtotals stand at their channels, they are not said again.
    const parts = el("span", { class: "parts" }, el("span", { class: "label", text: text.sum }), ...shown);
    if (channels > 8)
      parts.append(plus(), el("span", { class: "muted", text: say.moreChannels(channels - 8) }));
    total.append(parts);
    lines.push(total);
  }
  if (sum.bias !== null) total.append(...biasOf(sum.bias));
  total.append(result(sum));
  return lines;
}

/** ` + 0.5 bias` */
function biasOf(/** @type {number} */ bias) {
  const named = el("span", { class: "muted", text: ` ${text.bias.toLowerCase()}` });
  return [
    plus(),
    el("span", { class: "whole" }, el("b", { class: "bias", text: number(bias), title: text.bias }), named),
  ];
}

export function plus() {
  return el("span", { class: "operator", text: " + " });
}

/** Tells a term from the others of its step. */
export function termKey(/** @type {Term} */ { channel, tap }) {
  return `${channel}.${tap}`;
}

/** `0.2·−1` in the colours of input and kernel; a padded value in the padding's. */
export function termOf(/** @type {Term} */ term) {
  const value = el("span", { class: term.padded ? "padding" : "input", text: number(term.value, 3) });
  const weight = el("span", { class: "kernel", text: number(term.weight, 3) });
  return el("span", { class: "term", "data-term": termKey(term) }, value, "·", weight);
}

// ------------------------------------------------------------------------------------- the formula

/** The size formula of each axis with its numbers put in; linked.js links them to the picture. */
export function formulas() {
  const element = el("section", { class: "formula", "aria-label": text.sizeFormula });
  /** @type {LayerGeometry | null} */
  let last = null;
  return {
    element,
    update(/** @type {State} */ state) {
      const layer = state.shown?.geometry ?? null;
      if (layer === last || !layer) return;
      last = layer;
      const names = axisNames(layer.axes.length);
      // Axes of one formula share a line: `row = col`.
      /** @type {Map<string, { axis: AxisGeometry, names: string[] }>} */
      const lines = new Map();
      for (const [at, axis] of layer.axes.entries()) {
        const written = axis.formula.map((token) => token.text).join("");
        const line = lines.get(written) ?? { axis, names: [] };
        lines.set(written, { axis, names: [...line.names, names[at] ?? ""] });
      }
      element.replaceChildren(
        ...Array.from(lines.values(), ({ axis, names: shared }) => {
          const name = shared.join(" = ");
          const line = el("p", {}, el("span", { class: "label", text: name }));
          for (const { text: words, from } of axis.formula) {
            if (!from) line.append(words);
            else {
              const role =
                from === "dilation" || from === "stride"
                  ? "kernel"
                  : from === "output_padding"
                    ? "padding"
                    : from;
              line.append(el("span", { class: `token ${role}`, text: words, title: from }));
            }
          }
          return line;
        }),
      );
    },
  };
}

/** The plan's notes on the setting: what is not read, and where frameworks differ. */
export function planNotes() {
  const element = el("p", { class: "notes" });
  return {
    element,
    update(/** @type {State} */ state) {
      const { planNotes, shown } = state;
      const words = planNotes && planNotes.key === shown?.key ? planNotes.notes.join(" ") : "";
      setText(element, words);
      element.hidden = words === "";
    },
  };
}
