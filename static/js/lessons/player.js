// The smallest lesson player: a caption above the stage and a link's fragment a step. A lesson sets states and never owns
// one: leaving gives a person's own state back. Knows no lesson.

import { linkOf } from "../link/address.js";
import { decode } from "../link/fragment.js";
import { byId, el, setText, styleSheet } from "../ui/dom.js";
import { lessonText, sayLesson } from "../words/lessons.js";

/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */

/** A lesson step: a caption, and the state that it is about. @typedef {{ title: string, caption: string, fragment: string }} LessonStep */
/** @typedef {{ title: string, steps: LessonStep[] }} Lesson */

/**
 * @param {Lesson} lesson @param {Dispatch} dispatch @param {() => State} current
 * @param {() => void} ended
 */
export function playLesson(lesson, dispatch, current, ended) {
  styleSheet("lessons");
  const own = linkOf(current());
  let at = 0;
  const title = el("h2", {});
  const caption = el("p", {});
  const place = el("span", { class: "about" });
  const button = (/** @type {string} */ words, /** @type {() => void} */ onclick) =>
    el("button", { type: "button", text: words, onclick });
  const back = button(lessonText.back, () => show(at - 1));
  const next = button("", () => (at + 1 < lesson.steps.length ? show(at + 1) : keep()));
  next.classList.add("primary");
  const leave = button(lessonText.leave, () => {
    keep();
    dispatch({ type: "open", link: own });
  });
  const element = el(
    "section",
    { class: "lesson", "aria-label": lesson.title },
    el("div", { class: "lesson-words", role: "status" }, title, caption),
    el("div", { class: "lesson-moves" }, place, back, next, leave),
  );
  byId("view").prepend(element);
  show(0);
  next.focus({ preventScroll: true });
  return { element, close: keep };

  function show(/** @type {number} */ to) {
    const step = lesson.steps[to];
    if (!step) return;
    at = to;
    const link = decode(step.fragment, current().catalog.operations);
    if (link.ok) dispatch({ type: "open", link: { ...link.state, theme: current().theme ?? undefined } });
    setText(title, step.title);
    setText(caption, step.caption);
    setText(place, sayLesson.place(to, lesson.steps.length));
    setText(next, to + 1 < lesson.steps.length ? lessonText.next : lessonText.done);
    back.disabled = to === 0;
  }

  /** The lesson goes, what is on view stays. */
  function keep() {
    element.remove();
    ended();
  }
}
