// The settings of the layer, built from the registry's schema: one control for each kind of parameter. Turns what
// a person does into actions and shows what the state says; knows no operation's name and no network.

import { allowed, allowedValues } from "../layer/geometry.js";
import { inputOf, operationOf, parameterOf } from "../state/resolve.js";
import { chosenOf, chosenProblem } from "../state/selectors.js";
import { same } from "../state/setting.js";
import { el, setAttribute, setOptions, setValue } from "../ui/dom.js";
import { numberBox } from "../ui/number_box.js";
import { fold, foldedOf } from "../ui/rows.js";
import { axisNames, choiceText, say, text } from "../words/page.js";

/** @import { OperationInfo, ParameterInfo } from "../types/registry.js" */
/** @import { ParameterValue, Spec } from "../types/layer.js" */
/** @import { Range } from "../types/numbers.js" */
/** @import { Action, State } from "../state/state.js" */

/** @typedef {(action: Action) => void} Dispatch */
/** A control on the page. @typedef {{ element: HTMLElement, update(state: State): void }} Control */

/** Parameters that mean something only beside a certain value of another. */
const SHOWN_WITH = /** @type {Record<string, [name: string, value: ParameterValue]>} */ ({
  padding_value: ["padding_mode", "constant"],
});
/** The largest number that numbers are computed with. */
const FLOAT32 = 3.4e38;
const [NUMBER, SIDES] = ["number", "sides"];

/** Finds values of a parameter at fault that would do. @typedef {(state: State, parameter: ParameterInfo) => ParameterValue[]} Finder */
/** @type {Finder} */
let fixesFor = () => [];

export function offerFixes(/** @type {Finder} */ find) {
  fixesFor = find;
}
/** Controls of kinds that the opening picture does without, each in a row of its own. @type {Map<string, (row: ReturnType<typeof rowOf>, title: string, set: (value: any) => void) => Control>} */
const further = new Map();

export const addControl = further.set.bind(further);

/**
 * The controls of one operation's parameters.
 * @param {OperationInfo} operation @param {Dispatch} dispatch
 */
export function layerControls(operation, dispatch) {
  const controls = operation.parameters.map((parameter) => ({
    ...controlOf(parameter, dispatch),
    parameter,
    beside: SHOWN_WITH[parameter.name],
  }));
  const folded = foldedOf(operation.parameters);
  const rows = (/** @type {boolean} */ within) =>
    controls.filter(({ parameter }) => folded.includes(parameter) === within).map((one) => one.element);
  const more = fold("", ...rows(true));
  const element = el("div", { class: "parameters" }, ...rows(false));
  if (folded.length > 0) element.append(more.element);
  let described = operation.parameters;
  return {
    element,
    update(/** @type {State} */ state) {
      // The page opens without the descriptions of the folded ones; the whole registry brings them.
      if (described !== operation.parameters) {
        described = operation.parameters;
        for (const { name, description } of described) {
          const [title, about] = element.querySelectorAll(`#p-${name}-name, #p-${name}-about`);
          title?.setAttribute("title", description);
          about?.replaceChildren(description);
        }
      }
      for (const { element: row, beside, update } of controls) {
        row.hidden = beside !== undefined && parameterOf(state, beside[0]) !== beside[1];
        update(state);
      }
      const problem = chosenProblem(state)?.field ?? "";
      more.name(folded.flatMap((one) => foldedWords(state, one)).join(", "));
      more.show(folded.some(({ name }) => name === problem) ? problem : "");
    },
  };
}

/** A parameter behind the line of words: its name, and its value where that is another than usual. */
function foldedWords(/** @type {State} */ state, /** @type {ParameterInfo} */ parameter) {
  const beside = SHOWN_WITH[parameter.name];
  if (beside && parameterOf(state, beside[0]) !== beside[1]) return [];
  const { default: usual } = parameter;
  const value = parameterOf(state, parameter.name) ?? usual;
  const title = parameter.title.toLowerCase();
  return [same(value, usual) ? title : `${title} ${choiceText(value, parameter)}`];
}

/** @returns {Control} */
function controlOf(/** @type {ParameterInfo} */ parameter, /** @type {Dispatch} */ dispatch) {
  const set = (/** @type {ParameterValue} */ value) =>
    dispatch({ type: "parameter", name: parameter.name, value });
  switch (parameter.kind) {
    case "per_axis":
      return perAxis(parameter, set);
    case "padding":
      return padding(parameter, set);
    case "choice":
      return choice(parameter, set);
    case "integer":
      return integer(parameter, set);
    case "number":
      return plainNumber(parameter, set);
    case "boolean":
      return yesOrNo(parameter, set);
    default:
      return (
        further.get(parameter.kind)?.(rowOf(parameter, set), parameter.title, set) ?? yesOrNo(parameter, set)
      );
  }
}

// ------------------------------------------------------------------------------------- one row

/**
 * Label, fields, and room for what is wrong; the description is the tooltip and what a screen reader says.
 * @param {ParameterInfo} parameter @param {(value: ParameterValue) => void} set
 */
function rowOf(parameter, set) {
  const id = `p-${parameter.name}`;
  const name = el("span", {
    class: "name",
    id: `${id}-name`,
    text: parameter.title,
    title: parameter.description,
  });
  const described = el("span", { class: "unseen", id: `${id}-about`, text: parameter.description });
  const fields = el("div", { class: "fields" });
  const problem = el("p", { class: "problem", id: `${id}-problem` });
  const attributes = {
    class: "row",
    role: "group",
    "aria-labelledby": `${id}-name`,
    "data-parameter": parameter.name,
  };
  const element = el("div", attributes, name, fields, problem, described);
  let shown = "";
  return {
    element,
    fields,
    id,
    head: name,
    value: (/** @type {State} */ state) => parameterOf(state, parameter.name) ?? parameter.default,
    /** Marks the row when the problem is its own, with a button for each value that would do. */
    mark(/** @type {State} */ state) {
      const own = chosenProblem(state)?.field === parameter.name ? state.problem : null;
      const key = own ? `${own.detail}` : "";
      for (const field of fields.querySelectorAll("input, select")) {
        setAttribute(field, "aria-invalid", own ? "true" : null);
        setAttribute(field, "aria-describedby", own ? `${id}-problem` : `${id}-about`);
      }
      element.classList.toggle("invalid", own !== null);
      if (key === shown) return;
      shown = key;
      problem.replaceChildren();
      if (!own) return;
      problem.append(own.reason ? `${sentence(own.reason)} ${own.remedy ?? ""}` : own.detail);
      for (const fix of fixesFor(state, parameter)) {
        const label = say.used(fix === null ? String(parameter.left_out) : choiceText(fix, parameter));
        problem.append(
          " ",
          el("button", { type: "button", class: "fix", text: label, onclick: () => set(fix) }),
        );
      }
    },
  };
}

/** With a capital, unless it begins with a name of code. */
function sentence(/** @type {string} */ words) {
  if (/^\S+\.\w/.test(words)) return `${words}.`;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/**
 * A number with its slider. Values that fit are drawn on the slider's track.
 * @param {ParameterInfo} parameter @param {string} label @param {(value: number) => void} set
 */
function numberAndSlider(parameter, label, set) {
  const low = parameter.minimum ?? 0;
  const high = parameter.control_maximum ?? low + 10;
  const digits = numberBox(label, set);
  const slider = el("input", {
    type: "range",
    min: low,
    max: high,
    "aria-label": label,
    oninput: () => set(Number(slider.value)),
  });
  return {
    digits,
    slider,
    show(/** @type {number} */ value, /** @type {Range[] | null} */ ranges) {
      setValue(digits, String(value));
      setAttribute(slider, "max", String(Math.max(high, value)));
      slider.value = String(value);
      const span = Math.max(1, Math.max(high, value) - low);
      const part = (/** @type {number} */ at) =>
        `${(100 * Math.min(1, Math.max(0, (at - low) / span))).toFixed(1)}%`;
      const first = ranges?.[0]?.[0] ?? low;
      const last = ranges?.at(-1)?.[1] ?? low;
      slider.style.setProperty("--from", ranges ? part(first) : "0%");
      slider.style.setProperty("--to", ranges ? part(last) : "100%");
      slider.style.setProperty("--at", part(value));
    },
  };
}

/** Ranges of what fits, computed again only when something they depend on did. */
function limits() {
  let key = "";
  /** @type {Range[] | null} */
  let ranges = null;
  return (
    /** @type {State} */ state,
    /** @type {ParameterInfo} */ parameter,
    /** @type {number | null} */ axis,
  ) => {
    const inputShape = inputOf(state);
    const setting = chosenOf(state);
    const high = parameter.control_maximum;
    if (!inputShape || high === null) return null;
    const { [parameter.name]: own, ...others } = setting.spec;
    const next = JSON.stringify([setting.operation, others, axis === null ? 0 : own, inputShape]);
    if (next === key) return ranges;
    key = next;
    const operation = operationOf(state.catalog, setting.operation);
    const spec = /** @type {Spec} */ ({ ...setting.spec, operation: operation.name });
    ranges = allowed(operation, spec, inputShape, parameter.name, axis, [parameter.minimum ?? 0, high]);
    return ranges;
  };
}

// ------------------------------------------------------------------------------------- kinds of parameters

/** @returns {Control} */
function perAxis(/** @type {ParameterInfo} */ parameter, /** @type {(value: ParameterValue) => void} */ set) {
  const base = rowOf(parameter, set);
  let form = "";
  /** @type {ParameterValue} */
  let started = 1;
  /** @type {{ update(state: State, value: ParameterValue): void }[]} */
  let parts = [];

  function build(
    /** @type {number} */ axes,
    /** @type {number[] | null} */ each,
    /** @type {boolean} */ empty,
  ) {
    base.fields.replaceChildren();
    parts = [];
    if (parameter.nullable) {
      const box = el("input", {
        type: "checkbox",
        onchange: (event) => set(event.target.checked ? null : started),
      });
      base.fields.append(el("label", { class: "check" }, box, parameter.left_out ?? text.automatic));
      parts.push({
        update(_state, value) {
          box.checked = value === null;
        },
      });
    }
    if (empty) return;
    const names = axisNames(axes);
    let held = /** @type {number[]} */ ([]);
    for (let axis = 0; axis < (each ? axes : 1); axis++) {
      const label = each ? `${parameter.title}, ${names[axis]}` : parameter.title;
      const field = numberAndSlider(parameter, label, (value) => set(each ? held.with(axis, value) : value));
      const find = limits();
      const line = el("div", { class: each ? "line each" : "line" }, field.slider, field.digits);
      if (each) line.prepend(el("span", { class: "axis", text: names[axis] ?? "" }));
      base.fields.append(line);
      parts.push({
        update(state, value) {
          held = Array.isArray(value) ? /** @type {number[]} */ ([...value]) : held;
          const own = Array.isArray(value) ? value[axis] : value;
          field.show(Number(own), find(state, parameter, each ? axis : null));
        },
      });
    }
    if (axes > 1) {
      const toggle = el("button", {
        type: "button",
        class: "icon link",
        "aria-pressed": each ? "false" : "true",
        "aria-label": `${parameter.title}: ${text.linkAxes}`,
        title: each ? text.linkAxes : text.unlinkAxes,
        onclick: () => set(each ? Number(held[0]) : new Array(axes).fill(current)),
      });
      base.fields.firstElementChild?.append(toggle);
      (base.fields.querySelector(".line") ?? base.fields).append(toggle);
    }
  }
  let current = 1;
  return {
    element: base.element,
    update(state) {
      const value = parameterOf(state, parameter.name) ?? null;
      const axes = Math.max(1, (inputOf(state)?.length ?? 3) - 1);
      const each = Array.isArray(value) ? /** @type {number[]} */ (value) : null;
      if (typeof value === "number") current = value;
      if (parameter.nullable) started = standIn(state, parameter);
      const next = `${axes} ${each?.length ?? 0} ${value === null}`;
      if (next !== form) build(each ? each.length : axes, each, value === null);
      form = next;
      for (const part of parts) part.update(state, value);
      base.mark(state);
    },
  };
}

/** The value that a left-out one stood for, so that giving it changes nothing yet. @returns {ParameterValue} */
function standIn(/** @type {State} */ state, /** @type {ParameterInfo} */ parameter) {
  if (parameter.name === "stride") return parameterOf(state, "kernel") ?? 1;
  if (!parameter.name.endsWith("size")) return parameter.minimum ?? 0;
  const sizes = (state.shown?.geometry.axes ?? []).map((axis) => axis.output);
  return new Set(sizes).size === 1 ? Number(sizes[0]) : sizes;
}

/** A rule by name, a number for all sides, or a number for each side of each axis. @returns {Control} */
function padding(/** @type {ParameterInfo} */ parameter, /** @type {(value: ParameterValue) => void} */ set) {
  const base = rowOf(parameter, set);
  const names = parameter.choices ?? [];
  let sides = /** @type {[number, number][]} */ ([]);
  let last = 0;
  const rule = el("select", {
    "aria-label": parameter.title,
    onchange: () => {
      if (rule.value === NUMBER) set(last);
      else if (rule.value === SIDES) set(sides);
      else set(rule.value);
    },
  });
  const whole = numberBox(parameter.title, set);
  const each = el("div", { class: "sides" });
  base.fields.append(el("div", { class: "line choose" }, rule, whole), each);
  let form = "";
  /** @type {HTMLInputElement[]} */
  let fields = [];

  function build(/** @type {number} */ axes) {
    fields = [];
    each.replaceChildren();
    for (const [axis, name] of axisNames(axes).entries()) {
      const pair = [text.begin, text.end].map((side, at) => {
        const field = numberBox(`${parameter.title}, ${name}, ${side}`, (value) => {
          const changed = sides.map(([begin, end]) => /** @type {[number, number]} */ ([begin, end]));
          const entry = changed[axis];
          if (entry) entry[at] = value;
          set(changed);
        });
        fields.push(field);
        return el("label", { class: "side" }, side, field);
      });
      each.append(el("div", { class: "line each" }, el("span", { class: "axis", text: name }), ...pair));
    }
  }
  return {
    element: base.element,
    update(state) {
      const value = parameterOf(state, parameter.name) ?? 0;
      const axes = Math.max(1, (inputOf(state)?.length ?? 3) - 1);
      const kind = typeof value === "number" ? NUMBER : Array.isArray(value) ? SIDES : String(value);
      const layer = chosenOf(state);
      const operation = operationOf(state.catalog, layer.operation);
      const spec = /** @type {Spec} */ ({ ...layer.spec, operation: operation.name });
      const inputShape = inputOf(state);
      const fitting = inputShape ? allowedValues(operation, spec, inputShape, parameter.name, names) : names;
      setOptions(rule, [
        [NUMBER, text.paddingNumber],
        ...names.map(
          (name) => /** @type {[string, string, boolean]} */ ([name, name, fitting.includes(name)]),
        ),
        [SIDES, text.paddingSides],
      ]);
      rule.value = kind;
      if (typeof value === "number") last = value;
      if (Array.isArray(value)) {
        sides = Array.from({ length: axes }, (_, axis) => {
          const entry = value[Math.min(axis, value.length - 1)] ?? 0;
          return Array.isArray(entry) ? [Number(entry[0]), Number(entry[1])] : [Number(entry), Number(entry)];
        });
      } else {
        const axesShown = state.shown?.geometry.axes ?? [];
        sides = Array.from({ length: axes }, (_, axis) => [
          axesShown[axis]?.begin ?? 0,
          axesShown[axis]?.end ?? 0,
        ]);
      }
      whole.hidden = kind !== NUMBER;
      each.hidden = kind !== SIDES;
      if (kind === NUMBER) setValue(whole, String(value));
      const next = `${axes}`;
      if (next !== form) build(axes);
      form = next;
      for (const [at, field] of fields.entries()) setValue(field, String(sides[at >> 1]?.[at % 2] ?? 0));
      base.mark(state);
    },
  };
}

/** @returns {Control} */
function choice(/** @type {ParameterInfo} */ parameter, /** @type {(value: ParameterValue) => void} */ set) {
  const base = rowOf(parameter, set);
  const select = el("select", { "aria-label": parameter.title, onchange: () => set(select.value) });
  base.fields.append(el("div", { class: "line choose" }, select));
  const choices = parameter.choices ?? [];
  return {
    element: base.element,
    update(state) {
      const layer = chosenOf(state);
      const operation = operationOf(state.catalog, layer.operation);
      const spec = /** @type {Spec} */ ({ ...layer.spec, operation: operation.name });
      const inputShape = inputOf(state);
      const fitting = inputShape
        ? allowedValues(operation, spec, inputShape, parameter.name, choices)
        : choices;
      setOptions(
        select,
        choices.map((name) => [
          name,
          choiceText(name, parameter),
          state.problem !== null || fitting.includes(name),
        ]),
      );
      select.value = String(parameterOf(state, parameter.name));
      base.mark(state);
    },
  };
}

/** @returns {Control} */
function integer(/** @type {ParameterInfo} */ parameter, /** @type {(value: ParameterValue) => void} */ set) {
  const base = rowOf(parameter, set);
  const field = numberAndSlider(parameter, parameter.title, (value) => set(value));
  const find = limits();
  const line = el("div", { class: "line" }, field.slider, field.digits);
  const box = el("input", {
    type: "checkbox",
    onchange: () => set(box.checked ? null : (parameter.minimum ?? 1)),
  });
  if (parameter.nullable)
    base.fields.append(el("label", { class: "check" }, box, parameter.left_out ?? text.automatic));
  base.fields.append(line);
  return {
    element: base.element,
    update(state) {
      const value = parameterOf(state, parameter.name);
      box.checked = value === null;
      line.hidden = value === null;
      if (value !== null) field.show(Number(value), find(state, parameter, null));
      base.mark(state);
    },
  };
}

/** A number that need not be whole. @returns {Control} */
function plainNumber(
  /** @type {ParameterInfo} */ parameter,
  /** @type {(value: ParameterValue) => void} */ set,
) {
  const base = rowOf(parameter, set);
  const field = numberBox(parameter.title, set, {
    whole: false,
    low: parameter.minimum ?? -FLOAT32,
    high: parameter.maximum ?? FLOAT32,
  });
  base.fields.append(el("div", { class: "line" }, field));
  return {
    element: base.element,
    update(state) {
      setValue(field, String(parameterOf(state, parameter.name) ?? 0));
      base.mark(state);
    },
  };
}

/** @returns {Control} */
function yesOrNo(/** @type {ParameterInfo} */ parameter, /** @type {(value: ParameterValue) => void} */ set) {
  const base = rowOf(parameter, set);
  const box = el("input", {
    type: "checkbox",
    role: "switch",
    "aria-label": parameter.title,
    onchange: () => set(box.checked),
  });
  base.fields.append(el("div", { class: "line" }, box));
  return {
    element: base.element,
    update(state) {
      box.checked = parameterOf(state, parameter.name) === true;
      base.mark(state);
    },
  };
}
