// The forecast room as people see it: series and forecast, errors, memory, the leak, the lag chart. Opens in place of the
// instrument; shows the training step on view, at most once per animation frame.

import { byId, el, setAttribute, setText, styleSheet } from "../ui/dom.js";
import { wentOn } from "../words/breaks.js";
import { forecastWords as words } from "../words/forecast.js";
import { number } from "../words/format.js";
import { forecastOf, tableKept } from "./asking.js";
import { forecastColumn } from "./column.js";
import { lagChart } from "./lags.js";
import { leakRoom } from "./leak.js";
import { partChart, startOf, wholeChart } from "./plots.js";
import { errorOf, HORIZONS, heldOf, heldValues, linkText, settingsIn, stackOf, USUAL } from "./settings.js";

/** @import { Answer, Early, Settings, Table, Forecasted, Way } from "../types/forecast.js" */
/** @import { Api } from "./asking.js" */
/** @import { Padding } from "./leak.js" */
/** @import { State, UserAction } from "../state/state.js" */
/** @import { Break, Cause } from "../types/training.js" */

const MOST_BYTES = 10_000_000;
const WIDE = 700;

/** @typedef {{ api: Api, current: () => State, dispatch: (action: UserAction) => void }} Page */

export function createForecast(/** @type {Page} */ page) {
  const styled = styleSheet("forecast");
  /** @type {{ settings: Settings, table: Table | null, outcome: Forecasted | null, asked: Settings | null, step: number, horizon: number, example: number, busy: boolean, progress: string, early: Early | null, problem: string, breaks: Break[], compared: Record<Padding, Answer | null> }} */
  const now = {
    settings: USUAL,
    table: null,
    outcome: null,
    asked: null,
    step: 0,
    horizon: 24,
    example: 0,
    busy: false,
    progress: "",
    early: null,
    problem: "",
    breaks: [],
    compared: { causal: null, same: null },
  };
  let open = false;
  let scheduled = false;
  /** The settings as the address has them. @type {string | null} */
  let linked = null;

  const column = forecastColumn({ set, file, start: () => start(), fromStage }, now.settings);
  const banner = el("p", { class: "banner fc-banner", role: "alert", hidden: true });
  const subline = el("span", { class: "about" });
  const breaks = el("p", { class: "fc-breaks" });
  const whole = wholeChart();
  const sees = el("p", { class: "fc-sees" });
  const exampleWords = el("span", { class: "about" });
  const examples = el("input", {
    type: "range",
    min: 0,
    "aria-label": words.example,
    oninput: () => {
      now.example = Number(examples.value);
      schedule();
    },
  });
  const part = partChart();
  const errorAbout = el("span", { class: "about" });
  const errors = el("div", { class: "fc-errors", role: "list" });
  const oneStep = el("p", { class: "fc-one about" });
  const sound = el("p", { class: "fc-sound about" });
  const horizons = el(
    "div",
    { class: "segments fc-horizon", role: "group", "aria-label": words.horizon },
    ...HORIZONS.map((steps) =>
      el("button", {
        type: "button",
        "data-steps": steps,
        text: words.horizons(steps),
        onclick: () => {
          now.horizon = steps;
          schedule();
        },
      }),
    ),
  );
  const leak = leakRoom(() => compare());
  const lags = lagChart();
  const table = el("table", { class: "fc-table" });
  const memory = el(
    "section",
    { class: "fc-memory" },
    el(
      "div",
      { class: "fc-head" },
      el("h2", { text: words.memory }),
      el("span", { class: "about", text: words.memoryAbout }),
    ),
    lags.element,
    table,
  );
  const live = el("p", { class: "unseen", role: "status" });
  const result = el(
    "div",
    { class: "fc-result", hidden: true },
    whole.element,
    el("div", { class: "fc-examples" }, el("span", { text: words.example }), examples, exampleWords),
    sees,
    el(
      "div",
      { class: "fc-middle" },
      part.element,
      el(
        "section",
        { class: "fc-judged" },
        el("div", { class: "fc-head" }, el("h2", { text: words.error }), errorAbout),
        errors,
        oneStep,
        sound,
        el(
          "div",
          { class: "fc-choices" },
          horizons,
          el("button", {
            type: "button",
            class: "fc-own-here",
            text: words.own,
            onclick: () => column.choose(),
          }),
        ),
      ),
    ),
    el("div", { class: "fc-below" }, leak.element, memory),
  );
  const view = el(
    "section",
    { class: "view fc-view", "aria-label": words.view },
    banner,
    el("div", { class: "fc-head" }, el("h2", { class: "fc-headline", text: words.view }), subline),
    breaks,
    result,
    live,
  );
  const slider = el("input", {
    type: "range",
    min: 0,
    "aria-label": words.trainingStep,
    oninput: () => {
      now.step = Number(now.outcome?.reports[Number(slider.value)]?.step ?? 0);
      schedule();
    },
  });
  const place = el("span", { class: "place" });
  const settingsButton = el("button", {
    type: "button",
    class: "open-settings",
    text: words.settings,
    "aria-expanded": "false",
    onclick: () => toggleSheet(),
  });
  const again = el("button", {
    type: "button",
    class: "fc-start fc-again",
    text: words.start,
    onclick: () => start(),
  });
  const sheetHead = el(
    "div",
    { class: "sheet-head" },
    el("h2", { text: words.settings }),
    el("button", { type: "button", text: words.close, onclick: () => toggleSheet() }),
  );
  const aside = el("aside", { class: "controls", "aria-label": words.column }, sheetHead, column.element);
  const transport = el("div", { class: "transport fc-transport" }, slider, place, again, settingsButton);
  const root = el("main", { class: "instrument forecast", hidden: true }, aside, view, transport);
  const instrument = byId("instrument");
  instrument.after(root);
  new ResizeObserver(schedule).observe(view);

  function toggleSheet() {
    const opens = document.body.classList.toggle("sheet-open");
    setAttribute(settingsButton, "aria-expanded", String(opens));
    (opens ? aside.querySelector("button") : settingsButton)?.focus();
  }

  // ------------------------------------------------------------------------------------- doing

  /** @param {Partial<Settings>} changes */
  function set(changes) {
    now.settings = { ...now.settings, ...changes };
    linked = linkText(now.settings);
    page.dispatch({ type: "forecast", text: linked });
    schedule();
    if (changes.series) start();
  }

  /** Show the settings of a link, unless they are what the address has of this room. */
  function follow(/** @type {string | null} */ text) {
    if (text === linked) return;
    linked = text;
    now.settings = settingsIn(text);
    if (open) start();
  }

  function heard(/** @type {number | Cause} */ at, /** @type {Early | null} */ early = null) {
    now.early = early ?? now.early;
    now.progress = typeof at === "number" ? words.progress(at, now.settings.steps) : words.waits[at];
    if (typeof at !== "number") setText(live, now.progress);
    schedule();
  }

  async function file(/** @type {File} */ chosen) {
    if (chosen.size > MOST_BYTES) return refuse(words.tooLarge);
    setBusy(true);
    const kept = await tableKept(page.api, chosen);
    setBusy(false);
    if (!kept.ok) return refuse(kept.problem.detail);
    now.table = kept.value;
    const first = kept.value.columns[0];
    if (!first) return;
    set({
      series: { kind: "recorded", id: kept.value.id, column: first.name },
      held: heldOf(first.count),
    });
  }

  /** Forecast with the network that the stage shows, at once. */
  async function fromStage() {
    const { ownOf } = await import("./own.js");
    const taken = ownOf(page.current());
    if (!taken.ok) return refuse(taken.problem.detail);
    set(taken.changes);
    await start();
  }

  async function start() {
    if (now.busy) return;
    document.body.classList.remove("sheet-open");
    const asked = now.settings;
    setBusy(true);
    const answer = await forecastOf(page.api, asked, heard);
    setBusy(false);
    if (!answer.ok) return refuse(answer.problem.detail);
    now.problem = "";
    now.breaks = answer.value.breaks;
    now.outcome = answer.value;
    now.asked = asked;
    now.compared = { causal: null, same: null, [asked.padding]: answer.value.answer };
    now.step = Number(answer.value.reports.at(-1)?.step ?? 0);
    now.example = Number(answer.value.answer?.series.examples) - 1;
    const network = answer.value.answer?.network;
    setText(
      live,
      network ? words.chart(String(answer.value.answer?.series.name), Number(network.rolled.error)) : "",
    );
    schedule();
  }

  async function compare() {
    if (now.busy || !now.asked) return;
    const other = now.asked.padding === "causal" ? "same" : "causal";
    setBusy(true);
    const answer = await forecastOf(page.api, { ...now.asked, padding: other, recurrent: false }, heard);
    setBusy(false);
    if (!answer.ok) return refuse(answer.problem.detail);
    now.breaks = [...now.breaks, ...answer.value.breaks];
    now.compared = { ...now.compared, [other]: answer.value.answer };
    schedule();
  }

  function setBusy(/** @type {boolean} */ busy) {
    now.busy = busy;
    now.progress = "";
    now.early = null;
    setAttribute(view, "aria-busy", busy ? "true" : null);
    schedule();
  }

  function refuse(/** @type {string} */ why) {
    now.problem = why;
    schedule();
  }

  // ------------------------------------------------------------------------------------- showing

  function schedule() {
    if (scheduled || !open) return;
    scheduled = true;
    requestAnimationFrame(() => {
      scheduled = false;
      if (open) show();
    });
  }

  function show() {
    const { settings, outcome, step, horizon, problem } = now;
    column.update(settings, now.table, now.busy, outcome !== null);
    banner.hidden = problem === "";
    setText(banner, problem);
    breaks.hidden = now.breaks.length === 0;
    setText(breaks, wentOn(words.itself, now.breaks));
    again.disabled = now.busy;
    setText(again, now.busy ? words.training : outcome ? words.again : words.start);
    const still = outcome ? words.about(horizon) : words.ready;
    setText(subline, now.busy ? now.progress || words.training : still);
    const answer = outcome?.answer;
    // The first time the series is there at once, and its forecast grows while it is trained.
    const early = answer ? null : now.early;
    result.hidden = !answer && !early;
    result.classList.toggle("fc-early", early !== null);
    if (early) whole.update(early, horizon, early.series.examples - 1, Math.floor(result.clientWidth));
    slider.hidden = place.hidden = !answer;
    if (!outcome || !answer || !now.asked) return;
    const nearest = outcome.reports.findLast((report) => report.step <= step) ?? outcome.reports[0];
    const way = nearest?.forecast ?? answer.network;
    // One place for each report: the last may come sooner after the one before than the others.
    setAttribute(slider, "max", String(outcome.reports.length - 1));
    const reached = String(nearest ? outcome.reports.indexOf(nearest) : 0);
    if (slider.value !== reached) slider.value = reached;
    const [before, at, after] = words.place(Number(nearest?.step ?? answer.steps), answer.steps);
    place.replaceChildren(String(before), el("b", { text: String(at) }), String(after));
    setAttribute(slider, "aria-valuetext", `${before}${at}${after}`);
    const width = Math.floor(result.clientWidth);
    const { example } = now;
    const shown = { answer, way, horizon, example };
    showExample(answer);
    whole.update({ series: answer.series, memory: answer.network.memory, way }, horizon, example, width);
    const wide = width > WIDE;
    part.update(shown, wide ? width - 356 : width, wide ? 260 : 208);
    showMemory(answer);
    showErrors(answer, way);
    for (const one of horizons.querySelectorAll("button"))
      setAttribute(one, "aria-pressed", String(Number(one.dataset.steps) === horizon));
    const half = width > 940 ? Math.floor((width - 40) / 2) : width;
    leak.update({ layers: stackOf(now.asked), answers: now.compared }, half, now.busy);
    lags.update(answer, half, 230);
    showTable(answer);
  }

  function showExample(/** @type {Answer} */ { series }) {
    const { window, ahead, examples: count } = series;
    examples.hidden = count === 1;
    setAttribute(examples, "max", String(count - 1));
    if (Number(examples.value) !== now.example) examples.value = String(now.example);
    const start = startOf(series, now.example);
    const last = start + window - 1;
    const place = words.exampleAt(now.example + 1, count, [start, last], ahead);
    const text = last < series.first ? `${place} ${words.notDrawn(series.first)}` : place;
    setText(exampleWords, text);
    setAttribute(examples, "aria-valuetext", text);
  }

  function showMemory(/** @type {Answer} */ answer) {
    const { memory: seen } = answer.network;
    const { period, window, ahead } = answer.series;
    const fits =
      seen.verdict === "short"
        ? words.short(period)
        : seen.verdict === "beyond"
          ? words.beyond(window)
          : words.enough(period);
    sees.replaceChildren(
      words.sees(seen.past),
      ...(seen.future ? [" ", el("b", { class: "late", text: words.future(seen.future) })] : []),
      ": ",
      el("b", { text: words.padded(seen.padded + ahead) }),
      "; ",
      el("span", { class: seen.verdict === "enough" ? "" : "late", text: fits }),
    );
  }

  function showErrors(/** @type {Answer} */ answer, /** @type {Way} */ way) {
    const held = heldValues(answer.series);
    const count = Math.min(now.horizon, held.length);
    const error = (/** @type {Way} */ one) => errorOf(one.rolled.values, held, count);
    const rows = [
      { name: "network", about: words.parameters(answer.network.parameters), way },
      ...(answer.recurrent
        ? [{ name: "recurrent", about: words.parameters(answer.recurrent.parameters), way: answer.recurrent }]
        : []),
      { name: "seasonal", about: words.seasonAgo(answer.seasonal_naive.period), way: answer.seasonal_naive },
      { name: "naive", about: words.lastValue, way: answer.naive },
    ];
    const most = Math.max(...rows.map((one) => Number(error(one.way))), 1e-30);
    setText(errorAbout, words.errorAbout(count));
    errors.replaceChildren(
      ...rows.map((one) => {
        const found = error(one.way);
        const bar = el("i");
        bar.style.setProperty("width", `${(100 * Number(found)) / most}%`);
        return el(
          "div",
          { class: `fc-error fc-of-${one.name}`, role: "listitem" },
          el("i", { class: "fc-line" }),
          el(
            "span",
            {},
            el("b", { text: words.ways[/** @type {keyof typeof words.ways} */ (one.name)] }),
            el("span", { class: "about", text: one.about }),
          ),
          el("span", { class: "fc-trough" }, bar),
          errorValue(found === null ? "–" : number(found, 3)),
        );
      }),
    );
    const stepErrors = rows.map(
      (one) =>
        `${words.ways[/** @type {keyof typeof words.ways} */ (one.name)]} ${number(Number(one.way.one_step.error), 3)}`,
    );
    setText(oneStep, `${words.oneStep} ${stepErrors.join(", ")}`);
    const { sound: loud, silence } = answer.network;
    sound.hidden = !loud || !silence;
    if (loud && silence) setText(sound, words.sound(Number(loud.apparent), Number(silence.apparent)));
  }

  /** An error in large print; powers of ten have many characters. */
  function errorValue(/** @type {string} */ text) {
    return el("b", { class: text.length > 6 ? "fc-value long" : "fc-value", text });
  }

  function showTable(/** @type {Answer} */ answer) {
    const since = now.outcome?.breaks.at(-1)?.step ?? 0;
    const rows = [
      { name: words.ways.network, of: answer.network },
      ...(answer.recurrent ? [{ name: words.ways.recurrent, of: answer.recurrent }] : []),
    ];
    table.replaceChildren(
      el("thead", {}, el("tr", {}, el("td"), ...words.table.map((text) => el("th", { scope: "col", text })))),
      el(
        "tbody",
        {},
        ...rows.map(({ name, of }) =>
          el(
            "tr",
            {},
            el("th", { scope: "row", text: name }),
            ...[
              String(of.parameters),
              words.operations(of.depth),
              words.seconds(of.elapsed_ms, of === answer.network ? since : 0),
              number(Number(of.one_step.error), 3),
            ].map((text) => el("td", { text })),
          ),
        ),
      ),
    );
  }

  return {
    follow,
    async open() {
      await styled;
      follow(page.current().forecast);
      open = true;
      root.hidden = false;
      instrument.hidden = true;
      document.body.classList.add("forecasting");
      schedule();
      if (!now.outcome) await start();
    },
    close() {
      if (!open) return;
      open = false;
      root.hidden = true;
      instrument.hidden = false;
      document.body.classList.remove("forecasting", "sheet-open");
    },
  };
}
