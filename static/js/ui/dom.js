// Making and changing elements without ever parsing HTML. Knows no state.

import { typed } from "../words/format.js";
import { say } from "../words/page.js";

/** @typedef {Record<string, string | number | boolean | null | undefined | ((event: any) => void)>} Properties */

/**
 * An element: attributes by name, `text` for its words, `on…` for listeners; false and null leave one out.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag @param {Properties} [properties] @param {...(Node | string | null)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = String(value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child !== null) element.append(child);
  return element;
}

/**
 * An element of a drawing.
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag @param {Record<string, string | number>} attributes
 */
export function drawing(tag, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  return made;
}

/** Words, only when they are others. */
export function setText(/** @type {Node} */ element, /** @type {string} */ words) {
  if (element.textContent !== words) element.textContent = words;
}

/** An attribute, only when it is another; null removes it. */
export function setAttribute(
  /** @type {Element} */ element,
  /** @type {string} */ name,
  /** @type {string | null} */ value,
) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/** The value that each field was last made to show. @type {WeakMap<Element, string>} */
const lastShown = new WeakMap();

/** A field's value; what a person is typing in it stays until there is another value to show. */
export function setValue(
  /** @type {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} */ field,
  /** @type {string} */ value,
) {
  const before = lastShown.get(field);
  lastShown.set(field, value);
  if (field.value === value) return;
  if (document.activeElement === field && field instanceof HTMLInputElement) {
    if (before === value) return;
    if (typed(field.value) === Number(value)) return;
  }
  field.value = value;
}

/** Options, only when they are others. @param {HTMLSelectElement} select @param {[value: string, label: string, fits?: boolean][]} options */
export function setOptions(select, options) {
  const key = JSON.stringify(options);
  if (select.dataset.options === key) return;
  const chosen = select.value;
  select.dataset.options = key;
  select.replaceChildren(
    ...options.map(([value, label, fits = true]) =>
      el("option", { value, text: fits ? label : say.unfitting(label) }),
    ),
  );
  select.value = chosen;
}

/** Whether the page scrolls as a whole, and not its parts. */
export function pageScrolls() {
  return getComputedStyle(document.body).overflowY !== "hidden";
}

/** The element with an id, which the template holds. @param {string} id */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
}

/** Shows one of many small pictures of a file, of which there is one for each theme. */
export function pictured(/** @type {HTMLElement} */ element, /** @type {string} */ name) {
  element.classList.add("pictured");
  for (const [theme, end] of [
    ["light", ""],
    ["dark", "-dark"],
  ])
    element.style.setProperty(`--${theme}`, `url("${besideSheet(`../pictures/${name}${end}.png`)}")`);
}

/** The address of a file beside the page's style sheet. */
export function besideSheet(/** @type {string} */ name) {
  const first = document.querySelector('link[rel="stylesheet"]');
  return new URL(name, /** @type {HTMLLinkElement} */ (first).href).href;
}

/** A style sheet that is not needed at first, `below` all others or above; resolves when it is there, or will never be. */
export function styleSheet(/** @type {string} */ name, below = false) {
  const link = el("link", { rel: "stylesheet", href: besideSheet(`${name}.css`) });
  if (below) document.querySelector('link[rel="stylesheet"]')?.before(link);
  else document.head.append(link);
  return new Promise((resolve) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", resolve);
  });
}
