// The settings that undo and redo go back to, changes of one thing in a row counted as one. Pure; knows
// settings as values and actions by what they touch.

/** @import { Setting } from "./setting.js" */

/**
 * @typedef {object} History
 * @property {Setting[]} past oldest first @property {Setting[]} future next first
 * @property {string} touched what the last change touched, until it is let go of: a slider that is dragged makes one change of many
 */

const MOST = 100;

/** The part that an action touches; the empty string for one that begins anew. @param {{ type: string, name?: string, index?: number, lane?: number, stroke?: number }} action */
function touchedBy(action) {
  switch (action.type) {
    case "parameter":
      return `parameter ${action.name}`;
    case "edit_weight":
      return `weight ${action.index}`;
    case "edit_bias":
      return `bias ${action.lane}`;
    case "draw":
    case "paint":
      return `stroke ${action.stroke}`;
    default:
      return "";
  }
}

/**
 * The history after an action turned one setting into another.
 * @param {History} history @param {Setting} before @param {Setting} after
 * @param {{ type: string, name?: string, index?: number, lane?: number, stroke?: number }} action
 * @returns {History}
 */
export function remembered(history, before, after, action) {
  if (before === after) return history;
  if (action.type === "undo")
    return { past: history.past.slice(0, -1), future: [before, ...history.future], touched: "" };
  if (action.type === "redo")
    return { past: [...history.past, before], future: history.future.slice(1), touched: "" };
  const touched = touchedBy(action);
  const goesOn = touched !== "" && touched === history.touched && history.past.length > 0;
  const past = goesOn ? history.past : [...history.past, before].slice(-MOST);
  return { past, future: [], touched };
}

/** The setting that undo or redo leads to; null when there is none. @returns {Setting | null} */
export function recalled(/** @type {History} */ history, /** @type {"undo" | "redo"} */ way) {
  return (way === "undo" ? history.past.at(-1) : history.future[0]) ?? null;
}
