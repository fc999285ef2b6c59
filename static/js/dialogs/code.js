// Dialogs of code out and code in: a layer as a snippet of a framework, and a layer read from pasted code. Comes by
// import; the server writes and reads.

import { FRAMEWORKS } from "../layer/catalog.js";
import { withSetting } from "../state/choosing.js";
import { worded } from "../state/wording.js";
import { el } from "../ui/dom.js";
import { later } from "../words/dialogs.js";
import { text } from "../words/page.js";
import { copyField, dialog } from "./dialogs.js";

/** @import { CodeTarget, ReadReply } from "../types/api.js" */
/** @import { ParameterValue } from "../types/layer.js" */
/** @import { Result } from "../types/plan.js" */
/** @import { Catalog } from "../types/stream.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */

/** @typedef {ReturnType<typeof createApi>} Api */

/** The choice that the dialog was left at, for the next time. @type {CodeTarget} */
let target = "pytorch";

/** @param {State} state @param {Api} api */
export function codeDialog(state, api) {
  const asked = state.shown?.asked;
  if (!asked) return;
  const written = Object.entries(FRAMEWORKS).filter(([, { written: is }]) => is);
  snippetDialog(
    later.codeTitle,
    written.map(([value, { title }]) => [value, title]),
    target,
    (chosen, waits) => {
      target = /** @type {CodeTarget} */ (chosen);
      return api.reporting(waits).code({ ...asked, target });
    },
    state.catalog,
  );
}

/**
 * Code to copy, in one of several frameworks.
 * @param {string} title @param {[value: string, title: string][]} targets @param {string} first
 * @param {(chosen: string, waits: () => void) => Promise<Result<{ code: string, notes: string[] }>>} written
 * @param {Catalog} catalog whose words a refusal takes
 * @param {{ about?: Node[], buttons?: HTMLElement[] }} [beside] what stands above the code, and beside the button that copies it
 */
export function snippetDialog(title, targets, first, written, catalog, { about = [], buttons = [] } = {}) {
  const which = el("select", { "aria-label": later.codeTarget, onchange: show });
  for (const [value, words] of targets) which.append(el("option", { value, text: words }));
  which.value = first;
  const field = el("textarea", {
    class: "code",
    rows: 22,
    cols: 84,
    readonly: true,
    spellcheck: "false",
    wrap: "off",
    "aria-label": title,
  });
  const status = el("div", { class: "about", role: "status" });
  const button = el("button", {
    type: "button",
    class: "primary",
    text: later.copy,
    onclick: () => copyField(field, status),
  });
  const foot = buttons.length > 0 ? el("div", { class: "buttons" }, button, ...buttons) : button;
  const made = dialog(title, ...about, el("div", { class: "line choose" }, which), field, status, foot);
  show();
  return made;

  async function show() {
    const chosen = which.value;
    field.value = "";
    const answer = await written(chosen, () =>
      status.replaceChildren(el("p", { text: text.connection.busy })),
    );
    if (which.value !== chosen) return;
    const words = answer.ok ? answer.value.notes : [worded(answer.problem, catalog.operations)];
    status.replaceChildren(...words.map((note) => el("p", { text: note })));
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
  const status = el("p", { class: "problem", role: "alert" });
  const apply = el("button", { type: "button", class: "primary", text: later.apply, onclick: read });
  const cancel = el("button", { type: "button", text: later.cancel, onclick: () => made.close() });
  const made = dialog(
    text.readTitle,
    el("p", { id: "read-help", class: "about", text: later.readHelp }),
    field,
    status,
    el("div", { class: "buttons" }, apply, cancel),
  );
  field.focus();

  async function read() {
    const waits = () => status.replaceChildren(text.connection.busy);
    const answer = await api.reporting(waits).read({ text: field.value, network: true });
    if (!answer.ok) {
      status.textContent = worded(answer.problem, state.catalog.operations);
      const { position } = answer.problem;
      if (position) {
        field.focus();
        field.setSelectionRange(position.start, position.end);
      }
      return;
    }
    const [layer] = answer.value.layers;
    if (!layer) return;
    const remarks = [...answer.value.notes];
    if (answer.value.layers.length > 1) {
      const { pastedSetting, sizeNotes } = await import("../network/chain/pasted.js");
      const setting = pastedSetting(state, answer.value);
      remarks.push(...sizeNotes(withSetting(state, setting), answer.value));
      dispatch({ type: "open_setting", setting, step: 0 });
      dispatch({ type: "view", name: "network", on: true });
    } else {
      const { operation, name: _, ...values } = layer;
      dispatch({ type: "layer", operation, values: /** @type {Record<string, ParameterValue>} */ (values) });
      const shape = shapeFor(answer.value, state.inputShape);
      if (shape) dispatch({ type: "source", source: { kind: "noise", shape } });
    }
    if (remarks.length === 0) {
      made.close();
      return;
    }
    // The notes about guesses and omissions are on the page by now: they are said before the dialog goes.
    const close = el("button", {
      type: "button",
      class: "primary",
      text: text.close,
      onclick: () => made.close(),
    });
    const notes = remarks.map((note) => el("li", { text: note }));
    const about = el("p", { text: later.readNotes });
    field.replaceWith(el("div", { class: "about", role: "status" }, about, el("ul", {}, ...notes)));
    status.remove();
    apply.parentElement?.replaceChildren(close);
    close.focus();
  }
}

const SQUARE = 64; // numbers that are a row; more of them are a square where they can be one

/**
 * The shape of an input that a layer that was read can take, or null where the one at hand will do.
 * @param {ReadReply} reply @param {readonly number[] | null | undefined} shape
 */
export function shapeFor({ axes, input_channels: channels, input_features: features }, shape) {
  if (features !== null) {
    if (shape?.reduce((product, size) => product * size, 1) === features) return null;
    const side = Math.sqrt(features);
    return features > SQUARE && Number.isInteger(side) ? [1, side, side] : [1, features];
  }
  const fits =
    shape && (axes === null || axes === shape.length - 1) && (channels === null || channels === shape[0]);
  if (fits) return null;
  const size = axes === 1 ? 32 : axes === 3 ? 8 : 12;
  const sides = new Array(axes ?? (shape ? shape.length - 1 : 2)).fill(size);
  return [channels ?? shape?.[0] ?? 1, ...sides];
}
