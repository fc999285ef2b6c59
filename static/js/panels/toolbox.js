// The buttons that take a setting further: wishes, sizes, numbers, code, frames. What each opens comes by import
// when it is asked for.

import { isOwn } from "../server/token.js";
import { el } from "../ui/dom.js";
import { text } from "../words/page.js";

/** @import { IntentInfo } from "../types/registry.js" */
/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/connection.js" */
/** @import { createDoor } from "../ui/one_at_a_time.js" */
/** @import { createLinks } from "../link/address.js" */

/** A button with a sign, or with words. @param {string} words @param {string} sign @param {() => void} act */
export function tool(words, sign, act, quiet = true) {
  return el("button", {
    type: "button",
    class: quiet ? "icon" : "",
    text: sign,
    title: words,
    "aria-label": quiet ? words : null,
    onclick: act,
  });
}

/**
 * @param {() => State} current @param {Dispatch} dispatch
 * @param {{ api: ReturnType<typeof createApi>, links: () => Promise<ReturnType<typeof createLinks>>, door: ReturnType<typeof createDoor>, intents: IntentInfo[] }} doors
 */
export function toolbox(current, dispatch, { api, links, door, intents }) {
  const tools = () => import("../dialogs/tools.js");
  const code = () => import("../dialogs/code.js");
  const wishes = el("select", {
    class: "wishes",
    "aria-label": text.intents,
    onchange: () => {
      if (wishes.value !== "") dispatch({ type: "intent", index: Number(wishes.value) });
      wishes.value = "";
    },
  });
  wishes.append(
    el("option", { value: "", text: text.intents }),
    ...intents.map(({ title }, at) => el("option", { value: at, text: title })),
  );
  const button = (
    /** @type {string} */ words,
    /** @type {string} */ sign,
    /** @type {() => Promise<unknown>} */ act,
  ) => tool(words, sign, door(act), false);
  const dayLink = button(text.dayLink.title, text.dayLink.open, async () => {
    const [made, opened] = await Promise.all([api.dayToken(), links()]);
    if (!made.ok) return dispatch({ type: "refused", key: null, problem: made.problem });
    await opened.write();
    const { dayLinkDialog } = await import("../dialogs/dialogs.js");
    dayLinkDialog(
      `${location.href}${location.hash ? "&" : "#"}token=${made.value.token}`,
      made.value.expires,
    );
  });
  const offer = () => {
    dayLink.hidden = !isOwn();
  };
  addEventListener("token", offer);
  offer();
  return el(
    "div",
    { class: "panel tools" },
    wishes,
    button(text.solveTitle, text.solve, async () => (await tools()).solveDialog(current(), dispatch, api)),
    button(text.copyTitle, text.copyOpen, async () => (await tools()).copyDialog(current())),
    button(text.codeTitle, text.codeOpen, async () => (await code()).codeDialog(current(), api)),
    button(text.readTitle, text.readOpen, async () => (await code()).readDialog(current(), dispatch, api)),
    button(text.gallery.title, text.gallery.open, async () => {
      (await import("../dialogs/gallery.js")).galleryDialog(current, dispatch, api, door); // which opens before its list has come
    }),
    button(text.embed.title, text.embed.open, async () =>
      (await import("../dialogs/embed.js")).embedDialog(current(), await links()),
    ),
    dayLink,
  );
}
