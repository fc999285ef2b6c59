// Wires the page together: an event becomes an action, reduce makes the next state, and the state is shown at most
// once per animation frame. Holds the one state; decides nothing.

import { createLessons } from "./lessons/lessons.js";
import { isNew } from "./lessons/met.js";
import { createPageLink } from "./link/page_link.js";
import { createConnectionStatus } from "./panels/connection_status.js";
import { layerControls } from "./panels/controls.js";
import { headerButtons, settingsSheet, skipLink, viewsNav } from "./panels/header.js";
import { operationMenu } from "./panels/operations.js";
import { formulas, headline, planNotes, workedSum } from "./panels/readout.js";
import { sourcePanel } from "./panels/source.js";
import { foot, tool, toolbox } from "./panels/toolbox.js";
import { transport } from "./panels/transport.js";
import { walkSwitch } from "./panels/walk_switch.js";
import { weightsPanel } from "./panels/weights.js";
import { browser, registryAt, socketAddress } from "./server/connection.js";
import { createFirst } from "./server/first.js";
import { linkGiven } from "./server/frame.js";
import { createSession } from "./server/session.js";
import { problemBanner } from "./stage/banner.js";
import { stageView } from "./stage/stage.js";
import { operationOf } from "./state/resolve.js";
import { chosenOf, isReady, isWhole } from "./state/selectors.js";
import { initial, reduce } from "./state/state.js";
import { byId, el, setAttribute, styleSheet } from "./ui/dom.js";
import { isFree } from "./ui/free_keys.js";
import { mark } from "./ui/icon.js";
import { createSingle } from "./ui/one_at_a_time.js";
import { say, text } from "./words/page.js";

/** @import { ConnectionCallbacks } from "./types/stream.js" */
/** @import { Theme } from "./types/page.js" */
/** @import { Control } from "./panels/controls.js" */
/** @import { Action, State } from "./state/state.js" */
/** @import { Catalog } from "./types/stream.js" */

const EMBEDDED = document.documentElement.hasAttribute("data-embed");
const OVERDUE_MS = 150;
/** Actions without a hand: the opening picture can take them. */
const UNAIDED = ["tick", "numbers", "planned", "refused", "overdue", "stored", "connection"];
/** Codes of refusals that the page can mend, beside those of what is not there. */
const MENDED = ["token", "frame_key"];
/** Actions that leave the address as it is: nothing that a person chose to keep. */
const POINTING = ["point", "light"];
const PASSING = new Set([...UNAIDED, ...POINTING]);
/** The first signs of somebody who may want more than the opening picture. */
const HANDS = [
  "pointermove",
  "pointerdown",
  "wheel",
  "keydown",
  "focusin",
  "click",
  "dragover",
  "beforeprint",
  "resize",
];
/** Keys that would scroll the page before it is known what they do on the stage. */
const SCROLLING = /^(Arrow.*|Home|End| )$/;

/** Addresses are relative to the page, but for `home`. @type {Catalog & { api: string, stream: string, registry: string, home: string,
 *   presets: [name: string, kernels: number[][]][] }} */
const boot = JSON.parse(byId("boot").textContent ?? "{}");
/** Rooms in which grids may stand one above the other: pages that scroll, and small frames. */
const narrow = matchMedia("(max-width: 1080px)");
const dark = matchMedia("(prefers-color-scheme: dark)");

/** @type {State} */
let state = initial(boot);
let scheduled = false;
/** Whether the link has been read: until then nothing is asked for and nothing drawn. */
let begun = false;
let full = false; // whether all is there that the opening picture does without

/** @param {Action} action */
function dispatch(action) {
  if (!full && !UNAIDED.includes(action.type)) return keepBack(action);
  if (pageLink.governor()?.permits(state, action) === false) return;
  const before = state;
  state = reduce(state, action);
  if (state === before || !begun) return;
  session.sync(state);
  schedule();
  if (state.shown?.key !== before.shown?.key) watchNumbers();
  if (!PASSING.has(action.type)) showControls();
  if (!PASSING.has(action.type) || (before.playing && !state.playing)) pageLink.plan();
  const { problem } = state;
  const mends = problem && (problem.status === 404 || MENDED.includes(problem.code));
  if (action.type === "refused" && mends) recovery().then(({ recover }) => recover(), notWhole);
}

/** An action beyond the opening picture waits for the rest of the page; a pointer has long moved on by then. */
function keepBack(/** @type {Action} */ action) {
  const waits = !POINTING.includes(action.type);
  bring().then(() => {
    if (full && waits) dispatch(action);
  });
}

/** Numbers that come at once are not announced; those that take longer are. */
function watchNumbers() {
  const key = state.shown?.key;
  setTimeout(() => {
    const waits = key !== undefined && key === state.shown?.key && !isWhole(state);
    if (waits) dispatch({ type: "overdue", key });
  }, OVERDUE_MS);
}

function schedule() {
  if (scheduled || !begun) return;
  scheduled = true;
  requestAnimationFrame(show);
}

// ------------------------------------------------------------------------------------- the parts of the page

/** The options of a connection to the server's numbers. */
function connectionOf(/** @type {ConnectionCallbacks} */ callbacks) {
  return { ...callbacks, streamUrl: socketAddress(boot.stream), framesUrl: `${boot.api}/frames` };
}

/** @type {ReturnType<typeof createFirst> | null} */
let first = null;
function connect(/** @type {ConnectionCallbacks} */ callbacks) {
  const options = connectionOf(callbacks);
  first = createFirst(options, browser(), async () => {
    const { createConnection } = await import("./server/streaming.js");
    return (before) => createConnection(options, before);
  });
  return first;
}

/** @type {ReturnType<typeof import("./server/api.js").createApi> | null} */
let requests = null;
/** The requests of the API, which the opening picture does without. */
async function api() {
  const { createApi } = await import("./server/api.js");
  requests ??= createApi(boot.api, { waits: () => statusLine.say(text.connection.busy) });
  return requests;
}

const connection = el("span", { class: "connection", role: "status" });
const statusLine = createConnectionStatus(connection);
const single = createSingle(() => notWhole());
const typeValues = single(async (/** @type {string} */ words = "") =>
  (await import("./dialogs/dialogs.js")).valuesDialog(dispatch, state, words),
);
const help = single(async () => (await import("./dialogs/dialogs.js")).helpDialog(state));
const session = createSession(connect, dispatch, () => state);
const inputActions = {
  typeValues: () => typeValues(),
  take,
  remove: async (/** @type {string} */ id) => (await recovery()).remove(id),
};
const stage = stageView(dispatch, schedule);
const source = sourcePanel(dispatch, inputActions, boot.samples);
const weights = weightsPanel(dispatch, boot.presets);
const walks = walkSwitch(dispatch);
const head = headline();
const sum = workedSum();
const formula = formulas();
const moves = transport(byId("transport"), dispatch, press);
const banner = problemBanner(byId("banner"), dispatch, () => session.again());
/** @type {{ operation: string, control: Control } | null} */
let layer = null;
let table = /** @type {Control | null} */ (null);

const menu = operationMenu(boot.operations, dispatch);
const layerTitle = el("h2", { id: "layer-title", text: text.layer });
const layerBox = el(
  "section",
  { class: "panel layer", "aria-labelledby": "layer-title" },
  layerTitle,
  menu.element,
);
const { button: settingsButton, head: sheetHead, open: sheet } = settingsSheet(byId("controls"));
const doorsOut = {
  share: single(async (/** @type {HTMLElement} */ opener, /** @type {(ok: boolean) => void} */ copied) => {
    const { shareMenu } = await import("./dialogs/share.js");
    shareMenu(
      opener,
      { current: () => state, dispatch, api: await api(), links: pageLink.links, copyLink: pageLink.copy },
      copied,
    );
  }),
  project: () => project(),
  help,
};
const header = headerButtons(dispatch, doorsOut, connection, sheetHead);
const views = viewsNav(
  single(async () => {
    await bring(); // the examples
    // Which opens before the list of classics has come.
    (await import("./dialogs/examples.js")).examplesDialog(() => state, dispatch, await api(), single);
  }),
  (view) => {
    for (const name of /** @type {const} */ (["train", "forecast", "lessons"]))
      dispatch({ type: "view", name, on: name === view });
  },
);
byId("bar").append(
  el("h1", {}, mark(), el("span", { text: text.title })),
  views.element,
  head.shapes,
  head.cost,
  header.element,
);
byId("controls").append(
  sheetHead,
  source.element,
  weights.element,
  layerBox,
  toolbox(() => state, dispatch, { api, single, intents: boot.intents }),
  foot(single(introduce)),
);
header.settle();
setAttribute(byId("controls"), "aria-label", text.settings);
const tableBox = el("div", { class: "table-box", tabindex: 0, role: "region", "aria-label": text.table });
const tableDetails = el("details", { class: "table" }, el("summary", { text: text.table }), tableBox);
byId("stage-tools").before(walks.element);
const frameworksBox = el("details", { class: "frameworks" }, el("summary", { text: text.inFrameworks }));
const notes = planNotes();
const volumesButton = tool(text.volumesOpen, say.withKey(text.volumesOpen, "v"), () => showVolumes());
volumesButton.classList.add("plain");
const more = el("div", { class: "more" }, tableDetails, frameworksBox, volumesButton);
byId("readout").append(sum.title, formula.element, notes.element, sum.body, more);
byId("transport").append(settingsButton);
skipLink(byId("skip"), stage.element);

// ------------------------------------------------------------------------------------- showing

/** @returns {Theme} */
function themeOf(/** @type {State} */ of) {
  return of.theme ?? (dark.matches ? "dark" : "light");
}

function show(/** @type {number} */ now_ms) {
  scheduled = false;
  // The picture for paper stays until it is printed.
  if (document.documentElement.classList.contains("printing")) return;
  const plays_on = later?.player.frame(now_ms);
  const theme = themeOf(state);
  setAttribute(document.documentElement, "data-theme", state.theme);
  header.update(state, theme);
  views.update(state);
  showControls();
  head.update(state);
  walks.update(state);
  stage.update(state, theme);
  sum.place(stage.layout()?.sum ?? null, stage.element, byId("readout"));
  sum.update(state);
  formula.update(state);
  notes.update(state);
  moves.update(state);
  if (tableDetails.open) table?.update(state);
  banner.update(state, boot.operations, later);
  statusLine.status(state.connection);
  pageLink.governor()?.apply(state);
  later?.update(state);
  volumes?.update(state);
  lessons.update(state);
  if (isReady(state) && !document.documentElement.hasAttribute("data-ready")) {
    performance.mark("ready");
    openViews();
  }
  setAttribute(document.documentElement, "data-ready", isReady(state) ? "true" : null);
  setAttribute(document.documentElement, "data-empty", state.shown ? null : "true");
  if (plays && isWhole(state)) {
    plays = false;
    if (!still.matches) dispatch({ type: "play" });
  }
  if (plays_on) schedule();
}

/** @type {State | null} */
let controlsShown = null;

/**
 * The controls follow a choice at once and not with the next frame: they make the next choice out of what they
 * hold, and two choices can come within one frame.
 */
function showControls() {
  if (controlsShown === state) return;
  controlsShown = state;
  menu.update(state);
  showLayer();
  source.update(state);
  weights.update(state);
  pageLink.governor()?.apply(state);
}

function showLayer() {
  const info = operationOf(boot, chosenOf(state).operation);
  if (layer?.operation !== info.name) {
    setAttribute(layerTitle, "title", info.summary);
    // The menu stays where it is, and keeps the focus. A box that loses it as it is removed may dispatch: by then the new one stands.
    const before = layer?.control.element;
    layer = { operation: info.name, control: layerControls(info, dispatch) };
    menu.element.after(layer.control.element);
    before?.remove();
  }
  layer.control.update(state);
}

dark.addEventListener("change", schedule);
/** Channels and filters as volumes, while they are looked at. @type {Control | null} */
let volumes = null;
const showVolumes = single(async () => {
  const { openVolumes } = await import("./dialogs/volumes.js");
  volumes = await openVolumes(dispatch, state, () => themeOf(state));
  dispatch({ type: "view", name: "volumes", on: true });
  volumes.element.addEventListener("close", () => {
    volumes = null;
    dispatch({ type: "view", name: "volumes", on: false });
    stage.element.focus();
  });
});
const presenting = () => import("./panels/projector.js");
const project = async () => (await presenting()).toggleProjector(dispatch);
/** Keys that ask for what is no change of state. @type {Record<string, () => void>} */
const asks = {
  "?": help,
  f: async () => (await presenting()).toggleFullscreen(),
  t: project,
  v: showVolumes,
};
document.addEventListener("keydown", (event) => {
  if (!isFree(event)) return;
  const { key, shiftKey } = event;
  const ask = Object.hasOwn(asks, key) ? asks[key] : null;
  if (ask || later?.keyAction(key, state, shiftKey) || (!later && SCROLLING.test(key)))
    event.preventDefault();
  if (ask) ask();
  else press(key, shiftKey);
});
stage.element.addEventListener("click", (event) => {
  if (!later) onceWhole(({ click }) => click(event));
});

/** Does what a key does on the stage. */
function press(/** @type {string} */ key, shift = false) {
  onceWhole(({ keyAction }) => {
    const action = keyAction(key, state, shift);
    if (action) dispatch(action);
  });
}

/** An act that needs the whole page is done now, or when it has come. @param {(page: Later) => void} act */
function onceWhole(act) {
  if (later) act(later);
  else bring().then(() => later && act(later));
}
tableDetails.addEventListener("toggle", async () => {
  if (!tableDetails.open || table) return;
  const { windowTable } = await import("./dialogs/table.js");
  table ??= windowTable(tableBox);
  table.update(state);
  // With its sum, which stands last.
  if (tableDetails.open) tableBox.scrollIntoView({ block: "nearest" });
});

// ------------------------------------------------------------------------------------- what comes later

/** @typedef {ReturnType<typeof import("./features.js").start>} Later */
/** The features beyond the opening picture, once they are here. @type {Later | null} */
let later = null;
/** @type {Promise<void> | null} */
let coming = null;

/** All that the opening picture does without, once; what could not come is asked for again with the next action. */
function bring() {
  coming ??= complete().catch(() => {
    coming = null;
    notWhole();
  });
  return coming;
}

const notWhole = () => statusLine.say(text.connection.incomplete);

async function complete() {
  const [known, features, reached, { createConnection }] = await Promise.all([
    registryAt(new URL(boot.registry, location.href).pathname),
    import("./features.js"),
    api(),
    import("./server/streaming.js"),
    styleSheet("later", true),
    first?.stream(),
  ]);
  // The picture holds these very objects.
  for (const info of known.operations) Object.assign(operationOf(boot, info.name), info);
  boot.activations.push(...known.activations);
  boot.intents.splice(0, boot.intents.length, ...known.intents);
  for (const sample of boot.samples)
    Object.assign(
      sample,
      known.samples.find(({ name }) => name === sample.name),
    );
  full = true;
  setAttribute(document.documentElement, "data-full", "true");
  controlsShown = null;
  showControls();
  const another = (/** @type {ConnectionCallbacks} */ callbacks) => createConnection(connectionOf(callbacks));
  const server = { connect: another, redraw: schedule, restore };
  later = features.start({
    ...{ stage, frameworksBox, session, server, dispatch, current: () => state },
    ...{ take, typeValues, sheet, source, weights, inputActions, api: reached, theme: () => themeOf(state) },
    streamUrl: socketAddress(boot.stream),
  });
  schedule();
}

for (const sign of HANDS) addEventListener(sign, bring, { once: true, capture: true, passive: true });

/** The parts around the stage that a link wants open. */
function openViews() {
  if (EMBEDDED) return;
  if (state.views.includes("projector")) project();
  if (state.views.includes("volumes")) showVolumes();
}

/** @type {ReturnType<typeof import("./server/recovery.js").createRecovery> | null} */
let recovering = null;
/** Mends a request that was refused, and keeps uploads to post them again. */
async function recovery() {
  const { createRecovery } = await import("./server/recovery.js");
  const tell = statusLine.say;
  recovering ??= createRecovery({
    ...{
      api: await api(),
      links: pageLink.links,
      dispatch,
      current: () => state,
      again: session.again,
      tell,
    },
    askToken: async () => (await import("./dialogs/dialogs.js")).tokenDialog(() => session.again()),
  });
  return recovering;
}

async function take(/** @type {Iterable<File>} */ files, /** @type {"input" | "weights"} */ as = "input") {
  const chosen = [...files]; // a field is emptied as soon as it has been read
  await (await recovery()).take(chosen, as);
}

/** Post again what a setting names and this page has. */
const restore = async (/** @type {State} */ of) => (await recovering?.restore(of)) ?? false;

// ------------------------------------------------------------------------------------- the link

/** Whether a link asked to be played, until its numbers are there. */
let plays = false;
const still = matchMedia("(prefers-reduced-motion: reduce)");

async function openLink() {
  if (linkGiven().length < 2) return;
  await bring();
  if (!full) return;
  const opened = await pageLink.open(boot.operations);
  plays = opened?.playing ?? false;
  if (opened?.lesson) await lessons.follow(opened);
}

const pageLink = createPageLink({
  ...{ api, dispatch, current: () => state, home: boot.home, embedded: EMBEDDED },
  // The opening's own scene is nobody's choice: the address stays as it is, and a reload is a reload.
  keeps: () => state.experiment !== null || !lessons.isScene(state.setting),
});
const lessons = createLessons(
  {
    ...{ dispatch, current: () => state, stage, api, links: pageLink.links },
    paste: single(async () => (await import("./dialogs/code.js")).readDialog(state, dispatch, await api())),
  },
  () => still.matches,
);
async function introduce() {
  await bring();
  if (full) await lessons.introduce();
}

/** Somebody new begins with the opening scene; the rest of the page comes when its picture is there. */
async function greet() {
  state = initial(boot, await lessons.scene());
  await lessons.introduce(bring);
}

addEventListener("hashchange", openLink);
async function begin() {
  if (narrow.matches) await import("./picture/layout/narrow_rooms.js");
  if (EMBEDDED) await pageLink.govern();
  await openLink();
  if (!EMBEDDED && linkGiven().length < 2 && isNew()) await greet();
  begun = true;
  watchNumbers();
  session.sync(state);
  schedule();
}
begin();
