// The header's words about the connection: that it was lost, that it is back, what was mended meanwhile. Decides the
// words and how long they stay; knows no socket.

import { setText } from "../ui/dom.js";
import { text } from "../words/page.js";

/** @import { ConnectionStatus } from "../types/stream.js" */

/** Good news stays for so long that somebody who looked elsewhere can still read it. */
const NEWS_MS = 8000;

/**
 * @param {HTMLElement} element a live region
 * @param {{ setTimeout: (then: () => void, delay_ms: number) => unknown }} [clock]
 */
export function createConnectionStatus(
  element,
  clock = { setTimeout: (then, delay_ms) => setTimeout(then, delay_ms) },
) {
  /** @type {ConnectionStatus | null} */
  let shown = null;
  let wasLive = false;
  let broken = false;
  let news = 0;
  /** The good news that was told last. */
  let stands = 0;

  /** Good news, which goes by itself. */
  function say(/** @type {string} */ words) {
    const mine = ++news;
    stands = mine;
    setText(element, words);
    clock.setTimeout(() => {
      if (mine === news) setText(element, "");
    }, NEWS_MS);
  }

  function status(/** @type {ConnectionStatus | null} */ now) {
    if (now === shown || !now) return;
    shown = now;
    if (now.state === "live") {
      if (broken) say(text.connectedAgain);
      else if (!wasLive && stands !== news) setText(element, "");
      wasLive = true;
      broken = false;
      return;
    }
    news++;
    broken ||= wasLive;
    if (now.state === "connecting" && broken) setText(element, now.restarting ? text.restarting : text.lost);
    else setText(element, text.connection[now.state]);
  }

  return { say, status };
}
