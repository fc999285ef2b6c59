// The worked line of a step of a stamping walk. Shows the sum; knows no state, no canvas and no network.

import { roundingOf } from "../step/rounding.js";
import { el } from "../ui/dom.js";
import { later, sayLater } from "../words/dialogs.js";
import { awaited, equalTo } from "../words/format.js";
import { plus, TERMS_A_LINE, termOf } from "./readout.js";

/** @import { StampSum } from "../step/stamp_sum.js" */

/** `3·0.5 = 1.5 onto (2, 3): 0.25 + 1.5 = 1.75` */
export function stampedLine(/** @type {StampSum} */ stamp) {
  const muted = (/** @type {string} */ words) => el("span", { class: "muted", text: words });
  const line = el("p", { class: "terms" });
  if (!stamp.target) {
    line.append(muted(later.allCropped));
    return line;
  }
  const total = stamp.served ?? stamp.result;
  if (stamp.tap === null) line.append(muted(`${sayLater.notOnto(stamp.target)} `));
  else {
    const product = stamp.terms.reduce((sum, term) => sum + term.product, 0);
    const sizes = stamp.terms.reduce((sum, term) => sum + Math.abs(term.product), 0);
    const [sign, words] = equalTo(product, 3, roundingOf(stamp.terms.length, sizes));
    for (const [at, term] of stamp.terms.slice(0, TERMS_A_LINE).entries())
      line.append(...(at > 0 ? [plus()] : []), termOf(term));
    const more = stamp.terms.length - TERMS_A_LINE;
    if (more > 0) line.append(plus(), muted(`… ${more} more`));
    line.append(
      muted(` ${sign} `),
      el("span", { class: "kernel", text: words }),
      muted(` ${sayLater.onto(stamp.target)}: `),
      el("span", { class: "output", text: awaited(stamp.before, 3, stamp.rounding) }),
      plus(),
      el("span", { class: "kernel", text: words.startsWith("−") ? `(${words})` : words }),
    );
    line.append(muted(` ${equalTo(stamp.after, 4, stamp.rounding)[0]} `));
  }
  if (stamp.activation && stamp.complete)
    line.append(muted(`${equalTo(stamp.after, 4, stamp.rounding)[1]} → ${stamp.activation} → `));
  const done = stamp.complete ? later.finished : later.growing;
  const made = total === null ? awaited(total) : equalTo(total, 4, stamp.rounding)[1];
  line.append(el("span", { class: "result" }, el("b", { class: "output", text: made }), muted(`  ${done}`)));
  return line;
}
