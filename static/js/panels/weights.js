// The weights: presets as small pictures of their kernels. Turns what a person does into actions; the editor and further
// rows come later. Knows no canvas and opens no connection.

import { chosenOf } from "../state/selectors.js";
import { PRESET } from "../state/setting.js";
import { drawing, el, setAttribute, setText } from "../ui/dom.js";
import { fold } from "../ui/rows.js";
import { many } from "../words/format.js";
import { say, text } from "../words/page.js";

/** @import { WeightPreset, Weights } from "../types/source.js" */
/** @import { Control, Dispatch } from "./controls.js" */
/** @import { Extended } from "./source.js" */
/** @import { State } from "../state/state.js" */

/**
 * @param {Dispatch} dispatch @param {[name: string, kernels: number[][]][]} kernels of each preset, 3×3
 * @returns {Extended}
 */
export function weightsPanel(dispatch, kernels) {
  /** @type {State} */
  let state;
  /** @type {Control | null} */
  let extra = null;
  const presets = kernels.map(([name, drawn]) => {
    const title = /** @type {Record<string, string>} */ (text.presets)[name] ?? name;
    const made = el(
      "button",
      {
        type: "button",
        class: "preset",
        title,
        "aria-label": title,
        onclick() {
          const bias = chosenOf(state).weights?.bias ?? null;
          /** @type {Weights} */
          const weights = { kind: "preset", name: /** @type {WeightPreset} */ (name), seed: 0 };
          dispatch({ type: "weights", weights: bias ? { ...weights, bias } : weights });
        },
      },
      kernelPicture(drawn),
    );
    return { name, title, made };
  });
  const chosen = el("p", { class: "about" });
  const aside = el("span", { class: "aside" });
  const more = fold(text.editWeights);
  const group = { class: "presets", role: "group", "aria-label": text.preset };
  const rows = [el("div", group, ...presets.map(({ made }) => made)), chosen, more.element];
  const none = el("p", { class: "about", text: text.noWeights });
  const element = el(
    "section",
    { class: "panel", "aria-labelledby": "weights-title" },
    el("h2", { id: "weights-title", class: "kernel", text: text.weights }),
    aside,
    none,
    ...rows,
  );
  return {
    element,
    extend(control) {
      extra = control;
      more.element.append(control.element);
      if (state) extra.update(state);
    },
    update(next) {
      state = next;
      const { shown } = state;
      const weighted = shown === null || shown.operation.combination.term === "product";
      none.hidden = weighted;
      for (const one of [aside, ...rows]) one.hidden = !weighted;
      if (!weighted) return;
      setText(aside, shown ? many(shown.geometry.lanes, "filter", "filters") : "");
      const { weights } = chosenOf(state);
      const named = !weights || weights.kind === "preset";
      const name = weights?.kind === "preset" ? weights.name : named ? PRESET : "own";
      const count = weights?.kind === "preset" ? (weights.edits?.length ?? 0) : 0;
      for (const one of presets) setAttribute(one.made, "aria-pressed", String(one.name === name));
      const title = presets.find((one) => one.name === name)?.title ?? text.ownWeights;
      setText(chosen, count > 0 ? say.edited(title) : title);
      if (name === "random") more.show(name);
      extra?.update(state);
    },
  };
}

/** Kernels of 3×3 as cells whose colours the style sheet mixes; several of them beside and below each other. */
function kernelPicture(/** @type {number[][]} */ kernels) {
  const sides = Math.ceil(Math.sqrt(kernels.length));
  const apart = sides > 1 ? 1 : 0;
  const side = 3 * sides + apart * (sides - 1);
  const picture = drawing("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" });
  for (const [place, kernel] of kernels.entries()) {
    const most = Math.max(...kernel.map(Math.abs)) || 1;
    for (const [tap, value] of kernel.entries()) {
      const x = (place % sides) * (3 + apart) + (tap % 3);
      const y = Math.floor(place / sides) * (3 + apart) + Math.floor(tap / 3);
      const cell = drawing("rect", { x, y, width: 1, height: 1, class: value < 0 ? "below" : "above" });
      cell.style.setProperty("--share", `${Math.round((100 * Math.abs(value)) / most)}%`);
      picture.append(cell);
    }
  }
  return picture;
}
