// Numbers of the size formula and of the worked sum, linked to what they came from in the picture: by a pointer over them,
// a tap, or arrow keys on the line in focus. Comes with the first sign of a hand. Turns them into actions; draws nothing.

import { clamp } from "../state/setting.js";
import { byId, setAttribute, setText } from "../ui/dom.js";
import { lookedAt } from "./cell_value.js";

/** @import { Dispatch } from "../panels/controls.js" */
/** @import { Origin, Pointed, State } from "../state/state.js" */

/** @param {Dispatch} dispatch @param {() => State} current */
export function linkNumbers(dispatch, current) {
  // The sum stands at the kernel, or below the stage.
  const find = (/** @type {string} */ selector) => byId("view").querySelector(selector);
  const [formula, sum] = [find(".formula"), find(".sum-body")];
  if (formula) {
    setAttribute(formula, "tabindex", "0");
    linked(formula, ".token", (token) => {
      const origin = /** @type {Origin | null} */ (token?.getAttribute("title") ?? null);
      dispatch({ type: "light", origin });
      return token ? `${origin?.replace("_", " ")} ${token.textContent}` : "";
    });
  }
  if (sum)
    linked(sum, ".term", (term) => {
      dispatch({ type: "point", at: pointedOf(term) });
      return lookedAt(current());
    });
}

/** The weight of a term of the sum, as a pointer on the kernel there. @returns {Pointed} */
function pointedOf(/** @type {Element | null} */ term) {
  const [channel, tap] = term?.getAttribute("data-term")?.split(".") ?? [];
  return tap === undefined ? null : { grid: "kernel", channel: Number(channel), tap: Number(tap) };
}

/**
 * @param {Element} line whose numbers are found by a selector @param {string} selector
 * @param {(number: Element | null) => string} light what a number stands for, and say it; null: nothing
 */
function linked(line, selector, light) {
  /** The number that keys and taps are at. */
  let at = 0;
  /** @type {Element | null} */
  let lit = null;
  const all = () => [...line.querySelectorAll(selector)];

  function show(/** @type {Element | null} */ number, aloud = false) {
    if (number === lit) return;
    lit?.classList.remove("lit");
    number?.classList.add("lit");
    lit = number;
    const words = light(number);
    if (aloud && words) setText(byId("status"), words);
  }
  const over = (/** @type {Event} */ { target }) =>
    target instanceof Element ? target.closest(selector) : null;

  line.addEventListener("pointerover", (event) => {
    if (/** @type {PointerEvent} */ (event).pointerType !== "touch") show(over(event));
  });
  line.addEventListener("pointerleave", () => show(null));
  line.addEventListener("click", (event) => {
    const number = over(event);
    if (!number) return;
    at = all().indexOf(number);
    show(number, true);
  });
  line.addEventListener("keydown", (event) => {
    const { key } = /** @type {KeyboardEvent} */ (event);
    const numbers = all();
    const last = numbers.length - 1;
    const by = { ArrowRight: 1, ArrowLeft: -1, Home: -last, End: last }[key];
    if (event.target !== line || by === undefined) return;
    event.preventDefault();
    at = lit ? clamp(at + by, 0, last) : clamp(at, 0, last);
    show(numbers[at] ?? null, true);
    lit?.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
  line.addEventListener("blur", () => show(null));
}
