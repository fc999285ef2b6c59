// The control of a shape: sizes with commas between them, channels first. Turns what is typed into a value; knows no
// operation.

import { parameterOf } from "../state/resolve.js";
import { el, setAttribute, setValue } from "../ui/dom.js";

/** @import { Maker } from "./controls.js" */

/** The sizes that a text says; null where it says none. */
export function sizesIn(/** @type {string} */ text) {
  const parts = text.split(/[,×x]/).map((part) => part.trim().replace("−", "-"));
  return parts.every((part) => /^-?\d+$/.test(part)) ? parts.map(Number) : null;
}

/** @type {Maker} */
export function shapeControl(parameter, set, rowOf) {
  const base = rowOf(parameter, set);
  const field = el("input", {
    type: "text",
    class: "number",
    autocomplete: "off",
    "aria-label": parameter.title,
    placeholder: "-1",
    onchange: () => {
      const sizes = sizesIn(field.value);
      setAttribute(field, "aria-invalid", sizes ? null : "true");
      if (sizes) set(sizes);
    },
  });
  base.fields.append(el("div", { class: "line" }, field));
  return {
    element: base.element,
    update(state) {
      const value = parameterOf(state, parameter.name) ?? parameter.default;
      setValue(field, Array.isArray(value) ? value.join(", ") : String(value));
      base.mark(state);
    },
  };
}
