// Registers every feature that the opening picture does without in the module that it extends: size rules, walks,
// results, layouts, reducers, marks, clicks. Loaded by import() at the first input of a person or for a link; decides
// nothing.

import "./lessons/scene_marks.js";
import { inFrameworks } from "./dialogs/frameworks.js";
import { useFormulas } from "./layer/activations.js";
import { border } from "./layer/border.js";
import { roundings } from "./layer/combine.js";
import { channelRules, finished } from "./layer/constants.js";
import { readFormula } from "./layer/formula.js";
import { quoted, rulesRefusal } from "./layer/framework.js";
import { adaptive, linear, nearest, zeroInsertion } from "./layer/resampling.js";
import { blocks, phases } from "./layer/shuffling.js";
import { addChannelRules, addSizeRules, useFrameworks } from "./layer/sizes.js";
import { transposed } from "./layer/transposed.js";
import { networkParts } from "./network/chain/entry.js";
import { drawing } from "./network/drawing.js";
import { editLayers, seeing } from "./network/editing.js";
import { fitted } from "./network/fitting.js";
import { inOrder, joining } from "./network/joining.js";
import { mendingElsewhere, sizeFixes } from "./network/resizing.js";
import { fieldMarks } from "./network/stage_marks.js";
import { describe } from "./page/registry.js";
import { createSheets } from "./page/sheets.js";
import { addControl, offerFixes } from "./panels/controls.js";
import { dropping } from "./panels/dropping.js";
import { keyAction } from "./panels/keys.js";
import { moreInputs } from "./panels/more_inputs.js";
import { moreWeights } from "./panels/more_weights.js";
import { isKept, pageKeys } from "./panels/page_keys.js";
import { useUnweighted } from "./panels/readout.js";
import { refusal, refusalLead, resting } from "./panels/refusal.js";
import { stampedLine } from "./panels/stamp_readout.js";
import { unweightedLines } from "./panels/unweighted_sum.js";
import { clipped } from "./picture/grid/clipping.js";
import { tallOf } from "./picture/grid/grids.js";
import { useClip } from "./picture/grid/magnified.js";
import { columns } from "./picture/layout/columns.js";
import { hall } from "./picture/layout/hall.js";
import { addArrangement, addLayoutChange, isStacked, useHall } from "./picture/layout/layout.js";
import { matrixBelow } from "./picture/layout/matrix_below.js";
import { magnified, overviewMarks, windowOnOverview } from "./picture/layout/overview.js";
import "./picture/layout/narrow_rooms.js";
import { LEGIBLE } from "./picture/layout/fitted.js";
import { seriesLayout } from "./picture/layout/series.js";
import { axisMarks, ownAxisMarks } from "./picture/marks/axes.js";
import { curveMarks, stemMarks } from "./picture/marks/curve.js";
import { depthMarks, stepAtDepth } from "./picture/marks/depth.js";
import { flightMarks } from "./picture/marks/flying.js";
import { cursorMarks, litMarks, pointedMarks } from "./picture/marks/highlights.js";
import { columnMarks, copiedMarks, matrixPlane } from "./picture/marks/matrix.js";
import { pinMarks } from "./picture/marks/pins.js";
import { refusedLayout, refusedScene, refusedTakes } from "./picture/marks/refused.js";
import { stampSlice } from "./picture/marks/stamp_slice.js";
import { stampLensMarks, stampMarks } from "./picture/marks/stamps.js";
import { unreadMarks } from "./picture/marks/unread.js";
import { addGroundMarks, addMarks, addResult, addSceneChange } from "./picture/scene.js";
import { createRecovery } from "./server/recovery.js";
import { stageTools } from "./stage/gestures.js";
import { answerClicks, pointer } from "./stage/pointer.js";
import { printing } from "./stage/printing.js";
import { CHOICES, choosing, keepHistory } from "./state/choosing.js";
import { comparing } from "./state/comparing.js";
import { editing } from "./state/editing.js";
import { fixesFor, mending } from "./state/fixes.js";
import { inView, looking } from "./state/looking.js";
import { offered } from "./state/offers.js";
import { opening } from "./state/opening.js";
import { paced } from "./state/pacing.js";
import { painting } from "./state/painting.js";
import { useNetworks } from "./state/resolve.js";
import { isCovered, otherWalk, viewOf } from "./state/selectors.js";
import { addFollower, addReducer } from "./state/state.js";
import { addWalk } from "./state/walks.js";
import { worded } from "./state/wording.js";
import { centred } from "./state/zoom.js";
import { createPlayer } from "./step/player.js";
import { rounded } from "./step/rounding.js";
import { stampOn, stepWriting } from "./step/stamp_sum.js";
import { stampingOf } from "./step/stamps.js";
import { keptBy } from "./ui/free_keys.js";
import { numberBoxes } from "./ui/number_boxes.js";
import { roomEntry } from "./ui/room_entry.js";
import { shapeField } from "./ui/shape_field.js";

/** @import { Dispatch } from "./panels/controls.js" */
/** @import { InputActions, Extended } from "./panels/source.js" */
/** @import { Server, Stage } from "./stage/gestures.js" */
/** @import { State } from "./state/state.js" */

// ------------------------------------------------------------------------------------- settings

addSizeRules({
  transposed,
  adaptive,
  nearest,
  linear,
  zero_insertion: zeroInsertion,
  border,
  blocks,
  phases,
});
addChannelRules(channelRules, finished);
addControl("shape", shapeField);
useFormulas(readFormula);
useUnweighted(unweightedLines);
useFrameworks({ refusal: rulesRefusal, quoted });
useNetworks({ ...joining, fitted });
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

// ------------------------------------------------------------------------------------- a matrix, a series, a lecture hall

useHall(hall);
addResult("columns", { plane: matrixPlane, writtenMarks: columnMarks });
addArrangement({ suits: ({ axes }) => axes.length === 1, arrange: seriesLayout });
addArrangement({
  suits: ({ result }) => result === "columns",
  arrange(state, layer, size) {
    const stacked = isStacked(size);
    const beside = stacked ? null : columns(state, layer, size, true, false);
    if (beside && beside.output.cell >= LEGIBLE) return beside;
    const below = matrixBelow(state, layer, size, stacked);
    // Where the numbers of neither can be read, square cells show more than flat ones.
    const flat = tallOf(below.output) < LEGIBLE && beside && beside.output.cell > tallOf(below.output);
    return flat ? beside : below;
  },
});

// ------------------------------------------------------------------------------------- numbers

Object.assign(roundings, rounded);

// ------------------------------------------------------------------------------------- what is done beyond the opening

addReducer(CHOICES, choosing);
addReducer(["speed", "loop", "loop_end", "building"], paced);
addReducer(["open"], (state, action) =>
  opening(state, { ...action, link: inOrder(state.catalog, action.link) }),
);
addReducer(["veil"], (state, { hides }) => (state.veil === hides ? state : { ...state, veil: hides }));
addReducer(["lesson"], (state, { at }) => (state.lesson === at ? state : { ...state, lesson: at }));
addReducer(["experiment", "forecast"], (state, { type, text }) =>
  state[type] === text ? state : { ...state, [type]: text },
);
addReducer(["add_layer", "remove_layer", "move_layer", "rename_layer", "read_layer"], editLayers);
addReducer(["see", "keep_seen"], seeing);
addReducer(["draw"], drawing);
addReducer(["compare", "swap"], comparing);
addReducer(["example", "intent"], offered);
addReducer(["edit_weight", "edit_weights", "edit_bias", "reset_weights"], editing);
addReducer(["pin", "unpin", "zoom", "magnify", "pan"], looking);
addReducer(["painting", "ink", "cursor", "paint"], painting);
addFollower(inView);
addFollower(resting);
addFollower(keepHistory);
useClip(clipped);
addLayoutChange(refusedLayout, refusedTakes);
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
addGroundMarks(({ marks, state, at, layer }) => {
  if (!isCovered(state)) unreadMarks(marks, at, layer);
});
addGroundMarks(({ marks, at, layer }) => axisMarks(marks, at, layer));

addSceneChange(refusedScene);

addMarks(0, ({ marks, at, layer, place }) => ownAxisMarks(marks, at, layer, place));
addMarks(0, ({ marks, state, at, layer, step, place }) => {
  if (layer.result === "columns") copiedMarks(marks, state, at, layer, step, place);
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
addMarks(6, ({ marks, state, at, layer }) => {
  if (state.setting.layers.length > 1) fieldMarks(marks, state, at, layer);
});
addMarks(8, ({ marks, state, at, layer, flies }) => {
  if (flies) flightMarks(marks, state, at, layer);
});

// ------------------------------------------------------------------------------------- what stands around the stage

/** Buttons under a problem. */
const MOST_FIXES = 4;

/**
 * The parts of the page that its continuation needs.
 * @typedef {object} Page
 * @property {Stage} stage @property {HTMLDetailsElement} frameworksBox
 * @property {Dispatch} dispatch @property {() => State} current @property {Omit<Server, "restore">} server
 * @property {import("./types/registry.js").Registry} known what the registry says
 * @property {ReturnType<typeof import("./server/session.js").createSession>} session
 * @property {() => Promise<ReturnType<typeof import("./link/address.js").createLinks>>} links
 * @property {() => Promise<boolean>} copyLink @property {(words: string) => void} tell about the connection
 * @property {ReturnType<typeof import("./ui/one_at_a_time.js").createSingle>} single
 * @property {(files: Iterable<File>) => void} take @property {(words?: string) => void} typeValues
 * @property {Extended} source @property {Extended} weights @property {InputActions} inputActions
 * @property {ReturnType<typeof import("./server/api.js").createApi>} api
 * @property {string} streamUrl @property {() => import("./types/page.js").Theme} theme the one on view
 * @property {(open: boolean) => void} sheet opens and closes the settings of a narrow page
 */
export function start(/** @type {Page} */ page) {
  const { stage, dispatch, current, session, api, links, tell } = page;
  describe(current().catalog, page.known);
  const sheets = createSheets(page);
  const { again } = session;
  const recovery = createRecovery({
    api,
    links,
    dispatch,
    current,
    again,
    tell,
    askToken: sheets.open.token,
  });
  const server = { ...page.server, restore: recovery.restore };
  const network = networkParts(page.api, dispatch, current, server.redraw);
  const frameworks = inFrameworks(page.frameworksBox, dispatch);
  const refused = refusal();
  const tools = stageTools(stage, dispatch, current, server);
  printing(stage, current, server.redraw);
  dropping(page.take, page.typeValues);
  pageKeys(page.sheet, dispatch);
  const click = pointer(stage, dispatch, current);
  numberBoxes();
  page.source.extend(moreInputs(dispatch, page.inputActions));
  page.weights.extend(moreWeights(dispatch, page.inputActions));
  const train = roomEntry(
    "train",
    (/** @type {State} */ { experiment }) => experiment,
    async () => (await import("./train/view.js")).createTrain({ ...page, catalog: current().catalog }),
  );
  const forecast = roomEntry(
    "forecast",
    (/** @type {State} */ { forecast }) => forecast,
    async () => (await import("./forecast/view.js")).createForecast(page),
  );
  return {
    /** Does what a click on the stage asks for. */
    click,
    keyAction,
    /** All that a person can ask for beside the picture, and the way out of a refusal. */
    sheets,
    recovery,
    /** Buttons for what mends a problem. */
    fixes: (/** @type {State} */ state) =>
      [...sizeFixes(state), ...mending(state), ...mendingElsewhere(state)].slice(0, MOST_FIXES),
    /** A refusal as people read it, and the headline above it. */
    worded,
    lead: refusalLead,
    player: createPlayer(dispatch, current, session),
    update(/** @type {State} */ state) {
      frameworks.update(state);
      sheets.update(state);
      refused.update(state);
      tools.update(state);
      network(state);
      train(state);
      forecast(state);
    },
  };
}
