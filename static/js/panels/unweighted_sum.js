// The sum of a step without weights: the values of a window and what is done with them, or the cell that is copied. Shows
// the sum; knows no state, no canvas and no network.

import { isCopied } from "../layer/combine.js";
import { el } from "../ui/dom.js";
import { later } from "../words/dialogs.js";
import { number } from "../words/format.js";
import { channelName, placeText, say, text } from "../words/page.js";
import { result, termKey, termsWritten } from "./readout.js";

/** @import { LayerGeometry } from "../types/geometry.js" */
/** @import { StepSum, Term } from "../step/sum.js" */

/** The sum of a step, line by line. @returns {HTMLElement[]} */
export function unweightedLines(/** @type {StepSum} */ sum, /** @type {LayerGeometry} */ layer) {
  return isCopied(layer) ? [copied(sum, layer)] : reduced(sum);
}

/**
 * How the values of a window are written between: `max( a, b )`, `( a + b ) / 2`, and `( |a|² + |b|² )` with a root.
 * `power` stands above each of them, `root` above the whole.
 */
function frameOf(/** @type {StepSum} */ sum) {
  const { term, finish, words } = sum.combination;
  const powered = term === "power";
  // A norm of a clipped window is scaled up: (4 / 2 · ( |a|² + |b|² )) with a root.
  const scaled = finish === "root" && sum.divisor !== null && sum.divisor !== sum.terms.length;
  return {
    open: scaled ? `(${sum.terms.length} / ${sum.divisor} · ${words.opening} ` : `${words.opening} `,
    between: words.between,
    close: ` ${words.closing.replace("{divisor}", String(sum.divisor))}${scaled ? ")" : ""}`,
    bar: powered ? "|" : "",
    power: powered && sum.p !== 1 ? `${sum.p}` : "",
    root: finish === "root" && sum.p !== 1 ? `1/${sum.p}` : "",
  };
}

function raised(/** @type {string} */ words) {
  return words ? [el("sup", { text: words })] : [];
}

/** `input row 2, col 3 = 0.5`: the one cell that is copied, whose row of taps the lane is. */
function copied(/** @type {StepSum} */ sum, /** @type {LayerGeometry} */ layer) {
  const term = sum.copied === null ? undefined : sum.terms[sum.copied];
  const line = el("p", { class: "terms" });
  if (!term) return line;
  const from = sum.source;
  const channel = Number(layer.input_shape[0]) > 1 ? `${channelName(layer.input_shape, term.channel)}, ` : "";
  line.append(
    from
      ? el("span", { class: "input", text: `${text.input.toLowerCase()} ${channel}${placeText(from)}` })
      : el("span", { class: "padding", text: later.zeroCopied }),
    result(sum),
  );
  return line;
}

/** The values of a window with what is done with them; the winner of a maximum is marked. */
function reduced(/** @type {StepSum} */ sum) {
  const { open, between, close, bar, power, root } = frameOf(sum);
  const muted = (/** @type {string} */ words) => el("span", { class: "muted", text: words });
  const line = el("p", { class: "terms" }, muted(open));
  // Cells beyond the padding are no part of it; without anything else there, its fill value is.
  const inside = sum.terms.some((term) => !term.outside);
  const terms = [...sum.terms.entries()].filter(([, term]) => !inside || !term.outside);
  const most = termsWritten(terms.length);
  const append = (/** @type {number} */ at, /** @type {Term} */ term) => {
    const won = at === sum.winner;
    const role = term.padded || term.outside ? "padding" : "input";
    const value = el(won ? "b" : "span", { class: won ? "winner" : role, text: number(term.value, 3) });
    line.append(el("span", { class: "term", "data-term": termKey(term) }, bar, value, bar, ...raised(power)));
  };
  for (const [nth, [at, term]] of terms.slice(0, most).entries()) {
    if (nth > 0) line.append(el("span", { class: "operator", text: between }));
    append(at, term);
  }
  // A maximum is among the values that are told.
  const winner = terms.slice(most).find(([at]) => at === sum.winner);
  const more = terms.length - most - (winner ? 1 : 0);
  if (more > 0) line.append(muted(between + say.more(more)));
  if (winner) {
    line.append(muted(between));
    append(...winner);
  }
  // The end never stands alone on a line.
  line.append(el("span", { class: "whole" }, muted(close), ...raised(root), result(sum)));
  return [line];
}
