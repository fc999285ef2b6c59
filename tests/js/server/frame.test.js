// A page in a frame or below a path: what it takes for its link, what proves it, and what it keeps under which name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLinks } from "../../../static/js/link/address.js";
import { createApi } from "../../../static/js/server/api.js";
import { registryAt } from "../../../static/js/server/connection.js";
import { frameKey, keptAs, linkGiven } from "../../../static/js/server/frame.js";
import { connected } from "../connected.js";
import { stateAfter } from "../page.js";

/** A page of an origin at an address, for as long as `then` takes. */
async function at(
  /** @type {string} */ origin,
  /** @type {string} */ href,
  /** @type {() => unknown} */ then,
) {
  const before = { origin: globalThis.origin, document: globalThis.document, location: globalThis.location };
  const document = { documentElement: { dataset: { key: "1.a" } } };
  Object.assign(globalThis, { origin, document, location: new URL(href) });
  try {
    await then();
  } finally {
    Object.assign(globalThis, before);
  }
}

const HOME = "https://site.example/convscope/";

test("the key goes with requests and sockets of a page without an origin, and of no other", async () => {
  /** @type {(Record<string, string> | undefined)[]} */
  const sent = [];
  const real = globalThis.fetch;
  globalThis.fetch = /** @type {any} */ (
    async (/** @type {string} */ _url, /** @type {RequestInit} */ request) => {
      sent.push(/** @type {any} */ (request).headers);
      return new Response("[]");
    }
  );
  try {
    await at("null", `${HOME}embed`, async () => {
      await createApi("api/v1").samples();
      await registryAt("/convscope/static/0/operations.json");
      assert.deepEqual(connected().browser.socket.protocols, ["convscope.v1", "frame.1.a"]);
    });
    await at("https://site.example", `${HOME}embed`, async () => {
      await createApi("api/v1").samples();
      assert.equal(frameKey(), "");
      assert.deepEqual(connected().browser.socket.protocols, ["convscope.v1"]);
    });
  } finally {
    globalThis.fetch = real;
  }
  assert.equal(sent[0]?.["Frame-Key"], "1.a");
  assert.equal(
    sent[1]?.["Frame-Key"],
    undefined,
    "a file needs none, and no question of the browser before it",
  );
  assert.equal(sent[2]?.["Frame-Key"], undefined);
});

test("what WordPress puts behind the address of a frame is no part of the link", async () => {
  for (const [hash, link] of [
    ["#v1&op=dense&step=3#?secret=a1B2c3D4e5", "#v1&op=dense&step=3"],
    ["#?secret=a1B2c3D4e5", ""],
    ["#v1&op=dense", "#v1&op=dense"],
    ["", ""],
  ])
    await at("null", `${HOME}embed${hash}`, () => assert.equal(linkGiven(), link));
});

test("a frame to paste is named by the address that people reach the server by, or by the page's own", async () => {
  const links = (/** @type {string} */ home) =>
    createLinks(
      /** @type {any} */ ({}),
      () => stateAfter(),
      () => {},
      home,
    );
  await at("https://site.example", `${HOME}#v1&op=dense`, async () => {
    assert.equal(links("").frame("#v1&op=dense"), `${HOME}embed#v1&op=dense`);
    assert.equal(links("https://c.example/a").frame("#v1"), "https://c.example/a/embed#v1");
    assert.match(await links("").address(), /^\.\/#v1&/);
  });
  await at("https://c.example", "https://c.example/", () => {
    assert.equal(links("").frame("#v1"), "https://c.example/embed#v1");
  });
});

test("servers below different paths of a host keep what they keep apart, and one at the root as ever", async () => {
  const names = new Set();
  for (const href of ["https://a.example/", "https://a.example/one/", "https://a.example/two/embed"])
    await at("https://a.example", href, () => names.add(keptAs("convscope.uploads")));
  assert.deepEqual([...names], ["convscope.uploads", "convscope.uploads/one", "convscope.uploads/two"]);
});
