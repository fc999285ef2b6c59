// The two-minute start: six states of one page, from a window to a layer, as the smallest lesson of the player. It comes with
// the page and asks nothing. Data; knows no DOM.

import { lessonText } from "../words/lessons.js";

/** @import { Lesson } from "../types/lesson.js" */

const CROSS = "#v1&op=convolution&source=sample:cross";
const STROKE = "&weights=preset:diagonal";

/** The state of each step and its controls; its words are in words/lessons.js, under the same name. */
const STATES = /** @type {const} */ ({
  window: [`${CROSS}${STROKE}&step=0`],
  sum: [`${CROSS}${STROKE}&step=8`],
  stride: [`${CROSS}${STROKE}&stride=2&step=5`, "stride"],
  padding: [`${CROSS}${STROKE}&padding=1&step=0`, "padding"],
  channels: ["#v1&op=convolution&source=sample:gradient;size=8&weights=preset:sobel_vertical&step=14"],
  turn: [`${CROSS}&filters=3&padding=1&weights=preset:mixed&step=20`, "input", "weights"],
});

/** @type {Lesson} */
export const TWO_MINUTES = {
  name: "two-minutes",
  title: lessonText.twoMinutes,
  steps: Object.entries(STATES).map(([name, [fragment, ...controls]]) => {
    const { title, caption } = lessonText.steps[/** @type {keyof typeof STATES} */ (name)];
    return {
      title,
      stage: { fragment, controls },
      prose: [{ kind: "paragraph", content: [caption] }],
      ask: null,
    };
  }),
};
