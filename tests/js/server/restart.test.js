// A server that stops sends its pages elsewhere.

import assert from "node:assert/strict";
import test from "node:test";
import { connected } from "../connected.js";
import { REQUEST } from "../fakes.js";

/** @import { Connection } from "../../../static/js/types/stream.js" */

function why(/** @type {Connection} */ { status }) {
  return status.state === "connecting" && status.restarting ? "restarting" : status.state;
}

test("a socket closed for a restart is opened again soon, and the status says why", async () => {
  const { browser, connection } = connected();
  browser.socket.open();
  connection.start(REQUEST, 2);
  browser.socket.onclose?.({ code: 1012, reason: "" });
  assert.equal(why(connection), "restarting");
  await browser.pass(250);
  assert.equal(browser.sockets.length, 2);
  browser.socket.open();
  assert.equal(why(connection), "live");
  browser.socket.onclose?.({ code: 1006, reason: "" });
  assert.equal(why(connection), "connecting");
});
