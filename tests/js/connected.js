// A connection in a made-up browser, closed when its test is over.

import { afterEach } from "node:test";
import { createConnection } from "../../static/js/server/streaming.js";
import { fakeBrowser, listener } from "./fakes.js";

/** @import { Connection } from "../../static/js/types/stream.js" */

/** @type {Connection[]} */
const open = [];
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});

export function connected({ sockets = true } = {}) {
  const browser = fakeBrowser();
  browser.state.sockets = sockets;
  const listening = listener();
  const connection = createConnection({
    streamUrl: "ws://host/api/v1/stream",
    framesUrl: "/api/v1/frames",
    environment: browser.environment,
    ...listening.callbacks,
  });
  open.push(connection);
  return { browser, connection, ...listening };
}

/** How long until another socket is tried. @param {ReturnType<typeof fakeBrowser>} browser */
export async function untilNextSocket(browser) {
  const before = browser.sockets.length;
  let waited_ms = 0;
  while (browser.sockets.length === before) {
    await browser.pass(50);
    waited_ms += 50;
  }
  return waited_ms;
}
