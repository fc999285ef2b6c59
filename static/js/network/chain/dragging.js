// Cards moved by a mouse or a pen, and one card joined to a later one by dragging its map there. Turns a drag into a move or a
// join; decides nothing about layers.

/** A pointer that moves less than this clicks. */
const STILL = 6;

/**
 * @param {HTMLElement} list
 * @param {{ cards: () => HTMLElement[], move: (from: number, to: number) => void, joins: (from: number, to: number) => void }} on
 */
export function dragging(list, on) {
  /** @type {{ at: number, x: number, joining: boolean, begun: boolean, target: number | null } | null} */
  let drag = null;
  const numberOf = (/** @type {EventTarget | null} */ target) =>
    on.cards().findIndex((card) => target instanceof Node && card.contains(target));

  list.addEventListener("pointerdown", (event) => {
    const { target, pointerType, button } = event;
    if (pointerType === "touch" || button !== 0 || !(target instanceof Element)) return;
    const joining = target.matches(".net-map");
    if (!joining && !target.closest(".net-choose")) return;
    const at = numberOf(target);
    if (at < 0 || (at === 0 && !joining)) return;
    drag = { at, x: event.clientX, joining, begun: false, target: null };
  });
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    if (!drag.begun && Math.abs(event.clientX - drag.x) < STILL) return;
    drag.begun = true;
    list.classList.add(drag.joining ? "joining" : "moving");
    const cards = on.cards();
    if (drag.joining) {
      const over = numberOf(document.elementFromPoint(event.clientX, event.clientY));
      drag.target = over > drag.at + 1 ? over : null;
    } else drag.target = placeAt(cards, drag.at, event.clientX);
    for (const [at, card] of cards.entries()) {
      card.classList.toggle("dragged", at === drag.at);
      card.classList.toggle("target", at === drag.target && at !== drag.at);
      card.classList.toggle("after", !drag.joining && at > drag.at);
    }
  });
  const end = (/** @type {boolean} */ done) => {
    if (!drag) return;
    const { at, joining, begun, target } = drag;
    drag = null;
    list.classList.remove("moving", "joining");
    for (const card of on.cards()) card.classList.remove("dragged", "target", "after");
    if (!begun) return;
    // A card that was dragged is not clicked as well.
    const stop = (/** @type {Event} */ event) => event.stopPropagation();
    list.addEventListener("click", stop, { capture: true, once: true });
    setTimeout(() => list.removeEventListener("click", stop, { capture: true }));
    if (!done || target === null || target === at) return;
    if (joining) on.joins(at, target);
    else on.move(at, target);
  };
  addEventListener("pointerup", () => end(true));
  addEventListener("pointercancel", () => end(false));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && drag?.begun) end(false);
  });
}

/** Where a card lands that is let go of at a place: among the layers, which begin behind the source. */
export function placeAt(
  /** @type {HTMLElement[]} */ cards,
  /** @type {number} */ from,
  /** @type {number} */ x,
) {
  let last = 0;
  const middles = cards.map((card) => {
    const { left, width } = card.getBoundingClientRect();
    if (!card.hidden) last = left + width / 2; // folded layers stand where the card before them does
    return last;
  });
  const before = middles.filter((middle, at) => at > 0 && at !== from && middle < x).length;
  return Math.min(cards.length - 1, before + 1);
}
