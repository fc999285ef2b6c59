// Keys of the page: those that ask for a sheet or a mode, and those that do something on the stage. Decides which key is
// whose; does nothing itself.

import { isFree } from "../ui/free_keys.js";

/** @typedef {"help" | "fullscreen" | "project" | "volumes"} Asked */

/** Keys that ask for what is no change of state. @type {Record<string, Asked>} */
const ASKS = { "?": "help", f: "fullscreen", t: "project", v: "volumes" };
/** Keys that would scroll the page before it is known what they do on the stage. */
const SCROLLING = /^(Arrow.*|Home|End| )$/;

/**
 * @param {(sheet: Asked) => void} ask
 * @param {(key: string, shift: boolean) => void} press does what a key does on the stage
 * @param {(key: string, shift: boolean) => boolean | null} acts whether it does something there; null while that is not known
 */
export function followKeys(ask, press, acts) {
  document.addEventListener("keydown", (event) => {
    if (!isFree(event)) return;
    const { key, shiftKey } = event;
    const asked = Object.hasOwn(ASKS, key) ? ASKS[key] : undefined;
    if (asked || (acts(key, shiftKey) ?? SCROLLING.test(key))) event.preventDefault();
    if (asked) ask(asked);
    else press(key, shiftKey);
  });
}
