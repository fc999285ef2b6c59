// The only module that opens a connection: what a browser gives to the stream and to requests. Knows nothing of what is drawn.

import { frameKey } from "./frame.js";
import { token } from "./token.js";

/** @import { Registry } from "../types/registry.js" */
/** @import { ConnectionEnvironment } from "../types/stream.js" */

/** The environment of connections and requests in a browser. @returns {ConnectionEnvironment} */
export function browser() {
  return {
    WebSocket: typeof WebSocket === "undefined" ? null : /** @type {any} */ (WebSocket),
    fetch: (address, request) => fetch(address, authorized(request)),
    token,
    key: frameKey,
    now: () => performance.now(),
    setTimeout: (callback, delay_ms) => setTimeout(callback, delay_ms),
    clearTimeout: (handle) => clearTimeout(/** @type {number} */ (handle)),
    random: Math.random,
    events: typeof window === "undefined" ? null : window,
    onLine: () => typeof navigator === "undefined" || navigator.onLine !== false,
  };
}

/** A request with the token of a class server, and with the key of a frame that has no origin; a file needs neither. */
function authorized(/** @type {RequestInit | undefined} */ request) {
  if (request?.credentials === "omit") return request;
  /** @type {Record<string, string>} */
  const proofs = {};
  if (token()) proofs.Authorization = `Bearer ${token()}`;
  if (frameKey()) proofs["Frame-Key"] = frameKey();
  return { ...request, headers: { ...request?.headers, ...proofs } };
}

/** The registry, as one of the page's files. @returns {Promise<Registry>} */
export async function registryAt(/** @type {string} */ address) {
  const answer = await browser().fetch(address, { credentials: "omit" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return answer.json();
}

/** A socket's address, of the page's own protocol. */
export function socketAddress(/** @type {string} */ path) {
  const url = new URL(path, location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
