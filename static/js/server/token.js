// The token of a class server: one of a day found in the address, or the server's own typed, and kept for this tab
// alone. Opens no connection.

const KEY = "convscope.token";
/** A token of one day, which may be seen: on a projector, in a history. */
const DAY = /^day\.[\w.-]+$/;

/** How often programs on the way may have encoded a whole address, as for a link. */
const MOST_ENCODED = 4;

/** Kept here too, since a browser may refuse to keep anything. */
let held = "";
let refused = false;

/** The token that requests go with; none is an empty string. */
export function token() {
  return held;
}

/** Whether it is the server's own, from which tokens of one day are made. */
export function isOwn() {
  return held !== "" && !DAY.test(held);
}

/** Whether the address brought a token that is not of one day, and was not taken. */
export function wasRefused() {
  return refused;
}

/** Keep a token until the tab is closed. */
export function keepToken(/** @type {string} */ given) {
  held = given;
  refused = false;
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // This page alone has it, then.
  }
}

/** Text without its percent signs, or as it is where they are none. */
function decoded(/** @type {string} */ text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The token that a part of an address brings, in whatever spelling that a link is read in; null for any other part. */
function broughtBy(/** @type {string} */ part) {
  // A part whose sign of equality was encoded as well.
  const [key = "", ...value] = (part.includes("=") ? part : decoded(part)).split("=");
  const name = decoded(key).replace(/^.*#/, "").trim().toLowerCase();
  return name === "token" ? decoded(value.join("=")).trim() : null;
}

/** The parts of an address; one that was percent-encoded as a whole is read as often as a link is. */
function partsOf(/** @type {string} */ text) {
  for (let turn = 0; turn < MOST_ENCODED && !text.includes("&") && /%(25)*26/.test(text); turn++)
    text = decoded(text);
  return text.split(/&(?:amp;)?/);
}

/**
 * A link may bring a token of one day behind its #, which no server sees. No token stays in the address, where it
 * would be copied with the next link.
 */
function takeFromAddress() {
  const parts = partsOf(location.hash.slice(1));
  const rest = parts.filter((part) => broughtBy(part) === null);
  if (rest.length === parts.length) return;
  const given = parts.map(broughtBy).find((one) => one) ?? "";
  if (DAY.test(given)) keepToken(given);
  else refused = given !== "";
  const fragment = rest.filter(Boolean).join("&");
  history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
}

function begin() {
  if (typeof location === "undefined") return;
  try {
    held = sessionStorage.getItem(KEY) ?? "";
  } catch {
    held = "";
  }
  takeFromAddress();
  // This module comes before whatever reads the link, and so does its listener.
  addEventListener("hashchange", takeFromAddress);
}

begin();
