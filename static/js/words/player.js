// The words of the lesson player, of the list of lessons and of practice. Comes with them. Text only: knows no state and
// no DOM.

import { many } from "./format.js";

export const playerText = {
  back: "Back",
  next: "Next",
  finish: "Finish",
  leave: "Leave the lesson",
  leaveShort: "Leave",
  goOn: "Go on from here",
  putBack: "Put it back",
  putBackHint: "The stage as this lesson step has it",
  copyLink: "Link to this step",
  linkCopied: "Link copied.",
  all: "All lessons",
  questionAndSteps: "Question and steps",
  check: "Check",
  hint: "Hint",
  reveal: "Show the answer",
  keeps: "Kept in this browser.",
  keepsNothing: "This browser keeps nothing: your progress ends with this page.",
  fields: {
    number: "Your number",
    shape: "Your sizes, such as 3×3",
    cell: "Row and column, such as 1, 2",
  },
  fieldsShort: { number: "number", shape: "3×3", cell: "row, col" },
  unreadable: {
    number: "Type a number, such as −4, 0.5 or 0,5.",
    shape: "Type whole numbers with × or commas between them, such as 3×3.",
    cell: "Type the row and the column, such as 1, 2, or click the cell.",
    choice: "Choose one of the answers.",
  },
  clickCell: {
    input: "Click the cell of the input, or type its row and column.",
    output: "Click the cell of the output, or type its row and column.",
  },
  right: "Right.",
  wrong: "Not this.",
  shown: "The answer:",
  lookAgain: "Look at the stage again, or show the answer.",
  reads: "R",
  revealKey: "reveal",
  stepKey: "step",
  doneTitle: "Done",
  nextLesson: "Next lesson",
  begin: "Begin",
  // the list
  lessons: "Lessons",
  headline: "Predict, then see",
  sentence: "Each lesson asks before it shows. The stage stays yours to touch; every answer is computed.",
  goOnTitle: "Go on",
  done: "done",
  startAfresh: "start afresh",
  startAfreshTitle: "Forget the progress of all lessons and of practice",
  hurry: "In a hurry?",
  hurryAbout: "The two-minute start shows window, sum, stride, padding and channels.",
  twoMinutes: "two-minute start",
  none: "This server has no lessons.",
  close: "Back to the stage",
};

export const sayPlayer = {
  place: (/** @type {number} */ at, /** @type {number} */ of) => `${at + 1} of ${of}`,
  lesson: (/** @type {string} */ title) => `Lesson: ${title}`,
  score: (/** @type {number} */ right, /** @type {number} */ of) =>
    of === 0 ? "" : `${right} of ${many(of, "question")} answered without being shown.`,
  option: (/** @type {number} */ at) => String.fromCharCode(65 + at),
  minutes: (/** @type {number} */ minutes) => `${minutes} min`,
  stepOf: (/** @type {number} */ at, /** @type {number} */ of) => `step ${at + 1} of ${of}`,
  doneOf: (/** @type {number} */ done, /** @type {number} */ of) => `${done} of ${of} done`,
  left: (/** @type {number} */ at, /** @type {number} */ of, /** @type {number} */ minutes) =>
    `step ${at + 1} of ${of}, about ${many(minutes, "minute")} left`,
};
