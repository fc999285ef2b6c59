// Words and numbers about the setting and the step on view: the header line, the worked sum, the formula, and what
// a screen reader hears. Shows the state; knows no canvas and no network.

import { el, setText } from "./dom.js";
import { count, equalSign, many, number, shape } from "./format.js";
import { currentNumbers, viewedStep } from "./state.js";
import { axisNames, channelName, placeText, say, text } from "./strings.js";
import { sumOf } from "./sum.js";

/** @import { LayerGeometry } from "./types.js" */
/** @import { Dispatch } from "./controls.js" */
/** @import { Origin, State } from "./state.js" */
/** @import { StepSum, Term } from "./sum.js" */

/** Terms written out before the rest is left to the table, and channels that get a line each. */
const MOST_TERMS = 27;
const TERMS_A_LINE = 9;
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
        el("b", { class: "kernel", text: kernelText(state, layer) }),
        arrow(),
        el("b", { class: "output", text: shape(layer.output_shape), title: text.output }),
      );
      setText(cost, costText(layer));
    },
  };
}

function kernelText(/** @type {State} */ state, /** @type {LayerGeometry} */ layer) {
  const kernel = shape(layer.kernel_shape);
  const title = state.shown?.operation.title.toLowerCase();
  const writes = layer.scatter?.writes ?? layer.axes.map((axis) => axis.reads);
  const affine = writes.flatMap((one) => (one.kind === "affine" ? [one] : []));
  if (affine.length === 0) return String(title);
  const stride = perAxis(affine.map((one) => one.stride));
  if (layer.combine !== "sum_of_products") return `${title} ${kernel}, stride ${stride}`;
  const gaps = affine.map((one) => one.gap);
  const dilation = gaps.every((gap) => gap === 1) ? "" : `, dilation ${perAxis(gaps)}`;
  return `${many(layer.lanes, "filter", "filters")} ${kernel}, stride ${stride}${dilation}`;
}

/** One number where all axes have the same. */
function perAxis(/** @type {number[]} */ numbers) {
  return new Set(numbers).size === 1 ? String(numbers[0]) : shape(numbers);
}

function costText(/** @type {LayerGeometry} */ layer) {
  const { weight, bias } = layer.parameters;
  const { cost } = text;
  if (layer.comparisons) return `${count(layer.comparisons)} ${cost.comparisons}`;
  if (layer.additions) return `${count(layer.additions)} ${cost.additions}`;
  if (layer.weight_shape === null)
    return layer.multiply_adds ? `${count(layer.multiply_adds)} ${cost.multiply_adds}` : "";
  const biases = bias > 0 ? ` + ${count(bias)} ${cost.biases}` : "";
  return `${count(weight)} ${cost.weights}${biases} · ${count(layer.multiply_adds)} ${cost.multiply_adds}`;
}

// ------------------------------------------------------------------------------------- the worked sum

export function workedSum() {
  const title = el("h2", { class: "sum-title" });
  const body = el("div", { class: "sum-body", role: "region", "aria-label": text.sum, tabindex: 0 });
  let last = "";
  return {
    title,
    body,
    update(/** @type {State} */ state) {
      const layer = state.shown?.geometry;
      const sum = sumOf(state);
      if (!layer) return;
      body.style.setProperty("--lines", String(linesOf(layer)));
      body.classList.toggle("many", layer.channels_per_group > 1);
      const numbers = currentNumbers(state);
      const step = viewedStep(state);
      const key = [state.shown?.key, step, state.lane, state.channel, numbers?.version, state.overdue].join(
        " ",
      );
      if (key === last) return;
      last = key;
      const place = sum ? placeText(sum.position) : "";
      setText(title, `${text.output} ${place}`);
      if (!sum) {
        const overdue = state.overdue === state.shown?.key;
        return void body.replaceChildren(el("p", { class: "muted", text: overdue ? text.pending : "" }));
      }
      const written = sum.combine === "sum_of_products" || sum.combine === "weighted_sum";
      body.replaceChildren(...(written ? products(sum, layer) : reduced(sum)));
    },
  };
}

/** Lines kept free for the sum of any step, so that the stage stands still while it changes. */
function linesOf(/** @type {LayerGeometry} */ layer) {
  if (layer.channels_per_group === 1) return Math.ceil(Math.min(layer.taps, MOST_TERMS) / 10);
  return Math.min(layer.channels_per_group, MOST_LINES) + 1;
}

/** @returns {HTMLElement} */
function result(/** @type {StepSum} */ sum) {
  const shown = sum.served ?? sum.result;
  const parts = [];
  if (sum.rectified)
    parts.push(
      el("span", { class: "muted", text: ` ${equalSign(sum.total)} ${number(sum.total)} → ReLU →` }),
    );
  else parts.push(el("span", { class: "muted", text: ` ${equalSign(shown)} ` }));
  parts.push(" ", el("b", { class: "output", text: number(shown) }));
  return el("span", { class: "result" }, ...parts);
}

/** One line a channel, the last with the bias and the result. */
function products(/** @type {StepSum} */ sum, /** @type {LayerGeometry} */ layer) {
  const channels = sum.subtotals.length;
  const one = channels === 1;
  const lines = [];
  const each = Math.max(1, one ? MOST_TERMS : Math.min(TERMS_A_LINE, layer.taps));
  for (let channel = 0; channel < Math.min(channels, MOST_LINES); channel++) {
    const all = sum.terms.slice(channel * layer.taps, (channel + 1) * layer.taps);
    const terms = all.filter((term) => !term.outside || sum.combine === "sum_of_products");
    const parts = terms
      .slice(0, each)
      .flatMap((term, at) => (at === 0 ? [termOf(term)] : [plus(), termOf(term)]));
    if (terms.length > each)
      parts.push(plus(), el("span", { class: "muted", text: `… ${terms.length - each} more` }));
    const line = el("p", { class: "terms" });
    if (!one) {
      const source = Number(terms[0]?.channel ?? 0);
      line.append(el("span", { class: "label", text: channelName(layer.input_shape, source) }));
    }
    line.append(el("span", { class: "chain" }, ...parts));
    if (!one) {
      const subtotal = sum.subtotals[channel] ?? 0;
      line.append(
        el("span", { class: "subtotal", text: ` ${equalSign(subtotal, 3)} ${number(subtotal, 3)}` }),
      );
    }
    lines.push(line);
  }
  const total = one ? /** @type {HTMLElement} */ (lines[0]) : el("p", { class: "terms total" });
  if (!one) {
    const shown = sum.subtotals.slice(0, 8).flatMap((subtotal, at) => {
      const words = el("span", { text: at > 0 && subtotal < 0 ? `(${number(subtotal)})` : number(subtotal) });
      return at === 0 ? [words] : [plus(), words];
    });
    total.append(el("span", { class: "label", text: text.sum }), ...shown);
    if (channels > 8)
      total.append(plus(), el("span", { class: "muted", text: `… ${channels - 8} more channels` }));
    lines.push(total);
  }
  if (sum.bias !== null)
    total.append(
      plus(),
      el("b", { class: "bias", text: number(sum.bias), title: text.bias }),
      el("span", { class: "muted", text: " bias" }),
    );
  total.append(result(sum));
  return lines;
}

function plus() {
  return el("span", { class: "operator", text: " + " });
}

/** `0.2·−1` in the colours of input and kernel; a padded value in the padding's. */
function termOf(/** @type {Term} */ term) {
  const value = el("span", { class: term.padded ? "padding" : "input", text: number(term.value, 3) });
  const weight = el("span", { class: "kernel", text: number(term.weight, 3) });
  return el("span", { class: "term" }, value, "·", weight);
}

/** How the values of a window are written between: `max( a, b )`, `( a + b ) / 2`, `( |a|² + |b|² )^½`. */
function frameOf(/** @type {StepSum} */ sum) {
  switch (sum.combine) {
    case "mean":
      return { open: "( ", between: " + ", close: ` ) / ${sum.divisor}`, left: "", right: "" };
    case "copy":
      return { open: "", between: ", ", close: "", left: "", right: "" };
    case "p_norm":
      return { open: "( ", between: " + ", close: ` )^(1/${sum.p})`, left: "|", right: `|^${sum.p}` };
    default:
      return { open: "max( ", between: ", ", close: " )", left: "", right: "" };
  }
}

/** The values of a window with what is done with them; the winner of a maximum is marked. */
function reduced(/** @type {StepSum} */ sum) {
  const { open, between, close, left, right } = frameOf(sum);
  const muted = (/** @type {string} */ words) => el("span", { class: "muted", text: words });
  const line = el("p", { class: "terms" }, muted(open));
  for (const [at, term] of sum.terms.slice(0, MOST_TERMS).entries()) {
    if (at > 0) line.append(el("span", { class: "operator", text: between }));
    const won = at === sum.winner;
    const role = term.padded || term.outside ? "padding" : "input";
    const value = el(won ? "b" : "span", { class: won ? "winner" : role, text: number(term.value, 3) });
    line.append(el("span", { class: "term" }, left, value, right));
  }
  if (sum.terms.length > MOST_TERMS)
    line.append(muted(`${between}… ${count(sum.terms.length - MOST_TERMS)} more`));
  line.append(muted(close), result(sum));
  return [line];
}

// ------------------------------------------------------------------------------------- the formula

/** @param {Dispatch} dispatch */
export function formulas(dispatch) {
  const element = el("section", { class: "formula", "aria-label": "Size formula" });
  /** @type {LayerGeometry | null} */
  let last = null;
  const light = (/** @type {Origin | null} */ origin) => dispatch({ type: "light", origin });
  return {
    element,
    update(/** @type {State} */ state) {
      const layer = state.shown?.geometry ?? null;
      if (layer === last || !layer) return;
      last = layer;
      const names = axisNames(layer.axes.length);
      const written = layer.axes.map((axis) => axis.formula.map((token) => token.text).join(""));
      const same = new Set(written).size === 1;
      element.replaceChildren(
        ...layer.axes.slice(0, same ? 1 : layer.axes.length).map((axis, at) => {
          const name = same && layer.axes.length > 1 ? names.join(" = ") : (names[at] ?? "");
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
              line.append(
                el("span", {
                  class: `token ${role}`,
                  text: words,
                  title: from,
                  onpointerenter: () => light(from),
                  onpointerleave: () => light(null),
                }),
              );
            }
          }
          return line;
        }),
      );
      if (layer.unread_cells > 0)
        element.append(
          el("p", {
            class: "note",
            text: `${count(layer.unread_cells)} input cells are never read`,
          }),
        );
    },
  };
}

// ------------------------------------------------------------------------------------- the spoken line

/** Speaks the step once it has stood for a moment. */
export function spokenStatus(/** @type {HTMLElement} */ element, wait_ms = 350) {
  let last = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return {
    update(/** @type {State} */ state) {
      const layer = state.shown?.geometry;
      if (!layer || state.playing) return;
      const sum = sumOf(state);
      const step = viewedStep(state);
      const words = sum
        ? say.spoken(step, layer.steps, placeText(sum.position), number(sum.served ?? sum.result))
        : "";
      if (words === last || words === "") return;
      last = words;
      clearTimeout(timer);
      timer = setTimeout(() => setText(element, words), wait_ms);
    },
  };
}
