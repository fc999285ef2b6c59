// A frame of another page: the link that it was given, and the key that its document carries for when a sandbox leaves
// it without an origin. Opens no connection.

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
