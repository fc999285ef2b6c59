// The token of a class server: found in the address once, or typed, and kept for this tab alone. Opens no connection.

const KEY = "convscope.token";
const IN_ADDRESS = /([#&])token=([\w.~-]+)&?/;

/** Kept here too, since a browser may refuse to keep anything. */
let held = "";

/** The token that requests go with; none is an empty string. */
export function token() {
  return held;
}

/** Keep a token until the tab is closed. */
export function keepToken(/** @type {string} */ given) {
  held = given;
  try {
    sessionStorage.setItem(KEY, given);
  } catch {
    // This page alone has it, then.
  }
}

/** A link may bring the token behind its #, which no server sees; it does not stay in the address. */
function begin() {
  if (typeof location === "undefined") return;
  const found = IN_ADDRESS.exec(location.hash);
  try {
    held = sessionStorage.getItem(KEY) ?? "";
  } catch {
    held = "";
  }
  if (!found) return;
  keepToken(found[2] ?? "");
  const rest = location.hash.replace(IN_ADDRESS, "$1").replace(/[#&]+$/, "");
  history.replaceState(null, "", rest || location.pathname + location.search);
}

begin();
