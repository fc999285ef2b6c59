// The opening or the lesson that stands around the stage: one at a time. What they are comes by import when it is asked
// for. Knows no lesson.

/** @import { LinkState } from "../types/page.js" */
/** @import { State } from "../state/state.js" */
/** @import { Page, Shown } from "./course.js" */

/** @param {Page & { paste: () => void }} page @param {() => boolean} isStill */
export function createLessons(page, isStill) {
  const { dispatch, current } = page;
  /** @type {State["setting"] | null} */
  let scene = null;
  /** @type {Shown | null} */
  let shown = null;
  /** What the scene still does when its words are gone. @type {{ giveWay(state: State): void } | null} */
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
  const course = async () => {
    const { createCourse } = await import("./course.js");
    made ??= createCourse(page, show, ended);
    return made;
  };
  return {
    /** The scene, one sentence, and three things to do next. */
    async introduce() {
      const { openIntroduction } = await import("./opening.js");
      const start = async () => (await course()).start("two-minutes");
      dispatch({ type: "view", name: "lessons", on: false });
      show(() => {
        const opening = openIntroduction({ ...page, ended, start }, isStill());
        left = opening;
        return opening;
      });
      scene = current().setting;
    },
    /** A lesson that a link names. */
    follow: async (/** @type {LinkState} */ link) => (await course()).follow(link),
    update(/** @type {State} */ state) {
      shown?.update?.(state);
      left?.giveWay(state);
      const lists = state.views.includes("lessons");
      if (lists === listing) return;
      listing = lists;
      course().then(({ list }) => list(lists));
    },
    /** Whether a setting is the opening's own, which nobody chose. */
    isScene: (/** @type {State["setting"]} */ setting) => setting === scene,
  };
}
