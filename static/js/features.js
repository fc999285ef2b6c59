// Registers every feature that the opening picture does without in the module that it extends: size rules, walks,
// results, layouts, reducers, marks, clicks. Loaded by import() at the first input of a person or for a link; decides
// nothing.

import { unbuiltMarks } from "./building.js";
import { columns } from "./columns.js";
import { offerFixes } from "./controls.js";
import { curveMarks, stemMarks } from "./curve.js";
import { depthMarks, stepAtDepth } from "./depthmarks.js";
import { dropping } from "./dropping.js";
import { fixesFor, mending } from "./fixes.js";
import { flightMarks } from "./flying.js";
import { quoted, rulesRefusal } from "./frameworks.js";
import { keptBy } from "./freekeys.js";
import { cursorMarks, litMarks, pointedMarks } from "./highlights.js";
import { inFrameworks } from "./inframeworks.js";
import { addArrangement, addLayoutChange, isStacked } from "./layout.js";
import { lensMarks } from "./lens.js";
import { inView, looking } from "./looking.js";
import { columnMarks, copiedMarks, matrixPlane } from "./matrix.js";
import { matrixBelow } from "./matrixbelow.js";
import { numberBoxes } from "./numberboxes.js";
import { magnified, overviewMarks, windowOnOverview } from "./overview.js";
import { isKept, pageKeys } from "./pagekeys.js";
import { painting } from "./painting.js";
import { LEGIBLE } from "./parts.js";
import { pinMarks } from "./pinmarks.js";
import { createPlayer } from "./player.js";
import { printing } from "./printing.js";
import { adaptive, linear, nearest, zeroInsertion } from "./resampling.js";
import { addGroundMarks, addMarks, addResult } from "./scene.js";
import { seriesLayout } from "./series.js";
import { addSizeRules, useFrameworks } from "./sizes.js";
import { answerClicks } from "./stage.js";
import { stageTools } from "./stagetools.js";
import { stampLensMarks, stampMarks } from "./stampmarks.js";
import { stampingOf } from "./stamps.js";
import { stampSlice } from "./stampslice.js";
import { stampOn, stepWriting } from "./stampsum.js";
import { stampedLine } from "./stampwords.js";
import { addFollower, addReducer } from "./state.js";
import { transposed } from "./transposed.js";
import { otherWalk, viewOf } from "./viewed.js";
import { addWalk } from "./walks.js";
import { worded } from "./wording.js";
import { centred } from "./zoom.js";

/** @import { Dispatch } from "./controls.js" */
/** @import { Server, Stage } from "./stagetools.js" */
/** @import { State } from "./state.js" */

// ------------------------------------------------------------------------------------- settings

addSizeRules({ transposed, adaptive, nearest, linear, zero_insertion: zeroInsertion });
useFrameworks({ refusal: rulesRefusal, quoted });
offerFixes(fixesFor);
keptBy(isKept);

// ------------------------------------------------------------------------------------- the second walk

addWalk("stamp", {
  view: stampingOf,
  stepWriting,
  sum: stampOn,
  line: stampedLine,
  sliceMarks: stampSlice,
  writtenMarks: stampMarks,
  lensMarks: stampLensMarks,
});

// ------------------------------------------------------------------------------------- a matrix, a series

addResult("columns", { plane: matrixPlane, writtenMarks: columnMarks });
addArrangement({ suits: ({ axes }) => axes.length === 1, arrange: seriesLayout });
addArrangement({
  suits: ({ result }) => result === "columns",
  arrange(state, layer, size) {
    const stacked = isStacked(size);
    const beside = stacked ? null : columns(state, layer, size, true, false);
    return beside && beside.output.cell >= LEGIBLE ? beside : matrixBelow(state, layer, size, stacked);
  },
});

// ------------------------------------------------------------------------------------- looking and painting

addReducer(["pin", "unpin", "zoom", "magnify", "pan"], looking);
addReducer(["painting", "ink", "cursor", "paint"], painting);
addFollower(inView);
addLayoutChange((state, layer, drawn) => (state.zoom ? magnified(state, layer, drawn) : drawn));
answerClicks("depth", (state, { grid, depth }) => {
  const step = stepAtDepth(state, grid, depth);
  return step === null ? [] : [{ type: "step", step }];
});
answerClicks("overview", (state, { grid, place }) => {
  const layer = viewOf(state);
  return layer ? [{ type: "zoom", zoom: centred(layer, state.zoom, grid, place) }] : [];
});

// ------------------------------------------------------------------------------------- marks, from below to the top

addGroundMarks(({ marks, state, at, input, output }) => {
  if (at.input.frame) overviewMarks(marks, at.overviews.input, at.input, input, "input");
  if (at.output.frame && !otherWalk(state))
    overviewMarks(marks, at.overviews.output, at.output, output, "output");
});
addGroundMarks(({ marks, state, at, layer }) => curveMarks(marks, state, layer, at));

addMarks(-1, ({ marks, state, at, layer }) => {
  if (state.building && !otherWalk(state)) unbuiltMarks(marks, at, layer, state.step, state.lane);
});
addMarks(0, ({ marks, state, at, layer, step, place }) => {
  if (layer.result === "columns") copiedMarks(marks, state, at, layer, step, place);
});
addMarks(1, ({ marks, state, at, layer, theme, place }) => {
  const walk = otherWalk(state);
  if (at.lens && walk) walk.lensMarks(marks, state, at.lens, layer, theme);
  else if (at.lens) lensMarks(marks, state, at.lens, layer, theme, place);
});
addMarks(2, ({ marks, state, at, layer }) => {
  for (const [number, { step }] of state.pins.entries())
    if (number === 0 || step !== state.pins[0]?.step) pinMarks(marks, at, layer, step, number);
});
addMarks(3, ({ marks, state, at, window }) => {
  // A stamping walk draws its output over what lies under the window.
  if (otherWalk(state) && at.output.frame)
    overviewMarks(marks, at.overviews.output, at.output, null, "output");
  if (at.overviews.input) windowOnOverview(marks, at.overviews.input, at.input, window);
});
addMarks(4, ({ marks, state, at, layer }) => {
  if (state.paint) cursorMarks(marks, state, at, layer);
});
addMarks(5, ({ marks, at, layer, step }) => {
  if (layer.axes.length === 3) depthMarks(marks, at, layer, step);
});
addMarks(6, ({ marks, state, at, layer }) => stemMarks(marks, state, layer, at));
addMarks(7, ({ marks, state, at, layer, taps, window }) => {
  if (state.pointed) pointedMarks(marks, state, at, layer);
  if (state.lit) litMarks(marks, state, at, layer, taps, window);
});
addMarks(8, ({ marks, state, at, layer, flies }) => {
  if (flies) flightMarks(marks, state, at, layer);
});

// ------------------------------------------------------------------------------------- what stands around the stage

/**
 * What the page gives to what continues it.
 * @typedef {object} Page
 * @property {Stage} stage @property {HTMLDetailsElement} frameworksBox
 * @property {Dispatch} dispatch @property {() => State} current @property {Server} server
 * @property {ReturnType<typeof import("./session.js").createSession>} session
 * @property {(files: Iterable<File>) => void} take @property {(words?: string) => void} typeValues
 * @property {(open: boolean) => void} sheet opens and closes the settings of a narrow page
 */
export function start(/** @type {Page} */ page) {
  const { stage, dispatch, current, server, session } = page;
  const frameworks = inFrameworks(page.frameworksBox, dispatch);
  const tools = stageTools(stage, dispatch, current, server);
  printing(stage, current, server.redraw);
  dropping(page.take, page.typeValues);
  pageKeys(page.sheet, dispatch);
  numberBoxes();
  return {
    /** Buttons for what mends a problem. */
    fixes: mending,
    /** A refusal as people read it. */
    worded,
    player: createPlayer(dispatch, current, session),
    update(/** @type {State} */ state) {
      frameworks.update(state);
      tools.update(state);
    },
  };
}
