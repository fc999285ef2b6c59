// The page while a setting is refused: the header names no output, the formula ends in the impossible number, and
// the transport rests. Shows the state; changes none, and knows no canvas.

import { impossible, onLonger } from "../layer/impossible.js";
import { inputOf, isStale, operationOf, parameterOf } from "../state/resolve.js";
import { chosenOf, chosenProblem } from "../state/selectors.js";
import { layerOf } from "../state/setting.js";
import { byId, el } from "../ui/dom.js";
import { many, shape } from "../words/format.js";
import { text } from "../words/page.js";
import { tell } from "../words/stage.js";
import { kernelWords } from "./readout.js";

/** @import { Worked } from "../layer/impossible.js" */
/** @import { FormulaToken } from "../types/geometry.js" */
/** @import { Action, State } from "../state/state.js" */

/** The controls that move the walk. */
const MOVES = new Set(["play", "move", "step", "tick"]);

/** While nothing fits, nothing moves; what played goes on with the next setting that fits. @param {State} before @param {State} next @param {Action} action */
export function resting(before, next, { type }) {
  return MOVES.has(type) && isStale(before) && isStale(next) ? before : next;
}

/** The setting at fault and its size, where they say why there is no output. @param {State} state */
function refusedOf(state) {
  const problem = chosenProblem(state);
  const input = inputOf(state);
  if (!isStale(state) || problem?.code !== "unfit" || !input) return null;
  const layer = chosenOf(state);
  const operation = operationOf(state.catalog, layer.operation);
  return { problem, input, operation, spec: layerOf(operation, layer.spec) };
}

/** `A window of 7 does not fit in an input of 5` */
export function refusalLead(/** @type {State} */ state) {
  const found = refusedOf(state);
  const kernel = [parameterOf(state, "kernel")].flat().map(Number);
  const axes = found ? impossible(found.operation, found.spec, found.input) : [];
  const fault = axes.findIndex(({ output }) => output < 1);
  const window = Number(kernel.length > 1 ? kernel[fault] : kernel[0]);
  const size = found?.input[fault + 1];
  const fits = found?.problem.field !== "kernel" || fault < 0 || !size || !(window > size);
  return fits ? tell.noOutput : tell.doesNotFit(window, size);
}

export function refusal() {
  const head = el("span", { class: "refused-head" });
  const cost = el("span", { class: "refused-head" });
  const formula = el("section", { class: "refused-formula", "aria-label": text.sizeFormula });
  const rest = el("p", { class: "place", text: tell.waits });
  const moves = [...byId("transport").querySelectorAll("button, input")].filter((one) =>
    one.matches(".buttons *, .scrub"),
  );
  byId("readout").prepend(formula);
  /** @type {State["problem"]} */
  let last = null;
  let rests = false;
  return {
    update(/** @type {State} */ state) {
      const stale = isStale(state);
      if (stale !== rests) {
        rests = stale;
        document.documentElement.classList.toggle("refused", stale);
        for (const one of moves) one.toggleAttribute("disabled", stale);
        if (stale) document.querySelector("#transport .place")?.after(rest);
        else rest.remove();
      }
      if (!stale) return;
      document.querySelector(".bar .shapes")?.append(head);
      document.querySelector(".bar .cost")?.append(cost);
      if (state.problem === last) return;
      last = state.problem;
      const found = refusedOf(state);
      const axes = found ? impossible(found.operation, found.spec, found.input) : [];
      formula.hidden = axes.length === 0;
      // Axes of one formula share a line.
      /** @type {Map<string, { worked: Worked, names: string[] }>} */
      const lines = new Map();
      for (const one of axes) {
        const written = one.formula.map((token) => token.text).join("");
        lines.set(written, { worked: one, names: [...(lines.get(written)?.names ?? []), one.name] });
      }
      formula.replaceChildren(
        ...Array.from(lines.values(), ({ worked: { formula: tokens, output }, names }) =>
          el(
            "p",
            {},
            el("span", { class: "label", text: names.join(" = ") }),
            ...tokens.map((token) => worked(token, found?.problem.field, output)),
          ),
        ),
        el("p", { class: "least", text: tell.leastOutput(axes.map(({ name }) => name)) }),
      );
      const input = inputOf(state) ?? state.shown?.geometry.input_shape ?? [];
      const layer = found && onLonger(found.operation, found.spec, found.input);
      const shown = found && state.shown && { ...state.shown, operation: found.operation };
      const named = layer && shown ? kernelWords({ ...state, shown }, layer) : null;
      const arrow = () => el("span", { class: "arrow", text: "▸", "aria-hidden": "true" });
      head.replaceChildren(
        el("b", { class: "input", text: shape(input) }),
        ...(named ? [arrow(), named] : []),
        arrow(),
        el("b", { class: "warn", text: tell.noOutputShort }),
      );
      const weights = layer?.weight_shape ? layer.parameters.weight : 0;
      cost.replaceChildren(el("span", { text: weights > 0 ? many(weights, text.cost.weights) : "" }));
    },
  };
}

/** A part of the formula: the number at fault, and the one that it comes to, say so. @param {FormulaToken} token @param {string | undefined} field @param {number} output */
function worked({ text: words, from }, field, output) {
  if (!from) return words;
  const own =
    from === "stride" || from === "dilation" ? "kernel" : from === "output_padding" ? "padding" : from;
  const none = from === "output" && output < 1;
  const role = none || from === field ? "warn" : own;
  return el("span", {
    class: `token ${role}${none ? " none" : ""}`,
    text: words.replace("-", "−"),
    title: from,
  });
}
