// The dialog of a short link: the address, already copied, until when it is kept, and the preview that others will see.
// Comes by import.

import { shortLink } from "../link/short.js";
import { worded } from "../state/wording.js";
import { el } from "../ui/dom.js";
import { later, sayLater } from "../words/dialogs.js";
import { copyField, dialog } from "./dialogs.js";

/** @import { OperationInfo } from "../types/registry.js" */
/** @import { createApi } from "../server/api.js" */
/** @import { createLinks } from "../link/address.js" */

/** @param {ReturnType<typeof createApi>} api @param {ReturnType<typeof createLinks>} links @param {OperationInfo[]} operations */
export async function shortLinkDialog(api, links, operations) {
  const made = await shortLink(api, links);
  const status = el("p", { class: "about", role: "status" });
  if (!made.ok) {
    status.textContent = worded(made.problem, operations);
    dialog(later.shortLinkTitle, status);
    return;
  }
  const { address, picture, expires, uploads, complete } = made.value;
  const field = el("textarea", {
    rows: 1,
    cols: 48,
    readonly: true,
    spellcheck: "false",
    "aria-label": later.shortLinkTitle,
  });
  field.value = address;
  const copy = el("button", { type: "button", class: "primary", text: later.copy });
  copy.onclick = () => copyField(field, status);
  const lines = [sayLater.shortLinkKept(expires)];
  if (uploads) lines.push(sayLater.linkKeptUntil(uploads));
  if (!complete) lines.push(later.linkWithoutA);
  const preview = el("img", {
    class: "figure",
    src: picture,
    width: 600,
    height: 315,
    alt: later.shortPreview,
  });
  dialog(
    later.shortLinkTitle,
    el("div", { class: "buttons" }, field, copy),
    status,
    el("p", { text: lines.join(" ") }),
    preview,
  );
  await copyField(field, status);
}
