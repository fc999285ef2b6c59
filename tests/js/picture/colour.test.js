// The scales: symmetric, readable with one ink, apart for eyes that see fewer colours, and of two depths.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  colourOf,
  css,
  levelOf,
  rgbColour,
  signedScale,
  softened,
  tableFor,
  tintScale,
  unsignedScale,
} from "../../../static/js/picture/grid/colour.js";

const THEMES = /** @type {const} */ (["light", "dark"]);
const INK = { light: 0x1c1f24, dark: 0xeceff2 };

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

/** The colour of a value at a depth. @param {import("../../../static/js/types/page.js").ColourScale} scale @param {number} value @param {"table" | "deep"} depth */
const at = (scale, value, depth) => Number(scale[depth][levelOf(scale, value)]);

/** WCAG relative luminance. @param {number} colour */
const luminance = (colour) => {
  const [red = 0, green = 0, blue = 0] = linear(colour);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** WCAG contrast with the ink of a theme. @param {number} colour @param {"light" | "dark"} theme */
const inked = (colour, theme) => {
  const ink = INK[theme];
  const [one, other] = [luminance(colour), luminance((ink >> 16) | (ink & 0xff00) | ((ink & 255) << 16))];
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
};

test("every table has 256 opaque colours and is made once", () => {
  for (const theme of THEMES) {
    for (const scale of [signedScale(theme, 2), unsignedScale(theme, 0, 1), tintScale(theme, 0, 1, 2)]) {
      for (const table of [scale.table, scale.deep]) {
        assert.equal(table.length, 256);
        assert.ok(table.every((colour) => colour >>> 24 === 255));
      }
    }
    assert.equal(signedScale(theme, 1).table, signedScale(theme, 9).table);
  }
});

test("the anchors of both depths are those of the look", () => {
  const said = (/** @type {"table" | "deep"} */ depth, /** @type {"light" | "dark"} */ theme) =>
    [-1, 0, 1].map((value) => css(at(signedScale(theme, 1), value, depth)));
  assert.deepEqual(said("table", "light"), ["rgb(164 198 235)", "rgb(249 248 246)", "rgb(244 195 147)"]);
  assert.deepEqual(said("table", "dark"), ["rgb(53 86 123)", "rgb(35 39 45)", "rgb(120 79 43)"]);
  assert.deepEqual(said("deep", "light"), ["rgb(33 89 165)", "rgb(249 248 246)", "rgb(182 84 18)"]);
  assert.deepEqual(said("deep", "dark"), ["rgb(134 196 254)", "rgb(35 39 45)", "rgb(252 188 117)"]);
  const half = distance(lab(colourOf(signedScale("light", 127), 64)), lab(0xc7e0f7 | (255 << 24)));
  assert.ok(half < 0.004, `half is ${half} away`);
});

test("signs are symmetric about zero, and values beyond the ends are the ends", () => {
  for (const theme of THEMES) {
    const scale = signedScale(theme, 3);
    assert.equal(levelOf(scale, -0), 128);
    for (const value of [0.01, 0.5, 1.7, 3, 99])
      assert.equal(levelOf(scale, value) - 128, 128 - levelOf(scale, -value));
    assert.equal(colourOf(scale, 99), colourOf(scale, 3));
    assert.equal(levelOf(scale, Number.NaN), 0);
  }
});

test("lightness never turns back between zero and the ends", () => {
  for (const theme of THEMES) {
    for (const depth of /** @type {const} */ (["table", "deep"])) {
      const lightness = Array.from(signedScale(theme, 1)[depth].subarray(1), (colour) => lab(colour)[0] ?? 0);
      const away = theme === "light" ? -1 : 1;
      for (let level = 0; level < 254; level++) {
        const step = (lightness[level + 1] ?? 0) - (lightness[level] ?? 0);
        assert.ok((level >= 127 ? step : -step) * away > -0.004, `${theme} ${depth} ${level}: ${step}`);
      }
    }
  }
});

test("signs stay apart under every common colour blindness", () => {
  for (const theme of THEMES) {
    const scale = signedScale(theme, 1);
    for (const [name, matrix] of Object.entries(BLINDNESSES)) {
      for (const [depth, ends, quarter] of /** @type {const} */ ([
        ["table", 0.127, 0.031],
        ["deep", 0.189, 0.085],
      ])) {
        const apart = (/** @type {number} */ one, /** @type {number} */ other) =>
          distance(seenWith(at(scale, -one, depth), matrix), seenWith(at(scale, other, depth), matrix));
        assert.ok(apart(1, 1) >= ends, `${theme} ${depth} ${name}: ${apart(1, 1)}`);
        for (const one of [0.25, 0.5, 0.75, 1])
          for (const other of [0.25, 0.5, 0.75, 1])
            assert.ok(apart(one, other) >= quarter, `${theme} ${depth} ${name} −${one} ${other}`);
      }
    }
  }
});

test("one ink can be read on every soft colour, and on every softened picture", () => {
  for (const theme of THEMES) {
    const scales = [0, 1, 2].map((channel) => tintScale(theme, 0, 1, channel));
    for (const scale of [signedScale(theme, 1), unsignedScale(theme, 0, 1), ...scales])
      for (const colour of scale.table.subarray(1))
        assert.ok(inked(colour, theme) >= 4.5, `${css(colour)} ${inked(colour, theme)}`);
    for (const [red = 0, green = 0, blue = 0] of [
      [0, 0, 0],
      [1, 1, 1],
      [0, 0, 1],
      [1, 0, 0],
    ]) {
      const colour = softened(rgbColour(red, green, blue, 0, 1), theme);
      assert.ok(inked(colour, theme) >= 4.5, `${theme} ${css(colour)} ${inked(colour, theme)}`);
    }
  }
});

test("small cells are deep and large ones are soft; a picture is soft where its numbers are printed", () => {
  const [signed, picture] = [signedScale("light", 1), unsignedScale("light", 0, 1)];
  assert.equal(tableFor(signed, 9), signed.deep);
  assert.equal(tableFor(signed, 10), signed.table);
  assert.equal(tableFor(picture, 18), picture.deep);
  assert.equal(tableFor(picture, 19), picture.table);
});

test("a picture runs from black to white where it is looked at, alike in both themes", () => {
  const scale = unsignedScale("dark", 0, 1);
  assert.equal(css(at(scale, 0, "deep")), "rgb(0 0 0)");
  assert.equal(css(at(scale, 1, "deep")), "rgb(255 255 255)");
  assert.equal(css(at(scale, 5, "deep")), "rgb(255 255 255)");
  assert.deepEqual(scale.deep.subarray(1), unsignedScale("light", 0, 1).deep.subarray(1));
});

test("a picture keeps its own colours", () => {
  assert.equal(css(rgbColour(255, 128, 0, 0, 255)), "rgb(255 128 0)");
  assert.equal(css(rgbColour(Number.NaN, 2, -1, 0, 1)), "rgb(0 255 0)");
});

test("a scale of nothing still has a range", () => {
  for (const high of [0, Number.NaN, Number.POSITIVE_INFINITY])
    assert.equal(signedScale("light", high).high, 1);
  const flat = unsignedScale("light", 4, 4);
  assert.ok(flat.high > flat.low);
});
