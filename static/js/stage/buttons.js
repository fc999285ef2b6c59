// The buttons beside the stage: magnify, pin, paint, compare. Turns clicks into actions; decides nothing about the picture.

import { byId, el, setAttribute, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { number } from "../words/format.js";
import { text } from "../words/page.js";

/** @import { Icon } from "../ui/icon.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

/** @param {Dispatch} dispatch @param {Element} stage @returns {Control} */
export function stageButtons(dispatch, stage) {
  /** @type {State} */
  let state;
  const button = (/** @type {Icon} */ sign, /** @type {string} */ words, /** @type {() => void} */ onclick) =>
    el("button", { type: "button", class: "icon", title: words, "aria-label": words, onclick }, icon(sign));
  const words = text.stageButtons;
  const nearer = button("nearer", words.nearer, () => dispatch({ type: "magnify", steps: 1 }));
  const farther = button("farther", words.farther, () => dispatch({ type: "magnify", steps: -1 }));
  const whole = button("whole", words.whole, () => dispatch({ type: "zoom", zoom: null }));
  const pin = button("pin", words.pin, () => dispatch({ type: "pin" }));
  const unpin = button("unpin", words.unpin, () => dispatch({ type: "unpin" }));
  const paint = button("paint", words.paint, () => dispatch({ type: "painting", on: !state.paint }));
  const compare = button("compare", words.compare, () =>
    dispatch({ type: "compare", against: state.compare ? null : "kept" }),
  );
  const scale = el("span", { class: "scale", "aria-hidden": "true" });
  const element = byId("stage-tools");
  setAttribute(element, "aria-label", words.title);
  element.append(pin, unpin, paint, compare, scale, nearer, farther, whole);
  return {
    element,
    update(next) {
      state = next;
      const { zoom } = state;
      setAttribute(compare, "aria-pressed", String(state.compare !== null));
      setAttribute(paint, "aria-pressed", String(state.paint !== null));
      setAttribute(pin, "aria-pressed", String(state.pins.some(({ step }) => step === state.step)));
      unpin.hidden = state.pins.length === 0;
      setText(scale, zoom ? `${number(zoom.scale, 2)}×` : "");
      for (const one of [farther, whole]) setAttribute(one, "aria-disabled", zoom ? null : "true");
      stage.classList.toggle("magnified", zoom !== null);
    },
  };
}
