// The address is written for what is shown, and never over a link that a person has just put there.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLinks } from "../../../static/js/link/address.js";
import { catalog, stateAfter } from "../page.js";

/** @import { Action } from "../../../static/js/state/state.js" */

/** A page with an address, and its links. */
function addressed(hash = "") {
  const page = { hash };
  const history = {
    replaceState(/** @type {unknown} */ _state, /** @type {string} */ _title, /** @type {string} */ address) {
      page.hash = address;
    },
  };
  Object.assign(globalThis, { location: page, history });
  let state = stateAfter();
  /** @type {Action[]} */
  const done = [];
  const links = createLinks(
    /** @type {any} */ ({}),
    () => state,
    (action) => done.push(action),
  );
  const choose = (/** @type {Action} */ action) => {
    state = stateAfter(action);
  };
  return { page, links, choose, done };
}

test("the address follows what is chosen", async () => {
  const { page, links, choose } = addressed();
  await links.write();
  assert.match(page.hash, /^#v1&op=convolution/);
  choose({ type: "operation", name: "max_pooling" });
  await links.write();
  assert.match(page.hash, /^#v1&op=max_pooling/);
});

test("a link that is put there before it is opened is not written over", async () => {
  const { page, links, choose, done } = addressed();
  await links.write();
  choose({ type: "operation", name: "max_pooling" });
  page.hash = "#v1&op=unfold";
  await links.write();
  assert.equal(page.hash, "#v1&op=unfold");
  await links.open(catalog().operations);
  assert.deepEqual(
    done.map((action) => action.type === "open" && action.link.layers[0]?.operation),
    ["unfold"],
  );
  await links.write();
  assert.match(page.hash, /^#v1&op=max_pooling/, "and after that the address is written again");
});

test("a link that the page could not open when it began does not stay for ever", async () => {
  const { page, links } = addressed("#v1&op=unfold");
  await links.write();
  assert.match(page.hash, /^#v1&op=convolution/);
});
