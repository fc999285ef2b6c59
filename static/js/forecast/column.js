// The column of the forecast room: series, network, learning. Tells what was changed; knows no server.

import { el, setAttribute, setText, setValue } from "../ui/dom.js";
import { choiceField, numberField } from "../ui/fields.js";
import { forecastWords as words } from "../words/forecast.js";
import { dilationsOf, USUAL } from "./settings.js";

/** @import { Settings, Table } from "../types/forecast.js" */

/** @typedef {{ set: (changes: Partial<Settings>) => void, file: (file: File) => void, start: () => void, fromStage: () => void }} Doors */

export function forecastColumn(
  /** @type {Doors} */ { set, file, start, fromStage },
  /** @type {Settings} */ first,
) {
  /** @type {[HTMLInputElement, (settings: Settings) => number][]} */
  const boxes = [];
  const box = (
    /** @type {string} */ name,
    /** @type {number} */ low,
    /** @type {number} */ high,
    /** @type {(settings: Settings) => number} */ read,
    /** @type {(value: number) => void} */ write,
  ) => {
    const field = numberField(name, low, high, read(first), write);
    boxes.push([field, read]);
    return row(name, field);
  };
  const kind = choiceField(words.series, words.kinds, first.series.kind, (value) =>
    set({ series: /** @type {any} */ ({ kind: value }), held: 48 }),
  );
  const column = choiceField(words.columnOf, {}, "", (name) => {
    if (table) set({ series: { kind: "recorded", id: table.id, column: name } });
  });
  const columnRow = row(words.columnOf, column);
  const chooser = el("input", {
    type: "file",
    accept: ".csv,.tsv,.txt,text/csv,text/plain",
    class: "unseen",
    tabindex: "-1",
    "aria-hidden": "true",
    onchange: () => {
      const chosen = chooser.files?.[0];
      if (chosen) file(chosen);
      chooser.value = "";
    },
  });
  const own = el("button", {
    type: "button",
    class: "fc-own",
    text: words.own,
    onclick: () => chooser.click(),
  });
  const tableLine = el("p", { class: "about fc-table-about" });
  const silence = choiceField(words.silence, words.silences, first.silence, (value) =>
    set({ silence: /** @type {Settings["silence"]} */ (value) }),
  );
  const silenceRow = row(words.silence, silence);
  const dilations = el("p", { class: "about" });
  const padding = el(
    "div",
    { class: "segments", role: "group", "aria-label": words.padding },
    ...Object.entries(words.paddings).map(([name, text]) =>
      el("button", {
        type: "button",
        "data-padding": name,
        text,
        onclick: () => set({ padding: /** @type {Settings["padding"]} */ (name) }),
      }),
    ),
  );
  const rate = choiceField(
    words.rate,
    Object.fromEntries(["0.001", "0.003", "0.01", "0.03"].map((one) => [one, one])),
    String(first.rate),
    (value) => set({ rate: Number(value) }),
  );
  const blocks = el("input", {
    type: "checkbox",
    role: "switch",
    class: "switch",
    "aria-label": words.blocks,
    title: words.blocksAbout,
    onchange: () => set({ blocks: blocks.checked }),
  });
  const recurrent = el("input", {
    type: "checkbox",
    role: "switch",
    class: "switch",
    "aria-label": words.recurrent,
    onchange: () => set({ recurrent: recurrent.checked }),
  });
  const stage = el("button", {
    type: "button",
    class: "fc-stage",
    text: words.fromStage,
    onclick: fromStage,
  });
  const stack = el("button", {
    type: "button",
    class: "fc-stack",
    text: words.fromStack,
    onclick: () => {
      set({ own: null, padding: USUAL.padding });
      start();
    },
  });
  const stageLayers = el("p", { class: "about fc-stage-layers" });
  const button = el("button", { type: "button", class: "fc-start", text: words.start, onclick: start });
  /** @type {Table | null} */
  let table = null;
  const stackRows = [
    box(
      words.kernel,
      1,
      16,
      ({ kernel }) => kernel,
      (kernel) => set({ kernel }),
    ),
    box(
      words.layers,
      1,
      10,
      ({ layers }) => layers,
      (layers) => set({ layers }),
    ),
    dilations,
    row(words.blocks, blocks),
    box(
      words.filters,
      1,
      32,
      ({ filters }) => filters,
      (filters) => set({ filters }),
    ),
  ];
  const element = el(
    "div",
    { class: "fc-column" },
    panel(
      words.series,
      "input",
      row(words.series, kind),
      own,
      chooser,
      columnRow,
      tableLine,
      silenceRow,
      box(
        words.held,
        1,
        512,
        ({ held }) => held,
        (held) => set({ held }),
      ),
      box(
        words.seed,
        0,
        2 ** 32 - 1,
        ({ seed }) => seed,
        (seed) => set({ seed }),
      ),
    ),
    panel(words.network, "kernel", ...stackRows, stageLayers, row(words.padding, padding), stage, stack),
    panel(
      words.learning,
      "output",
      box(
        words.steps,
        1,
        2000,
        ({ steps }) => steps,
        (steps) => set({ steps }),
      ),
      row(words.rate, rate),
      row(words.recurrent, recurrent),
    ),
    button,
  );

  return {
    element,
    choose: () => chooser.click(),
    /** @param {Settings} settings @param {Table | null} own_ @param {boolean} busy @param {boolean} again */
    update(settings, own_, busy, again) {
      if (own_ !== table) {
        table = own_;
        column.replaceChildren(
          ...(table?.columns.map(({ name }) => el("option", { value: name, text: name })) ?? []),
        );
      }
      const { series } = settings;
      if (series.kind === "recorded" && kind.querySelector('[value="recorded"]') === null)
        kind.append(el("option", { value: "recorded", text: words.ownSeries, disabled: true }));
      if (series.kind === "recorded" && !table && column.value !== series.column)
        column.replaceChildren(el("option", { value: series.column, text: series.column }));
      setValue(kind, series.kind);
      columnRow.hidden = series.kind !== "recorded";
      if (series.kind === "recorded") setValue(column, series.column);
      const mine = table?.columns.find(({ name }) => series.kind === "recorded" && name === series.column);
      tableLine.hidden = !mine;
      if (mine && table)
        setText(
          tableLine,
          [words.read(table), mine.gaps ? words.gaps(mine.gaps) : "", ...table.notes]
            .filter(Boolean)
            .join(" "),
        );
      silenceRow.hidden = series.kind !== "bursts" && series.kind !== "copy";
      setValue(silence, settings.silence);
      for (const one of stackRows) one.hidden = settings.own !== null;
      stageLayers.hidden = stack.hidden = settings.own === null;
      stage.disabled = stack.disabled = busy;
      setText(
        stageLayers,
        words.ownLayers(settings.own?.map(({ name, operation }) => String(name ?? operation)) ?? []),
      );
      setText(dilations, words.dilations(dilationsOf(settings.layers)));
      blocks.checked = settings.blocks;
      recurrent.checked = settings.recurrent;
      setValue(rate, String(settings.rate));
      for (const [field, read] of boxes) setValue(field, String(read(settings)));
      for (const one of padding.querySelectorAll("button"))
        setAttribute(one, "aria-pressed", String(one.dataset.padding === settings.padding));
      button.disabled = busy;
      setText(button, busy ? words.training : again ? words.again : words.start);
    },
  };
}

/** @param {string} name @param {string} role @param {...HTMLElement} rows */
function panel(name, role, ...rows) {
  return el("section", { class: "panel" }, el("h2", { class: `fc-${role}-head`, text: name }), ...rows);
}

/** @param {string} name @param {HTMLElement} field */
function row(name, field) {
  return el(
    "div",
    { class: "row" },
    el("span", { class: "name", text: name }),
    el("div", { class: "fields" }, field),
  );
}
