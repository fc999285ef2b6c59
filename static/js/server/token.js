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

/** A part's key and value, encoded as they are; a sign of equality may be encoded as well. @returns {[string, string]} */
function pairOf(/** @type {string} */ part) {
  const plain = part.includes("=") ? part : decoded(part);
  const at = plain.indexOf("=");
  return at < 0 ? [plain, ""] : [plain.slice(0, at), plain.slice(at + 1)];
}

/** The parts of an address; one that was percent-encoded as a whole is read as often as a link is. */
function partsOf(/** @type {string} */ text) {
  for (let turn = 0; turn < MOST_ENCODED && !text.includes("&") && /%(25)*26/.test(text); turn++)
    text = decoded(text);
  return text.split(/&(?:amp;)?/);
}

/**
 * A fragment without its tokens, in whatever spelling that a link is read in, and the first of them; null without any.
 * A part may hold a link of its own, as further layers and the other setting of a comparison do, and so may that.
 * @param {string} text @returns {{ rest: string, given: string } | null}
 */
export function withoutTokens(text, depth = 0) {
  /** @type {string[]} */
  const found = [];
  const rest = partsOf(text).flatMap((part) => {
    const [key, value] = pairOf(part);
    if (decoded(key).replace(/^.*#/, "").trim().toLowerCase() === "token") {
      found.push(decoded(value).trim());
      return [];
    }
    const inside = depth < MOST_ENCODED ? withoutTokens(decoded(value), depth + 1) : unread(value);
    if (!inside) return [part];
    found.push(inside.given);
    return inside.rest ? [`${key}=${encodeURIComponent(inside.rest)}`] : [];
  });
  if (found.length === 0) return null;
  return { rest: rest.filter(Boolean).join("&"), given: found.find(Boolean) ?? "" };
}

/** Of what lies deeper than a link is read nothing stays if it may hold a token. */
function unread(/** @type {string} */ value) {
  for (let turn = 0; turn < MOST_ENCODED; turn++) value = decoded(value);
  return /token\s*(=|%)/i.test(value) ? { rest: "", given: "" } : null;
}

/**
 * A link may bring a token of one day behind its #, which no server sees. No token stays in the address, where it
 * would be copied with the next link.
 */
function takeFromAddress() {
  const found = withoutTokens(location.hash.slice(1));
  if (!found) return;
  const { rest, given } = found;
  if (DAY.test(given)) keepToken(given);
  else refused = given !== "";
  history.replaceState(null, "", rest ? `#${rest}` : location.pathname + location.search);
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
