// The state on view as the Markdown of a lesson step, for authors: a heading, a stage block, a line to be written. Pure text
// but for the link; knows no lesson.

import { linkOf } from "../link/address.js";
import { encode } from "../link/fragment.js";
import { playerText } from "../words/player.js";

/** @import { LinkState } from "../types/page.js" */
/** @import { Problem } from "../types/plan.js" */
/** @import { State } from "../state/state.js" */

/** The keys of a link that are about a person and not about a step. @type {(keyof LinkState)[]} */
const PERSONAL = ["lesson", "views", "theme", "speed", "kept", "hide", "lock", "playing", "unknown"];

/**
 * The Markdown of a step. An upload is kept for days only, so that a lesson cannot show it.
 * @param {LinkState} link @returns {{ ok: true, text: string } | { ok: false, problem: Problem | null }}
 */
export function blockOf(link) {
  const given = Object.fromEntries(
    Object.entries(link).filter(([key]) => !PERSONAL.includes(/** @type {keyof LinkState} */ (key))),
  );
  if (link.source?.kind === "image") return { ok: false, problem: null };
  const made = encode(/** @type {LinkState} */ (given));
  if (!made.ok) return made;
  const { heading, line } = playerText.block;
  return { ok: true, text: `## ${heading}\n\n\`\`\`stage\n${made.fragment}\n\`\`\`\n\n${line}\n` };
}

/** Copies the block of a state; the words that say how it went, and whether it did. */
export async function copyBlock(/** @type {State} */ state) {
  const made = blockOf(linkOf(state));
  if (!made.ok) return { ok: false, words: made.problem?.detail ?? playerText.block.upload };
  try {
    await navigator.clipboard.writeText(made.text);
    return { ok: true, words: playerText.block.copied };
  } catch {
    return { ok: false, words: playerText.block.denied };
  }
}
