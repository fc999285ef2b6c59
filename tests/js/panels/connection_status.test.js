// What the header says of the connection.

import assert from "node:assert/strict";
import test from "node:test";
import { createTold } from "../../../static/js/panels/connection_status.js";
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
  const told = createTold(element, { setTimeout: (then) => timers.push(then) });
  return { element, told, later: () => timers.splice(0).forEach((then) => void then()) };
}

test("the first connection is told as such, and then nothing", () => {
  const { element, told } = header();
  told.status(connecting());
  assert.equal(element.textContent, text.connection.connecting);
  told.status(LIVE);
  assert.equal(element.textContent, "");
});

test("a loss is told, and so is its end, which goes by itself", () => {
  const { element, told, later } = header();
  told.status(LIVE);
  told.status(connecting());
  assert.equal(element.textContent, text.lost);
  told.status({ state: "live" });
  assert.equal(element.textContent, text.connectedAgain);
  later();
  assert.equal(element.textContent, "");
});

test("a server that restarts says so, and a page that is offline too", () => {
  const { element, told } = header();
  told.status(LIVE);
  told.status(connecting({ restarting: true }));
  assert.equal(element.textContent, text.restarting);
  told.status({ state: "offline", next_attempt_ms: null });
  assert.equal(element.textContent, text.connection.offline);
});

test("news that are overtaken do not wipe out what came after them", () => {
  const { element, told, later } = header();
  told.status(LIVE);
  told.status(connecting());
  told.status({ state: "live" });
  told.status(connecting({ attempt: 1 }));
  later();
  assert.equal(element.textContent, text.lost);
  told.say(words.postedAgain);
  assert.equal(element.textContent, words.postedAgain);
});

test("a first connection that comes late does not wipe out news", () => {
  const { element, told } = header();
  told.status(connecting());
  told.say(text.connection.incomplete);
  told.status(LIVE);
  assert.equal(element.textContent, text.connection.incomplete);
});
