// The buttons that take a setting further: wishes, sizes, numbers, code, frames. What each opens comes by import
// when it is asked for.

import { el } from "./dom.js";
import { text } from "./strings.js";
import { isOwn } from "./token.js";

/** @import { IntentInfo } from "./types.js" */
/** @import { Dispatch } from "./controls.js" */
/** @import { State } from "./state.js" */
/** @import { createApi } from "./connection.js" */
/** @import { createDoor } from "./door.js" */
/** @import { createLinks } from "./link.js" */

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
  const tools = () => import("./tools.js");
  const code = () => import("./code.js");
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
    const { dayLinkDialog } = await import("./dialogs.js");
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
      (await import("./gallery.js")).galleryDialog(current, dispatch, api, door); // which opens before its list has come
    }),
    button(text.embed.title, text.embed.open, async () =>
      (await import("./embeddialog.js")).embedDialog(current(), await links()),
    ),
    dayLink,
  );
}
