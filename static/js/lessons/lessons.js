// The opening or the lesson that stands around the stage: one at a time. Their texts come by import when they are asked
// for. Knows no lesson.

import { styleSheet } from "../ui/dom.js";

/** @import { LinkState } from "../types/page.js" */
/** @import { createApi } from "../server/api.js" */
/** @import { State } from "../state/state.js" */
/** @import { Page, Shown } from "./course.js" */

/**
 * @typedef {Omit<Page, "api"> & { api: () => Promise<ReturnType<typeof createApi>>, paste: () => void,
 *   bring: () => Promise<unknown> }} Around what brings the rest of the page answers null where it could not, which has been said
 */

/** @param {Around} page @param {() => boolean} isStill */
export function createLessons(page, isStill) {
  const { dispatch, current } = page;
  /** @type {State["setting"] | null} */
  let scene = null;
  /** @type {Shown | null} */
  let shown = null;
  /** The scene, which goes on when its words are gone. @type {{ giveWay(state: State): void } | null} */
  let left = null;
  let listing = false;
  /** @type {ReturnType<typeof import("./course.js").createCourse> | null} */
  let made = null;
  const ended = () => {
    shown = null;
  };
  const show = (/** @type {() => Shown} */ make) => {
    shown?.close();
    shown = make();
  };
  /** Lessons, once the page takes their states: one that is kept back would end the lesson that sets it. */
  const course = async () => {
    const [{ createCourse }, api, whole] = await Promise.all([
      import("./course.js"),
      page.api(),
      page.bring(),
    ]);
    if (whole) made ??= createCourse({ ...page, api }, show, ended);
    return made;
  };
  return {
    /** The state that somebody new begins with. */
    async scene() {
      const { sceneFor } = await import("./opening.js");
      return sceneFor(isStill());
    },
    /** The scene, one sentence, and three things to do next. @param {() => Promise<unknown>} [bring] where the scene is the state that the page began with: brings what plays it */
    async introduce(bring) {
      // The rules of a narrow window come when there is one; a sheet lies below those asked for before it.
      const narrow = innerWidth <= 1080;
      const sheets = [narrow && styleSheet("opening_narrow", true), styleSheet("opening", true)];
      if (!narrow) addEventListener("resize", () => styleSheet("opening_narrow"), { once: true });
      const [{ openIntroduction }] = await Promise.all([import("./opening.js"), ...sheets]);
      const start = async () => (await course())?.start("two-minutes");
      if (listing) dispatch({ type: "view", name: "lessons", on: false });
      show(() => {
        const opening = openIntroduction({ ...page, ended, start, bring }, isStill());
        left = opening;
        return opening;
      });
      scene = current().setting;
    },
    /** A lesson that a link names. */
    follow: async (/** @type {LinkState} */ link) => (await course())?.follow(link),
    update(/** @type {State} */ state) {
      shown?.update?.(state);
      left?.giveWay(state);
      const lists = state.views.includes("lessons");
      if (lists === listing) return;
      listing = lists;
      course().then((lessons) => lessons?.list(lists));
    },
    /** Whether a setting is the opening's own, which nobody chose. */
    isScene: (/** @type {State["setting"]} */ setting) => setting === scene,
  };
}
