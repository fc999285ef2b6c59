// Lessons on the page: brings them from the server, plays one at a time, lists all, and keeps how far a person came. Comes by
// import. Knows no lesson but the two-minute start, which needs no server.

import { linkOf } from "../link/address.js";
import { decode, encode } from "../link/fragment.js";
import { keptAs } from "../server/frame.js";
import { byId, styleSheet } from "../ui/dom.js";
import { playerText } from "../words/player.js";
import { playLesson } from "./player.js";
import { broughtRound, nameOf, roundAfter, roundOf, scoring, sheetOf } from "./practice.js";
import { createProgress, resumed } from "./progress.js";
import { TWO_MINUTES } from "./two_minutes.js";

/** @import { Lesson, LessonInfo } from "../types/lesson.js" */
/** @import { LinkState } from "../types/page.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { Stage } from "../stage/gestures.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */

/** The state that a person left for a lesson, while this tab is there: a reload in a lesson does not lose it. */
const OWN = keptAs("convscope.own");
const PROGRESS = keptAs("convscope.lessons");

/** @typedef {{ update?(state: State): void, close(): void }} Shown */
/**
 * @typedef {object} Page
 * @property {Dispatch} dispatch @property {() => State} current @property {Stage} stage
 * @property {ReturnType<typeof createApi>} api @property {() => Promise<{ absolute(path: string): string }>} links
 */

/** Where a lesson is printed, or a round of exercises. @param {string} name @param {ReturnType<typeof roundOf>} round */
function printed(name, round) {
  if (name === TWO_MINUTES.name) return null;
  if (round) return { address: sheetOf(round), title: playerText.printPractice };
  return { address: `api/v1/lessons/${encodeURIComponent(name)}/handout`, title: playerText.printLesson };
}

/** @param {Page} page @param {(make: () => Shown) => void} show something in the place of what stands around the stage @param {() => void} ended */
export function createCourse(page, show, ended) {
  const { api, dispatch, current } = page;
  const styled = Promise.all(["player", "lesson_hall"].map((name) => styleSheet(name)));
  const progress = createProgress(PROGRESS, () => localStorage);
  /** @type {Map<string, Lesson>} */
  const brought = new Map([[TWO_MINUTES.name, TWO_MINUTES]]);
  /** @type {LessonInfo[] | null} */
  let infos = null;
  /** @type {ReturnType<typeof playLesson> | null} */
  let playing = null;
  /** @type {LinkState | null} */
  let own = null;
  /** The list, while it stands over the page. @type {Awaited<ReturnType<typeof import("./list.js").showList>> | null} */
  let list = null;
  /** Its style sheet, once. @type {Promise<unknown> | null} */
  let lists = null;
  let turn = 0;

  /** @returns {Promise<LessonInfo[]>} */
  async function listed() {
    if (infos) return infos;
    const found = await api.lessons();
    if (!found.ok) {
      dispatch({ type: "refused", key: null, problem: found.problem });
      return [];
    }
    infos = found.value.lessons;
    return infos;
  }

  /** @returns {Promise<Lesson | null>} */
  async function lessonNamed(/** @type {string} */ name) {
    const known = brought.get(name);
    if (known) return known;
    const round = roundOf(name);
    const found = await (round ? broughtRound(round, api) : api.lesson(name));
    if (!found.ok) {
      dispatch({ type: "refused", key: null, problem: found.problem });
      return null;
    }
    brought.set(name, found.value);
    return found.value;
  }

  /**
   * @param {string} name @param {{ step?: number, stands?: boolean, looks?: Partial<LinkState>, afresh?: boolean }} [how] the step from 0;
   *   whether the stage stays as it is
   */
  async function start(name, { step, stands = false, looks = {}, afresh = false } = {}) {
    const mine = ++turn;
    const round = roundOf(name);
    const [lesson] = await Promise.all([lessonNamed(name), styled]);
    if (!lesson || mine !== turn) return;
    const kept = (afresh ? null : progress.read().lessons[name]) ?? null;
    const run = resumed(kept ?? undefined, lesson.steps.length);
    const last = lesson.steps.length - 1;
    // Who goes on with what is done begins at its first step; the answers are still there.
    const first = { ...run, at: Math.min(last, step ?? (run.done ? 0 : run.at)) };
    if (!playing) own = stands ? ownKept() : keepOwn();
    dispatch({ type: "view", name: "lessons", on: false });
    // The help sheet leads here.
    for (const one of document.querySelectorAll("dialog")) if (one.open) one.close();
    show(() => {
      playing = playLesson(
        lesson,
        {
          ...page,
          progress: round ? scoring(progress, round.kind) : progress,
          ended: () => {
            playing = null;
            ended();
          },
          list: () => dispatch({ type: "view", name: "lessons", on: true }),
          start: (other) => start(other),
          address: async (place) => (await page.links()).absolute(`./#v1&lesson=${place}`),
          print: printed(name, round),
          async next() {
            if (name === TWO_MINUTES.name) return null;
            if (round) return { name: nameOf(roundAfter(round)), title: null };
            const all = await listed();
            return all[all.findIndex((one) => one.name === name) + 1] ?? null;
          },
        },
        first,
        { own, stands, kept: kept?.of === lesson.steps.length ? kept : null, looks },
      );
      return playing;
    });
  }

  /** The person's own state, kept for when the lesson is left. */
  function keepOwn() {
    const { lesson: _, views: __, ...link } = linkOf(current());
    const made = encode(link);
    try {
      if (made.ok) sessionStorage.setItem(OWN, made.fragment);
    } catch {
      // Kept as long as this page stays.
    }
    return link;
  }

  /** The state that this tab kept before it was loaded again. @returns {LinkState | null} */
  function ownKept() {
    try {
      const found = decode(sessionStorage.getItem(OWN) ?? "", current().catalog.operations);
      return found.ok ? found.state : null;
    } catch {
      return null;
    }
  }

  return {
    start,
    /** A link that names a lesson; with layers of its own the stage stays as the link has it. */
    async follow(/** @type {LinkState} */ link) {
      const [name = "", step] = (link.lesson ?? "").split("/");
      const { layers, theme, hide, lock, views } = link;
      const looks = Object.fromEntries(
        Object.entries({ theme, hide, lock, views }).filter(([, value]) => value !== undefined),
      );
      const place = step === undefined ? {} : { step: Number(step) - 1 };
      await start(name, layers.length > 0 ? { ...place, stands: true } : { ...place, looks });
    },
    async list(/** @type {boolean} */ on) {
      list?.close();
      list = null;
      if (!on) return playing ? undefined : byId("stage").focus({ preventScroll: true });
      lists ??= styleSheet("lesson_list");
      const [{ showList }, all] = await Promise.all([import("./list.js"), listed(), styled, lists]);
      if (!current().views.includes("lessons")) return;
      const kinds = async () => {
        const found = await api.practice({ kind: "all", seed: 0, difficulty: 1, count: 1, solutions: true });
        return found.ok ? found.value.kinds : [];
      };
      const brought = async (/** @type {import("./practice.js").Round} */ round) => {
        const found = await broughtRound(round, api);
        return found.ok ? found.value : null;
      };
      list = showList({ infos: all, progress, kinds, brought, start, dispatch });
    },
  };
}
