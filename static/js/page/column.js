// The column of settings: the input, weights, the layer's own controls, and the ways that lead to a layer. Makes and places
// the panels; decides nothing.

import { layerControls } from "../panels/controls.js";
import { settingsSheet } from "../panels/header.js";
import { operationMenu } from "../panels/operations.js";
import { sourcePanel } from "../panels/source.js";
import { foot, toolbox } from "../panels/toolbox.js";
import { weightsPanel } from "../panels/weights.js";
import { operationOf } from "../state/resolve.js";
import { chosenOf } from "../state/selectors.js";
import { byId, el, setAttribute } from "../ui/dom.js";
import { text } from "../words/page.js";

/** @import { Boot } from "../types/page.js" */
/** @import { Control, Dispatch } from "../panels/controls.js" */
/** @import { InputActions } from "../panels/source.js" */
/** @import { State } from "../state/state.js" */

/**
 * @param {Boot} boot @param {Dispatch} dispatch @param {() => State} current @param {InputActions} inputActions
 * @param {{ solve: () => void, paste: () => void, introduce: () => void }} opens
 */
export function settingsColumn(boot, dispatch, current, inputActions, { solve, paste, introduce }) {
  const column = byId("controls");
  const source = sourcePanel(dispatch, inputActions, boot.samples);
  const weights = weightsPanel(dispatch, boot.presets);
  const menu = operationMenu(boot.operations, dispatch);
  const { button, head, open } = settingsSheet(column);
  const layerTitle = el("h2", { id: "layer-title", text: text.layer });
  /** @type {{ operation: string, control: Control } | null} */
  let layer = null;
  column.append(
    head,
    source.element,
    weights.element,
    el("section", { class: "panel layer", "aria-labelledby": "layer-title" }, layerTitle, menu.element),
    toolbox(current, dispatch, { solve, paste, intents: boot.intents }),
    foot(introduce),
  );
  setAttribute(column, "aria-label", text.settings);

  function showLayer(/** @type {State} */ state) {
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

  return {
    source,
    weights,
    /** Opens the column where it is a sheet, and the head of the sheet. */
    button,
    head,
    open,
    update(/** @type {State} */ state) {
      menu.update(state);
      showLayer(state);
      source.update(state);
      weights.update(state);
    },
  };
}
