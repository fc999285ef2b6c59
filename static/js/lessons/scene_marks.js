// Registers the marks that the opening scene needs beyond those of the first picture: the lens of small cells, and cells that
// are not built yet. Decides nothing.

import { lensMarks } from "../picture/marks/lens.js";
import { unbuiltMarks } from "../picture/marks/unbuilt.js";
import { addMarks } from "../picture/scene.js";
import { otherWalk } from "../state/selectors.js";

addMarks(-1, ({ marks, state, at, layer }) => {
  if (state.building && !otherWalk(state)) unbuiltMarks(marks, at, layer, state.step, state.lane);
});
addMarks(1, ({ marks, state, at, layer, theme, place }) => {
  const walk = otherWalk(state);
  if (at.lens && walk) walk.lensMarks(marks, state, at.lens, layer, theme);
  else if (at.lens) lensMarks(marks, state, at.lens, layer, theme, place);
});
