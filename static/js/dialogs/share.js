// The menu of all that can be taken away: links, frame, figure, animation, code, numbers. Comes by import with the first
// click on Share; what an item opens comes when it is asked for.

import { isOwn } from "../server/token.js";
import { byId, el, setText } from "../ui/dom.js";
import { later } from "../words/dialogs.js";
import { codeDialog } from "./code.js";
import { dayLinkDialog } from "./dialogs.js";
import { embedDialog } from "./embed.js";
import { exportDialog } from "./export.js";
import { shortLinkDialog } from "./short_link.js";
import { copyDialog } from "./tools.js";

/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */
/** @import { createLinks } from "../link/address.js" */

/**
 * @typedef {object} Shared
 * @property {() => State} current @property {Dispatch} dispatch @property {ReturnType<typeof createApi>} api
 * @property {() => Promise<ReturnType<typeof createLinks>>} links @property {() => Promise<boolean>} copyLink
 */

/** The layer on view as code, or where a network is trained its experiment. @param {State} state @param {Shared["api"]} api */
async function code(state, api) {
  if (!state.views.includes("train") || state.experiment === null) return codeDialog(state, api);
  const { linkedCode } = await import("../train/sharing/code.js");
  linkedCode(api, state.catalog, state.experiment);
}

/** The menu below its button. @param {HTMLElement} opener @param {Shared} shared @param {(ok: boolean) => void} copied */
export function shareMenu(opener, shared, copied) {
  const open = document.querySelector("#share-menu");
  if (open) return open.remove();
  const { current, dispatch, api, links, copyLink } = shared;
  const words = later.share;
  /** @type {[string, () => unknown][]} */
  const items = [
    [words.link, async () => copied(await copyLink())],
    [words.shortLink, async () => shortLinkDialog(api, await links(), current().catalog.operations)],
    [words.embed, async () => embedDialog(current(), await links())],
    [words.figure, () => exportDialog(current(), api, { what: "step" })],
    [words.animation, () => exportDialog(current(), api, { what: "animation", format: "gif" })],
    [words.code, () => code(current(), api)],
    [words.numbers, () => copyDialog(current())],
    [
      words.lessonStep,
      async () => {
        const { copyBlock } = await import("../lessons/step_block.js");
        const made = await copyBlock(current());
        setText(byId("status"), made.words);
        copied(made.ok);
      },
    ],
  ];
  if (isOwn()) items.push([words.dayLink, () => dayLink(shared)]);
  const menu = el(
    "div",
    { id: "share-menu", class: "menu", popover: "auto", role: "group", "aria-label": opener.textContent },
    ...items.map(([title, act]) =>
      el("button", {
        type: "button",
        text: title,
        onclick() {
          menu.hidePopover();
          act();
        },
      }),
    ),
  );
  menu.addEventListener("toggle", (event) => {
    opener.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "closed") menu.remove();
  });
  menu.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const buttons = [...menu.querySelectorAll("button")];
    const at = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    buttons.at((at + by) % buttons.length)?.focus();
  });
  const { bottom, right } = opener.getBoundingClientRect();
  menu.style.setProperty("inset", `${bottom + 6}px ${Math.max(8, innerWidth - right)}px auto auto`);
  opener.after(menu);
  menu.showPopover();
  menu.querySelector("button")?.focus();

  /** A link that opens a class server for a day. */
  async function dayLink(/** @type {Shared} */ { api: asked, links: opened }) {
    const [made, { write }] = await Promise.all([asked.dayToken(), opened()]);
    if (!made.ok) return dispatch({ type: "refused", key: null, problem: made.problem });
    await write();
    const address = `${location.href}${location.hash ? "&" : "#"}token=${made.value.token}`;
    dayLinkDialog(address, made.value.expires);
  }
}
