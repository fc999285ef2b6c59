// The setting on view in each framework: the layer it is there and what comes of it, or why it is refused. Worked out
// in the page by the mirror; knows no network and no operation's name.

import { FRAMEWORKS } from "../layer/catalog.js";
import { problemOf } from "../layer/errors.js";
import { geometry } from "../layer/geometry.js";
import { parameterOf } from "../state/resolve.js";
import { worded } from "../state/wording.js";
import { el, setAttribute } from "../ui/dom.js";
import { later } from "../words/dialogs.js";
import { shape } from "../words/format.js";

/** @import { Spec } from "../types/layer.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

/**
 * One framework's word on a setting.
 * @typedef {{ rules: string, title: string, layer: string | null, output: number[] | null, refusal: string | null }} Verdict
 */

/** @returns {Verdict[]} one per framework, on the setting that is shown */
export function verdicts(/** @type {State} */ state) {
  const { shown } = state;
  if (!shown) return [];
  const { operation, layer, geometry: known } = shown;
  const choices = operation.parameters.find(({ name }) => name === "rules")?.choices ?? [];
  return choices
    .filter((rules) => rules !== "any")
    .map((rules) => {
      const asked = /** @type {Spec} */ ({ ...layer, rules });
      const result = geometry(operation, asked, known.input_shape);
      return {
        rules,
        title: FRAMEWORKS[rules]?.title ?? rules,
        layer: operation.frameworks[rules]?.layers[String(known.axes.length)] ?? null,
        output: result.ok ? result.geometry.output_shape : null,
        refusal: result.ok ? null : worded(problemOf(result.problem), [operation]),
      };
    });
}

/** @param {HTMLDetailsElement} details @param {Dispatch} dispatch @returns {Control} */
export function inFrameworks(details, dispatch) {
  const list = el("ul", {});
  details.append(list);
  /** @type {State["shown"]} */
  let last = null;
  /** @type {HTMLButtonElement[]} */
  let buttons = [];
  /** @type {State | null} */
  let current = null;

  function show(/** @type {State} */ state) {
    const chosen = parameterOf(state, "rules");
    if (state.shown !== last) {
      last = state.shown;
      const found = verdicts(state);
      buttons = found.map(({ rules, title }) =>
        el("button", {
          type: "button",
          text: title,
          title: later.useRules,
          value: rules,
          onclick: () => dispatch({ type: "parameter", name: "rules", value: rules }),
        }),
      );
      list.replaceChildren(
        ...found.map(({ layer, output, refusal }, at) =>
          el(
            "li",
            { class: refusal ? "refused" : null },
            /** @type {HTMLButtonElement} */ (buttons[at]),
            layer ? el("code", { text: layer }) : null,
            output
              ? el("span", { class: "output", text: shape(output) })
              : el("span", { text: refusal ?? "" }),
          ),
        ),
      );
    }
    for (const button of buttons) setAttribute(button, "aria-pressed", String(button.value === chosen));
  }

  details.addEventListener("toggle", () => current && details.open && show(current));
  return {
    element: details,
    update(state) {
      current = state;
      if (details.open) show(state);
    },
  };
}
