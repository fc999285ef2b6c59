// Everything that a person can ask for beside the picture and that is no change of state: sheets, menus, dialogs and modes,
// by name. Each comes by import when it is asked for. Knows no picture.

/** @import { createApi } from "../server/api.js" */
/** @import { createSingle } from "../ui/one_at_a_time.js" */
/** @import { Theme } from "../types/page.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

/** @typedef {ReturnType<typeof createSheets>["open"]} Sheets */

/**
 * @typedef {object} Page
 * @property {Dispatch} dispatch @property {() => State} current
 * @property {ReturnType<typeof createApi>} api @property {() => Promise<ReturnType<typeof import("../link/address.js").createLinks>>} links
 * @property {() => Promise<boolean>} copyLink @property {() => Theme} theme the one on view
 * @property {ReturnType<typeof createSingle>} single one sheet at a time
 * @property {{ element: HTMLElement }} stage @property {{ again(): void }} session
 */

export function createSheets(/** @type {Page} */ page) {
  const { dispatch, current, api, links, copyLink, theme, single, stage, session } = page;
  const dialogs = () => import("../dialogs/dialogs.js");
  const presenting = () => import("../panels/projector.js");
  const code = () => import("../dialogs/code.js");
  /** Channels and filters as volumes, while they are looked at. @type {Control | null} */
  let volumes = null;
  /** The step on view as a table, once it was opened. @type {{ control: Control, details: HTMLDetailsElement } | null} */
  let table = null;
  return {
    open: {
      help: single(async () => (await dialogs()).helpDialog(current())),
      token: async () => (await dialogs()).tokenDialog(() => session.again()),
      typeValues: single(async (/** @type {string} */ words = "") =>
        (await dialogs()).valuesDialog(dispatch, current(), words),
      ),
      examples: single(async () => {
        const { examplesDialog } = await import("../dialogs/examples.js");
        examplesDialog(current, dispatch, api, single); // opens before the list of classics has come
      }),
      paste: single(async () => (await code()).readDialog(current(), dispatch, api)),
      solve: single(async () => (await import("../dialogs/tools.js")).solveDialog(current(), dispatch, api)),
      share: single(
        async (/** @type {HTMLElement} */ opener, /** @type {(ok: boolean) => void} */ copied) => {
          const { shareMenu } = await import("../dialogs/share.js");
          shareMenu(opener, { current, dispatch, api, links, copyLink }, copied);
        },
      ),
      fullscreen: async () => (await presenting()).toggleFullscreen(),
      project: async () => (await presenting()).toggleProjector(dispatch),
      volumes: single(async () => {
        const { openVolumes } = await import("../dialogs/volumes.js");
        volumes = await openVolumes(dispatch, current(), theme);
        dispatch({ type: "view", name: "volumes", on: true });
        volumes.element.addEventListener("close", () => {
          volumes = null;
          dispatch({ type: "view", name: "volumes", on: false });
          stage.element.focus();
        });
      }),
      /** @param {HTMLDetailsElement} details @param {HTMLElement} box within it */
      async table(details, box) {
        const { windowTable } = await import("../dialogs/table.js");
        table ??= { control: windowTable(box), details };
        table.control.update(current());
        // With its sum, which stands last.
        if (details.open) box.scrollIntoView({ block: "nearest" });
      },
    },
    update(/** @type {State} */ state) {
      volumes?.update(state);
      if (table?.details.open) table.control.update(state);
    },
  };
}
