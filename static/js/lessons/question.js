// A question beside the stage: its words, a field or options, and how an answer is met. Turns what a person does into
// actions of the run; decides nothing about it.

import { el, setAttribute, setText } from "../ui/dom.js";
import { playerText, sayPlayer } from "../words/player.js";
import { textOf } from "./answers.js";
import { blocks, inline } from "./prose.js";
import { isSettled } from "./run.js";

/** @import { Ask } from "../types/lesson.js" */
/** @import { Answer, metBy, RunAction } from "./run.js" */

/**
 * @param {Ask} ask @param {(action: RunAction) => void} act @param {string} [id] of the words of the question
 */
export function questionView(ask, act, id = "lesson-prompt") {
  const prompt = el("div", { class: "prompt", id }, ...blocks(ask.prompt));
  const options = ask.options.map((option, at) =>
    el(
      "button",
      {
        type: "button",
        class: "option",
        "aria-pressed": "false",
        onclick: () => act({ type: "answer", draft: textOf(ask.kind, option) }),
      },
      el("kbd", { text: sayPlayer.option(at) }),
      el("span", { class: "content" }, ...inline(option.content)),
    ),
  );
  const group = el("div", { class: "options", role: "group", "aria-labelledby": id }, ...options);
  // In a lecture hall the longest answer sets the size of all: each stays within its box.
  const letters = options.map((one) => one.querySelector(".content")?.textContent?.length ?? 0);
  group.style.setProperty("--letters", String(Math.max(1, ...letters)));
  const field = ask.kind === "choice" ? null : typedField(ask.kind, act, id);
  const check = el("button", {
    type: "button",
    text: playerText.check,
    onclick: () => act({ type: "answer" }),
  });
  const line = field && el("div", { class: "typed" }, field, check);
  const how = ask.grid && el("p", { class: "about", text: playerText.clickCell[ask.grid] });
  const verdict = el("b", { class: "verdict" });
  const why = el("span", { class: "why" });
  const met = el("p", { class: "met", role: "status" }, verdict, " ", why);
  const hint =
    ask.hint &&
    el(
      "details",
      { class: "hint" },
      el("summary", { text: playerText.hint }),
      el("p", {}, ...inline(ask.hint)),
    );
  const reveal = el("button", {
    type: "button",
    class: "plain reveal",
    text: playerText.reveal,
    onclick: () => act({ type: "reveal" }),
  });
  const element = el("div", { class: `ask ask-${ask.kind}` }, prompt, how, line, group, met, hint, reveal);
  return {
    element,
    /** How many options stand here to be chosen by a letter. */
    choices: () => (group.checkVisibility() ? options.length : 0),
    choose: (/** @type {number} */ at) => options[at]?.click(),
    /** @param {Answer} answer @param {ReturnType<typeof metBy>} how */
    update(answer, how) {
      const settled = isSettled(answer);
      if (field) {
        if (field.value !== answer.draft) field.value = settled && answer.draft === "" ? "" : answer.draft;
        field.readOnly = settled;
        setAttribute(
          field,
          "aria-invalid",
          answer.state === "wrong" || answer.state === "unreadable" ? "true" : null,
        );
      }
      check.hidden = settled;
      reveal.hidden = settled;
      if (hint) hint.hidden = settled;
      for (const [at, button] of options.entries()) {
        const option = /** @type {Ask["options"][number]} */ (ask.options[at]);
        const chosen = answer.draft !== "" && answer.draft === textOf(ask.kind, option);
        setAttribute(button, "aria-pressed", String(chosen));
        button.disabled = settled && !chosen && option.id !== ask.key.id;
        button.classList.toggle("right", settled && option.id === ask.key.id);
        button.classList.toggle("wrong", chosen && answer.state === "wrong");
      }
      setAttribute(met, "data-state", how?.state ?? null);
      const words = how?.state === "unreadable" ? playerText.unreadable[ask.kind] : "";
      const said = {
        open: "",
        unreadable: "",
        wrong: playerText.wrong,
        right: playerText.right,
        shown: playerText.shown,
      };
      setText(verdict, said[how?.state ?? "open"]);
      const message = how?.words ?? [words || (how?.state === "wrong" ? playerText.lookAgain : "")];
      const key = how?.state === "shown" ? [...ask.key.content, ". "] : [];
      why.replaceChildren(...inline([...key, ...message]));
    },
  };
}

/** @param {"number" | "shape" | "cell"} kind @param {(action: RunAction) => void} act @param {string} id */
function typedField(kind, act, id) {
  const field = el("input", {
    type: "text",
    class: "answer",
    inputmode: kind === "number" ? "decimal" : "text",
    autocomplete: "off",
    spellcheck: "false",
    "aria-label": playerText.fields[kind],
    "aria-describedby": id,
    placeholder: playerText.fieldsShort[kind],
    oninput: () => act({ type: "draft", draft: field.value }),
    onkeydown: (/** @type {KeyboardEvent} */ event) => {
      if (event.key === "Enter") act({ type: "answer" });
    },
  });
  return field;
}
