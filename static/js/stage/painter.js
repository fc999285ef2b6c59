// Painting on the stage: the value that is painted, the pointer and the keys. Comes by import when painting begins.
// Turns what a hand does into actions; decides nothing about the input.

import { hit } from "../picture/layout/hit.js";
import { between, cursorOf, MOST_PAINTED, unpaintable, valueUnder } from "../state/painting.js";
import { currentNumbers } from "../state/selectors.js";
import { byId, el, setAttribute, setText, setValue } from "../ui/dom.js";
import { isFree } from "../ui/free_keys.js";
import { numberBox } from "../ui/number_box.js";
import { number } from "../words/format.js";
import { placeText, text } from "../words/page.js";
import { later, tell } from "../words/stage.js";
import { shortest, toJson } from "../words/written.js";
import { pointedOf } from "./pointer.js";

/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { Setting } from "../state/setting.js" */
/** @import { Stage } from "./gestures.js" */
/** @import { State } from "../state/state.js" */

/** Strokes are told apart by their number. */
let strokes = 0;

/**
 * @param {Stage} stage @param {Dispatch} dispatch
 * @param {() => State} current @returns {Control}
 */
export function painter(stage, dispatch, current) {
  const ink = (/** @type {number} */ value) => dispatch({ type: "ink", value: toJson(value) });
  const field = numberBox(later.paint.value, ink, { whole: false, on: "change" });
  const inks = el("span", { class: "inks" });
  const words = el("p", { class: "about" });
  const tools = el("span", { class: "inks" }, el("span", { text: later.paint.value }), field, inks);
  const done = el("button", { type: "button", text: later.paint.done, onclick: leave });
  const element = el(
    "div",
    { class: "paint-bar", role: "group", "aria-label": later.paint.title },
    tools,
    words,
    done,
  );
  byId("stage-tools").before(element);
  let offered = "";

  function leave() {
    dispatch({ type: "painting", on: false });
    stage.element.focus();
  }

  /** Few values that this input is made of. */
  function offer(/** @type {State} */ state) {
    const [low, high] = currentNumbers(state)?.inputRange ?? [0, 1];
    const values = [...new Set([low, 0, high, 1])].sort((one, other) => one - other);
    const key = values.join(" ");
    if (key === offered) return;
    offered = key;
    const offers = values.map((value) =>
      el("button", {
        type: "button",
        text: number(value, 3),
        "data-ink": toJson(value),
        onclick: () => ink(value),
      }),
    );
    inks.replaceChildren(...offers);
  }

  pointer(stage, dispatch, current);
  keys(dispatch, current, leave);
  return {
    element,
    update(state) {
      const { paint } = state;
      element.hidden = paint === null;
      const reason = unpaintable(state);
      stage.element.classList.toggle("painting", paint !== null && reason === null);
      if (!paint) return;
      offer(state);
      tools.hidden = reason !== null;
      const shape = state.shown?.geometry.input_shape ?? [];
      setText(words, reason ? tell.unpaintable[reason](shape, MOST_PAINTED) : later.paint.help);
      setValue(field, String(paint.value));
      for (const one of inks.children)
        setAttribute(one, "aria-pressed", String(one.getAttribute("data-ink") === String(paint.value)));
    },
  };
}

/** @param {Stage} stage @param {Dispatch} dispatch @param {() => State} current */
function pointer({ element, layout, pointOf }, dispatch, current) {
  /** @returns {number[] | null} */
  const cellUnder = (/** @type {PointerEvent} */ event) => {
    const at = layout();
    const { x, y } = pointOf(event.clientX, event.clientY);
    const found = at && hit(at, x, y);
    const pointed = pointedOf(current(), found);
    return pointed?.grid === "input" ? pointed.cell : null;
  };
  const paints = () => current().paint !== null && unpaintable(current()) === null;
  /** The stroke, where it is, and the setting that it began with. @type {{ stroke: number, cell: number[], before: Setting } | null} */
  let brush = null;
  let painted = false;
  const on = (
    /** @type {"pointerdown" | "pointermove"} */ type,
    /** @type {(event: PointerEvent) => void} */ act,
  ) => element.addEventListener(type, act, { capture: true });
  on("pointerdown", (event) => {
    // A second finger magnifies: what the first has painted goes.
    if (!event.isPrimary) {
      if (brush && current().setting !== brush.before) dispatch({ type: "undo" });
      brush = null;
      return;
    }
    painted = false;
    const cell = event.button === 0 && paints() ? cellUnder(event) : null;
    if (!cell) return;
    event.stopPropagation();
    element.setPointerCapture(event.pointerId);
    element.focus();
    brush = { stroke: ++strokes, cell, before: current().setting };
    painted = true;
    dispatch({ type: "paint", stroke: brush.stroke, cells: [cell] });
  });
  on("pointermove", (event) => {
    if (!brush) return;
    event.stopPropagation();
    const cell = cellUnder(event);
    if (!cell || cell.every((at, axis) => at === brush?.cell[axis])) return;
    dispatch({ type: "paint", stroke: brush.stroke, cells: between(brush.cell, cell) });
    brush = { ...brush, cell };
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
    element.addEventListener(end, () => {
      brush = null;
    });
  // A stroke is no click: nothing is pinned by it.
  element.addEventListener("click", (event) => painted && event.stopPropagation(), { capture: true });
}

const MOVES = new Map([
  ["ArrowUp", [-1, 0]],
  ["ArrowDown", [1, 0]],
  ["ArrowLeft", [0, -1]],
  ["ArrowRight", [0, 1]],
]);

/** The action of a key while the input is painted; null: its usual one. @returns {Parameters<Dispatch>[0] | null} */
export function paintKey(/** @type {string} */ key) {
  const [row, col] = MOVES.get(key) ?? [];
  if (row !== undefined && col !== undefined) return { type: "cursor", row, col };
  if (key === "Enter" || key === " ") return { type: "paint", stroke: ++strokes, cells: null };
  if (/^\d$/.test(key)) return { type: "paint", stroke: ++strokes, cells: null, value: Number(key) };
  if (key === "Delete" || key === "Backspace")
    return { type: "paint", stroke: ++strokes, cells: null, value: 0 };
  return null;
}

/** @param {Dispatch} dispatch @param {() => State} current @param {() => void} leave */
function keys(dispatch, current, leave) {
  document.addEventListener(
    "keydown",
    (event) => {
      if (!current().paint || event.shiftKey || !isFree(event)) return;
      if (event.key === "Escape") leave();
      const action = unpaintable(current()) ? null : paintKey(event.key);
      if (!action && event.key !== "Escape") return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!action) return;
      dispatch(action);
      const state = current();
      const cell = cursorOf(state);
      const value = valueUnder(state, cell);
      setText(
        byId("status"),
        tell.cellValue(`${text.input} ${placeText(cell)}`, value === null ? "…" : shortest(value)),
      );
    },
    { capture: true },
  );
}
