// A model file that was dropped or chosen: an .onnx file or code becomes the network, weights go to the layers on view.
// Comes by import; asks the API that it is handed, and reads no format.

import { dialog } from "../dialogs/dialogs.js";
import { problem as refusal } from "../layer/errors.js";
import { worded } from "../state/wording.js";
import { el } from "../ui/dom.js";
import { later } from "../words/dialogs.js";
import { text } from "../words/page.js";
import { joinedOf } from "./joining.js";

/** @import { ReadReply } from "../types/api.js" */
/** @import { Problem, Result } from "../types/plan.js" */
/** @import { Action, State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */
/** @typedef {{ api: ReturnType<typeof createApi>, dispatch(action: Action): void, current(): State }} Page */
/** @typedef {{ weights: { kind: "stored", id: string } | null, fits: { layer: string }[], unfit: { layer: string, tensor: string, shape: number[], wanted: number[] }[], missing: string[], left_over: string[] }} Matched */

/** Takes the file, and tells what there is to know about it. @param {File} file @param {Page} page */
export async function takeModel(file, page) {
  document.documentElement.setAttribute("aria-busy", "true");
  try {
    if (/\.(safetensors|npz)$/i.test(file.name)) await takeWeights(file, page);
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
  const { pastedSetting } = await import("./chain/pasted.js");
  const setting = pastedSetting(current(), reply);
  const { weights } = reply;
  const layers = setting.layers.map((layer) => (layer.weights && weights ? { ...layer, weights } : layer));
  dispatch({
    type: "whole",
    setting: { ...setting, layers: /** @type {typeof setting.layers} */ (layers) },
    step: 0,
  });
  if (layers.length > 1) dispatch({ type: "view", name: "network", on: true });
  if (reply.notes.length > 0) tell(file.name, later.readNotes, reply.notes);
}

/** Weights for the layers on view, by name and shape. */
async function takeWeights(/** @type {File} */ file, /** @type {Page} */ { api, dispatch, current }) {
  const kept = await sent(api, "bundles", "application/octet-stream", file);
  if (!kept.ok) return tellRefusal(file, kept.problem, current());
  const state = current();
  const { shapes, specs, names } = joinedOf(state);
  if (!shapes) return;
  const layers = specs.map((spec, at) => ({ ...spec, name: names[at] }));
  const asked = JSON.stringify({ layers, input_shape: shapes.input_shape, bundle: kept.value.id });
  const answer = await sent(api, "weights", "application/json", asked);
  if (!answer.ok) return tellRefusal(file, answer.problem, current());
  const told = /** @type {Matched} */ (answer.value);
  const fitting = new Set(told.fits.map(({ layer }) => layer));
  const { weights } = told;
  if (weights) {
    const given = state.setting.layers.map((layer, at) =>
      fitting.has(names[at] ?? "") ? { ...layer, weights } : layer,
    );
    const setting = { ...state.setting, layers: /** @type {typeof state.setting.layers} */ (given) };
    dispatch({ type: "whole", setting, step: 0 });
  }
  tell(file.name, later.weightsFit(told.fits.length), [
    ...told.unfit.map(({ tensor, shape, wanted }) => later.weightsUnfit(tensor, shape, wanted)),
    ...(told.missing.length > 0 ? [later.weightsMissing(told.missing)] : []),
    ...(told.left_over.length > 0 ? [later.weightsLeft(told.left_over)] : []),
  ]);
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
  let told;
  try {
    told = JSON.parse(await answer.value.blob.text());
  } catch {
    return { ok: false, problem: refusal("unreadable", later.modelUnanswered, later.modelAgain) };
  }
  return answer.value.status < 400 ? { ok: true, value: told } : { ok: false, problem: told };
}

function tellRefusal(/** @type {File} */ file, /** @type {Problem} */ problem, /** @type {State} */ state) {
  tell(file.name, worded(problem, state.catalog.operations), []);
}

function tell(/** @type {string} */ title, /** @type {string} */ words, /** @type {string[]} */ notes) {
  const close = el("button", {
    type: "button",
    class: "primary",
    text: text.close,
    onclick: () => made.close(),
  });
  const list = notes.length > 0 ? [el("ul", {}, ...notes.map((note) => el("li", { text: note })))] : [];
  const about = el("div", { class: "about", role: "status" }, el("p", { text: words }), ...list);
  const made = dialog(title, about, el("div", { class: "buttons" }, close));
  close.focus();
}
