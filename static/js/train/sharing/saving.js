// A file that a person keeps: handed to the browser by a link that nobody sees. Knows no experiment.

import { el } from "../../ui/dom.js";

export function saveAs(/** @type {Blob} */ file, /** @type {string} */ name) {
  const link = el("a", { href: URL.createObjectURL(file), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}
