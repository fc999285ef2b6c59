// The sheets of the chain: which layer to add, and what is done to one. Come by import; turn choices into actions.

import { dialog } from "../../dialogs/dialogs.js";
import { el, setText } from "../../ui/dom.js";
import { networkWords } from "../../words/network.js";
import { familyText } from "../../words/page.js";
import { nameFault, said } from "../editing.js";
import { SOURCE } from "../graph.js";
import { networkStyle } from "./style.js";

/** @import { Dispatch } from "../../panels/controls.js" */
/** @import { State } from "../../state/state.js" */

/** @param {State} state @param {Dispatch} dispatch @param {number} at the place of the new layer */
export function addDialog(state, dispatch, at) {
  networkStyle();
  const { operations } = state.catalog;
  const families = [...new Set(operations.map(({ family }) => family))];
  const made = dialog(
    networkWords.add,
    ...families.map((family) =>
      el(
        "section",
        { class: "net-family" },
        el("h3", { text: familyText(family) }),
        el(
          "div",
          { class: "net-offers" },
          ...operations
            .filter((one) => one.family === family)
            .map(({ name, title, summary }) =>
              el("button", {
                type: "button",
                text: title,
                title: summary,
                onclick() {
                  made.close();
                  dispatch({ type: "add_layer", at, operation: name });
                },
              }),
            ),
        ),
      ),
    ),
  );
  made.classList.add("net-sheet");
}

/** @param {State} state @param {Dispatch} dispatch @param {number} at */
export function layerDialog(state, dispatch, at) {
  const layers = said(state);
  const layer = layers[at];
  if (!layer) return;
  const faultLine = el("p", { class: "problem", role: "alert" });
  const field = el("input", {
    id: "layer-name",
    value: layer.name,
    autocomplete: "off",
    spellcheck: "false",
  });
  const rename = () => {
    const name = field.value.trim();
    const fault = name === layer.name ? null : nameFault(state, at, name);
    setText(faultLine, fault ? networkWords.nameFault(fault) : "");
    field.setAttribute("aria-invalid", String(fault !== null));
    if (fault) return;
    made.close();
    dispatch({ type: "rename_layer", at, name });
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // else it also presses the button that takes the focus when the sheet closes
    rename();
  });
  const then = (/** @type {() => void} */ act) => () => {
    made.close();
    act();
  };
  const reading = (/** @type {string[]} */ inputs) =>
    then(() => dispatch({ type: "read_layer", at, inputs }));
  const chips = layer.inputs.map((name, place) =>
    el(
      "span",
      { class: "net-chip" },
      name,
      layer.inputs.length > 1
        ? el("button", {
            type: "button",
            class: "icon",
            text: "×",
            "aria-label": networkWords.stopReading(name),
            onclick: reading(layer.inputs.filter((_, other) => other !== place)),
          })
        : null,
    ),
  );
  const earlier = [SOURCE, ...layers.slice(0, at).map(({ name }) => name)];
  const also = el("select", {
    "aria-label": networkWords.alsoReads,
    onchange: () => also.value && reading([...layer.inputs, also.value])(),
  });
  also.append(
    el("option", { value: "", text: networkWords.alsoReads }),
    ...earlier.map((name) => el("option", { value: name, text: name })),
  );
  const button = (/** @type {string} */ words, /** @type {() => void} */ act, disabled = false) =>
    el("button", { type: "button", text: words, disabled, onclick: then(act) });
  const made = dialog(
    networkWords.layer(layer.name),
    el(
      "div",
      { class: "net-fields" },
      el("label", { for: "layer-name", text: networkWords.name }),
      el("span", {}, field, el("button", { type: "button", text: networkWords.rename, onclick: rename })),
      el("span", { text: networkWords.reads }),
      el("span", { class: "net-chips" }, ...chips, also),
    ),
    faultLine,
    el(
      "div",
      { class: "net-offers" },
      button(networkWords.moveLeft, () => dispatch({ type: "move_layer", from: at, to: at - 1 }), at === 0),
      button(
        networkWords.moveRight,
        () => dispatch({ type: "move_layer", from: at, to: at + 1 }),
        at === layers.length - 1,
      ),
      button(
        networkWords.remove,
        () => {
          dispatch({ type: "remove_layer", at });
          const status = document.getElementById("net-status");
          if (status) setText(status, networkWords.removed(layer.name));
        },
        layers.length < 2,
      ),
    ),
  );
  made.classList.add("net-sheet");
  setText(faultLine, "");
  field.focus();
}
