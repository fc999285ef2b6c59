// The field of a shape: sizes with commas between them, channels first. Turns what is typed into a value; knows no state
// and no operation.

import { el, setAttribute, setValue } from "./dom.js";

/** The sizes that a text says; null where it says none. */
export function sizesIn(/** @type {string} */ text) {
  const parts = text.split(/[,×x]/).map((part) => part.trim().replace("−", "-"));
  return parts.every((part) => /^-?\d+$/.test(part)) ? parts.map(Number) : null;
}

/**
 * A text field for a shape in a row of the settings.
 * @template State
 * @param {{ element: HTMLElement, fields: HTMLElement, value: (state: State) => unknown, mark: (state: State) => void }} row
 * @param {string} label @param {(sizes: number[]) => void} set
 */
export function shapeField(row, label, set) {
  const field = el("input", {
    type: "text",
    class: "number",
    autocomplete: "off",
    "aria-label": label,
    placeholder: "-1",
    onchange: () => {
      const sizes = sizesIn(field.value);
      setAttribute(field, "aria-invalid", sizes ? null : "true");
      if (sizes) set(sizes);
    },
  });
  row.fields.append(el("div", { class: "line" }, field));
  return {
    element: row.element,
    update(/** @type {State} */ state) {
      const value = row.value(state);
      setValue(field, Array.isArray(value) ? value.join(", ") : String(value));
      row.mark(state);
    },
  };
}
