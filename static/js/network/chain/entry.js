// The parts of the page that networks need, each brought when it is first wanted: a button that begins a network, the chain.
// Knows where they stand; decides nothing.

import { byId, el } from "../../ui/dom.js";
import { isFree } from "../../ui/free_keys.js";
import { networkWords } from "../../words/network.js";

/** @import { Control, Dispatch } from "../../panels/controls.js" */
/** @import { State } from "../../state/state.js" */
/** @import { createApi } from "../../server/api.js" */

/**
 * @param {ReturnType<typeof createApi>} api @param {Dispatch} dispatch @param {() => State} current
 * @param {() => void} redraw @returns {(state: State) => void}
 */
export function networkParts(api, dispatch, current, redraw) {
  const begin = el("button", {
    type: "button",
    class: "net-begin",
    text: `+ ${networkWords.add}`,
    title: networkWords.addHint,
    async onclick() {
      const { addDialog } = await import("./layer_dialogs.js");
      addDialog(current(), dispatch, current().setting.layers.length);
    },
  });
  byId("controls").querySelector(".layer")?.append(begin);
  document.addEventListener("keydown", (event) => {
    const state = current();
    if (event.key !== "n" || state.setting.layers.length < 2 || !isFree(event)) return;
    event.preventDefault();
    dispatch({ type: "view", name: "network", on: !state.views.includes("network") });
  });
  /** @type {Promise<Control> | null} */
  let coming = null;
  /** @type {Control | null} */
  let chain = null;
  let due = 0;
  /** @type {State["setting"] | null} */
  let chainSetting = null;
  /** An edit shows the chosen layer first, and the chain in the next frame. */
  function updateChain(/** @type {State} */ state) {
    if (!chain || due) return;
    if (!chainSetting || state.setting === chainSetting) {
      chainSetting = state.setting;
      return chain.update(state);
    }
    due = requestAnimationFrame(() => {
      due = 0;
      chainSetting = current().setting;
      chain?.update(current());
    });
  }
  return (state) => {
    if (!begin.isConnected) byId("controls").querySelector(".layer")?.append(begin);
    updateChain(state);
    if (coming || state.setting.layers.length < 2) return;
    coming = import("./chain.js").then(async ({ chainOf }) => {
      chain = await chainOf(api, dispatch, current, redraw);
      redraw();
      return chain;
    });
    coming.catch(() => {
      coming = null;
    });
  };
}
