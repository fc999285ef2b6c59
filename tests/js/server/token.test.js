// A token in an address: one of a day is taken, any other is not, and none stays there or comes into another link.

import assert from "node:assert/strict";
import { test } from "node:test";
import { decode } from "../../../static/js/link/fragment.js";
import { withoutTokens } from "../../../static/js/server/token.js";
import { catalog } from "../page.js";

const DAY = "day.1800000000.abcdefghijklmnopqrstuv";

/** The module in a page with this address. */
async function opened(/** @type {string} */ hash) {
  const page = { hash, pathname: "/", search: "" };
  /** @type {Map<string, string>} */
  const kept = new Map();
  /** @type {(() => void)[]} */
  const listeners = [];
  Object.assign(globalThis, {
    location: page,
    history: {
      replaceState(
        /** @type {unknown} */ _state,
        /** @type {string} */ _title,
        /** @type {string} */ address,
      ) {
        page.hash = address.startsWith("#") ? address : "";
      },
    },
    sessionStorage: {
      getItem: (/** @type {string} */ key) => kept.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ value) => kept.set(key, value),
    },
    addEventListener: (/** @type {string} */ name, /** @type {() => void} */ then) => {
      if (name === "hashchange") listeners.push(then);
    },
  });
  const module = await import(`../../../static/js/server/token.js?${encodeURIComponent(hash)}`);
  const changed = () => {
    for (const then of listeners) then();
  };
  return { page, kept, module, changed };
}

for (const [hash, rest] of [
  [`#token=${DAY}`, ""],
  [`#v1&op=convolution&token=${DAY}`, "#v1&op=convolution"],
  [`#token=${DAY}&v1&op=convolution`, "#v1&op=convolution"],
  [`#v1&Token=${DAY}&step=3`, "#v1&step=3"],
  [`#v1&%74oken=${DAY}`, "#v1"],
  [`#v1&token=${encodeURIComponent(DAY).replace(".", "%2E")}`, "#v1"],
  [`#v1&token%3D${DAY}`, "#v1"],
  [`#v1&token=${DAY}%20`, "#v1"],
  [`##token=${DAY}`, ""],
  [`#v1&amp;op=convolution&amp;token=${DAY}`, "#v1&op=convolution"],
  [`#${encodeURIComponent(`v1&op=convolution&token=${DAY}`)}`, "#v1&op=convolution"],
  [`#${encodeURIComponent(encodeURIComponent(`v1&op=convolution&token=${DAY}`))}`, "#v1&op=convolution"],
  [`#v1&op=convolution&against=op%3Dunfold%26token%3D${DAY}`, "#v1&op=convolution&against=op%3Dunfold"],
  [`#v1&op=convolution&against=token%3D${DAY}`, "#v1&op=convolution"],
  [`#v1&against%3Dop%3Dunfold%26Token%3D${DAY}`, "#v1&against=op%3Dunfold"],
  [`#v1&layer=op%3Dunfold%26amp;token%3D${DAY}&step=2`, "#v1&layer=op%3Dunfold&step=2"],
  [
    `#v1&later=${encodeURIComponent(`x=y&z=${encodeURIComponent(`a=1&token=${DAY}`)}`)}`,
    "#v1&later=x%3Dy%26z%3Da%253D1",
  ],
])
  test(`a token of one day is taken from ${hash}`, async () => {
    const { page, kept, module } = await opened(hash);
    assert.equal(module.token(), DAY);
    assert.equal(page.hash, rest);
    assert.deepEqual([...kept.values()], [DAY]);
    assert.equal(module.isOwn(), false);
    assert.equal(module.wasRefused(), false);
  });

test("any other token is not taken, and leaves the address as well", async () => {
  for (const given of ["of-the-class-7b", "day", "day.", "day.x y", "%ZZ"]) {
    const { page, kept, module } = await opened(`#v1&op=convolution&token=${given}`);
    assert.equal(module.token(), "");
    assert.equal(kept.size, 0);
    assert.equal(page.hash, "#v1&op=convolution");
    assert.equal(module.wasRefused(), true);
    module.keepToken("of-the-class-7b");
    assert.equal(module.isOwn(), true);
    assert.equal(module.wasRefused(), false);
  }
});

test("a token that comes with a later address is taken from there, too", async () => {
  const { page, module, changed } = await opened("#v1&op=convolution");
  assert.equal(module.token(), "");
  page.hash = `#v1&op=max_pooling&token=${DAY}`;
  changed();
  assert.equal(module.token(), DAY);
  assert.equal(page.hash, "#v1&op=max_pooling");
});

test("a link is read without a token, so that none is written into another", () => {
  for (const part of [
    "token=secret",
    "Token=secret",
    "%54OKEN=secret",
    "%20token=secret",
    "token%3Dsecret",
    "against=op%3Dconvolution%26token%3Dsecret",
    "layer=op%3Dmax_pooling%26token%3Dsecret",
    "later=op%3Dmax_pooling%26token%3Dsecret",
    "later=a%3Db%253Dc%25253Dd%2525253De%252525253Df%25252525253Dtoken%2525252525253Dsecret",
  ]) {
    const read = decode(`#v1&op=convolution&${part}`, catalog().operations);
    assert.ok(read.ok);
    assert.equal(JSON.stringify(read.state).includes("secret"), false);
    assert.deepEqual(read.notes.join().match(/token/i), null);
  }
});

/** A link with a token at some depth, its parts encoded once more at each. */
function nested(/** @type {string} */ inner, /** @type {number} */ depth, /** @type {string} */ before) {
  let text = inner;
  for (let turn = 0; turn < depth; turn++) text = `${before}&key${turn}=${encodeURIComponent(text)}`;
  return text;
}

test("a token leaves a link at whatever depth it stands, and what stands beside it stays", () => {
  for (let depth = 0; depth < 12; depth++) {
    const found = withoutTokens(`v1&${nested("op=unfold&token=secret", depth, "step=3")}`);
    assert.ok(found, String(depth));
    let plain = found.rest;
    for (let turn = 0; turn < 12; turn++) plain = decodeURIComponent(plain);
    assert.equal(plain.includes("secret"), false, String(depth));
    if (depth > 0) assert.ok(plain.startsWith("v1&step=3"), plain);
  }
  assert.equal(withoutTokens(`v1&${nested("op=unfold&step=3", 9, "kernel=3")}`), null);
  assert.equal(withoutTokens(`v1&x=${"a=".repeat(100_000)}`), null);
});
