// The column during a lesson: only the controls that the step is about stand below its words. Knows the names that links
// hide controls by, and no lesson.

import { PARTS } from "../link/hideable.js";
import { byId } from "../ui/dom.js";

/** Sections of the column by name. */
const SECTIONS = {
  input: "[aria-labelledby=source-title]",
  weights: "[aria-labelledby=weights-title]",
  tools: ".tools",
};

/**
 * The style rules that leave these controls alone in the column: sections as wholes, and settings of the layer.
 * @param {string[]} wanted @returns {string}
 */
export function rulesFor(wanted) {
  const settings = wanted.filter((name) => !(name in PARTS));
  const whole = wanted.includes("layer") || wanted.includes("settings");
  const named = wanted.includes("operation");
  const shown = Object.entries(SECTIONS)
    .filter(([name]) => wanted.includes(name) || wanted.includes("settings"))
    .map(([, selector]) => selector);
  if (whole || named || settings.length > 0) shown.push(".layer");
  const kept = [".lesson", ".sheet-head", ...shown].join(", ");
  const rules = [`.in-lesson #controls > :not(${kept}) { display: none; }`];
  if (!whole) {
    const names = settings.map((name) => `[data-parameter="${name.replace(/[^\w-]/g, "")}"]`);
    const rows = [...names, ...(named ? [":has(.operation)"] : [])].join(", ");
    const others = rows ? `.row:not(${rows})` : ".row";
    rules.push(`.in-lesson #controls .layer ${others} { display: none; }`);
    rules.push(".in-lesson #controls .layer :is(.fold > summary, .net-begin) { display: none; }");
  }
  if (shown.length === 0) rules.push(".in-lesson .open-settings { display: none !important; }");
  return rules.join("\n");
}

export function showControls() {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  /** Folds that were opened for the lesson. @type {Set<HTMLDetailsElement>} */
  const opened = new Set();
  const fold = () => {
    for (const one of opened) one.open = false;
    opened.clear();
  };
  return {
    update(/** @type {string[]} */ wanted) {
      fold();
      sheet.replaceSync(rulesFor(wanted));
      for (const name of wanted) {
        const row = byId("controls").querySelector(`[data-parameter="${CSS.escape(name)}"]`);
        const around = /** @type {HTMLDetailsElement | null} */ (row?.closest("details:not([open])") ?? null);
        if (!around) continue;
        around.open = true;
        opened.add(around);
      }
    },
    remove() {
      fold();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    },
  };
}
