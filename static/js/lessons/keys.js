// Keys of a lesson: a letter chooses an option, R shows the answer, Page Down and Page Up lead on and back. Turns keys into
// calls; knows no lesson.

import { isFree } from "../ui/free_keys.js";

/**
 * @param {{ choices: () => number, choose: (at: number) => void, reveal: () => void, onward: (by: number) => void }} does
 * @returns {() => void} ends it
 */
export function lessonKeys({ choices, choose, reveal, onward }) {
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (!isFree(event) || event.shiftKey) return;
    const at = event.key.length === 1 ? event.key.charCodeAt(0) - 97 : -1;
    if (at >= 0 && at < choices()) choose(at);
    else if (event.key === "r") reveal();
    else if (event.key === "PageDown") onward(1);
    else if (event.key === "PageUp") onward(-1);
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  // Before the keys of the stage and of the projector mode, which have other uses for some of them.
  addEventListener("keydown", pressed, true);
  return () => removeEventListener("keydown", pressed, true);
}
