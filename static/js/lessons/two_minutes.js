// The two-minute start: six states of one page, from a window to a layer. Data for the player; knows no DOM.

import { lessonText } from "../words/lessons.js";

/** @import { Lesson } from "./player.js" */

const CROSS = "#v1&op=convolution&source=sample:cross";
const STROKE = "&weights=preset:diagonal";

/** The state of each step; its words are in words/lessons.js, under the same name. */
const STATES = /** @type {const} */ ({
  window: `${CROSS}${STROKE}&step=0`,
  sum: `${CROSS}${STROKE}&step=8`,
  stride: `${CROSS}${STROKE}&stride=2&step=5`,
  padding: `${CROSS}${STROKE}&padding=1&step=0`,
  channels: "#v1&op=convolution&source=sample:gradient;size=8&weights=preset:sobel_vertical&step=14",
  turn: `${CROSS}&filters=3&padding=1&weights=preset:mixed&step=20`,
});

/** @type {Lesson} */
export const TWO_MINUTES = {
  title: lessonText.twoMinutes,
  steps: Object.entries(STATES).map(([name, fragment]) => ({
    ...lessonText.steps[/** @type {keyof typeof STATES} */ (name)],
    fragment,
  })),
};
