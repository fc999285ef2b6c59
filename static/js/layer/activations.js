// Activations by their formulas, which the registry gives as text. formula.js reads them and is registered here. Knows no
// activation by name.

/** @import { ActivationInfo } from "../types/layer.js" */

/** @import { Function1 } from "./formula.js" */

/** @type {Map<string, Function1>} */
const known = new Map();
/** @type {((formula: string) => Function1) | null} */
let reader = null;

/** The reader of formulas; until it comes, only the one that changes nothing is known. */
export function useFormulas(/** @type {(formula: string) => Function1} */ read) {
  reader = read;
}

/** An activation by its name; one that the registry does not hold changes nothing. @returns {ActivationInfo} */
export function activationOf(/** @type {ActivationInfo[]} */ activations, /** @type {string} */ name) {
  const found = activations.find((one) => one.name === name);
  return found ?? { name, title: name, description: "", formula: "x", across: "cell" };
}

/** The name of the activation that changes nothing. */
export const UNCHANGED = "none";

/** Whether the activation changes anything. */
export function isActive(/** @type {ActivationInfo} */ { formula }) {
  return formula !== "x";
}

/** The activation of a value; null where it takes more than this value to know. @returns {number | null} */
export function activated(/** @type {ActivationInfo} */ activation, /** @type {number} */ value) {
  const { formula, across } = activation;
  if (!isActive(activation)) return value;
  if (across !== "cell" || !reader) return null;
  const made = known.get(formula) ?? reader(formula);
  known.set(formula, made);
  return made(value);
}
