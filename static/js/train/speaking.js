// Words that a screen reader says: at most once a second, and the last that were wanted always. Knows no DOM and no clock.

export const SPEAKS_MS = 1000;

/** @param {(words: string) => void} say @param {(then: () => void, delay_ms: number) => void} later */
export function speaker(say, later) {
  let said_ms = Number.NEGATIVE_INFINITY;
  let said = "";
  let wanted = "";
  let waits = false;

  function speak(/** @type {number} */ now_ms) {
    if (wanted === said) return;
    [said, said_ms] = [wanted, now_ms];
    say(wanted);
  }

  return (/** @type {string} */ words, /** @type {number} */ now_ms) => {
    wanted = words;
    const rest_ms = said_ms + SPEAKS_MS - now_ms;
    if (waits || words === said) return;
    if (rest_ms <= 0) return speak(now_ms);
    waits = true;
    later(() => {
      waits = false;
      speak(now_ms + rest_ms);
    }, rest_ms);
  };
}
