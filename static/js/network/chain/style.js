// The style sheets of networks, once, with the first of its parts that is shown.

import { styleSheet } from "../../ui/dom.js";

/** @type {Promise<unknown> | null} */
let coming = null;

export function networkStyle() {
  coming ??= Promise.all([styleSheet("network"), styleSheet("network_sheets")]);
  return coming;
}
