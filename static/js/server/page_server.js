// The server of the page: the connection to its numbers, and the requests of its API, which the opening picture does
// without. Knows no state.

import { browser, socketAddress } from "./connection.js";
import { createFirst } from "./first.js";

/** @import { ConnectionCallbacks } from "../types/stream.js" */

/** @param {{ api: string, stream: string }} addresses @param {() => void} waits called when a request has to wait */
export function createPageServer(addresses, waits) {
  const streamUrl = socketAddress(addresses.stream);
  const optionsOf = (/** @type {ConnectionCallbacks} */ callbacks) => ({
    ...callbacks,
    streamUrl,
    framesUrl: `${addresses.api}/frames`,
  });
  /** @type {ReturnType<typeof createFirst> | null} */
  let first = null;
  /** @type {ReturnType<typeof import("./api.js").createApi> | null} */
  let requests = null;
  return {
    streamUrl,
    /** The connection of the page itself: the first numbers are posted, the stream comes when there is more to ask. */
    connect(/** @type {ConnectionCallbacks} */ callbacks) {
      const options = optionsOf(callbacks);
      first = createFirst(options, browser(), async () => {
        const { createConnection } = await import("./streaming.js");
        return (before) => createConnection(options, before);
      });
      return first;
    },
    /** Brings the stream, for the page's own connection and for others. */
    async stream() {
      const [{ createConnection }] = await Promise.all([import("./streaming.js"), first?.stream()]);
      return (/** @type {ConnectionCallbacks} */ callbacks) => createConnection(optionsOf(callbacks));
    },
    async api() {
      const { createApi } = await import("./api.js");
      requests ??= createApi(addresses.api, { waits });
      return requests;
    },
  };
}
