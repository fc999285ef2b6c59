// The problem of the setting, over the stage, with buttons for what would mend it. Shows the state; knows no canvas and
// no network.

import { isStale } from "../state/resolve.js";
import { el } from "../ui/dom.js";
import { text } from "../words/page.js";

/** @import { Problem } from "../types/plan.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { Fix } from "../state/fixes.js" */
/** @import { State } from "../state/state.js" */
/** @import { Dispatch } from "../panels/controls.js" */

/** Problems that asking again does not mend. */
const FINAL = new Set(["unfit", "too_large"]);

/** Words and remedies, which come with the features. @typedef {{ worded: (one: Problem, operations: OperationInfo[]) => string, fixes: (state: State) => Fix[], lead: (state: State) => string }} Wording */

/** @param {HTMLElement} element @param {Dispatch} dispatch @param {() => void} again asks once more for what was refused */
export function problemBanner(element, dispatch, again) {
  let last = "";
  /** @param {Fix} fix */
  const button = ({ words, gives, action }) => {
    const made = el("button", { type: "button", text: words, onclick: () => dispatch(action) });
    if (gives) made.append(" ", el("b", { class: "output", text: gives }));
    return made;
  };
  return {
    update(
      /** @type {State} */ state,
      /** @type {OperationInfo[]} */ operations,
      /** @type {Wording | null} */ later,
    ) {
      const { problem } = state;
      const messages = [problem, state.notice].flatMap((one) => one ?? []);
      const words = messages.map((one) => later?.worded(one, operations) ?? one.detail).join(" ");
      const stale = isStale(state);
      const key = `${stale} ${words}`;
      if (key === last) return;
      last = key;
      element.classList.toggle("shown", messages.length > 0);
      if (messages.length === 0) return void element.replaceChildren();
      const lead = stale ? [el("b", { text: later?.lead(state) ?? "" }), " "] : [];
      element.replaceChildren(el("p", {}, ...lead, words), ...(later?.fixes(state) ?? []).map(button));
      if (problem && !FINAL.has(problem.code))
        element.append(el("button", { type: "button", text: text.retry, onclick: again }));
    },
  };
}
