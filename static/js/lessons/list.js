// All lessons as cards, where to go on, and the two-minute start: a view that stands in the place of the stage. Turns clicks
// into calls; knows progress and no lesson's steps.

import { byId, el, setAttribute, setText } from "../ui/dom.js";
import { icon } from "../ui/icon.js";
import { playerText, sayPlayer } from "../words/player.js";
import { pictureOf } from "./pictures.js";
import { drawnRound, nameOf, scoreWords, sheetOf } from "./practice.js";
import { questionView } from "./question.js";
import { answerAt, isSettled, metBy, START, walked } from "./run.js";

/** @import { Lesson, LessonInfo } from "../types/lesson.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { Round } from "./practice.js" */
/** @import { createProgress, Progress } from "./progress.js" */
/** @import { RunAction } from "./run.js" */

/**
 * @typedef {object} Listed
 * @property {LessonInfo[]} infos @property {ReturnType<typeof createProgress>} progress @property {Dispatch} dispatch
 * @property {() => Promise<{ name: string, title: string }[]>} kinds of exercises
 * @property {(round: Round) => Promise<Lesson | null>} brought exercises as a lesson
 * @property {(name: string, how?: { step?: number, afresh?: boolean }) => Promise<void>} start
 */

/**
 * How far somebody is in each lesson, and the one to go on with: the one that was worked in last and is not done, or the
 * first that is not.
 * @param {LessonInfo[]} infos @param {Progress} progress
 */
export function standing(infos, { lessons }) {
  const cards = infos.map((info) => {
    const kept = lessons[info.name];
    const current = kept && kept.of === info.steps ? kept : null;
    const begun =
      current !== null && !current.done && (current.at > 0 || Object.keys(current.answers).length > 0);
    return {
      info,
      at: current?.at ?? 0,
      done: current?.done ?? false,
      begun,
      changed: current?.changed ?? 0,
    };
  });
  const under = cards.filter(({ begun }) => begun).sort((one, other) => other.changed - one.changed);
  const goOn = under[0] ?? cards.find(({ done }) => !done) ?? null;
  return { cards, goOn, done: cards.filter(({ done }) => done).length };
}

export function showList(/** @type {Listed} */ { infos, progress, kinds, brought, start, dispatch }) {
  const root = document.documentElement;
  const title = el("h2", { text: playerText.headline, tabindex: -1 });
  const cards = el("ul", { class: "lesson-cards", "aria-label": playerText.lessons });
  const closing = el(
    "button",
    {
      type: "button",
      class: "icon",
      "aria-label": playerText.close,
      title: playerText.close,
      onclick: close,
    },
    icon("close"),
  );
  const sheet = el(
    "section",
    { class: "lessons-sheet", "aria-label": playerText.lessons },
    el(
      "div",
      { class: "lessons-head" },
      el("div", {}, title, el("p", { text: infos.length > 0 ? playerText.sentence : playerText.none })),
      closing,
    ),
    cards,
  );
  const lecturing = el("p", { class: "lecturing" });
  if (infos.length > 0) sheet.append(lecturing);
  const going = el("section", { class: "panel", "aria-labelledby": "go-on-title" });
  const score = el("span", { class: "aside" });
  const counted = (/** @type {string} */ kind, /** @type {boolean} */ right) => {
    progress.count(kind, right);
    setText(score, scoreWords(progress.read().practice));
  };
  const exercising = practicePanel(score, { kinds, brought, start, counted });
  const aside = el(
    "aside",
    { class: "lessons-aside", "aria-label": playerText.goOnTitle },
    going,
    exercising,
    hurry(),
  );
  const element = el("div", { class: "lessons-view" }, aside, sheet);
  byId("instrument").append(element);
  root.classList.add("listing");
  const changed = (/** @type {StorageEvent} */ event) => {
    if (event.storageArea === localStorage) draw();
  };
  // Another tab went on.
  addEventListener("storage", changed);
  draw();
  title.focus({ preventScroll: true });

  function close() {
    dispatch({ type: "view", name: "lessons", on: false });
  }

  function hurry() {
    return el(
      "section",
      { class: "panel", "aria-labelledby": "hurry-title" },
      el("h2", { id: "hurry-title", text: playerText.hurry }),
      el("p", { class: "about", text: playerText.hurryAbout }),
      el(
        "div",
        { class: "chips" },
        el("button", {
          type: "button",
          text: playerText.twoMinutes,
          onclick: () => start("two-minutes", { step: 0 }),
        }),
      ),
    );
  }

  function draw() {
    setText(score, scoreWords(progress.read().practice));
    const { cards: all, goOn, done } = standing(infos, progress.read());
    cards.replaceChildren(
      ...all.map(({ info, at, done: isDone, begun }, place) => {
        const state = el("span", { class: "state" });
        if (isDone) state.classList.add("done");
        setText(
          state,
          isDone
            ? playerText.done
            : begun
              ? sayPlayer.stepOf(at, info.steps)
              : sayPlayer.minutes(info.minutes),
        );
        const share = begun ? at / info.steps : 0;
        const bar = begun ? el("i", { class: "progress" }, el("i")) : null;
        bar?.style.setProperty("--share", String(share));
        return el(
          "li",
          {},
          el(
            "button",
            {
              type: "button",
              class: begun ? "lesson-card under-way" : "lesson-card",
              title: info.goal,
              onclick: () => start(info.name),
            },
            el("span", { class: "picture", "aria-hidden": "true" }, pictureOf(info.name), bar),
            el("b", {}, el("span", { class: "nth", text: `${place + 1}` }), ` ${info.title}`),
            el("span", { class: "topic", text: info.line }),
            state,
          ),
        );
      }),
    );
    going.replaceChildren(
      el("h2", { id: "go-on-title", text: playerText.goOnTitle }),
      el("span", { class: "aside", text: sayPlayer.doneOf(done, infos.length) }),
    );
    if (goOn) {
      const { info, at, begun } = goOn;
      const left = Math.max(1, Math.round((info.minutes * (info.steps - at)) / info.steps));
      going.append(
        el("p", {}, el("b", { text: `${all.indexOf(goOn) + 1} ${info.title}` })),
        el("p", { class: "about", text: begun ? sayPlayer.left(at, info.steps, left) : info.goal }),
        el("button", {
          type: "button",
          class: "primary",
          text: begun ? playerText.goOnTitle : playerText.begin,
          onclick: () => start(info.name),
        }),
      );
    }
    lecturing.replaceChildren(...forLecturers((goOn ?? all[0])?.info, start, dispatch));
    const afresh = el("button", {
      type: "button",
      class: "plain",
      text: playerText.startAfresh,
      title: playerText.startAfreshTitle,
      onclick: () => {
        progress.forget();
        draw();
        title.focus({ preventScroll: true });
      },
    });
    const kept = el(
      "p",
      { class: "kept about" },
      progress.keeps() ? playerText.keeps : playerText.keepsNothing,
    );
    const { lessons, practice } = progress.read();
    if (Object.keys({ ...lessons, ...practice }).length > 0) kept.append(" ", afresh);
    going.append(kept);
    setAttribute(going, "data-none", infos.length === 0 ? "true" : null);
  }

  return {
    close() {
      removeEventListener("storage", changed);
      root.classList.remove("listing");
      element.remove();
    },
  };
}

/** The choices of the panel, kept for the next time. @type {{ kind: string, difficulty: 1 | 2 | 3 }} */
const chosen = { kind: "", difficulty: 1 };

/** The doors of a lecturer, for the lesson to go on with. @param {LessonInfo | undefined} info @param {Listed["start"]} start @param {Dispatch} dispatch */
function forLecturers(info, start, dispatch) {
  if (!info) return [];
  const { lecturers } = playerText;
  const button = (/** @type {string} */ words, /** @type {() => void} */ onclick) =>
    el("button", { type: "button", class: "plain", text: words, title: info.title, onclick });
  const link = (/** @type {string} */ words, /** @type {string} */ href, /** @type {string} */ title) =>
    el("a", { href, title, target: "_blank", text: words });
  const handout = `api/v1/lessons/${encodeURIComponent(info.name)}/handout`;
  return [
    el("b", { text: playerText.notes.title }),
    button(lecturers.notes, async () => {
      await start(info.name);
      for (const one of document.querySelectorAll("details.lecturers")) {
        one.setAttribute("open", "");
        one.scrollIntoView({ block: "nearest" });
      }
    }),
    button(lecturers.projector, async () => {
      const [{ toggleProjector }] = await Promise.all([import("../panels/projector.js"), start(info.name)]);
      await toggleProjector(dispatch);
    }),
    link(lecturers.handout, handout, `${info.title}: ${playerText.printLesson}`),
    link(
      lecturers.sheet,
      sheetOf(drawnRound(chosen.kind || "all", chosen.difficulty)),
      playerText.printPractice,
    ),
  ];
}

/**
 * An exercise to answer at once, beside the lessons. @param {HTMLElement} box @param {Listed["brought"]} brought
 * @param {(kind: string, right: boolean) => void} counted
 */
function exerciseIn(box, brought, counted) {
  let turn = 0;
  return async function another() {
    const mine = ++turn;
    const round = drawnRound(chosen.kind, chosen.difficulty);
    const lesson = await brought(round);
    const ask = lesson?.steps[0]?.ask;
    if (!lesson || !ask || mine !== turn) return;
    let run = START;
    const again = el("button", {
      type: "button",
      class: "plain another",
      text: playerText.another,
      onclick: async () => {
        await another();
        box.querySelector("input")?.focus();
      },
    });
    const act = (/** @type {RunAction} */ action) => {
      const before = answerAt(run);
      run = walked(lesson, run, action);
      const answer = answerAt(run);
      if (isSettled(answer) && !isSettled(before))
        counted(round.kind, answer.state === "right" && answer.tries === 1);
      view.update(answer, metBy(lesson, run));
    };
    const view = questionView(ask, act, "exercise-prompt");
    view.update(answerAt(run), metBy(lesson, run));
    box.replaceChildren(view.element, again);
  };
}

/**
 * Kinds of exercises, the difficulty, one to answer at once, and the way to ten of them.
 * @param {HTMLElement} score @param {Pick<Listed, "kinds" | "brought" | "start"> & { counted: (kind: string, right: boolean) => void }} does
 */
function practicePanel(score, { kinds, brought, start, counted }) {
  const box = el("div", { class: "exercise" });
  const another = exerciseIn(box, brought, counted);
  const chips = el("div", { class: "chips", role: "group", "aria-label": playerText.practice });
  const levels = el("div", { class: "segments", role: "group", "aria-label": playerText.difficulty });
  const about = el("span", { class: "about" });
  const begin = el("button", {
    type: "button",
    class: "practise",
    text: playerText.beginPractice,
    onclick: () => start(nameOf(drawnRound(chosen.kind, chosen.difficulty))),
  });
  const panel = el(
    "section",
    { class: "panel", "aria-labelledby": "practice-title" },
    el("h2", { id: "practice-title", text: playerText.practice }),
    score,
    box,
    chips,
    el("div", { class: "levels" }, levels, about),
    el("p", { class: "about", text: playerText.practiceAbout }),
    begin,
  );
  panel.hidden = true; // until the server has told the kinds
  const one = (
    /** @type {string} */ words,
    /** @type {() => boolean} */ is,
    /** @type {() => void} */ choose,
  ) => {
    const made = el("button", {
      type: "button",
      text: words,
      onclick: () => {
        choose();
        show();
        another();
      },
    });
    return { made, is };
  };
  const difficulties = /** @type {const} */ ([1, 2, 3]).map((difficulty) =>
    one(
      String(difficulty),
      () => chosen.difficulty === difficulty,
      () => {
        chosen.difficulty = difficulty;
      },
    ),
  );
  levels.append(...difficulties.map(({ made }) => made));
  /** @type {ReturnType<typeof one>[]} */
  let choices = difficulties;
  const show = () => {
    for (const { made, is } of choices) setAttribute(made, "aria-pressed", String(is()));
    setText(about, playerText.difficulties[chosen.difficulty] ?? "");
  };
  kinds().then((all) => {
    if (!all[0]) return;
    if (!all.some(({ name }) => name === chosen.kind)) chosen.kind = all[0].name;
    const named = all.map(({ name, title }) =>
      one(
        title.toLowerCase(),
        () => chosen.kind === name,
        () => {
          chosen.kind = name;
        },
      ),
    );
    chips.append(...named.map(({ made }) => made));
    choices = [...difficulties, ...named];
    panel.hidden = false;
    show();
    another();
  });
  return panel;
}
