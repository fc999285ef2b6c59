// The settings in which two compared ones differ, where a room above knows more of it than one layer tells. Knows no DOM.

/** @import { State } from "../state/state.js" */

/** How a value of a hyperparameter reads. @typedef {(value: unknown, name: string, operation: string) => string} ValueText */
/** Name, A's and B's value of each change; null where one layer tells it all. @typedef {(a: State, b: State, valueText: ValueText) => [name: string, a: string, b: string][] | null} Changes */

/** @type {Changes | null} */
let found = null;

export function addChanges(/** @type {Changes} */ changes) {
  found = changes;
}

/** @type {Changes} */
export const changesBetween = (a, b, valueText) => found?.(a, b, valueText) ?? null;
