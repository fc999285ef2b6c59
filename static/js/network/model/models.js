// A model file that was dropped or chosen: an .onnx file or code becomes the network, weights and names of classes go to the layers on view.
// Comes by import; asks the API that it is handed, and reads no format.

import { dialog } from "../../dialogs/dialogs.js";
import { problem as refusal } from "../../layer/errors.js";
import { worded } from "../../state/wording.js";
import { el } from "../../ui/dom.js";
import { picker } from "../../ui/rows.js";
import { later } from "../../words/dialogs.js";
import { text } from "../../words/page.js";
import { joinedOf } from "../joining.js";

/** @import { ReadReply } from "../../types/api.js" */
/** @import { Problem, Result } from "../../types/plan.js" */
/** @import { Action, State } from "../../state/state.js" */
/** @import { createApi } from "../../server/api.js" */
/** @typedef {{ api: ReturnType<typeof createApi>, dispatch(action: Action): void, current(): State }} Page */
/** @typedef {{ weights: { kind: "stored", id: string } | null, fits: { layer: string, tensor: string, from: string }[], unfit: { layer: string, tensor: string, shape: number[], wanted: number[] }[], missing: string[], left_over: string[] }} Matched */

const MOST_LABEL_BYTES = 1 << 20;

/** A kept bundle by the name of its file. @typedef {{ id: string, name: string }} Named */

/** Takes the file, and tells what there is to know about it. @param {File} file @param {Page} page */
export async function takeModel(file, page) {
  document.documentElement.setAttribute("aria-busy", "true");
  try {
    if (/\.(safetensors|npz)$/i.test(file.name)) await takeWeights(file, page);
    else if (/\.txt$/i.test(file.name)) await takeLabels(file, page);
    else await takeLayers(file, page);
  } finally {
    document.documentElement.removeAttribute("aria-busy");
  }
}

async function takeLayers(/** @type {File} */ file, /** @type {Page} */ { api, dispatch, current }) {
  const answer = /\.onnx$/i.test(file.name)
    ? await sent(api, "read", "application/x-onnx", file)
    : await api.read({ text: await file.text(), network: true });
  if (!answer.ok) return tellRefusal(file, answer.problem, current());
  const reply = /** @type {ReadReply & { weights?: { kind: "stored", id: string } | null }} */ (answer.value);
  const { pastedSetting, sizeNotes } = await import("../chain/pasted.js");
  const setting = pastedSetting(current(), reply);
  const { weights } = reply;
  const layers = setting.layers.map((layer) => (layer.weights && weights ? { ...layer, weights } : layer));
  dispatch({
    type: "open_setting",
    setting: { ...setting, layers: /** @type {typeof setting.layers} */ (layers) },
    step: 0,
  });
  (await import("./labels.js")).keepLabels(null); // they are of another network
  if (layers.length > 1) dispatch({ type: "view", name: "network", on: true });
  const notes = [...reply.notes, ...sizeNotes(current(), reply)];
  if (notes.length > 0) tell(file.name, later.readNotes, notes);
}

/** Names of the classes of the network on view, one a line. */
async function takeLabels(/** @type {File} */ file, /** @type {Page} */ { dispatch, current }) {
  const { keepLabels, labelledBy, linesOf } = await import("./labels.js");
  const wanted = labelledBy(current());
  if (!wanted) return tell(file.name, later.labelsLack, []);
  const lines = file.size > MOST_LABEL_BYTES ? null : linesOf(await file.text());
  const [layer = ""] = wanted.layers;
  if (lines?.length !== wanted.lanes)
    return tell(file.name, later.labelsUnfit(lines?.length ?? null, layer, wanted.lanes), []);
  const blank = lines.indexOf("");
  if (blank >= 0) return tell(file.name, later.labelsBlank(blank + 1), []);
  keepLabels({ layers: wanted.layers, names: lines });
  dispatch({ type: "view", name: "network", on: true });
  tell(file.name, later.labelsFit(layer, lines), []);
}

/** Bundles of weights that this page has sent, the last one first. @type {Named[]} */
const known = [];

/** Weights for the layers on view, by name and shape. */
async function takeWeights(/** @type {File} */ file, /** @type {Page} */ page) {
  const kept = await sent(page.api, "bundles", "application/octet-stream", file);
  if (!kept.ok) return tellRefusal(file, kept.problem, page.current());
  const { id } = kept.value;
  const others = known.filter((one) => one.id !== id);
  known.splice(0, known.length, { id, name: file.name }, ...others);
  await giveWeights({ id, name: file.name }, page);
}

/** Gives the layers on view what fits them of a bundle, and tells it layer by layer. */
async function giveWeights(
  /** @type {Named} */ { id, name },
  /** @type {Page} */ { api, dispatch, current },
) {
  const state = current();
  const { shapes, specs, names } = joinedOf(state);
  if (!shapes) return;
  const layers = specs.map((spec, at) => ({ ...spec, name: names[at] }));
  const asked = JSON.stringify({ layers, input_shape: shapes.input_shape, bundle: id });
  const answer = await sent(api, "weights", "application/json", asked);
  if (!answer.ok) return tell(name, worded(answer.problem, state.catalog.operations), []);
  const matched = /** @type {Matched} */ (answer.value);
  const fitting = new Set(matched.fits.map(({ layer }) => layer));
  const { weights } = matched;
  if (weights) {
    const given = state.setting.layers.map((layer, at) =>
      fitting.has(names[at] ?? "") ? { ...layer, weights } : layer,
    );
    const setting = { ...state.setting, layers: /** @type {typeof state.setting.layers} */ (given) };
    dispatch({ type: "open_setting", setting, step: 0 });
  }
  tell(
    name,
    later.weightsFit(matched.fits.length),
    matched.left_over.length > 0 ? [later.weightsLeft(matched.left_over)] : [],
    fitTable(names, matched),
  );
}

/** The tensors that each layer takes, and why not. */
function fitTable(/** @type {string[]} */ names, /** @type {Matched} */ { fits, unfit, missing }) {
  const rows = names.flatMap((layer) =>
    [
      ...fits
        .filter((one) => one.layer === layer)
        .map((one) => [one.tensor, later.weightsFrom(one.from), ""]),
      ...unfit
        .filter((one) => one.layer === layer)
        .map((one) => ["", later.weightsUnfit(one.tensor, one.shape, one.wanted), "unfit"]),
      ...missing
        .filter((one) => one.startsWith(`${layer}.`) && !one.slice(layer.length + 1).includes("."))
        .map((one) => [one.slice(layer.length + 1), later.weightsMissing, "unfit"]),
    ].map((row) => [layer, ...row]),
  );
  if (rows.length === 0) return null;
  const head = el("tr", {}, ...later.weightsHeads.map((text_) => el("th", { scope: "col", text: text_ })));
  return el(
    "table",
    { class: "net-fits" },
    el("thead", {}, head),
    el(
      "tbody",
      {},
      ...rows.map(([layer = "", tensor = "", words = "", kind = ""], at) =>
        el(
          "tr",
          { class: kind },
          el("th", { scope: "row", text: layer === rows[at - 1]?.[0] ? "" : layer }),
          el("td", { text: tensor }),
          el("td", { text: words }),
        ),
      ),
    ),
  );
}

/** Which weights the network takes: a file, or one that was sent before. */
export function weightsDialog(/** @type {Page} */ page) {
  const take = (/** @type {() => Promise<void>} */ act) => async () => {
    made.close();
    await act();
  };
  const file = picker(later.weightsFile, ".npz,.safetensors", ([first]) => {
    if (first) take(() => takeModel(first, page))();
  });
  file.opener.classList.add("primary");
  const before = known.map((one) =>
    el("button", { type: "button", text: one.name, onclick: take(() => giveWeights(one, page)) }),
  );
  const made = dialog(
    later.weightsTitle,
    el("p", { text: later.weightsAbout }),
    el("div", { class: "buttons" }, file.opener, ...before),
  );
  made.classList.add("net-sheet");
  file.field.focus();
}

/** A request with a file as its body. @returns {Promise<Result<any>>} */
async function sent(
  /** @type {Page["api"]} */ api,
  /** @type {string} */ path,
  /** @type {string} */ media,
  /** @type {Blob | string} */ body,
) {
  const headers = { "Content-Type": media, Accept: "application/json" };
  const answer = await api.send(`/${path}`, { method: "POST", headers, body });
  if (!answer.ok) return answer;
  let content;
  try {
    content = JSON.parse(await answer.value.blob.text());
  } catch {
    return { ok: false, problem: refusal("unreadable", later.modelUnanswered, later.modelAgain) };
  }
  return answer.value.status < 400 ? { ok: true, value: content } : { ok: false, problem: content };
}

function tellRefusal(/** @type {File} */ file, /** @type {Problem} */ problem, /** @type {State} */ state) {
  tell(file.name, worded(problem, state.catalog.operations), []);
}

/** @param {string} title @param {string} words @param {string[]} notes @param {HTMLElement | null} [table] */
function tell(title, words, notes, table = null) {
  const close = el("button", {
    type: "button",
    class: "primary",
    text: text.close,
    onclick: () => made.close(),
  });
  const list = notes.length > 0 ? [el("ul", {}, ...notes.map((note) => el("li", { text: note })))] : [];
  const about = el(
    "div",
    { class: "about", role: "status" },
    el("p", { text: words }),
    ...(table ? [table] : []),
    ...list,
  );
  const made = dialog(title, about, el("div", { class: "buttons" }, close));
  close.focus();
}
