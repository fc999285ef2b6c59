// The icons of the interface: one drawn set on a grid of 20, in the colour of the text beside them. Knows no state.

import { drawing } from "./dom.js";

/** Paths in lucide's style; what is filled stands after a bar. */
const ICONS = {
  pin: "M7 3h6M8 3v5l-2.5 3.5h9L12 8V3M10 11.5V17",
  unpin: "M7 3h6M8 3v5l-2.5 3.5h9L12 8V3M10 11.5V17M3.5 3.5l13 13",
  paint: "M13.5 3.5l3 3L7 16l-3.8.8L4 13zM11.5 5.5l3 3",
  compare: "M3.5 4h5v12h-5zM11.5 4h5v12h-5z",
  nearer: "M9 3.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM13 13l3.8 3.8M9 6.7v4.6M6.7 9h4.6",
  farther: "M9 3.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11zM13 13l3.8 3.8M6.7 9h4.6",
  whole: "M8 3.5v4.5h-4.5M12 3.5v4.5h4.5M8 16.5v-4.5h-4.5M12 16.5v-4.5h4.5",
  projector: "M3 4h14M4 4v8.5h12V4M10 12.5V15M6.5 17.5l3.5-2.5l3.5 2.5",
  theme: "M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14z|M10 3a7 7 0 0 1 0 14z",
  help: "M10 3a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM8 8.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.3|M10 12.9a.9.9 0 1 0 0 1.8a.9.9 0 0 0 0-1.8z",
  undo: "M7.5 4L4 7.5L7.5 11M4 7.5h7.5a4.25 4.25 0 0 1 0 8.5H8",
  redo: "M12.5 4L16 7.5L12.5 11M16 7.5H8.5a4.25 4.25 0 0 0 0 8.5H12",
  share: "M10 12V3M6.8 6L10 2.8L13.2 6M6 9H4.5v8h11V9H14",
  close: "M5 5l10 10M15 5L5 15",
  previous: "M12 5L7 10l5 5",
  next: "M8 5l5 5l-5 5",
  down: "M5.5 8L10 12.5L14.5 8",
  more: "|M4.5 8.8a1.2 1.2 0 1 0 0 2.4a1.2 1.2 0 0 0 0-2.4zM10 8.8a1.2 1.2 0 1 0 0 2.4a1.2 1.2 0 0 0 0-2.4zM15.5 8.8a1.2 1.2 0 1 0 0 2.4a1.2 1.2 0 0 0 0-2.4z",
  first: "M5 4.5v11M15 4.5L8 10l7 5.5z",
  last: "M15 4.5v11M5 4.5L12 10l-7 5.5z",
  back: "M13.5 4.5L6.5 10l7 5.5z",
  forward: "M6.5 4.5L13.5 10l-7 5.5z",
  rowBack: "M10 16V4.5M5.5 9L10 4.5L14.5 9",
  rowForward: "M10 4v11.5M5.5 11L10 15.5L14.5 11",
  play: "|M6.5 3.8v12.4L16.2 10z",
  pause: "|M6 4h2.8v12H6zM11.2 4H14v12h-2.8z",
  loopIn: "M12.5 4h-6v12h6",
  loopOut: "M7.5 4h6v12h-6",
  loopOff: "M5.5 5.5l9 9M14.5 5.5l-9 9",
};

/** @typedef {keyof typeof ICONS} Icon */

/** An icon, and a way to draw another in its place. @param {Icon} name */
export function changingIcon(name) {
  const sign = drawing("svg", { viewBox: "0 0 20 20", class: "sign", "aria-hidden": "true" });
  /** @type {string} */
  let shown = "";
  const draw = (/** @type {Icon} */ other) => {
    if (other === shown) return;
    shown = other;
    const [lines = "", filled] = ICONS[other].split("|");
    const parts = lines ? [drawing("path", { d: lines })] : [];
    if (filled) parts.push(drawing("path", { d: filled, class: "filled" }));
    sign.replaceChildren(...parts);
  };
  draw(name);
  return { sign, draw };
}

/** @param {Icon} name */
export function icon(name) {
  return changingIcon(name).sign;
}

/** The mark: nine cells, one of the input and one of the output, and a window round both. */
export function mark() {
  const sign = drawing("svg", { viewBox: "0 0 24 24", class: "mark", "aria-hidden": "true" });
  const roles = new Map([
    [4, "var(--input)"],
    [8, "var(--output)"],
  ]);
  for (let cell = 0; cell < 9; cell++) {
    const [x, y] = [1 + (cell % 3) * 7.5, 1 + Math.floor(cell / 3) * 7.5];
    const made = drawing("rect", { x, y, width: 6.5, height: 6.5, rx: 1.5 });
    made.style.setProperty("fill", roles.get(cell) ?? "var(--line2)");
    sign.append(made);
  }
  const frame = drawing("rect", { x: 7.2, y: 7.2, width: 15.6, height: 15.6, rx: 3 });
  frame.style.setProperty("fill", "none");
  frame.style.setProperty("stroke", "var(--kernel)");
  frame.style.setProperty("stroke-width", "1.8");
  sign.append(frame);
  return sign;
}
