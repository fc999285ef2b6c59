// Editing weights: the values of the shown filter as fields, and one weight in place on the stage. Comes by import.

import { weightIndex } from "../layer/walk.js";
import { currentNumbers } from "../state/selectors.js";
import { el, setValue } from "../ui/dom.js";
import { numberBox } from "../ui/number_box.js";
import { complain, refuse } from "../ui/number_boxes.js";
import { sayLater } from "../words/dialogs.js";
import { typed } from "../words/format.js";
import { axisNames, channelName, text } from "../words/page.js";
import { tell } from "../words/stage.js";
import { toJson } from "../words/written.js";
import { flatNumbers } from "./number_text.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

const MOST_FIELDS = 600;

/** Several numbers that were pasted, in the order of rows; null when one of them is none. @returns {number[] | null} */
export function pasted(/** @type {string} */ words) {
  const read = flatNumbers(words);
  if (read) return read;
  const values = words
    .split(/[\s,;[\]()]+/)
    .filter(Boolean)
    .map(typed);
  return values.includes(null) ? null : /** @type {number[]} */ (values);
}

/** A weight as a person types it: float32 noise left out. */
export function plain(/** @type {number} */ value) {
  return String(Number(value.toPrecision(7)));
}

/** `red, row 0, col 2` */
function placeOf(/** @type {LayerGeometry} */ layer, /** @type {number} */ index) {
  const pair = Math.floor(index / layer.taps);
  const lane = Math.floor(pair / layer.channels_per_group);
  const channel =
    layer.weight_layout === "channels"
      ? Math.floor(pair / layer.lanes_per_group)
      : Math.floor(lane / layer.lanes_per_group) * layer.channels_per_group +
        (pair % layer.channels_per_group);
  let rest = index % layer.taps;
  const places = [...layer.kernel_shape].reverse().map((side) => {
    const at = rest % side;
    rest = Math.floor(rest / side);
    return at;
  });
  const names = axisNames(layer.axes.length);
  const words = places.reverse().map((at, axis) => `${names[axis]} ${at}`);
  return sayLater.weight([channelName(layer.input_shape, channel), ...words].join(", "));
}

/** Where the kernel's cell `at` (channel of the group, cell) of a filter lies in the weight, the kernel as it is. */
function indexOf(/** @type {LayerGeometry} */ layer, /** @type {number} */ lane, /** @type {number} */ at) {
  const straight = { ...layer, flipped: false };
  return weightIndex(straight, lane, Math.floor(at / layer.taps), at % layer.taps);
}

/** @param {Dispatch} dispatch @returns {Control} */
export function weightsEditor(dispatch) {
  const element = el("div", { class: "weights" });
  /** @type {HTMLInputElement[]} */
  let fields = [];
  /** @type {HTMLInputElement | null} */
  let bias = null;
  let form = "";
  /** @type {State} */
  let state;

  /** @param {string} label @param {(value: number) => void} set @param {(values: number[]) => void} [fill] */
  function field(label, set, fill = () => {}) {
    const made = numberBox(label, set, { whole: false, on: "change" });
    made.classList.add("weight");
    made.addEventListener("paste", (event) => {
      const words = event.clipboardData?.getData("text/plain").trim() ?? "";
      if (words.search(/[\s,;]/) < 0 || typed(words) !== null) return;
      event.preventDefault();
      const values = pasted(words);
      if (!values) return void complain(made, tell.noNumbers(words));
      made.value = plain(Number(values[0]));
      fill(values);
    });
    return made;
  }

  function build(/** @type {LayerGeometry} */ layer) {
    const each = layer.channels_per_group * layer.taps;
    const across = layer.kernel_shape.at(-1) ?? 1;
    fields = [];
    element.replaceChildren();
    for (let at = 0; at < Math.min(each, MOST_FIELDS); at++) {
      if (at % layer.taps === 0 && layer.channels_per_group > 1) {
        const group = Math.floor(state.lane / layer.lanes_per_group) * layer.channels_per_group;
        element.append(
          el("p", { class: "label", text: channelName(layer.input_shape, group + at / layer.taps) }),
        );
      }
      if (at % across === 0) element.append(el("div", { class: "weight-row" }));
      const index = indexOf(layer, state.lane, at);
      const { lane } = state;
      const made = field(
        placeOf(layer, index),
        (value) => dispatch({ type: "edit_weight", index, value: toJson(value) }),
        // A pasted grid fills the filter from here on.
        (values) =>
          dispatch({
            type: "edit_weights",
            edits: values
              .slice(0, each - at)
              .map((value, one) => [indexOf(layer, lane, at + one), toJson(value)]),
          }),
      );
      fields.push(made);
      element.lastElementChild?.append(made);
    }
    bias = null;
    if (!layer.bias_shape) return;
    const { lane } = state;
    bias = field(text.bias, (value) => dispatch({ type: "edit_bias", lane, value: toJson(value) }));
    element.append(
      el("label", { class: "weight-row" }, el("span", { class: "name", text: text.bias }), bias),
    );
  }

  return {
    element,
    update(next) {
      state = next;
      const layer = state.shown?.geometry;
      const numbers = currentNumbers(state);
      if (!layer?.weight_shape) return element.replaceChildren();
      const nextForm = JSON.stringify([
        layer.weight_shape,
        state.lane,
        layer.bias_shape,
        layer.input_shape[0],
      ]);
      if (nextForm !== form) build(layer);
      form = nextForm;
      for (const [at, one] of fields.entries()) {
        const weight = numbers?.weight?.[indexOf(layer, state.lane, at)];
        if (weight !== undefined && document.activeElement !== one) setValue(one, plain(weight));
      }
      const held = numbers?.bias?.[state.lane];
      if (bias && held !== undefined && document.activeElement !== bias) setValue(bias, plain(held));
    },
  };
}

/**
 * A field over one weight on the stage: Enter keeps what is typed, Escape does not.
 * @param {HTMLElement} stage @param {Dispatch} dispatch @param {State} state @param {number} index
 * @param {{ x: number, y: number, cell: number }} spot
 */
export function editInPlace(stage, dispatch, state, index, spot) {
  const layer = state.shown?.geometry;
  const weight = currentNumbers(state)?.weight?.[index];
  if (!layer || weight === undefined) return;
  const field = el("input", {
    type: "text",
    inputmode: "decimal",
    class: "in-place",
    "aria-label": placeOf(layer, index),
    value: plain(weight),
  });
  const side = Math.max(spot.cell, 56);
  field.style.setProperty("left", `${spot.x + (spot.cell - side) / 2}px`);
  field.style.setProperty("top", `${spot.y + (spot.cell - 30) / 2}px`);
  field.style.setProperty("width", `${side}px`);
  let open = true;
  const close = (/** @type {boolean} */ keep) => {
    if (!open) return;
    open = false;
    const value = typed(field.value);
    if (keep && value === null) {
      const note = refuse(field, plain(weight));
      note.classList.add("below-place");
      note.style.setProperty("left", field.style.left);
      note.style.setProperty("top", field.style.top);
    }
    field.remove();
    if (keep && value !== null && value !== Math.fround(weight)) {
      dispatch({ type: "edit_weight", index, value: toJson(value) });
    }
  };
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.stopPropagation();
    close(event.key === "Enter");
    stage.focus();
  });
  field.addEventListener("blur", () => close(true));
  stage.append(field);
  field.focus();
  field.select();
}
