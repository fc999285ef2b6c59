// Controls that a link hides and locks, and the page within a frame. Knows which actions each control makes; comes by import,
// for a frame or for a link that hides or locks something.

import { linkGiven } from "../server/frame.js";
import { byId, el } from "../ui/dom.js";
import { later, sayLater } from "../words/dialogs.js";
import { PARTS } from "./hideable.js";

/** @import { Action, State } from "../state/state.js" */

/** Parts that hold others: who locks them locks those. @type {Record<string, string[]>} */
const HOLDS = { header: ["operation", "examples"], settings: ["layer", "input", "weights", "operation"] };

function selectorOf(/** @type {string} */ name) {
  return PARTS[name] ?? `#controls [data-parameter="${name.replace(/[^\w-]/g, "")}"]`;
}

/** Whether a person may do this, with these controls locked. @param {string[]} lock @param {Action} action */
export function permits(lock, action) {
  const locked = new Set(lock.flatMap((name) => [name, ...(HOLDS[name] ?? [])]));
  const has = (/** @type {string[]} */ ...names) => names.some((name) => locked.has(name));
  const parameters = lock.some((name) => !(name in PARTS));
  switch (action.type) {
    case "operation":
    case "layer":
    case "intent":
    case "add_layer":
    case "remove_layer":
    case "move_layer":
    case "rename_layer":
    case "read_layer":
      return !(has("operation", "layer") || parameters);
    case "example":
    case "open_setting":
      return !(has("operation", "examples", "layer", "input", "weights") || parameters);
    case "parameter":
      return !has("layer", action.name);
    case "settings":
      return !has("layer", ...Object.keys(action.values));
    case "source":
    case "painting":
    case "paint":
      return !has("input");
    case "loop":
    case "loop_end":
    case "building":
      return !has("more");
    case "weights":
    case "edit_weight":
    case "edit_bias":
    case "reset_weights":
      return !has("weights");
    case "step":
    case "move":
    case "play":
      return !has("steps");
    case "lane":
    case "channel":
      return !has("headings");
    case "speed":
      return !has("speed");
    case "walk":
      return !has("walk");
    default:
      return true;
  }
}

/**
 * @param {boolean} embedded @param {(action: Action) => void} dispatch
 * @param {() => Promise<string>} address of the whole page with what is shown now
 */
export function createGovernor(embedded, dispatch, address) {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  const notice = el("p", { class: "concealed" });
  let shown = "";
  if (embedded) byId("bar").append(opener(address));
  else byId("view").prepend(notice);

  return {
    permits: (/** @type {State} */ state, /** @type {Action} */ action) => permits(state.lock, action),
    /** Hide and lock what the state says; after everything else has been shown. */
    apply(/** @type {State} */ { hide, lock }) {
      const key = JSON.stringify([hide, lock]);
      if (key !== shown) {
        shown = key;
        sheet.replaceSync(
          hide.map((name) => `:is(${selectorOf(name)}) { display: none !important; }`).join(""),
        );
        notice.hidden = hide.length + lock.length === 0;
        notice.replaceChildren(
          sayLater.concealed(hide.length, lock.length),
          " ",
          el("button", { type: "button", text: later.unhide, onclick: () => dispatch({ type: "unhide" }) }),
        );
        for (const field of document.querySelectorAll("[data-locked]")) {
          field.removeAttribute("data-locked");
          field.removeAttribute("title");
          /** @type {HTMLInputElement} */ (field).disabled = false;
        }
      }
      for (const name of lock) {
        const within = selectorOf(name)
          .split(",")
          .flatMap((one) => [one, `${one} *`]);
        const fields = `:is(${within}):is(input, select, button, textarea):not(.open-settings, .sheet-head button)`;
        for (const field of document.querySelectorAll(fields)) {
          field.setAttribute("data-locked", "true");
          field.setAttribute("title", later.locked);
          /** @type {HTMLInputElement} */ (field).disabled = true;
        }
      }
    },
  };
}

/** The way from a frame to the whole page. @param {() => Promise<string>} address */
function opener(address) {
  const link = el("a", {
    class: "opener",
    href: `./${linkGiven()}`,
    target: "_blank",
    rel: "noopener",
    text: later.openWhole,
  });
  const renew = async () => link.setAttribute("href", await address());
  for (const event of ["pointerenter", "focus", "pointerdown"]) link.addEventListener(event, renew);
  return link;
}
