// The style sheet of networks, once, with the first of its parts that is shown.

import { styleSheet } from "../../ui/dom.js";

/** @type {Promise<unknown> | null} */
let coming = null;

export function networkStyle() {
  coming ??= styleSheet("network");
  return coming;
}
