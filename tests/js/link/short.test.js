// A short link: the state is kept by the server, its address lies below that of the page, and every refusal is told.

import assert from "node:assert/strict";
import { test } from "node:test";
import { problem } from "../../../static/js/layer/errors.js";
import { shortLink } from "../../../static/js/link/short.js";

const FRAGMENT = "#v1&op=convolution&kernel=3";
const kept = {
  id: "0123456789abcdef",
  url: "http://inside:8000/s/0123456789abcdef",
  picture: "http://inside:8000/s/0123456789abcdef.png",
  fragment: FRAGMENT,
  expires: "2027-11-30T10:00:00Z",
};

function links(/** @type {string} */ base) {
  return {
    fragment: async () =>
      /** @type {const} */ ({ ok: true, value: { fragment: FRAGMENT, kept: null, complete: true } }),
    absolute: (/** @type {string} */ path) => new URL(path, base).href,
  };
}

test("the address lies below the one that the page was opened by, whatever the server calls itself", async () => {
  /** @type {string[]} */
  const asked = [];
  const api = {
    shorten: async (/** @type {string} */ fragment) => {
      asked.push(fragment);
      return /** @type {const} */ ({ ok: true, value: kept });
    },
  };
  const made = await shortLink(api, links(`https://site.example/below/path/${FRAGMENT}`));
  assert.ok(made.ok);
  assert.deepEqual(asked, [FRAGMENT]);
  assert.equal(made.value.address, "https://site.example/below/path/s/0123456789abcdef");
  assert.equal(made.value.picture, `${made.value.address}.png`);
  assert.equal(made.value.expires, kept.expires);
});

test("a state that fits into no link, and a server that keeps none, are told as they are", async () => {
  const long = problem("link_too_long", "it is too long", "Use less.");
  const none = problem("no_links", "this server keeps no short links", "Use the link itself.");
  const refused = async () => /** @type {const} */ ({ ok: false, problem: none });
  const silent = { shorten: async () => assert.fail("nothing is sent") };
  const unfit = {
    ...links("http://a/"),
    fragment: async () => ({ ok: /** @type {const} */ (false), problem: long }),
  };
  assert.deepEqual(await shortLink(silent, unfit), { ok: false, problem: long });
  assert.deepEqual(await shortLink({ shorten: refused }, links("http://a/")), { ok: false, problem: none });
});
