// Whether this browser has met the page before. Knows one word in the browser's store; without a store everybody is new.

import { keptAs } from "../server/frame.js";

const KEPT = keptAs("convscope.met");

export function isNew() {
  try {
    return localStorage.getItem(KEPT) === null;
  } catch {
    return true; // a browser that keeps nothing
  }
}

export function haveMet() {
  try {
    localStorage.setItem(KEPT, "true");
  } catch {
    // The introduction comes again, and can be hidden again.
  }
}
