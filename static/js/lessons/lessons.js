// The opening or the lesson that stands around the stage: one at a time. What they are comes by import when it is asked
// for. Knows no lesson.

/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

/**
 * @param {{ dispatch: Dispatch, current: () => State, paste: () => void }} page @param {() => boolean} isStill
 */
export function createLessons({ dispatch, current, paste }, isStill) {
  /** @type {State["setting"] | null} */
  let scene = null;
  /** @type {{ update?(state: State): void, close(): void } | null} */
  let shown = null;
  /** What the scene still does when its words are gone. @type {{ giveWay(state: State): void } | null} */
  let left = null;
  const ended = () => {
    shown = null;
  };
  return {
    /** The scene, one sentence, and three things to do next. */
    async introduce() {
      const [{ openIntroduction }, { playLesson }, { TWO_MINUTES }] = await Promise.all([
        import("./opening.js"),
        import("./player.js"),
        import("./two_minutes.js"),
      ]);
      shown?.close();
      const start = () => {
        shown = playLesson(TWO_MINUTES, dispatch, current, ended);
      };
      const opening = openIntroduction({ dispatch, current, ended, start, paste }, isStill());
      [shown, left] = [opening, opening];
      scene = current().setting;
    },
    update(/** @type {State} */ state) {
      shown?.update?.(state);
      left?.giveWay(state);
    },
    /** Whether a setting is the opening's own, which nobody chose. */
    isScene: (/** @type {State["setting"]} */ setting) => setting === scene,
  };
}
