// Answers about a cell that a server is asked for, once the pointer rests on it: kept for what they belong to, asked for
// once. Knows no DOM and no route.

const MOST_KEPT = 64;

/**
 * `ask` is called after a rest of so long; while an answer is on its way nobody asks for it again.
 * @template {object} Owner @template Found
 * @param {number} rest_ms @param {() => void} redraw
 */
export function createResting(rest_ms, redraw) {
  /** @type {WeakMap<Owner, Map<string, Found | null>>} */
  const known = new WeakMap();
  let waiting = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {Owner} owner @param {string} key @param {() => Promise<Found | null>} ask */
  async function answer(owner, key, ask) {
    const found = await ask();
    if (waiting === key) waiting = "";
    const own = known.get(owner) ?? new Map();
    if (own.size >= MOST_KEPT) own.clear();
    known.set(owner, own.set(key, found));
    redraw();
  }

  /** Undefined while it is not there, null where there is none. @param {Owner} owner @param {string} key @param {() => Promise<Found | null>} ask */
  return (owner, key, ask) => {
    const found = known.get(owner)?.get(key);
    if (found !== undefined || waiting === key) return found;
    waiting = key;
    clearTimeout(timer);
    timer = setTimeout(() => answer(owner, key, ask), rest_ms);
    return undefined;
  };
}
