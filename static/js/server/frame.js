// Where the page lies: in a frame of another page, with the link that it was given and the key that its document carries
// for when a sandbox leaves it without an origin; or below a path of a host that others are on. Opens no connection.

/** What WordPress puts behind the address of a frame. */
const SECRET = /#\?secret=\w*$/;

/** The key that the server asks of a page without an origin; empty for a page that has one. */
export function frameKey() {
  if (typeof document === "undefined" || globalThis.origin !== "null") return "";
  return document.documentElement.dataset.key ?? "";
}

/** The fragment of the address, as whoever made the link wrote it. */
export function linkGiven() {
  return location.hash.replace(SECRET, "");
}

/** A name for what a browser keeps for this page, which another server below another path of the host has for itself. */
export function keptAs(/** @type {string} */ name) {
  return typeof location === "undefined" ? name : name + new URL(".", location.href).pathname.slice(0, -1);
}
