// The lesson player: the words and the question of a step beside the stage, in the column or, on a narrow page, above and
// below the stage. A lesson sets states and never owns one: leaving gives a person's own state back. Knows no lesson.

import { linkOf } from "../link/address.js";
import { decode } from "../link/fragment.js";
import { same } from "../state/setting.js";
import { byId, el, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { playerText, sayPlayer } from "../words/player.js";
import { answerOnStage } from "./clicked.js";
import { showControls } from "./controls.js";
import { lessonKeys } from "./keys.js";
import { recordOf } from "./progress.js";
import { blocks, inline } from "./prose.js";
import { questionView } from "./question.js";
import { answerAt, askOf, fragmentOf, isSettled, metBy, scoreOf, walked } from "./run.js";
import { coversOf, createVeil, hiddenOf } from "./veil.js";

/** @import { Lesson } from "../types/lesson.js" */
/** @import { LinkState } from "../types/page.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { Stage } from "../stage/gestures.js" */
/** @import { State } from "../state/state.js" */
/** @import { createProgress, Kept } from "./progress.js" */
/** @import { Run, RunAction } from "./run.js" */

/** Where the column has no room, or there is none. */
const NARROW = "(max-width: 1080px)";
const SAYS_MS = 1500;
/** The smallest type of the projector mode, of the usual. */
const LEAST_FIT = 0.7;
const FIT_STEP = 0.05;

/**
 * @typedef {object} Around
 * @property {Dispatch} dispatch @property {() => State} current @property {Stage} stage
 * @property {ReturnType<typeof createProgress>} progress
 * @property {() => void} ended the lesson is gone @property {() => void} list all lessons
 * @property {(name: string) => void} start another lesson
 * @property {(place: string) => Promise<string>} address of a lesson step
 * @property {{ address: string, title: string } | null} print where it is printed
 * @property {() => Promise<{ name: string, title: string | null } | null>} next the lesson after this one; without a title, more of it
 */

/**
 * @param {Lesson} lesson @param {Around} around @param {Run} first where it goes on
 * @param {{ own: LinkState | null, stands: boolean, kept: Kept | null, looks: Partial<LinkState> }} given what a person had before,
 *   whether the stage is to stay as it is, what is kept of this lesson, and what a link says of how it is looked at
 */
export function playLesson(lesson, around, first, given) {
  const { dispatch, current, stage, progress } = around;
  const root = document.documentElement;
  let run = first;
  let record = given.kept;
  /** The state that the step began with: what differs from it can be put back. @type {LinkState | null} */
  let begun = null;
  /** The last state that was looked at. @type {State | null} */
  let seen = null;
  let over = false;
  /** The step and window that the type of the projector mode was last fitted to. */
  let fitted = "";
  /** @type {ReturnType<typeof questionView> | null} */
  let question = null;

  const button = (/** @type {string} */ words, /** @type {() => void} */ onclick, kind = "") =>
    el("button", { type: "button", class: kind, text: words, onclick });
  const place = el("span", { class: "place" });
  const dots = el("span", { class: "dots", "aria-hidden": "true" }, ...lesson.steps.map(() => el("i")));
  const leave = el(
    "button",
    {
      type: "button",
      class: "icon leave-lesson",
      "aria-label": playerText.leave,
      title: playerText.leave,
      onclick: () => end(given.own),
    },
    icon("close"),
  );
  const head = el("div", { class: "lesson-head" }, el("b", { text: lesson.title }), dots, place, leave);
  const title = el("h2", { tabindex: -1 });
  const prose = el("div", { class: "prose" });
  const words = el("div", { class: "lesson-words" }, title, prose);
  const lessonPanel = el(
    "section",
    { class: "lesson lesson-text", "aria-label": sayPlayer.lesson(lesson.title) },
    head,
    words,
  );
  const asks = el("div", { class: "lesson-ask" });
  const back = button(playerText.back, () => act({ type: "back" }));
  const next = button("", () => act({ type: "next" }), "next-step");
  const moves = el("div", { class: "lesson-moves" }, back, next);
  const putBack = button(playerText.putBack, () => set(), "plain put-back");
  putBack.title = playerText.putBackHint;
  const copy = button(playerText.copyLink, copyLink, "plain");
  const all = button(playerText.all, () => around.list(), "plain");
  const storage = el("p", { class: "about", text: progress.keeps() ? "" : playerText.keepsNothing });
  const keyHints = el(
    "p",
    { class: "lesson-keys", "aria-hidden": "true" },
    el("kbd", { text: playerText.reads }),
    playerText.revealKey,
    el("kbd", { text: "←" }),
    el("kbd", { text: "→" }),
    playerText.stepKey,
  );
  const print =
    around.print &&
    el("a", {
      class: "plain",
      href: around.print.address,
      title: around.print.title,
      target: "_blank",
      text: playerText.print,
    });
  const more = el("div", { class: "lesson-more" }, putBack, copy, print, all);
  const asking = el(
    "section",
    { class: "lesson asking", "aria-label": playerText.questionAndSteps },
    asks,
    moves,
    more,
    lesson.notes ? notesFor(lesson.notes) : null,
    storage,
    keyHints,
  );
  const controls = showControls();
  const veil = createVeil();
  const side = el("div", { class: "lesson-side" });
  const narrow = matchMedia(NARROW);
  const settle = () => {
    const framed = root.hasAttribute("data-embed");
    const flows = narrow.matches || framed;
    root.classList.toggle("lesson-flows", flows);
    // In a frame the question stands with the words: below the stage nobody would see it.
    if (framed) {
      side.append(lessonPanel, asking);
      byId("view").prepend(side);
    } else if (flows) {
      byId("view").prepend(lessonPanel);
      byId("stage").after(asking);
    } else byId("controls").prepend(lessonPanel, asking);
  };
  narrow.addEventListener("change", settle);
  root.classList.add("in-lesson");
  settle();
  const stopKeys = lessonKeys({
    choices: () => question?.choices() ?? 0,
    choose: (at) => question?.choose(at),
    reveal: () => act({ type: "reveal" }),
    onward: (by) => onward(by),
  });
  const stopClicks = answerOnStage(
    stage,
    current,
    () => {
      const ask = over ? null : askOf(lesson, run);
      return ask?.kind === "cell" && !isSettled(answerAt(run)) ? ask : null;
    },
    (draft) => act({ type: "answer", draft }),
  );
  if (given.stands) stays();
  else set();
  draw();

  return {
    element: lessonPanel,
    close,
    update,
    name: lesson.name,
    go: (/** @type {number} */ step) => act({ type: "go", step }),
  };

  // ----------------------------------------------------------------- what is done

  function act(/** @type {RunAction} */ action) {
    const before = run;
    const fragment = fragmentOf(lesson, run);
    run = walked(lesson, run, action);
    if (run === before) return;
    record = progress.keep(lesson.name, recordOf(run, lesson.steps.length, Date.now(), record));
    if (action.type === "next" && before.at === lesson.steps.length - 1) over = true;
    else if (run.at !== before.at) over = false;
    if (run.at !== before.at || fragment !== fragmentOf(lesson, run)) set();
    draw();
    // Who listens hears the new step from its heading on; who looks stays where the next button is.
    if (run.at !== before.at || over)
      title.focus({ preventScroll: !root.classList.contains("lesson-flows") });
  }

  /** As a presenter's remote: first the answer, then the next step. */
  function onward(/** @type {number} */ by) {
    const ask = askOf(lesson, run);
    if (by > 0 && ask && !isSettled(answerAt(run)) && root.classList.contains("projector"))
      act({ type: "reveal" });
    else act({ type: by > 0 ? "next" : "back" });
  }

  /** The stage as the step has it. */
  function set() {
    const { catalog, theme, views } = current();
    const link = decode(fragmentOf(lesson, run), catalog.operations);
    if (!link.ok) return dispatch({ type: "refused", key: null, problem: link.problem });
    const wanted = [...views, ...(given.looks.views ?? [])].filter((one) => one === "projector");
    const kept = [...new Set([...(link.state.views ?? []), ...wanted])];
    dispatch({
      type: "open",
      // A link without a step keeps the place of the state before, and a step of a lesson begins the same for everybody.
      link: {
        theme: theme ?? undefined,
        step: 0,
        ...link.state,
        ...given.looks,
        views: kept,
        lesson: placeOf(),
      },
    });
    begun = looksLike(current());
    seen = null;
  }

  function stays() {
    const { catalog } = current();
    const link = decode(fragmentOf(lesson, run), catalog.operations);
    begun = link.ok ? null : looksLike(current());
    dispatch({ type: "lesson", at: placeOf() });
  }

  function placeOf() {
    return `${lesson.name}/${run.at + 1}`;
  }

  async function copyLink() {
    const address = await around.address(placeOf());
    try {
      await navigator.clipboard.writeText(address);
      setText(copy, playerText.linkCopied);
    } catch {
      location.hash = new URL(address).hash;
    }
    setTimeout(() => setText(copy, playerText.copyLink), SAYS_MS);
  }

  /** The lesson goes; the person's own state comes back, or what is on view stays. */
  function end(/** @type {LinkState | null} */ own) {
    close();
    if (own)
      dispatch({
        type: "open",
        link: { ...own, views: current().views.filter((one) => one === "projector") },
      });
    else {
      dispatch({ type: "lesson", at: null });
      dispatch({ type: "veil", hides: null });
    }
    byId("stage").focus({ preventScroll: true });
  }

  function close() {
    for (const one of [lessonPanel, asking, side]) one.remove();
    controls.remove();
    veil.remove();
    stopKeys();
    stopClicks();
    narrow.removeEventListener("change", settle);
    root.classList.remove("in-lesson", "lesson-flows");
    around.ended();
  }

  // ----------------------------------------------------------------- what is shown

  function update(/** @type {State} */ state) {
    // Another link was opened: it is no lesson, or another.
    if (state.lesson?.split("/")[0] !== lesson.name) return close();
    const met = over ? null : metBy(lesson, run);
    const ask = askOf(lesson, run);
    const hides = hiddenOf(ask, met?.hides ?? null, state);
    if (state.veil !== hides) dispatch({ type: "veil", hides });
    fitHall();
    veil.update(hides, coversOf(hides, ask?.about ?? null, state, stage.layout()));
    if (seen === state || state.playing) return;
    seen = state;
    putBack.hidden = begun !== null && same(begun, looksLike(state));
  }

  /** In a lecture hall all of a step is in sight at once: long ones in smaller type. */
  function fitHall() {
    const hall = root.classList.contains("projector");
    const room = [hall, innerWidth, innerHeight, run.at, over, answerAt(run).state, asking.isConnected].join(
      " ",
    );
    if (room === fitted) return;
    fitted = room;
    const column = byId("controls");
    for (let fit = 1; fit >= LEAST_FIT; fit -= FIT_STEP) {
      root.style.setProperty("--fit-hall", fit.toFixed(2));
      if (!hall || column.scrollHeight <= column.clientHeight) return;
    }
  }

  function draw() {
    if (over) drawEnd();
    else drawStep();
    seen = null;
    update(current());
  }

  function drawStep() {
    const step = /** @type {Lesson["steps"][number]} */ (lesson.steps[run.at]);
    const last = run.at === lesson.steps.length - 1;
    setText(title, step.title);
    if (prose.dataset.step !== String(run.at)) {
      prose.dataset.step = String(run.at);
      prose.replaceChildren(...blocks(step.prose));
      question = step.ask && questionView(step.ask, act);
      asks.replaceChildren(...(question ? [question.element] : []));
      controls.update(step.stage.controls);
    }
    const answer = answerAt(run);
    question?.update(answer, metBy(lesson, run));
    setText(place, sayPlayer.place(run.at, lesson.steps.length));
    for (const [at, dot] of [...dots.children].entries())
      dot.className = at === run.at ? "now" : at < run.at ? "past" : "";
    setText(next, last ? playerText.finish : playerText.next);
    next.classList.toggle("primary", !step.ask || isSettled(answer));
    back.disabled = run.at === 0;
    moves.replaceChildren(back, next);
  }

  /** After the last step: what came of it, and where to go on. */
  function drawEnd() {
    const { right, of } = scoreOf(lesson, run);
    setText(title, playerText.doneTitle);
    prose.dataset.step = "";
    prose.replaceChildren(el("p", { text: sayPlayer.score(right, of) }));
    asks.replaceChildren();
    question = null;
    const ends = [
      button(playerText.goOn, () => end(null)),
      button(playerText.leaveShort, () => end(given.own)),
    ];
    moves.replaceChildren(back, ...ends);
    around.next().then((after) => {
      if (!after || !over) return;
      const words = after.title ? `${playerText.nextLesson}: ${after.title}` : playerText.more;
      back.after(button(words, () => around.start(after.name), "primary"));
    });
    back.disabled = false;
  }
}

/** Notes for a lecturer, behind a line of words. */
function notesFor(/** @type {NonNullable<Lesson["notes"]>} */ notes) {
  const { title, ...heads } = playerText.notes;
  const parts = /** @type {(keyof typeof heads)[]} */ (Object.keys(heads)).flatMap((name) => [
    el("h3", { text: heads[name] }),
    el("ul", {}, ...notes[name].map((item) => el("li", {}, ...inline(item)))),
  ]);
  return el("details", { class: "lecturers" }, el("summary", { text: title }), ...parts);
}

/** The part of a state that belongs to a step: all but how it is played, and the panels open around it. */
function looksLike(/** @type {State} */ state) {
  const { playing: _, speed: __, theme: ___, views: ____, lesson: _____, ...link } = linkOf(state);
  return link;
}
