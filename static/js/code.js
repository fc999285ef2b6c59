// Dialogs of code out and code in: a layer as a snippet of a framework, and a layer read from pasted code. Comes by
// import; the server writes and reads.

import { copyField, dialog } from "./dialogs.js";
import { el } from "./dom.js";
import { later } from "./laterstrings.js";
import { text } from "./strings.js";
import { worded } from "./wording.js";

/** @import { CodeTarget, ParameterValue } from "./types.js" */
/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "./state.js" */
/** @import { createApi } from "./connection.js" */

/** @typedef {ReturnType<typeof createApi>} Api */

/** What the dialog was left at, for the next time. @type {CodeTarget} */
let target = "pytorch";

/** @param {State} state @param {Api} api */
export function codeDialog(state, api) {
  const asked = state.shown?.asked;
  if (!asked) return;
  const which = el("select", { "aria-label": later.codeTarget, onchange: show });
  for (const [value, words] of Object.entries(later.codeTargets))
    which.append(el("option", { value, text: words }));
  which.value = target;
  const field = el("textarea", {
    class: "code",
    rows: 22,
    cols: 84,
    readonly: true,
    spellcheck: "false",
    wrap: "off",
    "aria-label": text.codeTitle,
  });
  const told = el("div", { class: "about", role: "status" });
  const button = el("button", {
    type: "button",
    class: "primary",
    text: later.copy,
    onclick: () => copyField(field, told),
  });
  dialog(text.codeTitle, el("div", { class: "line choose" }, which), field, told, button);
  show();

  async function show() {
    target = /** @type {CodeTarget} */ (which.value);
    field.value = "";
    const waits = () => told.replaceChildren(el("p", { text: text.connection.busy }));
    const answer = await api
      .telling(waits)
      .code({ .../** @type {NonNullable<typeof asked>} */ (asked), target });
    if (which.value !== target) return;
    const words = answer.ok ? answer.value.notes : [worded(answer.problem, state.catalog.operations)];
    told.replaceChildren(...words.map((note) => el("p", { text: note })));
    field.value = answer.ok ? answer.value.code : "";
    button.disabled = !answer.ok;
  }
}

/** @param {State} state @param {Dispatch} dispatch @param {Api} api */
export function readDialog(state, dispatch, api) {
  const field = el("textarea", {
    class: "code",
    rows: 10,
    cols: 72,
    spellcheck: "false",
    "aria-label": text.readTitle,
    "aria-describedby": "read-help",
    placeholder: "nn.Conv2d(3, 64, 7, stride=2, padding=3)",
  });
  const told = el("p", { class: "problem", role: "alert" });
  const apply = el("button", { type: "button", class: "primary", text: later.apply, onclick: read });
  const cancel = el("button", { type: "button", text: later.cancel, onclick: () => made.close() });
  const made = dialog(
    text.readTitle,
    el("p", { id: "read-help", class: "about", text: later.readHelp }),
    field,
    told,
    el("div", { class: "buttons" }, apply, cancel),
  );
  field.focus();

  async function read() {
    const waits = () => told.replaceChildren(text.connection.busy);
    const answer = await api.telling(waits).read({ text: field.value });
    if (!answer.ok) {
      told.textContent = worded(answer.problem, state.catalog.operations);
      const { position } = answer.problem;
      if (position) {
        field.focus();
        field.setSelectionRange(position.start, position.end);
      }
      return;
    }
    const { layers, axes, input_channels: channels } = answer.value;
    const [layer] = layers;
    if (!layer) return;
    const { operation, ...values } = layer;
    dispatch({ type: "layer", operation, values: /** @type {Record<string, ParameterValue>} */ (values) });
    const shape = state.inputShape;
    const fits =
      shape && (axes === null || axes === shape.length - 1) && (channels === null || channels === shape[0]);
    // An input that the layer cannot take gives way to noise of the right shape.
    if (!fits) {
      const sides = new Array(axes ?? (shape ? shape.length - 1 : 2)).fill(
        axes === 1 ? 32 : axes === 3 ? 8 : 12,
      );
      dispatch({ type: "source", source: { kind: "noise", shape: [channels ?? shape?.[0] ?? 1, ...sides] } });
    }
    made.close();
  }
}
