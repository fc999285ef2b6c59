// Four beats of one training step: forward, loss, backward, update. A card each, and below them the sums of the beat that
// is chosen. Turns what was looked at into pictures and sentences; asks for nothing.

import { signedScale } from "../picture/grid/colour.js";
import { el, setAttribute, setText } from "../ui/dom.js";
import { number } from "../words/format.js";
import { shareText, trainWords } from "../words/train.js";
import { classOf, sharesOf } from "./judged.js";
import { numbersOf } from "./look.js";
import { inkScale, mapScale, paint, picture, planeOf, reachOf } from "./pictures.js";
import { cellFor, kernelOf, MOST_MAPS, sumsOf, tensorOf } from "./sums.js";

/** @import { Theme } from "../types/page.js" */
/** @import { Placed, Shapes } from "../types/network.js" */
/** @import { Values } from "./forward.js" */
/** @import { Look } from "./look.js" */

export const BEATS = /** @type {const} */ (["forward", "loss", "backward", "update"]);
/** @import { Beat, Shown } from "./sums.js" */

/**
 * The drawing that is chosen, as evaluated.
 * @typedef {object} Live
 * @property {Values} values @property {Float32Array} outputs @property {number} label
 * @property {Shapes} shapes @property {Placed} filtered @property {string[]} classes @property {Theme} theme
 */

/** @param {(example: number) => void} exampleOf chooses a drawing of the batch */
export function beatCards(exampleOf) {
  /** The beat whose sums are open. @type {Beat | null} */
  let chosen = null;
  /** The filter, and the cell of it, whose sums are shown. */
  let weight = { lane: 0, cell: 0 };
  const cards = new Map(BEATS.map((beat) => [beat, cardOf(beat)]));
  const list = el("div", { class: "tr-beats", role: "group", "aria-label": trainWords.beats });
  for (const beat of BEATS) list.append(/** @type {Card} */ (cards.get(beat)).element);
  const batch = el("div", {
    class: "tr-batch",
    role: "group",
    "aria-label": trainWords.batchOf,
    hidden: true,
  });
  const panel = el("div", { class: "tr-sums", id: "tr-sums", hidden: true });
  const element = el("section", { class: "tr-step", "aria-label": trainWords.beats }, list, panel, batch);
  /** @type {Shown | null} */
  let shown = null;
  /** The state that was drawn last, so that nothing is drawn twice. @type {unknown[]} */
  let drawn = [];

  /** @typedef {{ element: HTMLButtonElement, body: HTMLElement, about: HTMLElement }} Card */

  /** @returns {Card} */
  function cardOf(/** @type {Beat} */ beat) {
    const about = el("span", { class: "about" });
    const body = el("span", { class: "tr-beat-body" });
    const head = el("span", { class: "tr-beat-head" }, el("b", { text: trainWords.beat[beat] }), about);
    const button = el(
      "button",
      {
        type: "button",
        class: `tr-beat ${beat}`,
        "aria-controls": "tr-sums",
        onclick: () => pick(beat),
      },
      head,
      body,
    );
    return { element: button, body, about };
  }

  /** Open the sums of a beat, or close them. */
  function pick(/** @type {Beat} */ beat) {
    chosen = chosen === beat ? null : beat;
    for (const [one, { element: card }] of cards) setAttribute(card, "aria-expanded", String(one === chosen));
    panel.hidden = batch.hidden = chosen === null;
    if (shown) draw(shown);
  }

  function draw(/** @type {Shown} */ now) {
    const { look, theme } = now;
    if (drawn[0] === look && drawn[1] === theme && drawn[2] === chosen && drawn[3] === weight) return;
    drawn = [look, theme, chosen, weight];
    backwardCard(now);
    updateCard(now);
    if (chosen === null) return;
    panel.replaceChildren(...sumsOf(chosen, now, weight, pickCell));
    drawBatch(now);
  }

  // ------------------------------------------------------------------------------------- the cards

  const [input, maps, votes] = [
    picture(),
    el("span", { class: "tr-maps" }),
    el("span", { class: "tr-votes" }),
  ];
  const mapPictures = Array.from({ length: MOST_MAPS }, () => picture());
  maps.append(...mapPictures);
  const [gives, share, log, loss] = [
    el("span", { class: "muted" }),
    el("b", { class: "tr-large" }),
    el("span"),
    el("b"),
  ];
  const bar = el("span", { class: "tr-bar" }, el("span"));
  bodyOf("forward").append(input, maps, votes);
  bodyOf("loss").append(gives, share, bar, el("span", {}, log, loss));

  function bodyOf(/** @type {Beat} */ beat) {
    return /** @type {Card} */ (cards.get(beat)).body;
  }

  /** Draw what changes with every frame: the drawing that is chosen, as evaluated. */
  function drawLive(/** @type {Live} */ { values, outputs, label, shapes, filtered, classes, theme }) {
    const name = String(classes[label]);
    setText(/** @type {Card} */ (cards.get("forward")).about, trainWords.votesFor(name));
    setText(/** @type {Card} */ (cards.get("loss")).about, trainWords.howWrong);
    const [rows, cols] = planeOf(shapes.input_shape);
    const example = /** @type {Float32Array} */ (values.get("input"));
    paint(
      input,
      example,
      { rows, cols, cell: cellFor(84, rows, cols), scale: inkScale(theme, example) },
      trainWords.reads,
    );
    const data = values.get(filtered.node.name) ?? new Float32Array(0);
    const [high, wide] = planeOf(filtered.shape);
    const scale = mapScale(theme, data);
    const lanes = Math.min(MOST_MAPS, Number(filtered.shape[0]));
    for (const [lane, map] of mapPictures.entries()) {
      map.hidden = lane >= lanes || high * wide === 1;
      if (map.hidden) continue;
      const how = { rows: high, cols: wide, at: lane * high * wide, cell: cellFor(40, high, wide), scale };
      paint(map, data, how, trainWords.map(lane + 1, filtered.node.name));
    }
    const says = classOf(outputs);
    const shown = classes.slice(0, MOST_MAPS);
    if (votes.childElementCount !== shown.length)
      votes.replaceChildren(...shown.map(() => el("span", {}, el("span"), el("b"))));
    for (const [at, line] of [...votes.children].entries()) {
      line.classList.toggle("output", at === says);
      const [who, vote] = line.children;
      if (who) setText(who, `${classes[at] ?? ""} `);
      if (vote) setText(vote, number(Number(outputs[at] ?? 0), 2));
    }
    const part = Number(sharesOf(outputs)[label]);
    setText(gives, trainWords.softmaxGives(name));
    setText(share, shareText(part));
    bar.style.setProperty("--share", String(part));
    setText(log, `${trainWords.logOf(part)} = `);
    setText(loss, number(-Math.log(part), 3));
  }

  function backwardCard(/** @type {Shown} */ { look, filtered, theme, ink }) {
    const { about, body } = /** @type {Card} */ (cards.get("backward"));
    setText(about, trainWords.gradientOf(weight.lane + 1));
    const gradient = tensorOf(look, "gradient", filtered);
    const one = picture("tr-filter");
    const { rows, cols, each } = kernelOf(filtered);
    const reach = reachOf(gradient);
    const at = weight.lane * each;
    paint(
      one,
      gradient,
      { rows, cols, at, cell: cellFor(88, rows, cols), scale: signedScale(theme, reach), ink },
      trainWords.gradientOf(weight.lane + 1),
    );
    body.replaceChildren(one, el("span", { class: "muted", text: trainWords.correlated }));
  }

  function updateCard(/** @type {Shown} */ { look, filtered, optimiser, experiment }) {
    const { about, body } = /** @type {Card} */ (cards.get("update"));
    const [before, after] = [weightIn(look, "before", filtered), weightIn(look, "after", filtered)];
    setText(about, trainWords.weightAt(weight.lane + 1, weight.cell, kernelOf(filtered).cols));
    const line = (/** @type {string} */ value, /** @type {string} */ words, name = "") =>
      el(
        "span",
        { class: `tr-update ${name}` },
        el("b", { text: value }),
        el("span", { class: "muted", text: words }),
      );
    body.replaceChildren(
      line(fixed(before), trainWords.weight, "kernel"),
      line(signed(after - before), trainWords.byOptimiser(optimiser, experiment.optimiser.rate)),
      line(fixed(after), trainWords.newWeight, "kernel last"),
    );
  }

  function weightIn(/** @type {Look} */ look, /** @type {string} */ when, /** @type {Placed} */ filtered) {
    return Number(tensorOf(look, when, filtered)[weight.lane * kernelOf(filtered).each + weight.cell]);
  }

  function pickCell(/** @type {number} */ cell) {
    weight = { ...weight, cell };
    if (shown) draw(shown);
  }

  // ------------------------------------------------------------------------------------- the batch

  function drawBatch(/** @type {Shown} */ { look, shapes, classes, theme }) {
    const x = numbersOf(look, "x") ?? [];
    const labels = numbersOf(look, "labels") ?? [];
    const losses = numbersOf(look, "losses") ?? [];
    const [rows, cols] = planeOf(shapes.input_shape);
    const cells = shapes.input_shape.reduce((total, side) => total * side, 1);
    const buttons = [...labels].slice(0, 32).map((label, at) => {
      const values = Float32Array.from(x.slice(at * cells, (at + 1) * cells));
      const canvas = picture();
      canvas.removeAttribute("role");
      paint(
        canvas,
        values,
        { rows, cols, cell: cellFor(36, rows, cols), scale: inkScale(theme, values) },
        "",
      );
      canvas.removeAttribute("aria-label");
      return el(
        "button",
        {
          type: "button",
          class: "tr-example",
          "aria-pressed": String(at === look.example),
          "aria-label": trainWords.inBatch(at + 1, String(classes[Number(label)]), Number(losses[at])),
          title: trainWords.inBatch(at + 1, String(classes[Number(label)]), Number(losses[at])),
          onclick: () => exampleOf(at),
        },
        canvas,
      );
    });
    batch.replaceChildren(...buttons);
  }

  return {
    element,
    /** Whether the sums of a beat are open. */
    get open() {
      return chosen !== null;
    },
    update(/** @type {Live} */ live, /** @type {Shown | null} */ now) {
      shown = now;
      drawLive(live);
      if (now) draw(now);
    },
  };
}

/** Four decimals; a value that they would turn into 0 in three digits. */
const fixed = (/** @type {number} */ value) =>
  value !== 0 && Math.abs(value) < 5e-5 ? number(value, 3) : value.toFixed(4).replace("-", "−");
const signed = (/** @type {number} */ value) => (value < 0 ? fixed(value) : `+${fixed(value)}`);
