// Colours and type of the style sheet, as a canvas understands it. Reads the page's styles; draws nothing.

import { el } from "../ui/dom.js";

/** @import { Palette } from "./canvas.js" */
/** @import { Role } from "./scene.js" */

const ROLES = /** @type {Role[]} */ ([
  "input",
  "kernel",
  "output",
  "padding",
  "warn",
  "ink",
  "muted",
  "faint",
  "line",
  "line2",
  "cells",
  "ground",
  "sheet",
  "padding-tint",
]);

/** The colours and the font that the style sheet gives, as a canvas understands them. @returns {Palette} */
export function readPalette() {
  const probe = el("span", { class: "probe" });
  document.body.append(probe);
  const colours = ROLES.map((role) => {
    probe.style.setProperty("color", `var(--${role})`);
    return [role, getComputedStyle(probe).color];
  });
  const font = getComputedStyle(probe).fontFamily;
  probe.remove();
  return { ...Object.fromEntries(colours), font };
}
