// The further rows of the weights: the seed, an array to load, and the editor, which comes by import when it is opened.
// Comes with the first sign of a hand. Turns what a person does into actions.

import { chosenOf } from "../state/selectors.js";
import { PRESET } from "../state/setting.js";
import { el, setText, setValue } from "../ui/dom.js";
import { button, line, picker, wholeNumber } from "../ui/rows.js";
import { later, sayLater } from "../words/dialogs.js";

/** @import { Weights } from "../types/source.js" */
/** @import { Control, Dispatch } from "./controls.js" */
/** @import { InputActions } from "./source.js" */
/** @import { State } from "../state/state.js" */

/** @param {Dispatch} dispatch @param {InputActions} inputActions @returns {Control} */
export function moreWeights(dispatch, inputActions) {
  /** @type {State} */
  let state;
  /** @type {Control | null} */
  let editor = null;
  const reseed = (/** @type {number} */ seed) => {
    const { weights } = chosenOf(state);
    const own =
      weights?.kind === "preset" ? weights : { kind: /** @type {const} */ ("preset"), name: PRESET };
    dispatch({ type: "weights", weights: /** @type {Weights} */ ({ ...own, seed }) });
  };
  const seed = wholeNumber(later.seed, reseed, 0, 2 ** 31);
  const another = button(later.another, () => {
    const { weights } = chosenOf(state);
    reseed((weights?.kind === "preset" ? (weights.seed ?? 0) : 0) + 1);
  });
  const reset = button(later.resetWeights, () => dispatch({ type: "reset_weights" }));
  const upload = picker(later.weightsUpload, ".npy,.npz,.safetensors", (files) =>
    inputActions.take(files, "weights"),
  );
  const edits = el("span", { class: "about" });
  const seeds = line(later.seed, seed, another);
  const body = el("div", { class: "editor" });
  const element = el("div", {}, seeds, body, el("div", { class: "buttons" }, upload.opener, reset, edits));

  async function open() {
    const { weightsEditor } = await import("../dialogs/weights.js");
    editor ??= weightsEditor(dispatch);
    body.replaceChildren(editor.element);
    editor.update(state);
  }

  return {
    element,
    update(next) {
      state = next;
      const { weights } = chosenOf(state);
      const named = !weights || weights.kind === "preset";
      const count = weights?.kind === "preset" ? (weights.edits?.length ?? 0) : 0;
      seeds.hidden = !(weights?.kind === "preset" && weights.name === "random");
      if (weights?.kind === "preset") setValue(seed, String(weights.seed ?? 0));
      reset.hidden = named && count === 0;
      setText(edits, count > 0 ? sayLater.edits(count) : "");
      const fold = /** @type {HTMLDetailsElement | null} */ (element.closest("details"));
      if (fold && !fold.dataset.heard) {
        fold.dataset.heard = "true";
        fold.addEventListener("toggle", () => fold.open && !editor && open());
        if (fold.open) open();
      }
      if (fold?.open) editor?.update(state);
    },
  };
}
