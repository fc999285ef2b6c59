// Boots the page and wires its parts: an event becomes an action, the store makes the next state, and the state is shown at
// most once per animation frame. Decides nothing.

import { createLessons } from "./lessons/lessons.js";
import { isNew } from "./lessons/met.js";
import { createPageLink } from "./link/page_link.js";
import { settingsColumn } from "./page/column.js";
import { createCompletion } from "./page/completion.js";
import { followKeys } from "./page/keys.js";
import { createOverdue } from "./page/overdue.js";
import { createStore } from "./page/store.js";
import { surroundings } from "./page/surroundings.js";
import { createConnectionStatus } from "./panels/connection_status.js";
import { linkGiven } from "./server/frame.js";
import { createPageServer } from "./server/page_server.js";
import { createSession } from "./server/session.js";
import { problemBanner } from "./stage/banner.js";
import { stageView } from "./stage/stage.js";
import { isReady, isWhole } from "./state/selectors.js";
import { initial } from "./state/state.js";
import { byId, el, setAttribute } from "./ui/dom.js";
import { createSingle } from "./ui/one_at_a_time.js";
import { text } from "./words/page.js";

/** @import { Boot, Theme } from "./types/page.js" */
/** @import { Sheets } from "./page/sheets.js" */
/** @import { Action, State } from "./state/state.js" */

/** Codes of refusals that the page can mend, beside those of what is not there. */
const MENDED = ["token", "frame_key"];
const root = document.documentElement;
const embedded = root.hasAttribute("data-embed");
/** Rooms in which grids may stand one above the other: pages that scroll, and small frames. */
const narrow = matchMedia("(max-width: 1080px)");
const dark = matchMedia("(prefers-color-scheme: dark)");
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** @type {Boot} */
const boot = JSON.parse(byId("boot").textContent ?? "{}");
const connection = el("span", { class: "connection", role: "status" });
const statusLine = createConnectionStatus(connection);
const notWhole = () => statusLine.say(text.connection.incomplete);
const server = createPageServer(boot, () => statusLine.say(text.connection.busy));
const completion = createCompletion(
  boot.registry,
  () => Promise.all([server.api(), server.stream()]),
  (features, known, [api, connect]) => {
    const later = features.start({
      ...{
        stage,
        session,
        dispatch,
        current,
        known,
        api,
        single,
        copyLink: pageLink.copy,
        links: pageLink.links,
      },
      ...{ typeValues: inputActions.typeValues, take: inputActions.take, inputActions, sheet: column.open },
      ...{ source: column.source, weights: column.weights, frameworksBox: around.frameworksBox },
      ...{ tell: statusLine.say, streamUrl: server.streamUrl, theme: () => themeOf(current()) },
      server: { connect, redraw: schedule },
    });
    columnShown = null; // what it says of the settings has come
    showColumn();
    schedule();
    return later;
  },
  notWhole,
);
const { bring } = completion;
const single = createSingle(notWhole);

/** Opens something over the page when the page is complete. @template {keyof Sheets} Name @param {Name} name */
function opens(name) {
  return (/** @type {Parameters<Sheets[Name]>} */ ...given) =>
    completion.act(({ sheets }) => {
      const open = /** @type {(...given: any[]) => Promise<unknown>} */ (sheets.open[name]);
      return open(...given);
    });
}

const store = createStore(initial(boot), {
  isComplete: () => completion.now() !== null,
  bring,
  permits: (state, action) => pageLink.governor()?.permits(state, action) !== false,
  follow,
  show,
});
const { current, dispatch, schedule } = store;
const watchNumbers = createOverdue(current, dispatch);
const session = createSession(server.connect, dispatch, current);
const inputActions = {
  typeValues: opens("typeValues"),
  take(/** @type {Iterable<File>} */ files, /** @type {"input" | "weights"} */ as = "input") {
    const chosen = [...files]; // a field is emptied as soon as it has been read
    completion.act(({ recovery }) => recovery.take(chosen, as));
  },
  remove: (/** @type {string} */ id) => completion.act(({ recovery }) => recovery.remove(id)),
};
const pageLink = createPageLink({
  ...{ api: server.api, dispatch, current, home: boot.home, embedded },
  // The opening's own scene is nobody's choice: the address stays as it is, and a reload is a reload.
  keeps: () => current().experiment !== null || !lessons.isScene(current().setting),
});
const stage = stageView(dispatch, schedule);
const lessons = createLessons(
  { ...{ dispatch, current, stage, api: server.api, links: pageLink.links }, paste: opens("paste"), bring },
  () => still.matches,
);
const column = settingsColumn(boot, dispatch, current, inputActions, {
  ...{ solve: opens("solve"), paste: opens("paste") },
  introduce: single(async () => {
    if (await bring()) await lessons.introduce();
  }),
});
const around = surroundings(
  dispatch,
  {
    ...{ share: opens("share"), project: opens("project"), help: opens("help"), examples: opens("examples") },
    ...{ volumes: opens("volumes"), table: opens("table") },
  },
  press,
  stage,
  connection,
  column,
);
const banner = problemBanner(byId("banner"), dispatch, () => session.again());
followKeys((name) => opens(name)(), press, acts);
stage.element.addEventListener("click", (event) => {
  if (!completion.now()) completion.act(({ click }) => click(event));
});
dark.addEventListener("change", schedule);
addEventListener("hashchange", openLink);

// ------------------------------------------------------------------------------------- what follows an action

/** @param {State} state @param {State} before @param {Action} action @param {boolean} chosen */
function follow(state, before, action, chosen) {
  session.sync(state);
  if (state.shown?.key !== before.shown?.key) watchNumbers();
  if (chosen) showColumn();
  if (chosen || (before.playing && !state.playing)) pageLink.plan();
  const { problem } = state;
  const mends = problem && (problem.status === 404 || MENDED.includes(problem.code));
  if (action.type === "refused" && mends) completion.act(({ recovery }) => recovery.recover());
}

/** Whether a key does something on the stage; null while that is not known. */
function acts(/** @type {string} */ key, /** @type {boolean} */ shift) {
  const later = completion.now();
  return later && later.keyAction(key, current(), shift) !== null;
}

/** Does what a key does on the stage. */
function press(/** @type {string} */ key, shift = false) {
  completion.act(({ keyAction }) => {
    const action = keyAction(key, current(), shift);
    if (action) dispatch(action);
  });
}

// ------------------------------------------------------------------------------------- showing

/** @returns {Theme} */
function themeOf(/** @type {State} */ of) {
  return of.theme ?? (dark.matches ? "dark" : "light");
}

/** Whether a link asked to be played, until its numbers are there. */
let plays = false;

/** Whether it goes on with the next frame. */
function show(/** @type {number} */ now_ms) {
  // The picture for paper stays until it is printed.
  if (root.classList.contains("printing")) return false;
  const later = completion.now();
  const playsOn = later?.player.frame(now_ms) ?? false;
  const state = current();
  const theme = themeOf(state);
  setAttribute(root, "data-theme", state.theme);
  showColumn();
  around.update(state, theme);
  banner.update(state, boot.operations, later);
  statusLine.status(state.connection);
  pageLink.governor()?.apply(state);
  later?.update(state);
  lessons.update(state);
  if (isReady(state) && !root.hasAttribute("data-ready")) {
    performance.mark("ready");
    openViews(state);
  }
  setAttribute(root, "data-ready", isReady(state) ? "true" : null);
  setAttribute(root, "data-empty", state.shown ? null : "true");
  if (plays && isWhole(state)) {
    plays = false;
    if (!still.matches) dispatch({ type: "play" });
  }
  return playsOn;
}

/** @type {State | null} */
let columnShown = null;

/**
 * The controls follow a choice at once and not with the next frame: they make the next choice out of what they
 * hold, and two choices can come within one frame.
 */
function showColumn() {
  if (columnShown === current()) return;
  columnShown = current();
  column.update(columnShown);
  pageLink.governor()?.apply(columnShown);
}

/** The parts around the stage that a link wants open. */
function openViews(/** @type {State} */ { views }) {
  if (embedded) return;
  if (views.includes("projector")) opens("project")();
  if (views.includes("volumes")) opens("volumes")();
}

// ------------------------------------------------------------------------------------- the beginning

async function openLink() {
  if (linkGiven().length < 2) return;
  if (!(await bring())) return;
  const opened = await pageLink.open(boot.operations);
  plays = opened?.playing ?? false;
  if (opened?.lesson) await lessons.follow(opened);
}

/** Somebody new begins with the opening scene; the rest of the page comes when its picture is there. */
async function greet() {
  store.start(initial(boot, await lessons.scene()));
  await lessons.introduce(bring);
}

async function begin() {
  if (narrow.matches) await import("./picture/layout/narrow_rooms.js");
  if (embedded) await pageLink.govern();
  await openLink();
  if (!embedded && linkGiven().length < 2 && isNew()) await greet();
  store.begin();
  watchNumbers();
  session.sync(current());
}
begin();
