// The classic figures among the examples: each drawn when it comes into view, opened on the stage or exported. Comes by
// import; asks the API that it is handed.

import { layersFrom } from "../state/setting.js";
import { worded } from "../state/wording.js";
import { el } from "../ui/dom.js";
import { later, sayLater } from "../words/dialogs.js";
import { text } from "../words/page.js";

/** @import { ClassicFigure } from "../types/api.js" */
/** @import { Dispatch } from "../panels/controls.js" */
/** @import { State } from "../state/state.js" */
/** @import { createApi } from "../server/api.js" */
/** @import { createSingle } from "../ui/one_at_a_time.js" */

/**
 * @param {HTMLDialogElement} made what they stand in @param {() => State} current @param {Dispatch} dispatch
 * @param {ReturnType<typeof createApi>} api @param {ReturnType<typeof createSingle>} single
 */
export async function addClassics(made, current, dispatch, api, single) {
  const status = el("p", { class: "about", role: "status", text: text.pending });
  const list = el("ul", { class: "gallery" });
  made.append(
    el("h3", { text: later.gallery.title }),
    el("p", { class: "about", text: later.gallery.about }),
    status,
    list,
  );
  const answer = await api.gallery();
  if (!answer.ok) {
    status.textContent = worded(answer.problem, current().catalog.operations);
    return;
  }
  status.remove();
  /** @type {string[]} */
  const addresses = [];
  const seen = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        seen.unobserve(target);
        const figure = answer.value.figures.find((one) => one.name === target.id.replace("classic-", ""));
        if (figure) draw(/** @type {HTMLImageElement} */ (target), figure);
      }
    },
    { root: made, rootMargin: "200px" },
  );
  for (const figure of answer.value.figures) {
    const picture = el("img", { id: `classic-${figure.name}`, alt: "", class: "classic" });
    const open = el("button", {
      type: "button",
      class: "thumbnail",
      "aria-label": sayLater.openClassic(figure.title),
      onclick: () => {
        show(figure);
        made.close();
      },
    });
    open.append(picture);
    list.append(
      el(
        "li",
        {},
        open,
        el("h4", { text: figure.title }),
        el("p", { class: "about", text: figure.text }),
        el("button", {
          type: "button",
          text: later.gallery.export,
          "aria-label": sayLater.exportClassic(figure.title),
          onclick: single(async () => {
            show(figure);
            made.close();
            const { exportDialog } = await import("./export.js");
            const layout = figure.figure.layout ?? "side";
            exportDialog(current(), api, { what: "step", layout, width: layout === "classic" ? 85 : 160 });
          }),
        }),
      ),
    );
    seen.observe(picture);
  }
  made.addEventListener("close", () => {
    seen.disconnect();
    for (const address of addresses) URL.revokeObjectURL(address);
  });

  async function draw(/** @type {HTMLImageElement} */ picture, /** @type {ClassicFigure} */ figure) {
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const theme = current().theme ?? (dark ? "dark" : "light");
    const drawn = await api.figure({ ...figure.figure, format: "svg", theme });
    if (!drawn.ok) {
      picture.alt = worded(drawn.problem, current().catalog.operations);
      return;
    }
    const address = URL.createObjectURL(drawn.value);
    addresses.push(address);
    picture.src = address;
  }

  function show(/** @type {ClassicFigure} */ figure) {
    const setting = { layers: layersFrom(figure.layers, figure.weights), source: figure.source };
    dispatch({ type: "open_setting", setting, step: figure.step });
  }
}
