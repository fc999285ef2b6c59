// The scales: symmetric, even, readable, and apart for eyes that see fewer colours.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  colourOf,
  contrast,
  css,
  fromOklch,
  levelOf,
  luminance,
  paint,
  paintRgb,
  rangeOf,
  rgbColour,
  signedScale,
  textOn,
  unsignedScale,
} from "../../../static/js/picture/grid/colour.js";
import { draws } from "../support.js";

const THEMES = /** @type {const} */ (["light", "dark"]);

/** @param {number} colour @returns {[number, number, number]} */
const channels = (colour) => [colour & 255, (colour >>> 8) & 255, (colour >>> 16) & 255];

/** Oklab of a colour. @param {number[]} rgb linear, 0–1 */
function oklab([red = 0, green = 0, blue = 0]) {
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue);
  const middle = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue);
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue);
  return [
    0.2104542553 * long + 0.793617785 * middle - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * middle + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * middle - 0.808675766 * short,
  ];
}

/** @param {number} colour */
const linear = (colour) =>
  channels(colour).map((level) => {
    const part = level / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });

/** @param {number} colour */
const lab = (colour) => oklab(linear(colour));

/** Machado, Oliveira and Fernandes (2009), full severity, on linear light. */
const BLINDNESSES = {
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  tritanopia: [1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.3039],
};

/** @param {number} colour @param {number[]} matrix */
function seenWith(colour, matrix) {
  const light = linear(colour);
  const seen = [0, 1, 2].map((row) =>
    [0, 1, 2].reduce((sum, col) => sum + (matrix[3 * row + col] ?? 0) * (light[col] ?? 0), 0),
  );
  return oklab(seen.map((part) => Math.min(1, Math.max(0, part))));
}

/** @param {number[]} one @param {number[]} other */
const distance = (one, other) => Math.hypot(...one.map((part, at) => part - (other[at] ?? 0)));

test("every table has 256 opaque colours and is made once", () => {
  for (const theme of THEMES) {
    for (const scale of [signedScale(theme, 2), unsignedScale(theme, 0, 1)]) {
      assert.equal(scale.table.length, 256);
      assert.ok(scale.table.every((colour) => colour >>> 24 === 255));
    }
    assert.equal(signedScale(theme, 1).table, signedScale(theme, 9).table);
  }
});

test("zero is neutral and exact, and signs are symmetric about it", () => {
  for (const theme of THEMES) {
    const scale = signedScale(theme, 3);
    const [red, green, blue] = channels(colourOf(scale, 0));
    assert.ok(Math.max(red, green, blue) - Math.min(red, green, blue) <= 2);
    assert.equal(levelOf(scale, -0), 128);
    for (const value of [0.01, 0.5, 1.7, 3, 99]) {
      assert.equal(levelOf(scale, value) - 128, 128 - levelOf(scale, -value));
    }
    const [, , bluer] = channels(colourOf(scale, -3));
    const [redder] = channels(colourOf(scale, 3));
    assert.ok(bluer > (channels(colourOf(scale, -3))[0] ?? 0));
    assert.ok(redder > (channels(colourOf(scale, 3))[2] ?? 0));
  }
});

test("lightness runs evenly from zero to both ends", () => {
  for (const theme of THEMES) {
    const { table } = signedScale(theme, 1);
    const away = theme === "light" ? -1 : 1;
    const lightness = Array.from(table.subarray(1), (colour) => lab(colour)[0] ?? 0);
    for (let level = 0; level < 254; level++) {
      const step = (lightness[level + 1] ?? 0) - (lightness[level] ?? 0);
      const outward = level >= 127 ? step : -step;
      assert.ok(outward * away > -0.003, `${theme} ${level}: ${outward}`);
      assert.ok(Math.abs(step) < 0.012, `${theme} ${level}: ${step}`);
    }
  }
});

test("signs stay apart under every common colour blindness", () => {
  for (const theme of THEMES) {
    const scale = signedScale(theme, 1);
    for (const [name, matrix] of Object.entries(BLINDNESSES)) {
      for (const part of [0.3, 0.6, 1]) {
        const [minus, zero, plus] = [-part, 0, part].map((value) => seenWith(colourOf(scale, value), matrix));
        assert.ok(minus && zero && plus);
        assert.ok(
          distance(minus, plus) > 0.1 * part + 0.04,
          `${theme} ${name} ±${part}: ${distance(minus, plus)}`,
        );
        assert.ok(distance(minus, zero) > 0.15 * part, `${theme} ${name} −${part}`);
        assert.ok(distance(plus, zero) > 0.15 * part, `${theme} ${name} +${part}`);
      }
    }
  }
});

test("text on any colour of any scale reaches 4.5 to 1", () => {
  for (const theme of THEMES) {
    for (const scale of [signedScale(theme, 1), unsignedScale(theme, 0, 1)]) {
      for (const colour of scale.table) {
        const text = textOn(colour) === "#000" ? 0 : 1;
        assert.ok(contrast(luminance(colour), text) >= 4.5, css(colour));
      }
    }
  }
});

test("painting gives each value the colour it has alone", () => {
  const { random } = draws(6);
  for (const scale of [signedScale("light", 2), unsignedScale("dark", -1, 3), unsignedScale("light", 5, 5)]) {
    const values = Float32Array.from({ length: 4000 }, () => (random() - 0.5) * 12);
    values.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, scale.low, scale.high]);
    const pixels = new Uint32Array(4001);
    paint(values, scale, pixels, 1);
    assert.equal(pixels[0], 0);
    let differ = 0;
    for (const [at, value] of values.entries()) {
      const level = scale.table.indexOf(pixels[at + 1] ?? 0);
      if (pixels[at + 1] !== colourOf(scale, value)) differ++;
      assert.ok(level >= 0);
    }
    assert.ok(differ < 5, "only ties of rounding may differ");
    assert.equal(pixels[1], scale.table[0]);
    assert.equal(pixels[2], scale.table[255]);
  }
});

test("an unsigned scale runs from black to white, alike in both themes", () => {
  const scale = unsignedScale("dark", 0, 1);
  assert.equal(css(colourOf(scale, 0)), "rgb(0 0 0)");
  assert.equal(css(colourOf(scale, 1)), "rgb(255 255 255)");
  assert.equal(css(colourOf(scale, 5)), "rgb(255 255 255)");
  assert.deepEqual(scale.table.subarray(1), unsignedScale("light", 0, 1).table.subarray(1));
});

test("a picture keeps its own colours", () => {
  assert.equal(css(rgbColour(255, 128, 0, 0, 255)), "rgb(255 128 0)");
  assert.equal(css(rgbColour(Number.NaN, 2, -1, 0, 1)), "rgb(0 255 0)");
  const pixels = new Uint32Array(2);
  paintRgb([0, 1], [0.5, 0], [1, 0], 0, 1, pixels);
  assert.deepEqual([...pixels].map(css), ["rgb(0 128 255)", "rgb(255 0 0)"]);
});

test("ranges leave out what is not finite", () => {
  assert.deepEqual(rangeOf(Float32Array.of(Number.NaN, 2, -1, Number.NEGATIVE_INFINITY)), {
    low: -1,
    high: 2,
  });
  assert.deepEqual(rangeOf([]), { low: 0, high: 0 });
});

test("a scale of nothing still has a range", () => {
  for (const high of [0, Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(signedScale("light", high).high, 1);
  const flat = unsignedScale("light", 4, 4);
  assert.ok(flat.high > flat.low);
});

test("Oklab is the published one", () => {
  assert.equal(css(fromOklch(1, 0, 0)), "rgb(255 255 255)");
  assert.equal(css(fromOklch(0.62796, 0.25768, 29.234)), "rgb(255 0 0)");
  assert.equal(css(fromOklch(0.45201, 0.31321, 264.052)), "rgb(0 0 255)");
});
