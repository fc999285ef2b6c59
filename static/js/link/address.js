// The address holds the whole setting: writes it, reads it, copies it. Comes by import, with the first change or
// with a link. Knows the history and the clipboard; draws nothing.

import { problem } from "../layer/errors.js";
import { proofsOf } from "../server/delete_tokens.js";
import { linkGiven } from "../server/frame.js";
import { operationOf } from "../state/resolve.js";
import { walkOf } from "../state/selectors.js";
import { layerOf, same } from "../state/setting.js";
import { worded } from "../state/wording.js";
import { later, sayLater } from "../words/dialogs.js";
import { decode, encode } from "./fragment.js";
import { createKeeping, idsOf, lost } from "./stored_values.js";
import { sourceText } from "./values.js";

/** @import { LinkedLayer, LinkState } from "../types/page.js" */
/** @import { OperationInfo } from "../types/registry.js" */
/** @import { ParameterValue } from "../types/layer.js" */
/** @import { Problem, Result } from "../types/plan.js" */
/** @import { Setting } from "../state/setting.js" */
/** @import { Action, State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */

/** Input and weights: each can be put away once. */
const MOST_SHORTENED = 2;
/** Faults of a link that are said one by one. */
const MOST_SAID = 3;

/** All that a person chose, for the link. @param {State} state @returns {LinkState} */
export function linkOf(state) {
  const { source } = state.setting;
  /** @type {LinkState} */
  const link = {
    layers: linkedLayers(state, state.setting),
    source,
    step: state.step,
    lane: state.lane,
    channel: state.channel,
    speed: state.speed,
  };
  if (link.layers.length > 1) link.chosen = state.chosen;
  if (state.playing) link.playing = true;
  if (state.loop) link.loop = [state.loop.from, state.loop.to];
  if (state.building) link.building = true;
  if (state.theme) link.theme = state.theme;
  if (walkOf(state) === "stamp") link.view = "stamp";
  if (state.hide.length > 0) link.hide = state.hide;
  if (state.lock.length > 0) link.lock = state.lock;
  const short = (/** @type {number} */ value) => Number(value.toFixed(4));
  const { zoom, pins } = state;
  if (pins.length > 0) link.pins = [...new Set(pins.map(({ step }) => step))];
  if (zoom) link.zoom = [short(zoom.scale), short(zoom.row), short(zoom.col)];
  if (state.views.length > 0) link.views = state.views;
  if (state.compare) link.against = againstOf(state);
  if (state.lesson) link.lesson = state.lesson;
  if (state.experiment && state.views.includes("train")) link.experiment = state.experiment;
  if (state.forecast && state.views.includes("forecast")) link.forecast = state.forecast;
  if (state.unknown) link.unknown = state.unknown;
  return link;
}

/** The side that the setting is compared with. @returns {LinkState["against"]} */
function againstOf(/** @type {State} */ state) {
  const { compare, setting } = state;
  if (compare?.with !== "kept") return compare?.rules;
  const { source } = compare.setting;
  const layers = linkedLayers(state, compare.setting);
  return { layers, ...(same(source, setting.source) ? {} : { source }) };
}

/** The layers of a setting, defaults left out. @returns {LinkedLayer[]} */
function linkedLayers(/** @type {State} */ { catalog }, /** @type {Setting} */ { layers }) {
  return layers.map(({ operation: name, spec: values, weights, ...named }) => {
    const { operation, ...spec } = layerOf(operationOf(catalog, name), values);
    const own = /** @type {Record<string, ParameterValue>} */ (spec);
    return { operation, spec: own, ...(weights ? { weights } : {}), ...named };
  });
}

/**
 * @param {ReturnType<typeof createApi>} api @param {() => State} current @param {(action: Action) => void} dispatch
 * @param {string} home where people reach this server; left out, where this page was opened
 */
export function createLinks(api, current, dispatch, home = "") {
  /** The fragment that this page wrote last: a change to it is no new link. */
  let written = "";
  /** The fragment of the address when it was last read or written here. */
  let seen = linkGiven();
  /** The link that was opened, for what it said of its uploads. @type {LinkState | null} */
  let opened = null;
  const keeping = createKeeping(api);

  /**
   * The fragment that holds a setting; values too large for it are put on the server first.
   * @param {Partial<LinkState>} [others] what differs from the page
   * @returns {Promise<Result<{ fragment: string, kept: string | null, complete: boolean }>>}
   */
  async function fragment(others = {}) {
    const state = current();
    let link = { ...linkOf(state), ...others };
    for (let turn = 0; turn <= MOST_SHORTENED; turn++) {
      const ids = idsOf(link);
      for (const id of ids) keeping.learn(state.uploads[id] ?? { id });
      const kept = ids.length > 0 ? ((await keeping.until(ids)) ?? opened?.kept ?? null) : null;
      const made = encode(kept ? { ...link, kept } : link);
      if (made.ok) return { ok: true, value: { fragment: made.fragment, kept, complete: !made.without } };
      const { field } = made.problem;
      if (made.problem.code !== "link_too_long" || (field !== "source" && field !== "weights")) return made;
      const shorter = await keeping.shortened(link, state, field);
      if (!shorter.ok) return shorter;
      link = shorter.value;
    }
    return { ok: false, problem: encodeProblem(link) };
  }

  /** Put the setting into the address; what is wrong when it does not fit into one. @returns {Promise<Result<{ kept: string | null, complete: boolean }>>} */
  async function write() {
    const state = current();
    const made = await fragment();
    if (!made.ok) return made;
    // A link that a person put there meanwhile is about to be opened.
    if (linkGiven() !== seen && linkGiven().length > 1) return made;
    // Meanwhile something else may have been chosen: the next turn writes it.
    if (state.setting === current().setting && made.value.fragment !== written) {
      history.replaceState(null, "", made.value.fragment);
      written = made.value.fragment;
      seen = linkGiven();
    }
    return { ok: true, value: made.value };
  }

  /**
   * Open the setting that the address holds, when this page did not write it; say which parts cannot be read.
   * @returns {Promise<LinkState | null>} what it holds; without layers it leads to a lesson, and nothing was opened
   */
  async function open(/** @type {OperationInfo[]} */ operations) {
    if (linkGiven() === written || linkGiven().length < 2) return null;
    written = linkGiven();
    seen = written;
    const link = decode(linkGiven(), operations);
    if (!link.ok) {
      notify([link.problem], later.linkIgnored);
      return null;
    }
    opened = link.state;
    if (link.state.layers.length > 0) dispatch({ type: "open", link: link.state });
    const noted = link.notes.map((note) => problem("unknown_key", note, later.newerLink));
    const wrong = [...unknownSample(link.state), ...link.problems];
    notify([...wrong, ...noted.slice(0, 1)], wrong.length > 0 ? later.restOfLink : "");
    for (const id of idsOf(link.state)) learn(id);
    return link.state;
  }

  /** Say what is wrong with a link, as one notice. @param {Problem[]} wrong @param {string} then */
  function notify([first, ...others], then) {
    if (!first) return;
    const { operations } = current().catalog;
    const { field: _, ...notice } = first;
    const words = [first, ...others.slice(0, MOST_SAID - 1)].map((one) => worded(one, operations));
    if (others.length >= MOST_SAID) words.push(sayLater.moreFaults(others.length + 1 - MOST_SAID));
    const detail = [...words, then].filter(Boolean).join(" ");
    dispatch({ type: "refused", key: null, problem: { ...notice, detail } });
  }

  /** The problem of a link that names an unknown sample: the state shows the first there is. @returns {Problem[]} */
  function unknownSample(/** @type {LinkState} */ { source }) {
    const { samples } = current().catalog;
    if (source?.kind !== "sample" || samples.some(({ name }) => name === source.name)) return [];
    const remedy = sayLater.otherSample(samples.map(({ name }) => name));
    return [problem("not_found", later.noSample, remedy, { field: "source", value: sourceText(source) })];
  }

  /** The server's record of an upload that a link names, and until when it keeps it. */
  async function learn(/** @type {string} */ id) {
    const stored = await api.stored(id);
    if (!stored.ok) return;
    const { uploads } = current();
    const token = proofsOf(id).at(-1);
    const own = token ? { delete_token: token } : {};
    dispatch({ type: "stored", uploads: { ...uploads, [id]: { ...uploads[id], ...stored.value, ...own } } });
  }

  /** Copy the address; the words that say how it went. */
  async function copy() {
    const made = await write();
    if (!made.ok) return { ok: false, words: worded(made.problem, current().catalog.operations) };
    const { kept: until, complete } = made.value;
    const kept =
      (until ? ` ${sayLater.linkKeptUntil(until)}` : "") + (complete ? "" : ` ${later.linkWithoutA}`);
    try {
      await navigator.clipboard.writeText(location.href);
      return { ok: true, words: later.linkCopied + kept };
    } catch {
      return { ok: true, words: later.linkKept + kept };
    }
  }

  /** The address of the whole page with what is shown now. */
  async function address() {
    const made = await fragment({ hide: [], lock: [] });
    return `./${made.ok ? made.value.fragment : linkGiven()}`;
  }

  /** The absolute address of a frame that shows a fragment. */
  const frame = (/** @type {string} */ shown) => absolute(`embed${shown}`);

  /** A path of this server as an address that others can open. */
  function absolute(/** @type {string} */ path) {
    return new URL(path, home ? `${home}/` : location.href).href;
  }

  return {
    fragment,
    address,
    frame,
    absolute,
    write,
    open,
    copy,
    gone: (/** @type {Problem} */ why) => lost(why, opened?.kept),
  };
}

/** @returns {Problem} */
function encodeProblem(/** @type {LinkState} */ link) {
  const made = encode(link);
  if (made.ok) throw new Error("a link that fits has no problem");
  return made.problem;
}
