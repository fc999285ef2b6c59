// The header's words about the connection.

import assert from "node:assert/strict";
import test from "node:test";
import { createConnectionStatus } from "../../../static/js/panels/connection_status.js";
import { later as words } from "../../../static/js/words/dialogs.js";
import { text } from "../../../static/js/words/page.js";

/** @import { ConnectionStatus } from "../../../static/js/types/stream.js" */

/** @type {ConnectionStatus} */
const LIVE = { state: "live" };

/** @param {Partial<Extract<ConnectionStatus, { state: "connecting" }>>} more @returns {ConnectionStatus} */
const connecting = (more = {}) => ({ state: "connecting", attempt: 0, next_attempt_ms: null, ...more });

function header() {
  const element = /** @type {HTMLElement} */ (/** @type {unknown} */ ({ textContent: "" }));
  /** @type {(() => void)[]} */
  const timers = [];
  const line = createConnectionStatus(element, { setTimeout: (then) => timers.push(then) });
  return { element, line, later: () => timers.splice(0).forEach((then) => void then()) };
}

test("the first connection is told as such, and then nothing", () => {
  const { element, line } = header();
  line.status(connecting());
  assert.equal(element.textContent, text.connection.connecting);
  line.status(LIVE);
  assert.equal(element.textContent, "");
});

test("a loss is told, and so is its end, which goes by itself", () => {
  const { element, line, later } = header();
  line.status(LIVE);
  line.status(connecting());
  assert.equal(element.textContent, text.lost);
  line.status({ state: "live" });
  assert.equal(element.textContent, text.connectedAgain);
  later();
  assert.equal(element.textContent, "");
});

test("a server that restarts says so, and a page that is offline too", () => {
  const { element, line } = header();
  line.status(LIVE);
  line.status(connecting({ restarting: true }));
  assert.equal(element.textContent, text.restarting);
  line.status({ state: "offline", next_attempt_ms: null });
  assert.equal(element.textContent, text.connection.offline);
});

test("news that are overtaken do not wipe out what came after them", () => {
  const { element, line, later } = header();
  line.status(LIVE);
  line.status(connecting());
  line.status({ state: "live" });
  line.status(connecting({ attempt: 1 }));
  later();
  assert.equal(element.textContent, text.lost);
  line.say(words.postedAgain);
  assert.equal(element.textContent, words.postedAgain);
});

test("a first connection that comes late does not wipe out news", () => {
  const { element, line } = header();
  line.status(connecting());
  line.say(text.connection.incomplete);
  line.status(LIVE);
  assert.equal(element.textContent, text.connection.incomplete);
});
