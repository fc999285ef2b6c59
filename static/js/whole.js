// Everything that a choice, a look or a pointer can lead to and the opening picture does without: one file that comes with
// the first sign of a hand or of a link, and fills in rest.js. Decides nothing.

import { unbuiltMarks } from "./building.js";
import { curveMarks, stemMarks } from "./curve.js";
import { depthMarks, planeName, stepAtDepth } from "./depthmarks.js";
import { dropping } from "./dropping.js";
import { fixesFor, mending } from "./fixes.js";
import { flightMarks } from "./flying.js";
import { quoted, rulesRefusal } from "./frameworks.js";
import { cursorMarks, litMarks, pointedMarks } from "./highlights.js";
import { inFrameworks } from "./inframeworks.js";
import { lensMarks } from "./lens.js";
import { inView, looking } from "./looking.js";
import { columnMarks, copiedMarks, matrixPlane } from "./matrix.js";
import { matrixBelow } from "./matrixbelow.js";
import { flatNumbers } from "./numbertext.js";
import { magnified, overviewMarks, windowOnOverview } from "./overview.js";
import { pageKeys } from "./pagekeys.js";
import { painting } from "./painting.js";
import { pinMarks } from "./pinmarks.js";
import { repinned } from "./pins.js";
import { createPlayer } from "./player.js";
import { printing } from "./printing.js";
import { adaptive, linear, nearest, zeroInsertion } from "./resampling.js";
import { rest } from "./rest.js";
import { seriesLayout } from "./series.js";
import { stageTools } from "./stagetools.js";
import { stampLensMarks, stampMarks } from "./stampmarks.js";
import { stampingOf } from "./stamps.js";
import { stampSlice } from "./stampslice.js";
import { stampOn, stepWriting } from "./stampsum.js";
import { stampedLine } from "./stampwords.js";
import { transposed } from "./transposed.js";
import { centred } from "./zoom.js";

/** @import { SizeRule } from "./rule.js" */

/** Size rules by the name that OperationInfo.geometry gives. @type {Record<string, SizeRule>} */
const sizeRules = { transposed, adaptive, nearest, linear, zero_insertion: zeroInsertion };

const whole = {
  // settings
  sizeRules,
  quoted,
  rulesRefusal,
  inFrameworks,
  fixesFor,
  mending,
  // the second walk
  stampingOf,
  stampOn,
  stampedLine,
  stampMarks,
  stampLensMarks,
  stampSlice,
  stepWriting,
  // a matrix, a series, a large grid
  matrixPlane,
  matrixBelow,
  columnMarks,
  copiedMarks,
  seriesLayout,
  curveMarks,
  stemMarks,
  lensMarks,
  depthMarks,
  planeName,
  stepAtDepth,
  // looking
  inView,
  looking,
  magnified,
  overviewMarks,
  windowOnOverview,
  centred,
  pinMarks,
  repinned,
  unbuiltMarks,
  flightMarks,
  // a hand
  pointedMarks,
  litMarks,
  painting,
  flatNumbers,
  cursorMarks,
  stageTools,
  createPlayer,
  printing,
  dropping,
  pageKeys,
};
/** @typedef {typeof whole} Whole */

Object.assign(rest, whole);
