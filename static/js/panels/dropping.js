// Files and texts dropped on the page or pasted into it: a file becomes the input, numbers are offered as values. Turns events into
// calls; reads no file.

import { setAttribute } from "../ui/dom.js";
import { later } from "../words/dialogs.js";

/** @param {(files: Iterable<File>) => void} take @param {(words: string) => void} typeValues */
export function dropping(take, typeValues) {
  const accepts = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
  document.addEventListener("dragover", (event) => {
    if (!accepts(event)) return;
    event.preventDefault();
    setAttribute(document.body, "data-drop", later.dropHere);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) setAttribute(document.body, "data-drop", null);
  });
  document.addEventListener("drop", (event) => {
    setAttribute(document.body, "data-drop", null);
    if (!accepts(event) || !event.dataTransfer) return;
    event.preventDefault();
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    const within = event.target instanceof Element && event.target.closest("input, textarea, select, dialog");
    if (within || !event.clipboardData) return;
    if (event.clipboardData.files.length > 0) take(event.clipboardData.files);
    else {
      const words = event.clipboardData.getData("text/plain");
      if (/\d/.test(words)) typeValues(words);
    }
  });
}
