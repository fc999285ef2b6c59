// Dialogs that take a setting further: copy a grid as text, and find the settings that give a size. Comes by import.

import { inputOf, operationOf } from "../state/resolve.js";
import { currentNumbers, isWhole } from "../state/selectors.js";
import { worded } from "../state/wording.js";
import { el } from "../ui/dom.js";
import { numberField } from "../ui/fields.js";
import { numberIn } from "../ui/number_box.js";
import { later, sayLater } from "../words/dialogs.js";
import { many, shape } from "../words/format.js";
import { axisNames, text } from "../words/page.js";
import { copyField, dialog } from "./dialogs.js";
import { FORMS, gridText } from "./grid_text.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { ParameterValue } from "../types/layer.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { Form, Grid } from "./grid_text.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */

const MOST_COPIED = 65_536;
const MOST_SIZE = 16_777_216;

// ------------------------------------------------------------------------------------- copying

/** The grids that can be copied now. @returns {Grid[]} */
export function gridsOf(/** @type {State} */ state) {
  const layer = state.shown?.geometry;
  const numbers = currentNumbers(state);
  if (!layer || !numbers) return [];
  /** @type {Grid[]} */
  const grids = [];
  const plane = (/** @type {string} */ name) => (/** @type {number[]} */ place) =>
    planeName(layer, name, place);
  if (numbers.input && numbers.inputs >= numbers.input.length)
    grids.push({ name: "x", shape: layer.input_shape, values: numbers.input, plane: plane("x") });
  if (numbers.weight && layer.weight_shape)
    grids.push({
      name: "weight",
      shape: layer.weight_shape,
      values: numbers.weight,
      plane: plane("weight"),
    });
  if (numbers.bias && layer.bias_shape)
    grids.push({ name: "bias", shape: layer.bias_shape, values: numbers.bias });
  if (numbers.output && isWhole(state) && !numbers.lanes)
    grids.push({ name: "y", shape: layer.output_shape, values: numbers.output, plane: plane("y") });
  return grids;
}

/**
 * A table of a tensor with the names of what it belongs to: filter and channel, counted from 0 as programs do, the channel
 * as the input has it and not within its group.
 * @param {LayerGeometry} layer @param {string} name @param {number[]} place
 */
function planeName(layer, name, place) {
  const { channel, filter, depth } = later.copiedAxes;
  if (name === "x") return sayLater.planeOf(name, [channel, depth], place);
  if (name === "y") return sayLater.planeOf(name, [layer.weight_shape ? filter : channel, depth], place);
  const sides = [
    { axis: filter, each: layer.lanes_per_group },
    { axis: channel, each: layer.channels_per_group },
  ];
  if (layer.weight_layout === "channels") sides.reverse();
  const [outer, inner] = /** @type {[typeof sides[0], typeof sides[0]]} */ (sides);
  const [first = 0, ...others] = place;
  const group = Math.floor(first / outer.each);
  const named = others.map((at, axis) => (axis === 0 ? at + group * inner.each : at));
  return sayLater.planeOf(name, [outer.axis, inner.axis, depth], [first, ...named]);
}

export function copyDialog(/** @type {State} */ state) {
  const grids = gridsOf(state);
  const which = el("select", { "aria-label": later.copyGrid, onchange: show });
  which.append(
    ...grids.map((grid, at) =>
      el("option", { value: at, text: `${later.copiedGrids[grid.name] ?? grid.name} ${shape(grid.shape)}` }),
    ),
  );
  which.value = String(Math.max(0, grids.length - 1));
  const form = el("select", { "aria-label": later.copyForm, onchange: show });
  form.append(...FORMS.map((one) => el("option", { value: one, text: later.copyForms[one] })));
  const field = el("textarea", {
    rows: 14,
    cols: 56,
    readonly: true,
    spellcheck: "false",
    "aria-label": later.copy,
  });
  const status = el("p", { class: "about", role: "status" });
  const button = el("button", {
    type: "button",
    class: "primary",
    text: later.copy,
    onclick: () => copyField(field, status),
  });

  function show() {
    const grid = grids[Number(which.value)];
    const fits = grid !== undefined && grid.values.length <= MOST_COPIED;
    field.value = fits ? gridText(grid, /** @type {Form} */ (form.value)) : "";
    button.disabled = !fits;
    status.textContent = fits
      ? ""
      : grid
        ? sayLater.tooManyToCopy(grid.values.length, MOST_COPIED)
        : text.pending;
  }
  show();
  dialog(later.copyTitle, el("div", { class: "line choose" }, which, form), field, status, button);
}

// ------------------------------------------------------------------------------------- the plan backwards

/** Parameters that are not searched and stay as they are. */
const STAY = ["rules", "filters", "groups"];
/** Parameters that are searched, in the order in which people say them. */
const FIRST = ["kernel", "stride", "padding", "dilation", "output_padding", "ceil_mode", "factor", "size"];

/** Not worth a word. */
function isUsual(/** @type {string} */ name, /** @type {ParameterValue | undefined} */ value) {
  const usual = /** @type {Record<string, ParameterValue>} */ ({
    dilation: 1,
    output_padding: 0,
    ceil_mode: false,
  });
  return value === undefined || value === usual[name];
}

/**
 * Which settings give an output of a size. Parameters that differ from their defaults can be kept or tried.
 * @param {State} state @param {Dispatch} dispatch @param {ReturnType<typeof createApi>} api
 */
export function solveDialog(state, dispatch, api) {
  const { shown } = state;
  const inputShape = inputOf(state);
  if (!shown || !inputShape) return;
  const names = axisNames(inputShape.length - 1);
  const fields = shown.geometry.step_shape.map((size, axis) =>
    numberField(names[axis] ?? "", 1, MOST_SIZE, size, () => {}),
  );
  const kept = ["kernel", "stride", "dilation"].filter((name) => name in shown.layer);
  const boxes = kept.map((name) => ({ name, box: el("input", { type: "checkbox" }) }));
  const status = el("p", { class: "about", role: "status" });
  const list = el("ul", { class: "solutions" });
  const find = el("button", { type: "submit", class: "primary", text: later.solveFind });
  const keep = boxes.map(({ name, box }) =>
    el("label", { class: "check" }, box, sayLater.keepAs(name, JSON.stringify(shown.layer[name]))),
  );
  const sizes = fields.map((field, axis) => el("label", { class: "side" }, names[axis] ?? "", field));
  const form = el(
    "form",
    { onsubmit: search },
    el("p", { class: "about", text: sayLater.solveFrom(shape(inputShape.slice(1))) }),
    el("div", { class: "line" }, ...sizes, find),
    ...keep,
  );
  const made = dialog(text.solveTitle, form, status, list);

  /** Settings of another operation, with what stays of this one. */
  function carried(/** @type {string} */ other, /** @type {Record<string, ParameterValue>} */ settings) {
    const takes = new Set(operationOf(state.catalog, other).parameters.map(({ name }) => name));
    const kept = [...STAY, "bias", "activation"].filter((name) => takes.has(name));
    const own = Object.entries(shown?.layer ?? {}).filter(([name]) => kept.includes(name));
    return { .../** @type {Record<string, ParameterValue>} */ (Object.fromEntries(own)), ...settings };
  }

  async function search(/** @type {Event} */ event) {
    event.preventDefault();
    if (!shown || !inputShape) return;
    /** @type {import("../types/layer.js").Spec} */
    const layer = { operation: shown.layer.operation };
    for (const name of STAY)
      if (name in shown.layer) layer[name] = /** @type {ParameterValue} */ (shown.layer[name]);
    for (const { name, box } of boxes)
      if (box.checked) layer[name] = /** @type {ParameterValue} */ (shown.layer[name]);
    const wanted = fields.flatMap((field) => numberIn(field) ?? []);
    if (wanted.length < fields.length) return;
    find.disabled = true;
    const waits = () => status.replaceChildren(text.connection.busy);
    const answer = await api
      .reporting(waits)
      .solve({ layer, input_shape: inputShape, sizes: wanted, most: 40 });
    find.disabled = false;
    list.replaceChildren();
    if (!answer.ok) {
      status.textContent = worded(answer.problem, state.catalog.operations);
      return;
    }
    const { solutions, ranges } = answer.value;
    const within = Object.entries(ranges)
      .filter(([, tried]) => tried.every((one) => typeof one === "number"))
      .map(([name, tried]) => `${name} ${Math.min(...tried.map(Number))}–${Math.max(...tried.map(Number))}`);
    status.textContent = sayLater.solved(answer.value.count, solutions.length, within.join(", "));
    for (const solution of solutions) {
      const words = FIRST.filter((name) => !isUsual(name, solution.settings[name]))
        .map((name) => `${name.replace("_", " ")} ${[solution.settings[name]].flat().join("×")}`)
        .join(", ");
      const other = solution.operation === shown.layer.operation ? null : solution.operation;
      const title = other ? `${operationOf(state.catalog, other).title}: ` : "";
      const also = solution.also.length > 0 ? ` (${solution.also.join(", ")})` : "";
      const use = el("button", {
        type: "button",
        text: title + words + also,
        onclick: () => {
          if (other) dispatch({ type: "layer", operation: other, values: carried(other, solution.settings) });
          else dispatch({ type: "settings", values: solution.settings });
          made.close();
        },
      });
      const cost = solution.multiply_adds ? many(solution.multiply_adds, text.cost.multiply_adds) : "";
      list.append(
        el(
          "li",
          {},
          use,
          el("span", { text: [...new Set(solution.formula)].join(", ") }),
          el("span", { class: "about", text: cost }),
        ),
      );
    }
  }
}
