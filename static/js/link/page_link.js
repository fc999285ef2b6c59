// The link of the page: opened, written into the address, copied; and what a link hides and locks. Comes with the page; the
// grammar of links and the rules of frames come by import when they are needed.

import { byId, setText } from "../ui/dom.js";

/** @import { OperationInfo } from "../types/registry.js" */
/** @import { createApi } from "../server/api.js" */
/** @import { Action, State } from "../state/state.js" */

/** The address follows the page at most so often. */
const INTERVAL_MS = 500;

/**
 * @typedef {object} Page
 * @property {() => Promise<ReturnType<typeof createApi>>} api
 * @property {(action: Action) => void} dispatch @property {() => State} current
 * @property {string} home where people reach this server @property {boolean} embedded in a frame
 * @property {() => boolean} keeps whether the state on view belongs into the address
 */

export function createPageLink(/** @type {Page} */ { api, dispatch, current, home, embedded, keeps }) {
  /** @type {ReturnType<typeof import("./address.js").createLinks> | null} */
  let made = null;
  /** @type {ReturnType<typeof import("./embedding.js").createGovernor> | null} */
  let governor = null;
  let planned = false;

  async function links() {
    const { createLinks } = await import("./address.js");
    made ??= createLinks(await api(), current, dispatch, home);
    return made;
  }

  async function govern() {
    const { createGovernor } = await import("./embedding.js");
    governor ??= createGovernor(embedded, dispatch, async () => (await links()).address());
  }

  return {
    links,
    govern,
    governor: () => governor,
    /** Writes the state into the address soon, unless it plays then. */
    plan() {
      if (planned || embedded || !keeps()) return;
      planned = true;
      setTimeout(async () => {
        const { write } = await links();
        planned = false;
        if (!current().playing) write();
      }, INTERVAL_MS);
    },
    /** Opens the link of the address; answers what it holds. @param {OperationInfo[]} operations */
    async open(operations) {
      const opened = await (await links()).open(operations);
      if (current().hide.length + current().lock.length > 0) await govern();
      return opened;
    },
    async copy() {
      const { ok, words } = await (await links()).copy();
      setText(byId("status"), words);
      return ok;
    },
  };
}
