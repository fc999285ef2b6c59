// The operations, family by family, and the examples of the chosen one. Built from the registry; turns a choice into
// an action; knows no operation's name.

import { operationOf } from "../state/resolve.js";
import { chosenOf } from "../state/selectors.js";
import { el, setAttribute, setOptions } from "../ui/dom.js";
import { familyText, text } from "../words/page.js";

/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */

/** @param {OperationInfo[]} operations @param {Dispatch} dispatch */
export function operationMenu(operations, dispatch) {
  const operation = el("select", {
    "aria-label": text.operation,
    class: "operation",
    onchange: () => dispatch({ type: "operation", name: operation.value }),
  });
  for (const family of new Set(operations.map((one) => one.family))) {
    const group = operations.filter((one) => one.family === family);
    const options = group.map((one) => el("option", { value: one.name, text: one.title }));
    operation.append(el("optgroup", { label: familyText(family) }, ...options));
  }
  const examples = el("select", {
    "aria-label": text.examples,
    class: "examples",
    onchange: () => {
      const index = Number(examples.value);
      if (examples.value !== "") dispatch({ type: "example", operation: operation.value, index });
      examples.value = "";
    },
  });
  return {
    operation,
    examples,
    update(/** @type {State} */ state) {
      const info = operationOf(state.catalog, chosenOf(state).operation);
      operation.value = info.name;
      setAttribute(operation, "title", info.summary);
      /** @type {[string, string][]} */
      const titles = info.examples.map(({ title }, at) => [String(at), title]);
      setOptions(examples, [["", text.examples], ...titles]);
      examples.hidden = titles.length === 0;
    },
  };
}
