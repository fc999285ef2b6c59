// The prose of lessons as elements: the server's trees, made without ever parsing HTML. Knows no lesson.

import { el } from "../ui/dom.js";

/** @import { Block, Inline } from "../types/lesson.js" */

/** @returns {(string | HTMLElement)[]} */
export function inline(/** @type {Inline} */ content) {
  return content.map((one) => {
    if (typeof one === "string") return one;
    switch (one.kind) {
      case "strong":
        return el("b", {}, ...inline(one.content));
      case "emphasis":
        return el("em", {}, ...inline(one.content));
      case "link":
        return el("a", { href: one.fragment ?? one.page }, ...inline(one.content));
      case "code":
        return el("code", { text: one.text });
      default:
        return el("span", { class: [one.role, one.kind].filter(Boolean).join(" "), text: one.text });
    }
  });
}

/** @returns {HTMLElement[]} */
export function blocks(/** @type {Block[]} */ all) {
  return all.map((block) =>
    block.kind === "paragraph"
      ? el("p", {}, ...inline(block.content))
      : el(block.ordered ? "ol" : "ul", {}, ...block.items.map((item) => el("li", {}, ...inline(item)))),
  );
}

/** Prose as text alone. @returns {string} */
export function plain(/** @type {Inline} */ content) {
  return content
    .map((one) => (typeof one === "string" ? one : "text" in one ? one.text : plain(one.content)))
    .join("");
}
