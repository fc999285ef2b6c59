// The operations, family by family, as the first row of the layer. Built from the registry; turns a choice into an
// action; knows no operation's name.

import { operationOf } from "../state/resolve.js";
import { chosenOf } from "../state/selectors.js";
import { el, setAttribute } from "../ui/dom.js";
import { line } from "../ui/rows.js";
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
  return {
    element: line(text.operation, operation),
    update(/** @type {State} */ state) {
      const info = operationOf(state.catalog, chosenOf(state).operation);
      operation.value = info.name;
      setAttribute(operation, "title", info.summary);
    },
  };
}
